"""POST /jacobian: every derivative of every output."""

from __future__ import annotations

from typing import Final

from autograd_core import jacobian
from service.answers.derivatives import LAST, MATRIX_CHECK, VALUES, matrix
from service.answers.record import Record
from service.endpoints.endpoint import Endpoint, Example
from service.messages.members import CHECK_ENTRIES, SPARSE, WRT, OutputsSchema


class JacobianSchema(OutputsSchema):
    """The graph message, with outputs, `wrt`, `check` and `sparse`."""

    wrt = WRT
    check = CHECK_ENTRIES
    sparse = SPARSE


ENDPOINT: Final = Endpoint(
    name="jacobian",
    title="Every derivative of outputs of any shape",
    schema=JacobianSchema,
    function=jacobian,
    record=Record(
        "JacobianAnswer",
        "Values, and their derivatives.",
        VALUES,
        *matrix(
            "jacobian",
            rows="For each output.",
            blocks="For each input, in the output's shape and then its.",
        ),
        MATRIX_CHECK,
        *LAST,
    ),
    examples={
        "polar": Example(
            "Polar coordinates, and how they change",
            {
                "expression": "x = r*cos(t); y = r*sin(t)",
                "bindings": {"r": 2.0, "t": 0.0},
                "outputs": ["x", "y"],
            },
            {
                "values": {"x": 2.0, "y": 0.0},
                "jacobian": {"x": {"r": 1.0, "t": 0.0}, "y": {"r": 0.0, "t": 2.0}},
                "warnings": [],
            },
        ),
    },
)
