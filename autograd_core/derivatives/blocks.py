"""Blocks of Jacobians and Hessians, sweep by sweep.

A block has the shape of what its rows are of, then of what its columns are of. Over a vector
of points a scalar program is swept once, and its blocks are vectors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from autograd_core.derivatives.calls import Call
from autograd_core.derivatives.trace import cotangent_of
from autograd_core.engines.arrays import sweeps as arrays, tangents as array_tangents
from autograd_core.engines.tape.linearised import Linearised
from autograd_core.tensors import Array, Shape, size_for_limits


@dataclass(frozen=True)
class Layout:
    """Slots and shapes of the outputs and the targets; height, width: their elements.

    limited_height, limited_width: the same as limits count them.
    """

    outputs: Sequence[int]
    output_shapes: Sequence[Shape]
    targets: Sequence[int]
    target_shapes: Sequence[Shape]
    height: int
    width: int
    limited_height: int
    limited_width: int

    @classmethod
    def of(cls, call: Call) -> Layout:
        plan = call.plan
        if call.pushing_tape is not None:
            # Scalars, on the tape, which has slots of its own.
            height, width = len(plan.roots), len(plan.targets)
            shapes = ((),) * height, ((),) * width
            return cls((), shapes[0], (), shapes[1], height, width, height, width)
        program, targets = plan.program, plan.target_slots
        above, below = (
            [program.shapes[slot] for slot in slots] for slots in (program.outputs, targets)
        )
        sizes = (
            sum(map(count, shapes))
            for count in (math.prod, size_for_limits)
            for shapes in (above, below)
        )
        return cls(program.outputs, above, targets, below, *sizes)


def by_tape(call: Call, *, by_rows: bool) -> tuple[list[float], Array]:
    """Values, and the matrix: outputs x targets."""
    plan = call.plan
    assert plan.tape is not None  # noqa: S101 - for the type checker: the caller asked
    at = Linearised(plan.tape, call.numbers(), call.deadline)
    roots, targets = plan.scalar_roots, plan.scalar_targets
    matrix = np.empty((len(roots), len(targets)))
    one = np.ones(1)
    if by_rows:
        for row in range(len(roots)):
            matrix[row] = at.pull_back(roots[row : row + 1], one)[targets]
    else:
        for column in range(len(targets)):
            matrix[:, column] = at.push_forward(targets[column : column + 1], one)[roots]
    return at.values[roots].tolist(), matrix


def _units(shape: Shape, like: Array) -> Iterator[Array]:
    """The unit tensors of a shape, in row-major order. Over a vector of points, ones."""
    for index in np.ndindex(shape):
        unit = np.zeros(np.shape(like))
        unit[index] = 1.0
        yield unit[()]


def rows_of(call: Call, layout: Layout, values: arrays.Values) -> list[Array]:
    """Blocks by reverse sweeps: outputs times targets, row by row."""
    program, blocks = call.plan.program, []
    for slot, shape in zip(layout.outputs, layout.output_shapes, strict=True):
        rows = []
        for unit in _units(shape, values[slot]):
            found = arrays.reverse(program, values, {slot: unit}, layout.targets, call.deadline)
            rows.append([cotangent_of(found, values, target) for target in layout.targets])
        for k, below in enumerate(layout.target_shapes):
            blocks.append(_joined([row[k] for row in rows], shape, below))
    return blocks


def columns_of(call: Call, layout: Layout, values: arrays.Values) -> list[Array]:
    """The same blocks by forward sweeps."""
    program = call.plan.program
    blocks: list[list[Array]] = [[] for _ in layout.outputs]
    for slot, below in zip(layout.targets, layout.target_shapes, strict=True):
        columns = []
        for unit in _units(below, values[slot]):
            found = array_tangents.push_forward(program, values, {slot: unit}, call.deadline)
            columns.append([cotangent_of(found, values, output) for output in layout.outputs])
        for k, above in enumerate(layout.output_shapes):
            transposed = _joined([column[k] for column in columns], below, above)
            blocks[k].append(_turned(transposed, below, above))
    return [block for row in blocks for block in row]


def second_order_of(call: Call, layout: Layout, inputs: list[Array]) -> list[Array]:
    """Value, gradients, and the blocks of the Hessian, those below the diagonal mirrored."""
    program, deadline, targets = call.plan.program, call.deadline, layout.targets
    values, cotangents = arrays.reversed_at(program, inputs, targets, deadline)
    blocks: dict[tuple[int, int], Array] = {}
    for row, (slot, shape) in enumerate(zip(targets, layout.target_shapes, strict=True)):
        moved = []
        for unit in _units(shape, values[slot]):
            tangents = array_tangents.push_forward(program, values, {slot: unit}, deadline)
            found = array_tangents.reverse_tangents(
                program, values, cotangents, tangents, targets[row:], deadline
            )
            moved.append([cotangent_of(found, values, target) for target in targets[row:]])
        for column, other in enumerate(layout.target_shapes[row:], start=row):
            block = _joined([each[column - row] for each in moved], shape, other)
            if column == row and shape:
                side = math.prod(shape)
                block = mirrored(block.reshape(side, side)).reshape(block.shape)
            blocks[row, column] = block
            blocks[column, row] = _turned(block, shape, other)
    count = range(len(targets))
    return [
        values[program.outputs[0]],
        *(cotangent_of(cotangents, values, slot) for slot in targets),
        *(blocks[row, column] for row in count for column in count),
    ]


def _joined(parts: Sequence[Array], shape: Shape, inner: Shape) -> Array:
    """Parts of shape `inner`, one for each element of `shape`, as one array of both."""
    if not shape:
        return parts[0]
    return np.stack(parts).reshape(*shape, *inner) if parts else np.zeros((*shape, *inner))


def _turned(block: Array, first: Shape, second: Shape) -> Array:
    """A block with its two groups of axes exchanged."""
    if not first and not second:
        return block
    rank = len(first) + len(second)
    return np.transpose(block, [*range(len(first), rank), *range(len(first))])


def mirrored(square: Array) -> Array:
    """A symmetric matrix to the last bit: the entries above the diagonal, on both sides."""
    below = np.tril_indices(len(square), -1)
    square = square.copy()
    square[below] = square.T[below]
    return square


def joined_blocks(
    blocks: Sequence[Sequence[Array | float]], above: Sequence[Shape], beside: Sequence[Shape]
) -> Array:
    """Rows of blocks as one matrix. above, beside: shapes of what rows and columns are of."""
    heights, widths = ([math.prod(shape) for shape in shapes] for shapes in (above, beside))
    matrix, top = np.zeros((sum(heights), sum(widths))), 0
    for row, height in zip(blocks, heights, strict=True):
        left = 0
        for block, width in zip(row, widths, strict=True):
            matrix[top : top + height, left : left + width] = np.reshape(block, (height, width))
            left += width
        top += height
    return matrix
