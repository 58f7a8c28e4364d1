"""Joining operands along an axis: linear in all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, chain, pairwise
from typing import Any

import numpy as np

from autograd_core.limits import Deadline, watched
from autograd_core.operations.array_row import (
    ArrayOperation,
    Operands,
    Stack,
    Tangents,
    ValueRule,
)
from autograd_core.operations.arrays.axes import axis_in
from autograd_core.operations.arrays.unary import FROM_ONE_ELEMENT, axes_moved
from autograd_core.operations.attributes import INTEGER, Attribute
from autograd_core.operations.operation import Attributes, ShapeError
from autograd_core.tensors import Array, Shape


def _concat_shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    first = shapes[0]
    axis = axis_in(first, attributes["axis"], "concat")
    for shape in dict.fromkeys(shapes):
        if len(shape) != len(first) or any(
            length != other
            for place, (length, other) in enumerate(zip(shape, first, strict=True))
            if place != axis
        ):
            raise ShapeError(
                f"concat: shapes {list(first)} and {list(shape)} differ beside axis {axis}"
            )
    joined = sum(shape[axis] for shape in shapes)
    return (*first[:axis], joined, *first[axis + 1 :])


def _concat(operands: Operands, attributes: Attributes) -> Array:
    return _joined(np.concatenate, operands, attributes["axis"])


def _joined(join: Callable[..., Array], operands: Operands, axis: int) -> Array:
    """The operands joined, so many at once: NumPy looks at each of them for a microsecond."""
    if len(operands) <= _AT_ONCE:
        return join(operands, axis=axis)
    starts = watched(range(0, len(operands), _AT_ONCE), Deadline.current(), 1)
    parts = [join(operands[start : start + _AT_ONCE], axis=axis) for start in starts]
    return np.concatenate(parts, axis=axis)


_AT_ONCE = 64 * 1024


def _concat_split(g: Array, operands: Operands, attributes: Attributes) -> Sequence[Array]:
    axis = attributes["axis"] % np.ndim(g)
    ends = accumulate(np.shape(operand)[axis] for operand in operands)
    before = (slice(None),) * axis
    return [g[(*before, slice(start, end))] for start, end in pairwise(chain([0], ends))]


def _concat_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    return _concat_split(g, operands, attributes)[i]


def _stack_shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    first = shapes[0]
    for shape in shapes[1:]:
        if shape != first:
            raise ShapeError(f"stack: shapes {list(first)} and {list(shape)} differ")
    axis = axis_in((*first, len(shapes)), attributes["axis"], "stack")
    return (*first[:axis], len(shapes), *first[axis:])


def _stack(operands: Operands, attributes: Attributes) -> Array:
    return _joined(np.stack, operands, attributes["axis"])


def _stack_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    axis = attributes["axis"] % np.ndim(z)
    return g[(slice(None),) * axis + (i,)]


def _joining_stack(
    count: int, shapes: Sequence[Shape], shape: Shape, attributes: Attributes
) -> Stack:
    return Stack(axes_moved(shape, attributes, count), shapes, shape)


def _joining(name: str, doc: str, value: ValueRule, where: str, **more: Any) -> ArrayOperation:
    """A row for an operation that joins any number of operands: linear in all of them at once."""

    def jvp(tangents: Tangents, operands: Operands, z: Array, attributes: Attributes) -> Array:
        whole = [
            np.zeros(np.shape(operand)) if tangent is None else tangent
            for tangent, operand in zip(tangents, operands, strict=True)
        ]
        return value(whole, attributes)

    return ArrayOperation(
        name=name,
        doc=doc,
        category="shape",
        arity=(1, None),
        attributes=(Attribute("axis", INTEGER, where, 0),),
        value_rule=value,
        jvp_rule=jvp,
        roundings_rule=lambda operands, z, attributes: 0,
        vjp_roundings_rule=lambda i, operands, z, attributes: 0,
        stack_rule=_joining_stack,
        derivative=FROM_ONE_ELEMENT,
        **more,
    )


ROWS: tuple[ArrayOperation, ...] = (
    _joining(
        "concat",
        "Operands joined along an axis.",
        _concat,
        "the axis to join along",
        shape_rule=_concat_shape,
        vjp_rule=_concat_vjp,
        split_rule=_concat_split,
        aliases=("concatenate",),
    ),
    _joining(
        "stack",
        "Operands joined along a new axis.",
        _stack,
        "where the new axis goes",
        shape_rule=_stack_shape,
        vjp_rule=_stack_vjp,
    ),
)
