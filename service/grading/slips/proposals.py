"""Bindings near given ones: short decimals, the same ones for the same question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from autograd_core import Array
from service.grading.model import Number

# How far to go from a number, and in which order; of several inputs each goes its own way.
_OFFSETS: Final = np.array([0.1, -0.1, 0.3, -0.3, 0.2, -0.2, 0.5, -0.5, 0.7, -0.7, 0.4, 1.1, -1.1])
_STRIDES: Final = (1, 3, 4, 7, 5, 8, 2, 9, 6, 10, 11)
_DECIMALS: Final = 1


def candidates(
    bindings: Mapping[str, Number], domain: Mapping[str, tuple[float, float]], count: int
) -> dict[str, Array]:
    """The bindings themselves, and so many others beside them; each with a leading axis.

    They stay on the side of 0 that they are on, and within the domain of their variable.
    """
    found = {}
    for number, (name, value) in enumerate(bindings.items()):
        low, high = domain.get(name, (-np.inf, np.inf))
        given = np.asarray(value, dtype=np.float64)
        stride = _STRIDES[number % len(_STRIDES)]
        entries = np.arange(given.size).reshape(given.shape)
        rows = [given]
        for row in range(1, count + 1):
            # A lap further on the offsets grow, or candidates would come again.
            place = row * stride + entries + number
            lap = 1.0 + place // len(_OFFSETS)
            moved = np.round(given + _OFFSETS[place % len(_OFFSETS)] * lap, _DECIMALS)
            apart = (moved != 0) & (np.sign(moved) * np.sign(given) >= 0)
            fits = apart & (moved >= low) & (moved <= high)
            rows.append(np.where(fits, moved, _nearer(given, row + number)))
        found[name] = np.stack(rows)
    return found


def _nearer(given: Array, row: int) -> Array:
    """A number not far from given, for where a step in decimals would lead too far."""
    factor = 1.0 + 0.05 * (row % 7 + 1)
    with np.errstate(all="ignore"):
        digits = np.where(given == 0, 0.0, np.floor(np.log10(np.abs(given))) - 2)
    unit = 10.0**digits
    return np.where(given == 0, given, np.round(given / factor / unit) * unit)
