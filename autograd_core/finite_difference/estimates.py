"""Slopes of a probe, each with an estimate of its error."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from autograd_core.finite_difference import glances
from autograd_core.finite_difference.interior import is_resolved
from autograd_core.finite_difference.options import CheckOptions
from autograd_core.finite_difference.probes import Probe
from autograd_core.tensors import EPSILON

# From step to step of a ladder; how many steps it has at most; how many are taken at once.
_RATIO, _RUNGS, _TOGETHER = 4.0, 28, 6
_COLUMNS = 5
# How often a first step is halved before a whole ladder is climbed.
_HALVINGS = 6
# Steps in a row whose slope is hidden by rounding end a ladder.
_HIDDEN = 2
# Below this x is small enough for structure of its own size.
_SMALL_X = 2.0**-10
# Below this, too small for the usual complex step.
_TINY_X = 1e-10


@dataclass(frozen=True)
class Estimate:
    """A numerical derivative: its value, a bound on its error, and the step that gave it."""

    numeric: float
    error: float
    step: float

    @property
    def usable(self) -> bool:
        """Whether there is a number at all."""
        return math.isfinite(self.numeric) and math.isfinite(self.error)

    def agrees(self, other: Estimate) -> bool:
        """Whether their errors explain their difference."""
        return abs(self.numeric - other.numeric) <= self.error + other.error


NOTHING = Estimate(math.nan, math.inf, math.nan)


# --- the first glance -------------------------------------------------------------------


def first_step(scale: float, wiggle: int = 1) -> float:
    """About a hundredth of x, or of 1 for smaller x: a power of 2, so that x + h is exact.

    scale: the size of x. wiggle: how many elements move at once.
    """
    return _power_of_two(0.02 * max(1.0, scale) / math.sqrt(wiggle))


def glance(probe: Probe, first: float, options: CheckOptions, claimed: float) -> Estimate | None:
    """An estimate that bears a claim out and is borne out by a far shorter step, or None.

    Two steps are enough for most functions; for others some halvings are added.
    """
    half = first / 2
    probe.prefetch((first, -first, half, -half))
    short, numeric, error = glances.glance(
        probe(first), probe(-first), probe(half), probe(-half), probe.base, first, probe.scale,
        claimed, options.rtol, options.atol,
    )  # fmt: skip
    if short:
        holds = _holds(probe, half, short, claimed, options)
        return Estimate(numeric, error, half) if holds else None
    estimate = _halved(probe, first, options, claimed)
    if estimate is not None and confirmed(probe, estimate, claimed, options):
        return estimate
    return None


def _halved(probe: Probe, first: float, options: CheckOptions, claimed: float) -> Estimate | None:
    """The first precise estimate by a few halvings, where it bears the claim out."""
    previous = [probe.central(first)]
    for halvings in range(1, _HALVINGS + 1):
        h = first * 2.0**-halvings
        slope = probe.central(h)
        if h < 2 * EPSILON * probe.scale or not math.isfinite(slope + previous[0]):
            return None
        row = _extrapolated(slope, previous, 2.0)
        noise = glances.noise(probe(h), probe(-h), probe.base, h, probe.scale, 0.0)
        found = _best(row, previous, noise, h)
        if found.error <= options.tolerance(found.numeric, found.numeric):
            if abs(found.numeric - claimed) > options.tolerance(found.numeric, claimed):
                return None
            if looks_smooth(probe, first, h, options):
                return found
        previous = row
    return None


def looks_smooth(probe: Probe, first: float, last: float, options: CheckOptions) -> bool:
    """Whether the slopes on the right and on the left agree, but for curvature.

    Their difference over h has the terms h, h**3, ... of a smooth function, which extrapolation
    over the steps from `first` halved to `last` takes away. Of a kink it leaves all.
    """
    row: list[float] = []
    h = first
    while h >= last:
        previous, row = row, [probe.forward(h) - probe.forward(-h)]
        for column, older in enumerate(previous):
            row.append(row[column] + (row[column] - older) / (2.0 ** (2 * column + 1) - 1))
        h /= 2
    slope = probe.central(last)
    noise = glances.jump_noise(probe(last), probe(-last), probe.base, last, probe.scale, 0.0)
    return abs(row[-1]) <= options.tolerance(slope, slope) + noise


def confirmed(probe: Probe, estimate: Estimate, claimed: float, options: CheckOptions) -> bool:
    """Whether a step far shorter than that of an estimate bears a claim out as well."""
    short = _short_step(probe, estimate, options)
    return short > 0 and _holds(probe, estimate.step, short, claimed, options)


def _short_step(probe: Probe, estimate: Estimate, options: CheckOptions) -> float:
    h = estimate.step
    rise = max(abs(probe(h) - probe.base), abs(probe(-h) - probe.base))
    return glances.short_step(
        estimate.numeric, probe.base, rise, h, probe.scale, options.rtol, options.atol
    )


def _holds(probe: Probe, h: float, short: float, claimed: float, options: CheckOptions) -> bool:
    """Whether a step far shorter than h bears a claim out."""
    right, left = probe.shaken(short)
    curvature = glances.curvature(probe(h), probe(-h), probe.base, h)
    if not glances.confirmed(
        right,
        left,
        probe.base,
        short,
        probe.width(short),
        curvature,
        claimed,
        options.rtol,
        options.atol,
    ):
        return False
    # From far out the short step, too, may jump over what can be seen inside of f.
    return probe.scale <= glances.FAR or is_resolved(probe, short)


# --- many steps ---------------------------------------------------------------------------


def ladders(probe: Probe, first: float) -> Iterator[Sequence[float]]:
    """Steps from long to short, in rows that are looked at one after another.

    Where x is small its own scale comes first, for what happens there, and then the scale of
    1. At 0 there is no other scale, so ever shorter steps are tried.
    """
    scale = probe.scale
    if 0 < scale < _SMALL_X:
        yield _descending(_power_of_two(scale) / 2, 2 * EPSILON * scale)
        yield _descending(first, scale)
        return
    yield _descending(first, 2 * EPSILON * scale)
    if scale == 0:
        for power in (-100, -200, -400, -800):
            yield [math.ldexp(1.0, power - 2 * k) for k in range(3)]


def _descending(first: float, shortest: float) -> Sequence[float]:
    steps = (first * _RATIO**-k for k in range(_RUNGS))
    return [h for h in steps if h >= shortest and h / 2 > 0]


def climb(probe: Probe, steps: Sequence[float], claimed: float, options: CheckOptions) -> Climb:
    """Estimates over shorter and shorter steps, until rounding hides the slope.

    C. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)" (1982): central differences
    extrapolated to step 0; the error of an entry of the tableau is its distance from the two
    it was made of, to which the rounding error is added here.
    """
    found: list[Estimate] = []
    seen: list[float] = []
    previous: list[float] = []
    hidden = 0
    for at, h in enumerate(steps):
        if at % _TOGETHER == 0:
            together = steps[at : at + _TOGETHER]
            probe.prefetch([sign * step for step in together for sign in (1.0, -1.0)])
        seen.append(h)
        slope = probe.slope(h)
        if not math.isfinite(slope):
            previous = []
            continue
        row = _extrapolated(slope, previous, _RATIO)
        noise = probe.noise(h)
        if previous:
            found.append(_best(row, previous, noise, h))
        previous = row
        steepest = max(abs(probe.forward(h)), abs(probe.forward(-h)))
        hides = noise > max(10 * options.tolerance(claimed, slope), steepest / 10)
        hidden = hidden + 1 if hides else 0
        if hidden == _HIDDEN:
            break
    return Climb(found, seen, hidden=hidden == _HIDDEN)


@dataclass(frozen=True)
class Climb:
    """What the steps of a ladder gave, from long to short.

    estimates; steps: all that were taken; hidden: whether rounding put an end to it.
    """

    estimates: Sequence[Estimate]
    steps: Sequence[float]
    hidden: bool


def _extrapolated(slope: float, previous: Sequence[float], ratio: float) -> list[float]:
    """A row of the tableau, whose step is that of the previous one divided by `ratio`."""
    row = [slope]
    for column, older in enumerate(previous[: _COLUMNS - 1]):
        row.append(row[column] + (row[column] - older) / (ratio ** (2 * column + 2) - 1))
    return row


def _best(row: Sequence[float], previous: Sequence[float], noise: float, h: float) -> Estimate:
    best = NOTHING
    for column in range(1, len(row)):
        error = max(abs(row[column] - row[column - 1]), abs(row[column] - previous[column - 1]))
        if error + noise < best.error:
            best = Estimate(row[column], error + noise, h)
    return best


def _power_of_two(step: float) -> float:
    return math.ldexp(1.0, math.frexp(step)[1] - 1)


# --- one step -------------------------------------------------------------------------------


def one_sided(probe: Probe, h: float) -> Estimate:
    """(f(x + h) - f(x))/h as written; h < 0 is the backward difference.

    The error of first order in h is estimated from the slope over h/2.
    """
    slope, half = probe.forward(h), probe.forward(h / 2)
    rounding = max(EPSILON * (abs(probe(h)) + abs(probe.base)), 2 * probe.rounding) / abs(h)
    moved = abs(slope) * EPSILON * probe.scale / abs(h)
    return Estimate(slope, 2 * abs(slope - half) + rounding + moved, abs(h))


def central(probe: Probe, h: float) -> Estimate:
    """(f(x + h) - f(x - h))/(2h) as written; the error of second order from the step h/2."""
    slope, half = probe.central(h), probe.central(h / 2)
    return Estimate(slope, 4 / 3 * abs(slope - half) + probe.noise_of_written(h), h)


def complex_step(probe: Probe, h: float) -> Estimate:
    """Im f(x + ih)/h: no difference is taken, so h can be tiny and nothing cancels.

    Squire & Trapp, "Using complex variables to estimate derivatives of real functions" (1998).
    """
    slope = probe.imaginary(h) / h
    return Estimate(slope, 8 * EPSILON * abs(slope) + h * h, h)


def settled_complex_step(probe: Probe, estimate: Estimate) -> Estimate:
    """An estimate by complex step with the error that far shorter steps give it.

    A step that is long beside x, or beside what f does there, has an error of truncation.
    """
    shorter = [estimate.step * 2.0**-power for power in (100, 300, 600)]
    slopes = [probe.imaginary(h) / h for h in shorter if h >= SHORTEST_COMPLEX]
    if len(slopes) < _SETTLED or not math.isclose(*slopes[-_SETTLED:], rel_tol=1e-9):
        return replace(estimate, error=math.inf)
    return replace(estimate, error=estimate.error + abs(slopes[-1] - estimate.numeric))


COMPLEX_STEP = 1e-20
# Below this the parts of a complex step lose digits to underflow.
SHORTEST_COMPLEX = 2.0**-900
# So many slopes over ever shorter steps are alike where the error of truncation has gone.
_SETTLED = 2


def default_step(method: str, probe: Probe) -> float:
    """The step a method takes when none is given: where truncation and rounding balance."""
    size = max(1.0, probe.scale)
    if method == "richardson":
        return first_step(probe.scale, probe.wiggle)
    if method == "complex":
        # So short beside x that its square is lost, beside a small x as well.
        return COMPLEX_STEP * probe.scale if 0 < probe.scale < _TINY_X else COMPLEX_STEP
    return _power_of_two(size * EPSILON ** (1 / 3 if method == "central" else 1 / 2))
