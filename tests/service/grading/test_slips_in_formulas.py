"""A wrong derivative formula tells which slip gave it, at all sampled points together."""

import numpy as np
import pytest

from autograd_core import parse
from service.grading.reference import Reference
from service.grading.slips import diagnose_formula

POINTS = np.array([0.31, 0.45, 0.52, 0.7, 0.83, 1.1, 1.24, 1.35, 1.5, 1.62])


def codes(function, claim, by="x", *, points=POINTS, bound=None):
    graph = parse(function)
    bound = bound or {}
    variables = [n for n in graph.inputs if n not in bound and n not in graph.defaults]
    given = {n: np.roll(points, k) for k, n in enumerate(variables)}
    found = diagnose_formula(Reference(graph, bound), by, parse(claim), given)
    return [each.code for each in found]


@pytest.mark.parametrize(
    "function, claim, code",
    [
        ("3*x**2 - 4*x + 5", "6*x + 4", "sign_flipped"),
        ("3*x**2 - 4*x + 5", "-(6*x - 4)", "sign_flipped"),
        ("3*x**2 - 4*x + 5", "6*x", "dropped_path"),
        ("3*x**2 - 4*x + 5", "3*x - 4", "wrong_rule"),
        ("3*x**2 - 4*x + 5", "6*x**2 - 4", "wrong_rule"),
        ("3*x**2 - 4*x + 5", "6*x - 4 + 5", "wrong_rule"),  # the constant was kept
        ("3*x**2 - 4*x + 5", "6*x - 4*x", "value_not_gradient"),
        ("3*x**2 - 4*x + 5", "6", "differentiated_twice"),
        ("3*x**2 - 4*x + 5", "x**3 - 2*x**2 + 5*x", "integrated_instead"),
        ("exp(x) + 2", "exp(x) + 2*x", "integrated_instead"),
        ("3*x**2", "x**3 + 7", "integrated_instead"),  # whatever the constant
        ("exp(2*x)", "exp(2*x)/2", "integrated_instead"),
        ("5*exp(5*x)*5", "5*exp(5*x)", "integrated_instead"),
        ("sin(3*x)", "cos(3*x)", "missing_chain_factor"),
        ("sqrt(1 + x**2)", "1/(2*sqrt(1 + x**2))", "missing_chain_factor"),
        ("sin(3*x)", "3*cos(pi/180*3*x)", "degrees_for_radians"),
        ("x*sin(x)", "cos(x)", "wrong_rule"),
        ("sin(x)/x", "(cos(x)*x + sin(x))/x**2", "wrong_rule"),
        ("sin(x)/exp(x)", "cos(x)/exp(x)", "wrong_rule"),
        ("x*sin(x)", "x*cos(x)", "dropped_path"),
        ("2**x", "x*2**(x - 1)", "wrong_rule"),
        ("x**2*y", "x**2", "wrong_variable"),
        ("sin(x)*y", "1.7*cos(x)*y", "constant_factor"),
        ("tanh(x)", "tanh(x)", "value_not_gradient"),
        ("log(x)*relu(x - 1)", "relu(x - 1)/x + log(x)", "gate_ignored"),
    ],
)
def test_the_slip_behind_a_wrong_formula_comes_first(function, claim, code):
    assert codes(function, claim)[:1] == [code]


@pytest.mark.parametrize(
    "function, claim",
    [
        ("exp(x) + 2", "exp(x)"),  # right
        ("sin(x)**2", "2*sin(x)*cos(x)"),  # right
        ("x**2", "cos(x)"),
        ("x**2 + sin(x)", "3.7"),
        ("exp(3*x)", "1"),  # comes of many mistakes
        ("x**3", "0"),
        ("log(x)", "1/x + 0.001"),
        ("sin(x)", "log(x - 7)"),  # defined nowhere
    ],
)
def test_a_formula_that_comes_of_no_slip_tells_nothing(function, claim):
    assert codes(function, claim) == []


def test_a_ratio_that_is_constant_because_both_are_is_no_constant_factor():
    assert codes("3*x + 1", "3.4") == []
    assert codes("3*x + 1", "6") == ["constant_factor"]  # twice: of the short list


def test_parameters_are_bound_and_do_not_move():
    found = codes("a*exp(-k*t)", "a*exp(-k*t)*k", "t", bound={"k": 0.7})
    assert found[0] == "sign_flipped"


def test_an_antiderivative_that_is_the_derivative_too_is_right():
    assert codes("exp(x)", "exp(x)") == []


def test_digits_lost_in_the_claim_hide_no_slip():
    points = np.linspace(1.0, 6.0, 20)  # 1 - tanh**2 cancels at the far end
    assert codes("tanh(2*x)", "1 - tanh(2*x)**2", points=points)[0] == "missing_chain_factor"


def test_a_pole_between_the_points_hides_no_slip():
    points = np.array(
        [0.41, 0.5, 0.5708, 0.63, 0.8, 0.97, 1.1, 1.33]
    )  # sin(2*x + 2) is 0 at 0.5708
    square = "sin(2*x + 2)**2"
    claim = f"(1/x*sin(2*x + 2) + log(x)*2*cos(2*x + 2))/{square}"
    assert codes("log(x)/sin(2*x + 2)", claim, points=points)[0] == "wrong_rule"


def test_a_claim_of_names_that_are_not_known_tells_nothing():
    assert codes("x**2", "2*y") == []
