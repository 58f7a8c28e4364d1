"""The verdict on one derivative: by a glance where that is enough, by many steps where not."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from autograd_core.finite_difference import estimates
from autograd_core.finite_difference.interior import has_kink
from autograd_core.finite_difference.kinks import looks_kinked
from autograd_core.finite_difference.options import CheckOptions
from autograd_core.finite_difference.probes import Probe
from autograd_core.finite_difference.weighing import WITHIN, imprecise, may_be_off, weigh

_NOT_FINITE = "the gradient is not finite here"
_PERHAPS_KINKED = (
    "the slopes on the two sides disagree at every scale that rounding leaves, though no part of "
    "the function has a kink here"
)
_USUAL_STEPS_DIFFER = "steps from the one asked for and usual, shorter steps contradict each other"


@dataclass(frozen=True)
class Entry:
    """The verdict on one derivative that was claimed, by an estimate; reason: as of InputCheck."""

    verdict: str
    estimate: estimates.Estimate
    analytic: float
    reason: str | None = None


def judge(line: Probe, claimed: float, options: CheckOptions) -> Entry:
    """The verdict on one derivative."""
    with np.errstate(all="ignore"):  # what is not finite is looked for, and said
        return _judge(line, claimed, options)


def _judge(line: Probe, claimed: float, options: CheckOptions) -> Entry:
    if not math.isfinite(line.base):
        return Entry("inconclusive", estimates.NOTHING, claimed, "the value is not finite here")
    first = options.step or estimates.default_step(options.method, line)
    if options.method == "complex":
        return _judge_complex(line, first, claimed, options)
    if not line.can_step(first):
        return Entry("inconclusive", estimates.NOTHING, claimed, _too_short(line, first))
    if options.method != "richardson":
        return _judge_one_step(line, first, claimed, options)
    entry = _judge_from(line, first, claimed, options)
    usual = estimates.first_step(line.scale, line.wiggle)
    if first <= usual or entry.verdict not in {"pass", "fail"}:
        return entry
    # All steps of a ladder that begins at 1e308 jump over what f does beside x: what they say
    # counts as "fail" if usual steps say so too, and as "pass" if those do not say the opposite.
    again = _judge_from(line, usual, claimed, options)
    verdicts = {entry.verdict, again.verdict}
    if "fail" in verdicts and verdicts != {"fail"}:
        return replace(entry, verdict="inconclusive", reason=_USUAL_STEPS_DIFFER)
    return entry


def _judge_from(line: Probe, first: float, claimed: float, options: CheckOptions) -> Entry:
    """The verdict of steps from `first` down: by a glance, or closely."""
    found = estimates.glance(line, first, options, claimed)
    if found is not None:
        return Entry("pass", found, claimed)
    return _judge_closely(line, first, claimed, options)


def _judge_closely(line: Probe, first: float, claimed: float, options: CheckOptions) -> Entry:
    """The verdict that many steps come to."""
    weighed, climbs = weigh(line, first, claimed, options)
    kinked = looks_kinked(line, climbs, options)
    if kinked and has_kink(line):
        left, right = line.forward(-first), line.forward(first)
        reason = f"a kink: the slope is {left:g} on the left and {right:g} on the right"
        return Entry("nondifferentiable", weighed.estimate, claimed, reason)
    if not math.isfinite(claimed):
        return Entry("inconclusive", weighed.estimate, claimed, _NOT_FINITE)
    if kinked:
        return Entry("inconclusive", weighed.estimate, claimed, _PERHAPS_KINKED)
    if weighed.verdict == "inconclusive" and weighed.reason is None:
        reason = _why_nothing(line, first)
        return Entry(weighed.verdict, weighed.estimate, claimed, reason)
    return Entry(weighed.verdict, weighed.estimate, claimed, weighed.reason)


def _judge_one_step(line: Probe, h: float, claimed: float, options: CheckOptions) -> Entry:
    """The verdict on the quotient of one step as written.

    It passes a claim where steps of quite another size bear it out too. Before it contradicts
    one, many steps say how far it may itself be off.
    """
    line.prefetch((h, -h, h / 2, -h / 2))
    if options.method == "central":
        estimate = estimates.central(line, h)
    else:
        estimate = estimates.one_sided(line, h if options.method == "forward" else -h)
    off = abs(claimed - estimate.numeric)
    tolerance = options.tolerance(claimed, estimate.numeric)
    agrees = off <= tolerance and estimate.error <= WITHIN * tolerance
    usual = estimates.first_step(line.scale, line.wiggle)
    if agrees and (
        _confirmed(line, estimate, claimed, options)
        or estimates.glance(line, usual, options, claimed) is not None
    ):
        return Entry("pass", estimate, claimed)
    closely = _judge_closely(line, usual, claimed, options)
    if closely.verdict in {"nondifferentiable", "inconclusive"}:
        return replace(closely, estimate=estimate)
    if not estimate.usable:
        return Entry("inconclusive", estimate, claimed, _why_nothing(line, h))
    if closely.verdict == "pass" and agrees:
        return replace(closely, estimate=estimate)
    error = max(estimate.error, abs(estimate.numeric - closely.estimate.numeric))
    estimate = replace(estimate, error=error)
    if closely.verdict == "fail" and off > tolerance:
        return replace(closely, estimate=estimate)
    reason = (
        imprecise(estimate, tolerance) if off <= tolerance else may_be_off(off, tolerance, estimate)
    )
    return Entry("inconclusive", estimate, claimed, reason)


def _confirmed(
    line: Probe, estimate: estimates.Estimate, claimed: float, options: CheckOptions
) -> bool:
    """Whether f looks smooth over the step of an estimate, and a far shorter one agrees."""
    h = estimate.step
    smooth = estimates.looks_smooth(line, h, h / 2, options)
    return smooth and estimates.confirmed(line, estimate, claimed, options)


def _judge_complex(line: Probe, h: float, claimed: float, options: CheckOptions) -> Entry:
    if h < estimates.SHORTEST_COMPLEX:
        reason = f"a step of {h:g} is so short that what it makes of f loses its digits"
        return Entry("inconclusive", estimates.NOTHING, claimed, reason)
    estimate = estimates.complex_step(line, h)
    if not math.isfinite(claimed):
        return Entry("inconclusive", estimate, claimed, _NOT_FINITE)
    if not estimate.usable:
        reason = "the function is not finite near this point"
        return Entry("inconclusive", estimate, claimed, reason)
    off, tolerance = abs(claimed - estimate.numeric), options.tolerance(claimed, estimate.numeric)
    if off <= tolerance and estimate.error <= WITHIN * tolerance:
        return Entry("pass", estimate, claimed)
    if off > tolerance + estimate.error:
        estimate = estimates.settled_complex_step(line, estimate)
    if off > tolerance + estimate.error:
        reason = f"the difference {off:.3g} is over the tolerance {tolerance:.3g}"
        return Entry("fail", estimate, claimed, reason)
    reason = (
        imprecise(estimate, tolerance) if off <= tolerance else may_be_off(off, tolerance, estimate)
    )
    return Entry("inconclusive", estimate, claimed, reason)


def _too_short(line: Probe, h: float) -> str:
    return (
        f"a step of {h:g} is too short beside x, which is of size {line.scale:g}: x + h, or x "
        "and half of it, is rounded to x"
    )


def _why_nothing(line: Probe, h: float) -> str:
    right, left = line(h), line(-h)
    sides = [side for side, value in (("right", right), ("left", left)) if not math.isfinite(value)]
    if sides:
        return f"the function is not finite to the {' and the '.join(sides)} of this point"
    return "the function is not finite near this point"
