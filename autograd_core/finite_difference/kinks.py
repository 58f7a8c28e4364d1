"""Kinks: places where the slopes on the two sides disagree at every scale."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from autograd_core.engines.kernel import glances
from autograd_core.finite_difference.probes import Probe

_SCALES = 12
_RATIO = 8.0
# Scales that must agree before a kink is believed: two and a half decades of steps.
_FEWEST_SCALES = 3
# Jumps at a kink are one size but for rounding; a factor below this is a decline.
_SLOWEST = 0.75
# Factors of growth that differ by less are the same.
_ALIKE = 1.6


def find_kink(
    probe: Probe, first: float, tolerance: Callable[[float], float]
) -> tuple[bool, float]:
    """Whether there is a kink at x, and the largest step that is not disturbed by one nearby.

    Where f is smooth, the difference of the one-sided slopes shrinks with the step; at a kink
    it stays, and where f is torn it grows as 1/h. Two steps settle it for most functions; only
    a suspicion is followed further down, until the difference is negligible or rounding would
    hide it. tolerance: slope -> a negligible jump.
    """
    jump = _jump(probe, first)
    negligible = tolerance(probe.central(first / 2)) + _noise(probe, first / 2)
    if not math.isfinite(jump) or jump <= negligible:
        return False, first
    h = first
    jumps: list[float] = []
    for scale in range(_SCALES):
        h /= _RATIO
        jump = _jump(probe, h)
        if not math.isfinite(jump):
            return False, first
        if jump <= tolerance(probe.central(h)):
            return False, h if scale else first
        noise = _noise(probe, h / 2)
        if noise > jump / 4:
            if jumps and jump + noise < _SLOWEST * jumps[-1]:
                return False, first
            break
        jumps.append(jump)
    return _stays(jumps), first


def _stays(jumps: Sequence[float]) -> bool:
    """Whether jumps at finer and finer scales stay or grow, and do so steadily.

    They grow by 1 from scale to scale at a kink, by the ratio of the scales at a tear, and by
    something between at a cusp. Where they jump about f is only sampled too coarsely, as sin
    is far from 0. The finer half of what was seen decides.
    """
    tail = jumps[-max(_FEWEST_SCALES, len(jumps) // 2) :]
    if len(tail) < _FEWEST_SCALES:
        return False
    growth = [finer / coarser for coarser, finer in pairwise(tail)]
    return min(growth) > _SLOWEST and max(growth) < _ALIKE * min(growth)


def _jump(probe: Probe, h: float) -> float:
    half = h / 2
    return glances.jump(probe(h), probe(-h), probe(half), probe(-half), probe.base, h)


def _noise(probe: Probe, h: float) -> float:
    return glances.jump_noise(probe(h), probe(-h), probe.base, h, probe.scale, probe.rounding)
