"""A claimed formula against the truth at points: agreed, refuted by one, or not to be told.

A point does not count where rounding alone could make the difference, and where the claim is
undefined at that single point (x/x at 0) or only computed through a number too large for binary64.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from autograd_core import Array, Number
from service.grading import comparing
from service.grading.comparing import agree, shapes_differ
from service.grading.model import Counterexample, ItemVerdict, Points, Tolerance
from service.grading.quantities import Asked, Claimed, Rows
from service.grading.rounding import bounds_of

Flags = npt.NDArray[np.bool_]
Quantities = Sequence[Array]

_LEAST: Final = 4  # points that have to count, where there are four times as many
_STEPS: Final = (1e-3, -1e-3, 1e-5, -1e-5)  # to the neighbours of a point, relative to it
_LEAST_SCALE: Final = 0.1  # of what steps are relative to
_MOST_DIGITS: Final = 8


@dataclass(frozen=True)
class Outcome:
    """What came of comparing a formula."""

    verdict: ItemVerdict
    points: Points | None
    reason: str | None = None
    counterexample: Counterexample | None = None


@np.errstate(all="ignore")  # numbers may be as large as they like
def compare(asked: Asked, claimed: Claimed, *, shown: bool = True) -> Outcome:
    """The verdict on a formula at the points of a sample that is not empty; or, of a function of
    nothing, on its only value. shown: with a counterexample, if it is wrong.

    Raises Unreadable where the formula cannot be computed, and DeadlineExceeded.
    """
    if not asked.variables:
        reference = asked.reference
        truth, bound = reference.result.value, bounds_of(reference).value
        only = comparing.compare(claimed.value(), truth, reference.tolerance, bound)
        return Outcome(only.verdict, None, only.reason)
    at = asked.sample
    truths, mine = asked.of(at), claimed.at(at.points)
    for one, other in zip(mine, truths, strict=True):
        if one.shape != other.shape:
            reason = shapes_differ(one.shape[1:], other.shape[1:])
            return Outcome("incorrect", Points(0, 0, at.rejected), reason)
    trial = _Trial(asked, claimed, truths)
    wrong = trial.differ(mine, truths)
    skipped = np.zeros(len(at), dtype=bool)
    if wrong.any():
        skipped = trial.untold(mine, wrong)
        wrong &= ~skipped
    count = int(skipped.sum())
    points = Points(len(at) - count, count, at.rejected)
    if wrong.any():
        found = trial.counterexample(mine, wrong) if shown else None
        return Outcome("incorrect", points, counterexample=found)
    if points.compared < max(1, min(_LEAST, len(at) // _LEAST)):
        reason = f"rounding alone could make the difference at {count} of {len(at)} points"
        return Outcome("undetermined", points, reason)
    return Outcome("correct", points)


class _Trial:
    """One formula, the points it is compared at, and how close it has to come there."""

    def __init__(self, asked: Asked, claimed: Claimed, truths: Quantities) -> None:
        self._asked, self._claimed, self._truths = asked, claimed, truths
        self._sample = asked.sample
        self._tolerances = [self._tolerance(*each) for each in enumerate(truths)]

    def differ(self, mine: Quantities, truths: Quantities) -> Flags:
        """Of each point, whether a quantity is another than the true one."""
        right = np.ones(len(mine[0]), dtype=bool)
        for one, other, tolerance in zip(mine, truths, self._tolerances, strict=True):
            right &= _at_all(agree(one, other, tolerance))
        return ~right

    def untold(self, mine: Quantities, wrong: Flags) -> Flags:
        """Of each point where something differs, whether that tells nothing."""
        nothing, finite = np.zeros(len(wrong), dtype=bool), _finite(mine)
        differ, undefined = np.flatnonzero(wrong & finite), np.flatnonzero(wrong & ~finite)
        if len(differ):
            nothing[differ] = self._are_close(mine, differ)
        if len(undefined):
            points = self._points(undefined)
            nothing[undefined] = self._are_single(points) | self._claimed.overflows(points)
            rest = undefined[~nothing[undefined]]
            if len(rest):
                nothing[rest] = self._are_unknown(rest)
        return nothing

    def counterexample(self, mine: Quantities, wrong: Flags) -> Counterexample:
        """The simplest point that refutes the formula; one where it is defined, if there is."""
        rows = np.flatnonzero(wrong & _finite(mine))
        if not len(rows):
            rows = np.flatnonzero(wrong)
        points = self._sample.points
        short, lengths = self._sample.short, self._sample.lengths
        row = min(rows.tolist(), key=lambda row: (row >= short, lengths[row], row))
        if row >= short:
            shorter = self._shorter({name: numbers[row] for name, numbers in points.items()})
            if shorter is not None:
                return shorter
        return self._shown(points, mine, self._truths, row)

    def _points(self, rows: Rows) -> Mapping[str, Array]:
        return {name: numbers[rows] for name, numbers in self._sample.points.items()}

    def _are_close(self, mine: Quantities, rows: Rows) -> Flags:
        """Of some points, whether rounding could make the difference there."""
        bounds = self._claimed.bounds(self._points(rows)), self._asked.bounds(rows)
        close = np.ones(len(rows), dtype=bool)
        for one, other, tolerance, first, second in zip(
            mine, self._truths, self._tolerances, *bounds, strict=True
        ):
            claim, truth = one[rows], other[rows]
            within = np.abs(claim - truth) <= np.asarray(first) + second
            close &= _at_all(within | agree(claim, truth, tolerance))
        return close

    def _are_unknown(self, rows: Rows) -> Flags:
        """Of some points, whether rounding may have made anything of the reference there."""
        known = np.ones(len(rows), dtype=bool)
        for bound in self._asked.bounds(rows):
            known &= _at_all(np.broadcast_to(np.isfinite(bound), (len(rows), *np.shape(bound)[1:])))
        return ~known

    def _shorter(self, point: Mapping[str, Number]) -> Counterexample | None:
        """A point of fewer digits that refutes it as well, if there is one."""
        points = {
            name: np.array([np.round(number, digits) for digits in range(_MOST_DIGITS)])
            for name, number in point.items()
        }
        truths = self._asked.of(self._asked.reference.gradient_at(points))
        mine = self._claimed.at(points)
        wrong = self.differ(mine, truths) & _finite(mine) & self._sample.fit(points)
        return self._shown(points, mine, truths, int(wrong.argmax())) if wrong.any() else None

    def _shown(
        self, points: Mapping[str, Array], mine: Quantities, truths: Quantities, row: int
    ) -> Counterexample:
        parts = zip(mine, truths, self._tolerances, self._asked.by, strict=True)
        one, other, by = next(
            (one[row], other[row], by)
            for one, other, tolerance, by in parts
            if not agree(one[row], other[row], tolerance).all()
        )
        return Counterexample(
            {n: _number(x[row]) for n, x in points.items()}, _number(one), _number(other), by
        )

    def _are_single(self, points: Mapping[str, Array]) -> Flags:
        """Of points where the claim is undefined, whether it is defined beside them, where the
        reference is.
        """
        beside = {}
        for place, (name, numbers) in enumerate(points.items()):
            steps = np.array(_STEPS).reshape(-1, *(1 for _ in numbers.shape)) / (1 + place)
            shifted = numbers + steps * np.maximum(np.abs(numbers), _LEAST_SCALE)
            count = len(_STEPS) * len(numbers)
            beside[name] = shifted.reshape(count, *numbers.shape[1:])
        defined = _finite(self._asked.of(self._asked.reference.gradient_at(beside)))
        both = defined & _finite(self._claimed.at(beside))
        return np.asarray(both.reshape(len(_STEPS), -1).any(axis=0))

    def _tolerance(self, place: int, truth: Array) -> Tolerance:
        """That of the reference; where all of the truth is smaller than what its atol lets pass,
        and yet more than rounding, one relative to it.
        """
        tolerance = self._asked.reference.tolerance
        largest = float(np.abs(truth).max(initial=0))
        if largest * tolerance.rtol >= tolerance.atol or not largest:
            return tolerance
        noise = self._asked.bounds(np.arange(len(self._sample)))[place]
        if largest <= np.max(noise, initial=0):
            return tolerance
        return replace(tolerance, atol=largest * tolerance.rtol)


def _at_all(entries: Array | Flags) -> Flags:
    """Of each point, whether something holds of all entries there."""
    return np.asarray(entries.reshape(len(entries), -1).all(axis=1))


def _finite(quantities: Quantities) -> Flags:
    found = np.ones(len(quantities[0]), dtype=bool)
    for each in quantities:
        found &= _at_all(np.isfinite(each))
    return found


def _number(entry: Any) -> Number:
    return float(entry) if not np.ndim(entry) else np.asarray(entry)
