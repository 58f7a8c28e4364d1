"""POST /hvp: a Hessian times a vector."""

from __future__ import annotations

from typing import Final

from autograd_core import hvp
from service.answers.derivatives import GRADIENTS, LAST, VALUE
from service.answers.record import Member, Record
from service.endpoints.endpoint import Endpoint, Example
from service.messages.fields import Names
from service.messages.members import OUTPUT, direction
from service.messages.message import MessageSchema


class HvpSchema(MessageSchema):
    """The graph message, with an output, `vector` and `wrt`."""

    output = OUTPUT
    vector = direction(
        "vector",
        "What the Hessian is multiplied with: numbers for inputs or nodes, each in its shape; "
        "absent ones are 0.",
    )
    wrt = Names("Inputs or nodes of the gradient and the product; every bound input, if left out.")


ENDPOINT: Final = Endpoint(
    name="hvp",
    title="Value, gradient and Hessian times a vector",
    schema=HvpSchema,
    function=hvp,
    record=Record(
        "HvpAnswer",
        "A value, its gradient, and its Hessian times the vector.",
        VALUE,
        GRADIENTS,
        Member("hvp", GRADIENTS.form, "products"),
        *LAST,
    ),
    examples={
        "vector": Example(
            "A Hessian times a vector, without the matrix",
            {
                "expression": "sum(x**3)",
                "bindings": {"x": [1.0, 2.0]},
                "vector": {"x": [1.0, 10.0]},
            },
            {
                "value": 9.0,
                "gradients": {"x": [3.0, 12.0]},
                "hvp": {"x": [6.0, 120.0]},
                "warnings": [],
            },
        ),
    },
)
