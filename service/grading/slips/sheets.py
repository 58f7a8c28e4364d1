"""Every slip that is looked for, and what it makes of a function's derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from service.grading.slips.chains import chain_rows, constant_rows, product_rows
from service.grading.slips.costs import OF_FORMULAS, OF_NUMBERS, Costs
from service.grading.slips.edges import edge_rows, local_rows, rule_rows, slot_rows
from service.grading.slips.network import Network, view_from
from service.grading.slips.slip import Rows, Sheet, columns_of
from service.grading.slips.study import Study
from service.grading.slips.systematic import systematic_rows
from service.grading.slips.whole import degree_rows, integral_rows, whole_rows

# Numbers that a sheet may hold; of a larger function only whole derivatives are looked at.
LARGEST: Final = 1_000_000
_ROWS_AN_EDGE: Final = 16


@np.errstate(all="ignore")
def sheet_of(study: Study, targets: Sequence[str]) -> Sheet:
    """The sheet of the derivatives by these variables, and of the adjoints of these nodes; all of
    them are scalars.
    """
    rows = Rows()
    _most_rows(study, targets, rows, OF_NUMBERS)
    degree_rows(study, targets, rows)
    integral_rows(study, targets, rows)
    return _sheet(study, targets, rows)


@np.errstate(all="ignore")
def formula_sheet(study: Study, target: str) -> Sheet:
    """The same of one derivative, without what is found otherwise or seldom needed: antiderivatives
    are told by differentiating the claim, and of angles there is a sheet of its own.
    """
    rows = Rows()
    _most_rows(study, (target,), rows, OF_FORMULAS)
    return _sheet(study, (target,), rows)


@np.errstate(all="ignore")
def degree_sheet(study: Study, target: str) -> Sheet:
    """Of one derivative, the sheet of angles taken in degrees."""
    rows = Rows()
    degree_rows(study, (target,), rows)
    return _sheet(study, (target,), rows)


def _sheet(study: Study, targets: Sequence[str], rows: Rows) -> Sheet:
    truth = np.array([study.slope(name) for name in targets])
    return rows.sheet(columns_of(targets, study.points), truth)


def _most_rows(study: Study, targets: Sequence[str], rows: Rows, costs: Costs) -> None:
    whole_rows(study, targets, rows)
    network = study.network
    if network is None or not _is_small(network, len(targets)):
        return
    slots = [network.slots[name] for name in targets]
    view = view_from(network, slots)
    for find in (chain_rows, constant_rows, product_rows):
        find(view, rows)
    edge_rows(view, rows, costs)
    local_rows(view, rows, slots)
    slot_rows(view, rows, costs)
    rule_rows(view, study.wrong_partials, rows, costs)
    systematic_rows(network, study.wrong_partials, slots, rows, costs)


def _is_small(network: Network, targets: int) -> bool:
    rows = _ROWS_AN_EDGE * len(network.edges)
    widest = max(targets, len(network.names) // 8)
    return rows * widest * network.points <= LARGEST
