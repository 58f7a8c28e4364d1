"""The slips behind a claimed derivative formula, found where it is compared: at sampled points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from autograd_core import ArgumentError, Array, Graph, GraphError, evaluate, gradient
from service.grading.model import Diagnosis
from service.grading.reference import Reference
from service.grading.slips.costs import INTEGRATED, SHARED_FACTOR
from service.grading.slips.matching import Found, says_something, simplest_first
from service.grading.slips.messages import diagnosis
from service.grading.slips.prepared import prepared
from service.grading.slips.sheets import degree_sheet, formula_sheet
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
        study = ready.at(_few(points))
        compared = _Compared(study, name, claim)
        found = compared.found()
        if not found and compared.may_cancel():
            compared.leave_out_cancelled()
            found = compared.found()
    except (ArgumentError, GraphError):
        return ()
    return tuple(diagnosis(slip, ready.names, name) for slip in simplest_first(found))


def _few(points: Mapping[str, Array]) -> dict[str, Array]:
    """Some of the points, evenly chosen, if there are many."""
    length = len(next(iter(points.values())))
    chosen = np.unique(np.linspace(0, length - 1, min(MOST, length)).round().astype(int))
    return {name: np.asarray(each, dtype=np.float64)[chosen] for name, each in points.items()}


class _Compared:
    """A claim at the points where it and what is right are numbers.

    _bad: where it is wrong; _telling: where, besides, it is more than next to nothing, as any slip
    would do for that. _within: how far a slip may be from it, beside a share of the larger.
    """

    def __init__(self, study: Study, name: str, claim: Graph) -> None:
        bound = {
            each: study.bindings[each] for each in (*claim.inputs, name) if each in study.bindings
        }
        options: dict[str, Any] = {
            "bindings": bound,
            "mapped": tuple(each for each in bound if each in study.mapped),
            "limits": study.reference.limits,
            "deadline": study.reference.deadline,
        }
        found = gradient(claim, **options, wrt=[name])
        self._study, self._name, self._run = study, name, (claim, options)
        self._claim, self._slope = study.row(found.value), study.row(found.gradients[name])
        self._truth = study.slope(name)
        self._look_at(np.isfinite(self._claim) & np.isfinite(self._truth))

    def _look_at(self, valid: Mask) -> None:
        claim, truth, tolerance = self._claim, self._truth, self._study.reference.tolerance
        self._valid = valid
        self._bad = valid & ~_near(claim, truth, tolerance.rtol, tolerance.atol)
        # The size of a claim is not that of the few points beside a pole.
        size = np.min(np.sort(np.abs(claim[self._bad]))[-_FEWEST:], initial=np.inf)
        self._telling = self._bad & (np.abs(claim) > _NOTHING * size)
        within = _CANCELLED * np.maximum(np.abs(truth), _NOTHING * size)
        self._within = np.minimum(within, _RELATIVE * size)

    def found(self) -> Found:
        """The slips that fit."""
        if not self._bad.any():
            return []
        study = self._study
        found = self.fitting(study.kept(self._name, formula_sheet)) + self._by_itself()
        return found or self.fitting(study.kept(self._name, degree_sheet))

    def may_cancel(self) -> bool:
        """Whether the claim is so small at some points that its digits may be lost there."""
        sizes = np.abs(self._claim[self._bad])
        return bool(np.min(sizes, initial=np.inf) < _NOTHING * np.max(sizes, initial=0.0))

    def leave_out_cancelled(self) -> None:
        """Look no longer at points where rounding may have changed the claim too much."""
        claim, options = self._run
        (bound,) = (evaluate(claim, **options, rounding=True).rounding or {}).values()
        kept = self._study.row(bound) <= _RELATIVE * np.abs(self._claim)
        self._look_at(self._valid & kept)

    def fitting(self, sheet: Sheet) -> Found:
        """The slips of a sheet that agree with the claim: nearly everywhere, and nearly everywhere
        that tells.
        """
        wrong, valid, telling = sheet.of(self._name)[1], self._valid, self._telling
        if int(telling.sum()) < min(_FEWEST, int(valid.sum())):
            return []
        usable = np.isfinite(wrong) & valid
        agree = usable & _near(wrong, self._claim, _RELATIVE, self._within)
        fits = (
            (usable.sum(axis=1) >= _NEARLY_ALL * valid.sum())
            & (agree.sum(axis=1) >= _NEARLY_ALL * usable.sum(axis=1))
            & ((agree & telling).sum(axis=1) >= _NEARLY_ALL * telling.sum())
            & says_something(sheet.slips, wrong[:, valid], self._truth[valid])
        )
        if _is_constant(self._claim[valid]) and not _is_constant(self._truth[valid]):
            fits &= np.array([slip.kind in _OF_CONSTANTS for slip in sheet.slips], dtype=bool)
        return [(1, sheet.slips[each]) for each in np.flatnonzero(fits).tolist()]

    def _by_itself(self) -> Found:
        """What the claim and the function tell, without a sheet."""
        slips = (self._integrated(), self._factor())
        return [(1, slip) for slip in slips if slip is not None]

    def _integrated(self) -> Slip | None:
        """The claim's derivative is the function, and that is not 0."""
        value = self._study.value
        valid = self._valid & np.isfinite(value) & np.isfinite(self._slope)
        size = np.max(np.abs(value[valid]), initial=0.0)
        agree = valid & _near(self._slope, value, _RELATIVE, _CANCELLED * size)
        if valid.sum() < _FEWEST or agree.sum() < _NEARLY_ALL * valid.sum():
            return None
        if not np.any(value[valid]) or (_is_constant(value[valid]) and np.ptp(value[valid])):
            return None
        return Slip("integrated_instead", "integrated", INTEGRATED)

    def _factor(self) -> Slip | None:
        """One factor at all points that tell, at which the truth takes different values."""
        truth, claim = self._truth[self._telling], self._claim[self._telling]
        if len(truth) < _FEWEST or not truth.all() or _is_constant(np.abs(truth)):
            return None
        factor = float(np.median(claim / truth))
        agree = np.abs(claim / truth - factor) <= _RELATIVE * abs(factor)
        if agree.mean() < _NEARLY_ALL or abs(factor + 1) <= _RELATIVE:
            return None
        return Slip("constant_factor", "factor", SHARED_FACTOR, factor=factor)


def _is_constant(values: Array) -> bool:
    return bool(np.ptp(values) <= 1e-6 * np.max(np.abs(values)))


def _near(left: Array, right: Array, rtol: float, atol: Array | float) -> Mask:
    with np.errstate(all="ignore"):
        near: Mask = np.abs(left - right) <= atol + rtol * np.maximum(np.abs(left), np.abs(right))
    return near
