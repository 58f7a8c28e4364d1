"""Every wrong gradient that a single slip gives, for authors of questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np

from autograd_core import ArgumentError, Fault, NonfiniteWarning, Number
from service.grading.reference import Reference
from service.grading.slips.messages import diagnosis
from service.grading.slips.naming import Names
from service.grading.slips.speller import Speller
from service.grading.slips.spelling import Unspelt
from service.grading.slips.study import LARGEST, work_of
from service.grading.slips.tables import Table, table_of
from service.grading.slips.terms import text_of
from service.grading.slips.whole import is_likely

MOST: Final = 200  # slips that are told, the simplest ones
_FEW: Final = 12  # variables of a function whose derivatives anybody writes down
_LARGEST: Final = 1_000_000  # numbers in all of their gradients


@dataclass(frozen=True)
class WrongAnswer:
    """A slip, the gradients that come of it, and the places of those that come out the same.

    derivatives: the gradients as formulas, in infix text, as far as there are any.
    """

    code: str
    message: str
    node: str | None
    gradients: Mapping[str, Number]
    coincides_with: Sequence[int]
    derivatives: Mapping[str, str] | None = None


@dataclass(frozen=True)
class AllSlips:
    """The right answer, the wrong ones, and bindings that tell the most of these apart."""

    value: Number
    gradients: Mapping[str, Number]
    slips: Sequence[WrongAnswer]
    bindings: Mapping[str, Number]
    warnings: Sequence[NonfiniteWarning] = ()


@np.errstate(all="ignore")
def all_slips(reference: Reference) -> AllSlips:
    """What single slips make of a function's gradient at its bindings, the simplest first.

    Slips of one code that agree wherever they were looked at are told once. Raises what running
    the reference raises, and ArgumentError (limit_exceeded) for a function that is too large.
    """
    work = work_of(reference)
    if work > LARGEST:
        detail = (
            f"slips are looked for where a gradient takes up to {LARGEST:,} operations, counting "
            f"its entries, not {work:,}: leave out inputs, or make tensors smaller"
        )
        raise ArgumentError(Fault("limit_exceeded", detail))
    right, table = reference.result, table_of(reference)
    told = [
        row
        for row in np.flatnonzero(table.told(reference)).tolist()
        if (factor := table.slips[row].factor) is None or is_likely(factor, reference.graph)
    ]
    once: dict[tuple[str, bytes], int] = {}
    for row in sorted(told, key=lambda row: table.slips[row].cost):
        once.setdefault((table.slips[row].code, table.signatures[row]), row)
    most = min(MOST, _LARGEST // max(1, table.truth.shape[1]))
    rows = list(once.values())[:most]
    names, answers, spelt = Names(reference.graph), [], _Formulas(table)
    for row, others in zip(rows, table.agreeing(rows), strict=True):
        said = diagnosis(table.slips[row], names)
        answers.append(
            WrongAnswer(
                said.code,
                said.message,
                said.node,
                table.gradients(row),
                others,
                spelt.of(row) or None,
            )
        )
    return AllSlips(right.value, right.gradients, answers, table.best_bindings(), right.warnings)


class _Formulas:
    """The rows of a table as formulas."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._speller: Speller | None = None
        if table.network is not None and len(table.columns) <= _FEW:
            with suppress(Unspelt):
                self._speller = Speller(table.network)

    def of(self, row: int) -> dict[str, str]:
        """By name, what a slip makes of each derivative."""
        speller, table, found = self._speller, self._table, {}
        if speller is None:
            return {}
        for name in table.columns:
            if name in table.shown[row]:
                term = speller.formula(table.slips[row], name)
            else:
                term = speller.right(name)
            if term is not None:
                found[name] = text_of(term)
        # What is right says nothing of the slip.
        return found if not table.shown[row].isdisjoint(found) else {}
