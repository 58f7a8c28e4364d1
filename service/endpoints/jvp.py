"""POST /jvp: a Jacobian times tangents."""

from __future__ import annotations

from typing import Final

from autograd_core import jvp
from service.answers.derivatives import LAST, TENSOR, VALUES
from service.answers.record import Member, Record, by_name
from service.endpoints.endpoint import Endpoint, Example
from service.messages.fields import Names
from service.messages.members import OutputsSchema, direction


class JvpSchema(OutputsSchema):
    """The graph message, with outputs and `tangents`."""

    tangents = direction(
        "tangents",
        "The tangent of each input or node that moves, in its shape; absent ones are 0.",
    )
    wrt = Names("Which inputs or nodes may move: the tangents of others are left out.")


ENDPOINT: Final = Endpoint(
    name="jvp",
    title="The change of outputs along tangents of the inputs",
    schema=JvpSchema,
    function=jvp,
    record=Record(
        "JvpAnswer",
        "Values, and how they change along the tangents.",
        VALUES,
        Member("jvp", by_name(TENSOR, "For each output, in its shape."), "products"),
        *LAST,
    ),
    examples={
        "direction": Example(
            "A layer, as one of its inputs moves",
            {
                "expression": "A @ x",
                "bindings": {"A": [[1.0, 2.0], [3.0, 4.0]], "x": [1.0, 1.0]},
                "tangents": {"x": [1.0, 0.0]},
            },
            {"values": {"value": [3.0, 7.0]}, "jvp": {"value": [1.0, 3.0]}, "warnings": []},
        ),
    },
)
