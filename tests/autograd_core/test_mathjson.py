"""MathJSON of graphs: what it says, and that its heads are those of the Compute Engine."""

from __future__ import annotations

import json
from typing import Any

import pytest

from autograd_core import GraphBuilder, GraphError, derive, mathjson, parse
from benchmarks.formulas import random_function
from tests.tables import table

# Of the reference of the Cortex Compute Engine: functions, and how many operands they take.
_ONE = """
Negate Abs Sign Sqrt Exp Ln Floor Ceil Round Not Boole Sin Cos Tan Arcsin Arccos Arctan Sinc Sinh
Cosh Tanh Arsinh Arcosh Artanh Erf Erfc ErfInv GammaLn Digamma
"""
_TWO = """
Subtract Divide Power Root Mod Arctan2 Hypot Apply Assign Equal NotEqual Less LessEqual Greater
GreaterEqual Function
"""
KNOWN = {
    **dict.fromkeys(_ONE.split(), (1,)),
    **dict.fromkeys(_TWO.split(), (2,)),
    **dict.fromkeys(["Add", "Multiply", "And", "Or", "Max", "Min"], range(1, 1_000)),
    "Log": (1, 2),
    "If": (3,),
    "Clamp": (3,),
    "Block": range(1, 100_000),
}


@table(
    "text, expected",
    [
        ("6*x - 4", ["Subtract", ["Multiply", 6, "x"], 4]),
        ("x + y + z", ["Add", "x", "y", "z"]),
        ("x - y + z - 1", ["Add", "x", ["Negate", "y"], "z", ["Negate", 1]]),
        ("x*y*2", ["Multiply", "x", "y", 2]),
        ("-x/y**2", ["Divide", ["Negate", "x"], ["Power", "y", 2]]),
        ("log2(x)", ["Log", "x", 2]),
        ("cbrt(x)", ["Root", "x", 3]),
        ("sinc(x)", ["Sinc", ["Multiply", "Pi", "x"]]),
        ("sigmoid(x)", ["Divide", 1, ["Add", 1, ["Exp", ["Negate", "x"]]]]),
        ("where(x > 0, y, 0)", ["If", ["Greater", "x", 0], "y", 0]),
        ("where(x, y, 0)", ["If", ["NotEqual", "x", 0], "y", 0]),
        ("(x > 0)*y", ["Multiply", ["Boole", ["Greater", "x", 0]], "y"]),
        ("logical_not(x == y)", ["Boole", ["Not", ["Equal", "x", "y"]]]),
        (
            "e**x + pi*inf",
            ["Add", ["Power", "ExponentialE", "x"], ["Multiply", "Pi", "PositiveInfinity"]],
        ),
        (
            "leaky_relu(u, alpha=0.5)",
            ["Add", ["Max", "u", 0], ["Multiply", 0.5, ["Min", "u", 0]]],
        ),
        (
            "leaky_relu(-x, alpha=0.5)",
            [
                "Apply",
                ["Function", ["Add", ["Max", "u", 0], ["Multiply", 0.5, ["Min", "u", 0]]], "u"],
                ["Negate", "x"],
            ],
        ),
        ("0.5*x", ["Multiply", 0.5, "x"]),
        ("x", "x"),
        ("3", 3),
        (
            "s = sin(x)*y; s*s + s",
            [
                "Block",
                ["Assign", "s", ["Multiply", ["Sin", "x"], "y"]],
                ["Add", ["Multiply", "s", "s"], "s"],
            ],
        ),
    ],
)
def test_formulas_as_lists(text: str, expected: Any) -> None:
    assert mathjson(parse(text)) == expected


def assert_known(value: Any) -> None:
    if isinstance(value, list):
        head, *operands = value
        assert head in KNOWN, head
        assert len(operands) in KNOWN[head], value
        for operand in operands:
            assert_known(operand)
    else:
        assert isinstance(value, str | int | float)


@table("seed", range(100))
def test_whatever_is_derived_has_known_heads(seed: int) -> None:
    for found in derive(random_function(seed), output="out").values():
        written = mathjson(found)
        assert_known(written)
        assert json.loads(json.dumps(written)) == written


@table("operation", ["sqrt", "sigmoid", "silu", "elu", "logit", "gelu", "relu"])
def test_lists_stay_shallow_and_short_however_deep_the_graph(operation: str) -> None:
    """A message may be nested a hundred levels, and what a statement spells out is not copied."""
    builder = GraphBuilder()
    code = builder.input("x")
    for _ in range(300):
        code = builder.apply(operation, [code], {"alpha": 1.0} if operation == "elu" else None)
    written = json.dumps(mathjson(builder.build(code)))
    deepest = level = 0
    for sign in written:
        level += (sign == "[") - (sign == "]")
        deepest = max(deepest, level)
    assert deepest < 90
    assert len(written) < 300 * 200


def test_operations_on_arrays_have_no_formula() -> None:
    with pytest.raises(GraphError, match="sum works on arrays"):
        mathjson(parse("sum(x)"))
