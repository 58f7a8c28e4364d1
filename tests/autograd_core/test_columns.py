"""Graphs as columns of numbers: read, written, and what is wrong with them."""

import base64
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from autograd_core import (
    GraphError,
    Limits,
    evaluate,
    gradient,
    hessian,
    parse,
    read_columns,
    read_nodes,
    to_columns,
)

# d = a*b + c
COLUMNS: dict[str, Any] = {
    "inputs": ["a", "b", "c"],
    "operations": ["mul", "add"],
    "opcodes": [0, 1],
    "operands": [0, 1, 3, 2],
}
AT = {"a": 2.0, "b": -3.0, "c": 10.0}


def packed(numbers: list[float], dtype: str) -> dict[str, str]:
    raw = np.array(numbers, dtype=np.dtype(dtype).newbyteorder("<")).tobytes()
    return {"base64": base64.b64encode(raw).decode(), "dtype": dtype}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"counts": [2, 2]},
        {"counts": packed([2, 2], "uint8")},
        {"opcodes": packed([0, 1], "uint8")},
        {"operands": packed([0, 1, 3, 2], "uint32"), "opcodes": packed([0, 1], "uint32")},
        {"operations": ["sub", "*", "+"], "opcodes": [1, 2]},
        {"constants": []},
    ],
)
def test_columns_are_the_same_function_as_nodes(change: dict[str, Any]) -> None:
    found = gradient(read_columns(COLUMNS | change), AT)
    assert (found.value, found.gradients) == (4.0, {"a": -3.0, "b": 2.0, "c": 1.0})


@pytest.mark.parametrize("constants", [[0.5, "Infinity"], packed([0.5, np.inf], "float64")])
def test_constants_are_numbered_after_the_inputs(constants: Any) -> None:
    graph = read_columns(
        {
            "inputs": ["x"],
            "constants": constants,
            "operations": ["minimum", "mul"],
            "opcodes": [0, 1],
            "operands": [0, 2, 3, 1],
        }
    )
    assert gradient(graph, {"x": 3.0}).gradients == {"x": 0.5}


def test_nodes_are_called_by_their_number() -> None:
    graph = read_columns(
        {
            "inputs": ["x"],
            "operations": ["exp", "neg", "add"],
            "opcodes": [1, 0, 2],
            "operands": [0, 0, 2, 1],
        }
    )
    # In the order evaluated exp would come first.
    found = evaluate(graph, {"x": 0.0}, outputs=["%1", "%2", "%3", "value"])
    assert found.values == {"%1": 0.0, "%2": 1.0, "%3": 1.0, "value": 1.0}
    assert tuple(graph.names) == ("%1", "%2", "%3")
    assert graph.names[-1] == "%3"
    assert graph.names[1:] == ("%2", "%3")
    assert dict(graph.codes) == {"x": -1, "%1": 0, "%2": 1, "%3": 2}
    assert len(graph.codes) == 4


@pytest.mark.parametrize("name", ["%0", "%01", "%4", "%", "%-1", "%1.0", "%٣", "%" + "9" * 30])
def test_other_names_are_no_nodes(name: str) -> None:
    assert name not in read_columns(COLUMNS).codes
    assert name not in read_columns(COLUMNS).names


def test_an_operation_may_take_more_operands_than_its_least() -> None:
    columns = COLUMNS | {"operations": ["add"], "opcodes": [0], "operands": [0, 1, 2, 0]}
    assert evaluate(read_columns(columns | {"counts": [4]}), AT).values == {"value": 11.0}


FAULTS: list[tuple[dict[str, Any], str, tuple[str | int, ...]]] = [
    ({"opcodes": [0, 2]}, "invalid_value", ("opcodes", 1)),
    ({"opcodes": [0, -1]}, "invalid_value", ("opcodes", 1)),
    ({"opcodes": [0, 1.5]}, "wrong_type", ("opcodes", 1)),
    ({"opcodes": [True, 1]}, "wrong_type", ("opcodes", 0)),
    ({"opcodes": [0, 10**30]}, "invalid_value", ("opcodes", 1)),
    ({"opcodes": "01"}, "wrong_type", ("opcodes",)),
    ({"operands": [0, 1, 4, 2]}, "invalid_value", ("operands", 2)),
    ({"operands": [0, 1, 3, 9]}, "invalid_value", ("operands", 3)),
    ({"operands": [3, 1, 3, 2]}, "invalid_value", ("operands", 0)),
    ({"operands": [0, 1, 3]}, "wrong_arity", ("operands",)),
    ({"operands": packed([0, 1, 3], "uint8")}, "wrong_arity", ("operands",)),
    ({"operands": {"base64": "AA", "dtype": "uint8"}}, "invalid_value", ("operands", "base64")),
    ({"operands": {"base64": "AAAA", "dtype": "uint32"}}, "invalid_value", ("operands", "base64")),
    ({"operands": packed([0, 1, 3, 2], "float64")}, "invalid_value", ("operands", "dtype")),
    ({"operands": {"base64": "AAAA"}}, "wrong_type", ("operands",)),
    ({"operands": {"base64": 1, "dtype": "uint8"}}, "wrong_type", ("operands",)),
    ({"operations": ["mull", "add"]}, "unknown_operation", ("operations", 0)),
    ({"operations": ["mul", 7]}, "wrong_type", ("operations", 1)),
    ({"operations": ["mul", "sum"]}, "invalid_value", ("operations", 1)),
    ({"operations": ["leaky_relu", "add"]}, "invalid_value", ("operations", 0)),
    ({"operations": ["mse", "add"]}, "invalid_value", ("operations", 0)),
    ({"counts": [2]}, "shape_mismatch", ("counts",)),
    ({"counts": [3, 1]}, "wrong_arity", ("counts", 1)),
    ({"operations": ["exp", "add"], "counts": [2, 2]}, "wrong_arity", ("counts", 0)),
    ({"constants": ["x"]}, "not_a_number", ("constants", 0)),
    ({"constants": [[1.0]]}, "not_a_number", ("constants",)),
    ({"constants": packed([1], "uint8")}, "invalid_value", ("constants", "dtype")),
    ({"inputs": ["a", "a", "c"]}, "duplicate_id", ("inputs", 1)),
    ({"inputs": ["a", "b", "%2"]}, "name_clash", ("inputs", 2)),
    ({"inputs": ["a", "", "c"]}, "invalid_value", ("inputs", 1)),
    ({"inputs": ["a", 1, "c"]}, "wrong_type", ("inputs", 1)),
    ({"inputs": ["a", "b", "d"]}, "unbound_name", ("inputs", 2)),
    ({"opcode": [0, 1]}, "unknown_member", ("opcode",)),
]


@pytest.mark.parametrize("change, code, path", FAULTS, ids=[str(row[0]) for row in FAULTS])
def test_a_fault_says_where(change: dict[str, Any], code: str, path: tuple[str | int, ...]) -> None:
    with pytest.raises(GraphError) as caught:
        read_columns(COLUMNS | change, AT.keys() | {"%2"})
    assert [(fault.code, fault.path) for fault in caught.value.faults] == [
        (code, ("columns", *path))
    ]


@pytest.mark.parametrize("missing", ["operations", "opcodes", "operands"])
def test_a_column_that_is_missing_is_named(missing: str) -> None:
    with pytest.raises(GraphError) as caught:
        read_columns({name: column for name, column in COLUMNS.items() if name != missing})
    (fault,) = caught.value.faults
    assert (fault.code, fault.path) == ("missing_member", ("columns", missing))


def test_faults_end_at_the_limit() -> None:
    with pytest.raises(GraphError) as caught:
        read_columns(COLUMNS | {"opcodes": [9] * 100}, limits=Limits(faults=7))
    assert len(caught.value.faults) == 7


@pytest.mark.parametrize("column", ["inputs", "operations", "opcodes", "counts"])
def test_a_column_has_at_most_as_many_entries_as_a_graph_nodes(column: str) -> None:
    long = [f"n{k}" for k in range(11)] if column == "inputs" else ["exp"] * 11
    if column in {"opcodes", "counts"}:
        long = [0] * 11  # type: ignore[list-item]  # whatever it holds
    with pytest.raises(GraphError) as caught:
        read_columns(COLUMNS | {column: long}, limits=Limits(nodes=10))
    (fault,) = caught.value.faults
    assert (fault.code, fault.path) == ("limit_exceeded", ("columns", column))


def test_columns_are_an_object() -> None:
    with pytest.raises(GraphError, match="an object of columns, not a list"):
        read_columns([])


TEXTS = ["a*b + c", "tanh(a*b + c)*2", "where(a > b, a**2, exp(-b))", "2*pi*a", "a - 0.0*b + -0.0"]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_written_reads_back(text: str) -> None:
    graph, at = parse(text), {name: AT[name] for name in "abc" if name in parse(text).inputs}
    again = read_columns(to_columns(graph), at)
    assert gradient(again, at).gradients == gradient(graph, at).gradients
    assert to_columns(again) == to_columns(graph)


@given(st.data())
def test_random_graphs_read_back(data: st.DataObject) -> None:
    rows = {"add": 2, "mul": 2, "sub": 2, "tanh": 1, "sin": 1, "atan2": 2}
    nodes: list[dict[str, Any]] = []
    for number in range(data.draw(st.integers(1, 12))):
        operation = data.draw(st.sampled_from(sorted(rows)))
        known = st.sampled_from(["a", "b", "c", *(f"n{k}" for k in range(number))])
        count = rows[operation]
        operands = data.draw(st.lists(known | st.floats(-2, 2), min_size=count, max_size=count))
        nodes.append({"id": f"n{number}", "op": operation, "args": operands})
    graph, last = read_nodes(nodes), f"%{len(nodes)}"
    again = read_columns(to_columns(graph))
    at = {name: AT[name] for name in graph.inputs}
    assert (
        hessian(again, at, output=last).blocks
        == hessian(graph, at, output=f"n{len(nodes) - 1}").blocks
    )


@pytest.mark.parametrize("text", ["sum(x)", "leaky_relu(x, alpha=0.5)", "x*[1, 2]", "mse(x, y)"])
def test_what_columns_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(GraphError, match="columns hold scalar operations"):
        to_columns(parse(text))


def test_a_long_chain_is_read_without_a_name_for_each_node() -> None:
    count = 100_000
    columns = {
        "inputs": ["x"],
        "operations": ["identity"],
        "opcodes": [0] * count,
        "operands": list(range(count)),
    }
    graph = read_columns(columns, {"x"})
    assert gradient(graph, {"x": 2.0}).gradients == {"x": 1.0}
    assert graph.names[count - 1] == f"%{count}"
