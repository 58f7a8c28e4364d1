"""Assembly of what the sweeps of a matrix found: blocks by name, or a list of its entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from autograd_core.derivatives.call import Call
from autograd_core.derivatives.dense import blocks_of, broken_block, mostly_zero_blocks
from autograd_core.derivatives.nonfinite import Named
from autograd_core.derivatives.sparse import SparseMatrix, entries_of
from autograd_core.engines.compiled import Compressed, Layout
from autograd_core.tensors import Array, Number

# Up to this share of entries, a row begins as a copy of zeros.
_SPARSE = 0.5


@dataclass(frozen=True)
class Assembled:
    """A matrix as it is answered: blocks, or entries; and `named`, the parts that may not be
    finite, each with a name.
    """

    named: Named
    blocks: Mapping[str, Mapping[str, Number]] = field(default_factory=dict)
    entries: SparseMatrix | None = None


@dataclass(frozen=True)
class Assembly:
    """How a matrix is assembled. what: it in words, and joint: its rows and columns.

    rows, above: the names of what its rows are of, and their layout; its columns are of the
    call's targets. compressed: how it was swept, if not row by row.
    """

    what: str
    joint: str
    rows: Sequence[str]
    above: Layout
    compressed: Compressed | None

    def of(self, call: Call, found: Array, *, sparse: bool) -> Assembled:
        """found: the matrix; or of a compressed one, its entries."""
        pattern = None if self.compressed is None else self.compressed.pattern
        if sparse:
            entries = entries_of(call, found, pattern, self.rows, self.above)
            return Assembled(((self.what,), (entries.values,)), entries=entries)
        most = _SPARSE * self.above.length * len(call.names)
        if pattern is not None and len(pattern) <= most and np.isfinite(found).all():
            return Assembled(((), ()), mostly_zero_blocks(call, found, pattern, self.rows))
        matrix = found if pattern is None else pattern.filled(found)
        blocks = blocks_of(call, matrix, self.rows, self.above)
        return Assembled(broken_block(call, matrix, self.rows, self.above, self.joint), blocks)
