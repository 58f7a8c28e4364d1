"""Wrong gradients at given bindings and at others beside them: where slips can be told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from autograd_core import ArgumentError, Array, GraphError, Number
from service.grading.reference import Reference
from service.grading.slips.array_sheets import array_sheet
from service.grading.slips.arrays import backward_of
from service.grading.slips.matching import says_something
from service.grading.slips.network import Network
from service.grading.slips.proposals import candidates
from service.grading.slips.sheets import sheet_of
from service.grading.slips.slip import RELATIVE, Sheet, Slip
from service.grading.slips.study import Study, is_small

Mask = npt.NDArray[np.bool_]
_CANDIDATES: Final = 31
_FEW_CANDIDATES: Final = 3  # of functions on arrays, which take longer
_LARGEST: Final = 20_000  # numbers in all candidates
_MANY: Final = 12  # gradients beyond which a slip in one of them is no slip of its own
_DIGITS: Final = 8  # to which numbers that agree are one
# Slips that are made in one derivative, and not in all of them alike.
_IN_ONE: Final = frozenset({"value", "input_value", "variable"})


@dataclass(frozen=True, eq=False)
class Table:
    """What slips make of gradients, at several bindings, the given ones first.

    columns: where the entries of each gradient are. truth: [bindings, column]. wrong: [slip,
    bindings, column]. shown: by slip, the gradients that it changes; all others are right. network:
    the function, if it is one of scalars.
    """

    bindings: Mapping[str, Array]
    columns: Mapping[str, slice]
    shapes: Mapping[str, tuple[int, ...]]
    slips: Sequence[Slip]
    truth: Array
    wrong: Array
    shown: Sequence[frozenset[str]] = ()
    network: Network | None = None

    def gradients(self, row: int) -> dict[str, Number]:
        """What a slip gives at the given bindings."""
        found: dict[str, Number] = {}
        for name, at in self.columns.items():
            entries = self.wrong[row, 0, at]
            found[name] = entries.reshape(self.shapes[name]) if self.shapes[name] else entries[0]
        return found

    def told(self, reference: Reference) -> Mask:
        """Which slips give something at the given bindings that is wrong, and no mere 0."""
        truth, wrong, tolerance = self.truth[0], self.wrong[:, 0], reference.tolerance
        allowed = tolerance.atol + tolerance.rtol * np.abs(truth)
        told = np.zeros(len(self.slips), dtype=bool)
        for at in self.columns.values():
            with np.errstate(all="ignore"):
                moved = np.any(np.abs(wrong[:, at] - truth[at]) > allowed[at], axis=1)
            told |= moved & says_something(self.slips, wrong[:, at], truth[at])
        finite: Mask = np.all(np.isfinite(wrong), axis=1)
        return told & finite

    @cached_property
    def usable(self) -> Mask:
        """Bindings where the right gradient is a number."""
        usable: Mask = np.all(np.isfinite(self.truth), axis=1)
        return usable

    @cached_property
    def signatures(self) -> list[bytes]:
        """By slip: the same for two that agree at all of the bindings."""
        return [_rounded(row[self.usable]).tobytes() for row in self.wrong]

    def agreeing(self, rows: Sequence[int]) -> list[list[int]]:
        """For each of these slips the places of the others that give the same at the bindings."""
        here = self.wrong[list(rows), 0]
        found = []
        for place, each in enumerate(here):
            with np.errstate(all="ignore"):
                near = np.abs(here - each) <= RELATIVE * np.maximum(np.abs(here), np.abs(each))
            same = np.flatnonzero(near.all(axis=1))
            found.append([int(other) for other in same if other != place])
        return found

    def best_bindings(self) -> dict[str, Number]:
        """Those that tell the most pairs of slips apart, and slips from what is right; the given
        ones, if no others are better.
        """
        at = int(np.argmin([self._alike(at) for at in range(len(self.truth))]))
        return {
            name: numbers[at] if numbers[at].shape else float(numbers[at])
            for name, numbers in self.bindings.items()
        }

    def told_apart(self, bindings: Mapping[str, Number]) -> tuple[int, int]:
        """How many pairs some of these bindings tell apart, and how many any of them do."""
        at = next(
            at
            for at in range(len(self.truth))
            if all(np.array_equal(each[at], bindings[name]) for name, each in self.bindings.items())
        )
        rows = len(self._kept) + 1
        pairs = rows * (rows - 1) // 2
        return pairs - int(self._alike(at)), pairs

    @cached_property
    def _kept(self) -> list[int]:
        """Slips of which each differs from what is right somewhere, and from all others."""
        right = _rounded(self.truth[self.usable]).tobytes()
        kept = {signature: row for row, signature in enumerate(self.signatures)}
        return [row for signature, row in kept.items() if signature != right]

    def _alike(self, at: int) -> float:
        """How many pairs of those, and of them and what is right, agree at some bindings."""
        if not self.usable[at]:
            return np.inf
        keys = [_key(self.truth[at]), *map(_key, self.wrong[self._kept, at])]
        counts = np.array(list(Counter(keys).values()))
        return float(np.sum(counts * (counts - 1)) / 2)


def _key(row: Array) -> bytes:
    return _rounded(row).tobytes()


def _rounded(numbers: Array) -> Array:
    """To a number of digits from the first."""
    with np.errstate(all="ignore"):
        digits = np.floor(np.log10(np.abs(numbers)))
        unit = 10.0 ** (np.where(np.isfinite(digits), digits, 0.0) - _DIGITS)
        rounded: Array = np.round(numbers / unit) * unit
    return rounded + 0.0  # no -0


@np.errstate(all="ignore")
def table_of(reference: Reference) -> Table:
    """The table of a reference. Raises what running it raises."""
    study = Study(reference)
    if study.network is not None or not is_small(reference.graph):
        return _of_scalars(reference, tuple(filter(study.is_variable, study.variables)))
    return _of_arrays(reference)


def _of_scalars(reference: Reference, targets: Sequence[str]) -> Table:
    moved = {name: reference.bindings[name] for name in targets}
    count = min(_CANDIDATES, _LARGEST // max(1, len(targets)))
    bindings = candidates(moved, reference.domain, count)
    study = Study(reference, bindings if count else None)
    sheet = sheet_of(study, targets)
    shape = (len(targets), study.points)
    truth = sheet.truth.reshape(shape).T
    wrong = np.swapaxes(sheet.wrong.reshape(len(sheet.slips), *shape), 1, 2)
    columns = {name: slice(at, at + 1) for at, name in enumerate(targets)}
    return _expanded(
        Table(
            bindings,
            columns,
            dict.fromkeys(targets, ()),
            sheet.slips,
            truth,
            wrong,
            network=study.network,
        )
    )


def _of_arrays(reference: Reference) -> Table:
    bindings = candidates(reference.bindings, reference.domain, _FEW_CANDIDATES)
    sheets: list[Sheet] = []
    kept = []
    for at in range(_FEW_CANDIDATES + 1):
        here = {name: numbers[at] for name, numbers in bindings.items()}
        moved = Reference(
            reference.graph,
            here,
            reference.output,
            limits=reference.limits,
            deadline=reference.deadline,
        )
        try:
            sheet = array_sheet(moved, backward_of(moved), tuple(here))
        except (ArgumentError, GraphError):
            if not at:
                raise
            continue
        if not sheets or [each.code for each in sheet.slips] == [
            each.code for each in sheets[0].slips
        ]:
            sheets.append(sheet)
            kept.append(at)
    return _expanded(
        Table(
            {name: numbers[kept] for name, numbers in bindings.items()},
            sheets[0].columns,
            {name: np.shape(numbers) for name, numbers in reference.bindings.items()},
            sheets[0].slips,
            np.stack([sheet.truth for sheet in sheets]),
            np.stack([sheet.wrong for sheet in sheets], axis=1),
        )
    )


def _expanded(table: Table) -> Table:
    """With a row for each derivative that a slip may be made in alone, and no empty entries."""
    slips: list[Slip] = []
    rows: list[Array] = []
    shown: list[frozenset[str]] = []
    for slip, wrong in zip(table.slips, table.wrong, strict=True):
        filled = np.where(np.isnan(wrong), table.truth, wrong) if slip.alone else wrong
        given = [name for name, at in table.columns.items() if not np.isnan(wrong[0, at]).any()]
        several = 1 < len(table.columns) <= _MANY
        if not several or slip.kind not in _IN_ONE:
            slips.append(slip)
            rows.append(filled)
            shown.append(frozenset(given))
        if several and slip.kind in _IN_ONE | {"sign"}:
            for name in given:
                at = table.columns[name]
                if not np.isnan(wrong[:, at]).any():
                    one = table.truth.copy()
                    one[:, at] = wrong[:, at]
                    slips.append(slip)
                    rows.append(one)
                    shown.append(frozenset({name}))
    shape = (0, *table.truth.shape)
    stacked = np.stack(rows) if rows else np.empty(shape)
    return replace(table, slips=tuple(slips), wrong=stacked, shown=tuple(shown))
