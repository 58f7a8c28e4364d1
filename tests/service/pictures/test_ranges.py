"""Where a curve breaks, and how far an axis goes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from service.pictures import ranges

# function, its derivative, interval, points at which a step of the grid is no way along the curve
CURVES: list[tuple[str, Any, Any, tuple[float, float], list[float]]] = [
    ("parabola", lambda x: x**2, lambda x: 2 * x, (-5, 5), []),
    ("kink", np.abs, np.sign, (-5, 5), []),
    ("steep", np.exp, np.exp, (-20, 20), []),
    ("root", np.cbrt, lambda x: 1 / 3 / np.cbrt(x) ** 2, (-1, 1), []),
    ("constant", lambda x: 0 * x + 1e16, lambda x: 0 * x, (-1, 1), []),
    ("rounding", lambda x: 1e16 + x, lambda x: 0 * x + 1, (-1, 1), []),
    ("pole", lambda x: 1 / x, lambda x: -1 / x**2, (-1, 1), [0.0]),
    ("poles", np.tan, lambda x: 1 / np.cos(x) ** 2, (-4, 4), [-np.pi / 2, np.pi / 2]),
    ("jump", np.sign, lambda x: 0 * x, (-1, 1), [0.0]),
    ("steps", np.floor, lambda x: 0 * x, (-1.5, 1.5), [-1.0, 0.0, 1.0]),
    ("gap", np.log, lambda x: 1 / x, (-1, 1), []),
]  # fmt: skip


@pytest.mark.parametrize("curve, slope, interval, breaks", [row[1:] for row in CURVES],
                         ids=[row[0] for row in CURVES])  # fmt: skip
def test_a_curve_breaks_where_it_jumps(
    curve: Any, slope: Any, interval: tuple[float, float], breaks: list[float]
) -> None:
    x = np.linspace(*interval, 200)
    with np.errstate(all="ignore"):
        y, slopes = curve(x), slope(x)
    axis, values = ranges.broken(x, y, slopes)
    new = np.setdiff1d(axis, x)
    assert np.isnan(values[np.isin(axis, new)]).all()
    np.testing.assert_allclose(new, breaks, atol=x[1] - x[0])
    np.testing.assert_array_equal(values[np.isin(axis, x)], y)


@pytest.mark.parametrize(
    "numbers, low, high",
    [
        ([0.0, 100.0], -6.0, 106.0),
        ([np.nan, np.inf, 0.0, 100.0], -6.0, 106.0),
        ([np.nan, np.inf], -1.0, 1.0),
        ([0.0, 0.0], -1.0, 1.0),
        ([5.0], 5 - 5e-9, 5 + 5e-9),
        ([*np.linspace(0, 1, 100), 1e9], -0.09, 1.6),
    ],
)
def test_an_axis_shows_what_there_is_but_for_spikes(
    numbers: list[float], low: float, high: float
) -> None:
    found = ranges.limits(np.array(numbers))
    assert found == pytest.approx((low, high), abs=0.15 if len(numbers) > 100 else 1e-12)


def test_an_axis_has_room_for_all_of_its_series() -> None:
    low, high = ranges.limits(np.array([0.0, 1.0]), np.array([-7.0, 3.0]))
    assert low < -7 < 3 < high


@pytest.mark.parametrize("number", [1e101, -1e300, np.inf, -np.inf, np.nan])
def test_what_no_axis_shows_is_left_out(number: float) -> None:
    np.testing.assert_array_equal(ranges.shown(np.array([1.0, number])), [1.0, np.nan])
