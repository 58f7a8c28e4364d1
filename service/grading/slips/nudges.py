"""Finite differences: the step with which a nudge gives just what was claimed."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from autograd_core import ArgumentError, Array, GraphError, evaluate
from service.grading.slips.costs import NUDGED
from service.grading.slips.prepared import Prepared
from service.grading.slips.slip import Slip
from service.grading.slips.written import resolution

STEPS: Final = np.array([*(10.0**-k for k in range(1, 9)), *(2.0**-k for k in range(1, 27))])
# How far from the right answer a nudge may lead, relative to it or to 1.
_FARTHEST: Final = 0.5
# How much of the error of the nudge has to be in the claim, just so.
_AGREEING: Final = 0.02
_LARGEST: Final = 2_000  # entries of a gradient
_WORK: Final = 20_000_000  # operations of all evaluations for one entry
_ENTRIES: Final = 16  # of a gradient, that are looked at
_TRIED: Final = 3  # steps that fit in one entry, and are tried in others


def nudge(ready: Prepared, name: str, claim: Array) -> Slip | None:
    """The finite difference that gives a claimed gradient by an input; the simplest if several.

    claim: flat.
    """
    truth, tolerance = np.ravel(ready.adjoints[name]), ready.reference.tolerance
    error = np.abs(claim - truth)
    if not error.max(initial=0.0) <= _FARTHEST * max(1.0, np.abs(truth).max(initial=0.0)):
        return None
    work = ready.study.gradient.cost.operations * len(STEPS)
    if claim.size > _LARGEST or work > _WORK:
        return None
    wrong = error > tolerance.atol + tolerance.rtol * np.abs(truth)
    half = resolution(claim)
    worst = int(np.argmax(np.where(wrong, error, 0.0)))
    others = [int(each) for each in np.flatnonzero(wrong) if each != worst]
    candidates = np.flatnonzero(
        _fits(ready, name, worst, STEPS, float(claim[worst]), float(truth[worst]), half)
    )
    for candidate in candidates[:_TRIED].tolist():
        side, at = divmod(candidate, len(STEPS))
        step = STEPS[at : at + 1]
        if all(
            _fits(ready, name, each, step, float(claim[each]), float(truth[each]), half)[side]
            for each in others[:_ENTRIES]
        ):
            return Slip("finite_difference_estimate", "nudged", NUDGED, step=float(step[0]))
    return None


def _fits(
    ready: Prepared, name: str, entry: int, steps: Array, claim: float, truth: float, half: float
) -> npt.NDArray[np.bool_]:
    """Whether forward, central and backward differences give a claim, one after another."""
    estimates, noise = _estimates(ready, name, entry, steps)
    error = abs(claim - truth)
    with np.errstate(all="ignore"):
        within = np.maximum(1e-9 * abs(truth), noise)
        if half <= _AGREEING * error:
            within = np.maximum(within, half)
        fits: npt.NDArray[np.bool_] = (np.abs(estimates - claim) <= within) & (
            within <= _AGREEING * error
        )
    return fits


def _estimates(ready: Prepared, name: str, entry: int, steps: Array) -> tuple[Array, Array]:
    """The differences for each step, and how far rounding may be off."""
    reference = ready.reference
    x = np.asarray(reference.bindings[name], dtype=np.float64)
    points = np.tile(np.ravel(x), (2 * len(steps) + 1, 1))
    points[1:, entry] += np.concatenate([steps, -steps])
    nowhere = np.full(3 * len(steps), np.nan)
    try:
        found = evaluate(
            reference.graph,
            {**reference.bindings, name: points.reshape(len(points), *x.shape)},
            outputs=None if reference.output is None else [reference.output],
            mapped=[name],
            limits=reference.limits,
            deadline=reference.deadline,
        )
    except (ArgumentError, GraphError):
        return nowhere, nowhere
    (values,) = found.values.values()
    values = np.broadcast_to(np.asarray(values, dtype=np.float64), len(points))
    at, above, below = values[0], values[1 : len(steps) + 1], values[len(steps) + 1 :]
    with np.errstate(all="ignore"):
        estimates = [(above - at) / steps, (above - below) / (2 * steps), (at - below) / steps]
        sizes = np.fmax(np.fmax(np.abs(above), np.abs(below)), abs(at))
        noise = 8 * np.finfo(float).eps * sizes / steps
    return np.concatenate(estimates), np.tile(noise, 3)
