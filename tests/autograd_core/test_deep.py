"""Graphs that are deep, wide or full of shared nodes: every walk is a loop.

Everything here runs with hardly any room on Python's stack.
"""

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    CheckOptions,
    Graph,
    GraphBuilder,
    GraphError,
    Limits,
    Value,
    derive,
    evaluate,
    gradient,
    laid_out,
    latex,
    mathjson,
    parse,
    read_nodes,
    write_nodes,
)
from autograd_core.engines import kernel
from autograd_core.infix.formatting import format_expression
from tests.autograd_core.curvature import Curvature

DEEP = 100_000
WIDE = 10_000


@pytest.fixture(autouse=True)
def shallow_stack() -> Iterator[None]:
    """Room for 120 more frames, where a walk that recursed would need 100,000."""
    kernel.warm()  # Numba's compiler is recursive
    depth, frame = 0, sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + 120)
    yield
    sys.setrecursionlimit(before)


def chain(length: int, step: str = "neg") -> list[dict[str, Any]]:
    nodes = [{"id": "n0", "op": step, "args": ["x"]}]
    nodes += [{"id": f"n{k}", "op": step, "args": [f"n{k - 1}"]} for k in range(1, length)]
    return nodes


def ladder(rungs: int) -> Graph:
    """x -> (a, b) -> (a', b') -> ...: twice as many paths with each rung."""
    builder = GraphBuilder()
    a = b = builder.input("x")
    half = builder.constant(0.5)
    for _ in range(rungs):
        a, b = builder.apply("mul", [half, builder.apply("add", [a, b])]), a
    return builder.build(result=a)


@pytest.mark.slow
@pytest.mark.parametrize("order", [1, -1])
def test_a_chain_as_a_node_list_from_either_end(order: int) -> None:
    graph = read_nodes(chain(DEEP)[::order], {"x"})
    found = gradient(graph, {"x": 3.0}, output=f"n{DEEP - 1}")
    assert found.value == 3.0
    assert found.gradients == {"x": 1.0}


@pytest.mark.slow
def test_a_chain_has_names_and_a_trace() -> None:
    unnamed = [{"op": "neg", "args": ["x"]}, {"op": "exp", "args": ["x"]}]
    assert read_nodes(chain(DEEP) + unnamed).names[-2:] == ("%1", "%2")
    graph = read_nodes(chain(10_000, "identity"))
    found = gradient(graph, {"x": 2.0}, trace=True)
    assert found.nodes is not None
    assert len(found.nodes) == 1 + 10_000
    assert {float(node.gradient) for node in found.nodes} == {1.0}


def test_a_chain_can_be_checked() -> None:
    report = gradient(read_nodes(chain(5_000)), {"x": 2.0}, check=CheckOptions()).check
    assert report is not None
    assert report.verdict == "pass"


def test_a_ladder_of_diamonds() -> None:
    """Every rung averages two numbers that are both x, so the slope stays 1."""
    found = gradient(ladder(50_000), {"x": 1.25})
    assert found.value == 1.25
    assert found.gradients["x"] == pytest.approx(1.0, abs=1e-10)


def test_doubling_a_thousand_times_is_exact() -> None:
    builder = GraphBuilder()
    code = builder.input("x")
    for _ in range(1_000):
        code = builder.apply("add", [code, code])
    found = gradient(builder.build(result=code), {"x": 1.0})
    assert found.gradients["x"] == found.value == 2.0**1_000


@pytest.mark.slow
def test_a_sum_of_ten_thousand_operands() -> None:
    names = [f"x{k}" for k in range(WIDE)]
    graph = read_nodes([{"id": "s", "op": "add", "args": names}])
    found = gradient(graph, dict.fromkeys(names, 1.0))
    assert found.value == WIDE
    assert set(map(float, found.gradients.values())) == {1.0}


def test_a_sum_that_uses_one_input_ten_thousand_times() -> None:
    graph = read_nodes([{"id": "s", "op": "add", "args": ["x"] * WIDE}])
    assert gradient(graph, {"x": 3.0}).gradients == {"x": WIDE}


@pytest.mark.slow
def test_ten_thousand_nodes_that_all_use_one() -> None:
    nodes: list[dict[str, Any]] = [{"id": "p", "op": "exp", "args": ["x"]}]
    nodes += [{"id": f"n{k}", "op": "neg", "args": ["p"]} for k in range(WIDE)]
    nodes.append({"id": "s", "op": "add", "args": [f"n{k}" for k in range(WIDE)]})
    assert gradient(read_nodes(nodes), {"x": 0.0}).gradients == {"x": -WIDE}


def test_nodes_in_place_a_thousand_deep_where_the_limit_allows() -> None:
    node: Any = "x"
    for _ in range(1_000):
        node = {"op": "neg", "args": [node]}
    with pytest.raises(GraphError, match="deeper than 100"):
        read_nodes([node])
    assert gradient(read_nodes([node], limits=Limits(depth=1_000)), {"x": 2.0}).value == 2.0


@pytest.mark.slow
def test_a_cycle_of_a_hundred_thousand_nodes_is_found() -> None:
    nodes = chain(DEEP)
    nodes[0]["args"] = [f"n{DEEP - 1}"]
    with pytest.raises(GraphError, match=r"a cycle: .* needs"):
        read_nodes(nodes)


def test_text_with_thousands_of_parentheses_and_operators() -> None:
    deep = "(" * 5_000 + "x" + ")" * 5_000
    assert evaluate(parse(deep + "*2"), {"x": 3.0}).values == {"value": 6.0}
    long = "+".join(["x"] * 20_000)
    assert gradient(parse(long), {"x": 1.0}).gradients == {"x": 20_000.0}
    assert gradient(parse("-" * 5_000 + "x"), {"x": 1.0}).gradients == {"x": 1.0}


def test_a_deep_graph_can_be_written_as_text() -> None:
    text = format_expression(read_nodes(chain(2_000)))
    assert gradient(parse(text), {"x": 1.0}).gradients == {"x": 1.0}


def test_values_a_hundred_thousand_deep() -> None:
    x = Value(1.0)
    y = x
    for _ in range(DEEP):
        y = y + 1
    y.backward()
    assert (y.data, x.grad) == (DEEP + 1.0, 1.0)
    del y  # letting go of a chain must not recurse either


def test_arrays_through_a_deep_chain() -> None:
    graph = read_nodes([*chain(10_000), {"id": "s", "op": "sum", "args": ["n9999"]}])
    found = gradient(graph, {"x": np.ones(3)})
    np.testing.assert_array_equal(found.gradients["x"], np.ones(3))


def test_mapped_points_through_a_deep_chain() -> None:
    found = gradient(read_nodes(chain(10_001)), {"x": [1.0, 2.0]}, mapped=["x"])
    np.testing.assert_array_equal(found.value, [-1.0, -2.0])
    np.testing.assert_array_equal(found.gradients["x"], [-1.0, -1.0])


def test_the_second_derivative_of_a_deep_chain() -> None:
    nodes = [*chain(10_000), {"id": "f", "op": "square", "args": ["n9999"]}]
    found = Curvature(read_nodes(nodes, ["x"]), {"x": 3.0})
    assert found.hessian("x", "x") == 2


# --- derivatives as formulas ------------------------------------------------------------


@pytest.mark.parametrize("step", ["neg", "sin", "relu"])
def test_formulas_of_deep_graphs(step: str) -> None:
    """Far deeper than the stack has room for, and not so deep that writing takes long."""
    found = derive(read_nodes(chain(4_000, step)))["x"]
    assert format_expression(laid_out(found))
    assert latex(found)
    assert mathjson(found)
    assert len(write_nodes(found)) == len(found)


def test_a_formula_of_many_paths_is_no_longer_than_its_graph() -> None:
    builder = GraphBuilder()
    a = b = builder.input("x")
    for _ in range(2_000):
        a, b = builder.apply("sin", [builder.apply("add", [a, b])]), a
    found = derive(builder.build(result=a))["x"]
    assert len(found) < 20 * 2_000
    assert len(format_expression(laid_out(found))) < 20 * len(found)


@pytest.mark.slow
def test_the_derivative_of_a_chain_of_20_000() -> None:
    assert len(derive(read_nodes(chain(20_000, "tanh")))["x"]) > 20_000
