"""Jacobians and Hessians of scalar programs from few sweeps, and their entries as a list.

What can be other than 0 is known from the structure; see engines/sparsity.py and
engines/compression.py. All else is exactly 0, in the dense form too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.derivatives.calls import Call
from autograd_core.engines.sparsity.colorings import Compression
from autograd_core.engines.sparsity.patterns import Pattern
from autograd_core.engines.tape.linearised import Linearised, hessian_products
from autograd_core.engines.tape.tape import Tape
from autograd_core.errors import Fault, GraphError
from autograd_core.tensors import Array, Shape

Places = npt.NDArray[np.signedinteger[Any]]
# Fewer columns than this are swept one by one: looking for zeros would take longer.
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


@dataclass(frozen=True)
class Swept:
    """A matrix of a scalar program: its pattern (None for all of it) and values, and how many
    sweeps they took.
    """

    pattern: Pattern | None
    values: Array
    sweeps: int

    def dense(self) -> Array:
        """The whole matrix."""
        return self.values if self.pattern is None else self.pattern.filled(self.values)


def hessian_swept(
    call: Call, code: Tape, found: tuple[Pattern, Compression] | None
) -> tuple[float, Array, Swept]:
    """Value, gradient by the targets, and the Hessian. found: None for one column at a time."""
    plan, moving = call.plan, call.plan.scalar_targets
    arguments = code, call.numbers(), plan.scalar_root, moving
    if found is None:
        value, slopes, products = hessian_products(*arguments, np.eye(len(moving)), call.deadline)
        return value, slopes, Swept(None, products, len(moving))
    pattern, compression = found
    value, slopes, products = hessian_products(*arguments, compression.seeds(), call.deadline)
    return value, slopes, Swept(pattern, compression.recovered(products), compression.count)


def jacobian_swept(
    call: Call, code: Tape, found: tuple[Pattern, Compression], *, by_rows: bool
) -> tuple[list[float], Swept]:
    """Values of the outputs, and the Jacobian by the targets."""
    pattern, compression = found
    at = Linearised(code, call.numbers(), call.deadline)
    roots, targets = call.plan.scalar_roots, call.plan.scalar_targets
    if by_rows:
        products = [at.pull_back(roots, seed)[targets] for seed in compression.seeds()]
    else:
        products = [at.push_forward(targets, seed)[roots] for seed in compression.seeds()]
    values = np.zeros(0)
    if products:
        values = compression.recovered(np.stack(products))
    return at.values[roots].tolist(), Swept(pattern, values, compression.count)


def entries_of(
    swept: Swept,
    rows: Sequence[tuple[str, Shape]],
    columns: Sequence[tuple[str, Shape]],
) -> SparseMatrix:
    """The entries as a list; of a matrix without a pattern, those that are not 0."""
    shape = tuple(sum(math.prod(each) for _, each in names) for names in (rows, columns))
    if swept.pattern is None:
        matrix = swept.values.reshape(shape)
        at: tuple[Places, ...] = np.nonzero(matrix)
        values = matrix[at]
    else:
        at, values = (swept.pattern.rows, swept.pattern.indices), swept.values
    starts = _starts(rows), _starts(columns)
    return SparseMatrix((shape[0], shape[1]), at[0], at[1], values, *starts)


def _starts(names: Sequence[tuple[str, Shape]]) -> dict[str, int]:
    starts, start = {}, 0
    for name, shape in names:
        starts[name] = start
        start += math.prod(shape)
    return starts


def check_sweeps(call: Call, sweeps: int, width: int, what: str) -> None:
    """Raise GraphError where even the sweeps' products are more numbers than may be held."""
    if sweeps * width > call.limits.total_elements:
        detail = (
            f"{what} takes {sweeps:,} sweeps of {width:,} numbers each, over the limit of "
            f"{call.limits.total_elements:,} held at once"
        )
        raise GraphError(Fault("limit_exceeded", detail))
