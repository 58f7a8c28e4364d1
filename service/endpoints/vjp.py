"""POST /vjp: cotangents times a Jacobian."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_core.derivatives.products import vjp
from service.endpoints.reports import completed
from service.messages.products import VjpMessage, VjpSchema
from service.transport.exchange import Endpoint, Terms


def answer(message: VjpMessage, terms: Terms) -> Mapping[str, Any]:
    """Values of the outputs, and the derivatives of their weighted sum."""
    result = vjp(
        message.graph,
        message.bindings,
        message.cotangents,
        outputs=message.wanted,
        wrt=message.wrt,
        mapped=message.mapped,
        limits=terms.limits,
        deadline=terms.deadline,
    )
    body = {"values": result.values, "vjp": result.products}
    return completed(body, result, message, tuple(result.values), terms)


ENDPOINT = Endpoint(
    name="vjp",
    title="The derivatives of a weighted sum of outputs",
    schema=VjpSchema,
    answer=answer,
)
