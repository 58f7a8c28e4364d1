"""POST /evaluate: values of any nodes, no derivatives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_core.derivatives.gradient import evaluate
from service.endpoints.reports import cost_of, warnings_of
from service.endpoints.traces import values_of_nodes
from service.messages.outputs import OutputsMessage, OutputsSchema
from service.transport.exchange import Endpoint, Terms


def answer(message: OutputsMessage, terms: Terms) -> Mapping[str, Any]:
    """Values of the outputs, of any shape."""
    result = evaluate(
        message.graph,
        message.bindings,
        outputs=message.wanted,
        mapped=message.mapped,
        limits=terms.limits,
        deadline=terms.deadline,
    )
    body: dict[str, Any] = {"values": result.values}
    if "nodes" in message.include:
        body["nodes"] = values_of_nodes(message, message.wanted, terms)
    if "cost" in message.include:
        body["cost"] = cost_of(result.cost)
    return body | {"warnings": warnings_of(result.warnings, message)}


ENDPOINT = Endpoint(
    name="evaluate",
    title="Values of nodes, without derivatives",
    schema=OutputsSchema,
    answer=answer,
)
