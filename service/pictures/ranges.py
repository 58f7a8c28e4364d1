"""What of a sampled function can be shown: where its curve breaks, and how far an axis goes."""

from __future__ import annotations

from typing import Final

import numpy as np

from autograd_core import Array

_LARGEST: Final = 1e100  # what is beyond, no axis shows
_TAIL: Final = 5  # per cent of the numbers at either end that may be left out
_SPIKE: Final = 5  # if the whole range is so many times as wide as that of the others
_JUMP: Final = 8  # times as far as the slopes go
_MARGIN: Final = 0.06
_NARROWEST: Final = 1e-9  # of an axis, as a share of where it is


def shown(values: Array) -> Array:
    """The numbers that an axis can show, NaN in the place of others."""
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(values) <= _LARGEST, values, np.nan)


def broken(axis: Array, values: Array, slopes: Array) -> tuple[Array, Array]:
    """A curve with a gap in every step that is no way along it: over a pole, over a jump.

    The slopes tell: such a step goes against both of those at its ends, or farther than either.
    """
    rise, run = np.diff(values), np.diff(axis)
    with np.errstate(invalid="ignore", over="ignore"):
        before, after = slopes[:-1] * run, slopes[1:] * run
        steps = np.abs((before, after))
        against = (rise * before < 0) & (rise * after < 0) & (np.abs(rise) > steps.min(axis=0) / 2)
        farther = np.abs(rise) > _JUMP * steps.max(axis=0)
        # Where nothing is seen of it, it is rounding.
        seen = np.abs(rise) > _NARROWEST * np.nanmax(np.abs(values), initial=0.0)
    gaps = np.flatnonzero((against | farther) & seen) + 1
    middles = (axis[gaps - 1] + axis[gaps]) / 2
    return np.insert(axis, gaps, middles), np.insert(values, gaps, np.nan)


def limits(*series: Array) -> tuple[float, float]:
    """The ends of an axis that shows these numbers, but for spikes that would flatten the rest."""
    numbers = np.concatenate([each[np.isfinite(each)] for each in series])
    if not numbers.size:
        return -1.0, 1.0
    low, high = float(numbers.min()), float(numbers.max())
    inner_low, inner_high = np.percentile(numbers, [_TAIL, 100 - _TAIL]).tolist()
    if high - low > _SPIKE * (inner_high - inner_low) > 0:
        width = inner_high - inner_low
        low, high = max(low, inner_low - width / 2), min(high, inner_high + width / 2)
    least = _NARROWEST * max(abs(low), abs(high)) or 1.0
    margin = max(_MARGIN * (high - low), least)
    return low - margin, high + margin
