"""The check where differences are hard to take: it neither passes what is wrong nor fails truth.

The hard functions are those of the benchmark `honesty`, a part of them.
"""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from autograd_core import CheckOptions, InputCheck, check, gradient, hessian, jacobian, parse
from autograd_core.derivatives.call import prepare
from autograd_core.engines.tape import tape
from autograd_core.limits import DEFAULT_LIMITS
from benchmarks.hard_formulas import physical
from benchmarks.hard_functions import Case, kinks, smooth
from benchmarks.honesty import ours, posed
from tests.tables import table

EVERY = 4


def verdicts_on(cases: list[Case]) -> tuple[Counter[str], Counter[str], list[str]]:
    """Verdicts on exact gradients and on wrong ones, and what went wrong, by name."""
    exact: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    errors = []
    for case in cases:
        problem = posed(case)
        if problem is None:
            continue
        judge = ours(problem)
        verdict = judge(problem.exact)
        exact[verdict] += 1
        if verdict in {"fail", "nondifferentiable"}:
            errors.append(f"{verdict} of an exact gradient: {case}")
        for claim in problem.wrong:
            verdict = judge(claim)
            wrong[verdict] += 1
            if verdict == "pass":
                errors.append(f"pass of {claim!r}: {case}")
    return exact, wrong, errors


@pytest.mark.slow
@pytest.mark.parametrize("kind", [smooth, physical])
def test_no_exact_gradient_is_called_wrong_and_no_wrong_one_passes(kind: Any) -> None:
    exact, wrong, errors = verdicts_on(list(kind())[::EVERY])
    assert errors == []
    assert exact["pass"] >= 0.85 * sum(exact.values()), exact
    assert wrong["fail"] >= 0.85 * sum(wrong.values()), wrong


@table("case", list(kinks()), ids=lambda case: f"{case.text} at {case.x:g}")
def test_a_kink_is_seen_at_any_scale(case: Case) -> None:
    found = gradient(parse(case.text), {"x": case.x}, check=CheckOptions()).check
    assert found is not None
    # sign is alike on both sides of 0, so that no slope disagrees; it is only torn at the point.
    assert found.verdict == ("inconclusive" if "sign" in case.text else "nondifferentiable")


STOPPED = [
    ("tanh(x - 1e12)", 1e12 + 0.5),
    ("sin(256*pi*x)", 0.0),
    ("1e16 + sin(x)", 0.5),
    ("(1e16 + sin(x)) - 1e16", 0.5),
    ("hypot(x, 1e-12)", 1e-12),
    ("1e-9*tanh(x/1e-9)", 0.0),
    ("1e-20*tanh(x/1e-20)", 0.0),
    ("1e-40*tanh(x/1e-40)", 1e-40),
    ("x/(x + 2e-15)", 1e-12),
    ("1e-9/x", 1e-5),
]


@pytest.mark.parametrize("text, x", STOPPED)
@pytest.mark.parametrize("shape", ["{}", "sum({})"], ids=["tape", "arrays"])
def test_a_stopped_gradient_does_not_pass_for_0(text: str, x: float, shape: str) -> None:
    """Every part of the function then has the adjoint 0, and rounding has to be found without."""
    stopped = parse(f"stop_gradient({shape.format(text)})")
    point = x if shape == "{}" else [x]
    found = gradient(stopped, {"x": point}, check=CheckOptions()).check
    assert found is not None
    assert found.verdict in {"fail", "inconclusive"}


METHODS = ["richardson", "central", "forward", "backward", "complex"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("text, x", [("x*x", 1.0), ("x*x", 0.0), ("sum(x*x)", [1.0, 0.0])])
def test_the_smallest_of_steps_is_too_short(method: str, text: str, x: Any) -> None:
    options = CheckOptions(method=method, step=5e-324)
    found = gradient(parse(text), {"x": x}, check=options).check
    assert found is not None
    assert found.verdict == "inconclusive"
    assert "short" in (found.inputs["x"].reason or "")


@pytest.mark.parametrize("method", METHODS[:4])
@pytest.mark.parametrize("x, step", [(1.0, 1e-17), (1e16, 1.0), (1.0, 2.0**-53), (-3e5, 1e-11)])
def test_a_step_that_is_lost_beside_x_decides_nothing(method: str, x: float, step: float) -> None:
    found = gradient(parse("x*x"), {"x": x}, check=CheckOptions(method=method, step=step)).check
    assert found is not None
    assert found.verdict == "inconclusive"
    assert "too short beside x" in (found.inputs["x"].reason or "")


@pytest.mark.parametrize("step", [5e-324, 1e-17])
def test_a_hessian_s_check_with_too_short_a_step_is_inconclusive(step: float) -> None:
    found = hessian(parse("x*x*y"), {"x": 1.0, "y": 2.0}, check=CheckOptions(step=step)).check
    assert found is not None
    assert found.verdict == "inconclusive"
    assert "too short" in (found.blocks["x"]["y"].reason or "")


@pytest.mark.parametrize("method", METHODS[1:4])
def test_one_step_as_written_does_not_pass_what_it_jumps_over(method: str) -> None:
    graph = parse("sin(256*pi*x)")
    options = CheckOptions(method=method, step=2.0**-6)
    assert check(graph, {"x": 0.0}, {"x": 0.0}, options=options).verdict != "pass"


def _of_jacobian(text: str, x: Any) -> InputCheck:
    found = jacobian(parse(f"y = {text}; y"), {"x": x}, check=CheckOptions()).check
    assert found is not None
    return found.blocks["y"]["x"]


@pytest.mark.parametrize(
    "text, x, verdict",
    [
        ("x/(x + 2e-15)", [1e-15, 3e-14], "pass"),
        ("1/x", [1e-30, 1e30], "pass"),
        ("tanh(x*1e9)", [0.0, 1e-9], "pass"),
        ("stop_gradient(hypot(x, 1e-12))", [1e-12, 1.0], "fail"),
        ("stop_gradient(1e16 + sin(x))", [0.5, 1.0], "inconclusive"),
        ("abs(x)", [0.0, 1e-12], "nondifferentiable"),
    ],
)
def test_a_jacobian_s_check_looks_at_every_scale(text: str, x: Any, verdict: str) -> None:
    assert _of_jacobian(text, x).verdict == verdict


@pytest.mark.parametrize(
    "text, x", [("x*x/(x + 2e-15)", 1e-15), ("log(x)", 1e-20), ("sqrt(x**2 + 1e-24)", 1e-12)]
)
def test_a_hessian_s_check_looks_at_every_scale(text: str, x: float) -> None:
    found = hessian(parse(text), {"x": x}, check=CheckOptions()).check
    assert found is not None
    assert found.verdict == "pass"


@pytest.mark.parametrize("text", ["sum(x*x*x)", "sum(sin(x))", "sum(exp(x)*x)", "norm(x)"])
def test_directions_far_out_and_close_in(text: str) -> None:
    options = CheckOptions(directions=3)
    for size in (1e-3, 1.0, 300.0):
        x = size * np.linspace(0.1, 1.0, 50)
        found = gradient(parse(text), {"x": x}, check=options).check
        assert found is not None
        assert found.verdict == "pass"


def test_easy_functions_take_half_as_many_evaluations_again_at_most() -> None:
    """Before the check looked at a second scale, these took 13, 5, 7 and 11."""
    for text, bindings, before in [
        ("a*b + c", {"a": 2.0, "b": -3.0, "c": 10.0}, 13),
        ("x**2", {"x": 3.0}, 5),
        ("exp(x)", {"x": 0.3}, 7),
        ("exp(sin(x))", {"x": -1.9}, 11),
    ]:
        found = gradient(parse(text), bindings, check=CheckOptions()).check
        assert found is not None
        assert found.verdict == "pass"
        assert found.evaluations <= 1.5 * before


def test_a_long_tape_is_shaken_as_a_short_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little a slice has room for, neighbours go in opposite ways, and pairs in others."""
    short = prepared_tape()
    values, numbers = tape.evaluate(short, [0.7], None), np.full((1, 4), 0.7)
    together = tape.nudged(short, values, [0], numbers, len(values) - 1, None, shake=True)
    monkeypatch.setattr(tape, "SLICE", 1)
    apart = tape.nudged(short, values, [0], numbers, len(values) - 1, None, shake=True)
    np.testing.assert_array_equal(apart, together)
    assert len(set(apart[0])) == 4


def prepared_tape() -> tape.Tape:
    call = prepare(parse("exp(sin(x)*3)"), {"x": 0.7}, None, (), DEFAULT_LIMITS, None, ("x",))
    assert call.plan.tape is not None
    return call.plan.tape


@pytest.mark.parametrize(
    "text, x, options",
    [
        ("erf(cos(2*x))", 0.001, {"step": 1e308}),
        ("x + tanh(square(x))", -1.0, {"step": 1e308}),
        ("1e12*gelu(cos(x))", 0.001, {"step": 1e308}),
        ("1e8*sinc(x)", -1.0, {"method": "complex", "step": 1.0}),
        ("sinh(x)**2*x", 5.0, {"method": "complex", "step": 1.0}),
        ("sqrt(x)", 1e-270, {"method": "complex", "step": 1e-20}),
        ("hypot(x, 1e-30)", 0.0, {"method": "complex"}),
        ("sqrt(x)", 1e-300, {"method": "complex"}),
    ],
)
def test_no_step_however_long_calls_an_exact_gradient_wrong(
    text: str, x: float, options: dict[str, Any]
) -> None:
    found = gradient(parse(text), {"x": x}, check=CheckOptions(**options)).check
    assert found is not None
    assert found.verdict == "inconclusive"


def test_a_step_beyond_everything_passes_no_slope_of_0() -> None:
    graph, options = parse("erf(cos(2*x))"), CheckOptions(step=1e308)
    assert check(graph, {"x": 0.001}, {"x": 0.0}, options=options).verdict != "pass"


@pytest.mark.parametrize("x", [1e-12, 1e-100, 1e-240])
def test_the_complex_step_is_short_beside_a_small_x(x: float) -> None:
    found = gradient(parse("sqrt(x)"), {"x": x}, check=CheckOptions(method="complex")).check
    assert found is not None
    assert found.verdict == "pass"


def test_an_infinite_gradient_is_compared_without_a_warning() -> None:
    found = gradient(
        parse("sum([1, 1]*x/(x/y))"), {"x": 1e-7, "y": 1e200}, check=CheckOptions()
    ).check
    assert found is not None
