"""Which slips of a sheet give what was claimed, and in which order they are told.

Slips that fit are weighed by what they explain. One that gives several of the wrong claims comes
before one that gives a single claim; and where a slip would have shown in another claim, but that
one is as it should be, it is told only if nothing better fits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from autograd_core import Array
from service.grading.model import Tolerance
from service.grading.slips.guesses import NONE, is_credible
from service.grading.slips.slip import CANCELLED, RELATIVE, Sheet, Slip
from service.grading.slips.written import resolution

Mask = npt.NDArray[np.bool_]
# How likely a random number may fit some slip, to as many digits as it was written with.
CHANCE: Final = 0.003
# How far a slip may be from a claim in any case, relative to that.
_CLAIMED: Final = 1e-6
# What may explain a claim of 1 or -1; too many slips give these by accident.
_OF_ONES: Final = frozenset(
    {"sign", "edge_sign", "swapped", "outer", "inner", "local", "overwritten", "dropped"}
)

# Slips that fit a claim, each with how many of the wrong claims it explains.
Found = list[tuple[int, Slip]]


class Matcher:
    """A sheet made ready for claims."""

    def __init__(self, sheet: Sheet, tolerance: Tolerance) -> None:
        self.sheet, self.tolerance = sheet, tolerance
        self._alone = np.array([slip.alone for slip in sheet.slips], dtype=bool)
        self._exchanges = [
            (row, {slip.along, slip.input})
            for row, slip in enumerate(sheet.slips)
            if slip.kind == "swapped"
        ]
        self._targets: dict[str, _Target] = {}

    @property
    def size(self) -> int:
        """About how many numbers it holds."""
        return 5 * self.sheet.wrong.size

    def is_right(self, target: str, claim: Array) -> bool:
        """Whether a claim is right, within the tolerance."""
        truth = self.sheet.truth[self.sheet.columns[target]]
        return bool(np.all(near(claim, truth, self.tolerance)))

    def _target(self, name: str) -> _Target:
        if name not in self._targets:
            self._targets[name] = _Target(self.sheet, name, self.tolerance, self._alone)
        return self._targets[name]

    def found(
        self,
        claims: Mapping[str, Array],
        targets: Mapping[str, str],
        wrong: Collection[str],
        least: float = NONE,
    ) -> dict[str, Found]:
        """For each wrong claim the slips that give it.

        claims: by path, each flat, in the order of its columns. targets: what they are about.
        least: how sure a slip has to be that explains a single number (guesses.least_odds).
        """
        fits: dict[str, Mask] = {}
        says: Mask = np.zeros(len(self._alone), dtype=bool)
        contradicted = says
        for name, claim in claims.items():
            target = self._target(targets[name])
            fit = target.fit(claim)
            contradicted = contradicted | ~(target.unmoved if fit is None else fit | target.unmoved)
            if name in wrong and fit is not None:
                fits[name] = fit
                says = says | (fit & target.says)
        if not says.any():
            return {name: [] for name in wrong}
        explained = np.sum(list(fits.values()), axis=0)
        says = says & self._may_be_seen(frozenset(targets.values()))
        consistent = says & (self._alone | ~contradicted)
        found: dict[str, Found] = {name: [] for name in wrong}
        for name, fit in fits.items():
            at = np.flatnonzero(fit & consistent)
            if not len(at):
                at = np.flatnonzero(fit & says)
            each = [(int(explained[row]), self.sheet.slips[row]) for row in at.tolist()]
            if self._target(targets[name]).is_credible(each, claims[name], least):
                found[name] = each
        return found

    def _may_be_seen(self, targets: frozenset[str]) -> Mask:
        """An exchange shows in two claims; in one it is no more than the wrong variable."""
        seen = np.ones(len(self._alone), dtype=bool)
        for row, pair in self._exchanges:
            seen[row] = pair <= targets
        return seen


def near(claim: Array, truth: Array, tolerance: Tolerance) -> Mask:
    """Which entries of a claim are right."""
    right: Mask = np.abs(claim - truth) <= tolerance.atol + tolerance.rtol * np.abs(truth)
    return right


def of_another_shape(sheet: Sheet, target: str, claim: Array) -> Found:
    """Slips that give a target the shape and the numbers that were claimed."""
    return [
        (1, shaped.slip)
        for shaped in sheet.shaped
        if shaped.target == target
        and shaped.wrong.shape == claim.shape
        and np.allclose(shaped.wrong, claim, rtol=RELATIVE, atol=0.0)
    ]


def simplest_first(found: Found) -> Sequence[Slip]:
    """Those that explain the most, in the order they are told, each code once."""
    most = max((explained for explained, _ in found), default=0)
    best = sorted((slip for explained, slip in found if explained == most), key=_by_cost)
    by_code: dict[str, Slip] = {}
    for slip in best:
        by_code.setdefault(slip.code, slip)
    return tuple(by_code.values())


def _by_cost(slip: Slip) -> float:
    return slip.cost


class _Target:
    """The columns of one target, and what does not depend on the claim.

    unmoved: slips that leave the right answer there. says: slips that by giving a claim say
    something of how it came about.
    """

    def __init__(self, sheet: Sheet, name: str, tolerance: Tolerance, alone: Mask) -> None:
        self.truth, self._wrong = sheet.of(name)
        self._tolerance, self._alone, self._slips = tolerance, alone, sheet.slips
        with np.errstate(all="ignore"):
            allowed = tolerance.atol + tolerance.rtol * np.abs(self.truth)
            self._off = np.abs(self._wrong - self.truth)
            self._moved: Mask = self._off > allowed
            self.unmoved: Mask = np.all(self._off <= allowed, axis=1)
            within = RELATIVE * np.abs(self._wrong) + CANCELLED * np.abs(self.truth)
        self._within = np.where(np.isfinite(within), within, -1.0)
        self.says = says_something(sheet.slips, self._wrong, self.truth)
        first = self._wrong[:, :1]
        self._candidates = len(np.unique(np.round(first[np.isfinite(first)], 12)))
        self._size = float(np.max(np.abs(self.truth), initial=0.0))

    @cached_property
    def _rivals(self) -> Mapping[str, int]:
        """By code, how many different numbers its slips give; of a target of one entry."""
        given: dict[str, set[float]] = {}
        for row in np.flatnonzero(self.says & self._moved[:, 0]).tolist():
            given.setdefault(self._slips[row].code, set()).add(round(self._wrong[row, 0], 9))
        return {code: len(numbers) for code, numbers in given.items()}

    def is_credible(self, found: Found, claim: Array, least: float) -> bool:
        """Whether slips that fit are no accident."""
        if not least or len(claim) > 1 or any(explained > 1 for explained, _ in found):
            return True
        slips = [slip for _, slip in found]
        return is_credible(slips, self._rivals, float(claim[0]), float(self.truth[0]), least)

    def fit(self, claim: Array) -> Mask | None:
        """Which slips give a claim; None for a claim that is right."""
        bad = ~near(claim, self.truth, self._tolerance)
        if not bad.any():
            return None
        exact = self._exact(claim)
        if len(claim) == 1:
            return exact[:, 0] & self._moved[:, 0]
        fits: Mask = np.all(exact, axis=1)
        if not bad.all():
            fits = fits | (self._alone & np.all(exact[:, bad], axis=1))
        moved: Mask = np.any(self._moved[:, bad], axis=1)
        return fits & moved

    def _exact(self, claim: Array) -> Mask:
        """Where slips give just what was claimed, to as many digits as that has."""
        gap = np.abs(self._wrong - claim)
        exact: Mask = gap <= np.minimum(self._within, _CLAIMED * np.abs(claim))
        half = resolution(claim)
        if self._is_telling(claim, half):
            return exact | ((gap <= half * (1 + RELATIVE)) & (self._off > 2 * half))
        return exact

    def _is_telling(self, claim: Array, half: float) -> bool:
        """Whether a claim has so many digits that it would hardly be within half a unit of the
        last of them by accident, for any slip.
        """
        size = max(float(np.max(np.abs(claim))), self._size)
        if not half or not 0 < size < np.inf:
            return False
        chance = min(1.0, self._candidates * 2 * half / (6 * size))
        return chance ** len(claim) <= CHANCE


def says_something(slips: Sequence[Slip], wrong: Array, truth: Array) -> Mask:
    """Not a slip that gives nothing but 0; nor one of the many that give 1."""
    with np.errstate(all="ignore"):
        zeros = np.all(np.abs(wrong) <= CANCELLED * np.abs(truth), axis=1)
    ones = np.all(np.abs(wrong) == 1, axis=1)
    of_ones = [slip.kind in _OF_ONES or slip.code == "gate_ignored" for slip in slips]
    may = np.array(of_ones, dtype=bool)
    says: Mask = ~zeros & (~ones | may)
    return says
