"""One claimed number or tensor against the truth."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from service.grading.comparing import compare
from service.grading.model import Tolerance

INF, NAN = math.inf, math.nan
USUAL = Tolerance(rtol=1e-6, atol=1e-9)


def verdict(
    claimed: Any, truth: Any, tolerance: Tolerance = USUAL, bound: Any = 0.0
) -> tuple[str, float]:
    found = compare(claimed, truth, tolerance, lambda: bound)
    return found.verdict, found.credit


@pytest.mark.parametrize(
    "claimed, truth, tolerance, right",
    [
        (3.0, 3.0, Tolerance(0, 0), True),
        (3.0000029, 3.0, USUAL, True),
        (3.0000031, 3.0, USUAL, False),
        (2.9999971, 3.0, USUAL, True),
        (-3.0, 3.0, USUAL, False),
        # atol + rtol*|truth|, not the larger of the two
        (1.19, 1.0, Tolerance(0.1, 0.1), True),
        (1.21, 1.0, Tolerance(0.1, 0.1), False),
        # relative to the truth, not to the claim
        (1.15, 1.0, Tolerance(0.14, 0), False),
        (0.0, 1e-10, USUAL, True),
        (0.0, 1e-10, Tolerance(1e-6, 0), False),
        (-0.0, 0.0, Tolerance(0, 0), True),
        (1e308, -1e308, USUAL, False),
        (5e-324, 0.0, Tolerance(1e-6, 0), False),
    ],
)
def test_a_number(claimed: float, truth: float, tolerance: Tolerance, right: bool) -> None:
    expected = ("correct", 1.0) if right else ("incorrect", 0.0)
    assert verdict(claimed, truth, tolerance) == expected
    assert verdict(np.array([claimed]), np.array([truth]), tolerance) == expected


@pytest.mark.parametrize(
    "claimed, truth, expected",
    [
        (NAN, 3.0, "incorrect"),
        (NAN, NAN, "correct"),
        (NAN, INF, "incorrect"),
        (3.0, NAN, "ungradable"),
        (INF, NAN, "ungradable"),
        (INF, INF, "correct"),
        (-INF, INF, "incorrect"),
        (INF, 3.0, "incorrect"),
        (1e308, INF, "incorrect"),
        (-INF, -INF, "correct"),
    ],
)
def test_what_is_not_finite(claimed: float, truth: float, expected: str) -> None:
    """With a tolerance so wide that rtol*inf would let everything pass."""
    wide = Tolerance(rtol=1.0, atol=1.0)
    assert verdict(claimed, truth, wide)[0] == expected
    assert verdict(np.array([claimed]), np.array([truth]), wide)[0] == expected


@pytest.mark.parametrize(
    "claimed, truth, expected",
    [
        ([2, 4, 6], [2, 4, 6], ("correct", 1.0)),
        ([2, 4, 7], [2, 4, 6], ("partially_correct", 2 / 3)),
        ([1, 1, 1], [2, 4, 6], ("incorrect", 0.0)),
        ([[1, 2], [3, 4]], [[1, 2], [3, 5]], ("partially_correct", 0.75)),
        ([2, NAN, 6], [2, 4, 6], ("partially_correct", 2 / 3)),
        ([2, NAN, 6], [2, NAN, 6], ("correct", 1.0)),
        ([2, 4, 6], [2, NAN, 6], ("ungradable", 0.0)),
        ([2, INF, 6], [2, INF, 6], ("correct", 1.0)),
        ([], [], ("correct", 1.0)),
    ],
)
def test_a_tensor_entry_by_entry(claimed: Any, truth: Any, expected: tuple[str, float]) -> None:
    assert verdict(np.array(claimed, float), np.array(truth, float)) == expected


def test_the_first_wrong_entry_is_named() -> None:
    found = compare(np.array([[1.0, 2.0], [0.0, 0.0]]), np.ones((2, 2)), USUAL, lambda: 0.0)
    assert found.verdict == "partially_correct"
    assert found.reason == "1 of 4 entries are right; the first that is not is at [0, 1]"


@pytest.mark.parametrize(
    "claimed, truth, reason",
    [
        ([1, 2], [1, 2, 3], "a tensor of shape [2], and a tensor of shape [3]"),
        (1.0, [1], "a number, and a tensor of shape [1]"),
        ([1], 1.0, "a tensor of shape [1], and a number"),
        ([[1], [2]], [1, 2], "a tensor of shape [2, 1], and a tensor of shape [2]"),
    ],
)
def test_another_shape_is_wrong_and_both_are_named(claimed: Any, truth: Any, reason: str) -> None:
    """Even where it would broadcast."""
    found = compare(np.array(claimed, float), np.array(truth, float), USUAL, lambda: 0.0)
    assert (found.verdict, found.credit) == ("incorrect", 0.0)
    assert found.reason == f"this is {reason} was asked for"


@pytest.mark.parametrize(
    "claimed, truth, bound, expected",
    [
        (1.001, 1.0, 0.01, "undetermined"),
        (1.02, 1.0, 0.01, "incorrect"),
        (1.0, 1.0, INF, "correct"),
        (5.0, 1.0, INF, "undetermined"),
        (5.0, 1.0, NAN, "incorrect"),
        (INF, 1.0, 0.01, "incorrect"),
        ([1.001, 2.0], [1.0, 2.0], [0.01, 0.0], "undetermined"),
        ([1.001, 2.0], [1.0, 2.0], [0.0, 0.01], "partially_correct"),
        ([1.001, 3.0], [1.0, 2.0], [0.01, 0.0], "undetermined"),
    ],
)
def test_what_rounding_could_explain_is_left_open(
    claimed: Any, truth: Any, bound: Any, expected: str
) -> None:
    numbers = [x if isinstance(x, float) else np.array(x) for x in (claimed, truth, bound)]
    assert verdict(numbers[0], numbers[1], bound=numbers[2])[0] == expected


def test_the_bound_is_not_asked_for_what_is_right() -> None:
    def never() -> float:
        raise AssertionError

    assert compare(1.0, 1.0, USUAL, never).verdict == "correct"
    assert compare(np.ones(2), np.ones(2), USUAL, never).verdict == "correct"
