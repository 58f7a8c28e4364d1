"""POST /jvp: a Jacobian times tangents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_core.derivatives.products import jvp
from service.endpoints.reports import completed
from service.messages.products import JvpMessage, JvpSchema
from service.transport.exchange import Endpoint, Terms


def answer(message: JvpMessage, terms: Terms) -> Mapping[str, Any]:
    """Values of the outputs, and how they change as the inputs move along the tangents."""
    result = jvp(
        message.graph,
        message.bindings,
        message.tangents,
        outputs=message.wanted,
        wrt=message.wrt,
        mapped=message.mapped,
        limits=terms.limits,
        deadline=terms.deadline,
    )
    body = {"values": result.values, "jvp": result.products}
    return completed(body, result, message, message.wanted, terms)


ENDPOINT = Endpoint(
    name="jvp",
    title="The change of outputs along tangents of the inputs",
    schema=JvpSchema,
    answer=answer,
)
