"""A graph written as text and read again is the same function."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from autograd_core.derivatives.gradient import evaluate
from autograd_core.graph import Graph
from autograd_core.graph_builder import GraphBuilder
from autograd_core.infix.expression import parse
from autograd_core.infix.formatting import format_expression
from autograd_core.limits import Limits
from autograd_core.nodes.node_list import read_nodes
from autograd_core.tensors import Array
from tests.tables import table


def meanings(graph: Graph, seen: dict[Any, int]) -> list[int]:
    """A number for every node: equal for nodes that do the same to the same operands.

    seen: what has been numbered so far, shared between the graphs to be compared.
    """
    numbers: list[int] = []
    for k, operation in enumerate(graph.operations):
        operands = tuple(
            numbers[code] if code >= 0 else spelled(graph.leaves[~code])
            for code in graph.operands_of(k)
        )
        attributes = repr(sorted(graph.attributes.get(k, {}).items()))
        numbers.append(seen.setdefault((operation, operands, attributes), len(seen)))
    return numbers


def result_of(graph: Graph, seen: dict[Any, int]) -> int | str:
    code = graph.result if graph.result is not None else graph.sinks[0]
    return meanings(graph, seen)[code] if code >= 0 else spelled(graph.leaves[~code])


def spelled(leaf: str | float | Array) -> str:
    """A leaf as text that differs wherever two leaves differ."""
    return leaf if isinstance(leaf, str) else repr(np.asarray(leaf).tolist())


def assert_same_function(one: Graph, other: Graph) -> None:
    seen: dict[Any, int] = {}
    assert result_of(one, seen) == result_of(other, seen)


@table(
    "text",
    [
        "3*x**2 - 4*x + 5",
        "-x**2",
        "(-x)**2",
        "(-2)**x",
        "-2**2",
        "2**-x",
        "2**-x**2",
        "(2**3)**2",
        "2**3**2",
        "(x**-y)**2",
        "x**-y*z",
        "x**-(a + b)",
        "x**(y < z)",
        "a - (b - c)",
        "a - b - c",
        "a/(b*c)",
        "a/b*c",
        "a*(b/c)",
        "(a + b)*(c - d)",
        "-(a + b)",
        "-a*b",
        "-(a*b)",
        "--x",
        "x - -y",
        "x - -3",
        "neg(3)",
        "neg(-3)*x",
        "-0.0*x",
        "-[1, 2]",
        "(a < b)*(b < c)",
        "(a == b) == c",
        "a + 1 >= b",
        "A @ x + y",
        "A @ (x*y)",
        "x*(y @ z)",
        "add(a, b, c)",
        "identity(x)",
        "identity(a*b)",
        "y = identity(a*b)",
        "y = x",
        "5",
        "-5",
        "x",
        "inf*x",
        "1e+300*x + 1e-05 + 0.1",
        "maximum(x, sin(-y))",
        "where(x > 0, sqrt(x), 0)",
        "sum(A @ x, axis=[0, 1], keepdims=true)",
        "sum(x)",
        "leaky_relu(x, alpha=0.1)",
        'einsum(A, x, equation="ij,j->i")',
        "take(x, indices=[[0, 1], [1, 2]])",
        "x[1:, 0][-1]",
        "(x + y)[::2]",
        "x[5:1:-2, :]",
        "[1, 2][0]",
        "index(x, spec=[])",
        "dot(x, [1, 2.5, -3])",
        "[[1, 2], [3, 4]] @ x",
        'x + [1, "NaN", "-Infinity", "Infinity"]',
        "[[], []] + x",
        "reshape([], shape=[0, 3])",
        "e = a*b\nd = e + c",
        "u = x*y\nu*u",
        "u = x\nv = u\nv + u",
        "u = x*y\nv = u + 1\nu",
        "θ = x*y\nθ + 1",
    ],
)
def test_well_written_text_is_written_back(text: str) -> None:
    graph = parse(text)
    assert format_expression(graph) == text
    assert_same_function(graph, parse(format_expression(graph)))


@pytest.mark.parametrize(
    "text, written",
    [
        ("x^2 + 1.0*y", "x**2 + 1*y"),
        ("((x)) + (y*2)", "x + y*2"),
        ("sum(x, axis=null, keepdims=false)", "sum(x)"),
        ("multiply(x, arcsin(y))", "x*asin(y)"),
        ("u = x*y; v = u + 1; v", "u = x*y\nv = u + 1"),
        ("y = x*2; y", "y = x*2"),
        ("(x + 1)*(x + 1)", "(x + 1)*(x + 1)"),
    ],
)
def test_other_text_is_tidied(text: str, written: str) -> None:
    assert format_expression(parse(text)) == written


def graph_of(*nodes: Mapping[str, Any]) -> Graph:
    return read_nodes(list(nodes))


def test_a_shared_node_without_an_id_gets_a_name() -> None:
    builder = GraphBuilder()
    product = builder.apply("mul", (builder.input("t1"), builder.input("y")))
    graph = builder.build(builder.apply("add", (product, product)))
    assert format_expression(graph) == "t2 = t1*y\nt2 + t2"


def test_ids_that_are_no_names_are_replaced() -> None:
    graph = graph_of(
        {"id": "my node", "op": "mul", "args": ["x", "y"]},
        {"id": "x²", "op": "add", "args": ["my node", 1]},
        {"id": "true", "op": "sin", "args": ["x²"]},
        {"id": "the end", "op": "mul", "args": ["true", "my node"]},
    )
    assert format_expression(graph) == "t1 = x*y\nt2 = t1 + 1\nt3 = sin(t2)\nt3*t1"


def test_inputs_that_cannot_be_spelled_are_explained() -> None:
    graph = graph_of({"op": "mul", "args": ["x 1", "e\u0301"]}, {"op": "sin", "args": ["x"]})
    assert format_expression(graph) == (
        "# t1 is the input 'x 1'\n# t2 is the input 'e\u0301'\nt3 = t1*t2\nsin(x)"
    )
    assert parse(format_expression(graph)).inputs == ("t1", "t2", "x")


def test_an_id_that_is_also_an_input_is_replaced() -> None:
    builder = GraphBuilder({"e": math.e})
    exponential = builder.apply("mul", (builder.input("e"), builder.input("x")), name="e")
    graph = builder.build(builder.apply("sin", (exponential,)))
    assert format_expression(graph) == "t1 = e*x\nsin(t1)"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("operation", ["mul", "pow", "sub"])
@pytest.mark.parametrize("name", ["x", "inf"])
def test_numbers_that_are_not_finite(number: float, operation: str, name: str) -> None:
    builder = GraphBuilder()
    codes = (builder.constant(number), builder.input(name))
    graph = builder.build(builder.apply(operation, codes))
    again = parse(format_expression(graph))
    for value in (-2.0, 3.0):
        expected = evaluate(graph, {name: value}).values["value"]
        found = list(evaluate(again, {name: value}).values.values())
        np.testing.assert_array_equal(found, [expected])


def test_a_graph_without_a_single_result_is_written_whole() -> None:
    graph = graph_of({"id": "u", "op": "sin", "args": ["x"]}, {"op": "mul", "args": ["x", "y"]})
    assert format_expression(graph) == "u = sin(x)\nx*y"
    assert format_expression(graph_of()) == ""


def test_the_result_comes_last() -> None:
    builder = GraphBuilder()
    x = builder.input("x")
    result = builder.apply("sin", (x,))
    builder.apply("cos", (x,))
    assert format_expression(builder.build(result)) == "t1 = cos(x)\nsin(x)"
    builder.apply("exp", (result,))
    assert format_expression(builder.build(result)) == (
        "t1 = sin(x)\nt2 = cos(x)\nt3 = exp(t1)\nt1"
    )


def test_a_tensor_without_elements_keeps_its_shape() -> None:
    builder = GraphBuilder()
    graph = builder.build(builder.apply("sum", (builder.constant(np.zeros((0, 3))),)))
    assert format_expression(graph) == "sum(reshape([], shape=[0, 3]))"


def test_quotes_in_text() -> None:
    builder = GraphBuilder()
    x = builder.input("x")
    graph = builder.build(builder.apply("einsum", (x,), {"equation": '"'}))
    assert format_expression(graph) == "einsum(x, equation='\"')"


@pytest.mark.slow
@pytest.mark.parametrize(
    "operation, length",
    [("sin", 100_000), ("neg", 20_000), ("add", 20_000), ("pow", 20_000), ("sub", 20_000)],
)
def test_long_chains(operation: str, length: int) -> None:
    builder = GraphBuilder()
    code = x = builder.input("x")
    for _ in range(length):
        operands = {"sin": (code,), "neg": (code,), "add": (code, x)}.get(operation, (x, code))
        code = builder.apply(operation, operands)
    graph = builder.build(code)
    text = format_expression(graph)
    assert max(len(line) for line in text.split("\n")) < 1_100
    assert_same_function(graph, parse(text, Limits(expression=10_000_000)))


UNARY = ("neg", "sin", "identity", "square")
BINARY = ("add", "sub", "mul", "div", "pow", "maximum", "gt", "eq", "matmul", "add")
NAMES = ("x", "y", "u", "e", "t1", "x y", "sin", "θ", "inf", "x²")
NUMBERS = (0.0, -0.0, 1.0, -1.0, 2.5, -0.1, 1e300, 5e-324, 1 / 3)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Small graphs with shared nodes, strange ids, and every kind of operand."""
    builder = GraphBuilder()
    names = list(draw(st.permutations(NAMES)))
    codes = [builder.input(names.pop()) for _ in range(2)]
    codes += [builder.constant(draw(st.sampled_from(NUMBERS))) for _ in range(2)]
    codes.append(builder.constant(np.array([[1.0, -2.5], [0.0, 1e-9]])))
    for _ in range(draw(st.integers(0, 12))):
        operation = draw(st.sampled_from((*UNARY, *BINARY, "where", "sum", "index")))
        count = 1 if operation in {*UNARY, "sum", "index"} else 2
        count = {"where": 3, "add": draw(st.integers(2, 4))}.get(operation, count)
        operands = [draw(st.sampled_from(codes)) for _ in range(count)]
        attributes = {
            "sum": {"axis": draw(st.sampled_from([None, 0, (0, -1)])), "keepdims": True},
            "index": {"spec": draw(st.sampled_from([(0,), (slice(None, -1), 1), ()]))},
        }.get(operation)
        name = names.pop() if names and draw(st.integers(0, 3)) == 0 else None
        codes.append(builder.apply(operation, operands, attributes, name))
    return builder.build(codes[-1])


@settings(max_examples=120)
@given(graphs())
def test_any_graph_is_read_back(graph: Graph) -> None:
    text = format_expression(graph)
    again = parse(text)
    renamed = {
        line.split()[1]: eval(line.split(" is the input ")[1])
        for line in text.split("\n")
        if line.startswith("#")
    }
    seen: dict[Any, int] = {}
    expected = result_of(graph, seen)
    leaves = tuple(
        renamed.get(leaf, leaf) if isinstance(leaf, str) else leaf for leaf in again.leaves
    )
    result = result_of(
        Graph(
            leaves,
            again.operations,
            again.offsets,
            again.operands,
            again.ids,
            again.attributes,
            result=again.result,
        ),
        seen,
    )
    if isinstance(expected, str):  # a leaf alone: a constant comes back inside a node
        assert spelled(leaves[0]) == expected
    else:
        assert result == expected
