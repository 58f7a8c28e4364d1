"""Smooth elementwise operations at the ends of binary64, on both engines, against mpmath.

Every value, first and second partial that is a normal double has to be right to 1e-12, whatever
the operands: subnormal numbers, the largest ones, and the neighbours of 1. Operands of 0 and
kinks are conventions, and have tests of their own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations_with_replacement, product
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

from autograd_core.engines import kernel
from autograd_core.engines.kernel.rules import OPCODES
from autograd_core.operations.elementwise import TABLE, Elementwise
from tests.autograd_core.test_formulas_numerically import FUNCTIONS, SLOW, Reference

EPSILON = sys.float_info.epsilon
SIZES = (
    5e-324, 1e-308, 1e-200, 1e-16, 0.5, 1 - EPSILON / 2, 1.0, 1 + EPSILON, 1e16, 1e200, 1.7e308,
)  # fmt: skip
EXTREMES = [sign * size for size in SIZES for sign in (1.0, -1.0)]
SMALLEST, LARGEST = mpf(sys.float_info.min), mpf(1.797e308)
RELATIVE = mpf("1e-12")
# Differences of functions of such operands lose hundreds of digits.
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


def _by_arrays(row: Elementwise, operands: list[Any], attributes: Any) -> Iterator[Any]:
    """The value, then first, then second partials."""
    value = row.value(operands, attributes)
    count = range(len(operands))
    yield value
    yield from (row.partial(i, operands, value, attributes) for i in count)
    for i, j in combinations_with_replacement(count, 2):
        yield row.second_partial(i, j, operands, value, attributes)


def _by_kernel(row: Elementwise, operands: list[Any], attributes: Any) -> Iterator[Any]:
    count, points = len(operands), len(operands[0])
    columns = [*operands, *(np.full(points, value) for value in attributes.values())]
    slots = [np.arange(points, dtype=np.uint32) + points * at for at in range(len(columns))]
    a, b, first = slots[0], slots[-1], points * len(columns)
    values = np.concatenate([*columns, np.full(points, np.nan)])
    opcode, starts = np.array([OPCODES[row.name]], np.uint8), np.array([0, points], np.uint32)
    partials, second = np.empty((2, points)), np.empty((3, points))
    kernel.forward(opcode, starts, a, b, np.zeros_like(a), first, values, *partials, 0, 1)
    kernel.curvatures(opcode, starts, a, b, np.zeros_like(a), first, values, *second, 0, 1)
    yield values[first:]
    yield from partials[:count]
    yield from second if count > 1 else second[:1]


def _is_right(found: float, exact: mpf | None) -> bool:
    if exact is None or abs(exact) > LARGEST:
        return True
    if not np.isfinite(found):
        return False
    return abs(found - exact) <= RELATIVE * abs(exact) or max(abs(exact), abs(found)) <= SMALLEST


def _wrong(name: str, points: list[tuple[float, ...]]) -> list[str]:
    row = TABLE[name]
    attributes = {attribute.name: 0.3 for attribute in row.attributes}
    operands = [np.array(column) for column in zip(*points, strict=True)]
    count = range(len(operands))
    wanted: list[tuple[int, ...]] = [(), *((i,) for i in count)]
    wanted += combinations_with_replacement(count, 2)
    faults = []
    with mp.workdps(FEWER_DIGITS if name in SLOW else DIGITS), np.errstate(all="ignore"):
        settings = [mpf(value) for value in attributes.values()]
        function = lambda *at: FUNCTIONS[name](*at, *settings)  # noqa: E731 - of this row
        references = [_Exact(function, point) for point in points]
        engines = {"arrays": _by_arrays, "kernel": _by_kernel}
        answers = {engine: list(run(row, operands, attributes)) for engine, run in engines.items()}
        for at, indices in enumerate(wanted):
            for place, (point, reference) in enumerate(zip(points, references, strict=True)):
                exact = reference.known(*indices)
                for engine, found in answers.items():
                    number = float(np.broadcast_to(found[at], len(points))[place])
                    if not _is_right(number, exact):
                        what = f"{name}{list(indices)} at {point} on {engine}"
                        faults.append(f"{what}: {number!r}, not {float(exact)!r}")
    return faults


def _cost(name: str) -> Any:
    return pytest.param(name, marks=pytest.mark.slow if len(TABLE[name].operands) > 1 else ())


@pytest.mark.slow
@pytest.mark.parametrize("name", [_cost(name) for name in SMOOTH])
def test_extremes(name: str) -> None:
    points = list(product(EXTREMES, repeat=len(TABLE[name].operands)))
    # Of pairs every third, which meets each operand with each size: mpmath takes its time.
    faults = _wrong(name, points if len(points) == len(EXTREMES) else points[::3])
    assert not faults, "\n".join([f"{len(faults)} are wrong", *faults[:9]])


# What was wrong once: representable answers of which a factor is not, or has lost its digits.
MENDED: tuple[tuple[str, list[tuple[float, ...]]], ...] = (
    ("pow", [(0.5, 1e200), (1e-200, 1e-150), (5e-324, 5e-324), (1e-300, 1.04), (0.3, 1.7e308)]),
    ("pow", [(-1.0, 1e16), (-1.0, -1e16), (-0.5, 1e200), (1e16, -1.7e308), (1e-308, 1e-308)]),
    ("hypot", [(1e-229, 1.4e-58), (-6e-323, -1e-118), (1.4e-58, 1e-229)]),
    ("hypot", [(1.7e308, 1.7e308), (-1.7e308, 1e308), (5e-324, 5e-324), (1e-310, -5e-311)]),
    ("hypot", [(3.6e-311, -2.6e-312), (-1.3e-319, 5.5e-310), (1e-200, 1e-100)]),
    ("atan2", [(1.0, 1 + EPSILON), (-1e10, 1e10 * (1 - EPSILON)), (1.7e308, -1.7e308)]),
    ("atan", [(1.7e308,), (-1.7e308,), (1e102,)]),
    ("gammaln", [(5e-324,), (-5e-324,), (1e-310,), (2e-300,), (-1e-300,)]),
)


@pytest.mark.parametrize("name, points", MENDED)
def test_what_was_wrong(name: str, points: list[tuple[float, ...]]) -> None:
    faults = _wrong(name, points)
    assert not faults, "\n".join(faults)


@pytest.mark.slow
def test_pow_wherever_it_is_a_number() -> None:
    """Points spread evenly over the logarithm of the result."""
    chance = np.random.default_rng(9)
    x = 10.0 ** chance.uniform(-320, 308, 40)
    y = chance.uniform(-745, 709, 40) / np.log(x)
    faults = _wrong("pow", list(zip(x.tolist(), y.tolist(), strict=True)))
    assert not faults, "\n".join(faults)
