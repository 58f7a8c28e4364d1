"""Slips in gradients of functions on arrays; the wrong gradients are put together by hand."""

import numpy as np
import pytest

from autograd_core import parse, read_nodes
from service.grading.reference import Reference
from service.grading.slips import diagnose_numbers

W = np.array([[1.0, 2.0], [3.0, 4.5]])
A = np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]])
x = np.array([0.7, -1.2])
y = np.array([1.0, 2.0, -3.0])
h = W @ x + 0.5


def codes(expression, bindings, name, claim, path=None):
    path = path or f"gradients/{name}"
    reference = Reference(parse(expression), bindings)
    found = diagnose_numbers(reference, {path: np.asarray(claim)}, [path])
    return [each.code for each in found[path]]


SQUARES = "sum((W@x + b)**2)"
BOUND = {"W": W, "x": x, "b": 0.5}


@pytest.mark.parametrize(
    "expression, bindings, name, claim, code",
    [
        (SQUARES, BOUND, "x", -W.T @ (2 * h), "sign_flipped"),
        (SQUARES, BOUND, "W", np.outer(x, 2 * h), "transposed"),
        (SQUARES, BOUND, "x", W @ (2 * h), "transposed"),
        (SQUARES, BOUND, "x", W.T @ h, "wrong_rule"),  # the exponent did not come down
        (SQUARES, BOUND, "x", W.T @ np.ones(2), "local_not_total"),
        (SQUARES, BOUND, "b", 2 * h, "missing_broadcast_sum"),
        (SQUARES, BOUND, "b", 2 * h[0], "missing_broadcast_sum"),
        (SQUARES, BOUND, "b", np.mean(2 * h), "missing_broadcast_sum"),
        ("sum(A@y)", {"A": A, "y": y}, "A", np.outer(y, np.ones(2)), "transposed"),
        ("mean((y - t)**2)", {"y": y, "t": y**2}, "y", 2 * (y - y**2), "wrong_rule"),
        ("mse(y, t)", {"y": y, "t": y**2}, "t", 2 * (y - y**2) / 3, "sign_flipped"),
        ("sum(y*y)", {"y": y}, "y", y, "overwritten_not_accumulated"),
        ("sum(sin(y)*y + y**3)", {"y": y}, "y", np.sin(y) + 3 * y**2, "dropped_path"),
        ("sum(relu(y)*y)", {"y": y}, "y", y + np.maximum(y, 0), "gate_ignored"),
        ("sum(maximum(y, t))", {"y": y, "t": y[::-1]}, "y", np.ones(3), "gate_ignored"),
        ("max(y*y)", {"y": y}, "y", 2 * y, "gate_ignored"),
        ("sum(tanh(y))", {"y": y}, "y", 1 - y**2, "wrong_rule"),
        ("norm(y)", {"y": y}, "y", y, "wrong_rule"),
        ("sum(y*t**2)", {"y": y, "t": y + 5}, "t", (y + 5) ** 2, "wrong_variable"),
        ("sum(exp(y))", {"y": y}, "y", 1.7 * np.exp(y), "constant_factor"),
        ("sum(exp(y))", {"y": y}, "y", np.round(np.exp(y), 4), "rounded"),
        ("sum(y**3)", {"y": y}, "y", ((y + 1e-3) ** 3 - y**3) / 1e-3, "finite_difference_estimate"),
        ("det(W)", {"W": W}, "W", np.linalg.det(W) * np.linalg.inv(W), "transposed"),
    ],
)
def test_the_slip_behind_a_wrong_gradient_is_named(expression, bindings, name, claim, code):
    assert code in codes(expression, bindings, name, claim)


@pytest.mark.parametrize(
    "claim", [[1.0, 2.0], [0.3, 0.4, 0.5, 0.6], 7.0, [[1.0, 2.0], [3.0, 4.0]], [np.nan, 1.0]]
)
def test_numbers_that_come_of_no_slip_tell_nothing(claim):
    assert codes(SQUARES, BOUND, "x", claim) == []


def test_one_wrong_entry_among_right_ones_may_have_a_sign_of_its_own():
    right = W.T @ (2 * h)
    assert codes(SQUARES, BOUND, "x", [right[0], -right[1]]) == ["sign_flipped"]


def test_two_gradients_exchanged():
    bindings = {"y": y, "t": y + 5}
    claims = {"gradients/y": 2 * y * (y + 5), "gradients/t": (y + 5) ** 2}
    found = diagnose_numbers(Reference(parse("sum(y*t**2)"), bindings), claims, list(claims))
    assert {each[0].code for each in found.values()} == {"swapped_inputs"}


def test_a_step_of_a_backward_pass_goes_on_from_the_students_own_numbers():
    expression, claimed = "h = W@x + b; r = relu(h); sum(r*r)", np.array([3.0, -1.0])
    reference = Reference(parse(expression), BOUND)
    claims = {
        "nodes/r/gradient": claimed,
        "nodes/h/gradient": claimed,  # as if no gate were shut
        "gradients/b": claimed,
    }
    found = diagnose_numbers(reference, claims, ["nodes/h/gradient", "gradients/b"])
    assert "gate_ignored" in [each.code for each in found["nodes/h/gradient"]]
    assert "missing_broadcast_sum" in [each.code for each in found["gradients/b"]]


def test_an_array_too_large_to_write_by_hand_is_compared_whole():
    large = np.linspace(-1.0, 1.0, 200_000)
    assert codes("sum(sin(y))", {"y": large}, "y", -np.cos(large)) == ["sign_flipped"]


def test_an_operand_may_be_an_array_written_in_the_graph_or_have_no_entries():
    nodes = [
        {"id": "p", "op": "mul", "args": ["y", [2.0, 3.0, -1.0]]},
        {"id": "q", "op": "mul", "args": ["s", "none"]},
        {"id": "r", "op": "sum", "args": ["q"]},
        {"id": "t", "op": "sum", "args": ["p"]},
        {"id": "L", "op": "add", "args": ["t", "r"]},
    ]
    bindings = {"y": y, "s": 2.0, "none": np.zeros((2, 0))}
    reference = Reference(read_nodes(nodes), bindings, "L")
    claims = {"gradients/y": np.array([-2.0, -3.0, 1.0]), "gradients/s": 1.5}
    found = diagnose_numbers(reference, claims, list(claims))
    assert [each.code for each in found["gradients/y"]][:1] == ["sign_flipped"]
    assert found["gradients/s"] == ()


def test_an_input_of_one_entry_is_no_number():
    reference = Reference(parse("sum(x)*b"), {"x": np.array([-2.0]), "b": 3.0})
    assert diagnose_numbers(reference, {"value": 7.7}, ["value"]) == {"value": ()}
