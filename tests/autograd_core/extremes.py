"""Smooth elementwise operations at the ends of binary64, by mpmath.

Differences of functions of such operands lose hundreds of digits, so these take minutes where
doubles take milliseconds: tests/oracles/extremes.json has what `exactly` finds at `points`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from itertools import combinations_with_replacement, product
from typing import Any

from mpmath import mp, mpf

from autograd_core.operations.elementwise import TABLE
from tests.autograd_core.test_formulas_numerically import FUNCTIONS, SLOW, Reference

EPSILON = sys.float_info.epsilon
SIZES = (
    5e-324, 1e-308, 1e-200, 1e-16, 0.5, 1 - EPSILON / 2, 1.0, 1 + EPSILON, 1e16, 1e200, 1.7e308,
)  # fmt: skip
EXTREMES = [sign * size for size in SIZES for sign in (1.0, -1.0)]
SMALLEST, LARGEST = mpf(sys.float_info.min), mpf(1.797e308)
DIGITS, FEWER_DIGITS = 1500, 600
MORE = {"hypot", "atan2", "logaddexp", "elu", "leaky_relu", "erfinv", "softplus", "sign", "abs"}
SMOOTH = sorted({name for name, row in TABLE.items() if row.analytic} | MORE)


class _Exact(Reference):
    """A function of mpmath's at a point, and its partials where differences can tell them."""

    def __init__(self, function: Callable[..., Any], at: Sequence[float]) -> None:
        super().__init__(function, at)
        self._steps = [mpf(10) ** -40 * min(abs(x), mpf(1)) for x in self.at]

    def known(self, *indices: int) -> mpf | None:
        """The value, or the partial along operands; None where there is none, or too few digits."""
        try:
            value = mp.mpmathify(self.value())
            if mp.isnan(value) or mp.im(value) != 0:
                return None
            if not indices:
                return mp.re(value)
            found, rounding = self.difference(*indices)
        except (ValueError, ZeroDivisionError, OverflowError):  # beyond mpmath, too
            return None
        if mp.im(found) != 0 or rounding > mpf("1e-14") * max(abs(found), SMALLEST):
            return None
        return mp.re(found)


ATTRIBUTE = 0.3  # of every operation that has one


def points(name: str) -> list[tuple[float, ...]]:
    """Of pairs every third, which meets each operand with each size."""
    found = list(product(EXTREMES, repeat=len(TABLE[name].operands)))
    return found if len(found) == len(EXTREMES) else found[::3]


def numbers(name: str) -> list[tuple[int, ...]]:
    """What there is to know at a point: the value, first partials, second partials, by operands."""
    count = range(len(TABLE[name].operands))
    return [(), *((i,) for i in count), *combinations_with_replacement(count, 2)]


def exactly(name: str, point: Sequence[float]) -> list[mpf | None]:
    """These numbers; None where there is none, none can be told, or it is beyond binary64."""
    with mp.workdps(FEWER_DIGITS if name in SLOW else DIGITS):
        settings = [mpf(ATTRIBUTE) for _ in TABLE[name].attributes]
        reference = _Exact(lambda *at: FUNCTIONS[name](*at, *settings), point)
        known = [reference.known(*indices) for indices in numbers(name)]
        return [None if each is None or abs(each) > LARGEST else each for each in known]
