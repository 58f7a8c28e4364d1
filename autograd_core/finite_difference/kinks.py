"""Kinks: places where the slopes on the two sides disagree at every scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from autograd_core.finite_difference import glances
from autograd_core.finite_difference.estimates import Climb
from autograd_core.finite_difference.options import CheckOptions
from autograd_core.finite_difference.probes import Probe

# Scales that must agree before a kink is believed: two decades of steps.
_FEWEST_SCALES = 4
# Jumps at a kink are one size but for rounding; a factor below this is a decline.
_SLOWEST = 0.75
# Factors of growth that differ by less are the same.
_ALIKE = 1.6


def looks_kinked(probe: Probe, climbs: Sequence[Climb], options: CheckOptions) -> bool:
    """Whether the one-sided slopes disagree at every scale down to where rounding hides it."""
    for row in climbs:  # the row of the finest scale comes first, and may say nothing
        jumps = _jumps(probe, row.steps, options)
        if jumps is not None:
            return _stays(jumps)
    return False


def _jumps(probe: Probe, steps: Sequence[float], options: CheckOptions) -> Sequence[float] | None:
    """The jumps over shorter and shorter steps, () if they end, None where rounding hides all."""
    jumps: list[float] = []
    for wide, narrow in pairwise(steps):
        found = _jump(probe, wide, narrow)
        if not math.isfinite(found):
            jumps.clear()
            continue
        slope, noise = probe.central(narrow), _jump_noise(probe, narrow)
        if found + noise <= options.tolerance(slope, slope):
            return ()
        if noise > found / 4:
            if jumps and found + noise < _SLOWEST * jumps[-1]:
                return ()
            continue
        jumps.append(found)
    return jumps or None


def _jump(probe: Probe, wide: float, narrow: float) -> float:
    """Difference of the slopes on the right and on the left, extrapolated to step 0."""

    def over(h: float) -> float:
        return probe.forward(h) - probe.forward(-h)

    ratio = wide / narrow
    return abs((ratio * over(narrow) - over(wide)) / (ratio - 1))


def _jump_noise(probe: Probe, h: float) -> float:
    return glances.jump_noise(probe(h), probe(-h), probe.base, h, probe.scale, probe.rounding)


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
