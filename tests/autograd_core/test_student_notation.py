"""Formulas as they are written on paper mean what a person means by them, where that is certain."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import get_args

import pytest

from autograd_core import ExpressionError, Graph, Notation, evaluate, format_expression, parse
from tests.autograd_core.student_notation import student
from tests.autograd_core.test_formatting import assert_same_function
from tests.tables import table

POINTS = [
    dict(x=0.7, y=1.3, a=0.4, t=0.9, n=2.0, ω=1.7, alpha=0.6),
    dict(x=1.9, y=-0.8, a=2.5, t=0.3, n=3.0, ω=0.4, alpha=1.1),
]


def value(graph: Graph, point: dict[str, float]) -> float:
    bindings = {name: point[name] for name in graph.inputs if name in point}
    (found,) = evaluate(graph, bindings).values.values()
    return float(found)


def sec(x: float) -> float:
    return 1 / math.cos(x)


# --- what is certain ----------------------------------------------------------------

sin, cos, tan, log, exp, sqrt = math.sin, math.cos, math.tan, math.log, math.exp, math.sqrt

READ: list[tuple[str, Callable[..., float]]] = [
    # products without a sign
    ("6x - 4", lambda x, **_: 6 * x - 4),
    ("2(3x - 2)", lambda x, **_: 2 * (3 * x - 2)),
    ("(x - 1)(x + 1)", lambda x, **_: x * x - 1),
    ("x(x + 1)", lambda x, **_: x * x + x),
    ("a(x + y)", lambda x, y, a, **_: a * x + a * y),
    ("e(x + 1)", lambda x, **_: math.e * (x + 1)),
    ("3 x", lambda x, **_: 3 * x),
    ("x y", lambda x, y, **_: x * y),
    ("xy", lambda x, y, **_: x * y),
    ("-2xy(x + 1)", lambda x, y, **_: -2 * x * y * (x + 1)),
    ("2alpha x", lambda x, alpha, **_: 2 * alpha * x),
    ("(x)(y)(a)", lambda x, y, a, **_: x * y * a),
    ("x - 2y", lambda x, y, **_: x - 2 * y),
    ("2x/3", lambda x, **_: 2 * x / 3),
    ("(1/2)x", lambda x, **_: x / 2),
    ("maximum(2x, 3y)", lambda x, y, **_: max(2 * x, 3 * y)),
    ("u = x^2; 3u x", lambda x, **_: 3 * x**3),
    # powers
    ("3x^2y", lambda x, y, **_: 3 * x * x * y),
    ("x^2y", lambda x, y, **_: x * x * y),
    ("x^2*y", lambda x, y, **_: x * x * y),
    ("2xy^2", lambda x, y, **_: 2 * x * y * y),
    ("x²", lambda x, **_: x * x),
    ("3x²y³", lambda x, y, **_: 3 * x**2 * y**3),
    ("x⁻¹", lambda x, **_: 1 / x),
    ("x²³", lambda x, **_: x**23),
    ("xⁿ", lambda x, n, **_: x**n),
    ("(x + 1)²(x - 1)", lambda x, **_: (x + 1) ** 2 * (x - 1)),
    ("-x²", lambda x, **_: -(x * x)),
    ("x^n(n - 1)", lambda x, n, **_: x**n * (n - 1)),
    ("e^x", lambda x, **_: exp(x)),
    ("e^(2x)", lambda x, **_: exp(2 * x)),
    ("e^-x", lambda x, **_: exp(-x)),
    ("e^x(x + 1)", lambda x, **_: exp(x) * (x + 1)),
    ("2xe^x", lambda x, **_: 2 * x * exp(x)),
    ("x^2e^x", lambda x, **_: x * x * exp(x)),
    ("2e^xsin(x)", lambda x, **_: 2 * exp(x) * sin(x)),
    ("e^x²(2x)", lambda x, **_: exp(x * x) * 2 * x),
    ("2^x ln 2", lambda x, **_: 2**x * log(2)),
    ("e^√x sin(x)", lambda x, **_: exp(sqrt(x)) * sin(x)),
    # constants
    ("π", lambda **_: math.pi),
    ("2πx", lambda x, **_: 2 * math.pi * x),
    ("π²x", lambda x, **_: math.pi**2 * x),
    ("sin 2πx", lambda x, **_: sin(2 * math.pi * x)),
    # functions with parentheses
    ("2sin(x)cos(x)", lambda x, **_: 2 * sin(x) * cos(x)),
    ("sin(x)y", lambda x, y, **_: sin(x) * y),
    ("xsin(x)", lambda x, **_: x * sin(x)),
    ("sin(x)^2", lambda x, **_: sin(x) ** 2),
    ("sin(x)²", lambda x, **_: sin(x) ** 2),
    ("sin²(x)", lambda x, **_: sin(x) ** 2),
    ("sin^2(x)", lambda x, **_: sin(x) ** 2),
    ("sin**2(x)", lambda x, **_: sin(x) ** 2),
    ("sin^n(x)", lambda x, n, **_: sin(x) ** n),
    ("sin^-2(x)", lambda x, **_: sin(x) ** -2),
    ("1/cos²(x)", lambda x, **_: 1 / cos(x) ** 2),
    ("2/sin^2(x)^1", lambda x, **_: 2 / sin(x) ** 2),
    ("sec^2(x)", lambda x, **_: sec(x) ** 2),
    ("sec**2(x)", lambda x, **_: sec(x) ** 2),
    ("x/sec(x)", lambda x, **_: x * cos(x)),
    ("csc(x)cot(x)", lambda x, **_: cos(x) / sin(x) ** 2),
    ("cosec(x)ctg(x)", lambda x, **_: cos(x) / sin(x) ** 2),
    ("sech^2(x)", lambda x, **_: 1 - math.tanh(x) ** 2),
    ("csch(x)coth(x)", lambda x, **_: math.cosh(x) / math.sinh(x) ** 2),
    ("tg(x)", lambda x, **_: tan(x)),
    ("ln(x)", lambda x, **_: log(x)),
    ("log(x)", lambda x, **_: log(x)),
    ("log_2(x) + log_10(x)", lambda x, **_: math.log2(x) + math.log10(x)),
    ("arctan(x)arctg(x)", lambda x, **_: math.atan(x) ** 2),
    ("arcsin(x/2) + arccos(x/2)", lambda **_: math.pi / 2),
    ("arcsec(2x + 1)", lambda x, **_: math.acos(1 / (2 * x + 1))),
    ("arccsc(2x + 1)", lambda x, **_: math.asin(1 / (2 * x + 1))),
    # and without
    ("sin x", lambda x, **_: sin(x)),
    ("sinx", lambda x, **_: sin(x)),
    ("ln x", lambda x, **_: log(x)),
    ("xlnx", lambda x, **_: x * log(x)),
    ("2x ln x + x", lambda x, **_: 2 * x * log(x) + x),
    ("sin 2x", lambda x, **_: sin(2 * x)),
    ("sin2x", lambda x, **_: sin(2 * x)),
    ("x/sin 2x", lambda x, **_: x / sin(2 * x)),
    ("sin x cos x", lambda x, **_: sin(x) * cos(x)),
    ("sinxcosx", lambda x, **_: sin(x) * cos(x)),
    ("sin x * cos x", lambda x, **_: sin(x) * cos(x)),
    ("sin x / cos x", lambda x, **_: tan(x)),
    ("sec x tan x", lambda x, **_: sec(x) * tan(x)),
    ("2 sin x - 3 cos x", lambda x, **_: 2 * sin(x) - 3 * cos(x)),
    ("tan^2 x", lambda x, **_: tan(x) ** 2),
    ("sin²2x", lambda x, **_: sin(2 * x) ** 2),
    ("sin^2x + cos^2x", lambda **_: 1.0),
    ("exp ln x", lambda x, **_: x),
    ("cost", lambda t, **_: cos(t)),
    ("e^sin(x) cos(x)", lambda x, **_: exp(sin(x)) * cos(x)),
    # roots
    ("√x", lambda x, **_: sqrt(x)),
    ("√(x + 1)", lambda x, **_: sqrt(x + 1)),
    ("√(x + 1)^3", lambda x, **_: (x + 1) ** 1.5),
    ("√(x + 1)y", lambda x, y, **_: sqrt(x + 1) * y),
    ("∛x", lambda x, **_: math.cbrt(x)),
    ("2√x√t", lambda x, t, **_: 2 * sqrt(x * t)),
    ("√x/2", lambda x, **_: sqrt(x) / 2),
    ("1/(2√x)", lambda x, **_: 0.5 / sqrt(x)),
    ("√√x", lambda x, **_: x**0.25),
    ("√x cos(x)", lambda x, **_: sqrt(x) * cos(x)),
    ("sin√x", lambda x, **_: sin(sqrt(x))),
    # absolute values
    ("|x|", lambda x, **_: abs(x)),
    ("|y|x", lambda x, y, **_: abs(y) * x),
    ("2|y|", lambda y, **_: 2 * abs(y)),
    ("y/|y|", lambda y, **_: y / abs(y)),
    ("|x - 1||x + 1|", lambda x, **_: abs(x * x - 1)),
    ("|x||y||a|", lambda x, y, a, **_: abs(x * y * a)),
    ("|x||y| - |a||t|", lambda x, y, a, t, **_: abs(x * y) - abs(a * t)),
    ("|x| - |y|", lambda x, y, **_: abs(x) - abs(y)),
    ("||y| - 1|", lambda y, **_: abs(abs(y) - 1)),
    ("| |x| - |y| |", lambda x, y, **_: abs(abs(x) - abs(y))),
    ("|x|y||", lambda x, y, **_: abs(x * y)),
    ("2|-y|", lambda y, **_: 2 * abs(y)),
    ("|y|²", lambda y, **_: y * y),
    ("ln|y|", lambda y, **_: log(abs(y))),
    ("ln|y|/y", lambda y, **_: log(abs(y)) / y),
    ("|sin(|y|x)|", lambda x, y, **_: abs(sin(abs(y) * x))),
    ("maximum(|x|, |y|)", lambda x, y, **_: max(abs(x), abs(y))),
    # signs
    ("6x − 4", lambda x, **_: 6 * x - 4),
    ("6x ‐ 4 － 1", lambda x, **_: 6 * x - 5),
    ("2·x⋅y×a∙t", lambda x, y, a, t, **_: 2 * x * y * a * t),
    ("x÷y∕a", lambda x, y, a, **_: x / y / a),
    ("2（x＋1）", lambda x, **_: 2 * (x + 1)),
    # a left side
    ("y = 6x - 4", lambda x, **_: 6 * x - 4),
    ("f(x) = 6x - 4", lambda x, **_: 6 * x - 4),
    ("f'(x) = 6x - 4", lambda x, **_: 6 * x - 4),
    ("f’(x, y) = 6x - 4", lambda x, **_: 6 * x - 4),
    ("y' = 6x - 4", lambda x, **_: 6 * x - 4),
    ("y′ = 6x - 4y", lambda x, y, **_: 6 * x - 4 * y),
    ("dy/dx = 6x - 4", lambda x, **_: 6 * x - 4),
    ("∂f/∂x = 6x - 4", lambda x, **_: 6 * x - 4),
    ("d/dx = 6x - 4", lambda x, **_: 6 * x - 4),
    ("d/dx f(x) = 6x - 4", lambda x, **_: 6 * x - 4),
    ("= 6x - 4", lambda x, **_: 6 * x - 4),
]


@table("text, meaning", READ, ids=[text for text, _ in READ])
def test_what_is_certain_is_read(text: str, meaning: Callable[..., float]) -> None:
    for point in POINTS:
        assert value(student(text), point) == pytest.approx(meaning(**point), rel=1e-12)


@pytest.mark.parametrize(
    "text, strict",
    [
        ("6x - 4", "6*x - 4"),
        ("2sin(x)cos(x)", "2*sin(x)*cos(x)"),
        ("sec^2 x", "(1/cos(x))**2"),
        ("x/|x|", "x/abs(x)"),
        ("√(x² + 1)", "sqrt(x**2 + 1)"),
        ("2πx", "2*pi*x"),
        ("f'(x) = 2x", "2*x"),
        ("y = 2x", "y = 2*x"),
        ("x(x)(x)", "x*x*x"),
        ("x² − 2x·3", "x**2 - 2*x*3"),
    ],
)
def test_it_means_what_the_strict_text_means(text: str, strict: str) -> None:
    assert format_expression(student(text)) == strict
    assert_same_function(student(text), parse(strict))


# --- names --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, names, strict",
    [
        ("xy", None, "xy"),
        ("xy", {"x", "y"}, "x*y"),
        ("xy", {"x", "y", "xy"}, "xy"),
        ("xy", {"x"}, "xy"),
        ("xyz", {"x", "y"}, "xyz"),
        ("xy = 2; 3xy", {"x", "y"}, "xy = 2; 3*xy"),
        ("sinx", None, "sinx"),
        ("sinx", {"x", "sinx"}, "sinx"),
        ("cost", {"cost", "t"}, "cost"),
        ("alphax", {"alpha", "x"}, "alphax"),
        ("x" * 41, {"x"}, "x" * 41),
        ("π", {"π"}, "π"),
        ("2πx", {"π", "x"}, "2*π*x"),
        ("2πx", None, "2*pi*x"),
        ("rπ", None, "r*pi"),
        ("acos(x)", {"x"}, "acos(x)"),
        ("acos(x)", None, "acos(x)"),
        ("x(x + 1)", None, "x*(x + 1)"),
        ("sec x", {"sec", "x"}, "sec*x"),
        ("sin(x)", {"sin", "x"}, "sin(x)"),
        ("e^2x", {"e", "x"}, "e**2*x"),
        ("lambda x", {"lambda", "x"}, "lambda*x"),
        ("lambda*x + in", None, "lambda*x + in"),
        ("sum(x, axis=0)", {"x", "a", "i", "s"}, "sum(x, axis=0)"),
    ],
)
def test_known_names_decide(text: str, names: set[str] | None, strict: str) -> None:
    known = None if names is None else frozenset(names)
    assert_same_function(student(text, known), parse(strict))


# --- the other notation -------------------------------------------------------------


def test_nodes_know_where_they_were_written() -> None:
    graph = student("2x + (\n sin²y)")
    places = {
        graph.operations[number]: (place.line, place.column)
        for number, place in graph.places.items()
    }
    assert places == {"mul": (1, 2), "add": (1, 4), "sin": (2, 2), "pow": (2, 2)}


def test_strict_is_the_default_and_reads_none_of_it() -> None:
    assert get_args(Notation) == ("strict", "student")
    for text in ("6x - 4", "sin²(x)", "|x|", "√x", "sec(x)", "f'(x) = x"):
        with pytest.raises(ExpressionError):
            parse(text)
        with pytest.raises(ExpressionError):
            parse(text, notation="strict", names={"x"})
