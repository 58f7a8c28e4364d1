"""The engine's reports in the form they are answered in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from autograd_core import Cost, Hessian, Jacobian
from autograd_core.derivatives.nonfinite import NonfiniteWarning
from autograd_core.derivatives.trace import NodeTrace
from autograd_core.errors import Fault
from autograd_core.finite_difference import CheckReport, InputCheck, MatrixReport
from service.endpoints.traces import values_of_nodes
from service.messages.hessian import HessianMessage
from service.messages.message import Message
from service.messages.products import HvpMessage
from service.problems import invalid
from service.transport.exchange import Terms


def warnings_of(found: Sequence[NonfiniteWarning], message: Message) -> list[dict[str, Any]]:
    """Where something stopped being finite, or may be hidden by a zero; the problem of the
    first, if the message refuses it.
    """
    refused = [warning for warning in found if warning.code == "nonfinite"]
    if refused and message.nonfinite == "reject":
        raise invalid(
            message.in_graph(Fault(warning.code, warning.detail, warning.path))
            for warning in refused
        )
    return [
        {
            "code": warning.code,
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
    row: dict[str, Any] = {
        "nodes": cost.nodes,
        "operations": cost.operations,
        "engine": cost.engine,
    }
    if cost.mode is not None:
        row |= {"mode": cost.mode, "sweeps": cost.sweeps}
    return row


class Result(Protocol):
    """What every derivative has beside its numbers."""

    @property
    def warnings(self) -> tuple[NonfiniteWarning, ...]:
        """Where numbers stopped being finite."""

    @property
    def cost(self) -> Cost:
        """What it took."""


def outputs_of(message: HessianMessage | HvpMessage) -> tuple[str, ...] | None:
    """The scalar output of a message, as a list of outputs; None for the default."""
    return None if message.output is None else (message.output,)


def completed(
    body: Mapping[str, Any],
    result: Result,
    message: Message,
    outputs: tuple[str, ...] | None,
    terms: Terms,
) -> Mapping[str, Any]:
    """An answer with what the message includes, and the warnings."""
    warnings = warnings_of(result.warnings, message)
    more: dict[str, Any] = {}
    if "nodes" in message.include:
        more["nodes"] = values_of_nodes(message, outputs, terms)
    if "cost" in message.include:
        more["cost"] = cost_of(result.cost)
    return {**body, **more, "warnings": warnings}


def check_of(report: CheckReport) -> dict[str, Any]:
    """The finite-difference check: the verdict on the whole, and on each input."""
    return {
        "verdict": report.verdict,
        "method": report.method,
        "evaluations": report.evaluations,
        "inputs": {name: _input_check(check) for name, check in report.inputs.items()},
    }


def matrix_of(result: Jacobian | Hessian) -> Mapping[str, Any]:
    """The blocks by name or, of a sparse answer, the entries."""
    entries = result.entries
    if entries is None:
        return result.blocks
    return {
        "shape": entries.shape,
        "rows": entries.rows.tolist(),
        "columns": entries.columns.tolist(),
        "values": entries.values.tolist(),
        "row_starts": entries.row_starts,
        "column_starts": entries.column_starts,
    }


def matrix_check_of(report: MatrixReport) -> dict[str, Any]:
    """The check of a Jacobian or a Hessian: the verdict on the whole, and on each block."""
    return {
        "verdict": report.verdict,
        "method": report.method,
        "evaluations": report.evaluations,
        "blocks": {
            name: {other: _input_check(check) for other, check in row.items()}
            for name, row in report.blocks.items()
        },
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
