"""What many estimates say of one claimed derivative.

A derivative is a limit, so where long and short steps contradict each other the short ones are
right, down to where rounding wins. An estimate over a long step may look precise and be wrong:
where the step jumps over a layer, or over whole periods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograd_core.finite_difference import glances
from autograd_core.finite_difference.estimates import (
    NOTHING,
    Climb,
    Estimate,
    climb,
    ladders,
)
from autograd_core.finite_difference.interior import is_resolved, is_rounding
from autograd_core.finite_difference.options import CheckOptions
from autograd_core.finite_difference.probes import Probe

# Steps are well separated where one is this many times the other: to pass a claim that no shorter
# step contradicts, and to contradict one.
_APART_TO_PASS, _APART_TO_FAIL = 4.0, 16.0
# Where digits are lost on the way, a gradient may be off by a good part of what is claimed of it
# for each part in so many that rounding takes of f.
_LOSS = 100.0
# The error estimate of what is passed may exceed the tolerance by this factor.
WITHIN = 10.0


@dataclass(frozen=True)
class Weighed:
    """The outcome: "pass", "fail" or "inconclusive", on which estimate, and why if undecided."""

    verdict: str
    estimate: Estimate
    reason: str | None = None


def weigh(
    probe: Probe, first: float, claimed: float, options: CheckOptions
) -> tuple[Weighed, Sequence[Climb]]:
    """What steps from `first` down, and at x's own scale, say of a claim; and these steps."""
    climbs: list[Climb] = []
    for steps in ladders(probe, first):
        climbs.append(climb(probe, steps, claimed, options))
        # The shortest last, of all rows.
        estimates = [each for row in climbs for each in row.estimates if each.usable]
        estimates.sort(key=lambda estimate: -estimate.step)
        weighed = _judged(probe, estimates, claimed, options)
        if weighed.verdict != "inconclusive":
            break
        if probe.scale == 0 and climbs[-1].hidden:  # shorter steps would see nothing but rounding
            break
    return weighed, climbs


def _judged(
    probe: Probe,
    estimates: Sequence[Estimate],
    claimed: float,
    options: CheckOptions,
) -> Weighed:
    supporting = _supporting(estimates, claimed, options)
    if _apart(supporting, _APART_TO_PASS):
        return _supported(probe, supporting)
    believed, alike = _believed(estimates)
    if believed is None:
        return _undecided(estimates)
    # Where the estimates do not settle from step to step, their own errors tell too little.
    comparable = [each for each in alike if each.error <= 2 * believed.error]
    spread = max(abs(each.numeric - believed.numeric) for each in comparable)
    believed = replace(believed, error=believed.error + spread)
    return _contrasted(probe, believed, alike, claimed, options)


def _supported(probe: Probe, supporting: Sequence[Estimate]) -> Weighed:
    """What estimates that agree with a claim say of it: nothing, if parts of f belie them."""
    best = min(supporting, key=lambda estimate: estimate.error)
    if not (probe.is_still or is_resolved(probe, supporting[-1].step)):
        return Weighed("inconclusive", best, _UNRESOLVED)
    if is_rounding(probe, best.step):
        return Weighed("inconclusive", best, _LOST)
    return Weighed("pass", best)


def _contrasted(
    probe: Probe,
    best: Estimate,
    alike: Sequence[Estimate],
    claimed: float,
    options: CheckOptions,
) -> Weighed:
    """What an estimate that is believed says of a claim that it does not pass."""
    off, tolerance = abs(best.numeric - claimed), options.tolerance(claimed, best.numeric)
    if off > tolerance + best.error:
        h, half = best.step, best.step / 2
        jump = glances.jump(probe(h), probe(-h), probe(half), probe(-half), probe.base, h)
        if jump > off + glances.jump_noise(
            probe(half), probe(-half), probe.base, half, probe.scale, probe.rounding
        ):
            return Weighed("inconclusive", best, _UNEVEN)
        if not all(is_resolved(probe, each.step, steps_too=True) for each in alike[-2:]):
            return Weighed("inconclusive", best, _UNRESOLVED)
        lost = off * probe.scale < _LOSS * probe.rounding and probe.loses_digits
        if lost or is_rounding(probe, best.step):
            return Weighed("inconclusive", best, _LOST)
        reason = f"the difference {off:.3g} is over the tolerance {tolerance:.3g}"
        return Weighed("fail", best, reason)
    if off > tolerance:
        return Weighed("inconclusive", best, may_be_off(off, tolerance, best))
    return Weighed("inconclusive", best, imprecise(best, tolerance))


def _supporting(
    estimates: Sequence[Estimate], claimed: float, options: CheckOptions
) -> Sequence[Estimate]:
    """Precise estimates that agree with a claim, shorter than any that contradicts it."""
    found: list[Estimate] = []
    for each in estimates:
        off = abs(each.numeric - claimed)
        tolerance = options.tolerance(claimed, each.numeric)
        if off > tolerance + each.error:
            found.clear()
        elif off <= tolerance and each.error <= WITHIN * tolerance:
            found.append(each)
    return found


def _believed(estimates: Sequence[Estimate]) -> tuple[Estimate | None, Sequence[Estimate]]:
    """The most precise estimate that every shorter step bears out, and all that are like it.

    None where none has another like it at a well separated step.
    """
    for each in sorted(estimates, key=lambda estimate: estimate.error):
        shorter = [other for other in estimates if other.step < each.step]
        if not all(map(each.agrees, shorter)):
            continue
        precise = max(abs(each.numeric) / 10, 2 * each.error)
        alike = [other for other in estimates if each.agrees(other) and other.error <= precise]
        if _apart(alike, _APART_TO_FAIL):
            return each, alike
    return None, ()


def _apart(estimates: Sequence[Estimate], times: float) -> bool:
    return bool(estimates) and estimates[0].step >= times * estimates[-1].step


def _undecided(estimates: Sequence[Estimate]) -> Weighed:
    if not estimates:
        return Weighed("inconclusive", NOTHING, None)
    best = min(estimates, key=lambda estimate: estimate.error)
    reason = "the slopes found with different steps contradict each other"
    if all(map(best.agrees, estimates)):
        reason = (
            "too few steps are long enough for rounding and short enough for the function: the "
            f"numeric derivative may itself be off by {best.error:.3g}"
        )
    return Weighed("inconclusive", best, reason)


_UNRESOLVED = (
    "a part of the function changes within the shortest steps that rounding leaves, so that "
    "these cannot be believed"
)
_UNEVEN = (
    "the slopes on the two sides differ by more than what is to be judged, over all steps that "
    "rounding leaves"
)
_LOST = "a part of the function has lost its digits here, so that nothing can be said of its slope"


def imprecise(estimate: Estimate, tolerance: float) -> str:
    """Why an estimate that agrees does not pass a claim."""
    if estimate.error <= WITHIN * tolerance:
        return "the numeric derivative agrees, but no other step confirms it so precisely"
    return (
        f"the numeric derivative agrees, but may itself be off by {estimate.error:.3g}, which is "
        f"over the tolerance {tolerance:.3g}"
    )


def may_be_off(off: float, tolerance: float, estimate: Estimate) -> str:
    """Why an estimate that contradicts a claim does not refute it."""
    return (
        f"the difference {off:.3g} is over the tolerance {tolerance:.3g}, but the numeric "
        f"derivative may itself be off by {estimate.error:.3g}"
    )
