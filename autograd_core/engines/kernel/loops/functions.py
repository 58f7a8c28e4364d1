"""The scalar vocabulary of the op table's formulas, for the compiled kernel.

Plain functions of floats, for Numba alone: the generated module takes their text over and
compiles it (`math.exp(1000)` is inf there, not an exception). Each means what NumPy's function
of the same name means, NaN, infinities and signed zeros included. What the `math` module
already has right is not repeated here: see translation.SAME.
"""

from __future__ import annotations

import math

import numpy as np


def maximum(x: float, y: float) -> float:
    """The larger of two; NaN where either is."""
    return x if x >= y or x != x else y  # noqa: PLR0124 - is it NaN?


def minimum(x: float, y: float) -> float:
    """The smaller of two; NaN where either is."""
    return x if x <= y or x != x else y  # noqa: PLR0124 - is it NaN?


def sign(x: float) -> float:
    """-1, 0 or 1; NaN where x is."""
    if x > 0:
        return 1.0
    if x < 0:
        return -1.0
    return 0.0 if x == 0 else x


def mod(x: float, y: float) -> float:
    """Remainder of floored division, with the sign of y; NaN where y is 0."""
    return float(np.mod(x, y))


def cbrt(x: float) -> float:
    """Cube root: a power for a start, whose exponent is not quite 1/3, and a Newton step."""
    if x == 0 or math.isinf(x):
        return x
    root = math.copysign(abs(x) ** (1 / 3), x)
    return root - (root - x / (root * root)) / 3


def flow(moving: float, partial: float) -> float:
    """What a tangent or adjoint brings along an edge; zeros are strong on both sides."""
    if moving == 0 or partial == 0:
        return 0.0
    return moving * partial


def stops(moving: float, partial: float) -> bool:
    """Whether a zero on one side meets something that is not finite on the other."""
    return (moving == 0 and not abs(partial) < np.inf) or (
        partial == 0 and not abs(moving) < np.inf
    )
