"""The slips behind a claimed derivative formula, found where it is compared: at sampled points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from autograd_core import ArgumentError, Array, Graph, GraphError, gradient
from service.grading.model import Diagnosis
from service.grading.reference import Reference
from service.grading.slips.costs import INTEGRATED, SHARED_FACTOR
from service.grading.slips.matching import Found, says_something, simplest_first
from service.grading.slips.messages import diagnosis
from service.grading.slips.prepared import prepared
from service.grading.slips.slip import Sheet, Slip
from service.grading.slips.study import Study

Mask = npt.NDArray[np.bool_]
MOST: Final = 24  # points that are looked at
_FEWEST: Final = 4  # points that say anything
_NEARLY_ALL: Final = 0.9
# How exactly a slip has to give a formula's value: a formula may cancel where the slip does not.
_RELATIVE: Final = 1e-7
_CANCELLED: Final = 1e-9


def diagnose_formula(
    reference: Reference, name: str, claim: Graph, points: Mapping[str, Array]
) -> tuple[Diagnosis, ...]:
    """The slips that give a claimed derivative by `name` at (nearly) all points, simplest first.

    points: 1-d arrays of the same length by variable. The claim is one that was judged wrong.
    Raises DeadlineExceeded.
    """
    ready = prepared(reference)
    try:
        study, sheet = ready.at(_few(points), name)
        compared = _Compared(study, name, claim, sheet)
    except (ArgumentError, GraphError):
        return ()
    return tuple(diagnosis(slip, ready.names, name) for slip in simplest_first(compared.found()))


def _few(points: Mapping[str, Array]) -> dict[str, Array]:
    """Some of the points, evenly chosen, if there are many."""
    length = len(next(iter(points.values())))
    chosen = np.unique(np.linspace(0, length - 1, min(MOST, length)).round().astype(int))
    return {name: np.asarray(each, dtype=np.float64)[chosen] for name, each in points.items()}


class _Compared:
    """A claim beside the slips, at the points where both sides are numbers."""

    def __init__(self, study: Study, name: str, claim: Graph, sheet: Sheet) -> None:
        self._study, self._sheet = study, sheet
        self._truth, self._wrong = sheet.of(name)
        bound = {
            each: study.bindings[each] for each in (*claim.inputs, name) if each in study.bindings
        }
        found = gradient(
            claim,
            bound,
            wrt=[name],
            mapped=tuple(each for each in bound if each in study.mapped),
            limits=study.reference.limits,
            deadline=study.reference.deadline,
        )
        self._claim = study.row(found.value)
        self._slope = study.row(found.gradients[name])

    def found(self) -> Found:
        """The slips that fit."""
        valid = np.isfinite(self._claim) & np.isfinite(self._truth)
        tolerance = self._study.reference.tolerance
        bad = valid & ~_near(self._claim, self._truth, tolerance.rtol, tolerance.atol)
        if not bad.any():
            return []
        fits = self._fitting(self._wrong, valid, bad) & says_something(
            self._sheet.slips, self._wrong[:, valid]
        )
        found = [(1, self._sheet.slips[int(each)]) for each in np.flatnonzero(fits)]
        integrated = self._integrated(valid)
        factor = self._factor(valid)
        return found + [(1, slip) for slip in (integrated, factor) if slip is not None]

    def _fitting(self, wrong: Array, valid: Mask, bad: Mask) -> Mask:
        """Which rows agree with the claim, also where that is not right."""
        usable = np.isfinite(wrong) & valid
        agree = usable & self._agree(wrong, self._claim)
        counted, wrongly = usable.sum(axis=1), (usable & bad).sum(axis=1)
        fits: Mask = (
            (counted >= min(_FEWEST, valid.sum()))
            & (wrongly > 0)
            & (agree.sum(axis=1) >= _NEARLY_ALL * counted)
            & ((agree & bad).sum(axis=1) >= _NEARLY_ALL * wrongly)
            & (counted >= _NEARLY_ALL * valid.sum())
        )
        return fits

    def _agree(self, left: Array, right: Array) -> Mask:
        return _near(left, right, _RELATIVE, _CANCELLED * np.abs(self._truth))

    def _integrated(self, valid: Mask) -> Slip | None:
        """The claim's derivative is the function, and that is not 0."""
        value = self._study.value
        valid = valid & np.isfinite(value) & np.isfinite(self._slope)
        agree = valid & _near(self._slope, value, _RELATIVE, _CANCELLED)
        if valid.sum() < _FEWEST or agree.sum() < _NEARLY_ALL * valid.sum():
            return None
        if not np.any(value[valid]):
            return None
        return Slip("integrated_instead", "integrated", INTEGRATED)

    def _factor(self, valid: Mask) -> Slip | None:
        """One factor at all points, of which the truth takes different values."""
        usable = valid & (self._truth != 0)
        if usable.sum() < _FEWEST or np.any(self._claim[valid & ~usable]):
            return None
        sizes = np.abs(self._truth[usable])
        ratios = self._claim[usable] / self._truth[usable]
        factor = float(np.median(ratios))
        agree = np.abs(ratios - factor) <= _RELATIVE * abs(factor)
        if np.ptp(sizes) <= 1e-6 * np.max(sizes) or agree.mean() < _NEARLY_ALL:
            return None
        if not factor or abs(factor + 1) <= _RELATIVE:
            return None
        return Slip("constant_factor", "factor", SHARED_FACTOR, factor=factor)


def _near(left: Array, right: Array, rtol: float, atol: Array | float) -> Mask:
    with np.errstate(all="ignore"):
        near: Mask = np.abs(left - right) <= atol + rtol * np.maximum(np.abs(left), np.abs(right))
    return near
