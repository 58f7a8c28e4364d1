"""Worked examples of messages and their answers: shown in openapi.yaml, and tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_GRAPH = {
    "nodes": [
        {"id": "e", "op": "mul", "args": ["a", "b"]},
        {"id": "d", "op": "add", "args": ["e", "c"]},
    ]
}
_BINDINGS = {"a": 2.0, "b": -3.0, "c": 10.0}


@dataclass(frozen=True, slots=True)
class Example:
    """A message to an endpoint, and the whole of its answer."""

    summary: str
    message: Mapping[str, Any]
    answer: Mapping[str, Any]


EXAMPLES: Mapping[str, Mapping[str, Example]] = {
    "gradient": {
        "expression": Example(
            "A curve at a point",
            {"expression": "3*x**2 - 4*x + 5", "bindings": {"x": 3.0}},
            {"value": 20.0, "gradients": {"x": 14.0}, "warnings": []},
        ),
        "graph": Example(
            "A graph, and every step on the way",
            {
                "graph": _GRAPH,
                "bindings": _BINDINGS,
                "output": "d",
                "include": ["nodes"],
            },
            {
                "value": 4.0,
                "gradients": {"a": -3.0, "b": 2.0, "c": 1.0},
                "nodes": [
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
    "evaluate": {
        "outputs": Example(
            "Two nodes of one expression",
            {
                "expression": "e = a*b; d = e + c; d",
                "bindings": _BINDINGS,
                "outputs": ["e", "d"],
            },
            {"values": {"e": -6.0, "d": 4.0}, "warnings": []},
        ),
        "tensor": Example(
            "A matrix product, answered as base64",
            {
                "expression": "A @ x",
                "bindings": {"A": [[1.0, 2.0], [3.0, 4.0]], "x": [1.0, 0.0]},
                "outputs": ["%1"],
                "tensors": "base64",
            },
            {
                "values": {"%1": {"shape": [2], "base64": "AAAAAAAA8D8AAAAAAAAIQA=="}},
                "warnings": [],
            },
        ),
    },
    "jacobian": {
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
    "hessian": {
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
    },
    "jvp": {
        "direction": Example(
            "A layer, as one of its inputs moves",
            {
                "expression": "A @ x",
                "bindings": {"A": [[1.0, 2.0], [3.0, 4.0]], "x": [1.0, 1.0]},
                "tangents": {"x": [1.0, 0.0]},
            },
            {"values": {"%1": [3.0, 7.0]}, "jvp": {"%1": [1.0, 3.0]}, "warnings": []},
        ),
    },
    "vjp": {
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
    "hvp": {
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
}
