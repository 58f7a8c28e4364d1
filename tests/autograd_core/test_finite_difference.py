"""The finite-difference check: its numbers, its errors, and above all its verdicts."""

import math
import tracemalloc
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from autograd_core import (
    ArgumentError,
    CheckOptions,
    CheckReport,
    Deadline,
    DeadlineExceeded,
    GraphError,
    InputCheck,
    Limits,
    check,
    gradient,
    parse,
)
from autograd_core.engines.arrays import shaking, sweeps as arrays
from autograd_core.engines.tape import tape
from tests.tables import table

RICHARDSON = CheckOptions()


def report_of(text: str, options: CheckOptions = RICHARDSON, **bindings: Any) -> CheckReport:
    found = gradient(parse(text), bindings, check=options).check
    assert found is not None
    return found


def check_of(text: str, x: Any, options: CheckOptions = RICHARDSON) -> InputCheck:
    return report_of(text, options, x=x).inputs["x"]


def claimed(
    text: str, claim: Callable[[Any], Any], options: CheckOptions = RICHARDSON, **bindings: Any
) -> CheckReport:
    """The check of gradients that `claim` makes from the true ones."""
    graph = parse(text)
    true = gradient(graph, bindings).gradients
    claims = {name: claim(slope) for name, slope in true.items()}
    return check(graph, bindings, claims, options=options)


# --- the numbers of the one-step methods -----------------------------------------------

Function = Callable[[float], float]
ARITHMETIC: list[tuple[str, Function]] = [
    ("x*x", lambda x: x * x),
    ("3*x**2 - 4*x + 5", lambda x: 3.0 * (x * x) - 4.0 * x + 5.0),
    ("1/x", lambda x: 1.0 / x),
    ("x*x*x - 2/x + x/7", lambda x: x * x * x - 2.0 / x + x / 7.0),
    ("sqrt(x)*x", lambda x: math.sqrt(x) * x),
    ("relu(x - 1)*abs(x)", lambda x: max(x - 1.0, 0.0) * abs(x)),
]


@table("text, f", ARITHMETIC)
@table("x", [2.0, 0.1, 3.7e5])
@table("h", [1e-3, 1e-5, 0.03, 2.0**-20])
def test_the_difference_quotients_are_reproduced_to_the_bit(
    text: str, f: Function, x: float, h: float
) -> None:
    quotients = {
        "forward": (f(x + h) - f(x)) / h,
        "backward": (f(x - h) - f(x)) / -h,
        "central": (f(x + h) - f(x - h)) / (2 * h),
    }
    assert quotients["backward"] == (f(x) - f(x - h)) / h
    for method, quotient in quotients.items():
        found = check_of(text, x, CheckOptions(method=method, step=h))
        assert float(found.numeric) == quotient
        assert float(found.step) == h


def test_the_nudge_of_the_lecture_and_how_far_it_is_off() -> None:
    """The notes nudge by h = 0.001 at x = 3."""
    found = check_of("3*x**2 - 4*x + 5", 3.0, CheckOptions(method="forward", step=0.001))
    assert float(found.numeric) == pytest.approx(14.003, abs=1e-9)
    assert found.verdict == "inconclusive"  # h explains the difference of 0.003
    assert float(found.error_estimate) >= 0.003
    assert float(found.absolute_error) == pytest.approx(0.003, abs=1e-9)
    assert float(found.relative_error) == pytest.approx(0.003 / 14.003, rel=1e-6)


@pytest.mark.parametrize("method", ["forward", "backward", "central"])
@pytest.mark.parametrize("x", [0.3, -20.0, 1e4, 1e8, 1e12])
def test_a_single_step_never_contradicts_a_right_gradient(method: str, x: float) -> None:
    """Not even where the step is longer than the period."""
    found = check_of("sin(x) + x/3", x, CheckOptions(method=method))
    assert found.verdict in {"pass", "inconclusive"}


@pytest.mark.parametrize("method", ["forward", "backward", "central"])
@pytest.mark.parametrize("x", [0.3, -20.0, 1e4])
def test_a_single_step_refutes_a_wrong_gradient(method: str, x: float) -> None:
    options = CheckOptions(method=method)
    assert claimed("sin(x) + x/3", lambda g: g * 1.1, options, x=x).verdict == "fail"


# --- verdicts -----------------------------------------------------------------------

SMOOTH = [
    *[("x**2", x) for x in (1e-8, 1.0, -3.5, 1e8, 1e150, -1e-150)],
    *[("sin(x)", x) for x in (0.0, 1e-9, 1.5707963267948966, 100.0, 1e6, -1e9)],
    *[("exp(x)", x) for x in (-800.0, -30.0, 0.0, 30.0, 700.0)],
    *[("log(x)", x) for x in (1e-300, 1e-8, 1.0, 1e8, 1e300)],
    *[("1/x", x) for x in (1e-6, -2.0, 1e6)],
    *[("sqrt(x)", x) for x in (1e-12, 1e-3, 4.0, 1e20)],
    *[("tanh(x)", x) for x in (0.0, 0.5, 20.0, -400.0)],
    *[("x**7 - 3*x**5", x) for x in (-2.0, 0.1, 1e3)],
    ("sin(1000*x)", 0.3),
    ("sin(1e5*x)", 0.3),
    ("exp(-1/x**2)", 0.05),
    ("erf(x)*gelu(x)", -1.3),
    ("gammaln(x)", 0.01),
    ("digamma(x)", -0.5),
    ("x*1e300", 2.0),
    ("x*1e-300", 2.0),
    ("x**3", 0.0),
    ("1e6 + x**2", 3.0),
    ("where(x > 0, x**2, x**3)", 0.0),
    ("x*abs(x)", 0.0),
    ("sinc(x)", 0.0),
    ("logaddexp(x, 2*x)", 0.0),
    ("x**x", 2.0),
    ("5", 1.0),
    ("0*x", 1.0),
    ("gammaln(x)", -7316429.25),  # steps of the usual size skip thousands of poles
    ("digamma(x)", -3758.65),
    ("tan(x)", 843375.8),
]


@table("text, x", SMOOTH)
def test_a_right_gradient_of_a_smooth_function_passes(text: str, x: float) -> None:
    found = check_of(text, x)
    assert found.verdict == "pass"
    assert found.reason is None
    assert found.worst is None


KINKS = [
    ("relu(x)", 0.0),
    ("abs(x - 2)", 2.0),
    ("maximum(x, 2)**2", 2.0),
    ("minimum(x, 3*x)", 0.0),
    ("leaky_relu(x)", 0.0),
    ("clip(x, 0, 1)", 1.0),
    ("clip(x, 0, 1)", 0.0),
    ("relu(x - 1e6)", 1e6),
    ("abs(x - 1e-8)", 1e-8),
    ("1e6*abs(x)", 0.0),
    ("1e-7*abs(x)", 0.0),
    ("1e8 + abs(x)", 0.0),
    ("abs(x) + 100*cos(x)", 0.0),  # a kink under a curvature that dwarfs it
    ("abs(x)/1e4 + exp(x)", 0.0),
    ("where(x > 0, x, 2*x)", 0.0),
    ("hypot(x, 0)", 0.0),
]
JUMPS = [("floor(x)", 1.0), ("floor(x) + x", 3.0), ("round(x)", 0.5), ("x > 0", 0.0),
         ("mod(x, 1)", 2.0), ("where(x >= 1, 5, x)", 1.0), ("atan2(x, -1)", 0.0)]  # fmt: skip


@pytest.mark.parametrize("text, x", KINKS + JUMPS)
def test_where_the_slopes_on_the_two_sides_disagree_there_is_no_derivative(
    text: str, x: float
) -> None:
    found = check_of(text, x)
    assert found.verdict == "nondifferentiable"
    assert "on the left and" in (found.reason or "")


@pytest.mark.parametrize("distance", [1e-1, 1e-3, 1e-6, 1e-9, -1e-12, 1e-12])
@pytest.mark.parametrize("text", ["relu(x)", "abs(x)", "x + 3*abs(x)"])
def test_a_kink_nearby_disturbs_nothing(text: str, distance: float) -> None:
    assert check_of(text, distance).verdict == "pass"


@pytest.mark.parametrize(
    "text, x, reason",
    [
        ("log(x)", 0.0, "value is not finite"),
        ("1/x", 0.0, "value is not finite"),
        ("sqrt(x)", -1.0, "value is not finite"),
        ("x", math.inf, "value is not finite"),
        ("x*0", math.nan, "value is not finite"),
        ("sqrt(x)", 0.0, "gradient is not finite"),
        ("cbrt(x)", 0.0, "gradient is not finite"),
        ("x**1.5", 0.0, "to the left"),
        ("exp(x)", 709.782712893384, "to the right"),  # the largest x with a finite value
        ("floor(x) + x**2", -1e-12, ""),  # an ulp of 1 over 1e-12 is 2e-4
        ("acosh(x)*0 + x", 1.0, "to the left"),
        ("x + 1e20", 1.0, "may itself be off"),
        ("sin(x - 1e16) + x", 1e16, "changes within the shortest steps"),
        ("1e6 + hypot(x, 1e-12)", 3e-13, "no part of the function has a kink"),
        ("(exp(x) - 1 - x)/x**2", 1e-12, "a part of the function"),
        ("sin(x)", 1e15, ""),
    ],
)
def test_what_cannot_be_judged_is_inconclusive_and_says_why(
    text: str, x: float, reason: str
) -> None:
    found = check_of(text, x)
    assert found.verdict == "inconclusive"
    assert reason in (found.reason or "")


WRONG = ["stop_gradient(x)*3", "x*stop_gradient(x)", "stop_gradient(x) - x", "copysign(x, x)",
         "sin(stop_gradient(x)) + x**2"]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_a_gradient_that_was_stopped_fails(text: str) -> None:
    found = check_of(text, 0.0 if text.startswith("copysign") else 2.0)
    assert found.verdict == "fail"
    assert "over the tolerance" in (found.reason or "")


TAMPERED = [
    ("x**2", 3.0),
    ("exp(sin(x))", 0.7),
    ("x**3/7", -20.0),
    ("log(x)", 1e-5),
    ("1/x", 100.0),
    ("sin(x)", 1e6),
    ("sqrt(x)", 1e4),
    ("tanh(x)", 2.0),
    ("1e6 + x**2", 3.0),
    ("x*1e200", 1.0),
    ("gammaln(x)", 3.3),
]


@table("text, x", TAMPERED)
@table("off", [1e-4, -1e-3, 0.5, -1.0, -2.0, 1e6])
def test_a_gradient_that_is_a_little_wrong_fails(text: str, x: float, off: float) -> None:
    assert claimed(text, lambda g: g * (1 + off), x=x).verdict == "fail"


@pytest.mark.parametrize("text, x", TAMPERED)
@pytest.mark.parametrize("off", [1e-9, -1e-8])
def test_a_gradient_that_is_off_by_less_than_the_tolerance_passes(
    text: str, x: float, off: float
) -> None:
    assert claimed(text, lambda g: g * (1 + off), x=x).verdict == "pass"


def test_one_wrong_entry_of_a_tensor_is_found() -> None:
    def spoilt(gradient_: np.ndarray) -> np.ndarray:
        wrong = gradient_.copy()
        wrong[1, 0] += 1e-3
        return wrong

    report = claimed("sum(tanh(x)**2)", spoilt, x=[[0.1, -0.4], [1.5, 2.0]])
    assert report.verdict == report.inputs["x"].verdict == "fail"
    assert report.inputs["x"].worst == (1, 0)


@pytest.mark.parametrize(
    "text, x",
    [
        ("log(log2(cosh(x)))", -2.462322147380735e-06),  # cosh(x) keeps 4 digits of x
        ("asin(sigmoid(hypot(32.7597, x)))", -2.281550734407263),
        ("logit(erf(x))", 5.7),
        ("atanh(expm1(x))", -23.2),
        ("log(1 - cos(x))", 1e-6),
    ],
)
def test_a_right_gradient_is_not_called_wrong_where_f_itself_has_lost_its_digits(
    text: str, x: float
) -> None:
    assert check_of(text, x).verdict in {"pass", "inconclusive"}


def test_steps_that_contradict_each_other_are_not_believed() -> None:
    """sin(x) turns 2e10 times within the usual step, and x has no bits to resolve a turn."""
    assert check_of("sin(x)", 1e13).verdict != "fail"
    assert check_of("cos(exp(x))", 30.0).verdict != "fail"


@pytest.mark.parametrize(
    "verdicts, whole",
    [
        ({"x": 1.0, "y": 1.0}, "pass"),
        ({"x": 1.0, "y": 0.0}, "nondifferentiable"),
        ({"x": math.inf, "y": 0.0}, "inconclusive"),
    ],
)
def test_the_worst_input_is_the_verdict(verdicts: dict[str, float], whole: str) -> None:
    assert report_of("x*2 + relu(y)", **verdicts).verdict == whole


def test_a_failure_is_worse_than_a_kink() -> None:
    report = report_of("stop_gradient(x)*2 + relu(y)", x=1.0, y=0.0)
    assert {name: each.verdict for name, each in report.inputs.items()} == {
        "x": "fail",
        "y": "nondifferentiable",
    }
    assert report.verdict == "fail"


def test_nothing_to_check_passes() -> None:
    assert report_of("2 + 3").verdict == "pass"
    assert report_of("sum(x)", x=[]).verdict == "pass"


# --- the error estimate -----------------------------------------------------------------

BOUNDED: list[tuple[str, Callable[[Any], Any]]] = [
    ("exp(x)", mpmath.exp),
    ("sin(x)", mpmath.sin),
    ("log(2 + x**2)", lambda x: mpmath.log(2 + x**2)),
    ("tanh(x)", mpmath.tanh),
    ("x**5 - 4*x**2", lambda x: x**5 - 4 * x**2),
    ("1/(1 + x**2)", lambda x: 1 / (1 + x**2)),
    ("exp(-x**2)*cos(3*x)", lambda x: mpmath.exp(-(x**2)) * mpmath.cos(3 * x)),
    ("atan(x)*erf(x)", lambda x: mpmath.atan(x) * mpmath.erf(x)),
    ("sqrt(1 + x**2)", lambda x: mpmath.sqrt(1 + x**2)),
    ("1e6 + x**3", lambda x: 1000000 + x**3),
    ("sin(50*x)", lambda x: mpmath.sin(50 * x)),
    ("asinh(x)/7", lambda x: mpmath.asinh(x) / 7),
    ("exp(exp(x/2))", lambda x: mpmath.exp(mpmath.exp(x / 2))),
]


@table("method", ["richardson", "central", "forward", "backward"])
@table("text, f", BOUNDED)
def test_the_error_estimate_bounds_the_true_error(
    text: str, f: Callable[[Any], Any], method: str
) -> None:
    for x in (-2.3, -0.7, 0.01, 0.9, 1.7, 3.1):
        found = check_of(text, x, CheckOptions(method=method))
        with mpmath.workdps(60):
            true = mpmath.diff(f, mpmath.mpf(x))
            error = abs(mpmath.mpf(float(found.numeric)) - true)
        assert error <= float(found.error_estimate), (x, float(error), found)


@pytest.mark.parametrize("text, f", BOUNDED)
def test_the_complex_step_is_off_by_the_rounding_of_x_at_most(
    text: str, f: Callable[[Any], Any]
) -> None:
    """Its error is that of evaluating f' in binary64: some ulp of f' and of x*f''."""
    for x in (-2.3, -0.7, 0.01, 0.9, 1.7, 3.1):
        found = check_of(text, x, CheckOptions(method="complex"))
        with mpmath.workdps(60):
            first, second = (abs(mpmath.diff(f, mpmath.mpf(x), n)) for n in (1, 2))
            error = abs(mpmath.mpf(float(found.numeric)) - mpmath.diff(f, mpmath.mpf(x)))
        assert error <= 1e-14 * (first + abs(x) * second), (x, float(error), found)


# --- the complex step ---------------------------------------------------------------------


@table(
    "text",
    [
        "exp(x)*sin(x)", "x**3 - 2*x", "1/(x + 2)", "sqrt(x)*log(x)", "tanh(x)*sigmoid(x)",
        "softplus(x)", "gelu(x)", "silu(x)", "erf(x)", "erfc(x)", "x**x", "2**x", "atan2(x, 2)",
        "hypot(x, 3)", "logaddexp(x, 1)", "asin(x/3)", "acos(x/3)", "atan(x)", "sinh(x)", "cosh(x)",
        "tan(x)", "asinh(x)", "acosh(x + 1)", "atanh(x/3)", "expm1(x)", "log1p(x)", "log2(x)",
        "log10(x)", "exp2(x)", "cbrt(x)", "reciprocal(x)", "square(x)", "sinc(x)", "logit(x/2)",
        "gammaln(x)", "digamma(x)", "sum(softmax(x*[1, 2, 3])*[3, 2, 1])", "logsumexp(x*[1, 2])",
        "prod(x*[1, 2, 3])", "norm(x*[3, 4])", "std(x*[1, 2, 4])", "mean(x*[1, 2])",
        "det(x*[[2, 1], [1, 3]])", "sum(inv(x*[[2, 1], [1, 3]]))", "mse(x*[1, 2], [0, 1])",
    ],
)  # fmt: skip
@table("x", [0.4, 1.3])
def test_the_complex_step_agrees_to_twelve_digits(text: str, x: float) -> None:
    options = CheckOptions(method="complex", rtol=1e-12, atol=1e-13)
    report = report_of(text, options, x=x)
    assert report.verdict == "pass", report
    assert report.evaluations == 2
    assert float(report.inputs["x"].step) == 1e-20


@pytest.mark.parametrize(
    "text", ["relu(x)", "abs(x)", "maximum(x, 1)", "where(x > 0, x, 1)", "floor(x)", "erfinv(x/2)",
             "stop_gradient(x)*x", "max(x*[1, 2])"],
)  # fmt: skip
def test_the_complex_step_refuses_what_is_not_analytic(text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        check_of(text, 0.5, CheckOptions(method="complex"))
    (fault,) = caught.value.faults
    assert (fault.code, fault.path) == ("invalid_value", ("check", "method"))
    assert "analytic" in fault.detail


def test_the_complex_step_finds_a_wrong_gradient() -> None:
    options = CheckOptions(method="complex")
    assert claimed("exp(x)*x", lambda g: g + 1e-4, options, x=1.0).verdict == "fail"


# --- what is checked, and what it takes ------------------------------------------------------


def test_a_node_can_be_checked() -> None:
    graph = parse("p = x*y; q = exp(p); q*p")
    report = gradient(graph, {"x": 0.5, "y": 2.0}, wrt=["p", "q", "x"], check=RICHARDSON).check
    assert report is not None
    assert report.verdict == "pass"
    assert float(report.inputs["p"].numeric) == pytest.approx(2 * math.e, rel=1e-9)
    assert float(report.inputs["q"].numeric) == pytest.approx(1.0, rel=1e-9)


def test_what_is_not_on_the_way_to_the_output_has_slope_zero() -> None:
    report = gradient(
        parse("p = exp(x); q = x*2; q"), {"x": 1.0, "z": 3.0}, output="q", wrt=["p", "z"],
        check=RICHARDSON,
    ).check  # fmt: skip
    assert report is not None
    assert report.verdict == "pass"
    assert [float(each.numeric) for each in report.inputs.values()] == [0.0, 0.0]


def test_the_output_itself_has_slope_one() -> None:
    report = gradient(parse("q = x*2; q"), {"x": 1.0}, wrt=["q"], check=RICHARDSON).check
    assert report is not None
    assert float(report.inputs["q"].numeric) == pytest.approx(1.0, rel=1e-12)


def test_arrays_of_a_report_have_the_input_s_shape() -> None:
    found = check_of("sum(x**2)", [[1.0, 2.0, 3.0]])
    for each in (
        found.numeric, found.analytic, found.error_estimate, found.absolute_error,
        found.relative_error, found.step,
    ):  # fmt: skip
        assert each.shape == (1, 3)
    np.testing.assert_allclose(found.numeric, [[2.0, 4.0, 6.0]], rtol=1e-9)
    assert not found.along_directions


def test_directions_stand_for_the_elements_of_a_large_tensor() -> None:
    x = np.linspace(-1, 1, 200)
    options = CheckOptions(directions=5)
    found = check_of("sum(sin(x))", x, options)
    assert found.verdict == "pass"
    assert found.along_directions
    assert found.numeric.shape == (5,)
    assert len(set(found.numeric.tolist())) == 5
    same = check_of("sum(sin(x))", x, options)
    np.testing.assert_array_equal(found.numeric, same.numeric)
    assert claimed("sum(sin(x))", lambda g: g * 1.001, options, x=x).verdict == "fail"


def test_directions_are_not_used_where_there_are_no_more_elements() -> None:
    found = check_of("sum(x**2)", [1.0, 2.0], CheckOptions(directions=2))
    assert not found.along_directions
    assert found.numeric.shape == (2,)


@pytest.mark.parametrize("method", ["richardson", "central", "forward", "backward", "complex"])
@pytest.mark.parametrize("text, x", [("exp(x)*x", 0.3), ("sum(exp(x))", [0.1, 2.0]), ("1/x", 1e-3)])
def test_evaluations_are_counted_as_they_are_made(
    monkeypatch: pytest.MonkeyPatch, text: str, x: Any, method: str
) -> None:
    made: list[int] = []
    glances, shaken_arrays = tape.glances, shaking.run

    def counted(function: Callable[..., Any], count: Callable[..., int]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            made.append(count(*arguments))
            return function(*arguments, **options)

        return wrapped

    def counted_glances(*arguments: Any) -> Any:
        seen, found = glances(*arguments)
        made.append(int(found[:, 3].sum()))
        return seen, found

    def counted_shaken_arrays(*arguments: Any) -> None:
        before = len(made)
        shaken_arrays(*arguments)
        made[before:] = [1]  # it runs its instructions one by one

    graph = parse(text)
    gradient(graph, {"x": x})
    monkeypatch.setattr(arrays, "run", counted(arrays.run, lambda *_: 1))
    monkeypatch.setattr(shaking, "run", counted_shaken_arrays)
    monkeypatch.setattr(tape, "nudged", counted(tape.nudged, lambda *given: given[3].size))
    monkeypatch.setattr(tape, "interior", counted(tape.interior, lambda *_: 1))
    monkeypatch.setattr(tape, "glances", counted_glances)
    gradient(graph, {"x": x})
    without = sum(made)
    made.clear()
    result = gradient(graph, {"x": x}, check=CheckOptions(method=method))
    assert result.check is not None
    # The engine's own sweep gives f(x), and the check counts it as an evaluation; complex numbers
    # need the array engine.
    shared = result.cost.engine == arrays.NAME or method != "complex"
    assert sum(made) - without == result.check.evaluations - shared


def test_evaluations_are_few_for_an_ordinary_function() -> None:
    assert report_of("exp(sin(x))", x=0.7).evaluations <= 12


def test_the_step_given_to_richardson_is_the_first() -> None:
    found = check_of("x**3", 2.0, CheckOptions(step=0.25))
    assert found.verdict == "pass"
    assert float(found.step) <= 0.25


def test_tolerances_decide() -> None:
    def verdict(**options: float) -> str:
        return claimed("x**2", lambda g: g + 1e-5, CheckOptions(**options), x=1.0).verdict  # type: ignore[arg-type]

    assert verdict() == "fail"
    assert verdict(rtol=1e-5) == "pass"
    assert verdict(atol=1e-4) == "pass"
    assert verdict(rtol=0.0, atol=0.0) == "fail"


@pytest.mark.parametrize(
    "options, members",
    [
        ({"method": "centrall"}, ["method"]),
        ({"step": 0.0}, ["step"]),
        ({"step": -1e-3}, ["step"]),
        ({"step": math.nan}, ["step"]),
        ({"step": math.inf}, ["step"]),
        ({"rtol": -1e-9}, ["rtol"]),
        ({"rtol": math.nan}, ["rtol"]),
        ({"atol": math.inf}, ["atol"]),
        ({"directions": 0}, ["directions"]),
        ({"method": "", "step": 0.0, "rtol": -1.0, "atol": -1.0, "directions": -1},
         ["method", "step", "rtol", "atol", "directions"]),
    ],
)  # fmt: skip
def test_options_that_mean_nothing_are_all_reported(options: Any, members: list[str]) -> None:
    with pytest.raises(ArgumentError) as caught:
        CheckOptions(**options)
    assert [fault.path for fault in caught.value.faults] == [("check", each) for each in members]
    assert {fault.code for fault in caught.value.faults} == {"invalid_value"}


def test_a_mistyped_method_is_suggested() -> None:
    with pytest.raises(ArgumentError, match="did you mean 'richardson'"):
        CheckOptions(method="richardsen")


def test_a_check_that_would_cost_too_much_is_refused_before_it_starts() -> None:
    x, limits = np.ones(1_000), Limits(cost=1_000_000)
    graph = parse("sum(x*x)")
    with pytest.raises(GraphError, match="the check needs"):
        gradient(graph, {"x": x}, check=RICHARDSON, limits=limits)
    few = CheckOptions(directions=3)
    assert gradient(graph, {"x": x}, check=few, limits=limits).check is not None


def test_a_deadline_holds_for_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(10_000))
    monkeypatch.setattr("time.monotonic", lambda: float(next(ticks)))
    graph = parse("exp(sum(x))")
    gradient(graph, {"x": 0.1}, deadline=Deadline(5.5))
    with pytest.raises(DeadlineExceeded):
        gradient(graph, {"x": 0.1}, check=RICHARDSON, deadline=Deadline(10.5))


def test_directions_are_made_when_their_turn_comes() -> None:
    """A few bytes may ask for as many numbers of directions as a computation may have steps."""
    options, bindings = CheckOptions(directions=100), {"x": np.full(20_000, 0.5)}
    tracemalloc.start()
    try:
        gradient(parse("sum(x*x)"), bindings, check=options)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100 * 20_000 * 8 / 2
