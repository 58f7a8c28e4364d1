"""Bindings near given ones: short decimals, the same ones for the same question."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from autograd_core import Array, Number

# How far to go from a number, and in which order; of several inputs each goes its own way.
_OFFSETS: Final = np.array([0.1, -0.1, 0.3, -0.3, 0.2, -0.2, 0.5, -0.5, 0.7, -0.7, 0.4, 1.1, -1.1])
_STRIDES: Final = (1, 3, 4, 7, 5, 8, 2, 9, 6, 10, 11)
_GOLDEN: Final = (math.sqrt(5) - 1) / 2  # multiples of it fill an interval evenly


def candidates(
    bindings: Mapping[str, Number], domain: Mapping[str, tuple[float, float]], count: int
) -> dict[str, Array]:
    """The bindings themselves, and so many others beside them; each with a leading axis.

    They stay on the side of 0 that they are on or, of a variable with a domain, in that.
    """
    found = {}
    for number, (name, value) in enumerate(bindings.items()):
        given = np.asarray(value, dtype=np.float64)
        stride = _STRIDES[number % len(_STRIDES)]
        rows = [given]
        for row in range(1, count + 1):
            place = row * stride + number + np.reshape(np.arange(float(given.size)), given.shape)
            ends = domain.get(name)
            rows.append(_beside(given, place) if ends is None else _within(*ends, place))
        found[name] = np.stack(rows)
    return found


def _beside(given: Array, place: Array) -> Array:
    """A step in decimals away or, where that leads to the other side of 0, a part of the way."""
    lap = 1.0 + place // len(_OFFSETS)  # further each time, or the same would come again
    moved = np.round(given + _OFFSETS[(place % len(_OFFSETS)).astype(int)] * lap, 1)
    same_side = (moved != 0) & (moved * given >= 0)
    factor = 1.0 + 0.05 * (place % 7 + 1)
    return np.where(same_side, moved, _shortened(given / factor))


def _within(low: float, high: float, place: Array) -> Array:
    """A number between two others, in as few decimals as tell some twenty of them apart."""
    decimals = max(0, math.ceil(math.log10(20 / (high - low))))
    least = math.ceil(low * 10.0**decimals)
    steps = math.floor(high * 10.0**decimals) - least
    return np.round((least + np.round(steps * (_GOLDEN * place % 1.0))) / 10.0**decimals, decimals)


def _shortened(number: Array) -> Array:
    """To three digits."""
    with np.errstate(all="ignore"):
        unit = 10.0 ** (np.floor(np.log10(np.abs(number))) - 2)
    return np.where(number == 0, number, np.round(number / unit) * unit)
