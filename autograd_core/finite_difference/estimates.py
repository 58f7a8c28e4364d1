"""Slopes of a probe, each with an estimate of its error."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from autograd_core.engines.kernel import glances
from autograd_core.finite_difference.options import CheckOptions
from autograd_core.finite_difference.probes import EPSILON, Probe

_LEVELS = 8


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


NOTHING = Estimate(math.nan, math.inf, math.nan)


def first_step(scale: float, wiggle: int = 1) -> float:
    """About a hundredth of x, or of 1 for smaller x: a power of 2, so that x + h is exact.

    scale: the size of x. wiggle: how many elements move at once.
    """
    return _power_of_two(0.02 * max(1.0, scale) / math.sqrt(wiggle))


def glance(probe: Probe, first: float, options: CheckOptions, claimed: float) -> Estimate | None:
    """What `richardson` answers, where two steps are enough to see no kink and to agree."""
    half = first / 2
    probe.prefetch((first, -first, half, -half))
    settled, numeric, error = glances.glance(
        probe(first), probe(-first), probe(half), probe(-half), probe.base, first, probe.scale,
        probe.rounding, claimed, options.rtol, options.atol,
    )  # fmt: skip
    return Estimate(numeric, error, half) if settled else None


def _power_of_two(step: float) -> float:
    return math.ldexp(1.0, math.frexp(step)[1] - 1)


def _starts(probe: Probe, first: float) -> Iterable[float]:
    """Where to start halving: the first step, then finer ones for finer structure."""
    yield first
    if 0 < probe.scale < 1:
        yield _power_of_two(0.02 * probe.scale)
    yield from (first * 2.0**-shift for shift in (7, 14, 21, 28, 35))


def richardson(
    probe: Probe, first: float, tolerance: Callable[[float, float], float], claimed: float
) -> Estimate:
    """Central differences at halved steps, extrapolated to step 0.

    C. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)" (1982): the error of an
    entry of the tableau is its distance from the two it was made of, to which the rounding
    error is added here. tolerance: how far apart two derivatives may be. The first estimate
    that is precise and agrees with the claimed derivative is taken; where none does, finer
    steps are tried before it is contradicted, and the answer is what they agree on.
    """
    found: list[Estimate] = []
    for start in _starts(probe, first):
        estimate = _tableau(probe, start, tolerance)
        if not estimate.usable:
            continue
        found.append(estimate)
        precise = estimate.error <= tolerance(estimate.numeric, estimate.numeric)
        if precise and abs(estimate.numeric - claimed) <= tolerance(estimate.numeric, claimed):
            return estimate
    return _consensus(found)


def _consensus(found: Sequence[Estimate]) -> Estimate:
    """The most precise estimate, if the others do not contradict it.

    A step longer than the period of sin(x) at x = 1e6 gives a precise estimate of nothing; a
    step so short that f is a staircase of rounded values finds it flat. So where estimates
    contradict each other one is believed only if every finer one bears it out, and one of
    these sees f move at all. If there is none, the error is unknown: infinite.
    """
    by_error = sorted(found, key=lambda estimate: estimate.error)
    if not by_error:
        return NOTHING
    best = by_error[0]
    if all(_agree(best, each) for each in found):
        return best
    for estimate in by_error:
        finer = [each for each in found if each.step < estimate.step]
        moves = any(abs(each.numeric) > each.error for each in finer)
        if moves and all(_agree(estimate, each) for each in finer):
            return estimate
    return Estimate(best.numeric, math.inf, best.step)


def _agree(one: Estimate, other: Estimate) -> bool:
    return abs(one.numeric - other.numeric) <= one.error + other.error


def _tableau(probe: Probe, start: float, tolerance: Callable[[float, float], float]) -> Estimate:
    best = NOTHING
    previous: list[float] = []
    for level in range(_LEVELS):
        h = start * 2.0**-level
        if h < 2 * EPSILON * probe.scale:  # x + h may be x
            break
        slope = probe.central(h)
        if not math.isfinite(slope):
            previous = []
            continue
        row = [slope]
        for column, older in enumerate(previous):
            row.append(row[column] + (row[column] - older) / (4.0 ** (column + 1) - 1))
        noise = probe.noise(h)
        for column in range(1, len(row)):
            error = max(abs(row[column] - row[column - 1]), abs(row[column] - previous[column - 1]))
            if error + noise < best.error:
                best = Estimate(row[column], error + noise, h)
        if best.error <= tolerance(best.numeric, best.numeric) or noise > best.error:
            break
        previous = row
    return best


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
    return Estimate(slope, 4 / 3 * abs(slope - half) + probe.noise(h), h)


def complex_step(probe: Probe, h: float) -> Estimate:
    """Im f(x + ih)/h: no difference is taken, so h can be tiny and nothing cancels.

    Squire & Trapp, "Using complex variables to estimate derivatives of real functions" (1998).
    """
    slope = probe.imaginary(h) / h
    return Estimate(slope, 8 * EPSILON * abs(slope) + h * h, h)


COMPLEX_STEP = 1e-20


def default_step(method: str, probe: Probe) -> float:
    """The step a method takes when none is given: where truncation and rounding balance."""
    size = max(1.0, probe.scale)
    if method == "richardson":
        return first_step(probe.scale, probe.wiggle)
    if method == "complex":
        return COMPLEX_STEP
    return _power_of_two(size * EPSILON ** (1 / 3 if method == "central" else 1 / 2))
