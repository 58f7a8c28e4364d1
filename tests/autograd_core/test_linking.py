"""Every name of a graph or a call means something, or a fault says which does not."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from autograd_core import (
    ArgumentError,
    Fault,
    Graph,
    GraphError,
    InvalidError,
    Limits,
    evaluate,
    gradient,
    jacobian,
    jvp,
    parse,
    read_nodes,
    vjp,
)

TWO_SINKS = [
    {"id": "p", "op": "exp", "args": ["x"]},
    {"id": "q", "op": "neg", "args": ["x"]},
]


def faults_of(call: Callable[[], Any], kind: type[InvalidError]) -> tuple[Fault, ...]:
    with pytest.raises(InvalidError) as caught:
        call()
    assert type(caught.value) is kind
    return caught.value.faults


def test_every_unbound_name_of_a_node_list_is_listed_at_its_operand() -> None:
    nodes = [
        {"id": "s", "op": "add", "args": ["wieght", 1, "bias"]},
        {"id": "t", "op": "mul", "args": ["s", "wieght"]},
    ]
    faults = faults_of(lambda: evaluate(read_nodes(nodes), {"weight": 1.0}), GraphError)
    assert [(fault.code, fault.path) for fault in faults] == [
        ("unbound_name", ("nodes", 0, "args", 0)),
        ("unbound_name", ("nodes", 0, "args", 2)),
        ("unbound_name", ("nodes", 1, "args", 1)),
    ]
    assert "did you mean 'weight'?" in faults[0].detail


def test_a_reader_that_knows_what_is_bound_finds_what_a_call_would() -> None:
    """Unbound names and clashes, in the same words and places."""
    nodes = [
        {"id": "a", "op": "exp", "args": ["wieght"]},
        {"id": "bias", "op": "add", "args": ["a", {"op": "neg", "args": ["sinx"]}]},
    ]
    bound = {"weight": 1.0, "bias": 2.0}
    at_once = faults_of(lambda: read_nodes(nodes, bound), GraphError)
    assert at_once == faults_of(lambda: evaluate(read_nodes(nodes), bound), GraphError)
    assert [fault.detail for fault in at_once] == [
        "'bias' names a node and is also the name of a binding",
        "nothing is called 'wieght'; did you mean 'weight'?",
        "nothing is called 'sinx'",
    ]


@pytest.mark.parametrize("faulty", [[1, [2]], {"shape": []}, {"op": "exp", "args": [1]}])
def test_a_faulty_operand_keeps_its_place_before_an_unbound_name(faulty: Any) -> None:
    nodes = [{"id": "a", "op": "add", "args": [faulty, "y"]}]
    faults = faults_of(lambda: read_nodes(nodes, ["x"], Limits(depth=0)), GraphError)
    assert faults[-1].code == "unbound_name"
    assert faults[-1].path == ("nodes", 0, "args", 1)


def test_every_unbound_name_of_a_text_is_listed_at_its_first_use() -> None:
    text = "(a*thta + b\n- thta)"
    faults = faults_of(lambda: evaluate(parse(text), {"theta": 1.0}), GraphError)
    assert [(fault.code, fault.line, fault.column) for fault in faults] == [
        ("unbound_name", 1, 2),
        ("unbound_name", 1, 4),
        ("unbound_name", 1, 11),
    ]
    assert "did you mean 'theta'?" in faults[1].detail


def test_a_text_that_is_nothing_but_an_unbound_name() -> None:
    (fault,) = faults_of(lambda: evaluate(parse("y"), {"x": 1.0}), GraphError)
    assert fault.code == "unbound_name"
    assert "'y'" in fault.detail


def test_a_name_with_a_default_may_be_left_unbound() -> None:
    assert evaluate(parse("2*pi"), {}).values["value"] == 6.283185307179586
    assert evaluate(parse("2*pi"), {"pi": 3.0}).values["value"] == 6.0


def test_an_unbound_name_that_the_output_does_not_need_is_still_a_fault() -> None:
    graph = read_nodes([*TWO_SINKS, {"id": "r", "op": "sin", "args": ["nobody"]}])
    (fault,) = faults_of(lambda: gradient(graph, {"x": 1.0}, output="p"), GraphError)
    assert fault.code == "unbound_name"


def test_a_binding_with_the_name_of_a_node_clashes() -> None:
    graph = read_nodes(TWO_SINKS)
    (fault,) = faults_of(lambda: evaluate(graph, {"x": 1.0, "q": 2.0}), GraphError)
    assert (fault.code, fault.path) == ("name_clash", ("nodes", 1, "id"))


def test_no_more_faults_than_the_limit() -> None:
    graph = read_nodes([{"id": "s", "op": "add", "args": [f"x{k}" for k in range(200)]}])
    assert len(faults_of(lambda: evaluate(graph, {}), GraphError)) == 50
    few = Limits(faults=7)
    assert len(faults_of(lambda: evaluate(graph, {}, limits=few), GraphError)) == 7


@pytest.mark.parametrize(
    "arguments, path",
    [
        ({"output": "r"}, ("output",)),
        ({"output": "p", "wrt": ["x", "r"]}, ("wrt", 1)),
        ({"output": "p", "mapped": ["r"]}, ("mapped", 0)),
        ({"output": ""}, ("output",)),
    ],
)
def test_a_call_that_names_nothing(arguments: dict[str, Any], path: tuple[str | int, ...]) -> None:
    graph = read_nodes(TWO_SINKS)
    (fault,) = faults_of(lambda: gradient(graph, {"x": 1.0}, **arguments), ArgumentError)
    assert (fault.code, fault.path) == ("unknown_name", path)


def test_every_unknown_wrt_is_listed_with_the_closest_name() -> None:
    graph = parse("alpha*beta")
    bindings = {"alpha": 1.0, "beta": 2.0}
    faults = faults_of(
        lambda: gradient(graph, bindings, wrt=["alhpa", "beta", "bta"]), ArgumentError
    )
    assert [fault.path for fault in faults] == [("wrt", 0), ("wrt", 2)]
    assert "did you mean 'alpha'?" in faults[0].detail
    assert "did you mean 'beta'?" in faults[1].detail


def test_every_unknown_output_is_listed() -> None:
    graph = read_nodes(TWO_SINKS)
    outputs = ["p", "r", "x", "s"]
    faults = faults_of(lambda: evaluate(graph, {"x": 1.0}, outputs=outputs), ArgumentError)
    assert [(fault.code, fault.path) for fault in faults] == [
        ("unknown_name", ("outputs", 1)),
        ("unknown_name", ("outputs", 3)),
    ]


def test_nodes_without_an_id_answer_to_the_names_they_are_given() -> None:
    graph = parse("exp(x) + sin(x)")
    assert evaluate(graph, {"x": 0.0}, outputs=["%1", "%2", "%3"]).values == {
        "%1": 1.0,
        "%2": 0.0,
        "%3": 1.0,
    }


def test_an_output_that_could_be_several_has_to_be_named() -> None:
    graph = read_nodes(TWO_SINKS)
    (fault,) = faults_of(lambda: gradient(graph, {"x": 1.0}), ArgumentError)
    assert (fault.code, fault.path) == ("ambiguous_output", ())
    assert "'p', 'q'" in fault.detail


def test_many_sinks_are_not_all_listed() -> None:
    nodes = [{"id": f"n{k}", "op": "neg", "args": ["x"]} for k in range(40)]
    (fault,) = faults_of(lambda: evaluate(read_nodes(nodes), {"x": 1.0}), ArgumentError)
    assert "40 nodes" in fault.detail
    assert "and 35 more" in fault.detail


@pytest.mark.parametrize("graph", [read_nodes([])])
def test_a_graph_without_nodes_has_no_default_output(graph: Graph) -> None:
    (fault,) = faults_of(lambda: evaluate(graph, {"x": 1.0}), ArgumentError)
    assert fault.code == "ambiguous_output"
    assert evaluate(graph, {"x": 1.0}, outputs=["x"]).values == {"x": 1.0}


UNNAMED = parse("exp(x) + sin(x)")


def test_an_output_without_a_name_is_called_value() -> None:
    at = {"x": 0.0}
    assert evaluate(UNNAMED, at).values == {"value": 1.0}
    assert evaluate(UNNAMED, at, outputs=["value", "x"]).values == {"value": 1.0, "x": 0.0}
    assert jacobian(UNNAMED, at).blocks == {"value": {"x": 2.0}}
    assert jvp(UNNAMED, at, {"x": 3.0}).products == {"value": 6.0}
    assert vjp(UNNAMED, at, {"value": 3.0}).products == {"x": 6.0}
    assert gradient(UNNAMED, at, output="value").gradients == {"x": 2.0}
    assert evaluate(parse("2"), {}).values == {"value": 2.0}
    assert evaluate(parse("pi"), {}).values == {"pi": math.pi}
    assert evaluate(parse("x"), at).values == {"x": 0.0}


def test_what_is_called_value_is_not_the_output() -> None:
    product, at = parse("value*x"), {"value": 3.0, "x": 2.0}
    assert evaluate(product, at).values == {"value": 6.0}
    assert evaluate(product, at, outputs=["value"]).values == {"value": 3.0}
    assert vjp(product, at, {"value": 1.0}).products == {"value": 1.0, "x": 0.0}


def test_of_two_sinks_none_is_called_value() -> None:
    (fault,) = faults_of(
        lambda: evaluate(read_nodes(TWO_SINKS), {"x": 1.0}, outputs=["value"]), ArgumentError
    )
    assert (fault.code, fault.path) == ("unknown_name", ("outputs", 0))
