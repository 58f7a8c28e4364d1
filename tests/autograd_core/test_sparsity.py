"""Sparsity patterns of tapes, against sets over the graph and against numbers."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from autograd_core.engines.sparsity.patterns import Pattern, hessian_pattern, jacobian_pattern
from autograd_core.operations.elementwise import TABLE
from tests.autograd_core.sparse_cases import (
    Nodes,
    Taped,
    arrow,
    band,
    named,
    random_nodes,
    taped,
)
from tests.tables import table

MANY = 10**9
Entries = set[tuple[int, int]]


def entries(pattern: Pattern | None) -> Entries:
    """Each entry, after a look at the form they are in."""
    assert pattern is not None
    assert pattern.indptr[0] == 0
    assert pattern.indptr[-1] == len(pattern)
    assert len(pattern.indptr) == pattern.shape[0] + 1
    for begin, end in itertools.pairwise(pattern.indptr.tolist()):
        assert (np.diff(pattern.indices[begin:end]) > 0).all()
    return set(zip(pattern.rows.tolist(), pattern.indices.tolist(), strict=True))


def jacobian(case: Taped, most: int = MANY) -> Pattern | None:
    return jacobian_pattern(case.tape, case.outputs, case.inputs, most)


def hessian(case: Taped, most: int = MANY) -> Pattern | None:
    return hessian_pattern(case.tape, int(case.outputs[0]), case.inputs, most)


# --- against sets over the graph ---------------------------------------------------------

# Which operands matter, and which pairs of them bend, written down by hand. The rest of the
# operations with one operand are smooth and bent.
STRAIGHT = {
    *("neg", "abs", "deg2rad", "rad2deg", "relu", "leaky_relu", "identity", "add", "sub"),
    *("maximum", "minimum", "mod", "where", "clip", "copysign"),
}
FLAT = {
    *("sign", "floor", "ceil", "round", "stop_gradient", "logical_not", "logical_and"),
    *("logical_or", "gt", "ge", "lt", "le", "eq", "ne"),
}
LIVE = {"where": (1, 2), "copysign": (0,)}


def structure(nodes: Nodes, names: list[str]) -> tuple[dict[str, set[int]], dict[str, Entries]]:
    """For every node, the inputs it depends on and the pairs that bend it, from the bottom up."""
    depends: dict[Any, set[int]] = {name: {k} for k, name in enumerate(names)}
    bent: dict[Any, Entries] = {}
    for node in nodes:
        op, args = node["op"], node["args"]
        live = () if op in FLAT else LIVE.get(op, range(len(args)))
        sets = [depends.get(args[at], set()) for at in live]
        depends[node["id"]] = set().union(*sets)
        pairs = set().union(*(bent.get(args[at], set()) for at in live))
        places = range(len(sets))
        for p, q in itertools.product(places, places):
            if op in STRAIGHT or (p == q and (op == "mul" or (op == "div" and p == 0))):
                continue
            pairs |= set(itertools.product(sets[p], sets[q]))
        bent[node["id"]] = pairs
    return depends, bent


@pytest.mark.slow
@settings(max_examples=120)
@given(random_nodes())
def test_patterns_are_what_sets_over_the_graph_say(nodes: Nodes) -> None:
    names = named(5)
    depends, bent = structure(nodes, names)
    ids = [node["id"] for node in nodes]
    expected = {(row, column) for row, name in enumerate(ids) for column in depends[name]}
    assert entries(jacobian(taped(nodes, names, ids))) == expected
    assert entries(hessian(taped(nodes, names))) == bent[ids[-1]]


@settings(max_examples=100)
@given(random_nodes(), st.sets(st.integers(0, 4), min_size=1))
def test_inputs_that_do_not_move_are_left_out(nodes: Nodes, moving: set[int]) -> None:
    names, columns = named(5), sorted(moving, reverse=True)
    case, ids = taped(nodes, names), [node["id"] for node in nodes]
    _, bent = structure(nodes, names)
    found = hessian_pattern(case.tape, int(case.outputs[0]), case.inputs[columns], MANY)
    expected = {(i, j) for i in range(len(columns)) for j in range(len(columns))
                if (columns[i], columns[j]) in bent[ids[-1]]}  # fmt: skip
    assert entries(found) == expected


@table("name", TABLE)
def test_every_operation_has_the_pattern_written_down_for_it(name: str) -> None:
    names = named(TABLE[name].arity[0])
    nodes = [{"id": "n0", "op": name, "args": names}]
    depends, bent = structure(nodes, names)
    assert entries(jacobian(taped(nodes, names))) == {(0, k) for k in depends["n0"]}
    assert entries(hessian(taped(nodes, names))) == bent["n0"]


# --- against numbers ---------------------------------------------------------------------

NUMBERS = st.one_of(
    st.floats(-3, 3, allow_subnormal=False),
    st.sampled_from([0.0, 1.0, -1.0, np.inf, -np.inf, np.nan]),
)
POINTS = st.lists(NUMBERS, min_size=5, max_size=5)


@pytest.mark.slow
@settings(max_examples=120)
@given(random_nodes(), POINTS)
def test_what_is_outside_of_a_pattern_is_exactly_0(nodes: Nodes, at: list[float]) -> None:
    case = taped(nodes, named(5), [node["id"] for node in nodes][::-1])
    found, dense = jacobian(case), case.tangents(at, np.eye(5)).T
    assert found is not None
    assert not dense[found.filled(np.ones(len(found))) == 0].any()
    found, dense = hessian(case), case.products(at, np.eye(5)).T
    assert found is not None
    assert not dense[found.filled(np.ones(len(found))) == 0].any()


# --- shapes ------------------------------------------------------------------------------


def mul(name: str, *args: Any) -> dict[str, Any]:
    return {"id": name, "op": "mul", "args": list(args)}


def node(name: str, op: str, *args: Any) -> dict[str, Any]:
    return {"id": name, "op": op, "args": list(args)}


@pytest.mark.parametrize(
    "nodes,expected",
    [
        ([mul("f", "x0", "x0")], {(0, 0)}),
        ([mul("f", "x0", "x1")], {(0, 1), (1, 0)}),
        ([mul("f", "x0", 3.0)], set()),
        ([node("f", "pow", "x0", "x1")], {(0, 0), (0, 1), (1, 0), (1, 1)}),
        ([node("f", "pow", "x0", 2.5)], {(0, 0)}),
        ([node("f", "pow", 2.5, "x1")], {(1, 1)}),
        ([node("f", "div", "x0", "x1")], {(0, 1), (1, 0), (1, 1)}),
        ([node("s", "add", "x0", "x1", 1.0), node("f", "square", "s")],
         {(0, 0), (0, 1), (1, 0), (1, 1)}),
        ([node("s", "add", "x0", "x0"), node("f", "sub", "s", "x1")], set()),
        ([node("s", "sin", "x0"), node("f", "stop_gradient", "s")], set()),
        ([node("s", "sin", "x0"), node("t", "sin", "x1"), node("f", "where", "s", "t", 0.0)],
         {(1, 1)}),
        ([node("s", "sin", "x0"), node("f", "identity", "x1")], set()),
    ],
)  # fmt: skip
def test_hessian_patterns_by_hand(nodes: Nodes, expected: Entries) -> None:
    assert entries(hessian(taped(nodes, named(2)))) == expected


def test_an_output_that_is_an_input_moves_by_itself() -> None:
    case = taped([node("f", "sin", "x0")], named(2), ["x1", "f", "x1"])
    assert entries(jacobian(case)) == {(0, 1), (1, 0), (2, 1)}
    assert entries(hessian(case)) == set()


def test_nothing_that_moves_makes_an_empty_pattern() -> None:
    case = taped([node("f", "sin", "x0")], named(1))
    for found in (
        jacobian_pattern(case.tape, case.outputs, [], MANY),
        hessian_pattern(case.tape, int(case.outputs[0]), [], MANY),
        jacobian_pattern(case.tape, [], case.inputs, MANY),
    ):
        assert found is not None
        assert len(found) == 0


def test_values_fill_a_matrix() -> None:
    pattern = Pattern((2, 3), np.array([0, 2, 3]), np.array([0, 2, 1], np.int32))
    assert pattern.filled(np.array([1.0, 2.0, 3.0])).tolist() == [[1, 0, 2], [0, 3, 0]]


# --- what it costs -----------------------------------------------------------------------


@pytest.mark.parametrize("nodes", [band(4_000, 3), arrow(4_000, 3_999)], ids=["band", "arrow"])
def test_looking_for_a_sparse_hessian_takes_linear_work(nodes: Nodes) -> None:
    case = taped(nodes, named(4_000))
    found = hessian(case, 120_000)  # 4,000 growing sums alone would be 8,000,000
    assert found is not None
    assert len(found) < 20_400


def test_a_long_sum_is_one_set() -> None:
    names = named(10_000)
    case = taped([node("s", "add", *names), node("f", "sin", "s")], names)
    assert len(jacobian(case, 10_000) or ()) == 10_000
    assert hessian(case, 1_000_000) is None


def test_layers_of_the_same_inputs_share_a_set() -> None:
    names, nodes = named(100), [node("t0", "add", *named(100))]
    nodes += [node(f"t{k + 1}", "sin", f"t{k}") for k in range(1_000)]
    found = hessian(taped(nodes, names), 200_000)  # a product a layer would be 10,000,000
    assert found is not None
    assert len(found) == 10_000


@pytest.mark.parametrize("sides", [("t", "t"), ("t", "x0", "t", "x1"), ("x0", "t", "x1", "t")])
def test_a_ladder_of_shared_sums_takes_linear_work(sides: tuple[str, ...]) -> None:
    """Each rung uses the one below twice: 2**30 ways lead down."""
    nodes = [node("t0", "mul", "x0", "x1")]
    for k in range(30):
        rung = [each.replace("t", f"t{k}") for each in sides]
        parts = rung if len(rung) == 2 else [f"a{k}", f"b{k}"]
        if len(rung) > 2:
            nodes += [node(f"a{k}", "add", *rung[:2]), node(f"b{k}", "add", *rung[2:])]
        nodes.append(node(f"t{k + 1}", "add", *parts))
    assert entries(jacobian(taped(nodes, ["x0", "x1"]), 300)) == {(0, 0), (0, 1)}


@pytest.mark.parametrize("most", [0, 10, 500, 3_000])
def test_too_much_work_is_said_to_be(most: int) -> None:
    names = named(100)
    products = [mul("t0", "x0", "x1")]
    products += [mul(f"t{k}", f"t{k - 1}", names[k + 1]) for k in range(1, 99)]
    assert hessian(taped(products, names), most) is None
    assert jacobian(taped(products, names, [each["id"] for each in products]), most) is None


def test_many_outputs_of_one_set_count() -> None:
    case = taped([node("s", "add", *named(100))], named(100), ["s"] * 100)
    assert jacobian(case, 9_999) is None
    assert len(jacobian(case, 10_000) or ()) == 10_000


def test_a_chain_of_100_000_nodes() -> None:
    nodes = [node(f"n{k}", "sin", f"n{k - 1}" if k else "x0") for k in range(100_000)]
    case = taped(nodes, named(2))
    assert entries(hessian(case)) == {(0, 0)}
    assert entries(jacobian(case)) == {(0, 0)}


def test_a_chain_of_100_000_sums_walks_without_recursion() -> None:
    nodes = [node(f"n{k}", "sub", f"x{k % 2}", f"n{k - 1}" if k else 1.0) for k in range(100_000)]
    case = taped([*nodes, node("f", "exp", "n99999")], named(2))
    assert entries(hessian(case)) == {(0, 0), (0, 1), (1, 0), (1, 1)}
