"""The kernel's greedy colourings of sparsity patterns; see engines/sparsity for their use.

Each goes through 0, 1, ... in that order and gives the smallest colour that is not barred. Once
all colours in use are barred, nothing more is looked at: a dense pattern takes n**2 steps.
"""

from __future__ import annotations

import numpy as np

from autograd_core.jit.columns import Indices, Operands
from autograd_core.jit.compiling import loop


@loop
def color_columns(
    offsets: Indices, columns: Operands, column_offsets: Indices, rows: Operands
) -> Operands:
    """A colour for every column, two columns with an entry in the same row having two.

    columns[offsets[i]:offsets[i + 1]] are those of row i, ascending;
    rows[column_offsets[j]:column_offsets[j + 1]] are those of column j.
    """
    count = len(column_offsets) - 1
    colors, used = np.empty(count, np.int32), 0
    barred_by = np.full(count + 1, -1, np.int32)
    for column in range(count):
        barred = 0
        for at in range(column_offsets[column], column_offsets[column + 1]):
            if barred == used:
                break
            for place in range(offsets[rows[at]], offsets[rows[at] + 1]):
                if columns[place] >= column:
                    break
                color = colors[columns[place]]
                if barred_by[color] != column:
                    barred_by[color] = column
                    barred += 1
        color = 0
        while barred_by[color] == column:
            color += 1
        colors[column] = color
        used = max(used, color + 1)
    return colors


@loop
def color_symmetric(offsets: Indices, neighbours: Operands) -> Operands:
    """A colour for every vertex: neighbours have two, and so have two neighbours of one vertex,
    unless both come after it.

    neighbours[offsets[v]:offsets[v + 1]] are those of v, ascending; v itself may be among them.
    """
    count = len(offsets) - 1
    colors, used = np.empty(count, np.int32), 0
    barred_by = np.full(count + 1, -1, np.int32)
    for vertex in range(count):
        barred = 0
        begin, end = offsets[vertex], offsets[vertex + 1]
        for at in range(begin, end):
            if neighbours[at] >= vertex:
                break
            color = colors[neighbours[at]]
            if barred_by[color] != vertex:
                barred_by[color] = vertex
                barred += 1
        for at in range(begin, end):
            if barred == used:
                break
            between = neighbours[at]
            for place in range(offsets[between], offsets[between + 1]):
                other = neighbours[place]
                if other >= between or other >= vertex:
                    break
                if barred_by[colors[other]] != vertex:
                    barred_by[colors[other]] = vertex
                    barred += 1
        color = 0
        while barred_by[color] == vertex:
            color += 1
        colors[vertex] = color
        used = max(used, color + 1)
    return colors
