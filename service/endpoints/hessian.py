"""POST /hessian: every second derivative of a scalar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_core import hessian
from service.endpoints.reports import completed, matrix_check_of, matrix_of, outputs_of
from service.messages.hessian import HessianMessage, HessianSchema
from service.transport.exchange import Endpoint, Terms


def answer(message: HessianMessage, terms: Terms) -> Mapping[str, Any]:
    """Value, gradient, and the Hessian block of each pair of inputs."""
    result = hessian(
        message.graph,
        message.bindings,
        output=message.output,
        wrt=message.wrt,
        mapped=message.mapped,
        check=message.check,
        sparse=message.sparse,
        limits=terms.limits,
        deadline=terms.deadline,
    )
    body: dict[str, Any] = {
        "value": result.value,
        "gradients": result.gradients,
        "hessian": matrix_of(result),
    }
    if result.check is not None:
        body["check"] = matrix_check_of(result.check)
    return completed(body, result, message, outputs_of(message), terms)


ENDPOINT = Endpoint(
    name="hessian",
    title="Value, gradient and Hessian of a scalar function",
    schema=HessianSchema,
    answer=answer,
)
