"""Every elementwise operation in binary64 against mpmath: value, first and second partials.

The functions are written out here in mpmath's own words and differentiated by differences at
hundreds of digits, so that no derivative formula is used. Points are spaced by ratio, far into
the tails. Relative error 1e-12 is allowed, wherever the true number is a normal double.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations_with_replacement, product
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

from autograd_core.operations.elementwise import TABLE, Elementwise
from tests.tables import table

RELATIVE = mpf("1e-12")
TINY, HUGE = mpf("1e-300"), mpf("1.7e308")
STEP = mpf(10) ** -50  # relative to the operand


# The functions ----------------------------------------------------------------------


def _log_gamma(x: mpf) -> mpf:
    if x > 0:
        return mp.loggamma(x)
    return mp.log(mp.pi / abs(mp.sinpi(x))) - mp.loggamma(1 - x)


def _softplus(x: mpf) -> mpf:
    return mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "neg": lambda x: -x,
    "abs": abs,
    "sign": mp.sign,
    "reciprocal": lambda x: 1 / x,
    "square": lambda x: x**2,
    "sqrt": mp.sqrt,
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "exp": mp.exp,
    "exp2": lambda x: mp.power(2, x),
    "expm1": mp.expm1,
    "log": mp.log,
    "log2": lambda x: mp.log(x, 2),
    "log10": mp.log10,
    "log1p": mp.log1p,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "asin": mp.asin,
    "acos": mp.acos,
    "atan": mp.atan,
    "sinc": mp.sincpi,
    "deg2rad": mp.radians,
    "rad2deg": mp.degrees,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "asinh": lambda x: mp.sign(x) * mp.log1p(abs(x) + x**2 / (1 + mp.sqrt(1 + x**2))),
    "acosh": mp.acosh,
    "atanh": mp.atanh,
    "floor": mp.floor,
    "ceil": mp.ceil,
    "round": mp.nint,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "logit": lambda x: mp.log(x / (1 - x)),
    "softplus": _softplus,
    "relu": lambda x: max(x, 0),
    "leaky_relu": lambda x, alpha: x if x > 0 else alpha * x,
    "elu": lambda x, alpha: x if x > 0 else alpha * mp.expm1(x),
    "gelu": lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2,
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "erf": mp.erf,
    "erfc": mp.erfc,
    "erfinv": mp.erfinv,
    "gammaln": _log_gamma,
    "digamma": mp.digamma,
    "identity": lambda x: x,
    "stop_gradient": lambda x: x,
    "logical_not": lambda x: mpf(x == 0),
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "pow": mp.power,
    "maximum": max,
    "minimum": min,
    "mod": lambda x, y: x - y * mp.floor(x / y),
    "atan2": mp.atan2,
    "hypot": mp.hypot,
    "logaddexp": lambda x, y: max(x, y) + mp.log1p(mp.exp(-abs(x - y))),
    "copysign": lambda x, y: abs(x) * mp.sign(y),
    "gt": lambda x, y: mpf(x > y),
    "ge": lambda x, y: mpf(x >= y),
    "lt": lambda x, y: mpf(x < y),
    "le": lambda x, y: mpf(x <= y),
    "eq": lambda x, y: mpf(x == y),
    "ne": lambda x, y: mpf(x != y),
    "logical_and": lambda x, y: mpf(x != 0 and y != 0),
    "logical_or": lambda x, y: mpf(x != 0 or y != 0),
    "where": lambda x, y, w: y if x != 0 else w,
    "clip": lambda x, y, w: min(max(x, y), w),
}


# The points -------------------------------------------------------------------------


def _spaced(low: float, high: float, count: int) -> list[float]:
    """Numbers from 10**low to 10**high, spaced by ratio, none of them round."""
    return [1.0037 * number for number in np.logspace(low, high, count).tolist()]


def _both(numbers: Iterable[float]) -> list[float]:
    """The numbers and their negatives."""
    return [sign * number for number in numbers for sign in (1, -1)]


WIDE = _both(_spaced(-290, 290, 30) + _spaced(-9, 3, 25))
UPTO_700 = _both(_spaced(-290, -10, 10) + _spaced(-9, math.log10(690), 40))
FROM_1 = _spaced(-15, -0.05, 16)
UNIT = _both(_spaced(-290, -1, 20) + [1 - gap for gap in FROM_1] + [0.3, 0.45, 0.55, 0.7])
POSITIVE = [x for x in WIDE if x > 0] + [1 + gap for gap in FROM_1] + [1 - gap for gap in FROM_1]
ANGLES = _both(_spaced(-290, -10, 10) + _spaced(-9, 22, 40))
GAMMA = (
    _both(_spaced(-140, 0.7, 14))
    + _spaced(1, 290, 6)
    + [0.999, 1.25, 2.1, 1 + 1e-9, 2 - 1e-9, -2.999]
)
STEPS = _both([1e-300, *(x + 0.37 for x in _spaced(-9, 9, 19))])
PAIR = _both([1.1e-200, 1.3e-8, 0.3, 1.0, 2.7, 1.7e8, 1.9e200])

Grid = tuple[Sequence[float], ...]
GRIDS: dict[str, Grid] = {
    **dict.fromkeys(("sqrt", "log", "log2", "log10"), (POSITIVE,)),
    **dict.fromkeys(("asin", "acos", "atanh"), (UNIT,)),
    **dict.fromkeys(("sin", "cos", "tan"), (ANGLES,)),
    **dict.fromkeys(("gammaln", "digamma"), (GAMMA,)),
    **dict.fromkeys(("exp", "exp2", "expm1", "sinh", "cosh", "tanh"), (UPTO_700,)),
    **dict.fromkeys(("sigmoid", "softplus", "silu", "elu"), (UPTO_700,)),
    **dict.fromkeys(("erf", "erfc", "gelu"), (_both(_spaced(-100, 1.42, 30)),)),
    "erfinv": (_both([*_spaced(-12, -0.5, 6), 0.6, 0.9, 1 - 1e-6, 1 - 1e-12]),),
    "log1p": ([*POSITIVE, *(-x for x in UNIT if 0 < x < 1)],),
    "acosh": ([1 + gap for gap in FROM_1] + _spaced(0.1, 290, 25),),
    "logit": ([x for x in UNIT if 0 < x < 1],),
    "sinc": ([x + shift for x in ANGLES if abs(x) < 1e6 for shift in (0, 0.25)],),
    **dict.fromkeys(("floor", "ceil", "round"), (STEPS,)),
    "pow": (
        [1e-200, 1.3e-8, 0.3, 1.0, 2.7, 1.7e8, 1e200],
        [*_both([1.1e-8, 0.3, 1.0, 1.5, 2.0, 3.0, 29.7]), 0.0],
    ),
    "mod": (_both([1.3e-8, 0.3, 1.0, 2.7, 1.7e6]), _both([1.1e-4, 0.4, 1.7, 7.0, 3e5])),
    "logaddexp": (_both([1e-8, 0.3, 1.0, 2.7, 29.0, 700.0, 1e5]),) * 2,
    "where": ([1.0, -2.5, 1e-300], [1.5, -3e200], [2.0, 1e-200]),
    "clip": ([-4.0, -1.5, 0.25, 3.5], [-2.0, 0.5, 3.0], [-1.0, 1.0, 2.0]),
    # ties and kinks are conventions, below
    **{
        name: (PAIR, [1.5 * y for y in PAIR])
        for name in ("maximum", "minimum", "gt", "ge", "lt", "le", "eq", "ne")
    },
}
COMPLEX_POINTS = {
    **dict.fromkeys(("sqrt", "log", "log2", "log10", "pow"), (0.3, 0.8, 2.4)),
    **dict.fromkeys(("asin", "acos", "atanh"), (-0.6, 0.3, 0.8)),
    "log1p": (-0.6, 0.3, 2.4),
    "acosh": (1.2, 2.4),
    "logit": (0.1, 0.3, 0.6, 0.8),
}
ALPHAS = (0.01, -1.7)
# A partial that is the small difference of large numbers takes more digits than differences
# have to spare; what is slow at so many digits has no such tails on its grid.
DIGITS, FEWER_DIGITS = 480, 150
SLOW = ("erfinv", "gammaln", "digamma")


# The claims -------------------------------------------------------------------------


class Reference:
    """A function of mpmath's, and its partials by central differences."""

    def __init__(self, function: Callable[..., Any], at: Sequence[float]) -> None:
        self._function = function
        self.at = [mpf(number) for number in at]
        self._steps = [STEP * abs(number) or STEP for number in self.at]
        self._known: dict[tuple[int, ...], mpf] = {}

    def moved(self, *steps: int) -> mpf:
        if steps not in self._known:
            shifted = [x + k * h for x, k, h in zip(self.at, steps, self._steps, strict=True)]
            self._known[steps] = mp.mpmathify(self._function(*shifted))
        return self._known[steps]

    def value(self) -> mpf:
        return self.moved(*[0] * len(self.at))

    def difference(self, *indices: int) -> tuple[mpf, mpf]:
        """The partial along one or two operands, and how much of it may be rounding."""
        total, scale = mpf(0), mpf(1)
        for signs in product((1, -1), repeat=len(indices)):
            steps = [0] * len(self.at)
            for index, sign in zip(indices, signs, strict=True):
                steps[index] += sign
            total += math.prod(signs) * self.moved(*steps)
        for index in indices:
            scale *= 2 * self._steps[index]
        rounding = abs(self.value()) * mpf(10) ** (10 - mp.dps) / scale
        return total / scale, rounding


def _as_named(names: Sequence[str], column: Iterable[float]) -> str:
    return ", ".join(f"{name}={number!r}" for name, number in zip(names, column, strict=True))


def _faults(what: str, names: Sequence[str], points: Any, found: Any, exact: Any) -> list[str]:
    """A line for each point where what was found is not the exact number, within rounding."""
    found = np.broadcast_to(found, len(points)).tolist()
    faults = []
    for point, got, (true, rounding) in zip(points, found, exact, strict=True):
        near = abs(got - true) <= RELATIVE * abs(true) + rounding + TINY
        if not near and abs(true) < HUGE:
            faults.append(f"{what} at {_as_named(names, point)}: {got!r}, not {float(true)!r}")
    return faults


def _everything_wrong(row: Elementwise, attributes: dict[str, float]) -> list[str]:
    count = len(row.operands)
    grid = GRIDS.get(row.name, (WIDE,) if count == 1 else (PAIR,) * count)
    points = list(product(*grid))
    operands = [np.array(column) for column in zip(*points, strict=True)]
    settings = [mpf(value) for value in attributes.values()]
    function = FUNCTIONS[row.name]
    faults = []
    with mp.workdps(FEWER_DIGITS if row.name in SLOW else DIGITS), np.errstate(all="ignore"):
        exact = [Reference(lambda *at: function(*at, *settings), point) for point in points]
        value = row.value(operands, attributes)
        true = [(reference.value(), mpf(0)) for reference in exact]
        faults += _faults(row.name, row.operands, points, value, true)
        for i in range(count):
            found = row.partial(i, operands, value, attributes)
            partials = [reference.difference(i) for reference in exact]
            what = f"d {row.name}/d{row.operands[i]}"
            faults += _faults(what, row.operands, points, found, partials)
        for i, j in combinations_with_replacement(range(count), 2):
            found = row.second_partial(i, j, operands, value, attributes)
            partials = [reference.difference(i, j) for reference in exact]
            what = f"d2 {row.name}/d{row.operands[i]}d{row.operands[j]}"
            faults += _faults(what, row.operands, points, found, partials)
    return faults


def test_every_row_is_here() -> None:
    assert set(FUNCTIONS) == set(TABLE)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(TABLE) - {"stop_gradient"}))
def test_value_and_partials(name: str) -> None:
    row = TABLE[name]
    keys = [attribute.name for attribute in row.attributes]
    for values in product(ALPHAS, repeat=len(keys)):
        faults = _everything_wrong(row, dict(zip(keys, values, strict=True)))
        assert not faults, "\n".join([f"{len(faults)} are wrong", *faults[:9]])


ANALYTIC = sorted(name for name, row in TABLE.items() if row.analytic)


@table("name", ANALYTIC)
def test_complex_steps_agree_with_the_partials(name: str) -> None:
    """The formulas over the complex vocabulary, which the complex-step check runs on."""
    row, h = TABLE[name], 1e-150
    line = COMPLEX_POINTS.get(name, (-1.7, -0.6, 0.3, 0.8, 2.4))
    points = list(product(line, repeat=len(row.operands)))
    operands = [np.array(column) for column in zip(*points, strict=True)]
    value = row.value(operands, {})
    for i in range(len(operands)):
        moved = [x + 1j * h if at == i else x for at, x in enumerate(operands)]
        found = row.value(moved, {})
        np.testing.assert_allclose(found.real, value, rtol=1e-13)
        partial = np.broadcast_to(row.partial(i, operands, value, {}), np.shape(value))
        np.testing.assert_allclose(found.imag / h, partial, rtol=1e-11, atol=1e-13)


KINKED = {name for name, row in TABLE.items() if row.category == "logic" or row.gate}
KINKED |= {"sign", "abs", "floor", "ceil", "round", "leaky_relu", "elu", "logaddexp"}
AROUND_KINKS = (-2.5, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.5)


@pytest.mark.parametrize("name", sorted(KINKED | {"stop_gradient"}))
def test_values_at_kinks_and_ties(name: str) -> None:
    row = TABLE[name]
    points = list(product(AROUND_KINKS, repeat=len(row.operands)))
    attributes = {attribute.name: 0.3 for attribute in row.attributes}
    found = row.value([np.array(column) for column in zip(*points, strict=True)], attributes)
    exact = [float(FUNCTIONS[name](*map(mpf, point), *attributes.values())) for point in points]
    np.testing.assert_allclose(found, exact, rtol=1e-15, atol=0)
