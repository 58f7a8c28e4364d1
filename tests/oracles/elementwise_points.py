"""Every elementwise operation in mpmath, and the points it is recorded at.

A grid lists doubles: the tails, the neighbourhoods of the singular points and of the zeros, and
a few ordinary points.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import product

from elementwise_functions import (
    Number,
    asinh,
    elu,
    erfc,
    gammaln,
    gelu,
    half_to_even,
    leaky_relu,
    log1p,
    logaddexp,
    odd,
    power,
    sigmoid,
    sinc,
    softplus,
    truth,
)
from mpmath import mp, mpf

Point = tuple[float, ...]


@dataclass(frozen=True)
class Row:
    """One operation (with one choice of attributes) and its points."""

    op: str
    function: Callable[..., Number]
    points: tuple[Point, ...]
    attrs: dict[str, float] = field(default_factory=dict)
    skip_value_near_root: bool = False
    keep_partials_near_root: bool = False  # the zeros of its partials have a closed form


def both(*numbers: float) -> list[float]:
    """Each number and its negative."""
    return [signed for x in numbers for signed in ((x, -x) if x else (x,))]


def ones(numbers: Iterable[float]) -> tuple[Point, ...]:
    return tuple((float(x),) for x in numbers)


def pairs(xs: Iterable[float], ys: Iterable[float]) -> tuple[Point, ...]:
    return tuple((float(x), float(y)) for x, y in product(xs, ys))


def above(x: float, steps: int = 1) -> float:
    for _ in range(steps):
        x = math.nextafter(x, math.inf)
    return x


def below(x: float, steps: int = 1) -> float:
    for _ in range(steps):
        x = math.nextafter(x, -math.inf)
    return x


# --- grids --------------------------------------------------------------------------

HUGE = both(1e300, 1e200, 1e100, 1e20)
TINY = both(1e-300, 1e-200, 1e-100, 1e-20)
PLAIN = both(1e-8, 1e-4, 0.01, 0.125, 0.3, 0.5, 0.77, 1.0, 1.3, 2.0, 3.7, 7.0, 12.5, 30.0)
WIDE = [0.0, *PLAIN, *TINY, *HUGE]
POSITIVE = [x for x in (*PLAIN, *TINY, *HUGE) if x > 0]
NEAR_ONE = [above(1), below(1), 1 + 1e-10, 1 - 1e-10, 1 + 1e-5, 1 - 1e-5, 1.0]
UNIT = both(below(1), 1 - 1e-12, 1 - 1e-6, 0.999, 0.9, 0.71, 0.5, 0.25, 0.01, 1e-5, 1e-10, 1e-200)
EXPONENTS = both(1e-300, 1e-20, 1e-12, 1e-7, 1e-3, 0.05, 0.3, 0.6931471805599453, 1.0, 2.5, 8.0)
EXPONENTS += [0.0, *both(15.0, 20.0, 36.0, 37.5, 100.0, 350.0, 680.0)]
GATES = [0.0, *both(1e-300, 1e-20, 1e-9, 1e-3, 0.1, 0.5, 1.0, 1.28, 2.0, 4.0, 8.0, 15.0, 20.0)]
GATES += both(33.3, 37.0, 100.0, 350.0, 680.0, 745.0, 1000.0, 1e6, 1e300)
TURNS = [0.0, *both(1e-300, 1e-10, 0.1, 0.5, 0.7853981633974483, 1.0, 2.0, 3.0, 100.0, 1e4, 1e6)]
TURNS += both(1.5707963267948966, 1.5707963, 1.57, 3.141592653589793, 3.1415, 6.283185307179586)
TURNS += [4.71238898038469, 355.0, 1e6 + 0.5, 123456789.0, 1e10, 1e15, 1e22]
GAMMA = [1e-300, 1e-100, 1e-20, 1e-10, 1e-5, 0.01, 0.1, 0.5, 0.9, 0.999, 1 - 1e-6, 1 - 1e-12]
GAMMA += [below(1), 1.0, above(1), 1 + 1e-12, 1 + 1e-6, 1.001, 1.1, 1.3, 1.4, 1.46, 1.4616]
GAMMA += [1.461632, 1.4616321449683622, 1.47, 1.5, 1.7, 1.9, 1.999, 2 - 1e-6, 2 - 1e-12, below(2)]
GAMMA += [2.0, above(2), 2 + 1e-12, 2 + 1e-6, 2.001, 2.1, 2.5, 3.0, 5.0, 8.0, 12.3, 13.5, 33.0]
GAMMA += [100.0, 171.5, 1e3, 1e5, 1e10, 1e17, 1e100, 1e300, -1e-300, -1e-20, -1e-10, -1e-3, -0.1]
GAMMA += [-0.25, -0.5, -0.75, -0.9, -0.999, -1 + 1e-9, -1 - 1e-9, -1.001, -1.1, -1.25, -1.5, -1.75]
GAMMA += [-1.99, -2.0001, -2.25, -2.5, -2.75, -2.9, -3.1, -3.5, -4.3, -7.5, -10.2, -10.75]
GAMMA += [-20.5, -33.1, -100.5, -170.25, -1000.3, -123456.7]
BASES = [1e-300, 1e-20, 1e-3, 0.5, 1 - 1e-10, 1.0, 1 + 1e-10, 2.0, 10.0, 1e20, 1e300]
POWERS = [-10.5, -3.0, -1.0, -0.5, 0.0, 1e-20, 0.3333333333333333, 1.0, 1.5, 2.0, 3.0, 17.0, 700.3]
MIXED = [0.7, -3.0, 1e-10, -1e10, 1e-200, -1e200, 2e200]

ABOVE_ONE = [1.0625, 1.5, 2.0, 10.0, 1e3, 1e6, 1e8, 1e20, 1e100, 1e200, 1e300]
WAVES = [0.0, *both(1e-300, 1e-160, 1e-20, 1e-9, 1e-6, 1e-4, 1e-3, 0.01, 0.05, 0.1, 0.3, 0.5, 0.9)]
WAVES += both(1 - 1e-5, below(1), 1.0, above(1), 1 + 1e-9, 1.001, 1.25, 1.4303, 2.0, 2 + 1e-9)
WAVES += both(2.5, 10.3, 100.0, 1000.001, 1e6, 1e6 + 0.25, 1e9 + 0.125, 1e15 + 0.5)
ODDS = [1e-300, 1e-100, 1e-20, 1e-10, 1e-3, 0.1, 0.3, 0.49, 0.499999, 0.5 - 1e-9, below(0.5), 0.5]
ODDS += [above(0.5), 0.5 + 1e-9, 0.501, 0.7, 0.9, 0.999, 1 - 1e-10, below(1)]
FAR_APART = pairs(
    [0.0, 1.5, -40.0, 700.0, -1000.0, 1e300], [0.0, -0.25, 3.0, 39.0, -745.0, 1000.0, -1e300]
)

UNARY: dict[str, tuple[Callable[[Number], Number], Iterable[float]]] = {
    "neg": (lambda x: -x, WIDE[::4]),
    "abs": (abs, WIDE[1::3]),
    "sign": (mp.sign, WIDE[1::3]),
    "reciprocal": (lambda x: 1 / x, WIDE[1:]),
    "square": (
        lambda x: x * x,
        [0.0, *both(1e-200, 1e-100, 1e-8, 0.3, 1.0, 7.0, 1e20, 1e100, 1e200)],
    ),
    "sqrt": (mp.sqrt, [*POSITIVE, 1e-6, 1e8]),
    "cbrt": (odd(mp.cbrt), [*WIDE[1:], 27.0, -8.0, 1e6]),
    "exp": (mp.exp, [*EXPONENTS, 709.5, -690.0, -1e3, -1e10]),
    "exp2": (lambda x: mp.power(2, x), [*EXPONENTS, 1023.5, -990.25, -2e3, 52.0, -3.0]),
    "expm1": (mp.expm1, [*EXPONENTS, 709.5, -1e3, -1e10, 1e-16, -1e-16]),
    "log": (mp.log, [*POSITIVE, *NEAR_ONE, 0.99, 1.01]),
    "log2": (lambda x: mp.log(x) / mp.log(2), [*POSITIVE, *NEAR_ONE, 8.0, 1024.0, 0.99, 1.01]),
    "log10": (lambda x: mp.log(x) / mp.log(10), [*POSITIVE, *NEAR_ONE, 1e3, 1e15, 0.99, 1.01]),
    "log1p": (mp.log1p, [*POSITIVE, 0.0, *(-x for x in UNIT if x > 0), 1e-16, -1e-16]),
    "sin": (mp.sin, TURNS),
    "cos": (mp.cos, TURNS),
    "tan": (mp.tan, TURNS),
    "asin": (mp.asin, [0.0, *UNIT]),
    "acos": (mp.acos, [0.0, *UNIT]),
    "atan": (mp.atan, WIDE),
    "sinh": (mp.sinh, [*EXPONENTS, *both(0.4, 22.0, 709.5, 710.3)]),
    "cosh": (mp.cosh, [*EXPONENTS, *both(0.4, 22.0, 709.5, 710.3)]),
    "tanh": (mp.tanh, [*EXPONENTS, *both(0.55, 19.0, 22.0, 345.0, 1e3, 1e300)]),
    "asinh": (asinh, WIDE),
    "acosh": (
        mp.acosh,
        [above(1), above(1, 10), 1 + 1e-12, 1 + 1e-8, 1.0001, 1.01, *ABOVE_ONE],
    ),
    "atanh": (mp.atanh, [0.0, *UNIT, 1e-300, -1e-300]),
    "sinc": (sinc, WAVES),
    "deg2rad": (
        lambda x: x * mp.pi / 180,
        [0.0, *both(1e-200, 1.0, 45.0, 90.0, 180.0, 1e6, 1e300)],
    ),
    "rad2deg": (lambda x: x * 180 / mp.pi, [0.0, *both(1e-200, 1.0, 0.1, 3.0, 1e6, 1e300)]),
    "floor": (mp.floor, both(0.3, 0.5, 1.5, 2.7, 1e-20, 4503599627370495.5, 1e300)),
    "ceil": (mp.ceil, both(0.3, 0.5, 1.5, 2.7, 1e-20, 4503599627370495.5, 1e300)),
    "round": (half_to_even, both(0.3, 0.49999999999999994, 0.7, 1.2, 2.7, 1e-20, 1e300)),
    "sigmoid": (sigmoid, GATES),
    "logit": (lambda x: mp.log(x) - log1p(-x), ODDS),
    "softplus": (softplus, GATES),
    "relu": (lambda x: max(x, mpf(0)), GATES[1::2] + GATES[2::2]),
    "gelu": (gelu, [*GATES, *both(0.75, 1.4, 2.5, 5.0, 6.0, 26.0, 36.9, 38.0)]),
    "silu": (lambda x: x * sigmoid(x), [*GATES, *both(2.4, 690.0)]),
    "erf": (mp.erf, [*GATES, *both(5.8, 6.0, 26.0)]),
    "erfc": (erfc, [*GATES, *both(0.4769, 0.84, 1.25, 2.85, 5.0, 6.0, 10.0, 25.9, 26.0)]),
    "erfinv": (
        mp.erfinv,
        [0.0, *UNIT, *both(1e-300, 1 - 1e-3, 1 - 1e-9, 0.05, 0.1, 0.7, 0.75, 0.98)],
    ),
    "gammaln": (gammaln, GAMMA),
    "digamma": (mp.digamma, GAMMA),
    "identity": (lambda x: x, WIDE[::6]),
    "logical_not": (lambda x: truth(x == 0), both(1e-300, 1.0, 2.5)),
}

BINARY: dict[str, tuple[Callable[[Number, Number], Number], tuple[Point, ...]]] = {
    "add": (lambda x, y: x + y, pairs(MIXED[:4], [1e-10, -2.5, 1e200])),
    "sub": (lambda x, y: x - y, pairs(MIXED[:4], [1e-9, -2.5, 1e200])),
    "mul": (lambda x, y: x * y, (*pairs(MIXED, [-2.5, 1e-9, 0.0]), (0.0, 4.0))),
    "div": (lambda x, y: x / y, (*pairs([*MIXED, 0.0], [-2.5, 1e-9, 1e90]), (1e200, 1e200))),
    "pow": (
        power,
        (*pairs(BASES, POWERS), (1 + 1e-10, 1e12), (0.999, 1e5), (1.7, -40.1), (3.0, 4.0)),
    ),
    "maximum": (max, pairs([-1.5, 0.0, 2.0, 1e300], [-2.5, 0.5])),
    "minimum": (min, pairs([-1.5, 0.0, 2.0, 1e300], [-2.5, 0.5])),
    "mod": (
        lambda x, y: x - y * mp.floor(x / y),
        (*pairs(both(5.3, 0.7, 1e6 + 0.3, 7.5), both(2.0, 0.3, 11.0)), (-1e-20, 1.0)),
    ),
    "atan2": (mp.atan2, (*pairs(MIXED, [*MIXED, 2.5]), (0.0, 2.0), (2.0, 0.0), (-2.0, 0.0))),
    "hypot": (mp.hypot, (*pairs(MIXED, [*MIXED, 2.5]), (0.0, 2.0), (-2.0, 0.0))),
    "logaddexp": (
        logaddexp,
        (
            *pairs(
                [0.0, 1.5, -40.0, 700.0, -1000.0, 1e300],
                [0.0, -0.25, 3.0, 39.0, -745.0, 1000.0, -1e300],
            ),
            (0.0, -40.0),
            (-0.69, -0.7),
            (-0.7, -0.69),
            (-1e-3, -6.9),
            (-1e-5, -11.4),
            (-1e-8, -18.0),
            (-1.5, -0.2),
        ),
    ),
    "copysign": (
        lambda x, y: abs(x) if y >= 0 else -abs(x),
        pairs(both(0.7, 1e200), both(3.0, 1e-300)),
    ),
    **{
        name: (outcome, pairs([-1.5, 0.25, 2.0], [0.5, 3.0]))
        for name, outcome in {
            "gt": lambda x, y: truth(x > y),
            "ge": lambda x, y: truth(x >= y),
            "lt": lambda x, y: truth(x < y),
            "le": lambda x, y: truth(x <= y),
            "eq": lambda x, y: truth(x == y),
            "ne": lambda x, y: truth(x != y),
            "logical_and": lambda x, y: truth(x != 0 and y != 0),
            "logical_or": lambda x, y: truth(x != 0 or y != 0),
        }.items()
    },
}


def rows() -> list[Row]:
    """Every row of the recording."""
    closed = {"sin", "cos", "tan", "pow"}
    listed = [
        Row(op, f, ones(dict.fromkeys(xs)), keep_partials_near_root=op in closed)
        for op, (f, xs) in UNARY.items()
    ]
    for alpha in (0.01, 0.2, 1.5):
        attrs = {"alpha": alpha}
        listed.append(Row("leaky_relu", leaky_relu(alpha), ones(GATES[1::4]), attrs))
        listed.append(Row("elu", elu(alpha), ones(GATES[1:]), attrs))
    listed += [
        Row(
            op,
            f,
            tuple(dict.fromkeys(points)),
            skip_value_near_root=op == "logaddexp",
            keep_partials_near_root=op in closed,
        )
        for op, (f, points) in BINARY.items()
    ]
    listed.append(Row("add", lambda x, y, z: x + y + z, ((1.5, -2.0, 1e-3),)))
    listed.append(
        Row(
            "mul",
            lambda x, y, z: x * y * z,
            ((1.5, -2.0, 4.0), (0.0, 3.0, 5.0), (1e200, 1e-200, 3.0)),
        )
    )
    listed.append(
        Row("where", lambda c, x, y: x if c else y, ((1.0, 2.5, -3.0), (-2.0, 2.5, -3.0)))
    )
    listed.append(
        Row(
            "clip",
            lambda x, lo, hi: min(max(x, lo), hi),
            ((0.3, -1.0, 2.0), (-1.5, -1.0, 2.0), (2.5, -1.0, 2.0), (1e300, -1e200, 1e200)),
        )
    )
    return listed
