"""Dense matrices of derivatives: found row by row or column by column, and cut into blocks.

A block has the shape of what its rows are of, then of what its columns are of; under `mapped`
a leading axis of points before these.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from autograd_core.derivatives.call import Call
from autograd_core.derivatives.nonfinite import all_finite
from autograd_core.engines.linearisation import Number
from autograd_core.errors import Fault, GraphError
from autograd_core.tensors import Array, Shape, size_for_limits

_RANK = 2


@dataclass(frozen=True)
class Side:
    """What the rows, or the columns, of a matrix are of: names, and their shapes, in order."""

    names: Sequence[str]
    shapes: Sequence[Shape]

    @cached_property
    def sizes(self) -> Sequence[int]:
        """The elements of each."""
        return [math.prod(shape) for shape in self.shapes]

    @cached_property
    def length(self) -> int:
        """The elements of all of them."""
        return sum(self.sizes)

    @property
    def for_limits(self) -> int:
        """The same as limits count it."""
        return sum(map(size_for_limits, self.shapes))

    @property
    def places(self) -> Sequence[slice]:
        """Where each is, along the rows or columns."""
        ends = np.cumsum(self.sizes).tolist()
        return [slice(end - size, end) for end, size in zip(ends, self.sizes, strict=True)]


def blocks_of(matrix: Array, above: Side, beside: Side) -> Mapping[str, Mapping[str, Number]]:
    """A matrix of rows x columns (before them perhaps points), in blocks by name."""
    rows: Sequence[Sequence[Number]]
    if matrix.ndim == _RANK and not any(above.shapes) and not any(beside.shapes):
        rows = matrix.tolist()
    else:
        lead = matrix.shape[:-_RANK]
        rows = [
            [
                matrix[..., up, across].reshape((*lead, *first, *second))[()]
                for across, second in zip(beside.places, beside.shapes, strict=True)
            ]
            for up, first in zip(above.places, above.shapes, strict=True)
        ]
    named = [dict(zip(beside.names, row, strict=True)) for row in rows]
    return dict(zip(above.names, named, strict=True))


def named_blocks(
    matrix: Array, blocks: Mapping[str, Mapping[str, Number]], joint: str
) -> tuple[Sequence[str], Sequence[Number]]:
    """The blocks, each with a name, of a matrix that is not finite; none of one that is."""
    if all_finite([matrix]):
        return (), ()
    names = [f"{row}{joint}{column}" for row, parts in blocks.items() for column in parts]
    return names, [block for parts in blocks.values() for block in parts.values()]


def mirrored(matrix: Array) -> Array:
    """A symmetric matrix to the last bit: the entries above the diagonal, on both sides."""
    rows, columns = np.tril_indices(matrix.shape[-1], -1)
    matrix[..., rows, columns] = matrix[..., columns, rows]
    return matrix


def require_size(call: Call, height: int, width: int, what: str, instead: str) -> None:
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
        f"{call.limits.elements:,}; ask {instead} for products with it or, if it is sparse and the "
        'graph one of scalars, ask for "sparse": true'
    )
    raise GraphError(Fault("limit_exceeded", detail))
