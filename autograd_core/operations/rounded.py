"""Numbers that know how far rounding may have moved them: a running error analysis, to first order.

What an operation makes of its operands' errors, and its own rounding on top (J. H. Wilkinson,
"Error analysis revisited" (1986); N. Higham, "Accuracy and Stability of Numerical Algorithms",
section 3.3). Sums, products, quotients and square roots are right to half a unit in the last place
(ulp).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.tensors import Array

# The largest relative error of one rounding.
UNIT = 2.0**-53
HALF = 0.5
_SMALLEST, _NORMAL = 2.0**-1074, 2.0**-1022

Error = Array | None  # None: exact


class Rounded:
    """A number or an array, and a bound of the error of each element.

    free: whether what is made of it is not rounded: a 0 or a power of two that a formula has.
    """

    __slots__ = ("error", "free", "value")

    def __init__(self, value: Any, error: Error = None, *, free: bool = False) -> None:
        self.value = value
        self.error = error
        self.free = free

    def __neg__(self) -> Rounded:
        return Rounded(-self.value, self.error, free=self.free)

    def __add__(self, other: Rounded) -> Rounded:
        return self._summed(self.value + other.value, other)

    def __sub__(self, other: Rounded) -> Rounded:
        return self._summed(self.value - other.value, other)

    def _summed(self, value: Array, other: Rounded) -> Rounded:
        """Sums below the normal numbers are exact."""
        error = plus(self.error, other.error)
        if other.free and other.value == 0:
            return Rounded(value, error)
        return Rounded(value, plus(error, HALF * np.spacing(np.abs(value))))

    def __mul__(self, other: Rounded) -> Rounded:
        value = self.value * other.value
        error = plus(carried(other.value, self.error), carried(self.value, other.error))
        if not (self.free or other.free):
            error = plus(error, ulps(value, HALF, self.value, other.value))
        return Rounded(value, error)

    def __truediv__(self, other: Rounded) -> Rounded:
        value = self.value / other.value
        error = plus(self.error, carried(value, other.error))
        error = None if error is None else error / np.abs(other.value)
        if not other.free:
            error = plus(error, ulps(value, HALF, self.value))
        return Rounded(value, error)

    def __pow__(self, other: Rounded) -> Rounded:
        base, exponent = self.value, other.value
        value = base**exponent
        error = None
        if self.error is not None:
            error = carried(exponent * base ** (exponent - 1), self.error)
        if other.error is not None:
            moved = value * np.log(np.abs(np.where(np.equal(base, 0), 1.0, base)))
            error = plus(error, carried(moved, other.error))
        # A square is one product, and a cube on the tape is two.
        own = np.where(np.equal(exponent, 2), HALF, 1.5)
        return Rounded(value, plus(error, ulps(value, own, base)))

    def __lt__(self, other: Rounded) -> Any:
        return self.value < other.value

    def __le__(self, other: Rounded) -> Any:
        return self.value <= other.value

    def __gt__(self, other: Rounded) -> Any:
        return self.value > other.value

    def __ge__(self, other: Rounded) -> Any:
        return self.value >= other.value

    def __eq__(self, other: object) -> Any:
        return self.value == other.value if isinstance(other, Rounded) else NotImplemented

    def __ne__(self, other: object) -> Any:
        return self.value != other.value if isinstance(other, Rounded) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # an array has none


def ulps(value: Array, count: Any, *factors: Array) -> Array:
    """So many units in the last place of each element. Below the normal numbers, where digits are
    lost, it is a whole one at least; but not of a 0 that has a 0 among its factors.
    """
    sizes = np.abs(value)
    error: Array = count * np.spacing(sizes)
    if np.min(sizes, initial=np.inf) >= _NORMAL:
        return error
    exact: Any = np.False_
    for factor in factors:
        exact = exact | np.equal(factor, 0)
    lost = np.where(np.equal(value, 0) & exact, 0.0, np.maximum(error, _SMALLEST))
    return np.where(sizes < _NORMAL, lost, error)


def plus(a: Error, b: Error) -> Error:
    """Two errors together."""
    if a is None or b is None:
        return b if a is None else a
    return a + b


def carried(slope: Any, error: Error) -> Error:
    """What becomes of an error; one that is 0 stays so, whatever the slope."""
    if error is None:
        return None
    moved: Array = np.abs(slope) * error
    if np.max(moved, initial=0.0) < np.inf:
        return moved
    return np.where(np.equal(error, 0) | np.equal(slope, 0), 0.0, moved)
