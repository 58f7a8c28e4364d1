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
# What is nothing, beside the largest value of a claim.
_NOTHING: Final = 1e-3
# What a constant may come of where a formula is asked for: all others give one by accident.
_OF_CONSTANTS: Final = frozenset(
    {"sign", "edge_sign", "twice", "value", "term", "variable", "dropped", "factor"}
)


@np.errstate(all="ignore")
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
        size = float(np.max(np.abs(self._claim[bad])))
        # Where the claim is next to nothing beside its other values, any slip would do.
        telling = bad & (np.abs(self._claim) > _NOTHING * size)
        within = _CANCELLED * np.maximum(np.abs(self._truth), _NOTHING * size)
        within = np.minimum(within, _RELATIVE * size)
        fits = self._fitting(self._wrong, valid, telling, within)
        fits &= says_something(self._sheet.slips, self._wrong[:, valid], self._truth[valid])
        if _is_constant(self._claim[valid]) and not _is_constant(self._truth[valid]):
            fits &= [slip.kind in _OF_CONSTANTS for slip in self._sheet.slips]
        found = [(1, self._sheet.slips[each]) for each in np.flatnonzero(fits).tolist()]
        integrated = self._integrated(valid)
        factor = self._factor(telling)
        return found + [(1, slip) for slip in (integrated, factor) if slip is not None]

    def _fitting(self, wrong: Array, valid: Mask, telling: Mask, within: Array) -> Mask:
        """Which rows agree with the claim: nearly everywhere, and nearly everywhere that tells."""
        usable = np.isfinite(wrong) & valid
        agree = usable & _near(wrong, self._claim, _RELATIVE, within)
        fits: Mask = (
            (usable.sum(axis=1) >= _NEARLY_ALL * valid.sum())
            & (agree.sum(axis=1) >= _NEARLY_ALL * usable.sum(axis=1))
            & ((agree & telling).sum(axis=1) >= _NEARLY_ALL * telling.sum())
        )
        enough = int(telling.sum()) >= min(_FEWEST, int(valid.sum()))
        return fits if enough else np.zeros_like(fits)

    def _integrated(self, valid: Mask) -> Slip | None:
        """The claim's derivative is the function, and that is not 0."""
        value = self._study.value
        valid = valid & np.isfinite(value) & np.isfinite(self._slope)
        size = np.max(np.abs(value[valid]), initial=0.0)
        agree = valid & _near(self._slope, value, _RELATIVE, _CANCELLED * size)
        if valid.sum() < _FEWEST or agree.sum() < _NEARLY_ALL * valid.sum():
            return None
        if not np.any(value[valid]) or (_is_constant(value[valid]) and np.ptp(value[valid])):
            return None
        return Slip("integrated_instead", "integrated", INTEGRATED)

    def _factor(self, telling: Mask) -> Slip | None:
        """One factor at all points that tell, at which the truth takes different values."""
        if telling.sum() < _FEWEST or not self._truth[telling].all():
            return None
        ratios = self._claim[telling] / self._truth[telling]
        factor = float(np.median(ratios))
        agree = np.abs(ratios - factor) <= _RELATIVE * abs(factor)
        if _is_constant(np.abs(self._truth[telling])) or agree.mean() < _NEARLY_ALL:
            return None
        if not factor or abs(factor + 1) <= _RELATIVE:
            return None
        return Slip("constant_factor", "factor", SHARED_FACTOR, factor=factor)


def _is_constant(values: Array) -> bool:
    return bool(np.ptp(values) <= 1e-6 * np.max(np.abs(values)))


def _near(left: Array, right: Array, rtol: float, atol: Array | float) -> Mask:
    with np.errstate(all="ignore"):
        near: Mask = np.abs(left - right) <= atol + rtol * np.maximum(np.abs(left), np.abs(right))
    return near
