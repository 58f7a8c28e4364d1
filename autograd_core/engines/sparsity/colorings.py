"""Compression: a whole sparse matrix from a few sweeps, one for each colour of its columns.

A sweep along a direction gives a matrix-vector product. Columns whose entries cannot meet move
in one direction together, and every entry is read as it stands from one product, nothing solved
for: A. R. Curtis, M. J. D. Powell and J. K. Reid, "On the estimation of sparse Jacobian
matrices", J. Inst. Maths Applics 13 (1974), and for symmetric matrices T. F. Coleman and J. J.
Moré, "Estimation of sparse Hessian matrices and graph coloring problems", Math. Programming 28
(1984). Which columns those are is a matter of colouring graphs: A. H. Gebremedhin, F. Manne and
A. Pothen, "What color is your Jacobian?", SIAM Review 47 (2005).

An entry so read has the bits that a sweep along its column alone would give, inf and NaN in
other columns or not: whatever reaches the place it is read at along another column of its
group would be an entry of that column, too, and then the two would not be in one group. So an
entry that is not finite is not finite for its own sake, and nothing has to be computed again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from autograd_core.engines import kernel
from autograd_core.engines.sparsity.patterns import Pattern, pattern_of
from autograd_core.jit.columns import Indices, Operands
from autograd_core.tensors import Array


@dataclass(frozen=True)
class Compression:
    """Which directions to sweep along, and where the matrix is in what they give.

    colors: of each column (or row, of `compress_rows`), from 0 to `count` - 1. Entry k of the
    pattern is products[group[k], place[k]].
    """

    colors: Operands
    count: int
    group: Operands
    place: Operands

    def seeds(self, start: int = 0, stop: int | None = None) -> Array:
        """The directions of the colours [start, stop), all by default: colours x columns."""
        colors = np.arange(start, self.count if stop is None else stop)
        return np.asarray(self.colors == colors[:, None], dtype=np.float64)

    def recovered(self, products: Array) -> Array:
        """The pattern's values. products: what the sweep along each seed gave, a row each."""
        values: Array = products[self.group, self.place]
        return values


def compress_columns(pattern: Pattern) -> Compression:
    """Columns of one colour share no row: products are J @ seed, a forward sweep each."""
    meeting = np.diff(pattern.indptr)[pattern.rows].astype(np.float64)
    order = _largest_first(np.bincount(pattern.indices, meeting, minlength=pattern.shape[1]))
    matrix = _matrix(pattern)[:, order]
    by_row, by_column = pattern_of(matrix), pattern_of(matrix.T.tocsr())
    found = kernel.color_columns(by_row.indptr, by_row.indices, by_column.indptr, by_column.indices)
    colors = _in_place(found, order)
    return Compression(colors, _count(colors), colors[pattern.indices], pattern.rows)


def compress_rows(pattern: Pattern) -> Compression:
    """Rows of one colour share no column: products are seed @ J, a reverse sweep each."""
    colors = compress_columns(pattern_of(_matrix(pattern).T.tocsr())).colors
    return Compression(colors, _count(colors), colors[pattern.rows], pattern.indices)


def compress_symmetric(pattern: Pattern) -> Compression:
    """For a symmetric pattern: products are H @ seed, a Hessian-vector product each.

    A star colouring, taken in an order, the vertices with most neighbours first: neighbours
    have two colours, and so have two neighbours of a vertex unless both come after it. Of h_ij
    and h_ji, with i before j, both are read in row j of the product of i's colour, where no
    other neighbour of j has that colour; so the matrix is symmetric to the last bit. A tree, an
    arrow for one, takes 3 colours or fewer, and a band of n diagonals about n. Any path of four
    vertices has three colours, which is what Gebremedhin, Manne and Pothen ask of a star
    colouring (section 4.3); their greedy algorithm 4.1 allows a little more than this one, but
    looks at n**2 pairs for a row of n entries, where this takes near-linear time.
    """
    matrix = _matrix(pattern)
    order = _largest_first(np.diff(matrix.indptr))
    ordered = pattern_of(matrix[order][:, order])
    colors = _in_place(kernel.color_symmetric(ordered.indptr, ordered.indices), order)
    ranks = _in_place(np.arange(len(order), dtype=np.int32), order)
    row_is_later = ranks[pattern.rows] >= ranks[pattern.indices]
    earlier = np.where(row_is_later, pattern.indices, pattern.rows)
    later = np.where(row_is_later, pattern.rows, pattern.indices)
    return Compression(colors, _count(colors), colors[earlier], later)


def _matrix(pattern: Pattern) -> sparse.csr_array[np.bool_]:
    truth = np.ones(len(pattern), dtype=np.bool_)
    return sparse.csr_array((truth, pattern.indices, pattern.indptr), shape=pattern.shape)


def _largest_first(sizes: Indices | Array) -> Indices:
    """The places of sizes, from the largest to the smallest, equals as they come."""
    return np.argsort(-sizes, kind="stable")


def _in_place(ordered: Operands, order: Indices) -> Operands:
    """What belongs to order[0], order[1], ... where it belongs."""
    placed = np.empty_like(ordered)
    placed[order] = ordered
    return placed


def _count(colors: Operands) -> int:
    return int(colors.max(initial=-1)) + 1
