"""The first glance of a finite-difference check: two steps, which settle most derivatives.

Plain functions of floats. The check calls them as they are; the generated module takes their
text over as well, so that a tape can be nudged and judged in one compiled loop.
"""

from __future__ import annotations

import numpy as np

from autograd_core.engines.kernel.columns import Codes, Floats, Indices, Points, Slots
from autograd_core.engines.kernel.loops import nudged

EPSILON = 2.0**-52


def tolerance(rtol: float, atol: float, one: float, other: float) -> float:
    """How far apart two derivatives may be."""
    return atol + rtol * max(abs(one), abs(other))


def noise(right: float, left: float, base: float, h: float, scale: float, rounding: float) -> float:
    """Bound on the rounding error of the central slope (right - left)/(2h).

    f is taken to be right to an ulp of its values, or to `rounding` where that is more, and
    x + h is rounded to an ulp of x, which `scale` is the size of.
    """
    size = 0.0
    for value in (abs(right), abs(left), abs(base)):
        if size < value < np.inf:
            size = value
    slope = abs(right - left) / (2 * h)
    moved = slope * scale * EPSILON / h if slope < np.inf else 0.0
    return max(EPSILON * size, rounding) / h + moved


def jump(
    right: float, left: float, half_right: float, half_left: float, base: float, h: float
) -> float:
    """Difference of the one-sided slopes over h and h/2, extrapolated to step 0.

    What a curvature adds to it, in proportion to h, cancels.
    """
    wide = (right - base) / h + (left - base) / h
    narrow = (half_right - base) / (h / 2) + (half_left - base) / (h / 2)
    return abs(2 * narrow - wide)


def jump_noise(
    right: float, left: float, base: float, h: float, scale: float, rounding: float
) -> float:
    """Bound on the rounding error of a jump found with the steps 2h and h."""
    size = max(abs(right), abs(left), abs(base))
    slope = max(abs((right - base) / h), abs((left - base) / h))
    moved = slope * scale * EPSILON
    return 4 * (max(EPSILON * size, rounding) + moved) / h


def glance(
    right: float,
    left: float,
    half_right: float,
    half_left: float,
    base: float,
    h: float,
    scale: float,
    rounding: float,
    claimed: float,
    rtol: float,
    atol: float,
) -> tuple[bool, float, float]:
    """Whether the steps h and h/2 bear a claimed derivative out; the estimate, and its error.

    They do where f shows no kink, Richardson's first extrapolation is precise, and agrees.
    """
    slope = (right - left) / (2 * h)
    half = (half_right - half_left) / h
    found = half + (half - slope) / 3
    spread = max(abs(found - half), abs(found - slope))
    error = spread + noise(half_right, half_left, base, h / 2, scale, rounding)
    kink = jump(right, left, half_right, half_left, base, h)
    smooth = kink <= tolerance(rtol, atol, half, half) + jump_noise(
        half_right, half_left, base, h / 2, scale, rounding
    )
    precise = error <= tolerance(rtol, atol, found, found)
    agrees = abs(found - claimed) <= tolerance(rtol, atol, found, claimed)
    representable = h / 2 >= 2 * EPSILON * scale
    return smooth and precise and agrees and representable and error < np.inf, found, error


def glances(
    opcodes: Codes,
    starts: Slots,
    a: Slots,
    b: Slots,
    c: Slots,
    first: int,
    values: Floats,
    output: int,
    slots: Indices,
    runs: Indices,
    steps: Floats,
    claims: Floats,
    settings: Floats,
    out_values: Points,
    out_estimates: Points,
) -> None:
    """A glance at the derivative of slot `output` by each of some slots.

    values, slots, runs: as in `nudged`, several at once. steps, claims: one a slot. settings:
    rounding, rtol, atol. out_values: slots x 4, the function at h, -h, h/2 and -h/2.
    out_estimates: slots x 3: whether it is settled, the estimate and its error.
    """
    base = values[output]
    numbers = np.empty(4)
    for i in range(len(slots)):
        own, h = values[slots[i]], steps[i]
        numbers[0], numbers[1], numbers[2], numbers[3] = own + h, own - h, own + h / 2, own - h / 2
        seen = out_values[i]
        nudged(
            opcodes, starts, a, b, c, first, values, slots[i], runs[i], numbers, output, seen
        )  # fmt: skip
        settled, found, error = glance(
            seen[0], seen[1], seen[2], seen[3], base, h, abs(own), settings[0], claims[i],
            settings[1], settings[2],
        )  # fmt: skip
        out_estimates[i, 0], out_estimates[i, 1], out_estimates[i, 2] = settled, found, error
