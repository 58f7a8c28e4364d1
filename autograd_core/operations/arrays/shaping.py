"""Shape: rearranging and joining elements. All of it is linear."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate, chain, pairwise
from typing import Any

import numpy as np

from autograd_core.limits import Deadline, watched
from autograd_core.names import listed
from autograd_core.operations.array_row import (
    ArrayOperation,
    Operands,
    Tangents,
    ValueRule,
)
from autograd_core.operations.arrays.axes import axes_in, axis_in
from autograd_core.operations.arrays.unary import FROM_ONE_ELEMENT, UnaryShape, rearranging
from autograd_core.operations.attributes import AXES, AXIS, INTEGER, LENGTHS, Attribute
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
            f"transpose: axes {listed(axes)} do not name each axis of shape {list(shape)} once"
        )
    return order


def _transpose_shape(shape: Shape, attributes: Attributes) -> Shape:
    return tuple(shape[axis] for axis in _order(shape, attributes))


def _transpose(x: Array, attributes: Attributes) -> Array:
    return np.transpose(x, _order(np.shape(x), attributes))


def _transpose_vjp(g: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    order = _order(np.shape(x), attributes)
    return np.transpose(g, sorted(range(len(order)), key=order.__getitem__))


def _reshape_shape(shape: Shape, attributes: Attributes) -> Shape:
    wanted = attributes["shape"]
    count, known = math.prod(shape), math.prod(length for length in wanted if length != -1)
    if -1 in wanted and known and count % known == 0:
        return tuple(count // known if length == -1 else length for length in wanted)
    if -1 in wanted or known != count:
        raise ShapeError(
            f"reshape: {count} elements of shape {list(shape)} do not fill shape {listed(wanted)}"
        )
    return tuple(wanted)


def _squeeze_shape(shape: Shape, attributes: Attributes) -> Shape:
    if attributes["axis"] is None:
        return tuple(length for length in shape if length != 1)
    axes = axes_in(shape, attributes["axis"], "squeeze")
    if any(shape[axis] != 1 for axis in axes):
        raise ShapeError(f"squeeze: an axis of shape {list(shape)} in {list(axes)} is not 1 long")
    return tuple(length for axis, length in enumerate(shape) if axis not in axes)


def _expand_dims_shape(shape: Shape, attributes: Attributes) -> Shape:
    axis = attributes["axis"]
    added = len(axis) if isinstance(axis, tuple) else 1
    wide = (1,) * (len(shape) + added)
    axes = frozenset(axes_in(wide, axis, "expand_dims"))  # as many as a caller cares to list
    lengths = iter(shape)
    return tuple(1 if place in axes else next(lengths) for place in range(len(wide)))


def _reshaped(
    name: str, doc: str, shape: UnaryShape, attribute: Attribute, example: str = ""
) -> ArrayOperation:
    """A row for an operation that only gives the same elements another shape."""

    def value(x: Array, attributes: Attributes) -> Array:
        return np.reshape(x, shape(np.shape(x), attributes))

    def vjp(g: Array, x: Array, z: Array, attributes: Attributes) -> Array:
        return np.reshape(g, np.shape(x))

    return rearranging(name, doc, shape, value, vjp, attributes=(attribute,), example=example)


def _broadcast_to_shape(shape: Shape, attributes: Attributes) -> Shape:
    wanted = attributes["shape"]
    padded = (1,) * (len(wanted) - len(shape)) + shape
    fits = len(padded) == len(wanted) and all(
        length in (1, target) for length, target in zip(padded, wanted, strict=True)
    )
    if not fits or -1 in wanted:
        raise ShapeError(
            f"broadcast_to: shape {list(shape)} does not broadcast to {listed(wanted)}"
        )
    return tuple(wanted)


def _broadcast_to(x: Array, attributes: Attributes) -> Array:
    return np.broadcast_to(x, attributes["shape"])


def _broadcast_vjp(g: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    return unbroadcast(g, np.shape(x))


def _additions(x: Array, z: Array, attributes: Attributes) -> int:
    return np.size(z) // max(1, np.size(x)) - 1


def _flip_shape(shape: Shape, attributes: Attributes) -> Shape:
    axes_in(shape, attributes["axis"], "flip")
    return shape


def _flip(x: Array, attributes: Attributes) -> Array:
    return np.flip(x, axes_in(np.shape(x), attributes["axis"], "flip"))


def _flip_vjp(g: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    return _flip(g, attributes)


# Joining


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
        derivative=FROM_ONE_ELEMENT,
        **more,
    )


_SHAPE = Attribute("shape", LENGTHS, "the lengths of the result's axes", required=True)

ROWS: tuple[ArrayOperation, ...] = (
    rearranging(
        "transpose",
        "Axes in another order; reversed by default.",
        _transpose_shape,
        _transpose,
        _transpose_vjp,
        attributes=(Attribute("axes", AXES, "the order of the axes; reversed by default"),),
        aliases=("permute_dims",),
    ),
    _reshaped(
        "reshape",
        "The same elements, row-major, in another shape; one length may be -1.",
        _reshape_shape,
        _SHAPE,
        example="reshape(x, shape=[-1])",
    ),
    _reshaped(
        "squeeze",
        "Without axes of length 1.",
        _squeeze_shape,
        Attribute("axis", AXIS, "the axes to drop; all of length 1 by default"),
    ),
    _reshaped(
        "expand_dims",
        "With an axis of length 1 put in.",
        _expand_dims_shape,
        Attribute("axis", AXIS, "where the axis goes in the result", 0),
    ),
    rearranging(
        "broadcast_to",
        "Repeated to a shape, by the rules of broadcasting.",
        _broadcast_to_shape,
        _broadcast_to,
        _broadcast_vjp,
        vjp_roundings=_additions,
        attributes=(_SHAPE,),
        example="broadcast_to(x, shape=[2, 3])",
    ),
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
    rearranging(
        "flip",
        "In reverse order along axes.",
        _flip_shape,
        _flip,
        _flip_vjp,
        attributes=(Attribute("axis", AXIS, "the axis or axes to reverse", 0),),
    ),
)
