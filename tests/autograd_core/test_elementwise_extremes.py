"""Smooth elementwise operations at the ends of binary64, on both engines, against mpmath.

Every value, first and second partial that is a normal double has to be right to 1e-12, whatever
the operands: subnormal numbers, the largest ones, and the neighbours of 1. Operands of 0 and
kinks are conventions, and have tests of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpmath import mpf

from autograd_core.engines import kernel
from autograd_core.engines.kernel.rules import OPCODES
from autograd_core.operations.elementwise import TABLE, Elementwise
from tests.autograd_core.extremes import (
    ATTRIBUTE,
    EPSILON,
    SMALLEST,
    SMOOTH,
    exactly,
    numbers,
    points,
)
from tests.tables import table

RELATIVE = 1e-12
SAMPLE = 11  # one point of so many is computed again
RECORDED: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent.parent / "oracles" / "extremes.json").read_text(encoding="utf-8")
)


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


def _is_right(found: float, exact: float | mpf | None) -> bool:
    if exact is None:
        return True
    if not np.isfinite(found):
        return False
    return abs(found - exact) <= RELATIVE * abs(exact) or max(abs(exact), abs(found)) <= SMALLEST


def _wrong(name: str, at_points: Sequence[Sequence[float]], exact: Sequence[Any]) -> list[str]:
    """exact: the numbers of each point."""
    row = TABLE[name]
    attributes = {attribute.name: ATTRIBUTE for attribute in row.attributes}
    operands = [np.array(column) for column in zip(*at_points, strict=True)]
    faults = []
    for engine, run in {"arrays": _by_arrays, "kernel": _by_kernel}.items():
        with np.errstate(all="ignore"):
            answers = [
                np.broadcast_to(each, len(at_points)) for each in run(row, operands, attributes)
            ]
        for at, indices in enumerate(numbers(name)):
            for place, point in enumerate(at_points):
                found, wanted = float(answers[at][place]), exact[place][at]
                if not _is_right(found, wanted):
                    what = f"{name}{list(indices)} at {tuple(point)} on {engine}"
                    faults.append(f"{what}: {found!r}, not {float(wanted)!r}")
    return faults


@pytest.mark.parametrize("name", SMOOTH)
def test_extremes(name: str) -> None:
    recorded = RECORDED[name]
    faults = _wrong(name, [each["at"] for each in recorded], [each["exact"] for each in recorded])
    assert not faults, "\n".join([f"{len(faults)} are wrong", *faults[:9]])


def test_every_point_of_every_smooth_operation_is_recorded() -> None:
    assert list(RECORDED) == SMOOTH
    for name in SMOOTH:
        assert [tuple(each["at"]) for each in RECORDED[name]] == points(name)
        assert {len(each["exact"]) for each in RECORDED[name]} == {len(numbers(name))}


@pytest.mark.slow
@table("name", SMOOTH)
def test_what_is_recorded_is_what_mpmath_finds(name: str) -> None:
    """Of a sample, other points for each operation."""
    first = SMOOTH.index(name) % SAMPLE
    for each in RECORDED[name][first::SAMPLE]:
        again = [None if number is None else float(number) for number in exactly(name, each["at"])]
        assert again == each["exact"], each["at"]


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
    faults = _wrong(name, points, [exactly(name, point) for point in points])
    assert not faults, "\n".join(faults)


@pytest.mark.slow
def test_pow_wherever_it_is_a_number() -> None:
    """Points spread evenly over the logarithm of the result."""
    chance = np.random.default_rng(9)
    x = 10.0 ** chance.uniform(-320, 308, 40)
    y = chance.uniform(-745, 709, 40) / np.log(x)
    points = list(zip(x.tolist(), y.tolist(), strict=True))
    faults = _wrong("pow", points, [exactly("pow", point) for point in points])
    assert not faults, "\n".join(faults)
