"""Slips in values, and in single steps of a backward pass that is claimed node by node.

A step is judged by what the student had before it: one that goes on rightly from a wrong number
is not wrong, and a wrong one tells its own slip.
"""

from math import radians, sin, tanh

import numpy as np
import pytest

from autograd_core import parse, read_nodes
from service.grading.reference import Reference
from service.grading.slips import diagnose_numbers

ABC = {"a": 2.0, "b": -3.0, "c": 10.0}
SQUARED = "e = a*b; f = e*e; L = f*c; L"
CURVED = "e = a*b; f = tanh(e); L = f*c; L"
SMALL = {"a": 0.5, "b": 0.7, "c": 2.0}


def codes(expression, bindings, claims, path):
    found = diagnose_numbers(Reference(parse(expression), bindings), claims, [path])
    return [each.code for each in found[path]]


@pytest.mark.parametrize(
    "claims, code",
    [
        ({"nodes/f/gradient": 1.0}, "missing_chain_factor"),
        ({"nodes/f/gradient": -10.0}, "sign_flipped"),
        ({"nodes/f/gradient": 36.0}, "value_not_gradient"),
        ({"nodes/e/gradient": -60.0}, "overwritten_not_accumulated"),
        ({"nodes/f/gradient": 4.0, "nodes/e/gradient": -24.0}, "overwritten_not_accumulated"),
        ({"nodes/f/gradient": 4.0, "nodes/e/gradient": 48.0}, "sign_flipped"),
    ],
)
def test_a_step_of_a_backward_pass(claims, code):
    path = list(claims)[-1]
    assert codes(SQUARED, ABC, claims, path)[:1] == [code]


def test_a_step_goes_on_from_the_students_own_numbers():
    claims = {"nodes/e/value": 0.4, "nodes/f/gradient": 3.0, "nodes/e/gradient": 3 * (1 - 0.4**2)}
    assert codes(CURVED, SMALL, claims, "nodes/e/gradient") == ["wrong_rule"]  # 1 - x**2
    claims["nodes/e/gradient"] = 1 - tanh(0.4) ** 2
    assert codes(CURVED, SMALL, claims, "nodes/e/gradient") == ["local_not_total"]


def test_an_inputs_gradient_goes_on_from_the_nodes():
    claims = {"nodes/e/gradient": 5.0, "gradients/a": 15.0}  # right: 5*b = -15
    assert codes(SQUARED, ABC, claims, "gradients/a")[:1] == ["sign_flipped"]


def test_a_slip_between_claimed_nodes_is_seen_from_the_truth():
    # d tanh(e)/de = 1 - e**2, at a node that was not claimed
    claims = {"nodes/e/gradient": 2 * (1 - 0.35**2), "gradients/a": 2 * (1 - 0.35**2) * 0.7}
    expression = "e = a*b; L = tanh(e)*c; L"
    found = diagnose_numbers(Reference(parse(expression), SMALL), claims, list(claims))
    assert {path: each[0].code for path, each in found.items()} == dict.fromkeys(
        claims, "wrong_rule"
    )


def test_names_of_nodes_may_have_any_characters():
    nodes = [
        {"id": "nodes/e/value", "op": "sin", "args": ["x"]},
        {"id": "L", "op": "mul", "args": ["nodes/e/value", 3]},
    ]
    reference = Reference(read_nodes(nodes), {"x": 0.3}, "L")
    path = "nodes/nodes/e/value/gradient"
    found = diagnose_numbers(reference, {path: -3.0, "nodes/L/value": 1.0}, [path])
    assert [each.code for each in found[path]][:1] == ["sign_flipped"]


@pytest.mark.parametrize(
    "expression, bindings, claim, code",
    [
        ("a*b + c", ABC, -4.0, "sign_flipped"),
        ("a - b*c", ABC, 7.0, None),
        ("a/b + c", ABC, 8.5, "swapped_inputs"),  # b/a
        ("a**3 - b", ABC, -29.0, "swapped_inputs"),  # a and b exchanged
        ("sin(a)*c", ABC, sin(radians(2)) * 10, "degrees_for_radians"),
        ("relu(b)*c**2 + a", ABC, -298.0, "gate_ignored"),
        ("a*b + c", ABC, -3.0, "value_not_gradient"),
        ("exp(a)", ABC, 7.389, "rounded"),
        ("exp(a)", ABC, 7.4, None),
        ("2*a*b + 5", ABC, -14.0, "constant_factor"),
    ],
)
def test_a_wrong_value(expression, bindings, claim, code):
    found = codes(expression, bindings, {"value": claim}, "value")
    assert found[:1] == ([] if code is None else [code])


def test_a_nodes_value_goes_on_from_its_operands():
    claims = {"nodes/e/value": 4.0, "nodes/f/value": 2.5}
    assert codes("e = a - b; f = e/c; f", ABC, claims, "nodes/f/value") == ["swapped_inputs"]


def test_of_an_output_with_a_shape_nothing_is_told():
    reference = Reference(parse("x*2"), {"x": 1.0}, None)
    assert diagnose_numbers(reference, {}, []) == {}
    shaped = Reference(parse("stack(x, x)"), {"x": 1.0})
    assert diagnose_numbers(shaped, {"value": 3.0}, ["value"]) == {"value": ()}


@pytest.mark.parametrize(
    "path, claim, code",
    [
        ("hessian/x/x", -4.0, "sign_flipped"),
        ("hessian/x/y", 3.05, "constant_factor"),
        ("hessian/x/x", 5.0, None),
        ("jacobian/value/x", -12.2, "sign_flipped"),
    ],
)
def test_a_block_of_a_matrix(path, claim, code):
    found = codes("x**2*y", {"x": 3.05, "y": 2.0}, {path: claim}, path)
    assert found[:1] == ([] if code is None else [code])


def test_a_jacobian_transposed():
    A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    reference = Reference(parse("y = A@x; y"), {"A": A, "x": np.ones(3)})
    found = diagnose_numbers(reference, {"jacobian/y/x": A.T}, ["jacobian/y/x"])
    assert [each.code for each in found["jacobian/y/x"]] == ["transposed"]


def test_an_input_with_a_shape_beside_scalars_that_is_claimed_as_a_node():
    bindings = {"x": 0.3, "idle": np.ones((2, 2))}
    claims = {"nodes/idle/value": -np.ones((2, 2))}
    found = diagnose_numbers(Reference(parse("sin(x)"), bindings), claims, list(claims))
    assert [each.code for each in found["nodes/idle/value"]] == ["sign_flipped"]
