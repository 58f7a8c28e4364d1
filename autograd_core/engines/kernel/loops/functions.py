"""The scalar vocabulary of the op table's formulas, where the `math` module will not do.

Plain functions of floats, which the kernel compiles (`math.exp(1000)` is inf there, not an
exception). Each means what NumPy's function of the same name means, NaN, infinities and signed
zeros included.
"""

from __future__ import annotations

import math

import numpy as np

from autograd_core.jit.compiling import inner


@inner
def maximum(x: float, y: float) -> float:
    """The larger of two; NaN where either is."""
    return x if x >= y or x != x else y  # noqa: PLR0124 - is it NaN?


@inner
def minimum(x: float, y: float) -> float:
    """The smaller of two; NaN where either is."""
    return x if x <= y or x != x else y  # noqa: PLR0124 - is it NaN?


@inner
def sign(x: float) -> float:
    """-1, 0 or 1; NaN where x is."""
    if x > 0:
        return 1.0
    if x < 0:
        return -1.0
    return 0.0 if x == 0 else x


@inner
def mod(x: float, y: float) -> float:
    """Remainder of floored division, with the sign of y; NaN where y is 0."""
    return float(np.mod(x, y))


@inner
def cbrt(x: float) -> float:
    """Cube root: a power for a start, whose exponent is not quite 1/3, and a Newton step."""
    if x == 0 or math.isinf(x):
        return x
    root = math.copysign(abs(x) ** (1 / 3), x)
    return root - (root - x / (root * root)) / 3


@inner
def tanh(x: float) -> float:
    """As `math.tanh`, but its exponential is also that of its derivative, and computed once.

    Near 0 it is S. L. Moshier's rational approximation (Cephes).
    """
    if abs(x) < 0.625:
        u = x * x
        above = (-0.9643991794250522 * u - 99.28772310019186) * u - 1614.6876844170845
        below = ((u + 112.81167849163293) * u + 2235.4883906010045) * u + 4844.063053251255
        return x + x * (u * above / below)
    e = math.exp(-abs(x)) ** 2
    return math.copysign((1 - e) / (1 + e), x)
