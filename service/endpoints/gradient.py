"""POST /gradient: the value of a scalar function and its exact gradient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_core.derivatives.gradient import gradient
from service.endpoints.reports import check_of, cost_of, trace_of, warnings_of
from service.messages.gradient import GradientMessage, GradientSchema
from service.transport.exchange import Endpoint, Terms


def answer(message: GradientMessage, terms: Terms) -> Mapping[str, Any]:
    """Value and exact gradient of a scalar output."""
    result = gradient(
        message.graph,
        message.bindings,
        output=message.output,
        wrt=message.wrt,
        mapped=message.mapped,
        check=message.check,
        trace="nodes" in message.include,
        limits=terms.limits,
        deadline=terms.deadline,
    )
    warnings = warnings_of(result.warnings, message)
    body: dict[str, Any] = {"value": result.value, "gradients": result.gradients}
    if result.check is not None:
        body["check"] = check_of(result.check)
    if result.nodes is not None:
        body["nodes"] = trace_of(result.nodes)
    if "cost" in message.include:
        body["cost"] = cost_of(result.cost)
    return body | {"warnings": warnings}


ENDPOINT = Endpoint(
    name="gradient",
    title="Value and exact gradient of a scalar function",
    schema=GradientSchema,
    answer=answer,
)
