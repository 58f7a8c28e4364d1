"""Sparsity patterns of the Jacobian and the Hessian of a tape: which entries can be other than 0.

A. Walther, "Computing sparse Hessians with automatic differentiation", ACM TOMS 34 (2008): a
set of inputs for each slot that matters, and for each instruction whose second partial is not
0 by its formula the products of its operands' sets. Structure alone decides, never numbers, so
a pattern holds at every point; what is outside of it is exactly 0 in every sweep, as zeros are
strong, inf and NaN elsewhere included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from autograd_core.engines import kernel
from autograd_core.engines.kernel.rules import (
    EDGES_A,
    EDGES_B,
    STRAIGHT_AA,
    STRAIGHT_AB,
    STRAIGHT_BB,
)
from autograd_core.engines.tape.tape import Tape
from autograd_core.jit.columns import Flags, Indices, Opcodes, Operands
from autograd_core.tensors import Array


@dataclass(frozen=True)
class Pattern:
    """Where a matrix has entries, in compressed sparse rows.

    shape: rows, columns. indices[indptr[i]:indptr[i + 1]] are the columns of row i, ascending.
    Arrays of values for a pattern have one number an entry, in this order.
    """

    shape: tuple[int, int]
    indptr: Indices
    indices: Operands

    def __len__(self) -> int:
        return len(self.indices)

    @cached_property
    def rows(self) -> Operands:
        """The row of each entry."""
        return np.repeat(np.arange(self.shape[0], dtype=np.int32), np.diff(self.indptr))

    def filled(self, values: Array) -> Array:
        """The whole matrix, 0 where it has no entry."""
        matrix = np.zeros(self.shape)
        matrix[self.rows, self.indices] = values
        return matrix


def jacobian_pattern(
    tape: Tape, outputs: Sequence[int] | Indices, moving: Sequence[int] | Indices, most: int
) -> Pattern | None:
    """The pattern of the derivatives of slots by inputs: outputs x moving.

    moving: slots of inputs, all different. An output that is a moving input has the entry 1.
    most: how many index entries to look at, and to answer with; None if that is not enough.
    """
    reach = _Reach.of(tape, moving)
    wanted = np.zeros(len(reach.moves), dtype=np.bool_)
    wanted[list(outputs)] = True
    sets = reach.index_sets(wanted, most)
    if sets is None:
        return None
    numbers = sets.number_of[list(outputs)]
    if int(sets.sizes[numbers].sum()) > most:
        return None
    return pattern_of(sets.matrix[numbers])


def hessian_pattern(
    tape: Tape, output: int, moving: Sequence[int] | Indices, most: int
) -> Pattern | None:
    """The pattern, symmetric, of the second derivatives of a slot: moving x moving.

    moving, most: as for a Jacobian's.
    """
    reach = _Reach.of(tape, moving)
    aa, ab, bb = reach.bends(output)
    wanted = np.zeros(len(reach.moves), dtype=np.bool_)
    wanted[reach.left[aa | ab]] = True
    wanted[reach.right[ab | bb]] = True
    sets = reach.index_sets(wanted, most)
    if sets is None:
        return None
    in_left, in_right = sets.number_of[reach.left], sets.number_of[reach.right]
    ones = np.concatenate([in_left[aa], in_left[ab], in_right[ab], in_right[bb]])
    others = np.concatenate([in_left[aa], in_right[ab], in_left[ab], in_right[bb]])
    # Which sets meet which, once each; then entry (i, j) is there if a set with i meets one
    # with j: the matrix product S^T M S over truth values.
    truth = np.ones(len(ones), dtype=np.bool_)
    meetings = sparse.csr_array((truth, (ones, others)), shape=(len(sets.sizes),) * 2)
    work = sets.looked_at + int(sets.sizes[meetings.indices].sum())
    if work > most:
        return None
    met = meetings @ sets.matrix
    work += int((sets.sizes * np.diff(met.indptr)).sum())
    if work > most:
        return None
    return pattern_of(sets.matrix.T.tocsr() @ met)


def pattern_of(matrix: sparse.csr_array[np.bool_]) -> Pattern:
    """The pattern of a matrix's stored entries."""
    matrix.sort_indices()
    rows, columns = matrix.shape
    return Pattern((rows, columns), matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32))


@dataclass(frozen=True)
class _IndexSets:
    """Sets of places in `moving`. number_of: by slot; -1 is the last set, which is empty.

    sizes: by set. matrix: sets x moving. looked_at: what finding them took.
    """

    number_of: Operands
    sizes: Indices
    matrix: sparse.csr_array[np.bool_]
    looked_at: int


@dataclass(frozen=True)
class _Reach:
    """What moves on a tape when some inputs do.

    moves: by slot, whether it depends on a moving input. left, right: by instruction, the
    operand that an edge comes from, -1 where there is none or its operand does not move.
    """

    codes: Opcodes
    left: Operands
    right: Operands
    first: int
    moving: Indices
    moves: Flags

    @classmethod
    def of(cls, tape: Tape, moving: Sequence[int] | Indices) -> _Reach:
        codes = np.repeat(tape.opcodes, np.diff(tape.starts))
        left = np.where(EDGES_A[codes], tape.a, -1).astype(np.int32)
        right = np.where(EDGES_B[codes], tape.b, -1).astype(np.int32)
        slots = np.array(moving, dtype=np.int64)
        moves = np.zeros(tape.first + len(tape), dtype=np.bool_)
        moves[slots] = True
        kernel.spread(left, right, tape.first, moves)
        left[~moves[left]] = -1  # one that is -1 already stays so, whatever the last slot does
        right[~moves[right]] = -1
        return cls(codes, left, right, tape.first, slots, moves)

    def bends(self, output: int) -> tuple[Flags, Flags, Flags]:
        """By instruction, which of its second partials bend the output along what moves."""
        needed = np.zeros_like(self.moves)
        needed[output] = True
        kernel.spread_back(self.left, self.right, self.first, needed)
        used, a, b = needed[self.first :], self.left >= 0, self.right >= 0
        return (
            used & a & ~STRAIGHT_AA[self.codes],
            used & a & b & ~STRAIGHT_AB[self.codes],
            used & b & ~STRAIGHT_BB[self.codes],
        )

    def index_sets(self, wanted: npt.NDArray[np.bool_], most: int) -> _IndexSets | None:
        """The sets of moving inputs that the wanted slots depend on; None if they take more."""
        number_of, offsets, members, count, looked_at = kernel.index_sets(
            self.left, self.right, self.first, self.moving, wanted, most
        )
        if looked_at > most:
            return None
        ends = np.append(offsets[: count + 1], offsets[count])
        members, truth = members[: ends[-1]], np.ones(ends[-1], dtype=np.bool_)
        shape = count + 1, len(self.moving)
        matrix = sparse.csr_array((truth, members, ends), shape=shape)
        return _IndexSets(number_of, np.diff(ends), matrix, looked_at)
