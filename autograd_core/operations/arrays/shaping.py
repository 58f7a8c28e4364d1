"""Shape: rearranging and joining elements. All of it is linear."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate, chain, pairwise
from typing import Any

import numpy as np

from autograd_core.operations.array_row import (
    ArrayOperation,
    JvpRule,
    Operands,
    Tangents,
    ValueRule,
    linear,
)
from autograd_core.operations.arrays.axes import axes_in, axis_in
from autograd_core.operations.arrays.roundings import summed_vjp
from autograd_core.operations.attributes import (
    AXES,
    AXIS,
    INTEGER,
    LENGTHS,
    Attribute,
)
from autograd_core.operations.broadcasting import unbroadcast
from autograd_core.operations.operation import Attributes, ShapeError
from autograd_core.tensors import Array, Shape


def _order(shape: Shape, attributes: Attributes) -> tuple[int, ...]:
    axes = attributes["axes"]
    if axes is None:
        return tuple(reversed(range(len(shape))))
    order = tuple(axis_in(shape, axis, "transpose") for axis in axes)
    if sorted(order) != list(range(len(shape))):
        raise ShapeError(
            f"transpose: axes {list(axes)} do not name each axis of shape {list(shape)} once"
        )
    return order


def _transpose_shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    return tuple(shapes[0][axis] for axis in _order(shapes[0], attributes))


def _transpose(operands: Operands, attributes: Attributes) -> Array:
    return np.transpose(operands[0], _order(np.shape(operands[0]), attributes))


def _transpose_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    order = _order(np.shape(operands[0]), attributes)
    return np.transpose(g, sorted(range(len(order)), key=order.__getitem__))


def _reshape_shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    (shape,), wanted = shapes, attributes["shape"]
    count, known = math.prod(shape), math.prod(length for length in wanted if length != -1)
    if -1 in wanted and known and count % known == 0:
        return tuple(count // known if length == -1 else length for length in wanted)
    if -1 in wanted or known != count:
        raise ShapeError(
            f"reshape: {count} elements of shape {list(shape)} do not fill shape {list(wanted)}"
        )
    return tuple(wanted)


def _squeeze_shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    (shape,) = shapes
    if attributes["axis"] is None:
        return tuple(length for length in shape if length != 1)
    axes = axes_in(shape, attributes["axis"], "squeeze")
    if any(shape[axis] != 1 for axis in axes):
        raise ShapeError(f"squeeze: an axis of shape {list(shape)} in {list(axes)} is not 1 long")
    return tuple(length for axis, length in enumerate(shape) if axis not in axes)


def _expand_dims_shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    (shape,), axis = shapes, attributes["axis"]
    added = len(axis) if isinstance(axis, tuple) else 1
    wide = (1,) * (len(shape) + added)
    axes = frozenset(axes_in(wide, axis, "expand_dims"))  # as many as a caller cares to list
    lengths = iter(shape)
    return tuple(1 if place in axes else next(lengths) for place in range(len(wide)))


def _reshaped_by(rule: Callable[[Sequence[Shape], Attributes], Shape]) -> ValueRule:
    """The value of an operation that only gives the same elements another shape."""

    def value(operands: Operands, attributes: Attributes) -> Array:
        return np.reshape(operands[0], rule([np.shape(operands[0])], attributes))

    return value


def _reshape_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    return np.reshape(g, np.shape(operands[0]))


def _broadcast_to_shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    (shape,), wanted = shapes, attributes["shape"]
    padded = (1,) * (len(wanted) - len(shape)) + shape
    fits = len(padded) == len(wanted) and all(
        length in (1, target) for length, target in zip(padded, wanted, strict=True)
    )
    if not fits or -1 in wanted:
        raise ShapeError(f"broadcast_to: shape {list(shape)} does not broadcast to {list(wanted)}")
    return tuple(wanted)


def _broadcast_to(operands: Operands, attributes: Attributes) -> Array:
    return np.broadcast_to(operands[0], attributes["shape"])


def _broadcast_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    return unbroadcast(g, np.shape(operands[0]))


def _additions(i: int, operands: Operands, z: Array, attributes: Attributes) -> int:
    return np.size(z) // max(1, np.size(operands[0])) - 1


def _flip_axes(shape: Shape, attributes: Attributes) -> tuple[int, ...]:
    return axes_in(shape, attributes["axis"], "flip")


def _flip_shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    _flip_axes(shapes[0], attributes)
    return shapes[0]


def _flip(operands: Operands, attributes: Attributes) -> Array:
    return np.flip(operands[0], _flip_axes(np.shape(operands[0]), attributes))


def _flip_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    return np.flip(g, _flip_axes(np.shape(operands[0]), attributes))


# Joining


def _concat_shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    first = shapes[0]
    axis = axis_in(first, attributes["axis"], "concat")
    for shape in shapes[1:]:
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
    return np.concatenate(list(operands), axis=attributes["axis"])


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
    return np.stack(list(operands), axis=attributes["axis"])


def _stack_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    axis = attributes["axis"] % np.ndim(z)
    return g[(slice(None),) * axis + (i,)]


def _joined_jvp(value: ValueRule) -> JvpRule:
    """The jvp of an operation linear in all of its operands at once."""

    def jvp(tangents: Tangents, operands: Operands, z: Array, attributes: Attributes) -> Array:
        whole = [
            np.zeros(np.shape(operand)) if tangent is None else tangent
            for tangent, operand in zip(tangents, operands, strict=True)
        ]
        return value(whole, attributes)

    return jvp


def _axis(default: int | None, doc: str, kind: Any = INTEGER) -> tuple[Attribute, ...]:
    return (Attribute("axis", kind, doc, default),)


_SHAPE = Attribute("shape", LENGTHS, "the lengths of the result's axes", required=True)

ROWS: tuple[ArrayOperation, ...] = (
    linear(
        "transpose",
        "Axes in another order; reversed by default.",
        _transpose_shape,
        _transpose,
        _transpose_vjp,
        attributes=(Attribute("axes", AXES, "the order of the axes; reversed by default"),),
        aliases=("permute_dims",),
    ),
    linear(
        "reshape",
        "The same elements, row-major, in another shape; one length may be -1.",
        _reshape_shape,
        _reshaped_by(_reshape_shape),
        _reshape_vjp,
        attributes=(_SHAPE,),
    ),
    linear(
        "squeeze",
        "Without axes of length 1.",
        _squeeze_shape,
        _reshaped_by(_squeeze_shape),
        _reshape_vjp,
        attributes=_axis(None, "the axes to drop; all of length 1 by default", AXIS),
    ),
    linear(
        "expand_dims",
        "With an axis of length 1 put in.",
        _expand_dims_shape,
        _reshaped_by(_expand_dims_shape),
        _reshape_vjp,
        attributes=_axis(0, "where the axis goes in the result", AXIS),
    ),
    linear(
        "broadcast_to",
        "Repeated to a shape, by the rules of broadcasting.",
        _broadcast_to_shape,
        _broadcast_to,
        _broadcast_vjp,
        attributes=(_SHAPE,),
        vjp_error_rule=summed_vjp(_broadcast_vjp, _additions),
    ),
    linear(
        "concat",
        "Operands joined along an axis.",
        _concat_shape,
        _concat,
        _concat_vjp,
        arity=(1, None),
        jvp_rule=_joined_jvp(_concat),
        split_rule=_concat_split,
        attributes=_axis(0, "the axis to join along"),
        aliases=("concatenate",),
    ),
    linear(
        "stack",
        "Operands joined along a new axis.",
        _stack_shape,
        _stack,
        _stack_vjp,
        arity=(1, None),
        jvp_rule=_joined_jvp(_stack),
        attributes=_axis(0, "where the new axis goes"),
    ),
    linear(
        "flip",
        "In reverse order along axes.",
        _flip_shape,
        _flip,
        _flip_vjp,
        attributes=_axis(0, "the axis or axes to reverse", AXIS),
    ),
)
