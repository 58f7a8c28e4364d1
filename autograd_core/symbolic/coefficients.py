"""The numbers that formulas are multiplied with: a float, or a fraction of whole numbers.

1/3 stays 1/3, as it reads better than 0.3333333333333333, and a product of whole numbers is exact.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

# Whole numbers below this are floats without rounding.
_EXACT: Final = 2.0**53


class Coefficient(NamedTuple):
    """numerator/denominator; the denominator is a whole number above 0, and 1 beside a numerator
    that is not whole.
    """

    numerator: float
    denominator: float = 1.0

    @property
    def value(self) -> float:
        """As a float, rounded once."""
        return self.numerator / self.denominator

    def times(self, other: Coefficient) -> Coefficient | None:
        """The product; None where it leaves the range of floats, on which it then depends what
        it is multiplied with first.
        """
        product = fraction(self.numerator * other.numerator, self.denominator * other.denominator)
        size = abs(product.numerator)
        if not math.isfinite(size) or (size < _SMALLEST and self.numerator and other.numerator):
            return None
        return product

    def plus(self, other: Coefficient) -> Coefficient:
        """The sum."""
        one, two = self.numerator * other.denominator, other.numerator * self.denominator
        if is_whole(one) and is_whole(two):
            return fraction(one + two, self.denominator * other.denominator)
        return Coefficient(self.value + other.value)


_SMALLEST: Final = 2.0**-1022
ZERO: Final = Coefficient(0.0)
ONE: Final = Coefficient(1.0)
MINUS_ONE: Final = Coefficient(-1.0)


def fraction(numerator: float, denominator: float) -> Coefficient:
    """In lowest terms, if both are whole and not too large."""
    if denominator == 1:
        return Coefficient(numerator)
    if is_whole(numerator) and is_whole(denominator):
        common = math.gcd(int(numerator), int(denominator))
        if denominator < 0:
            common = -common
        return Coefficient(numerator / common, denominator / common)
    return Coefficient(numerator / denominator)


def is_whole(number: float) -> bool:
    """Whether a number is a whole one, known exactly."""
    return abs(number) < _EXACT and number == math.floor(number)
