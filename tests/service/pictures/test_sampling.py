"""Functions on a grid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_core import ArgumentError, Deadline, DeadlineExceeded, GraphError, Limits, parse
from service.pictures.sampling import Samples, sample


def sampled(text: str, over: Any, bindings: Any = None, **more: Any) -> Samples:
    allowed = {"limits": Limits(), "deadline": Deadline(60)} | more
    return sample(parse(text), bindings or {}, over, **allowed)


def test_a_curve_has_its_slope_at_equal_steps() -> None:
    found = sampled("a*x**2", {"x": (-1.0, 3.0)}, {"a": 2.0}, points=5)
    np.testing.assert_array_equal(found.axes, [[-1.0, 0.0, 1.0, 2.0, 3.0]])
    np.testing.assert_array_equal(found.values, [2.0, 0.0, 2.0, 8.0, 18.0])
    np.testing.assert_array_equal(found.slopes, [[-4.0, 0.0, 4.0, 8.0, 12.0]])


def test_a_surface_has_a_row_for_each_number_of_the_second_input() -> None:
    found = sampled("x**2*y", {"x": (0.0, 2.0), "y": (5.0, 6.0)}, points=3)
    assert found.names == ("x", "y")
    np.testing.assert_array_equal(found.values, [[0, 5, 20], [0, 5.5, 22], [0, 6, 24]])
    np.testing.assert_array_equal(found.slopes[0], [[0, 10, 20], [0, 11, 22], [0, 12, 24]])
    np.testing.assert_array_equal(found.slopes[1], [[0, 1, 4]] * 3)


def test_tensors_stay_as_they_are_bound() -> None:
    found = sampled("sum(w*x)", {"x": (0.0, 1.0)}, {"w": np.array([1.0, 2.0])}, points=2)
    np.testing.assert_array_equal(found.values, [0.0, 3.0])


def test_what_is_bound_to_an_axis_is_of_no_interest() -> None:
    with_it = sampled("x*x", {"x": (0.0, 1.0)}, {"x": 7.0})
    np.testing.assert_array_equal(with_it.values, sampled("x*x", {"x": (0.0, 1.0)}).values)


@pytest.mark.parametrize(
    "text, output, name, formula",
    [
        ("x*x + 1", None, None, "x*x + 1"),
        ("y = x*x; y", None, "y", "y = x*x"),
        ("e = x*x; y = e + 1", None, "y", None),
        ("e = x*x; y = e + 1", "e", "e", None),
        ("x", None, "x", "x"),
        (" + ".join(["x"] * 40), None, None, None),
    ],
)
def test_it_knows_what_it_is_called(
    text: str, output: str | None, name: str | None, formula: str | None
) -> None:
    found = sampled(text, {"x": (0.0, 1.0)}, output=output)
    assert (found.output, found.formula) == (name, formula)


@pytest.mark.parametrize(
    "text, over, bindings, code, path, words",
    [
        ("sin(x)", {"y": (0.0, 1.0)}, {"x": 1.0}, "unknown_name", ("over", "y"), "called 'y'"),
        ("x1", {"x2": (0.0, 1.0)}, {"x1": 1.0}, "unknown_name", ("over", "x2"), "mean 'x1'"),
        ("x", {"x": (0.0, 1.0)}, {"x": np.ones(2)}, "shape_mismatch", ("over", "x"), "tensor"),
        ("v*x", {"x": (0.0, 1.0)}, {"v": np.ones(2)}, "non_scalar_output", (), "shape [2]"),
    ],
)
def test_what_cannot_be_sampled_is_refused(
    text: str, over: Any, bindings: Any, code: str, path: Any, words: str
) -> None:
    with pytest.raises(ArgumentError) as refused:
        sampled(text, over, bindings)
    (fault,) = refused.value.faults
    assert (fault.code, fault.path) == (code, path)
    assert words in fault.detail


@pytest.mark.parametrize(
    "limits, words",
    [
        (Limits(cost=1_000), "over the limit of 1e+03"),
        (Limits(total_elements=1_000), "held at once; ask for fewer points"),
    ],
)
def test_points_cost_what_they_cost(limits: Limits, words: str) -> None:
    with pytest.raises(GraphError, match=r"limit|points") as refused:
        sampled("sin(x)*y", {"x": (0.0, 1.0)}, {"y": 2.0}, points=900, limits=limits)
    assert words in str(refused.value)


def test_a_deadline_ends_it() -> None:
    with pytest.raises(DeadlineExceeded):
        sampled("x", {"x": (0.0, 1.0)}, deadline=Deadline(-1.0))
