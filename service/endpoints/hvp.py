"""POST /hvp: a Hessian times a vector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_core.derivatives.products import hvp
from service.endpoints.reports import completed, outputs_of
from service.messages.products import HvpMessage, HvpSchema
from service.transport.exchange import Endpoint, Terms


def answer(message: HvpMessage, terms: Terms) -> Mapping[str, Any]:
    """Value, gradient, and the Hessian times a vector, without forming the matrix."""
    result = hvp(
        message.graph,
        message.bindings,
        message.vector,
        output=message.output,
        wrt=message.wrt,
        mapped=message.mapped,
        limits=terms.limits,
        deadline=terms.deadline,
    )
    body = {"value": result.value, "gradients": result.gradients, "hvp": result.products}
    return completed(body, result, message, outputs_of(message), terms)


ENDPOINT = Endpoint(
    name="hvp",
    title="Value, gradient and Hessian times a vector",
    schema=HvpSchema,
    answer=answer,
)
