"""Whole matrices of derivatives: Jacobians and Hessians, in blocks by name.

>>> from autograd_core import hessian, parse
>>> hessian(parse("x**2*y"), {"x": 3.0, "y": 2.0}).blocks["x"]["y"]
6.0

A Jacobian is found by rows (a reverse sweep for each element of the outputs) or by columns (a
forward sweep for each element of the inputs), whichever are fewer; a Hessian by forward over
reverse, one product for each element of the inputs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd_core.calls import Bindings, Call, prepare, stacked
from autograd_core.derivatives import (
    GRADIENT_PASSES,
    Cost,
    check_scalar,
    cost_of,
    output_name,
    warnings_of,
)
from autograd_core.engines import array_tangents, arrays, tape
from autograd_core.engines.tape_products import Linearised, hessian_products
from autograd_core.errors import Fault, GraphError
from autograd_core.graph import Graph
from autograd_core.limits import DEFAULT_LIMITS, Deadline, Limits
from autograd_core.nonfinite import NonfiniteWarning
from autograd_core.products import HVP_PASSES
from autograd_core.tensors import Array, Shape
from autograd_core.tracing import cotangent_of

Blocks = Mapping[str, Mapping[str, Array | float]]
# What one more sweep costs, beside the first evaluation.
_SWEEP_PASSES = 2


@dataclass(frozen=True)
class Jacobian:
    """Values of the outputs, and blocks[output][input] in the shape of the one, then the other."""

    values: Mapping[str, Array | float]
    blocks: Blocks
    warnings: tuple[NonfiniteWarning, ...]
    cost: Cost


@dataclass(frozen=True)
class Hessian:
    """Value and gradient of a scalar output, and blocks[a][b] in the shape of a, then of b.

    blocks[b][a] is the transpose of blocks[a][b] to the last bit.
    """

    value: Array | float
    gradients: Mapping[str, Array | float]
    blocks: Blocks
    warnings: tuple[NonfiniteWarning, ...]
    cost: Cost


def jacobian(
    graph: Graph,
    bindings: Bindings,
    *,
    outputs: Sequence[str] | None = None,
    wrt: Sequence[str] | None = None,
    mapped: Sequence[str] = (),
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> Jacobian:
    """The derivative of every element of the outputs by every element of the inputs.

    wrt: inputs or nodes; every bound input by default. Under `mapped` values and blocks have a
    leading axis of points. Raises GraphError, ArgumentError and DeadlineExceeded.
    """
    names = tuple(bindings) if wrt is None else tuple(dict.fromkeys(wrt))
    call = prepare(graph, bindings, outputs, mapped, limits, deadline, names)
    labels = [output_name(graph)] if outputs is None else list(outputs)
    layout = _Layout.of(call)
    by_rows = layout.height <= layout.width
    sweeps = min(layout.height, layout.width)
    passes = 1 + _SWEEP_PASSES * sweeps
    _check_size(call, layout.height, layout.width, "the Jacobian", "/jvp or /vjp")
    call.check_cost(passes, "the Jacobian")
    engine = arrays.NAME
    values: list[Any]
    code = call.plan.tape
    if code is not None and call.points is None and (by_rows or call.plan.moves_inputs_only):
        numbers, matrix = _by_tape(call, by_rows=by_rows)
        values, blocks = list(numbers), matrix.tolist()
        engine = tape.NAME
    else:
        layout, count = _Layout.of_program(call), len(labels)

        def at_point(inputs: list[Array], _: list[Array]) -> list[Array]:
            found = arrays.forward(call.plan.program, inputs, deadline)
            sweep = _rows if by_rows else _columns
            return [*(found[slot] for slot in layout.outputs), *sweep(call, layout, found)]

        results = stacked(call, at_point)
        values = results[:count]
        width = len(names)
        blocks = [results[count + k * width : count + (k + 1) * width] for k in range(count)]
    cost = replace(
        cost_of(call, passes, engine), mode="reverse" if by_rows else "forward", sweeps=sweeps
    )
    flat = [*values, *(block for row in blocks for block in row)]
    what = [*labels, *(f"{out} by {name}" for out in labels for name in names)]
    rows = [dict(zip(names, row, strict=True)) for row in blocks]
    return Jacobian(
        dict(zip(labels, values, strict=True)),
        dict(zip(labels, rows, strict=True)),
        warnings_of(call, flat, what),
        cost,
    )


def hessian(
    graph: Graph,
    bindings: Bindings,
    *,
    output: str | None = None,
    wrt: Sequence[str] | None = None,
    mapped: Sequence[str] = (),
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> Hessian:
    """Value, gradient and every second derivative of a scalar output.

    As `jacobian`; ArgumentError also for an output that is not a scalar.
    """
    names = tuple(bindings) if wrt is None else tuple(dict.fromkeys(wrt))
    call = prepare(graph, bindings, output, mapped, limits, deadline, names)
    check_scalar(call.plan, output)
    layout = _Layout.of(call)
    _check_size(call, layout.width, layout.width, "the Hessian", "/hvp")
    passes = GRADIENT_PASSES + (HVP_PASSES - GRADIENT_PASSES) * layout.width
    call.check_cost(passes, "the Hessian")
    code = call.plan.tape
    engine = arrays.NAME
    if code is not None and call.points is None and call.plan.moves_inputs_only:
        moving = call.plan.scalar_targets
        value, slopes, products = hessian_products(
            code, call.numbers(), call.plan.scalar_root, moving, np.eye(len(moving)), deadline
        )
        found: list[Any] = [value, *slopes.tolist(), *_mirrored(products).ravel().tolist()]
        engine = tape.NAME
    else:
        layout = _Layout.of_program(call)

        def at_point(inputs: list[Array], _: list[Array]) -> list[Array]:
            return _second_order(call, layout, inputs)

        found = list(stacked(call, at_point))
    count = len(names)
    what = [output_name(graph) if output is None else output, *names]
    what += [f"{one} and {other}" for one in names for other in names]
    entries = found[1 + count :]
    rows = [
        dict(zip(names, entries[k * count : (k + 1) * count], strict=True)) for k in range(count)
    ]
    cost = replace(cost_of(call, passes, engine), mode="forward over reverse", sweeps=layout.width)
    return Hessian(
        found[0],
        dict(zip(names, found[1 : 1 + count], strict=True)),
        dict(zip(names, rows, strict=True)),
        warnings_of(call, found, what),
        cost,
    )


@dataclass(frozen=True)
class _Layout:
    """The array engine's slots and the shapes of the outputs and the targets; height, width:
    their elements.
    """

    outputs: Sequence[int]
    output_shapes: Sequence[Shape]
    targets: Sequence[int]
    target_shapes: Sequence[Shape]
    height: int
    width: int

    @classmethod
    def of(cls, call: Call) -> _Layout:
        """Of scalars without slots, for which the array engine's program is not needed."""
        plan = call.plan
        if plan.tape is not None and call.points is None:
            height, width = len(plan.roots), len(plan.targets)
            return cls((), ((),) * height, (), ((),) * width, height, width)
        return cls.of_program(call)

    @classmethod
    def of_program(cls, call: Call) -> _Layout:
        program, targets = call.plan.program, call.plan.target_slots
        above, below = (
            [program.shapes[slot] for slot in slots] for slots in (program.outputs, targets)
        )
        height, width = (sum(math.prod(shape) for shape in shapes) for shapes in (above, below))
        return cls(program.outputs, above, targets, below, height, width)


def _by_tape(call: Call, *, by_rows: bool) -> tuple[list[float], Array]:
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


def _rows(call: Call, layout: _Layout, values: arrays.Values) -> list[Array]:
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


def _columns(call: Call, layout: _Layout, values: arrays.Values) -> list[Array]:
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


def _second_order(call: Call, layout: _Layout, inputs: list[Array]) -> list[Array]:
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
                block = _mirrored(block.reshape(side, side)).reshape(block.shape)
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


def _mirrored(square: Array) -> Array:
    """A symmetric matrix to the last bit: the entries above the diagonal, on both sides."""
    below = np.tril_indices(len(square), -1)
    square = square.copy()
    square[below] = square.T[below]
    return square


def _check_size(call: Call, height: int, width: int, what: str, instead: str) -> None:
    """Raise GraphError for a matrix of more numbers than a tensor may have, or of more at all
    points than may be held at once.
    """
    if height * width <= call.limits.elements:
        call.check_held(height * width)
        return
    detail = (
        f"{what} is {height:,} x {width:,}, which is {height * width:,} numbers, over the limit of "
        f"{call.limits.elements:,}; ask {instead} for products with it"
    )
    raise GraphError(Fault("limit_exceeded", detail))
