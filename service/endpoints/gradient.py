"""POST /gradient: the value of a scalar function and its exact gradient."""

from __future__ import annotations

from typing import Final

from autograd_core import Deadline, Gradient, Graph, Limits, dot, gradient, gradient_rows
from service.answers.derivatives import (
    CHECK_REPORT,
    GRADIENTS,
    INCLUDED,
    LAST,
    ROUNDING,
    VALUE,
)
from service.answers.record import Member, Record
from service.endpoints.endpoint import Endpoint, Example, Picture
from service.messages.check import CheckField
from service.messages.fields import Choices, Name
from service.messages.members import WRT
from service.messages.message import MessageSchema
from service.pictures import graphviz


class GradientSchema(MessageSchema):
    """The graph message, with an output, `wrt` and `check`, and more that may be included."""

    output = Name(
        "The node or input to differentiate. It may be left out where exactly one node is used "
        "by no other."
    )
    wrt = WRT
    check = CheckField("Whether, and how, to check the gradient by finite differences.")
    include = Choices("What else to answer.", (*INCLUDED, "rounding"))


def _text(graph: Graph, result: Gradient, deadline: Deadline) -> bytes:
    return dot(graph, result).encode()


def _drawing(graph: Graph, result: Gradient, deadline: Deadline) -> bytes:
    return graphviz.svg(dot(graph, result), deadline)


_LIMITS: Final = Limits()
_TRACED: Final = {"trace": True}
ENDPOINT: Final = Endpoint(
    name="gradient",
    title="Value and exact gradient of a scalar function",
    schema=GradientSchema,
    function=gradient,
    rows=gradient_rows,
    record=Record(
        "GradientAnswer",
        "A value and its gradient.",
        VALUE,
        GRADIENTS,
        Member("check", CHECK_REPORT.said("The check, if asked for."), optional=True),
        Member(
            "rounding", ROUNDING.said("How far rounding may reach, if asked for."), optional=True
        ),
        *LAST,
    ),
    pictures=(
        Picture(
            "text/vnd.graphviz",
            "The graph in DOT, Graphviz's language, as micrograd draws it: every value with data "
            f"and grad, every operation. Up to {_LIMITS.drawn_values} values and "
            f"{_LIMITS.drawn_operands:,} operands.",
            _text,
            arguments=_TRACED,
        ),
        Picture(
            "image/svg+xml",
            "The same, drawn, where Graphviz is installed.",
            _drawing,
            graphviz.missing,
            _TRACED,
        ),
    ),
    examples={
        "expression": Example(
            "A curve at a point",
            {"expression": "3*x**2 - 4*x + 5", "bindings": {"x": 3.0}},
            {"value": 20.0, "gradients": {"x": 14.0}, "warnings": []},
        ),
        "graph": Example(
            "A graph, and every step on the way",
            {
                "graph": {
                    "nodes": [
                        {"id": "e", "op": "mul", "args": ["a", "b"]},
                        {"id": "d", "op": "add", "args": ["e", "c"]},
                    ]
                },
                "bindings": {"a": 2.0, "b": -3.0, "c": 10.0},
                "output": "d",
                "include": ["nodes"],
            },
            {
                "value": 4.0,
                "gradients": {"a": -3.0, "b": 2.0, "c": 1.0},
                "nodes": [
                    {"id": "a", "op": "input", "args": [], "value": 2.0, "gradient": -3.0},
                    {"id": "b", "op": "input", "args": [], "value": -3.0, "gradient": 2.0},
                    {"id": "c", "op": "input", "args": [], "value": 10.0, "gradient": 1.0},
                    {
                        "id": "e",
                        "op": "mul",
                        "args": ["a", "b"],
                        "value": -6.0,
                        "gradient": 1.0,
                        "partials": [-3.0, 2.0],
                    },
                    {
                        "id": "d",
                        "op": "add",
                        "args": ["e", "c"],
                        "value": 4.0,
                        "gradient": 1.0,
                        "partials": [1.0, 1.0],
                    },
                ],
                "warnings": [],
            },
        ),
        "map": Example(
            "A curve and its slope at many points",
            {
                "expression": "3*x**2 - 4*x + 5",
                "bindings": {"x": [-1.0, 0.0, 1.0, 2.0]},
                "map": ["x"],
            },
            {
                "value": [12.0, 5.0, 4.0, 9.0],
                "gradients": {"x": [-10.0, -4.0, 2.0, 8.0]},
                "warnings": [],
            },
        ),
        "rounding": Example(
            "How far rounding may have moved value and gradient",
            {
                "expression": "(x + 1e8) - 1e8",
                "bindings": {"x": 0.1},
                "include": ["rounding"],
            },
            {
                "value": 0.09999999403953552,
                "gradients": {"x": 1.0},
                "rounding": {"value": 7.450580603862722e-09, "gradients": {"x": 0.0}},
                "warnings": [],
            },
        ),
        "columns": Example(
            "The graph of a*b + c as columns of numbers, for programs that write graphs",
            {
                "graph": {
                    "columns": {
                        "inputs": ["a", "b", "c"],
                        "operations": ["mul", "add"],
                        "opcodes": [0, 1],
                        "operands": [0, 1, 3, 2],
                    }
                },
                "bindings": {"a": 2.0, "b": -3.0, "c": 10.0},
            },
            {"value": 4.0, "gradients": {"a": -3.0, "b": 2.0, "c": 1.0}, "warnings": []},
        ),
        "tensors": Example(
            "The loss of a linear model, with respect to its weights",
            {
                "expression": "mean((X @ w - y)**2)",
                "bindings": {"X": [[1.0, 2.0], [3.0, 4.0]], "w": [1.0, 0.5], "y": [2.0, 6.0]},
                "wrt": ["w"],
            },
            {"value": 0.5, "gradients": {"w": [-3.0, -4.0]}, "warnings": []},
        ),
    },
)
