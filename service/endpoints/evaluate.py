"""POST /evaluate: values of any nodes, no derivatives."""

from __future__ import annotations

from typing import Final

from autograd_core import evaluate, evaluate_rows
from service.answers.derivatives import LAST, VALUES
from service.answers.record import Record
from service.endpoints.endpoint import Endpoint, Example
from service.messages.members import OutputsSchema

ENDPOINT: Final = Endpoint(
    name="evaluate",
    title="Values of nodes, without derivatives",
    schema=OutputsSchema,
    function=evaluate,
    rows=evaluate_rows,
    record=Record("EvaluateAnswer", "Values.", VALUES, *LAST),
    examples={
        "outputs": Example(
            "Two nodes of one expression",
            {
                "expression": "e = a*b; d = e + c; d",
                "bindings": {"a": 2.0, "b": -3.0, "c": 10.0},
                "outputs": ["e", "d"],
            },
            {"values": {"e": -6.0, "d": 4.0}, "warnings": []},
        ),
        "tensor": Example(
            "A matrix product, answered as base64",
            {
                "expression": "A @ x",
                "bindings": {"A": [[1.0, 2.0], [3.0, 4.0]], "x": [1.0, 0.0]},
                "outputs": ["value"],
                "tensors": "base64",
            },
            {
                "values": {"value": {"shape": [2], "base64": "AAAAAAAA8D8AAAAAAAAIQA=="}},
                "warnings": [],
            },
        ),
    },
)
