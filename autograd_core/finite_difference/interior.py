"""What a function computes on the way, which rounding at its end may hide.

1e16 + sin(x) is flat as it is rounded, and its sine is seen to turn within a step. 1e6 +
hypot(x, 1e-12) has a kink at every scale that rounding leaves, and its hypotenuse has none.
"""

from __future__ import annotations

import math

import numpy as np

from autograd_core.finite_difference.probes import Probe
from autograd_core.tensors import EPSILON, Array, Flags

# Where the slopes over a step and over a shorter one differ by more, it jumps over structure.
_BENT, _STRAIGHTENED = 0.2, 0.75
# A part that is off by more of itself is rounding, and says nothing.
_LITTLE = 2.0**-8
# From one step at which the parts are looked at to the next, and how many there are at most.
_SHORTER, _LOOKS = 2.0**-7, 10
# The differences of a smooth function, from a step to its half, fall to a quarter; at a kink
# they fall to a half, at a cusp less, at a tear not at all.
_SMOOTH_FALL = 0.35


def is_resolved(probe: Probe, h: float, *, steps_too: bool = False) -> bool:
    """Whether every part of f looks, over step h, as it does over all shorter steps.

    A part may be bent over h if it is less so over half of it, as x**3 is at 0. steps_too:
    look also at parts that are steps, such as comparisons, which may change at x itself.
    """
    regarded = np.True_ if steps_too else probe.are_rounded
    with np.errstate(all="ignore"):
        slope, half, quarter = (_slopes(probe, h * 2.0**-k) for k in range(3))
        bent, bent_less = np.abs(slope - half), np.abs(half - quarter)
        much = bent > _BENT * np.maximum(np.abs(slope), np.abs(half)) + _noise(probe, h / 2)
        if np.any(regarded & much & (bent_less > _STRAIGHTENED * bent)):
            return False
        limit = half + (half - slope) / 3
        shortest = 8 * EPSILON * probe.scale
        for _ in range(_LOOKS):
            h *= _SHORTER
            if h < shortest:
                break
            if np.any(regarded & _differs(probe, h, limit, bent)):
                return False
    return True


def is_rounding(probe: Probe, h: float) -> bool:
    """Whether a part is little but rounding, at x and over step h: nothing is known of it."""
    with np.errstate(all="ignore"):
        size = np.maximum(np.abs(probe.interior(h)), np.abs(probe.interior(-h)))
        return bool(np.any((size > 0) & (probe.interior_noise > _LITTLE * size)))


def _differs(probe: Probe, h: float, limit: Array, bent: Array) -> Flags:
    slope = _slopes(probe, h)
    allowed = _BENT * np.maximum(np.abs(slope), np.abs(limit)) + bent + _noise(probe, h)
    differs: Flags = np.abs(slope - limit) > allowed
    return differs


def _slopes(probe: Probe, h: float) -> Array:
    slopes: Array = (probe.interior(h) - probe.interior(-h)) / (2 * probe.width(h))
    return slopes


def _noise(probe: Probe, h: float) -> Array:
    noise: Array = 4 * probe.interior_noise / h
    return noise


def has_kink(probe: Probe) -> bool:
    """Whether a part of f has a kink over the shortest step that moves any at all."""
    shortest = 512 * EPSILON * probe.scale if probe.scale else 2.0**-300
    for h in (shortest, 2.0**-45):
        moves, kinked = _kinked_over(probe, math.ldexp(1.0, math.frexp(h)[1]))
        if moves:
            return kinked
    return False


def _kinked_over(probe: Probe, h: float) -> tuple[bool, bool]:
    """Whether any part moves over step h, and whether one has a kink there."""
    steps = (h, -h, h / 2, -h / 2, 0.0)
    right, left, half_right, half_left, here = map(probe.interior, steps)
    with np.errstate(all="ignore"):
        rise = np.abs(right - here) + np.abs(left - here)
        wide = np.abs(right + left - 2 * here)
        narrow = np.abs(half_right + half_left - 2 * here)
        kinked = (wide > rise / 20 + 4 * probe.interior_noise) & (narrow > _SMOOTH_FALL * wide)
    return bool(np.any(rise > 0)), bool(kinked.any())
