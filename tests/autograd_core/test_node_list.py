"""JSON node lists: what they mean in any order and form, and every fault at its place."""

import itertools
import random
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from autograd_core import Fault, Graph, GraphError, Limits, evaluate, gradient, read_nodes
from tests.tables import table

README = [
    {"id": "e", "op": "mul", "args": ["a", "b"]},
    {"id": "d", "op": "add", "args": ["e", "c"]},
]
DEFAULT = Limits()
BOUND = {"a": 2.0, "b": -3.0, "c": 10.0}


def faults_of(nodes: Any, bound: Any = None, limits: Limits = DEFAULT) -> tuple[Fault, ...]:
    with pytest.raises(GraphError) as caught:
        read_nodes(nodes, bound, limits)
    return caught.value.faults


def value_of(graph: Graph, **bindings: Any) -> Any:
    (value,) = evaluate(graph, bindings).values.values()
    return value


def in_place(depth: int) -> dict[str, Any]:
    """x doubled `depth` + 1 times, every node but the outermost written inside another."""
    node: Any = "x"
    for _ in range(depth + 1):
        node = {"op": "add", "args": [node, node] if node == "x" else [node, 0]}
    return node


@pytest.mark.parametrize("nodes", [README, README[::-1], tuple(README)])
def test_nodes_come_in_any_order(nodes: Any) -> None:
    found = gradient(read_nodes(nodes, BOUND), BOUND)
    assert found.value == 4.0
    assert found.gradients == {"a": -3.0, "b": 2.0, "c": 1.0}


def test_an_operand_may_be_a_node_written_in_place() -> None:
    inner = {"op": "mul", "args": ["a", "b"]}
    graph = read_nodes([{"id": "d", "op": "add", "args": [inner, "c"]}])
    assert value_of(graph, **BOUND) == 4.0


def test_a_node_in_place_with_an_id_can_be_used_elsewhere() -> None:
    inner = {"id": "e", "op": "mul", "args": ["a", "b"]}
    nodes = [
        {"id": "out", "op": "add", "args": ["d", "e"]},
        {"id": "d", "op": "add", "args": [inner, "c"]},
    ]
    graph = read_nodes(nodes, BOUND)
    assert value_of(graph, **BOUND) == -2.0
    assert len(graph) == 3


def test_a_node_in_place_may_use_a_later_sibling_in_place() -> None:
    late = {"id": "p", "op": "square", "args": ["x"]}
    early = {"op": "neg", "args": ["p"]}
    graph = read_nodes([{"op": "add", "args": [early, late, 1]}])
    assert value_of(graph, x=3.0) == 1.0


def test_nodes_in_place_go_a_hundred_deep() -> None:
    assert value_of(read_nodes([in_place(100)]), x=1.5) == 3.0


def test_nodes_in_place_go_no_deeper() -> None:
    (fault,) = faults_of([in_place(101)])
    assert fault.code == "limit_exceeded"
    assert "100" in fault.detail
    assert fault.path == ("nodes", 0, *("args", 0) * 101)


@pytest.mark.parametrize(
    "constant, expected",
    [
        (3, 6.0),
        (2.5, 5.0),
        ([1, 2], [2.0, 4.0]),
        ([[1], [2]], [[2.0], [4.0]]),
        ({"shape": [2], "data": [1, -1]}, [2.0, -2.0]),
        ({"shape": [1], "base64": "AAAAAAAA8D8="}, [2.0]),
        (np.array([0.5, 4.0]), [1.0, 8.0]),
        (np.float32(0.25), 0.5),
    ],
)
def test_an_operand_may_be_a_constant(constant: Any, expected: Any) -> None:
    graph = read_nodes([{"op": "mul", "args": ["x", constant]}])
    np.testing.assert_array_equal(value_of(graph, x=2.0), expected)


@pytest.mark.parametrize("op", ["*", "mul", "multiply"])
def test_an_alias_is_the_operation(op: str) -> None:
    graph = read_nodes([{"id": "n", "op": op, "args": ["x", "y"]}])
    assert graph.operations == ("mul",)


def test_attributes_are_read_with_their_defaults() -> None:
    node = {"id": "s", "op": "sum", "args": ["x"], "attrs": {"axis": 0.0}}
    assert read_nodes([node]).nodes[0].attrs == {"axis": 0, "keepdims": False}


def test_no_nodes_are_a_graph() -> None:
    assert len(read_nodes([])) == 0


ADD = {"id": "s", "op": "add", "args": ["x", "y"]}


@table(
    "node, code, path, said",
    [
        (None, "wrong_type", (), "null"),
        ("x", "wrong_type", (), "'x'"),
        ([], "wrong_type", (), "a list"),
        ({**ADD, "op": 3}, "wrong_type", ("op",), "a number"),
        ({**ADD, "op": None}, "wrong_type", ("op",), "null"),
        ({"id": "s", "args": ["x"]}, "missing_member", (), "'op'"),
        ({**ADD, "op": "mull"}, "unknown_operation", ("op",), "did you mean 'mul'?"),
        ({**ADD, "op": "Add"}, "unknown_operation", ("op",), "did you mean 'add'?"),
        ({**ADD, "op": "ln"}, "unknown_operation", ("op",), "did you mean 'log'?"),
        ({**ADD, "op": ""}, "unknown_operation", ("op",), "''"),
        ({"id": "s", "op": "add"}, "missing_member", (), "list of operands"),
        ({**ADD, "args": "xy"}, "wrong_type", ("args",), "'xy'"),
        ({**ADD, "args": {}}, "wrong_type", ("args",), "an object"),
        ({**ADD, "args": None}, "wrong_type", ("args",), "null"),
        ({**ADD, "args": ["x"]}, "wrong_arity", ("args",), "at least 2 operands, not 1"),
        ({**ADD, "args": []}, "wrong_arity", ("args",), "not 0"),
        ({**ADD, "op": "sub", "args": ["x"] * 3}, "wrong_arity", ("args",), "2 operands, not 3"),
        ({**ADD, "op": "exp"}, "wrong_arity", ("args",), "takes 1 operand, not 2"),
        ({**ADD, "op": "where"}, "wrong_arity", ("args",), "3 operands"),
        ({**ADD, "args": ["x", None]}, "not_a_number", ("args", 1), "null"),
        ({**ADD, "args": [True, "x"]}, "not_a_number", ("args", 0), "true"),
        ({**ADD, "args": ["x", [1, None]]}, "not_a_number", ("args", 1, 1), "null"),
        ({**ADD, "args": ["x", [[1], []]]}, "ragged_tensor", ("args", 1), "rectangular"),
        ({**ADD, "args": ["x", 10**309]}, "not_a_number", ("args", 1), "too large"),
        ({**ADD, "args": ["x", {}]}, "missing_member", ("args", 1), "shape"),
        ({**ADD, "args": ["x", {"sahpe": 1}]}, "unknown_member", ("args", 1, "sahpe"), "'shape'"),
        (
            {**ADD, "args": ["x", {"shape": [2], "data": [1]}]},
            "shape_mismatch",
            ("args", 1, "data"),
            "1 values do not fill",
        ),
        ({**ADD, "args": ["x", {"op": "mul"}]}, "missing_member", ("args", 1), "'args'"),
        ({**ADD, "args": ["x", {"args": []}]}, "missing_member", ("args", 1), "'op'"),
        ({**ADD, "id": ""}, "invalid_value", ("id",), "1 to 256"),
        ({**ADD, "id": "a\nb"}, "invalid_value", ("id",), "control"),
        ({**ADD, "id": "x" * 257}, "invalid_value", ("id",), "257"),
        ({**ADD, "id": 7}, "wrong_type", ("id",), "a string"),
        ({**ADD, "id": None}, "wrong_type", ("id",), "a string"),
        ({**ADD, "attrs": 3}, "wrong_type", ("attrs",), "a number"),
        ({**ADD, "attrs": {"axis": 0}}, "unknown_attribute", ("attrs", "axis"), "takes none"),
        (
            {"op": "sum", "args": ["x"], "attrs": {"axes": 0}},
            "unknown_attribute",
            ("attrs", "axes"),
            "did you mean 'axis'?",
        ),
        ({"op": "sum", "args": ["x"], "attrs": {"axis": "0"}}, "wrong_type", ("attrs", "axis"), ""),
        (
            {"op": "sum", "args": ["x"], "attrs": {"keepdims": 1}},
            "wrong_type",
            ("attrs", "keepdims"),
            "true or false",
        ),
        ({"op": "einsum", "args": ["x"]}, "missing_member", ("attrs", "equation"), "needs"),
        (
            {"op": "reshape", "args": ["x"], "attrs": {"shape": [-1, -1]}},
            "invalid_value",
            ("attrs", "shape"),
            "at most one",
        ),
        ({**ADD, "name": "s"}, "unknown_member", ("name",), "'name'"),
        ({**ADD, "arsg": []}, "unknown_member", ("arsg",), "did you mean 'args'?"),
    ],
)
def test_every_fault_has_its_code_and_path(
    node: Any, code: str, path: tuple[str | int, ...], said: str
) -> None:
    faults = faults_of([README[0], node])
    assert [(fault.code, fault.path) for fault in faults] == [(code, ("nodes", 1, *path))]
    assert said in faults[0].detail


@pytest.mark.parametrize("nodes", [None, {}, "nodes", 3])
def test_what_is_not_a_list_is_no_node_list(nodes: Any) -> None:
    (fault,) = faults_of(nodes)
    assert (fault.code, fault.path) == ("wrong_type", ("nodes",))


def test_faults_in_a_node_in_place_have_the_whole_path() -> None:
    inner = {"op": "add", "args": ["x", {"op": "exq", "args": ["x"]}]}
    (fault,) = faults_of([{"op": "neg", "args": [inner]}])
    assert fault.path == ("nodes", 0, "args", 0, "args", 1, "op")


def test_duplicate_ids_are_refused_where_the_second_is_written() -> None:
    twin = {"id": "e", "op": "neg", "args": [{"id": "e", "op": "exp", "args": ["a"]}]}
    faults = faults_of([README[0], twin])
    paths = [("nodes", 1, "id"), ("nodes", 1, "args", 0, "id")]
    assert [(fault.code, fault.path) for fault in faults] == [
        ("duplicate_id", path) for path in paths
    ]


def test_an_id_that_is_also_a_binding_clashes() -> None:
    (fault,) = faults_of(README, {**BOUND, "e": 1.0})
    assert (fault.code, fault.path) == ("name_clash", ("nodes", 0, "id"))
    assert "'e'" in fault.detail


def test_every_use_of_an_unbound_name_is_a_fault_with_the_closest_name() -> None:
    nodes = [
        {"id": "total", "op": "add", "args": ["wieght", "bias"]},
        {"id": "out", "op": "mul", "args": ["totl", {"op": "neg", "args": ["wieght"]}]},
    ]
    faults = faults_of(nodes, {"weight", "bias"})
    assert [(fault.code, fault.path) for fault in faults] == [
        ("unbound_name", ("nodes", 0, "args", 0)),
        ("unbound_name", ("nodes", 1, "args", 0)),
        ("unbound_name", ("nodes", 1, "args", 1, "args", 0)),
    ]
    assert "did you mean 'weight'?" in faults[0].detail
    assert "did you mean 'total'?" in faults[1].detail


def test_without_bindings_every_free_name_is_an_input() -> None:
    assert set(read_nodes(README).inputs) == {"a", "b", "c"}


def test_unrelated_faults_are_reported_together() -> None:
    nodes = [{"id": "s", "op": "mull", "args": ["x"], "attr": {}}, {"id": "s", "op": "exp"}]
    found = {(fault.code, fault.path) for fault in faults_of(nodes, {"z"})}
    assert found == {
        ("unknown_operation", ("nodes", 0, "op")),
        ("unknown_member", ("nodes", 0, "attr")),
        ("duplicate_id", ("nodes", 1, "id")),
        ("missing_member", ("nodes", 1)),
        ("unbound_name", ("nodes", 0, "args", 0)),
    }


class Counted(Mapping[str, Any]):
    """A node that counts how many nodes have been looked at."""

    looked_at = 0

    def __init__(self, node: dict[str, Any]) -> None:
        self._node = node
        self._seen = False

    def __getitem__(self, member: str) -> Any:
        return self._node[member]

    def __iter__(self) -> Iterator[str]:
        return iter(self._node)

    def __len__(self) -> int:
        return len(self._node)

    def get(self, member: str, default: Any = None) -> Any:
        if not self._seen:
            self._seen = True
            Counted.looked_at += 1
        return self._node.get(member, default)


@pytest.mark.slow
def test_reading_stops_at_the_fiftieth_fault() -> None:
    Counted.looked_at = 0
    nodes = [Counted({"op": "nonsense", "args": ["x"]}) for _ in range(100_000)]
    assert len(faults_of(nodes)) == 50
    assert Counted.looked_at == 50


def test_unbound_names_stop_at_the_limit_too() -> None:
    nodes = [{"op": "neg", "args": [f"unknown{k}"]} for k in range(1_000)]
    assert len(faults_of(nodes, {"x"})) == 50


@pytest.mark.parametrize(
    "nodes",
    [
        [{"op": "neg", "args": ["x"]}] * 4,
        [{"op": "neg", "args": [{"op": "neg", "args": ["x"]}]}] * 2,
        [in_place(3)],
    ],
)
def test_the_number_of_nodes_is_a_limit_in_place_or_not(nodes: Any) -> None:
    (fault,) = faults_of(nodes, limits=Limits(nodes=3))
    assert (fault.code, fault.path) == ("limit_exceeded", ("nodes",))
    assert "3" in fault.detail


def test_as_many_nodes_as_the_limit_are_read() -> None:
    assert len(read_nodes([{"op": "neg", "args": ["x"]}] * 3, limits=Limits(nodes=3))) == 3
    assert len(read_nodes([in_place(2)], limits=Limits(nodes=3))) == 3


def ring(length: int) -> list[dict[str, Any]]:
    """n0 needs n1 needs ... needs n0."""
    return [{"id": f"n{k}", "op": "exp", "args": [f"n{(k + 1) % length}"]} for k in range(length)]


@pytest.mark.parametrize("length", [1, 2, 3, 12])
def test_a_cycle_is_named_from_end_to_end(length: int) -> None:
    (fault,) = faults_of(ring(length))
    assert fault.code == "cycle"
    names = fault.detail.removeprefix("a cycle: ").split(" needs ")
    assert names[0] == names[-1]
    if length < 12:
        assert len(names) == length + 1
        for node, needed in itertools.pairwise(names):
            assert int(needed[1:]) == (int(node[1:]) + 1) % length


def test_a_long_cycle_is_shown_by_its_two_ends() -> None:
    (fault,) = faults_of(ring(1_000))
    names = fault.detail.removeprefix("a cycle: ").split(" needs ")
    assert "..." in names
    assert len(names) < 20
    assert names[0] == names[-1]


def test_a_cycle_beside_the_output_is_still_refused() -> None:
    nodes = [*README, *ring(2), {"id": "use", "op": "neg", "args": ["n0"]}]
    (fault,) = faults_of(nodes, BOUND)
    assert fault.code == "cycle"
    assert fault.path[:2] in {("nodes", 2), ("nodes", 3)}


def test_the_nodes_that_lead_to_a_cycle_are_not_part_of_what_is_named() -> None:
    nodes = [{"id": "out", "op": "neg", "args": ["n0"]}, *ring(2)]
    (fault,) = faults_of(nodes)
    assert "out" not in fault.detail


def test_a_cycle_through_a_node_in_place() -> None:
    inner = {"op": "neg", "args": ["outer"]}
    (fault,) = faults_of([{"id": "outer", "op": "exp", "args": [inner]}])
    assert fault.code == "cycle"
    assert "outer" in fault.detail
    assert "a node in place" in fault.detail


@st.composite
def node_lists(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A random graph of smooth operations; the last node uses all that nothing else uses."""
    names, nodes = ["a", "b", "c"], []
    for k in range(draw(st.integers(2, 12))):
        op = draw(st.sampled_from(["add", "sub", "mul", "tanh", "sin", "sigmoid", "atan"]))
        binary = op in {"add", "sub", "mul"}
        recent = st.sampled_from(names[-6:])
        args: list[Any] = [draw(recent) for _ in range(2 if binary else 1)]
        if binary and draw(st.booleans()):
            args[draw(st.integers(0, 1))] = draw(st.floats(-2, 2))
        nodes.append({"id": f"n{k}", "op": op, "args": args})
        names.append(f"n{k}")
    return [*nodes, {"id": "out", "op": "add", "args": names}]


@pytest.mark.slow
@settings(max_examples=60)
@given(node_lists(), st.randoms(use_true_random=False))
def test_permuting_the_list_changes_no_bit(
    nodes: list[dict[str, Any]], shuffler: random.Random
) -> None:
    bindings = {"a": 0.7, "b": -1.3, "c": 2.1}
    shuffled = nodes.copy()
    shuffler.shuffle(shuffled)
    first, second = (
        gradient(read_nodes(each, bindings), bindings, output="out", trace=True)
        for each in (nodes, shuffled)
    )
    assert first.value.tobytes() == second.value.tobytes()
    for name, found in first.gradients.items():
        assert found.tobytes() == second.gradients[name].tobytes()
    assert first.nodes is not None
    assert second.nodes is not None
    assert [node.id for node in first.nodes] == [node.id for node in second.nodes]


def test_the_caller_s_list_is_left_alone() -> None:
    nodes = [{"op": "sum", "args": [{"op": "neg", "args": [[1, 2]]}], "attrs": {"axis": 0}}]
    before = repr(nodes)
    read_nodes(nodes)
    assert repr(nodes) == before
