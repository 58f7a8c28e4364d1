"""The points that formulas are compared at: where a function is defined, and all that it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from autograd_core import ArgumentError, Array, GraphError, parse
from service.grading import decimals
from service.grading.cuts import cuts, grid
from service.grading.reference import Reference
from service.grading.sampling import Sample, sample
from tests.service.grading.graded import reference_of


def sampled(function: Any, bindings: Any = None, **domain: Any) -> Sample:
    reference = reference_of(function, bindings, **domain)
    return sample(reference, reference.free or reference.inputs)


def holds(condition: str, points: Mapping[str, Array]) -> Any:
    """Whether a condition, written for NumPy, holds at each point."""
    names = {name: getattr(np, name) for name in ("abs", "cos", "sin", "exp", "log", "hypot")}
    return eval(condition, {"__builtins__": {}}, {**names, **points})


# What a function is defined on is found, however narrow ----------------------------------------

DOMAINS = {
    "log(x) + sqrt(x)": "x > 0",
    "log(x - 3)*sqrt(3.01 - x)": "(x > 3) & (x < 3.01)",
    "sqrt(x - 2)*log(2.0001 - x)": "(x > 2) & (x < 2.0001)",
    "log(1e-6 - (x - 3)**2)": "abs(x - 3) < 1e-3",
    "log(x - 100000)": "x > 100000",
    "sqrt(1e-4 - x)*log(x)": "(x > 0) & (x < 1e-4)",
    "acos(1000*x)": "abs(x) < 1e-3",
    "asin(x - 40)": "abs(x - 40) < 1",
    "acosh(x) + atanh(x/7)": "(x > 1) & (x < 7)",
    "log(log(x) - 5)": "x > exp(5)",
    "log(sin(x))": "sin(x) > 0",
    "logit(x)": "(x > 0) & (x < 1)",
    "log1p(x)": "x > -1",
    "erfinv(x/3)": "abs(x) < 3",
    "x**0.5 + (x - 7)**-3": "(x > 0) & (x != 7)",
    "(x - 5)**1.5": "x > 5",
    "sqrt(x**2 - 9)": "abs(x) > 3",
    "log(1/(1 + exp(-2*x)))": "x > -355",
    "log(x - y - 3)*sqrt(3.01 - x + y)": "(x - y > 3) & (x - y < 3.01)",
    "log(x - 3)*sqrt(3.01 - x)*log(y - 5)*sqrt(5.01 - y)": (
        "(x > 3) & (x < 3.01) & (y > 5) & (y < 5.01)"
    ),
    "sqrt(1 - x**2 - y**2)": "hypot(x, y) < 1",
    "log(1 - x - y - z)*log(x)*log(y)*log(z)": "(x > 0) & (y > 0) & (z > 0) & (x + y + z < 1)",
    "asin(x)*acosh(y)*atanh(z)*log(w - 20)": "(abs(x) < 1) & (y > 1) & (abs(z) < 1) & (w > 20)",
}


@pytest.mark.parametrize("function", DOMAINS)
def test_points_are_found_in_the_domain(function: str) -> None:
    found = sampled(function)
    assert len(found) >= 10
    assert holds(DOMAINS[function], found.points).all()
    assert np.isfinite(found.value).all()
    assert all(np.isfinite(each).all() for each in found.gradients.values())


def test_points_are_found_where_a_function_computes_with_tensors() -> None:
    found = sampled("sum(log(x - [3, 4]))")
    assert len(found) >= 4
    assert (found.points["x"] > 4).all()


@pytest.mark.parametrize(
    "function", ["log(-1 - x**2)", "log(x)*log(-x)", "sqrt(x - 2)*log(1 - x)", "asin(2 + x**2)"]
)
def test_nothing_is_found_where_nothing_is(function: str) -> None:
    found = sampled(function)
    assert len(found) == 0
    assert found.rejected > 0


# All pieces of a function are looked at ----------------------------------------------------------


@pytest.mark.parametrize(
    "function, pieces",
    [
        ("relu(x - 50)", ["x < 50", "x > 50"]),
        ("where(x > 100, x**2, x)", ["x < 100", "x > 100"]),
        ("abs((x - 3)**2 - 1e-4)", ["abs(x - 3) < 0.01", "abs(x - 3) > 0.01"]),
        ("maximum(x, 7) + minimum(x, -7)", ["x < -7", "abs(x) < 7", "x > 7"]),
        ("clip(x, 20, 30)", ["x < 20", "(x > 20) & (x < 30)", "x > 30"]),
        ("1/(x - 1)**2", ["x < 1", "x > 1"]),
        ("1/(exp(x) - 1e5)", ["exp(x) < 1e5", "exp(x) > 1e5"]),
        ("x**n", ["(x < 1) & (n < 0)", "(x > 1) & (n > 0)"]),
        ("sqrt(b**2)*x", ["(b < 0) & (x < 0)", "(b < 0) & (x > 0)", "(b > 0) & (x < 0)", "b > 1"]),
        ("relu(x*y - 70)", ["x*y < 70", "x*y > 70"]),
        ("a*b + c", ["(a < 0) & (b < 0)", "(a > 0) & (b < 0)", "(c > 0) & (a > 0)", "c < 0"]),
        ("x**3", ["x < -5", "abs(x) < 0.2", "x > 5"]),
        ("exp(-(x - 100)**2)", ["abs(x - 100) < 2"]),
        ("where(x > 0, sqrt(x), 0)", ["x < 0", "x > 0"]),
    ],
)
def test_every_piece_has_points(function: str, pieces: list[str]) -> None:
    found = sampled(function)
    for piece in pieces:
        assert holds(piece, found.points).any(), piece


@pytest.mark.parametrize(
    "function, kink",
    [
        ("abs(x)", "x == 0"),
        ("abs(x - 2)*abs(x + 1)*abs(x - 0.5)", "(x == 2) | (x == -1) | (x == 0.5)"),
        ("relu(x - 1.5)", "x == 1.5"),
        ("maximum(x, y)", "x == y"),
        ("floor(x)*x", "x % 1 == 0"),
        ("where(x > 3, x, 2*x)", "x == 3"),
        ("mod(x, 3)", "x % 3 == 0"),
        ("1/x + 1/(x - 2)", "(x == 0) | (x == 2)"),
    ],
)
def test_no_point_is_on_a_kink_or_a_pole(function: str, kink: str) -> None:
    assert not holds(kink, sampled(function).points).any()


# They are short decimals, always the same, whatever names are ------------------------------------


def digits(number: float) -> int:
    return len(f"{number:.15g}".replace("-", "").replace(".", "").strip("0") or "0")


def test_points_can_be_checked_by_hand() -> None:
    found = sampled("3*x**2 - 4*x + 5")
    assert found.points["x"][:6].tolist() == [2.0, -1.0, 0.5, 3.0, -2.0, 1.5]
    assert max(map(digits, found.points["x"][: found.short])) <= 3
    assert found.short >= 20


def test_some_points_are_no_short_decimals() -> None:
    """sin(100*pi*x) is 0 at every decimal of two digits."""
    found = sampled("3*x")
    others = found.points["x"][found.short :]
    assert len(others) >= 4
    assert (np.abs(np.sin(100 * np.pi * others)) > 1e-3).any()


@pytest.mark.parametrize("function", ["a*b + c", "log(a - b)*sqrt(c)", "a**2/(b - c)"])
def test_names_do_not_matter(function: str) -> None:
    reference = reference_of(function)
    other = reference_of(function.translate(str.maketrans("abc", "zyx")).replace("logx", "log"))
    first = sample(reference, reference.inputs)
    renamed = function.replace("log", "LOG").replace("sqrt", "SQRT")
    for old, new in zip("abc", ("zeta", "y", "aleph"), strict=True):
        renamed = renamed.replace(old, new)
    other = reference_of(renamed.replace("LOG", "log").replace("SQRT", "sqrt"))
    second = sample(other, other.inputs)
    assert list(first.points) == ["a", "b", "c"]
    assert list(second.points) == ["zeta", "y", "aleph"]
    for one, two in zip(first.points.values(), second.points.values(), strict=True):
        assert np.array_equal(one, two)


def test_points_are_the_same_on_every_run() -> None:
    function = "log(x - y)*sqrt(z)/(x*z - 1)"
    one, two = sampled(function), sampled(function)
    for name in "xyz":
        assert np.array_equal(one.points[name], two.points[name])


# The author's domain, and parameters -------------------------------------------------------------


def test_an_author_s_domain_is_kept_to() -> None:
    found = sampled("sqrt(x**2)*y", x=(0.5, 4.0))
    assert ((found.points["x"] > 0.5) & (found.points["x"] < 4)).all()
    assert (found.points["y"] < 0).any()


def test_inside_a_domain_the_function_has_its_own() -> None:
    found = sampled("log(x - 3)*sqrt(3.01 - x)", x=(0.0, 1000.0))
    assert len(found) >= 10
    assert holds("(x > 3) & (x < 3.01)", found.points).all()
    assert len(sampled("log(x)", x=(-4.0, -1.0))) == 0


def test_a_domain_of_no_input_is_the_author_s_fault() -> None:
    with pytest.raises(ArgumentError) as caught:
        Reference(parse("alpha*x"), {}, domain={"alfa": (0.0, 1.0)})
    (fault,) = caught.value.faults
    assert (fault.path, fault.code) == (("domain", "alfa"), "unknown_name")
    assert "'alpha'" in fault.detail


def test_what_is_bound_is_a_parameter() -> None:
    reference = reference_of("log(x - a)", {"a": 20.0})
    found = sample(reference, ["x"])
    assert list(found.points) == ["x"]
    assert (found.points["x"] > 20).all()


def test_variables_that_are_bound_to_tensors_keep_their_shape() -> None:
    reference = reference_of("sum(log(w)*x)", {"w": [1, 2, 3]})
    found = sample(reference, ["w", "x"])
    assert found.points["w"].shape[1:] == (3,)
    assert found.gradients["w"].shape == found.points["w"].shape
    assert (found.points["w"] > 0).all()


# The author's faults, and costs ------------------------------------------------------------------


@pytest.mark.parametrize(
    "function, bindings, error",
    [
        ("A @ x", {"A": [[1.0, 2.0]]}, GraphError),
        ("x*A", {"A": [1.0, 2.0]}, ArgumentError),
    ],
)
def test_a_reference_at_fault(function: str, bindings: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        sampled(function, bindings)


def test_it_is_bounded_how_much_is_computed() -> None:
    """Of a large graph fewer points are tried, and no lines: 20 million numbers at most."""
    long = "sin(" * 10_000 + "x" + ")" * 10_000
    found = sampled(long)
    assert 4 <= len(found) <= 40
    assert len(sampled(long.replace("(x)", "(sqrt(x))"))) >= 4


def test_a_sample_is_found_once() -> None:
    reference = reference_of("log(x)")
    assert sample(reference, ["x"]) is sample(reference, ["x"])


# Cuts: where guards change sign along a line -----------------------------------------------------


def line_of(*guards: Any) -> Any:
    """Guards of one line, as functions of the place."""
    return lambda lines, places: np.array([guard(places) for guard in guards])


@pytest.mark.parametrize(
    "guard, expected",
    [
        (lambda x: x - 3, [3.0]),
        (lambda x: (x - 3) * (x - 3.0001), [3.0, 3.0001]),
        (lambda x: x**2 - 2, [-math.sqrt(2), math.sqrt(2)]),
        (lambda x: 1e-6 - x, [1e-6]),
        (lambda x: x - 123456.789, [123456.789]),
        (lambda x: np.where(x > 0, x - 5, np.nan), [5.0]),
        (np.ones_like, []),
        (lambda x: x * 0.0, []),
        (lambda x: 1e-8 - (x - 2.04) ** 2, [2.0399, 2.0401]),
        (lambda x: np.arctan(x) - 1.5, [math.tan(1.5)]),
        (lambda x: np.sign(x - 0.3), [0.3]),
    ],
)
def test_cuts_of_a_guard(guard: Any, expected: list[float]) -> None:
    (found,) = cuts(line_of(guard), [grid(-math.inf, math.inf, [])], np.array([False]))
    assert found.tolist() == pytest.approx(expected, rel=1e-11, abs=1e-11)


def test_only_what_is_positive_matters() -> None:
    """(x - 2.04)**2 comes close to 0 from above: where it must be positive, nothing is cut."""
    near = line_of(lambda x: (x - 2.04) ** 2 - 1e-8)
    lines = [grid(-math.inf, math.inf, [])]
    assert len(cuts(near, lines, np.array([True]))[0]) == 0
    assert len(cuts(near, lines, np.array([False]))[0]) == 2


def test_several_lines_at_once() -> None:
    def along(lines: Any, places: Any) -> Any:
        return np.array([places - np.array([1.0, -7.0, 300.0])[lines]])

    grids = [grid(-math.inf, math.inf, []), grid(-10, 10, [0.3]), grid(250, 290, [])]
    found = cuts(along, grids, np.array([True]))
    assert found[0].tolist() == pytest.approx([1.0])
    assert found[1].tolist() == pytest.approx([-7.0])
    assert len(found[2]) == 0


# Short decimals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "low, high",
    [
        *((3, 3.01), (-5, 5), (0, math.inf), (-math.inf, math.sqrt(2)), (-math.inf, math.inf)),
        *((1000, math.inf), (1000.0001, 1000.0002), (1e-9, 2e-9), (-1e300, 1e300), (1e6, 3e6)),
        *((-3.01, -3), (0.1, 0.10001), (-355.3, math.inf), (-1e-12, 1e-12)),
    ],
)
def test_decimals_inside_an_interval(low: float, high: float) -> None:
    found = decimals.inside(low, high, 12)
    assert len(set(found)) == len(found) == 12
    assert all(low < number < high for number in found)


def test_the_simplest_come_first() -> None:
    assert decimals.inside(3, 3.01, 4) == [3.001, 3.003, 3.005, 3.007]
    assert decimals.inside(-0.5, 4.5, 4) == [0.0, 1.0, 2.0, 3.0]


def test_there_is_nothing_inside_an_interval_too_thin() -> None:
    assert decimals.inside(3.0, 3.0 + 1e-12, 5) == []


def test_decimals_are_the_nearest_doubles() -> None:
    assert 0.3 in decimals.inside(0.25, 0.35, 5)
    assert all(float(f"{x:.12g}") == x for x in decimals.inside(0.1, 0.9, 20))


def test_a_grid_is_in_order_and_holds_its_hints() -> None:
    for low, high in ((-math.inf, math.inf), (0.0, 1.0)):
        places = grid(low, high, [0.123, -77.7])
        assert all(first < second for first, second in pairwise(places.tolist()))
        assert 0.123 in places
    assert -77.7 in grid(-math.inf, math.inf, [-77.7])
