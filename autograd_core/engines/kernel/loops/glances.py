"""The first glance of a finite-difference check: three steps, which settle most derivatives.

Two wide steps, extrapolated, must bear a claim out; so must a far shorter one, taken in
arithmetic that is shaken, so that neither structure between the scales nor rounding inside the
function has been overlooked.

Plain functions of floats. The check calls them as they are; the generated module takes their
text over as well, so that a tape can be nudged and judged in one compiled loop.
"""

from __future__ import annotations

import numpy as np

from autograd_core.engines.kernel.loops.columns import Codes, Floats, Indices, Points, Slots
from autograd_core.engines.kernel.loops.first_order import evaluate, nudged

EPSILON = 2.0**-52
# A short step is at most this part of the wide one: else the two are not well separated.
SEPARATION = 2.0**-6
# Below this size x is small enough for structure of its own size; above, a short step need
# not be shorter than SHORT, and from far out even a short step may jump over periods.
SMALL, SHORT, FAR = 2.0**-17, 2.0**-27, 2.0**14
# Not a power of 2, so that a step is no multiple of a period that the wide steps are one of.
CROOKED = 1.3247179572447460


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
    claimed: float,
    rtol: float,
    atol: float,
) -> tuple[float, float, float]:
    """Whether the steps h and h/2 bear a claimed derivative out.

    They do where f shows no kink, Richardson's first extrapolation is precise, and agrees.
    Returns the short step that has to bear it out as well, or 0 where these do not; the
    estimate; and its error.
    """
    slope = (right - left) / (2 * h)
    half = (half_right - half_left) / h
    found = half + (half - slope) / 3
    spread = max(abs(found - half), abs(found - slope))
    error = spread + noise(half_right, half_left, base, h / 2, scale, 0.0)
    kink = jump(right, left, half_right, half_left, base, h)
    smooth = kink <= tolerance(rtol, atol, half, half) + jump_noise(
        half_right, half_left, base, h / 2, scale, 0.0
    )
    precise = error <= tolerance(rtol, atol, found, found)
    agrees = abs(found - claimed) <= tolerance(rtol, atol, found, claimed)
    if not (smooth and precise and agrees and error < np.inf and h >= 4 * EPSILON * scale):
        return 0.0, found, error
    rise = max(abs(right - base), abs(left - base))
    return short_step(found, base, rise, h, scale, rtol, atol), found, error


def short_step(
    slope: float, base: float, rise: float, h: float, scale: float, rtol: float, atol: float
) -> float:
    """A step far shorter than h, or 0 where there is none that tells a slope.

    The rounding of f, which is at least that of its value and of x, must not hide the slope.
    rise: how far f moves over h. Where that is so little that a step in f of this size would
    not be seen over the short step either, only many steps can tell.
    """
    apart = tolerance(rtol, atol, slope, slope)
    if not apart > 0:
        return 0.0
    shortest = 16 * EPSILON * max((abs(base) + abs(slope) * scale) / apart, scale)
    if scale == 0 or scale > SMALL:
        shortest = max(shortest, SHORT)
    shortest *= CROOKED
    if 0 < scale <= SMALL and shortest > scale:
        return 0.0
    if not shortest <= SEPARATION * h or 0 < rise <= 16 * atol * shortest:
        return 0.0
    return shortest


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
    quotient of wide steps, which says how much the slopes on the two sides may differ.
    """
    slope = (right - left) / (2 * width)
    apart = tolerance(rtol, atol, slope, claimed)
    bend = abs((right - base) / step + (left - base) / step)
    return abs(slope - claimed) <= apart and bend <= 4 * apart + 2 * curvature * step


def curvature(right: float, left: float, base: float, h: float) -> float:
    """The size of the second difference quotient over step h."""
    return abs((right - base) / h + (left - base) / h) / h


def shaken(
    opcodes: Codes,
    starts: Slots,
    a: Slots,
    b: Slots,
    c: Slots,
    first: int,
    values: Floats,
    slot: int,
    run: int,
    numbers: Floats,
    output: int,
    out_values: Floats,
) -> None:
    """As `nudged`, with every result moved up or down by an ulp or so, as a rounding might.

    Numbers 2k and 2k + 1 have the same moves in opposite directions: of two neighbours, so, what
    the roundings do to the difference is seen at its largest. J. Vignes, "A stochastic
    arithmetic for reliable scientific computation" (1993), with moves that are always the same.
    """
    own, alone = values[slot], np.empty(2, np.uint32)
    for i in range(len(numbers)):
        values[slot] = numbers[i]
        state = 1 + i // 2
        size = EPSILON if i % 2 == 0 else -EPSILON
        for each in range(len(opcodes)):
            if each == run:
                continue
            code = opcodes[each : each + 1]
            for k in range(starts[each], starts[each + 1]):
                alone[0], alone[1] = k, k + 1  # of a run, later ones may use earlier ones
                evaluate(code, alone, a, b, c, first, values, 0, 1)
                state = (state * 1103515245 + 12345) & 0x7FFFFFFF
                part = 0.5 + (state & 0xFFFF) / 0x10000  # not alike, lest moves cancel out
                values[first + k] *= 1 + size * part if state & 0x10000 else 1 - size * part
        out_values[i] = values[output]
    values[slot] = own


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
    rtol, atol. out_values: slots x 4, the function at h, -h, h/2 and -h/2. out_estimates:
    slots x 4: whether it is settled, the estimate, its error, and evaluations made.
    """
    base = values[output]
    numbers, near, seen_near = np.empty(4), np.empty(2), np.empty(2)
    for i in range(len(slots)):
        own, h = values[slots[i]], steps[i]
        numbers[0], numbers[1], numbers[2], numbers[3] = own + h, own - h, own + h / 2, own - h / 2
        seen, result = out_values[i], out_estimates[i]
        nudged(
            opcodes, starts, a, b, c, first, values, slots[i], runs[i], numbers, output, seen
        )  # fmt: skip
        short, result[1], result[2] = glance(
            seen[0], seen[1], seen[2], seen[3], base, h, abs(own), claims[i],
            settings[0], settings[1],
        )  # fmt: skip
        result[0], result[3] = 0, 4
        if short == 0 or abs(own) > FAR:
            continue
        near[0], near[1] = own + short, own - short
        shaken(
            opcodes, starts, a, b, c, first, values, slots[i], runs[i], near, output, seen_near
        )  # fmt: skip
        result[3] = 6
        result[0] = confirmed(
            seen_near[0], seen_near[1], base, short, (near[0] - near[1]) / 2,
            curvature(seen[2], seen[3], base, h / 2), claims[i], settings[0], settings[1],
        )  # fmt: skip
