"""Rules on large arrays look at the clock on the way, as often as there is much to do.

Looks are counted and nothing is timed: pieces are made small instead of arrays large.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    DeadlineExceeded,
    GraphError,
    Limits,
    gradient,
    hvp,
    parse,
    read_nodes,
)
from autograd_core.compiling import compile_program
from autograd_core.limits import DEFAULT_LIMITS
from autograd_core.operations import TABLE, ArrayOperation, pieces
from autograd_core.operations.arrays import contractions, joining
from autograd_core.tensors import Array
from tests.autograd_core.counting_deadline import CountingDeadline
from tests.autograd_core.linearised import Linearised, attributes_of


def everything(name: str, operands: list[Array], attributes: Mapping[str, Any]) -> list[Array]:
    """Value, jvp, vjp and the tangent of the vjp."""
    linear = Linearised(name, operands, attributes)
    rng = np.random.default_rng(4)
    tangents = [rng.normal(size=np.shape(operand)) for operand in operands]
    cotangent = rng.normal(size=np.shape(linear.value))
    found = [linear.value, linear.jvp(*tangents), *linear.vjp(cotangent)]
    found += linear.vjp_tangents(cotangent, tangents)
    return [np.asarray(each) for each in found if each is not None]


def looks_of(compute: Callable[[], object]) -> int:
    deadline = CountingDeadline()
    with deadline.ambient():
        compute()
    return deadline.looks


# Stacks of matrices -----------------------------------------------------------------


def matrices(*stack: int) -> Array:
    """Positive definite, but for one of zeros and one that is not finite."""
    x = np.random.default_rng(3).normal(size=(*stack, 4, 4))
    x = x @ np.swapaxes(x, -1, -2) + np.eye(4)
    x.reshape(-1, 4, 4)[5] = 0
    x.reshape(-1, 4, 4)[-3, 0, 0] = np.inf
    return x


def right_sides(*stack: int) -> Array:
    return np.random.default_rng(5).normal(size=(*stack, 4, 3))


STACKS: dict[str, tuple[str, Callable[[int], list[Array]]]] = {
    "det": ("det", lambda count: [matrices(count)]),
    "det, two axes": ("det", lambda count: [matrices(3, count // 2)]),
    "logdet": ("logdet", lambda count: [matrices(count)]),
    "inv": ("inv", lambda count: [matrices(count)]),
    "cholesky": ("cholesky", lambda count: [matrices(count)]),
    "solve": ("solve", lambda count: [matrices(count), right_sides(count)]),
    "solve, one matrix": ("solve", lambda count: [matrices(8)[0], right_sides(count)]),
    "solve, one right side": ("solve", lambda count: [matrices(count), right_sides()]),
    "matmul": ("matmul", lambda count: [matrices(count), right_sides(count)]),
}
each_stack = pytest.mark.parametrize("name, made", STACKS.values(), ids=STACKS.keys())


@each_stack
def test_a_stack_in_pieces_is_the_whole(
    name: str, made: Callable[[int], list[Array]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE", 100)
    whole = everything(name, made(40), {})
    with CountingDeadline().ambient():
        found = everything(name, made(40), {})
    for piecewise, at_once in zip(found, whole, strict=True):
        assert piecewise.shape == at_once.shape
        np.testing.assert_allclose(piecewise, at_once, rtol=1e-12, atol=1e-12)


@each_stack
def test_more_matrices_are_more_looks(
    name: str, made: Callable[[int], list[Array]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE", 1_000)
    few, many = (
        looks_of(lambda count=count: everything(name, made(count), {}))  # type: ignore[misc]  # a default
        for count in (800, 1_600)
    )
    assert few >= 10
    assert many >= few + 10


@pytest.mark.parametrize("name", ["inv", "solve", "cholesky"])
def test_matrices_that_fail_are_looked_at_one_by_one(name: str) -> None:
    zeros = np.zeros((5_000, 1, 1))
    operands = [zeros, np.ones((1, 1))] if name == "solve" else [zeros]
    found = Linearised(name, operands)
    assert np.isnan(found.value).all()
    assert looks_of(lambda: Linearised(name, operands)) >= 5_000 // 1_024


def test_a_large_matrix_alone_is_looked_at_between_its_factorisations() -> None:
    linear = Linearised("det", [np.ones((3, 3))])
    assert looks_of(lambda: linear.vjp(1.0)) >= 2
    assert looks_of(lambda: linear.vjp_tangents(1.0, [np.eye(3)])) >= 1


@pytest.mark.parametrize("name", ["det", "logdet", "inv", "cholesky", "solve"])
def test_bounds_of_rounding_over_a_stack_come_in_pieces(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE", 100)
    operands = [matrices(40), right_sides(40)] if name == "solve" else [matrices(40)]
    row, attributes = TABLE[name], attributes_of(name, {})
    assert isinstance(row, ArrayOperation)
    with np.errstate(all="ignore"):
        value = row.value(operands, attributes)
        whole = row.value_error(operands, value, attributes)
        deadline = CountingDeadline()
        with deadline.ambient():
            found = row.value_error(operands, value, attributes)
    assert deadline.looks >= 6
    np.testing.assert_allclose(found, whole, rtol=1e-12)


# Reductions -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["prod", "std", "norm", "logsumexp", "softmax", "log_softmax"])
@pytest.mark.parametrize("last", [1.5, np.inf], ids=["finite", "infinite"])
def test_a_rule_of_many_sweeps_looks_between_them(
    name: str, last: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE", 3)
    x = np.resize([0.5, -1.0, 2.0, last], 64)
    linear = Linearised(name, [x])
    g = np.full(np.shape(linear.value), 0.7)
    assert looks_of(lambda: linear.vjp_tangents(g, [x])) >= 4


# Sums of products -------------------------------------------------------------------

EQUATIONS = ["ab,bc,ca,abc->", "ab,cb,db->acd", "a,a,a,a->a", "abc->ca", "aab->b"]


@pytest.mark.parametrize("equation", EQUATIONS)
def test_a_long_loop_over_products_is_halved(
    equation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = dict(zip("abcd", (5, 6, 5, 3), strict=True))
    rng = np.random.default_rng(6)
    subscripts = equation.split("->", maxsplit=1)[0].split(",")
    operands = [rng.normal(size=[lengths[letter] for letter in each]) for each in subscripts]
    attributes = {"equation": equation}
    whole = everything("einsum", operands, attributes)
    looks = looks_of(lambda: everything("einsum", operands, attributes))
    monkeypatch.setattr(contractions, "_AT_ONCE", 10)
    found = everything("einsum", operands, attributes)
    for piecewise, at_once in zip(found, whole, strict=True):
        np.testing.assert_allclose(piecewise, at_once, rtol=1e-12, atol=1e-13)
    assert looks_of(lambda: everything("einsum", operands, attributes)) > looks


def test_a_contraction_looks_before_each_step() -> None:
    chain = [np.eye(3)] * 12
    equation = "ab,bc,cd,de,ef,fg,gh,hi,ij,jk,kl,lm->am"
    assert looks_of(lambda: Linearised("einsum", chain, {"equation": equation})) >= 11


@pytest.mark.slow
def test_einsum_multiplies_as_many_operands_as_it_takes() -> None:
    equation = ",".join(["a"] * 60) + "->"
    graph = read_nodes([{"op": "einsum", "args": ["x"] * 60, "attrs": {"equation": equation}}])
    result = hvp(graph, {"x": [1.0, 1.0]}, {"x": [1.0, 0.0]})
    assert result.value == 2
    np.testing.assert_array_equal(result.gradients["x"], [60, 60])
    np.testing.assert_array_equal(result.products["x"], [60 * 59, 0])


def test_einsum_of_more_operands_is_refused() -> None:
    equation = ",".join(["a"] * 61) + "->"
    with pytest.raises(GraphError) as caught:
        read_nodes([{"op": "einsum", "args": ["x"] * 61, "attrs": {"equation": equation}}])
    (fault,) = caught.value.faults
    assert fault.code == "wrong_arity"
    assert fault.detail == "einsum takes 1 to 60 operands, not 61"


# Wide nodes -------------------------------------------------------------------------

WIDE = 20_000
WIDE_NODES: dict[str, dict[str, Any]] = {
    "a chain of sums": {"op": "add", "args": ["x"] * WIDE},
    "a chain of sums of numbers": {"op": "add", "args": ["x", *[1.5] * WIDE]},
    "operands joined": {"op": "concat", "args": ["x"] * WIDE},
    "operands stacked": {"op": "stack", "args": ["x"] * WIDE},
}


@pytest.mark.parametrize("node", WIDE_NODES.values(), ids=WIDE_NODES.keys())
def test_a_wide_node_is_compiled_with_looks(node: dict[str, Any]) -> None:
    """In the order of evaluation, for the slots of its operands, and for a chain's links."""
    graph = read_nodes([{"id": "y", **node}])
    deadline = CountingDeadline(looks=2 * WIDE // 1_024)
    with pytest.raises(DeadlineExceeded):
        compile_program(graph, {"x": (1,)}, [graph.codes["y"]], DEFAULT_LIMITS, deadline=deadline)


@pytest.mark.parametrize("op", ["concat", "stack"])
def test_many_operands_are_joined_a_part_at_a_time(op: str, monkeypatch: Any) -> None:
    operands = [np.array([[float(k), -float(k)]]) for k in range(100)]
    whole = Linearised(op, operands, {"axis": 1}).value
    monkeypatch.setattr(joining, "_AT_ONCE", 16)
    np.testing.assert_array_equal(Linearised(op, operands, {"axis": 1}).value, whole)
    assert looks_of(lambda: Linearised(op, operands, {"axis": 1})) == 7


def test_a_node_has_no_more_operands_than_a_graph_has_nodes() -> None:
    nodes = [{"id": "y", "op": "add", "args": ["x"] * 5}, {"op": "add", "args": ["y"] * 4}]
    with pytest.raises(GraphError) as caught:
        read_nodes(nodes, ["x"], Limits(nodes=4))
    (fault,) = caught.value.faults
    assert (fault.code, fault.path) == ("limit_exceeded", ("nodes", 0, "args"))
    assert fault.detail == "5 operands are over the limit of 4"


def test_the_order_of_evaluation_is_found_within_the_deadline() -> None:
    text = "x" + "+1" * WIDE
    graph, deadline = parse(text), CountingDeadline(looks=3)
    with deadline.ambient(), pytest.raises(DeadlineExceeded):
        _ = graph.names
    assert deadline.looks == 3


@pytest.mark.slow
def test_a_gradient_of_a_wide_node_ends_with_its_time() -> None:
    nodes = [{"id": "y", "op": "stack", "args": ["x"] * 300}, {"op": "sum", "args": ["y"]}]
    every = CountingDeadline()
    gradient(read_nodes(nodes), {"x": 1.0}, deadline=every)
    for looks in range(1, every.looks + 1):
        with pytest.raises(DeadlineExceeded):
            gradient(read_nodes(nodes), {"x": 1.0}, deadline=CountingDeadline(looks))
