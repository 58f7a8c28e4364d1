"""The elementwise operations that mpmath does not have under their own name, as definitions.

Each is right at whatever precision mpmath is set to. `record_elementwise.py` differentiates
them numerically, so not one derivative formula is written down here.
"""

from collections.abc import Callable
from typing import Any

from mpmath import mp, mpf

Number = Any  # an mpf; mpmath has no types


def odd(function: Callable[[Number], Number]) -> Callable[[Number], Number]:
    return lambda x: function(x) if x >= 0 else -function(-x)


def sigmoid(x: Number) -> Number:
    return 1 / (1 + mp.exp(-x)) if x >= 0 else mp.exp(x) / (1 + mp.exp(x))


def softplus(x: Number) -> Number:
    return mp.log1p(mp.exp(-abs(x))) + max(x, mpf(0))


def erfc(x: Number) -> Number:
    """erfc, and exactly 0 where it has more than a hundred million leading zeros."""
    return mp.erfc(x) if x < 2e4 else mpf(0)


def gelu(x: Number) -> Number:
    return x * erfc(-x / mp.sqrt(2)) / 2


def sinc(x: Number) -> Number:
    return mp.sinpi(x) / (mp.pi * x) if x else mpf(1)


def log1p(x: Number) -> Number:
    return mp.log(1 + x) if x < -0.5 else mp.log1p(x)


def gammaln(x: Number) -> Number:
    if x > 0:
        return mp.loggamma(x)
    return mp.log(mp.pi / abs(mp.sinpi(x))) - mp.loggamma(1 - x)


def asinh(x: Number) -> Number:
    return odd(lambda t: mp.log1p(t + t * t / (1 + mp.sqrt(1 + t * t))))(x)


def leaky_relu(alpha: float) -> Callable[[Number], Number]:
    return lambda x: x if x > 0 else mpf(alpha) * x


def elu(alpha: float) -> Callable[[Number], Number]:
    return lambda x: x if x > 0 else mpf(alpha) * mp.expm1(x)


def half_to_even(x: Number) -> Number:
    nearest = mp.floor(x + mpf("0.5"))
    tie = nearest - x == mpf("0.5")
    return nearest - 1 if tie and int(nearest) % 2 else nearest


def truth(outcome: bool) -> Number:
    return mpf(1 if outcome else 0)


def power(x: Number, y: Number) -> Number:
    if x > 0:
        return mp.exp(y * mp.log(x))
    return x ** int(y)


def logaddexp(x: Number, y: Number) -> Number:
    return max(x, y) + mp.log1p(mp.exp(-abs(x - y)))
