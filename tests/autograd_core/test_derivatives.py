"""`gradient` and `evaluate`: numbers known from elsewhere, traces, and what is refused."""

import math
import time
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    ArgumentError,
    Deadline,
    DeadlineExceeded,
    GraphBuilder,
    GraphError,
    NodeTrace,
    evaluate,
    gradient,
    parse,
    read_nodes,
)

# The function of micrograd's README; the numbers are PyTorch's, as printed there.
MICROGRAD = """\
c1 = a + b
d1 = a*b + b**3
c2 = c1 + c1 + 1
c3 = c2 + 1 + c2 + (-a)
d2 = d1 + d1*2 + relu(b + a)
d3 = d2 + 3*d2 + relu(b - a)
e1 = c3 - d3
f = e1**2
f/2.0 + 10.0/f"""


def test_the_function_of_micrograd_s_readme() -> None:
    found = gradient(parse(MICROGRAD), {"a": -4.0, "b": 2.0})
    assert found.value == pytest.approx(24.70408163265306, rel=1e-15)
    assert found.gradients["a"] == pytest.approx(138.83381924198252, rel=1e-14)
    assert found.gradients["b"] == pytest.approx(645.5772594752186, rel=1e-14)


@pytest.mark.parametrize(
    "text, bindings, value, gradients",
    [
        ("a*b + c", {"a": 2, "b": -3, "c": 10}, 4, {"a": -3, "b": 2, "c": 1}),
        ("3*x**2 - 4*x + 5", {"x": 3}, 20, {"x": 14}),
        ("x + x", {"x": 3}, 6, {"x": 2}),
        ("x*x*x", {"x": 2}, 8, {"x": 12}),
        ("b = a + a; b + b", {"a": 1}, 4, {"a": 4}),
        ("x - x", {"x": 1e300}, 0, {"x": 0}),
        ("x/x", {"x": 3}, 1, {"x": 0}),
        ("x", {"x": 7}, 7, {"x": 1}),
        ("x", {"x": 7, "y": 1}, 7, {"x": 1, "y": 0}),
        ("2 + 3", {}, 5, {}),
        ("2 + 3", {"x": 1}, 5, {"x": 0}),
        ("x**0.5", {"x": 4}, 2, {"x": 0.25}),
        ("2**x", {"x": 3}, 8, {"x": 8 * math.log(2)}),
        ("x**x", {"x": 1}, 1, {"x": 1}),
        ("sum(v)", {"v": [1, 2, 3]}, 6, {"v": [1, 1, 1]}),
        ("sum(v*v)", {"v": [1, 2, 3]}, 14, {"v": [2, 4, 6]}),
        ("sum(v*s)", {"v": [1, 2, 3], "s": 2}, 12, {"v": [2, 2, 2], "s": 6}),
        ("v @ v", {"v": [3, 4]}, 25, {"v": [6, 8]}),
        (
            "u @ A @ v",
            {"u": [1, 2], "A": [[1, 2], [3, 4]], "v": [5, 6]},
            95,
            {"u": [17, 39], "A": [[5, 6], [10, 12]], "v": [7, 10]},
        ),
        ("sum(v)", {"v": []}, 0, {"v": []}),
        ("sum(v)", {"v": [[], []]}, 0, {"v": [[], []]}),
        ("v[1]", {"v": [1, 2, 3]}, 2, {"v": [0, 1, 0]}),
        ("prod(v)", {"v": [0, 2, 3]}, 0, {"v": [6, 0, 0]}),
        ("max(v)", {"v": [1, 5, 5]}, 5, {"v": [0, 0.5, 0.5]}),
        ("where(x > 0, sqrt(x), 0)", {"x": -1}, 0, {"x": 0}),
        ("stop_gradient(x)*x", {"x": 3}, 9, {"x": 3}),
    ],
)
def test_values_and_gradients_from_pencil_and_paper(
    text: str, bindings: dict[str, Any], value: float, gradients: dict[str, Any]
) -> None:
    found = gradient(parse(text), bindings)
    assert found.value == value
    assert list(found.gradients) == list(bindings)
    for name, expected in gradients.items():
        np.testing.assert_array_equal(found.gradients[name], expected, strict=False)
        assert np.shape(found.gradients[name]) == np.shape(bindings[name])
    assert found.warnings == ()


def test_results_are_binary64_whatever_was_bound() -> None:
    found = gradient(parse("sum(v)*x*n"), {"v": np.ones(2, np.float32), "x": 3, "n": np.int8(2)})
    assert found.value.dtype == np.float64
    assert {each.dtype for each in found.gradients.values()} == {np.dtype(np.float64)}
    assert float(found.value) == 12.0


def test_bindings_are_left_alone() -> None:
    v = np.array([1.0, 2.0])
    found = gradient(parse("sum(v*v) + sum(v)"), {"v": v})
    np.testing.assert_array_equal(v, [1.0, 2.0])
    np.testing.assert_array_equal(found.gradients["v"], [3.0, 5.0])


def test_wrt_chooses_inputs_and_nodes_in_the_order_given() -> None:
    found = gradient(parse("e = a*b; d = e + c; d*e"), {"a": 2, "b": -3, "c": 10}, wrt=["e", "a"])
    assert list(found.gradients) == ["e", "a"]
    assert found.gradients == {"e": -2.0, "a": 6.0}  # d + e = 4 - 6; times b


def test_wrt_twice_is_once() -> None:
    assert gradient(parse("x*x"), {"x": 3}, wrt=["x", "x"]).gradients == {"x": 6.0}


def test_wrt_nothing_is_nothing() -> None:
    found = gradient(parse("x*x"), {"x": 3}, wrt=[])
    assert (found.value, found.gradients) == (9.0, {})


def test_wrt_the_output_itself_is_one() -> None:
    assert gradient(parse("y = x*x; y"), {"x": 3}, wrt=["y", "x"]).gradients == {"y": 1.0, "x": 6.0}


def test_wrt_a_node_that_the_output_does_not_need_is_zero_in_its_shape() -> None:
    graph = parse("p = exp(v); q = sum(v); q")
    found = gradient(graph, {"v": [0.0, 1.0]}, output="q", wrt=["p", "v"])
    np.testing.assert_array_equal(found.gradients["p"], [0.0, 0.0])
    np.testing.assert_array_equal(found.gradients["v"], [1.0, 1.0])


def test_wrt_an_input_nobody_uses_is_zero_in_its_shape() -> None:
    found = gradient(parse("x*x"), {"x": 3, "w": [[1, 2]]}, wrt=["w"])
    np.testing.assert_array_equal(found.gradients["w"], [[0.0, 0.0]])


def test_the_output_may_be_an_input() -> None:
    found = gradient(parse("x*y"), {"x": 3, "y": 2, "z": 5}, output="z")
    assert (found.value, found.gradients) == (5.0, {"x": 0.0, "y": 0.0, "z": 1.0})


def test_the_output_may_be_a_node_in_the_middle() -> None:
    found = gradient(parse("p = x*x; exp(p)"), {"x": 3}, output="p")
    assert (found.value, found.gradients) == (9.0, {"x": 6.0})


def test_an_output_with_a_shape_is_refused_and_told_where_to_go() -> None:
    with pytest.raises(ArgumentError) as caught:
        gradient(parse("v*2"), {"v": [1, 2]})
    (fault,) = caught.value.faults
    assert (fault.code, fault.path) == ("non_scalar_output", ())
    for said in ("[2]", "ask jacobian", "vjp"):
        assert said in fault.sentence
    with pytest.raises(ArgumentError) as caught:
        gradient(parse("w = v*2; sum(w)"), {"v": [1, 2]}, output="w")
    assert caught.value.faults[0].path == ("output",)


def test_a_tensor_of_one_element_is_no_scalar() -> None:
    with pytest.raises(ArgumentError, match="reduce it"):
        gradient(parse("v*2"), {"v": [1]})


def test_bindings_that_are_not_tensors_are_all_reported() -> None:
    with pytest.raises(ArgumentError) as caught:
        gradient(parse("x*y"), {"x": None, "y": [1, "a"], "z": 1})
    assert [(fault.code, fault.path) for fault in caught.value.faults] == [
        ("not_a_number", ("bindings", "x")),
        ("not_a_number", ("bindings", "y", 1)),
    ]


def test_an_operand_whose_value_means_nothing_is_a_fault_at_its_node() -> None:
    nodes = [{"id": "loss", "op": "cross_entropy", "args": ["logits", "label"]}]
    graph = read_nodes(nodes)
    with pytest.raises(GraphError) as caught:
        gradient(graph, {"logits": [[0.1, 0.2]], "label": [5]})
    (fault,) = caught.value.faults
    assert (fault.code, fault.path) == ("invalid_value", ("nodes", 0))


# --- the trace -----------------------------------------------------------------------


def trace_of(text: str, **bindings: Any) -> dict[str, NodeTrace]:
    nodes = gradient(parse(text), bindings, trace=True).nodes
    assert nodes is not None
    return {node.id: node for node in nodes}


def test_the_trace_is_micrograd_s_picture_as_data() -> None:
    nodes = trace_of("e = a*b; d = e + c; d", a=2.0, b=-3.0, c=10.0)
    assert list(nodes) == ["a", "b", "c", "e", "d"]
    assert nodes["a"] == NodeTrace("a", "input", (), 2.0, -3.0)  # type: ignore[arg-type]
    assert nodes["e"] == NodeTrace("e", "mul", ("a", "b"), -6.0, 1.0, (-3.0, 2.0))  # type: ignore[arg-type]
    assert nodes["d"] == NodeTrace("d", "add", ("e", "c"), 4.0, 1.0, (1.0, 1.0))  # type: ignore[arg-type]


def test_there_is_no_trace_unless_asked_for() -> None:
    assert gradient(parse("x*x"), {"x": 3}).nodes is None


def test_a_square_has_an_edge_for_each_operand() -> None:
    node = trace_of("x*x", x=3.0)["%1"]
    assert (node.args, node.partials) == (("x", "x"), (3.0, 3.0))


def test_a_product_of_many_has_a_partial_for_each() -> None:
    builder = GraphBuilder()
    operands = [builder.input(name) for name in "abca"]
    graph = builder.build(result=builder.apply("mul", operands, name="p"))
    found = gradient(graph, {"a": 2.0, "b": 3.0, "c": 5.0}, trace=True)
    assert found.gradients == {"a": 60.0, "b": 20.0, "c": 12.0}
    assert found.nodes is not None
    assert found.nodes[-1].partials == (30.0, 20.0, 12.0, 30.0)


def test_nodes_without_a_name_and_constants_are_shown() -> None:
    node = trace_of("sin(x)*2", x=0.0)["%2"]
    assert node.args == ("%1", 2.0)
    assert node.gradient == 1.0


def test_a_node_that_nothing_flows_to_has_adjoint_zero() -> None:
    nodes = trace_of("g = x > 1; where(g, x, 5)", x=0.0)
    assert nodes["g"].gradient == 0.0
    assert nodes["%1"].partials == (0.0, 0.0, 1.0)


def test_array_operations_have_no_partials_and_adjoints_in_their_shape() -> None:
    nodes = trace_of("p = v*2; s = sum(p); s*s", v=[1.0, 2.0])
    np.testing.assert_array_equal(nodes["p"].value, [2.0, 4.0])
    np.testing.assert_array_equal(nodes["p"].gradient, [12.0, 12.0])
    assert nodes["p"].partials is None
    assert nodes["s"].partials is None
    assert nodes["%1"].partials == (6.0, 6.0)


def test_a_composite_operation_is_one_node_of_the_trace() -> None:
    nodes = trace_of("loss = mse(x, y); 3*loss", x=[1.0, 2.0], y=[1.0, 4.0])
    assert list(nodes) == ["x", "y", "loss", "%1"]
    assert (nodes["loss"].value, nodes["loss"].gradient) == (2.0, 3.0)
    assert nodes["loss"].partials is None


def test_attributes_do_not_disturb_partials() -> None:
    assert trace_of("leaky_relu(x, alpha=0.25)", x=-2.0)["%1"].partials == (0.25,)


def test_the_trace_changes_no_number() -> None:
    graph, bindings = parse(MICROGRAD), {"a": -4.0, "b": 2.0}
    traced = gradient(graph, bindings, trace=True)
    assert gradient(graph, bindings).gradients == traced.gradients


# --- evaluate, cost, deadline ---------------------------------------------------------


def test_evaluate_gives_values_by_name_of_any_shape() -> None:
    graph = parse("p = v*2; q = sum(p); q")
    found = evaluate(graph, {"v": [1, 2]}, outputs=["q", "p", "v"])
    assert list(found.values) == ["q", "p", "v"]
    np.testing.assert_array_equal(found.values["p"], [2.0, 4.0])
    assert found.values["q"] == 6.0
    assert list(evaluate(graph, {"v": [1, 2]}).values) == ["q"]


def test_evaluate_of_a_graph_that_is_one_input() -> None:
    assert evaluate(parse("x"), {"x": 3}).values == {"x": 3.0}


def test_evaluate_of_a_constant() -> None:
    (value,) = evaluate(parse("2.5"), {}).values.values()
    assert value == 2.5


def test_cost_counts_nodes_and_elements_computed_in_every_pass() -> None:
    graph, v = parse("sum(exp(v)*v)"), np.zeros(10)
    cost = evaluate(graph, {"v": v}).cost
    assert (cost.nodes, cost.operations) == (3, 30)
    cost = gradient(graph, {"v": v}).cost
    assert (cost.nodes, cost.operations) == (3, 90)


@pytest.mark.parametrize("seconds", [-1.0, -1e-6])
@pytest.mark.parametrize("call", [gradient, evaluate])
def test_a_deadline_that_is_over_stops_the_computation(call: Any, seconds: float) -> None:
    graph = parse("x*x")
    with pytest.raises(DeadlineExceeded):
        call(graph, {"x": 3}, deadline=Deadline(seconds))
    assert call(graph, {"x": 3}, deadline=Deadline(60.0))


@pytest.mark.parametrize("call", [gradient, evaluate])
def test_a_deadline_of_zero_is_over_by_the_first_node(call: Any) -> None:
    deadline = Deadline(0.0)
    time.sleep(0.001)
    with pytest.raises(DeadlineExceeded):
        call(parse("x*x"), {"x": 3}, deadline=deadline)


def test_a_deadline_may_fall_in_the_reverse_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(1_000))
    monkeypatch.setattr("time.monotonic", lambda: float(next(ticks)))
    graph = parse("exp(exp(sum(x)))")
    with pytest.raises(DeadlineExceeded):
        gradient(graph, {"x": 0.1}, deadline=Deadline(4.5))  # forward looks at the clock thrice
    gradient(graph, {"x": 0.1}, deadline=Deadline(7.5))


def test_a_graph_is_as_good_as_new_after_an_error() -> None:
    graph = parse("sum(x*y)")
    with pytest.raises(GraphError):
        gradient(graph, {"x": [1, 2], "y": [1, 2, 3]})
    with pytest.raises(GraphError):
        gradient(graph, {"x": [1, 2]})
    with pytest.raises(DeadlineExceeded):
        gradient(graph, {"x": [1, 2], "y": 3}, deadline=Deadline(-1))
    found = gradient(graph, {"x": [1, 2], "y": 3})
    assert found.gradients["y"] == 3.0


def test_one_graph_serves_shapes_of_every_rank() -> None:
    graph = parse("sum(x*y)")
    assert gradient(graph, {"x": 2, "y": 3}).gradients["x"] == 3.0
    np.testing.assert_array_equal(
        gradient(graph, {"x": [[1], [2]], "y": [3, 4]}).gradients["x"], [[7.0], [7.0]]
    )
