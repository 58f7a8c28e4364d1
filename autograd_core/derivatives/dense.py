"""Dense matrices of derivatives: found row by row or column by column, and cut into blocks.

A block has the shape of what its rows are of, then of what its columns are of; under `mapped`
a leading axis of points before these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from autograd_core.derivatives.call import Call
from autograd_core.engines.compiled import Layout
from autograd_core.engines.sparsity.patterns import Pattern
from autograd_core.errors import Advice, Fault, GraphError
from autograd_core.tensors import Array, Number

_RANK = 2


def blocks_of(
    call: Call, matrix: Array, rows: Sequence[str], above: Layout
) -> Mapping[str, Mapping[str, Number]]:
    """A matrix with columns for the call's targets (before its axes perhaps points), in blocks by
    name. rows, above: what its rows are of.
    """
    beside, blocks = call.plan.of_targets, []
    if matrix.ndim == _RANK and above.are_scalars and beside.are_scalars:
        blocks = matrix.tolist()
    else:
        lead = matrix.shape[:-_RANK]
        blocks = [
            [
                matrix[..., up, across].reshape((*lead, *first, *second))[()]
                for across, second in zip(beside.places, beside.shapes, strict=True)
            ]
            for up, first in zip(above.places, above.shapes, strict=True)
        ]
    named = [dict(zip(call.names, row, strict=True)) for row in blocks]
    return dict(zip(rows, named, strict=True))


def mostly_zero_blocks(
    call: Call, values: Array, pattern: Pattern, rows: Sequence[str]
) -> Mapping[str, Mapping[str, Number]]:
    """The same of scalars, from the entries of a pattern: the others are 0.

    A row of zeros is copied, which takes a tenth of the time of putting a row together.
    """
    zeros: dict[str, Number] = dict.fromkeys(call.names, 0.0)
    blocks = [zeros.copy() for _ in rows]
    columns = [call.names[column] for column in pattern.indices.tolist()]
    for row, column, value in zip(pattern.rows.tolist(), columns, values.tolist(), strict=True):
        blocks[row][column] = value
    return dict(zip(rows, blocks, strict=True))


def broken_block(
    call: Call, matrix: Array, rows: Sequence[str], above: Layout, joint: str
) -> tuple[Sequence[str], Sequence[Number]]:
    """The first block that is not finite, at the first of many points where one is, and its name;
    nothing where all are. As of `blocks_of`.
    """
    broken = ~np.isfinite(matrix)
    if not broken.any():
        return (), ()
    if matrix.ndim > _RANK:
        broken = broken[int(np.argmax(broken.any(axis=(-2, -1))))]
    beside = call.plan.of_targets
    up = above.owner(int(np.argmax(broken.any(axis=1))))
    across = beside.owner(int(np.argmax(broken[above.places[up]].any(axis=0))))
    block = matrix[..., above.places[up], beside.places[across]]
    return [f"{rows[up]}{joint}{call.names[across]}"], [block]


def mirrored(matrix: Array) -> Array:
    """A symmetric matrix to the last bit: the entries above the diagonal, on both sides."""
    for row in range(1, matrix.shape[-1]):
        matrix[..., row, :row] = matrix[..., :row, row]
    return matrix


def require_size(call: Call, height: int, width: int, what: str, advice: Advice) -> None:
    """Raise GraphError for a matrix of more numbers than a tensor may have, or of more at all
    points than may be held at once.
    """
    if height * width <= call.limits.elements:
        call.require_held(height * width)
        if call.deadline is not None:
            call.deadline.hold(2 * height * width)
        return
    detail = (
        f"{what} is {height:,} x {width:,}, which is {height * width:,} numbers, over the limit of "
        f"{call.limits.elements:,}"
    )
    raise GraphError(Fault("limit_exceeded", detail, advice=advice))
