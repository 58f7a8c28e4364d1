"""POST /vjp: cotangents times a Jacobian."""

from __future__ import annotations

from typing import Final

from autograd_core import vjp
from service.answers.derivatives import GRADIENTS, LAST, VALUES
from service.answers.record import Member, Record
from service.endpoints.endpoint import Endpoint, Example
from service.messages.members import WRT, OutputsSchema, direction


class VjpSchema(OutputsSchema):
    """The graph message, with outputs, `cotangents` and `wrt`."""

    cotangents = direction(
        "cotangents",
        "The cotangent of each output, in its shape. They name the outputs, unless `outputs` "
        "does; absent ones are then 0.",
    )
    wrt = WRT


ENDPOINT: Final = Endpoint(
    name="vjp",
    title="The derivatives of a weighted sum of outputs",
    schema=VjpSchema,
    function=vjp,
    record=Record(
        "VjpAnswer",
        "Values, and the derivatives of their weighted sum.",
        VALUES,
        Member("vjp", GRADIENTS.form, "products"),
        *LAST,
    ),
    examples={
        "weights": Example(
            "The same layer, its outputs weighted",
            {
                "expression": "r = A @ x",
                "bindings": {"A": [[1.0, 2.0], [3.0, 4.0]], "x": [1.0, 1.0]},
                "cotangents": {"r": [1.0, -1.0]},
                "wrt": ["x"],
            },
            {"values": {"r": [3.0, 7.0]}, "vjp": {"x": [-2.0, -2.0]}, "warnings": []},
        ),
    },
)
