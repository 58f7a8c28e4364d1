"""Sums and maxima of many short rows, which are taken column by column: what NumPy's are."""

from __future__ import annotations

import numpy as np
import pytest

from autograd_core import gradient, parse
from autograd_core.operations.arrays.along import max_along, sum_along

LENGTHS = [1, 2, 3, 7, 8, 9, 15, 16, 17]


def rows(length: int) -> np.ndarray:
    """Six hundred rows, whose sum depends on the order in which they are added up."""
    generator = np.random.default_rng(length)
    return generator.standard_normal((600, length)) * 10.0 ** generator.integers(
        -9, 9, (600, length)
    )


@pytest.mark.parametrize("length", LENGTHS)
def test_a_sum_of_short_rows_is_numpys_to_the_last_bit(length: int) -> None:
    x = rows(length)
    x[0] = -0.0
    x[1, 0] = np.inf
    x[2, 0] = np.nan
    assert sum_along(x, (1,), keepdims=False).tobytes() == np.sum(x, axis=1).tobytes()
    assert sum_along(x, (1,)).shape == (600, 1)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_maximum_of_short_rows_is_numpys_nan_included(length: int) -> None:
    x = rows(length)
    x[1, -1] = np.nan
    x[2, 0] = -np.inf
    np.testing.assert_array_equal(max_along(x, (1,)), np.max(x, axis=1, keepdims=True))


@pytest.mark.parametrize("power", [1, 2])
def test_the_slope_of_a_square_is_exact_at_every_size(power: int) -> None:
    x = np.array([0.0, -0.0, 3e-320, -1e-300, 7.1, 1e300, -np.inf])
    found = gradient(parse(f"sum(x**{power})"), {"x": x}).gradients["x"]
    assert np.asarray(found).tolist() == (x * 2 if power == 2 else np.ones(7)).tolist()
