"""POST /hessian: every second derivative of a scalar."""

from __future__ import annotations

from typing import Final

from autograd_core import hessian
from service.answers.derivatives import GRADIENTS, LAST, MATRIX_CHECK, VALUE, matrix
from service.answers.record import Record
from service.endpoints.endpoint import Endpoint, Example
from service.messages.members import CHECK_ENTRIES, OUTPUT, SPARSE, WRT
from service.messages.message import MessageSchema


class HessianSchema(MessageSchema):
    """The graph message, with an output, `wrt`, `check` and `sparse`."""

    output = OUTPUT
    wrt = WRT
    check = CHECK_ENTRIES
    sparse = SPARSE


ENDPOINT: Final = Endpoint(
    name="hessian",
    title="Value, gradient and Hessian of a scalar function",
    schema=HessianSchema,
    function=hessian,
    record=Record(
        "HessianAnswer",
        "A value, its gradient and its second derivatives.",
        VALUE,
        GRADIENTS,
        *matrix("hessian", rows="For each input.", blocks="For each input, in the shape of both."),
        MATRIX_CHECK,
        *LAST,
    ),
    examples={
        "rosenbrock": Example(
            "Rosenbrock's valley, away from its floor",
            {
                "expression": "(1 - x)**2 + 100*(y - x**2)**2",
                "bindings": {"x": -1.0, "y": 2.0},
            },
            {
                "value": 104.0,
                "gradients": {"x": 396.0, "y": 200.0},
                "hessian": {"x": {"x": 402.0, "y": 400.0}, "y": {"x": 400.0, "y": 200.0}},
                "warnings": [],
            },
        ),
        "sparse": Example(
            "Only the entries that can be other than 0",
            {
                "expression": "x**2*y + z",
                "bindings": {"x": 3.0, "y": 2.0, "z": 1.0},
                "sparse": True,
            },
            {
                "value": 19.0,
                "gradients": {"x": 12.0, "y": 9.0, "z": 1.0},
                "entries": {
                    "shape": [3, 3],
                    "rows": [0, 0, 1],
                    "columns": [0, 1, 0],
                    "values": [4.0, 6.0, 6.0],
                    "row_starts": {"x": 0, "y": 1, "z": 2},
                    "column_starts": {"x": 0, "y": 1, "z": 2},
                },
                "warnings": [],
            },
        ),
    },
)
