"""The elementwise operations without rounding, in mpmath's numbers of any precision."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath as mp

Function = Callable[..., Any]


def _logit(x: Any) -> Any:
    return mp.log(x / (1 - x))


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def _sinc(x: Any) -> Any:
    return mp.sinpi(x) / (mp.pi * x) if x else mp.mpf(1)


def _cbrt(x: Any) -> Any:
    return mp.sign(x) * mp.cbrt(abs(x))


# Each operation without rounding, and the numbers that it takes.
EVERYWHERE, POSITIVE = (-math.inf, math.inf), (0.0, math.inf)
ONE: dict[str, tuple[Function, tuple[float, float]]] = {
    "neg": (lambda x: -x, EVERYWHERE),
    "abs": (abs, EVERYWHERE),
    "reciprocal": (lambda x: 1 / x, EVERYWHERE),
    "square": (lambda x: x * x, EVERYWHERE),
    "sqrt": (mp.sqrt, POSITIVE),
    "cbrt": (_cbrt, EVERYWHERE),
    "exp": (mp.exp, (-30.0, 10.0)),
    "exp2": (lambda x: mp.mpf(2) ** x, (-30.0, 10.0)),
    "expm1": (mp.expm1, (-30.0, 10.0)),
    "log": (mp.log, POSITIVE),
    "log2": (lambda x: mp.log(x) / mp.log(2), POSITIVE),
    "log10": (lambda x: mp.log(x) / mp.log(10), POSITIVE),
    "log1p": (mp.log1p, (-1.0, math.inf)),
    "sin": (mp.sin, EVERYWHERE),
    "cos": (mp.cos, EVERYWHERE),
    "tan": (mp.tan, EVERYWHERE),
    "asin": (mp.asin, (-1.0, 1.0)),
    "acos": (mp.acos, (-1.0, 1.0)),
    "atan": (mp.atan, EVERYWHERE),
    "sinc": (_sinc, (-50.0, 50.0)),
    "deg2rad": (lambda x: x * mp.pi / 180, EVERYWHERE),
    "rad2deg": (lambda x: x * 180 / mp.pi, EVERYWHERE),
    "sinh": (mp.sinh, (-10.0, 10.0)),
    "cosh": (mp.cosh, (-10.0, 10.0)),
    "tanh": (mp.tanh, (-30.0, 30.0)),
    "asinh": (mp.asinh, EVERYWHERE),
    "acosh": (mp.acosh, (1.0, math.inf)),
    "atanh": (mp.atanh, (-1.0, 1.0)),
    "sigmoid": (_sigmoid, (-30.0, 30.0)),
    "logit": (_logit, (0.0, 1.0)),
    "softplus": (lambda x: mp.log1p(mp.exp(x)), (-30.0, 30.0)),
    "relu": (lambda x: max(x, 0), EVERYWHERE),
    "leaky_relu": (lambda x: x if x > 0 else mp.mpf(0.01) * x, EVERYWHERE),
    "elu": (lambda x: x if x > 0 else mp.expm1(x), (-30.0, math.inf)),
    "gelu": (lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2, (-6.0, 6.0)),
    "silu": (lambda x: x * _sigmoid(x), (-30.0, 30.0)),
    "erf": (mp.erf, (-5.0, 5.0)),
    "erfc": (mp.erfc, (-5.0, 6.0)),
    "erfinv": (mp.erfinv, (-1.0, 1.0)),
    "gammaln": (lambda x: mp.log(abs(mp.gamma(x))), (-10.0, 50.0)),
    "digamma": (mp.digamma, (-10.0, 50.0)),
    "identity": (lambda x: x, EVERYWHERE),
}
TWO: dict[str, Function] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "pow": lambda x, y: x**y,
    "maximum": max,
    "minimum": min,
    "mod": lambda x, y: x - y * mp.floor(x / y),
    "atan2": mp.atan2,
    "hypot": mp.hypot,
    "logaddexp": lambda x, y: max(x, y) + mp.log1p(mp.exp(-abs(x - y))),
    "copysign": lambda x, y: abs(x) if y >= 0 else -abs(x),
}
MORE: dict[str, Function] = {
    "where": lambda c, x, y: x if c else y,
    "clip": lambda x, low, high: min(max(x, low), high),
    "gt": lambda x, y: mp.mpf(x > y),
    "floor": mp.floor,
}
FUNCTIONS: dict[str, Function] = {
    **{name: function for name, (function, _) in ONE.items()}, **TWO, **MORE
}  # fmt: skip
