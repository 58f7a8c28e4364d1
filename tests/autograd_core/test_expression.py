"""Infix text means what Python means by the same text, and what the design adds to it."""

from __future__ import annotations

import contextlib
import math
import operator
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from lark.tree import Tree

from autograd_core.errors import ExpressionError, Fault
from autograd_core.graph import Graph
from autograd_core.infix.expression import _LEXER, _PARSER, _READER, CONSTANTS, is_name, parse
from autograd_core.limits import Limits
from tests.tables import table

POINT = {"x": 3.0, "y": 0.5, "z": -2.0, "a": 2.0, "b": -3.0, "c": 10.0}

MEANINGS: Mapping[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "pow": operator.pow,
    "neg": operator.neg,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
    "eq": operator.eq,
    "ne": operator.ne,
    "identity": lambda value: value,
    "sin": math.sin,
    "exp": math.exp,
    "sqrt": math.sqrt,
    "maximum": max,
    "where": lambda condition, x, y: x if condition else y,
}


def value(graph: Graph, bindings: Mapping[str, float] = POINT) -> Any:
    """What a scalar graph computes, by the meanings above."""
    known = {**graph.defaults, **bindings}
    leaves = [known[leaf] if isinstance(leaf, str) else leaf for leaf in graph.leaves]
    values: list[Any] = []
    for number, operation in enumerate(graph.operations):
        operands = [
            values[code] if code >= 0 else leaves[~code] for code in graph.operands_of(number)
        ]
        values.append(MEANINGS[operation](*operands))
    assert graph.result is not None
    return values[graph.result] if graph.result >= 0 else leaves[~graph.result]


def nodes(text: str) -> list[tuple[Any, ...]]:
    """(id, operation, operands...) of every node."""
    return [(node.id, node.op, *node.args) for node in parse(text).nodes]


def faults(text: str, limits: Limits | None = None) -> tuple[Fault, ...]:
    with pytest.raises(ExpressionError) as caught:
        parse(text, limits or Limits())
    return caught.value.faults


# --- precedence: Python is the oracle -----------------------------------------------------


@table(
    "text",
    [
        "x + y*z",
        "(x + y)*z",
        "x - y - z",
        "x - (y - z)",
        "a / b / c",
        "a / (b / c)",
        "a*b/c*x",
        "-x**2",
        "(-x)**2",
        "-2**2",
        "2**3**2",
        "(2**3)**2",
        "2**-1",
        "2**-x**2",
        "2**-x*3",
        "2**-x/y",
        "x**-2",
        "x**-2**2",
        "2*-x",
        "2*-x**2",
        "a - -b",
        "a--b",
        "a+-b",
        "a-+b",
        "- - -x",
        "+x",
        "-+-x",
        "+-+x**2",
        "-x*y",
        "-x/-y",
        "-x - y",
        "-(x + y)*z",
        "x > y",
        "x + 1 > y*2",
        "-x < -y",
        "(x > y)*x + (x <= y)*y",
        "x*2 == 6",
        "x != 3",
        "(x > y) == (y < x)",
        "3*x**2 - 4*x + 5",
        "1.5e-3*x + .5 + 2.",
        "1E5*x",
        "1e+2/x",
        "100*(y - x**2)**2 + (1 - x)**2",
        "((((x))))",
        "x**(y + 1)",
        "2**(a*b)*c",
        "a*b + c",
        "a+b*c-a/b**a",
        "  x\t+  y ",
    ],
)
def test_operators_bind_as_in_python(text: str) -> None:
    assert value(parse(text)) == eval(text, {}, POINT)


_OPERANDS = st.sampled_from(["x", "y", "z", "a", "2", "3", ".5", "1.25", "1e1"])
_SIGNS = st.sampled_from(["", "", "", "-", "+", "--", "- -", "+-"])
_OPERATORS = st.sampled_from([" + ", "-", "*", " / ", "**", "*", "+ "])


@st.composite
def arithmetic(draw: st.DrawFn, depth: int = 0) -> str:
    """Text that is both Python and ours."""
    pieces = []
    for _ in range(draw(st.integers(1, 4))):
        inner = depth < 3 and draw(st.booleans())
        operand = f"({draw(arithmetic(depth + 1))})" if inner else draw(_OPERANDS)
        pieces += [draw(_SIGNS) + operand, draw(_OPERATORS)]
    return "".join(pieces[:-1])


@settings(max_examples=80)
@given(arithmetic())
def test_any_arithmetic_means_what_python_means(text: str) -> None:
    floats = {name: float(number) for name, number in POINT.items()}
    try:
        expected = eval(text, {}, floats)
    except (ArithmeticError, ValueError):
        assume(False)
    assume(isinstance(expected, int | float))
    assume(abs(expected) < 1e300)
    try:
        actual = value(parse(text))
    except ArithmeticError:  # 2**(3**40) is finite for Python's integers only
        assume(False)
    assert actual == pytest.approx(expected, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize(
    "text, same",
    [
        ("x^2", "x**2"),
        ("2^3^2", "2**3**2"),
        ("-x^2", "-x**2"),
        ("a × b", "a*b"),
        ("a·b", "a*b"),
        ("a⋅b∗c", "a*b*c"),
        ("a÷b", "a/b"),
        ("a − b", "a - b"),
        ("−x", "-x"),
        ("a – b", "a - b"),
        ("x ≤ y", "x <= y"),
        ("x ≥ y", "x >= y"),
        ("x ≠ y", "x != y"),
    ],
)
def test_other_spellings(text: str, same: str) -> None:
    assert nodes(text) == nodes(same)


def test_matrix_product_binds_like_a_product() -> None:
    assert nodes("x @ A * y") == nodes("(x @ A)*y")
    assert nodes("x + A @ y") == [(None, "matmul", "A", "y"), (None, "add", "x", "%1")]


# --- what is built ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, expected",
    [
        ("a + b + c", [(None, "add", "a", "b"), (None, "add", "%1", "c")]),
        ("x*x", [(None, "mul", "x", "x")]),
        ("2 + 3", [(None, "add", 2.0, 3.0)]),
        ("x**-2", [(None, "pow", "x", -2.0)]),
        ("x - -3", [(None, "sub", "x", -3.0)]),
        ("--3*x", [(None, "mul", 3.0, "x")]),
        ("-(3)*x", [(None, "mul", -3.0, "x")]),
        ("-2**2", [(None, "pow", 2.0, 2.0), (None, "neg", "%1")]),
        ("sin(x)", [(None, "sin", "x")]),
        ("arcsin(x)", [(None, "asin", "x")]),
        ("add(a, b, c)", [(None, "add", "a", "b", "c")]),
        ("maximum(x, 0,)", [(None, "maximum", "x", 0.0)]),
        ("e = a*b; d = e + c; d", [("e", "mul", "a", "b"), ("d", "add", "e", "c")]),
        ("e = a*b; e", [("e", "mul", "a", "b")]),
        ("y = x", [("y", "identity", "x")]),
        ("y = +x", [("y", "identity", "x")]),
        ("u = x*2; v = u", [("u", "mul", "x", 2.0), ("v", "identity", "u")]),
        ("k = 3; k*x", [("k", "identity", 3.0), (None, "mul", "k", "x")]),
        ("5", [(None, "identity", 5.0)]),
        ("-(5)", [(None, "identity", -5.0)]),
        ("x", []),
        ("# nothing\n\n x*2 # twice\n;", [(None, "mul", "x", 2.0)]),
        ("u = (x +\n   y)\n\nu*u", [("u", "add", "x", "y"), (None, "mul", "u", "u")]),
        ("maximum(x, # one\n y) # two", [(None, "maximum", "x", "y")]),
        ("a = 1\r\nb = 2\rb", [("a", "identity", 1.0), ("b", "identity", 2.0)]),
        ("sum = x + y; sin(sum)", [("sum", "add", "x", "y"), (None, "sin", "sum")]),
    ],
)
def test_graph_of_a_text(text: str, expected: list[tuple[Any, ...]]) -> None:
    assert nodes(text) == expected


@pytest.mark.parametrize(
    "text, result",
    [
        ("x", "x"),
        ("x*y", "%1"),
        ("y = x*2", "y"),
        ("u = x*2; v = x + 1; u", "u"),
        ("u = 2; x", "x"),
    ],
)
def test_the_last_statement_is_the_result(text: str, result: str) -> None:
    graph = parse(text)
    assert graph.result is not None
    assert graph.label(graph.result) == result


def test_inputs_come_in_the_order_they_are_read() -> None:
    assert parse("a + b*c - sin(d)**e2").inputs == ("a", "b", "c", "d", "e2")
    assert parse("y = b; y + a*b").inputs == ("b", "a")


def test_negative_zero_keeps_its_sign() -> None:
    leaf = parse("-0*x").leaves[1]
    assert math.copysign(1, float(leaf)) == -1


def test_nodes_know_where_they_were_written() -> None:
    graph = parse("u = x*y\nv = sin(u) + x[0]\r\n -v")
    places = [(graph.place_of(k).line, graph.place_of(k).column) for k in range(len(graph))]
    assert list(zip(graph.operations, places, strict=True)) == [
        ("mul", (1, 6)),
        ("sin", (2, 5)),
        ("index", (2, 15)),
        ("add", (2, 12)),
        ("neg", (3, 2)),
    ]
    assert [graph.leaf_places[k].column for k in graph.leaf_places] == [5, 7]
    assert len(graph.places) == len(list(graph.places)) == len(graph)


# --- names ----------------------------------------------------------------------------------


def test_constants_are_inputs_with_a_value_to_fall_back_on() -> None:
    graph = parse("e*x + pi*inf")
    assert graph.inputs == ("e", "x", "pi", "inf")
    assert graph.defaults == CONSTANTS
    assert value(parse("sin(pi/6)*x"), {"x": 2.0}) == pytest.approx(1.0)
    assert value(parse("e*x"), {"x": 2.0, "e": 3.0}) == 6.0
    assert parse("e = x*2; e + 1").defaults == {}


@pytest.mark.parametrize(
    "name", ["θ", "x_1", "_", "Ω2", "été", "变量", "हिन्दी", "x̄", "λ_max", "true_x", "e1", "ﬁt"]
)
def test_names_in_any_alphabet(name: str) -> None:
    assert is_name(name)
    assert parse(f"2*{name} + {name}").inputs == (name,)


@pytest.mark.parametrize(
    "text", ["", " x", "2x", "x y", "x-y", "x²", "a·b", "e\u0301", "\ud800", "x\n"]
)
def test_what_is_no_name(text: str) -> None:
    assert not is_name(text)


def test_a_letter_typed_in_two_ways_is_one_name() -> None:
    assert parse("é + e\u0301").inputs == ("é",)
    assert nodes("e\u0301 = 2; é*x") == [("é", "identity", 2.0), (None, "mul", "é", "x")]


# --- numbers, lists, attributes, indices ------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["0", "7", "1.", ".5", "1.5", "1e5", "1E5", "1.5e-3", ".5e+2", "007", "1" * 40, "2e-320"],
)
def test_numbers(text: str) -> None:
    assert parse(f"x + {text}").leaves[1] == float(text)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("[1, 2, 3]", [1, 2, 3]),
        ("[1, -2, +3.5e1,]", [1, -2, 35]),
        ("[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
        ("[[[1]]]", [[[1]]]),
        ("[(1), -(2)]", [1, -2]),
        ("[\n1,\n2]", [1, 2]),
        ("[]", []),
        ('["NaN", "-Infinity", 1]', [math.nan, -math.inf, 1]),
    ],
)
def test_a_list_is_a_constant_tensor(text: str, expected: list[Any]) -> None:
    graph = parse(f"sum({text})")
    assert graph.operations == ("sum",)
    np.testing.assert_array_equal(graph.leaves[0], np.array(expected, dtype=float))


@pytest.mark.parametrize(
    "text, given",
    [
        ("sum(x, axis=0)", {"axis": 0}),
        ("sum(x, axis=-1, keepdims=true)", {"axis": -1, "keepdims": True}),
        ("sum(x, axis=[0, 1], keepdims=True)", {"axis": (0, 1), "keepdims": True}),
        ("sum(axis=0, x)", {"axis": 0}),
        ("sum(x, axis=null, keepdims=false)", {"axis": None, "keepdims": False}),
        ("sum(x, axis=None, keepdims=False,)", {"axis": None, "keepdims": False}),
        ("leaky_relu(x, alpha=-.1e0)", {"alpha": -0.1}),
        ("reshape(x, shape=[2, -1])", {"shape": (2, -1)}),
        ("reshape(x, shape=[])", {"shape": ()}),
        ('einsum(A, x, equation="ij,j->i")', {"equation": "ij,j->i"}),
        ("einsum(A, x, equation='ij,j->i')", {"equation": "ij,j->i"}),
        ("take(x, indices=[[0, 1], [1, 2]])", {"indices": ((0, 1), (1, 2))}),
        ("index(x, spec=[0, [1, null, 2]])", {"spec": (0, slice(1, None, 2))}),
        ("x[0]", {"spec": (0,)}),
        ("x[-1]", {"spec": (-1,)}),
        ("x[1:3, 0]", {"spec": (slice(1, 3), 0)}),
        ("x[:-1]", {"spec": (slice(None, -1),)}),
        ("x[1:]", {"spec": (slice(1, None),)}),
        ("x[::2]", {"spec": (slice(None, None, 2),)}),
        ("x[:,]", {"spec": (slice(None),)}),
        ("x[5:+1:-2, :]", {"spec": (slice(5, 1, -2), slice(None))}),
        ("x[::]", {"spec": (slice(None),)}),
    ],
)
def test_attributes_and_indices(text: str, given: dict[str, Any]) -> None:
    attributes = parse(text).attributes[0]
    assert {name: attributes[name] for name in given} == given


def test_whole_numbers_stay_whole_in_attributes() -> None:
    assert type(parse("sum(x, axis=1)").attributes[0]["axis"]) is int
    assert type(parse("var(x, ddof=-0)").attributes[0]["ddof"]) is int


def test_indices_apply_to_any_operand() -> None:
    assert nodes("(x + y)[0][1]") == [
        (None, "add", "x", "y"),
        (None, "index", "%1"),
        (None, "index", "%2"),
    ]
    assert parse("-x[0]**2").operations == ("index", "pow", "neg")
    assert parse("[1, 2][0]*sum(x)[1]").operations == ("index", "sum", "index", "mul")


# --- what cannot be understood ----------------------------------------------------------------


@table(
    "text, code, line, column, phrase",
    [
        ("foo(x)", "unknown_operation", 1, 1, "unknown operation 'foo'"),
        ("1 + tanhh(x)", "unknown_operation", 1, 5, "did you mean 'tanh'?"),
        ("ln(x)", "unknown_operation", 1, 1, "log(x)"),
        ("cot(x)", "unknown_operation", 1, 1, "1/tan(x)"),
        ("f(x)", "unknown_operation", 1, 1, "f*(...)"),
        ("pi(x + 1)", "unknown_operation", 1, 1, "pi*(...)"),
        ("rate = 2; rate(x)", "unknown_operation", 1, 11, "rate*(...)"),
        ("sin()", "wrong_arity", 1, 1, "sin takes 1 operand, not 0"),
        ("2*sin(x, y)", "wrong_arity", 1, 3, "not 2"),
        ("sin(x=2)", "wrong_arity", 1, 1, "operands are given without names"),
        ("sum(x, 0)", "wrong_arity", 1, 1, "axis=..."),
        ("max(x, y)", "wrong_arity", 1, 1, "maximum(x, y)"),
        ("log(x, 2)", "wrong_arity", 1, 1, "log(x)/log(b)"),
        ("add(x)", "wrong_arity", 1, 1, "at least 2"),
        ("sum(x, axes=0)", "unknown_attribute", 1, 8, "did you mean 'axis'?"),
        ("sin(x, axis=0)", "unknown_attribute", 1, 8, "axis"),
        ("sum(x, axis=0, axis=1)", "invalid_value", 1, 16, "given twice"),
        ("sum(x, axis=0.5)", "wrong_type", 1, 8, "axis"),
        ('sum(x, axis="a")', "wrong_type", 1, 8, "the string 'a'"),
        ("sum(x, axis=n)", "wrong_type", 1, 13, "written out"),
        ("sum(x, axis=-n)", "wrong_type", 1, 13, "written out"),
        ("sum(x, axis=[0, n])", "wrong_type", 1, 17, "written out"),
        ("sum(x, axis=+n)", "wrong_type", 1, 14, "written out"),
        ("reshape(x)", "missing_member", 1, 1, "'shape'"),
        ("reshape(x, shape=[-1, -1])", "invalid_value", 1, 12, "at most one"),
        ("x[1.5]", "wrong_type", 1, 3, "a whole number, not 1.5"),
        ("x[0, i]", "wrong_type", 1, 6, "whole number or a slice"),
        ("x[:n]", "wrong_type", 1, 4, "whole number or a slice"),
        ("x[x > 0]", "wrong_type", 1, 5, "where(c, x, y)"),
        ("x[[0, 2]]", "wrong_type", 1, 3, "take(x, indices=[0, 2])"),
        ("x[None]", "wrong_type", 1, 3, "expand_dims"),
        ("x[::0]", "invalid_value", 1, 2, "step 0"),
        ("x[99999999999999999999]", "wrong_type", 1, 3, "whole number"),
        ("[x, y]", "not_a_number", 1, 2, "stack(a, b)"),
        ("sum([1, 2*x])", "not_a_number", 1, 10, "stack(a, b)"),
        ("[1, true]", "not_a_number", 1, 1, "found true, at [1]"),
        ('["a"]', "not_a_number", 1, 1, "the string 'a'"),
        ("x + [[1, 2], [3]]", "ragged_tensor", 1, 5, "not rectangular"),
        ("1e999*x", "invalid_value", 1, 1, "infinity is written inf"),
        ("[1, -1e999]", "invalid_value", 1, 5, "infinity is written inf"),
        ("b = a + a\nb = b*2\nb", "duplicate_id", 2, 1, "'b' already names a value, in line 1"),
        ("x = x + 1", "name_clash", 1, 1, "its own definition"),
        ("y = e**2\ne = 3\ny*e", "unbound_name", 1, 5, "before line 2"),
        (f"{'n' * 257} = x", "invalid_value", 1, 1, "256 characters"),
        (f"x*{'n' * 257}", "invalid_value", 1, 3, "256 characters"),
    ],
)
def test_faults_of_meaning(text: str, code: str, line: int, column: int, phrase: str) -> None:
    fault = faults(text)[0]
    assert (fault.code, fault.path, fault.line, fault.column) == (code, (), line, column)
    assert phrase in fault.detail


def test_every_fault_of_meaning_is_found() -> None:
    text = "a = foo(x)\nb = sin(a, x)\nsum(b, axs=1) + [1, [2]] + x[k]"
    assert [(fault.code, fault.line) for fault in faults(text)] == [
        ("unknown_operation", 1),
        ("wrong_arity", 2),
        ("unknown_attribute", 3),
        ("ragged_tensor", 3),
        ("wrong_type", 3),
    ]


def test_faults_are_collected_up_to_the_limit() -> None:
    text = " + ".join(["foo(x)"] * 60)
    assert len(faults(text)) == 50
    assert len(faults(text, Limits(faults=7))) == 7


def test_text_that_cannot_be_parsed_has_one_fault() -> None:
    assert [fault.code for fault in faults("foo(x) + bar(y) +")] == ["syntax_error"]


def test_a_value_that_is_wrong_is_reported_once() -> None:
    assert len(faults("reshape(x, shape=n)")) == 1
    assert len(faults("sum(x, axis=foo(x))")) == 2  # the call, and that it is one


# --- limits and depth --------------------------------------------------------------------------


def test_a_text_over_the_limit_is_not_read() -> None:
    (fault,) = faults("x" * 11, Limits(expression=10))
    assert (fault.code, fault.line) == ("limit_exceeded", None)
    assert "11 characters" in fault.detail
    assert parse("x" * 10, Limits(expression=10)).inputs == ("x" * 10,)


def test_limits_on_nodes_and_tensors() -> None:
    assert faults("x + x + x", Limits(nodes=1))[0].code == "limit_exceeded"
    assert faults("[1, 2, 3]", Limits(elements=2))[0].code == "limit_exceeded"
    assert faults("[" * 9 + "1" + "]" * 9)[0].code == "limit_exceeded"


@pytest.mark.slow
@pytest.mark.parametrize(
    "text, length",
    [
        pytest.param("(" * 49_000 + "x" + ")" * 49_000, 0, id="parentheses"),
        pytest.param("+".join(["x"] * 30_000), 29_999, id="sum"),
        pytest.param("-" * 20_000 + "x", 20_000, id="signs"),
        pytest.param("sin(" * 5_000 + "x" + ")" * 5_000, 5_000, id="calls"),
        pytest.param("**".join(["2"] * 30_000), 29_999, id="powers"),
        pytest.param("x" + "[0]" * 20_000, 20_000, id="indices"),
        pytest.param("2*(" * 20_000 + "x" + ")" * 20_000, 20_000, id="products in parentheses"),
        pytest.param("".join(f"t{k} = x;" for k in range(9_000)), 9_000, id="statements"),
        pytest.param(" " * 99_999 + "x", 0, id="spaces"),
    ],
)
def test_nothing_recurses(text: str, length: int) -> None:
    assert len(parse(text)) == length


EFFECT = "has no effect: it gives nothing a name, and is not the last"
ONE_FORMULA = "was that one formula with the {!r} that follows?"


@pytest.mark.parametrize(
    "text, line, column, said",
    [
        ("a*b\n- c", 1, 1, ["'a*b' " + EFFECT, ONE_FORMULA.format("-"), "in parentheses"]),
        ("a*b\n+ c", 1, 1, [ONE_FORMULA.format("+")]),
        ("a*b\n− c", 1, 1, [ONE_FORMULA.format("−")]),
        ("\n  a*b # so far\n\n  -c", 2, 3, ["'a*b' ", ONE_FORMULA.format("-")]),
        ("y = x;  x ; y", 1, 9, ["'x' " + EFFECT, "give it a name, as in y = 2*x"]),
        ("1; x", 1, 1, ["'1' "]),
        ("pi\nx", 1, 1, ["'pi' "]),
        ("[1, 2]; x", 1, 1, ["'[1, 2]' "]),
        ("(a\n + b)\n-c", 1, 1, ["'(a + b)' "]),
        ("u = x\nsin(u)\nv = u*2", 2, 1, ["'sin(u)' "]),
        ("# note\n;;\n x*y ;# more\n u = x", 3, 2, ["'x*y' "]),
    ],
)  # fmt: skip
def test_a_statement_without_effect_is_refused(
    text: str, line: int, column: int, said: list[str]
) -> None:
    (fault,) = faults(text)
    assert (fault.code, fault.line, fault.column) == ("syntax_error", line, column)
    for words in said:
        assert words in fault.detail


def test_every_statement_without_effect_is_told() -> None:
    found = faults("x; y = 2*x\ny\n-x\ny")
    assert [(fault.line, fault.column) for fault in found] == [(1, 1), (2, 1), (3, 1)]


@pytest.mark.parametrize(
    "text",
    ["(a*b\n- c)", "a*(b\n\n- c)", "sum(a\n- b)", "a*b - c\n", "\n\na*b;\n# end\n", "[1,\n2]"],
)
def test_one_formula_over_several_lines_is_one(text: str) -> None:
    assert parse(text).result is not None


def test_an_operator_that_begins_a_line_may_go_on_with_the_one_before() -> None:
    (fault,) = faults("a\n* b")
    assert "missing before '*'; to go on in another line, put the whole" in fault.detail


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    ["(" * 99_999, "[" * 99_999, "sin(" * 20_000, "-" * 99_999, "[" * 40_000 + "1" + "]" * 40_000],
)
def test_no_fault_recurses(text: str) -> None:
    assert len(faults(text)) == 1


# --- the parser ---------------------------------------------------------------------------------


def test_every_alternative_of_the_grammar_has_its_callback() -> None:
    callbacks = _PARSER.parser.parser_conf.callbacks
    unhandled = {
        rule.origin.name
        for rule, callback in callbacks.items()
        if getattr(callback, "func", None) is Tree or getattr(callback, "args", None)
    }
    assert unhandled <= {"start", "statements", "$root_start"}


def test_threads_do_not_disturb_each_other() -> None:
    texts = [" + ".join(f"{name}{k}*sin({name})" for k in range(40)) for name in "abcdefgh"]
    expected = [parse(text).leaves for text in texts]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            graphs = list(pool.map(parse, texts * 4))
    finally:
        sys.setswitchinterval(interval)
    assert [graph.leaves for graph in graphs] == expected * 4


def test_nothing_is_kept_of_a_text_that_was_read() -> None:
    for text in ("x + 1", "x +", "foo(x)"):
        with contextlib.suppress(ExpressionError):
            parse(text)
        assert vars(_READER) == {}


_PIECES = st.sampled_from(
    [
        *"()[]{},;:=+-*/^@<>!.|'\"#\n\r \t²√×−θ😀\x00\u200b\ud800$\\%&?~_",
        *["**", "<=", "==", "//", "..", ".5", "1", "2.5", "1e", "1e5", "0x", "[1,2]", "x[0]"],
        *["x", "y", "sin", "sum", "axis", "true", "null", "e", "not", "if", "lambda", "arc", "np"],
    ]
)


@settings(max_examples=160)
@given(st.one_of(st.text(max_size=20), st.lists(_PIECES, max_size=12).map("".join)))
def test_any_text_is_read_or_explained(text: str) -> None:
    try:
        graph = parse(text)
    except ExpressionError as error:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for fault in error.faults:
            assert fault.line is not None
            assert fault.column is not None
            assert 1 <= fault.line <= len(lines)
            assert 1 <= fault.column <= max(1, len(lines[fault.line - 1]) + 1)
            assert fault.detail.isprintable()
            assert not set(fault.detail.split()) & {terminal.name for terminal in _PARSER.terminals}
            fault.detail.encode()
    else:
        assert graph.result is not None


def test_the_lexer_loses_nothing() -> None:
    text = "a1 + θ_2*[.5,'s'] // ² # end\n ;x!"
    pieces = [(token.start_pos, token.value) for token in _LEXER.tokens(text)]
    assert all(text.startswith(piece, start) for start, piece in pieces)
    assert "".join(piece for _, piece in pieces).replace(" ", "") == text.replace(
        "# end", ""
    ).replace(" ", "")
