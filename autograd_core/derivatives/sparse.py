"""Sparse matrices of derivatives: the entries that can be other than 0, as a list.

Of a program of scalars these are known from its structure, and few sweeps find them; see
engines/sparsity. All else is exactly 0, in the dense form too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.derivatives.call import Call
from autograd_core.engines.compiled import Layout
from autograd_core.engines.sparsity.patterns import Pattern
from autograd_core.errors import ArgumentError, Fault, GraphError
from autograd_core.finite_difference import CheckOptions
from autograd_core.tensors import Array

Places = npt.NDArray[np.signedinteger[Any]]
# Fewer rows or columns than this are swept one by one: looking for zeros would take longer.
FEW = 8


@dataclass(frozen=True)
class SparseMatrix:
    """The entries of a matrix that can be other than 0: values[k] at (rows[k], columns[k]).

    Rows and columns count the elements of what they are of, one name after another, each in
    row-major order. row_starts, column_starts: where each name begins.
    """

    shape: tuple[int, int]
    rows: Places
    columns: Places
    values: Array
    row_starts: Mapping[str, int]
    column_starts: Mapping[str, int]


def entries_of(
    call: Call, values: Array, pattern: Pattern | None, rows: Sequence[str], above: Layout
) -> SparseMatrix:
    """The entries as a list. values: of a pattern's entries; or without a pattern the whole
    matrix, of which those are listed that are not 0. rows, above: what its rows are of.
    """
    at: tuple[Places, ...]
    if pattern is None:
        at = np.nonzero(values)
        values = values[at]
    else:
        at = pattern.rows, pattern.indices
    beside = call.plan.of_targets
    starts = _starts(rows, above), _starts(call.names, beside)
    return SparseMatrix((above.length, beside.length), at[0], at[1], values, *starts)


def _starts(names: Sequence[str], layout: Layout) -> Mapping[str, int]:
    return {name: at.start for name, at in zip(names, layout.places, strict=True)}


def require_alone(*, sparse: bool, mapped: Sequence[str], check: CheckOptions | None) -> None:
    """Raise ArgumentError for what does not go with a list of entries."""
    if sparse and (mapped or check is not None):
        detail = "a sparse answer is for one point, and is not checked"
        raise ArgumentError(Fault("invalid_value", detail, ("sparse",), advice="sparse_alone"))


def require_sweeps(call: Call, sweeps: int, width: int, what: str) -> None:
    """Raise GraphError where even the sweeps' products are more numbers than may be held."""
    if sweeps * width > call.limits.total_elements:
        detail = (
            f"{what} takes {sweeps:,} sweeps of {width:,} numbers each, over the limit of "
            f"{call.limits.total_elements:,} held at once"
        )
        raise GraphError(Fault("limit_exceeded", detail))
