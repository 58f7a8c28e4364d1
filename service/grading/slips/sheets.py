"""Every slip that is looked for, and what it makes of a function's derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from service.grading.slips.chains import chain_rows, constant_rows, product_rows
from service.grading.slips.costs import OVERWRITTEN, OVERWRITTEN_ON_PAPER
from service.grading.slips.edges import edge_rows, local_rows, rule_rows, slot_rows
from service.grading.slips.network import Network, view_from
from service.grading.slips.slip import Rows, Sheet, columns_of
from service.grading.slips.study import Study
from service.grading.slips.systematic import systematic_rows
from service.grading.slips.whole import whole_rows

# Numbers that a sheet may hold; of a larger function only whole derivatives are looked at.
LARGEST: Final = 1_000_000
_ROWS_AN_EDGE: Final = 16


@np.errstate(all="ignore")
def sheet_of(study: Study, targets: Sequence[str]) -> Sheet:
    """The sheet of the derivatives by these variables, and of the adjoints of these nodes; all of
    them are scalars.
    """
    rows = Rows()
    truth = np.array([study.slope(name) for name in targets])
    whole_rows(study, targets, rows)
    network = study.network
    if network is not None and _is_small(network, len(targets)):
        slots = [network.slots[name] for name in targets]
        view = view_from(network, slots)
        for find in (edge_rows, local_rows, chain_rows, constant_rows, product_rows):
            find(view, rows)
        slot_rows(view, rows, OVERWRITTEN_ON_PAPER if study.mapped else OVERWRITTEN)
        rule_rows(view, study.wrong_partials, rows)
        systematic_rows(network, study.wrong_partials, slots, rows)
    return rows.sheet(columns_of(targets, study.points), truth)


def _is_small(network: Network, targets: int) -> bool:
    rows = _ROWS_AN_EDGE * len(network.edges)
    widest = max(targets, len(network.names) // 8)
    return rows * widest * network.points <= LARGEST
