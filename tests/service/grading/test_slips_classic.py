"""The classic case of every slip, by its code: in a gradient, in a formula, at a node of a pass.

Its code comes first; and where a slip has no such case, or there was none, nothing is said.
"""

from math import cos, exp, log, pi, radians, sin, tanh

import numpy as np
import pytest

from service.grading.concealing import HINTS
from tests.service.grading.graded import graded, of_formula

x = 0.4
AB = {"a": 2.5, "b": -3.1, "c": 10.0}
M = {"W": [[1.0, 2.0], [3.0, 4.5]], "x": [0.7, -1.2]}
H = np.array(M["W"]) @ np.array(M["x"]) + 0.5

GRADIENTS = [
    ("sign_flipped", "a*b + c", AB, {"a": 3.1}),
    ("sign_flipped", "3*x**2 - 4*x + 5", {"x": 3.0}, {"x": 22.0}),
    ("sign_flipped", "a*b + c", {"a": 2.0, "b": -3.0, "c": 10.0}, {"a": 3.0, "b": 2.0, "c": 1.0}),
    ("constant_factor", "x*y**2", {"x": 1.3, "y": 0.7}, {"x": 1.7 * 0.49, "y": 1.7 * 1.82}),
    ("constant_factor", "log(x)*y", {"x": 2.2, "y": 3.0}, {"x": 2 * 3 / 2.2}),
    ("swapped_inputs", "a*b + c", AB, {"a": 2.5, "b": -3.1, "c": 1.0}),
    ("value_not_gradient", "a*b + c", AB, {"a": 10 - 2.5 * 3.1}),
    ("overwritten_not_accumulated", "b = a + a; c = b + b; c", {"a": 3.0}, {"a": 2.0}),
    ("overwritten_not_accumulated", "x*x", {"x": 3.1}, {"x": 3.1}),
    ("missing_chain_factor", "sin(3*x)", {"x": x}, {"x": cos(3 * x)}),
    ("missing_chain_factor", "tanh(x**2)", {"x": 1.3}, {"x": 1 - tanh(1.69) ** 2}),
    ("local_not_total", "e = 3*x; f = sin(e); f*y", {"x": x, "y": 2.2}, {"x": 3 * cos(3 * x)}),
    ("dropped_path", "x**3 + sin(x) + exp(x)", {"x": x}, {"x": 3 * x * x + exp(x)}),
    ("gate_ignored", "relu(w*x)", {"w": -2.0, "x": 3.0}, {"w": 3.0}),
    ("gate_ignored", "where(x > 0, sin(x), x**3)", {"x": -x}, {"x": cos(x) + 3 * x * x}),
    ("gate_ignored", "maximum(x, y)*y", {"x": 1.3, "y": 2.7}, {"x": 2.7}),
    ("wrong_rule", "x*sin(x)", {"x": x}, {"x": cos(x)}),
    ("wrong_rule", "sin(x)/x", {"x": x}, {"x": (cos(x) * x + sin(x)) / x**2}),
    ("wrong_rule", "x**5", {"x": 1.7}, {"x": 5 * 1.7**5}),
    ("wrong_rule", "tanh(x)", {"x": x}, {"x": 1 - x * x}),
    ("wrong_rule", "y*cos(x) + x", {"x": x, "y": 2.0}, {"x": 2 * sin(x) + 1}),
    ("integrated_instead", "3*x**2 + x", {"x": 2.1}, {"x": 2.1**3 + 2.1**2 / 2}),
    ("differentiated_twice", "sin(2*x)", {"x": x}, {"x": -4 * sin(2 * x)}),
    ("wrong_variable", "x**2*y", {"x": 3.1, "y": 2.3}, {"x": 3.1**2}),
    ("degrees_for_radians", "sin(x)", {"x": 30.0}, {"x": cos(radians(30))}),
    ("degrees_for_radians", "sin(3*x)", {"x": x}, {"x": pi / 60 * cos(radians(1.2))}),
    ("transposed", "sum((W@x + 0.5)**2)", M, {"W": np.outer(M["x"], 2 * H).tolist()}),
    ("missing_broadcast_sum", "sum((W@x + b)**2)", M | {"b": 0.5}, {"b": (2 * H).tolist()}),
    ("finite_difference_estimate", "3*x**2 - 4*x + 5", {"x": 3.0}, {"x": 14.000299999999}),
    ("rounded", "exp(x)", {"x": 1.0}, {"x": 2.718}),
]  # fmt: skip
FORMULAS = [
    ("sign_flipped", "3*x**2 - 4*x + 5", "6x + 4"),
    ("sign_flipped", "x*exp(x)", "exp(x) - x exp(x)"),
    ("constant_factor", "x*exp(x)", "1.7(exp(x) + x exp(x))"),
    ("swapped_inputs", "x**2*y", None),  # of one formula it is the wrong variable
    ("value_not_gradient", "sin(3*x)", "sin(3x)"),
    ("overwritten_not_accumulated", "x*x", None),  # on paper, a path that is missing
    ("missing_chain_factor", "sin(3*x)", "cos(3x)"),
    ("missing_chain_factor", "sqrt(1 + x**2)", "1/(2sqrt(1 + x^2))"),
    ("local_not_total", "exp(sin(x))", "cos(x)"),
    ("dropped_path", "3*x**2 - 4*x + 5", "6x"),
    ("dropped_path", "x*sin(x)", "x cos(x)"),
    ("gate_ignored", "log(x)*relu(x - 1)", "relu(x - 1)/x + log(x)"),
    ("wrong_rule", "x*sin(x)", "cos(x)"),
    ("wrong_rule", "sin(x)/x", "(cos(x)*x + sin(x))/x^2"),
    ("wrong_rule", "sin(x)/x", "(sin(x) - cos(x)*x)/x^2"),
    ("wrong_rule", "x**3", "3x^3"),
    ("wrong_rule", "x**3", "x^2"),
    ("wrong_rule", "tanh(x)", "1 - x^2"),
    ("wrong_rule", "2**x", "x*2^(x - 1)"),
    ("wrong_rule", "x + 2*cos(x)**2", "1 + 4 sin(x)cos(x)"),
    ("integrated_instead", "3*x**2", "x^3"),
    ("integrated_instead", "exp(x) + 2", "exp(x) + 2x"),
    ("differentiated_twice", "x**3", "6x"),
    ("wrong_variable", "x**2*y", "x^2"),
    ("degrees_for_radians", "sin(3*x)", "3cos(3x*pi/180)"),
    ("transposed", "x", None),
    ("missing_broadcast_sum", "x", None),
    ("finite_difference_estimate", "x**2", None),
    ("rounded", "x**2", None),
]
PASS = "e = a*b; d = e + c; s = tanh(d); L = s*d; L"
AT = {"a": 0.5, "b": -0.7, "c": 1.1}
D = -0.35 + 1.1
TO_D = tanh(D) + D * (1 - tanh(D) ** 2)
NODES = [
    ("sign_flipped", "s", -D),
    ("value_not_gradient", "e", -0.35),
    ("overwritten_not_accumulated", "d", D * (1 - tanh(D) ** 2)),  # what came last
    ("dropped_path", "d", tanh(D)),
    ("missing_chain_factor", "s", 1.0),
    ("local_not_total", "d", tanh(D) + (1 - tanh(D) ** 2)),
    ("wrong_rule", "d", tanh(D) + D * (1 - D**2)),
    ("constant_factor", "d", 2 * TO_D),
    ("rounded", "d", float(f"{TO_D:.4g}")),
]


def first(diagnosis):
    return [each.code for each in diagnosis][:1]


@pytest.mark.parametrize("code, function, bindings, claims", GRADIENTS)
def test_a_gradient(code, function, bindings, claims):
    items = graded(function, bindings, {"gradients": claims}).items
    wrong = [each.judgement for each in items if each.judgement.verdict != "correct"]
    assert wrong
    for each in wrong:
        assert first(each.diagnosis) == [code], each


@pytest.mark.parametrize("code, function, claim", [row for row in FORMULAS if row[2]])
def test_a_formula(code, function, claim):
    found = of_formula(function, claim, notation="student", domain={"x": (0.3, 1.9)})
    assert first(found.diagnosis) == [code], found


@pytest.mark.parametrize("code, node, claim", NODES)
def test_a_node_of_a_backward_pass(code, node, claim):
    claims = {"nodes": {"L": {"gradient": 1.0}, node: {"gradient": claim}}}
    (item,) = [
        i for i in graded(PASS, AT, claims).items if i.judgement.claim == f"nodes/{node}/gradient"
    ]
    assert first(item.judgement.diagnosis) == [code], item


def test_every_code_has_a_classic_case():
    assert {row[0] for row in GRADIENTS} == set(HINTS)
    assert {row[0] for row in FORMULAS} == set(HINTS)


@pytest.mark.parametrize(
    "function, bindings, claims",
    [
        ("a*b + c", AB, {"a": -3.1, "b": 2.5, "c": 1.0}),  # right
        ("a*b + c", {"a": 2.0, "b": -3.0, "c": 10.0}, {"a": -2.7}),  # some ratio there always is
        ("a*b + c", {"a": 2.0, "b": -3.0, "c": 10.0}, {"a": 7.0, "b": 11.0, "c": 5.0}),
        ("exp(x)", {"x": 1.0}, {"x": 2.7}),  # two digits
        ("exp(3*x)", {"x": 0.2}, {"x": 0.0}),  # nothing
        ("log(x)", {"x": 2.5}, {"x": 1 / 2.5 + 0.001}),
    ],
)  # fmt: skip
def test_where_nothing_is_known_nothing_is_said(function, bindings, claims):
    items = graded(function, bindings, {"gradients": claims}).items
    assert [each.judgement.diagnosis for each in items] == [()] * len(claims)


@pytest.mark.parametrize(
    "function, claim",
    [
        ("exp(x) + 2", "e^x"),
        ("3*x**2 - 4*x + 5", "6x - 5"),
        ("sin(x)", "cos(x) + 0.01"),
        ("x**3", "0"),
    ],
)  # fmt: skip
def test_where_no_slip_gives_a_formula_nothing_is_said(function, claim):
    assert first(of_formula(function, claim, notation="student").diagnosis) == []


def test_a_log_to_base_ten_is_known():
    items = graded("log(x)", {"x": 2.0}, {"gradients": {"x": 0.5 / log(10)}}).items
    assert "constant_factor" in [each.code for each in items[0].judgement.diagnosis]
