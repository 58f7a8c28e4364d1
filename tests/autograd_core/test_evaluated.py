"""The evaluations that a finite-difference check reports."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    ArgumentError,
    CheckOptions,
    CheckReport,
    InputCheck,
    gradient,
    hessian,
    jacobian,
    parse,
)


def report_of(text: str, x: Any, **options: Any) -> CheckReport:
    found = gradient(parse(text), {"x": x}, check=CheckOptions(evaluations=True, **options)).check
    assert found is not None
    return found


def values_of(check: InputCheck) -> list[tuple[float, float]]:
    """The steps and the values that a check reports."""
    assert check.evaluated is not None
    return [(each.step, each.value) for each in check.evaluated]


@pytest.mark.parametrize(
    "method, expected",
    [
        ("forward", [(0.0, 9.0), (0.5, 12.25)]),
        ("backward", [(0.0, 9.0), (-0.5, 6.25)]),
        ("central", [(0.0, 9.0), (0.5, 12.25), (-0.5, 6.25)]),
    ],
)
@pytest.mark.parametrize("text, x", [("x**2", 3.0), ("sum(x**2)", [3.0])])
def test_a_check_reports_what_its_quotient_is_made_of(
    method: str, expected: list[tuple[float, float]], text: str, x: Any
) -> None:
    report = report_of(text, x, method=method, step=0.5)
    found = report.inputs["x"]
    assert values_of(found) == expected
    assert found.evaluated is not None
    for each in found.evaluated:
        assert each.at == 3.0 + each.step
        assert each.entry == (None if isinstance(x, float) else (0,))


@pytest.mark.parametrize("text, x", [("x**2", 3.0), ("sum(x**2)", [3.0])])
def test_richardson_reports_every_step(text: str, x: Any) -> None:
    found = values_of(report_of(text, x, step=0.5).inputs["x"])
    assert found[:3] == [(0.0, 9.0), (0.5, 12.25), (-0.5, 6.25)]
    assert {(0.25, 10.5625), (-0.25, 7.5625)} < set(found)
    assert all(value == (3.0 + step) ** 2 for step, value in found)


def test_a_complex_step_reports_both_parts() -> None:
    report = report_of("x**2", 3.0, method="complex", step=2.0**-60)
    _, stepped = report.inputs["x"].evaluated or ()
    assert (stepped.step, stepped.at, stepped.value) == (2.0**-60, 3.0, 9.0)
    assert stepped.imaginary == pytest.approx(6 * 2.0**-60, rel=1e-15, abs=0)


def test_all_steps_on_the_way_to_a_verdict_are_reported() -> None:
    report = report_of("abs(x)", 0.0)
    steps = dict(values_of(report.inputs["x"]))
    assert len(steps) > 20
    assert all(value == abs(step) for step, value in steps.items())


@pytest.mark.parametrize(
    "text, x, mapped",
    [
        ("x**3", 0.5, []),
        ("abs(x)", 0.0, []),
        ("sum(x*x)", [1.0, 2.0], []),
        ("x", [1.0, 2.0], ["x"]),
    ],
)
def test_what_is_reported_changes_nothing_else(text: str, x: Any, mapped: list[str]) -> None:
    shown, plain = (
        gradient(parse(text), {"x": x}, mapped=mapped, check=CheckOptions(evaluations=wanted)).check
        for wanted in (True, False)
    )
    assert shown is not None
    assert plain is not None
    assert (shown.verdict, shown.evaluations) == (plain.verdict, plain.evaluations)
    assert plain.inputs["x"].evaluated is None
    np.testing.assert_equal(shown.inputs["x"].numeric, plain.inputs["x"].numeric)
    np.testing.assert_equal(shown.inputs["x"].error_estimate, plain.inputs["x"].error_estimate)


ENTRIES = [
    (jacobian, "x**2", {}, ["value"], [(0, 0), (0, 1), (1, 0), (1, 1)]),
    (hessian, "sum(x**3)", {}, ["x"], [(0, 0), (0, 1), (1, 0), (1, 1)]),
    (jacobian, "x**2", {"mapped": ["x"]}, ["value"], [(0,), (1,)]),
]


@pytest.mark.parametrize("function, text, options, row, entries", ENTRIES)
def test_evaluations_of_a_matrix_say_which_entry_they_are_for(
    function: Any, text: str, options: Any, row: list[str], entries: list[tuple[int, ...]]
) -> None:
    check = CheckOptions(method="forward", step=0.5, evaluations=True)
    report = function(parse(text), {"x": [3.0, 4.0]}, check=check, **options).check
    found = report.blocks[row[0]]["x"].evaluated
    assert [each.entry for each in found[::2]] == entries
    assert [each.step for each in found] == [0.0, 0.5] * len(entries)


def test_the_values_in_a_jacobian_are_those_of_its_row() -> None:
    check = CheckOptions(method="forward", step=0.5, evaluations=True)
    report = jacobian(parse("x**2"), {"x": [3.0, 4.0]}, check=check).check
    assert report is not None
    found = [(each.at, each.value) for each in report.blocks["value"]["x"].evaluated or ()]
    first, second = [(3.0, 9.0), (3.5, 12.25), (4.0, 9.0), (4.5, 9.0)], [(3.0, 16.0), (3.5, 16.0)]
    assert found == [*first, *second, (4.0, 16.0), (4.5, 20.25)]


MANY = CheckOptions(method="central", evaluations=True)


@pytest.mark.parametrize(
    "ask, most",
    [
        (lambda n: gradient(parse("sum(x*x)"), {"x": np.ones(n)}, check=MANY), 100),
        (lambda n: gradient(parse("x*x"), {"x": np.ones(n)}, mapped=["x"], check=MANY), 100),
        (lambda n: jacobian(parse("x*x"), {"x": np.ones(n)}, check=MANY), 10),
        (lambda n: hessian(parse("sum(x*x)"), {"x": np.ones(n)}, check=MANY), 10),
    ],
)
def test_evaluations_of_many_derivatives_are_refused(ask: Callable[[int], Any], most: int) -> None:
    assert ask(most).check is not None
    with pytest.raises(ArgumentError) as caught:
        ask(most + 1)
    (fault,) = caught.value.faults
    assert (fault.code, fault.path) == ("limit_exceeded", ("check", "evaluations"))


def test_directions_bound_the_evaluations() -> None:
    report = report_of("sum(x*x)", np.ones(1000), method="central", directions=2)
    found = report.inputs["x"].evaluated or ()
    assert [(each.entry, each.at) for each in found] == [((0,), None)] * 3 + [((1,), None)] * 3
