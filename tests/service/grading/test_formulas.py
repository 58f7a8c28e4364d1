"""Claims of formulas: right in any form, refuted by a point, or left open with the reason."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_core import ArgumentError
from service.grading.grading import grade
from service.grading.model import Options, Tolerance
from tests.service.grading.graded import (
    graded,
    of_formula,
    of_function,
    only,
    reference_of,
    verdicts,
)

RIGHT = [
    ("3*x**2 - 4*x + 5", "6*x - 4"),
    ("3*x**2 - 4*x + 5", "2*(3*x - 2)"),
    ("3*x**2 - 4*x + 5", "6*(x - 2/3)"),
    ("log(x) + sqrt(x)", "1/x + 1/(2*sqrt(x))"),
    ("log(x) + sqrt(x)", "(2 + sqrt(x))/(2*x)"),
    ("sin(x)**2", "sin(2*x)"),
    ("tan(x)", "1 + tan(x)**2"),
    ("tan(x)", "1/cos(x)**2"),
    ("tanh(x)", "4/(exp(x) + exp(-x))**2"),
    ("sigmoid(x)", "exp(-x)/(1 + exp(-x))**2"),
    ("abs(x)", "x/abs(x)"),
    ("abs(x)", "sign(x)"),
    ("relu(x)", "x > 0"),
    ("relu(x - 50)", "where(x > 50, 1, 0)"),
    ("asin(x)", "1/sqrt(1 - x**2)"),
    ("atan(x)", "cos(atan(x))**2"),
    ("x**x", "x**x*(log(x) + 1)"),
    ("log(abs(x))", "1/x"),
    ("exp(x) + 2", "exp(x)"),
    # near a pole, and where forms cancel
    ("1/(x - 1)**2", "-2/(x**3 - 3*x**2 + 3*x - 1)"),
    ("1/(x - 1)", "(x + 1)/(x - 1) - x*x/(x - 1)**2"),
    ("x**3", "3*((x + 1)**4 - (x - 1)**4 - 8*x)/(8*x)"),
    # undefined at single points, among them some that it is compared at
    ("x**2", "2*x**3/x**2"),
    ("x**2/2", "x*(x - 2)*(x + 1)*(x - 0.5)/((x - 2)*(x + 1)*(x - 0.5))"),
    # a derivative that is 0, but for rounding
    ("sin(x)**2 + cos(x)**2", "0"),
    ("x - x", "sin(x)**2 + cos(x)**2 - 1"),
    # so small that atol alone would let anything pass
    ("1e-10*x**2", "2e-10*x"),
    # on a narrow domain
    (
        "log(x - 3)*sqrt(3.01 - x)",
        "sqrt(3.01 - x)/(x - 3) - log(x - 3)/(2*sqrt(3.01 - x))",
    ),
]
WRONG = [
    ("3*x**2 - 4*x + 5", "6*x + 4"),
    ("3*x**2 - 4*x + 5", "6*x - 4.0001"),
    ("3*x**2", "x**3"),
    ("abs(x)", "1"),
    ("relu(x - 50)", "0"),
    ("relu(x - 50)", "1"),
    ("where(x > 100, x**2, x)", "1"),
    ("exp(-(x - 100)**2)", "0"),
    ("log(abs(x))", "1/abs(x)"),
    ("x**2", "2*sqrt(x)*sqrt(x)"),
    ("x**2", "2*x*log(x)/log(x)"),
    ("1e-10*x**2", "0"),
    ("1e-10*x**2", "2.001e-10*x"),
    # right at every decimal of two digits
    ("3*x", "3 + sin(100*pi*x)"),
    ("3*x", "3*cos(200*pi*x)"),
    # x**2 and 2*x agree at 2, and at 0
    ("x**3/3", "2*x"),
    (
        "log(x - 3)*sqrt(3.01 - x)",
        "sqrt(3.01 - x)/(x - 3) + log(x - 3)/(2*sqrt(3.01 - x))",
    ),
    ("x**2", "0/0"),
    ("x**2", "1/0"),
]


@pytest.mark.parametrize("function, claim", RIGHT)
def test_a_right_formula_in_any_form(function: str, claim: str) -> None:
    judged = of_formula(function, claim)
    assert judged.verdict == "correct", judged
    assert (judged.credit, judged.counterexample, judged.diagnosis) == (1.0, None, ())


@pytest.mark.parametrize("function, claim", WRONG)
def test_a_wrong_formula_is_refuted(function: str, claim: str) -> None:
    judged = of_formula(function, claim)
    assert judged.verdict == "incorrect", judged
    assert judged.counterexample is not None
    assert judged.points is not None
    assert judged.points.compared > 0


@pytest.mark.parametrize("claim", ["6*x + 4", "x**3", "6*x", "-6*x + 4", "cos(x)"])
def test_a_counterexample_can_be_checked_by_hand(claim: str) -> None:
    """In a point of at most two digits, and with the values that Python finds there."""
    judged = of_formula("3*x**2 - 4*x + 5", claim)
    shown = judged.counterexample
    assert shown is not None
    x = shown.at["x"]
    assert isinstance(x, float)
    assert len(repr(abs(x))) <= 3
    assert shown.claimed == pytest.approx(eval(claim, {"cos": np.cos}, {"x": x}))
    assert shown.expected == pytest.approx(6 * x - 4)
    assert shown.by is None


def test_a_counterexample_where_only_odd_numbers_refute() -> None:
    """Of the numbers with few digits that are looked at, none does: one is found all the same."""
    judged = of_formula("3*x", "3 + sin(100*pi*x)")
    assert judged.counterexample is not None
    (x,) = judged.counterexample.at.values()
    assert len(repr(x)) <= 10


def test_a_counterexample_found_so_is_in_the_domain_and_on_no_kink() -> None:
    """abs(x - 2) has none at 2, where the claim would differ from the convention."""
    claim = "sign(x - 2) + sin(1e4*pi*x)*1e-3"
    judged = of_formula("abs(x - 2)", claim, domain={"x": (1.9996, 2.0006)})
    assert judged.counterexample is not None
    x = judged.counterexample.at["x"]
    assert isinstance(x, float)
    assert 1.9996 < x < 2.0006
    assert x != 2


def test_where_a_claim_is_undefined_that_is_shown() -> None:
    judged = of_formula("x**2", "2*sqrt(x)**2")
    assert judged.counterexample is not None
    assert judged.counterexample.at["x"] < 0
    assert np.isnan(judged.counterexample.claimed)


# Several variables, parameters, domains ----------------------------------------------------------


@pytest.mark.parametrize(
    "function, name, claim, bindings, domain, expected",
    [
        ("a*b + c", "a", "b", {}, {}, "correct"),
        ("a*b + c", "a", "c", {}, {}, "incorrect"),
        ("x**2*y**3", "y", "3*x**2*y**2", {}, {}, "correct"),
        # b is not assumed to be positive; an author may say that it is
        ("sqrt(b**2)*x", "x", "b", {}, {}, "incorrect"),
        ("sqrt(b**2)*x", "x", "abs(b)", {}, {}, "correct"),
        ("sqrt(b**2)*x", "x", "b", {}, {"b": (0.5, 4.0)}, "correct"),
        ("sqrt(x**2)", "x", "1", {}, {"x": (0.5, 4.0)}, "correct"),
        # a parameter is what it is bound to, and may stand for itself
        ("a*x**2", "x", "2*a*x", {"a": 3.0}, {}, "correct"),
        ("a*x**2", "x", "6*x", {"a": 3.0}, {}, "correct"),
        ("sqrt(b**2)*x", "x", "b", {"b": 3.0}, {}, "correct"),
        # what a claim is a derivative by is a variable, bound or not
        ("a*x**2", "x", "2*a*3", {"a": 3.0, "x": 3.0}, {}, "incorrect"),
        ("a*x**2", "x", "2*a*x", {"a": 3.0, "x": 3.0}, {}, "correct"),
        # a name that is also a constant's
        ("e*x**2", "x", "2*e*x", {"e": 5.0}, {}, "correct"),
        ("e*x**2", "x", "10*x", {"e": 5.0}, {}, "correct"),
        ("e*x**2", "x", "2*exp(1)*x", {}, {}, "correct"),
        # tensors: as parameters, and as what is differentiated by
        ("sum(A*x)", "x", "sum(A)", {"A": [1, 2, 3]}, {}, "correct"),
        ("sum(w*w)", "w", "2*w", {"w": [1, 2, 3]}, {}, "correct"),
        ("sum(w*w)", "w", "3*w", {"w": [1, 2, 3]}, {}, "incorrect"),
        ("mean((A @ w)**2)", "w", "A.T @ A @ w", {"A": [[1, 2]], "w": [1, 1]}, {}, "ungradable"),
        ("sum((A @ w)**2)", "w", "2*transpose(A) @ (A @ w)", {"A": [[1, 2]], "w": [1, 1]}, {},
         "correct"),
        ("sum(w*w)", "w", "2*w", {"w": []}, {}, "correct"),
        ("sum(w*w)", "w", "2", {"w": []}, {}, "incorrect"),
        # nodes of the reference by their names
        ("s = sigmoid(w*x); s*(1 - s)", "x", "w*s*(1 - s)*(1 - 2*s)", {}, {}, "correct"),
        ("s = sigmoid(w*x); s*(1 - s)", "x", "w*s*(1 - s)*(1 - 3*s)", {}, {}, "incorrect"),
        # where the domain excludes what the function is defined on
        ("log(x)", "x", "1/x", {}, {"x": (-4.0, -1.0)}, "ungradable"),
    ],
)  # fmt: skip
def test_variables_and_parameters(
    function: str, name: str, claim: str, bindings: Any, domain: Any, expected: str
) -> None:
    assert of_formula(function, claim, name, bindings=bindings, domain=domain).verdict == expected


def test_each_derivative_is_an_item() -> None:
    claims = {"derivatives": {"a": "b", "b": "b", "c": "1"}}
    report = graded("a*b + c", {}, claims)
    assert verdicts(report) == {
        "derivatives/a": "correct",
        "derivatives/b": "incorrect",
        "derivatives/c": "correct",
    }


def test_numbers_and_formulas_in_one_submission() -> None:
    bindings = {"a": 2.0, "b": -3.0, "c": 10.0}
    claims = {"value": 4, "derivatives": {"a": "b"}, "gradients": {"b": 2}}
    assert set(verdicts(graded("a*b + c", bindings, claims)).values()) == {"correct"}


# The function itself -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function, claim, bindings, expected",
    [
        ("x**2 - 1", "(x - 1)*(x + 1)", {}, "correct"),
        ("x**2 - 1", "x**2 + 1", {}, "incorrect"),
        ("log(x*y)", "log(x) + log(y)", {}, "incorrect"),
        ("log(x) + log(y)", "log(x*y)", {}, "correct"),
        ("a*b + c", "c + b*a", {}, "correct"),
        ("abs(x)", "sqrt(x**2)", {}, "correct"),
        # all inputs are variables where none is free
        ("x**2 - 1", "6*x - 10", {"x": 3.0}, "incorrect"),
        ("x**2 - 1", "(x - 1)*(x + 1)", {"x": 3.0}, "correct"),
        # a function of nothing
        ("3", "6/2", {}, "correct"),
        ("3", "4", {}, "incorrect"),
        # the reference's own nodes would be no answer
        ("f = x**2 - 1; f", "f", {}, "ungradable"),
    ],
)
def test_a_claimed_function(function: str, claim: str, bindings: Any, expected: str) -> None:
    assert of_function(function, claim, bindings=bindings).verdict == expected


def test_a_function_with_another_gradient_is_told_by_it() -> None:
    """Nothing is added to the value by stop_gradient, but to the derivative."""
    judged = of_function("2*x", "x + stop_gradient(x)")
    assert judged.verdict == "incorrect"
    assert judged.counterexample is not None
    assert (judged.counterexample.by, judged.counterexample.expected) == ("x", 2.0)
    assert judged.counterexample.claimed == 1.0


# Forms of a claim, and what cannot be judged -----------------------------------------------------


@pytest.mark.parametrize(
    "claim",
    [
        2,
        2.0,
        "2",
        [{"op": "add", "args": [1, 1]}],
        {"nodes": [{"id": "y", "op": "add", "args": [1, 1]}, {"op": "neg", "args": ["y"]}],
         "output": "y"},
        {"graph": {"nodes": [{"op": "sub", "args": [3, 1]}]}},
        {"expression": "1 + 1"},
        [{"op": "add", "args": [{"op": "div", "args": ["x", "x"]}, 1]}],
    ],
)  # fmt: skip
def test_texts_numbers_and_graphs(claim: Any) -> None:
    judged = of_formula("2*x", claim)
    assert judged.verdict == "correct"
    assert (judged.understood_as is not None) == (
        isinstance(claim, str) or "expression" in str(claim)
    )


@pytest.mark.parametrize(
    "claim, reason",
    [
        ("2*x +", "(column"),
        ("2x", "2*x"),
        ("", "empty"),
        ("2*y", "nothing is called 'y' here"),
        ("2*alhpa", "nothing is called 'alhpa' here; did you mean 'alpha'?"),
        ("p + q + r + s", "'p'"),
        ("sun(x)", "sum"),
        ("x @ x", "scalar"),
        (None, "nothing was claimed"),
        (True, "not true"),
        ({}, "'nodes'"),
        ({"nodes": 3}, "a list of nodes"),
        ({"nodes": [], "output": "y"}, "'y'"),
        ([], "0 nodes"),
        ([{"op": "nope", "args": []}], "nope"),
        ([{"id": "y", "op": "neg", "args": ["y"]}], "y"),
        ([{"op": "neg", "args": ["x"]}, {"op": "neg", "args": ["x"]}], "2 nodes"),
        ({"nodes": [{"op": "neg", "args": ["x"]}], "bindings": {}}, "'nodes'"),
        ("(" * 100_000 + "2" + ")" * 100_000, "200,001 characters are over the limit"),
        ("sum(broadcast_to(x, shape=[5000, 5000]))", "over the limit of 1,000,000"),
        ("sum(broadcast_to(x, shape=[900, 900]) @ broadcast_to(x, shape=[900, 900]))", "limit"),
    ],
)
def test_a_claim_that_cannot_be_judged_says_why(claim: Any, reason: str) -> None:
    judged = of_formula("alpha*x**2", claim)
    assert judged.verdict == "ungradable", judged
    assert reason in (judged.reason or "")
    assert judged.counterexample is None


def test_one_that_cannot_be_judged_harms_no_other() -> None:
    report = graded("a*b + c", {}, {"derivatives": {"a": "b +* 1", "b": "a"}})
    assert verdicts(report) == {"derivatives/a": "ungradable", "derivatives/b": "correct"}
    assert (report.verdict, report.score) == ("ungradable", None)


def test_five_thousand_parentheses_are_read() -> None:
    assert of_formula("x**2", "(" * 5000 + "2*x" + ")" * 5000).verdict == "correct"


def test_a_reference_that_is_defined_nowhere() -> None:
    judged = of_formula("log(-1 - x**2)", "-2*x/(-1 - x**2)")
    assert judged.verdict == "ungradable"
    assert "defined" in (judged.reason or "")
    assert judged.points is not None
    assert (judged.points.compared, judged.points.rejected > 0) == (0, True)


def test_another_shape_is_wrong() -> None:
    judged = of_formula("sum(A*x)", "A", bindings={"A": [1, 2, 3]})
    assert judged.verdict == "incorrect"
    assert judged.reason == "this is a tensor of shape [3], and a number was asked for"


@pytest.mark.slow
def test_what_was_understood_is_said() -> None:
    assert of_formula("x**2", "(x)+x").understood_as == "x + x"
    assert len(of_formula("x", " + ".join(["x"] * 20_000)).understood_as or "") < 5000


# Rounding ----------------------------------------------------------------------------------------

SIGMOID = "1/(1 + exp(-4*x))"
CANCELS = "4*(cosh(4*x) - sinh(4*x))/(cosh(4*x) - sinh(4*x) + 1)**2"


def test_where_a_right_formula_cancels_it_does_not_count() -> None:
    judged = of_formula(SIGMOID, CANCELS)
    assert judged.verdict == "correct"
    assert judged.points is not None
    assert judged.points.skipped > 0


def test_where_a_right_formula_cancels_everywhere_it_is_left_open() -> None:
    judged = of_formula(SIGMOID, CANCELS, domain={"x": (9.0, 12.0)})
    assert (judged.verdict, judged.credit) == ("undetermined", 0.0)
    assert "rounding alone could make the difference" in (judged.reason or "")


def test_a_formula_that_cancels_is_refuted_where_it_does_not() -> None:
    judged = of_formula(SIGMOID, CANCELS.replace("4*(cosh", "5*(cosh"))
    assert judged.verdict == "incorrect"
    assert judged.counterexample is not None
    assert isinstance(judged.counterexample.at["x"], float)
    assert abs(judged.counterexample.at["x"]) < 4


def test_a_reference_that_cancels_refutes_nobody() -> None:
    judged = of_formula(SIGMOID.replace("exp(-4*x)", "cosh(4*x) - sinh(4*x)"), CANCELS.replace(
        "(cosh(4*x) - sinh(4*x))", "exp(-4*x)").replace("(cosh(4*x) - sinh(4*x) + 1)",
        "(1 + exp(-4*x))"))  # fmt: skip
    assert judged.verdict == "correct"
    assert judged.points is not None
    assert judged.points.skipped > 0


def test_the_function_itself_where_it_cancels() -> None:
    expanded = "x**8 - 8*x**7 + 28*x**6 - 56*x**5 + 70*x**4 - 56*x**3 + 28*x**2 - 8*x + 1"
    near = {"domain": {"x": (0.98, 1.02)}}
    assert of_function("(x - 1)**8 + 1e-3*x", f"{expanded} + 1e-3*x", **near).verdict == "correct"
    assert of_function("(x - 1)**8", expanded, **near).verdict == "undetermined"
    assert of_function("(x - 1)**8", f"{expanded} + 1e-9", **near).verdict == "incorrect"


# Numbers too large, on the way ------------------------------------------------------------------


def test_a_right_formula_that_overflows_on_the_way() -> None:
    judged = of_formula("exp(x)", "exp(2*x)/exp(x)", domain={"x": (300.0, 500.0)})
    assert judged.verdict == "correct"
    assert judged.points is not None
    assert judged.points.skipped > 0


def test_a_formula_that_overflows_everywhere_is_left_open() -> None:
    judged = of_formula("exp(x)", "exp(2*x)/exp(x)", domain={"x": (400.0, 500.0)})
    assert (judged.verdict, judged.credit) == ("undetermined", 0.0)


def test_where_the_reference_underflows_nothing_is_told() -> None:
    """At -708 the derivative is near -1e307, and computed as 0: sigmoid's denominator overflows."""
    function = "1/sin(1/(1 + exp(-x)))"
    claim = "-exp(x)*cos(1/(1 + exp(-x)))/((exp(x) + 1)**2*sin(1/(1 + exp(-x)))**2)"
    assert of_formula(function, claim).verdict == "correct"
    assert of_formula(function, f"{claim} + 1").verdict == "incorrect"


@pytest.mark.parametrize(
    "claim", ["1/(x - x)", "(x - x)**-1", "log(x - x)", "exp(2*x)/exp(x) + 1/0"]
)
def test_an_infinity_by_rights_is_no_overflow(claim: str) -> None:
    assert of_formula("exp(x)", claim, domain={"x": (300.0, 500.0)}).verdict == "incorrect"


# Tolerance ---------------------------------------------------------------------------------------


def test_the_author_s_tolerance_holds_for_formulas() -> None:
    rough = reference_of("x**2", tolerance=Tolerance(rtol=0.01, atol=0))
    assert only(grade(rough, {"derivatives": {"x": "2.01*x"}})).verdict == "correct"
    assert only(grade(rough, {"derivatives": {"x": "2.03*x"}})).verdict == "incorrect"


# Notation ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function, claim, understood",
    [
        ("3*x**2 - 4*x + 5", "6x - 4", "6*x - 4"),
        ("3*x**2 - 4*x + 5", "2(3x − 2)", "2*(3*x - 2)"),
        ("sin(x)**2", "2sin(x)cos(x)", "2*sin(x)*cos(x)"),
        ("tan(x)", "sec^2(x)", None),
        ("exp(x)", "e^x", "e**x"),
        ("a*x*y", "ay", "a*y"),
        ("s = sigmoid(x); s*(1 - s)", "s(1 - s)(1 - 2s)", "s*(1 - s)*(1 - 2*s)"),
    ],
)
def test_a_text_is_read_as_students_mean_it(
    function: str, claim: str, understood: str | None
) -> None:
    judged = of_formula(function, claim, notation="student")
    assert judged.verdict == "correct", judged
    assert understood is None or judged.understood_as == understood
    assert Options().notation == "student"


def test_a_text_of_two_readings_is_nobody_s_loss() -> None:
    judged = of_formula("log(x)/2", "1/2x", notation="student")
    assert judged.verdict == "ungradable"
    assert "1/2*x" in (judged.reason or "")
    assert "1/(2*x)" in (judged.reason or "")


# What claims may use ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claim, allow, deny, expected",
    [
        ("1 - tanh(x)**2", None, [], "correct"),
        ("1 - tanh(x)**2", None, ["tanh"], "ungradable"),
        ("1 - tanh(x)**2", ["exp"], [], "ungradable"),
        ("4/(exp(x) + exp(-x))**2", ["exp"], [], "correct"),
        ("4/(exp(x) + exp(-x))**2", [], [], "ungradable"),
        ("4/(exp(x) + exp(-x))**2", ["exp"], ["div"], "ungradable"),
        # by any of its names
        ("1 - tanh(x)**2", None, ["power"], "ungradable"),
        # a wrong claim with an operation that is not allowed costs nothing either
        ("tanh(x)", None, ["tanh"], "ungradable"),
        # the reference's own nodes are not the claim's
        ("1 - t*t", ["exp"], [], "correct"),
    ],
)
def test_operations_that_claims_may_use(claim: str, allow: Any, deny: Any, expected: str) -> None:
    judged = of_formula("t = tanh(x); t", claim, allow=allow, deny=deny)
    assert judged.verdict == expected
    if expected == "ungradable":
        assert "which may not be used here" in (judged.reason or "")


@pytest.mark.parametrize("member", ["allow", "deny"])
def test_a_list_of_unknown_operations_is_the_author_s_fault(member: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        of_formula("x", "1", **{member: ["exp", "tahn"]})
    (fault,) = caught.value.faults
    assert (fault.path, fault.code) == ((member, 1), "unknown_operation")
    assert "'tan'" in fault.detail


def test_lists_hold_for_the_function_too() -> None:
    reference = reference_of("tanh(x)")
    options = Options(notation="strict", deny=["tanh"])
    assert only(grade(reference, {"function": "tanh(x)"}, options)).verdict == "ungradable"
