"""The engine's reports in the form they are answered in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_core.derivatives import Cost
from autograd_core.errors import Fault
from autograd_core.finite_difference import CheckReport, InputCheck
from autograd_core.nonfinite import NonfiniteWarning
from autograd_core.tracing import NodeTrace
from service.problems import invalid
from service.schemas.message import Message


def warnings_of(found: Sequence[NonfiniteWarning], message: Message) -> list[dict[str, Any]]:
    """Where something stopped being finite; the problem of that, if the message refuses it."""
    if found and message.nonfinite == "reject":
        raise invalid(
            message.in_graph(Fault("nonfinite", warning.detail, warning.path)) for warning in found
        )
    return [
        {
            "node": warning.node,
            "operation": warning.operation,
            "operands": warning.operands,
            "value": warning.value,
            "detail": warning.detail,
        }
        for warning in found
    ]


def cost_of(cost: Cost) -> dict[str, Any]:
    """What the computation took."""
    return {"nodes": cost.nodes, "operations": cost.operations, "engine": cost.engine}


def check_of(report: CheckReport) -> dict[str, Any]:
    """The finite-difference check: the verdict on the whole, and on each input."""
    return {
        "verdict": report.verdict,
        "method": report.method,
        "evaluations": report.evaluations,
        "inputs": {name: _input_check(check) for name, check in report.inputs.items()},
    }


def _input_check(check: InputCheck) -> dict[str, Any]:
    row: dict[str, Any] = {
        "verdict": check.verdict,
        "numeric": check.numeric,
        "error_estimate": check.error_estimate,
        "absolute_error": check.absolute_error,
        "relative_error": check.relative_error,
        "step": check.step,
    }
    if check.along_directions:  # otherwise it is the gradient, entry by entry
        row["analytic"] = check.analytic
    if check.reason is not None:
        row["reason"] = check.reason
    if check.worst is not None:
        row["worst"] = check.worst
    return row


def trace_of(nodes: Sequence[NodeTrace]) -> list[dict[str, Any]]:
    """Every node, in the order evaluated, as the reverse pass saw it."""
    rows: list[dict[str, Any]] = []
    for node in nodes:
        row = {
            "id": node.id,
            "op": node.op,
            "args": node.args,
            "value": node.value,
            "gradient": node.gradient,
        }
        if node.partials is not None:
            row["partials"] = node.partials
        rows.append(row)
    return rows
