"""The graph as data: views, names, order, and that nobody can change it."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from autograd_core import Graph, GraphBuilder, Node, Place, evaluate, gradient, parse, read_nodes
from autograd_core.graph import evaluation_order


def diamond() -> Graph:
    """p = x*x, q = -p, r = exp(p), s = q + r + 2."""
    builder = GraphBuilder()
    x = builder.input("x")
    p = builder.apply("mul", [x, x], name="p")
    q = builder.apply("neg", [p])
    r = builder.apply("exp", [p], name="r", place=Place(line=1, column=7))
    s = builder.apply("add", [q, r, builder.constant(2.0)])
    return builder.build(result=s)


def test_nodes_are_views_with_names_for_operands() -> None:
    nodes = diamond().nodes
    assert list(nodes) == [
        Node("p", "mul", ("x", "x")),
        Node(None, "neg", ("p",)),
        Node("r", "exp", ("p",)),
        Node(None, "add", ("%1", "r", 2.0)),
    ]


def test_the_views_are_a_sequence() -> None:
    nodes = diamond().nodes
    assert len(nodes) == 4
    assert nodes[-1] == nodes[3]
    assert nodes[1:3] == (nodes[1], nodes[2])
    assert nodes[0] in nodes
    with pytest.raises(IndexError):
        nodes[4]


def test_attributes_are_seen_through_a_view() -> None:
    graph = read_nodes([{"id": "s", "op": "sum", "args": ["x"], "attrs": {"axis": [0, 1]}}])
    assert graph.nodes[0].attrs == {"axis": (0, 1), "keepdims": False}


def test_nodes_without_an_id_are_numbered_in_the_order_evaluated() -> None:
    inner = {"op": "mul", "args": [{"op": "exp", "args": ["x"]}, {"op": "sin", "args": ["x"]}]}
    graph = read_nodes([{"op": "neg", "args": ["e"]}, {"id": "e", "op": "sqrt", "args": [inner]}])
    named = dict(zip(graph.operations, graph.names, strict=True))
    assert named == {"exp": "%1", "sin": "%2", "mul": "%3", "sqrt": "e", "neg": "%4"}


def test_a_name_that_is_taken_is_not_given_again() -> None:
    graph = read_nodes(
        [{"id": "%1", "op": "neg", "args": ["x"]}, {"op": "exp", "args": ["%1"]}],
    )
    assert sorted(graph.names) == ["%1", "%2"]


def test_names_reach_nodes_that_the_result_does_not_need() -> None:
    builder = GraphBuilder()
    x = builder.input("x")
    builder.apply("exp", [x])
    used = builder.apply("sin", [x])
    assert builder.build(result=used).names == ("%2", "%1")


def test_a_node_without_an_id_is_not_called_what_an_input_is() -> None:
    square = {"op": "mul", "args": ["%1", "%1"]}
    graph = read_nodes([{"op": "mul", "args": [square, {"op": "exp", "args": ["x"]}]}])
    assert sorted(graph.names) == ["%2", "%3", "%4"]
    assert gradient(graph, {"%1": 5.0, "x": 0.0}).gradients == {"%1": 10.0, "x": 25.0}


def test_an_unused_input_called_as_a_node_without_an_id_has_the_gradient_0() -> None:
    bindings = {"%1": 5.0, "x": 3.0}
    assert gradient(parse("x*x"), bindings).gradients == {"%1": 0.0, "x": 6.0}
    assert gradient(parse("x*x"), {"x": 3.0}, wrt=["%1"]).gradients == {"%1": 1.0}


def test_codes_find_nodes_and_inputs() -> None:
    graph = diamond()
    assert graph.codes == {"x": -1, "p": 0, "%1": 1, "r": 2, "%2": 3}
    assert graph.label(graph.codes["x"]) == "x"
    assert graph.label(graph.codes["r"]) == "r"


def test_inputs_come_in_order_of_first_use() -> None:
    nodes = [{"op": "add", "args": ["z", "y"]}, {"op": "mul", "args": ["y", "a"]}]
    assert read_nodes(nodes).inputs == ("z", "y", "a")


def test_sinks_are_the_nodes_that_no_other_uses() -> None:
    nodes = [
        {"id": "a", "op": "exp", "args": ["x"]},
        {"id": "b", "op": "sin", "args": ["a"]},
        {"id": "c", "op": "neg", "args": ["a"]},
    ]
    graph = read_nodes(nodes)
    assert [graph.names[number] for number in graph.sinks] == ["b", "c"]


def test_evaluation_order_is_depth_first_from_the_left_each_node_once() -> None:
    graph = diamond()
    assert evaluation_order(graph, [3]) == [0, 1, 2, 3]
    assert evaluation_order(graph, [2]) == [0, 2]
    assert evaluation_order(graph, [2, 1]) == [0, 2, 1]
    assert evaluation_order(graph, [-1]) == []
    assert evaluation_order(graph, []) == []


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Graph)])
def test_a_graph_cannot_be_changed(field: str) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(diamond(), field, None)


def test_a_node_cannot_be_changed() -> None:
    node: Any = diamond().nodes[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        node.op = "add"
    with pytest.raises(TypeError):
        node.attrs["axis"] = 0


def test_places_are_kept_where_they_are_known() -> None:
    graph = diamond()
    assert graph.place_of(2) == Place(line=1, column=7)
    assert graph.place_of(0) == Place()


def test_the_same_input_is_the_same_leaf() -> None:
    builder = GraphBuilder()
    assert builder.input("x") == builder.input("x")
    assert builder.input("y") != builder.input("x")


def test_equal_constants_share_a_leaf_and_zeros_of_two_signs_do_not() -> None:
    builder = GraphBuilder()
    assert builder.constant(0.1) == builder.constant(0.1)
    assert builder.constant(0.0) != builder.constant(-0.0)
    assert builder.constant(float("nan")) == builder.constant(float("nan"))
    ones = np.ones(2)
    assert builder.constant(ones) != builder.constant(ones)


def test_a_node_can_be_named_after_the_fact() -> None:
    builder = GraphBuilder()
    number = builder.apply("exp", [builder.input("x")])
    assert builder.id_of(number) is None
    builder.rename(number, "y")
    assert builder.id_of(number) == "y"
    assert len(builder) == 1
    assert builder.build().names == ("y",)


def test_a_builder_goes_on_after_build_and_the_graph_stays() -> None:
    builder = GraphBuilder()
    first = builder.apply("exp", [builder.input("x")], name="first")
    graph = builder.build(result=first)
    builder.apply("neg", [first, builder.input("y")], {"a": 1}, "second", Place(("p",)))
    assert graph.names == ("first",)
    assert graph.inputs == ("x",)
    assert evaluate(graph, {"x": 0.0}).values == {"first": 1.0}


def test_only_defaults_that_are_used_are_kept() -> None:
    builder = GraphBuilder(defaults={"pi": 3.0, "e": 2.0})
    result = builder.apply("neg", [builder.input("pi")])
    graph = builder.build(result=result)
    assert graph.defaults == {"pi": 3.0}
    assert evaluate(graph, {}).values == {"value": -3.0}
    assert evaluate(graph, {"pi": 5.0}).values == {"value": -5.0}
