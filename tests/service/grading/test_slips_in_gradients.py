"""A wrong gradient tells which slip gave it, and one that no slip gives tells nothing.

The wrong numbers are worked out by hand, or by Python's math from formulas with the slip in them.
"""

from math import cos, exp, log, pi, radians, sin, sqrt, tanh

import numpy as np
import pytest

from autograd_core import parse
from service.grading.reference import Reference
from service.grading.slips import diagnose_numbers


def diagnosed(expression, bindings, claims):
    """The diagnoses of claimed gradients by name; all that are wrong are named so."""
    reference = Reference(parse(expression), bindings)
    right = reference.result.gradients
    paths = {f"gradients/{name}": claim for name, claim in claims.items()}
    wrong = [
        f"gradients/{name}"
        for name, claim in claims.items()
        if np.shape(claim) != np.shape(right[name])
        or not np.allclose(claim, right[name], rtol=1e-6, atol=1e-9)
    ]
    found = diagnose_numbers(reference, paths, wrong)
    assert set(found) == set(wrong)
    return {path.partition("/")[2]: each for path, each in found.items()}


def codes(expression, bindings, claims, name):
    return [each.code for each in diagnosed(expression, bindings, claims)[name]]


ABC = {"a": 2.0, "b": -3.0, "c": 10.0}
x = 0.4


@pytest.mark.parametrize(
    "expression, bindings, claims, code",
    [
        ("a*b + c", ABC, {"a": 3.0}, "sign_flipped"),
        ("a*b + c", ABC, {"a": 2.0, "b": -3.0}, "swapped_inputs"),
        ("a*b + c", ABC, {"a": 4.0}, "value_not_gradient"),
        ("x**2*y", {"x": 3.1, "y": 2.3}, {"x": 3.1**2}, "wrong_variable"),
        ("b = a + a; c = b + b; c", {"a": 3.0}, {"a": 2.0}, "overwritten_not_accumulated"),
        ("sin(3*x)", {"x": x}, {"x": cos(1.2)}, "missing_chain_factor"),
        ("sin(x**2 + 3*x)", {"x": x}, {"x": cos(x**2 + 3 * x)}, "missing_chain_factor"),
        ("tanh(sin(3*x))", {"x": x}, {"x": 3.0}, "local_not_total"),
        ("x**3 + sin(x) + exp(x)", {"x": x}, {"x": 3 * x * x + exp(x)}, "dropped_path"),
        ("3*relu(x)*y", {"x": -x, "y": 2.5}, {"x": 7.5}, "gate_ignored"),
        ("where(x > 0, sin(x), x**3)", {"x": -x}, {"x": cos(x) + 3 * x * x}, "gate_ignored"),
        ("maximum(x, y)*y", {"x": 1.3, "y": 2.7}, {"x": 2.7}, "gate_ignored"),
        ("x*sin(x)", {"x": x}, {"x": cos(x)}, "wrong_rule"),  # f'g'
        ("sin(x)/x", {"x": x}, {"x": (cos(x) * x + sin(x)) / x**2}, "wrong_rule"),
        ("sin(x)/x", {"x": x}, {"x": (sin(x) - cos(x) * x) / x**2}, "wrong_rule"),
        ("x**5", {"x": 1.7}, {"x": 5 * 1.7**5}, "wrong_rule"),
        ("x**5", {"x": 1.7}, {"x": 1.7**4}, "wrong_rule"),
        ("2**x", {"x": 1.7}, {"x": 1.7 * 2**0.7}, "wrong_rule"),
        ("tanh(x)", {"x": x}, {"x": 1 - x * x}, "wrong_rule"),
        ("y*cos(x) + x", {"x": x, "y": 2.0}, {"x": 2 * sin(x) + 1}, "wrong_rule"),
        ("sqrt(x)", {"x": 2.0}, {"x": 1 / sqrt(2)}, "wrong_rule"),
        ("sigmoid(x)", {"x": x}, {"x": 1 / (1 + exp(-x))}, "value_not_gradient"),
        ("3*x**2 + x", {"x": 2.0}, {"x": 10.0}, "integrated_instead"),
        ("sin(2*x)", {"x": x}, {"x": -cos(2 * x) / 2}, "integrated_instead"),
        ("sin(2*x)", {"x": x}, {"x": -4 * sin(2 * x)}, "differentiated_twice"),
        ("sin(3*x)", {"x": x}, {"x": 3 * cos(radians(1.2))}, "degrees_for_radians"),
        ("sin(3*x)", {"x": x}, {"x": pi / 60 * cos(radians(1.2))}, "degrees_for_radians"),
        ("x*y**2", {"x": 1.3, "y": 0.7}, {"x": 1.7 * 0.49, "y": 1.7 * 1.82}, "constant_factor"),
        ("log(x)", {"x": 2.0}, {"x": 0.5 / log(10)}, "constant_factor"),
        ("3*x**2 - 4*x + 5", {"x": 3.0}, {"x": 14.000299999999}, "finite_difference_estimate"),
        ("exp(x)", {"x": 1.0}, {"x": (exp(1.01) - exp(0.99)) / 0.02}, "finite_difference_estimate"),
        ("exp(x)", {"x": 1.0}, {"x": 2.7183}, "rounded"),
        ("exp(x)", {"x": 1.0}, {"x": 2.71}, "rounded"),  # cut off
    ],
)
def test_the_slip_behind_a_wrong_number_is_named(expression, bindings, claims, code):
    for name, found in diagnosed(expression, bindings, claims).items():
        assert code in [each.code for each in found], (name, found)


@pytest.mark.parametrize(
    "expression, bindings, claims",
    [
        ("a*b + c", ABC, {"a": -2.7}),
        ("a*b + c", ABC, {"a": 7.5, "b": 11.3}),
        ("a*b + c", ABC, {"a": 0.0}),  # nothing comes of many mistakes
        ("sin(3*x)", {"x": x}, {"x": 0.731}),
        ("exp(x)", {"x": 1.0}, {"x": 2.7}),  # two digits are not enough
        ("exp(x)", {"x": 1.0}, {"x": 2.73}),
        ("x*x", {"x": 1e200}, {"x": float("nan")}),
        ("x*x", {"x": 3.0}, {"x": float("inf")}),
        ("log(x)*exp(1000*x)", {"x": 1.0}, {"x": 1.5}),  # infinities on the way
    ],
)
def test_a_number_that_comes_of_no_slip_tells_nothing(expression, bindings, claims):
    assert not any(diagnosed(expression, bindings, claims).values())


def test_right_claims_tell_nothing_whatever_they_were_taken_for():
    reference = Reference(parse("a*b + c"), ABC)
    claims = {"gradients/a": -3.0, "gradients/b": 2.0000001, "value": 4.0}
    assert not any(diagnose_numbers(reference, claims, list(claims)).values())


def test_one_slip_that_explains_all_wrong_claims_is_told_alone():
    found = codes("a*b + c", ABC, {"a": 2.0, "b": -3.0, "c": 1.0}, "a")
    assert found == ["swapped_inputs"]


def test_a_slip_that_a_right_claim_contradicts_gives_way_to_one_that_it_does_not():
    # -2*a for d/db could be the sign of e, but then d/da would have it too.
    found = diagnosed("e = a*b; 2*e + c", ABC, {"a": -6.0, "b": -4.0})["b"]
    assert found[0].code == "sign_flipped"
    assert "e" not in {each.node for each in found if each.code == "sign_flipped"}


def test_a_diagnosis_says_where():
    found = diagnosed("e = 3*x; f = sin(e); f*y", {"x": x, "y": 2.0}, {"x": 2 * cos(1.2)})["x"]
    assert (found[0].code, found[0].node) == ("missing_chain_factor", "e")
    assert "e" in found[0].message


def test_a_node_without_a_name_is_called_by_its_formula():
    (first, *_) = diagnosed("tanh(x)*y", {"x": x, "y": 2.0}, {"x": 2 * (1 - x * x)})["x"]
    assert first.node == "%1"
    assert first.message.startswith("At tanh(x): ")


def test_what_goes_with_a_diagnosis_is_a_member_and_not_in_its_message():
    factor = diagnosed("sin(3*x)", {"x": x}, {"x": 6 * cos(1.2)})["x"][0]
    assert (factor.code, factor.factor) == ("constant_factor", 2.0)
    nudge = diagnosed("exp(x)", {"x": 1.0}, {"x": (exp(1.001) - exp(1)) / 0.001})["x"][0]
    assert (nudge.code, nudge.step) == ("finite_difference_estimate", 0.001)
    rounded = diagnosed("exp(x)", {"x": 1.0}, {"x": 2.7183})["x"][0]
    assert (rounded.code, rounded.digits) == ("rounded", 5)
    other = diagnosed("x**2*y", {"x": 3.1, "y": 2.3}, {"x": 3.1**2})["x"][0]
    assert (other.code, other.input) == ("wrong_variable", "y")
    for each in (factor, nudge, rounded, other):
        assert not any(character.isdigit() for character in each.message)


def test_a_claim_is_matched_to_the_digits_it_was_written_with():
    wrong = 1 - 0.37**2  # 0.8631, for the tanh of 0.37
    assert codes("tanh(x)", {"x": 0.37123}, {"x": 0.862188}, "x")[:1] == ["wrong_rule"]
    assert wrong == pytest.approx(0.8631)
    assert codes("tanh(x)", {"x": 0.37123}, {"x": 0.86}, "x") == []


def test_one_rule_misread_everywhere_is_one_slip():
    claim = (1 - 0.25) * (1 - tanh(0.5) ** 2)  # tanh' = 1 - x**2, twice
    (first, *_) = diagnosed("tanh(tanh(x))", {"x": 0.5}, {"x": claim})["x"]
    assert first.code == "wrong_rule"
    assert first.node is None
    assert first.message.startswith("Wherever it comes up: the derivative of tanh(u) is ")


def test_an_idle_input_and_a_constant_output_do_no_harm():
    assert diagnosed("2*x", {"x": 1.0, "idle": 3.0}, {"idle": 5.0}) == {"idle": ()}
    assert codes("x", {"x": 2.0}, {"x": -1.0}, "x") == ["sign_flipped"]


def test_a_long_chain_is_looked_at_as_a_whole_only():
    chain = parse("\n".join([f"x{k + 1} = sin(x{k})" for k in range(3000)]))
    reference = Reference(chain, {"x0": 0.3})
    right = float(reference.result.gradients["x0"])
    found = diagnose_numbers(reference, {"gradients/x0": -right}, ["gradients/x0"])
    assert [each.code for each in found["gradients/x0"]] == ["sign_flipped"]
