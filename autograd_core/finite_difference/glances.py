"""The first glance of a check: three steps, which settle most derivatives.

Two wide steps, extrapolated, must bear a claim out; so must a far shorter one, taken in
arithmetic that is shaken, so that neither structure between the scales nor rounding inside the
function has been overlooked.

These are functions of numbers, from whichever engine. For a tape there is a compiled loop
besides, which nudges its inputs and judges what comes of it.
"""

from __future__ import annotations

import numpy as np

from autograd_core.engines.kernel.loops.points import nudged
from autograd_core.jit.columns import Floats, Indices, Opcodes, Points, Slots
from autograd_core.jit.compiling import inner, loop
from autograd_core.tensors import EPSILON

# A short step is at most this part of the wide one: else the two are not well separated.
_SEPARATION = 2.0**-6
# Below this size x is small enough for structure of its own size; above, a short step need
# not be shorter than _SHORT, and from far out even a short step may jump over periods.
_SMALL, _SHORT, FAR = 2.0**-17, 2.0**-27, 2.0**14
# Not a power of 2, so that a step is no multiple of a period that the wide steps are one of.
_CROOKED = 1.3247179572447460


@inner
def tolerance(rtol: float, atol: float, one: float, other: float) -> float:
    """How far apart two derivatives may be."""
    return atol + rtol * max(abs(one), abs(other))


@inner
def noise(right: float, left: float, base: float, h: float, scale: float, rounding: float) -> float:
    """Bound on the rounding error of the central quotient (right - left)/(2h).

    f is taken to be right to an ulp of its values, or to `rounding` where that is more, and
    x + h is rounded to an ulp of x, which `scale` is the size of.
    """
    size = 0.0
    for value in (abs(right), abs(left), abs(base)):
        if size < value < np.inf:
            size = value
    quotient = abs(right - left) / (2 * h)
    of_x = quotient * scale * EPSILON / h if quotient < np.inf else 0.0
    return max(EPSILON * size, rounding) / h + of_x


@inner
def jump(
    right: float, left: float, half_right: float, half_left: float, base: float, h: float
) -> float:
    """Difference of the one-sided quotients over h and h/2, extrapolated to step 0.

    What a curvature adds to it, in proportion to h, cancels.
    """
    wide = (right - base) / h + (left - base) / h
    narrow = (half_right - base) / (h / 2) + (half_left - base) / (h / 2)
    return abs(2 * narrow - wide)


@inner
def jump_noise(
    right: float, left: float, base: float, h: float, scale: float, rounding: float
) -> float:
    """Bound on the rounding error of a jump found with the steps 2h and h."""
    size = max(abs(right), abs(left), abs(base))
    steepest = max(abs((right - base) / h), abs((left - base) / h))
    return 4 * (max(EPSILON * size, rounding) + steepest * scale * EPSILON) / h


@inner
def curvature(right: float, left: float, base: float, h: float) -> float:
    """The size of the second difference quotient over step h."""
    return abs((right - base) / h + (left - base) / h) / h


@inner
def glance(
    right: float,
    left: float,
    half_right: float,
    half_left: float,
    base: float,
    h: float,
    scale: float,
    claimed: float,
    rtol: float,
    atol: float,
) -> tuple[float, float, float]:
    """Whether the steps h and h/2 bear a claimed derivative out.

    They do where f shows no kink, Richardson's first extrapolation is precise, and agrees.
    Returns the short step that has to bear it out as well, or 0 where these do not; the
    estimate; and its error.
    """
    whole = (right - left) / (2 * h)
    half = (half_right - half_left) / h
    found = half + (half - whole) / 3
    spread = max(abs(found - half), abs(found - whole))
    error = spread + noise(half_right, half_left, base, h / 2, scale, 0.0)
    precise = error <= tolerance(rtol, atol, found, found) and error < np.inf
    agrees = abs(found - claimed) <= tolerance(rtol, atol, found, claimed)
    if not (precise and agrees):
        return 0.0, found, error
    kink = jump(right, left, half_right, half_left, base, h)
    rounding = jump_noise(half_right, half_left, base, h / 2, scale, 0.0)
    if not kink <= tolerance(rtol, atol, half, half) + rounding:
        return 0.0, found, error
    rise = max(abs(right - base), abs(left - base))
    return short_step(found, base, rise, h, scale, rtol, atol), found, error


@inner
def short_step(
    found: float, base: float, rise: float, h: float, scale: float, rtol: float, atol: float
) -> float:
    """A step far shorter than h, or 0 where there is none that tells a derivative.

    The rounding of f, which is at least that of its value and of x, must not hide it. rise: how
    far f goes over h. Where that is so little that a step in f of this size would not be seen
    over the short step either, only many steps can tell.
    """
    apart = tolerance(rtol, atol, found, found)
    if not apart > 0:
        return 0.0
    shortest = 16 * EPSILON * max((abs(base) + abs(found) * scale) / apart, scale)
    if scale == 0 or scale > _SMALL:
        shortest = max(shortest, _SHORT)
    shortest *= _CROOKED
    if 0 < scale <= _SMALL and shortest > scale:
        return 0.0
    if not shortest <= _SEPARATION * h or 0 < rise <= 16 * atol * shortest:
        return 0.0
    return shortest


@inner
def confirmed(
    right: float,
    left: float,
    base: float,
    step: float,
    width: float,
    curvature: float,
    claimed: float,
    rtol: float,
    atol: float,
) -> bool:
    """Whether a short step bears a claim out too, and shows no kink or spike.

    width: the step as x + step and x - step are rounded. curvature: the second difference
    quotient of wide steps, which says how much the quotients on the two sides may differ.
    """
    quotient = (right - left) / (2 * width)
    apart = tolerance(rtol, atol, quotient, claimed)
    uneven = abs((right - base) / step + (left - base) / step)
    return abs(quotient - claimed) <= apart and uneven <= 4 * apart + 2 * curvature * step


@loop
def glances(
    opcodes: Opcodes,
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
    rtol: float,
    atol: float,
    out_values: Points,
    out_estimates: Points,
) -> None:
    """A glance at the derivative of slot `output` of a tape by each of some slots.

    values, slots, runs: as in the kernel's `nudged`. steps, claims: one a slot. out_values:
    slots x 4, the function at h, -h, h/2 and -h/2. out_estimates: slots x 4: whether it is
    settled, the estimate, its error, and evaluations made.
    """
    base = values[output]
    wide, near, seen_near = np.empty((1, 4)), np.empty((1, 2)), np.empty((1, 2))
    for i in range(len(slots)):
        own, h, claim = values[slots[i]], steps[i], claims[i]
        seen, result = out_values[i], out_estimates[i]
        wide[0, 0], wide[0, 1], wide[0, 2], wide[0, 3] = own + h, own - h, own + h / 2, own - h / 2
        nudged(
            opcodes, starts, a, b, c, first, values, slots[i : i + 1], runs[i : i + 1], wide, False,
            output, out_values[i : i + 1],
        )  # fmt: skip
        short, result[1], result[2] = glance(
            seen[0], seen[1], seen[2], seen[3], base, h, abs(own), claim, rtol, atol
        )
        result[0], result[3] = 0, 4
        if short == 0 or abs(own) > FAR:
            continue
        near[0, 0], near[0, 1] = own + short, own - short
        nudged(
            opcodes, starts, a, b, c, first, values, slots[i : i + 1], runs[i : i + 1], near, True,
            output, seen_near,
        )  # fmt: skip
        width, uneven = (near[0, 0] - near[0, 1]) / 2, curvature(seen[2], seen[3], base, h / 2)
        result[3] = 6
        result[0] = confirmed(
            seen_near[0, 0], seen_near[0, 1], base, short, width, uneven, claim, rtol, atol
        )
