"""POST /jacobian: every derivative of every output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_core import jacobian
from service.endpoints.reports import completed, matrix_check_of, matrix_of
from service.messages.jacobian import JacobianMessage, JacobianSchema
from service.transport.exchange import Endpoint, Terms


def answer(message: JacobianMessage, terms: Terms) -> Mapping[str, Any]:
    """Values of the outputs, and the Jacobian block of each by each input."""
    result = jacobian(
        message.graph,
        message.bindings,
        outputs=message.wanted,
        wrt=message.wrt,
        mapped=message.mapped,
        check=message.check,
        sparse=message.sparse,
        limits=terms.limits,
        deadline=terms.deadline,
    )
    body: dict[str, Any] = {"values": result.values, "jacobian": matrix_of(result)}
    if result.check is not None:
        body["check"] = matrix_check_of(result.check)
    return completed(body, result, message, message.wanted, terms)


ENDPOINT = Endpoint(
    name="jacobian",
    title="Every derivative of outputs of any shape",
    schema=JacobianSchema,
    answer=answer,
)
