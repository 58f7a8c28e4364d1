"""Shape: rearranging elements, and joining them. All of it is linear."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from autograd_core.names import listed
from autograd_core.operations.array_row import ArrayOperation, Stack
from autograd_core.operations.arrays import joining
from autograd_core.operations.arrays.axes import axes_in, axis_in
from autograd_core.operations.arrays.unary import (
    Stacked,
    UnaryShape,
    axes_moved,
    axis_moved,
    rearranging,
)
from autograd_core.operations.attributes import AXES, AXIS, LENGTHS, Attribute
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


def _transpose_stacked(shape: Shape, attributes: Attributes, count: int) -> Attributes:
    return {"axes": (0, *(axis + 1 for axis in _order(shape, attributes)))}


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


def _reshape_stacked(shape: Shape, attributes: Attributes, count: int) -> Attributes:
    return {"shape": (count, *_reshape_shape(shape, attributes))}


def _squeeze_shape(shape: Shape, attributes: Attributes) -> Shape:
    if attributes["axis"] is None:
        return tuple(length for length in shape if length != 1)
    axes = axes_in(shape, attributes["axis"], "squeeze")
    if any(shape[axis] != 1 for axis in axes):
        raise ShapeError(f"squeeze: an axis of shape {list(shape)} in {list(axes)} is not 1 long")
    return tuple(length for axis, length in enumerate(shape) if axis not in axes)


def _squeeze_stacked(shape: Shape, attributes: Attributes, count: int) -> Attributes:
    ones = tuple(axis for axis, length in enumerate(shape) if length == 1)
    axes = ones if attributes["axis"] is None else attributes["axis"]
    return {"axis": axis_moved(axes)}


def _expand_dims_shape(shape: Shape, attributes: Attributes) -> Shape:
    axis = attributes["axis"]
    added = len(axis) if isinstance(axis, tuple) else 1
    wide = (1,) * (len(shape) + added)
    axes = frozenset(axes_in(wide, axis, "expand_dims"))  # as many as a caller cares to list
    lengths = iter(shape)
    return tuple(1 if place in axes else next(lengths) for place in range(len(wide)))


def _reshaped(
    name: str,
    doc: str,
    shape: UnaryShape,
    attribute: Attribute,
    stacked: Stacked,
    example: str = "",
) -> ArrayOperation:
    """A row for an operation that only gives the same elements another shape."""

    def value(x: Array, attributes: Attributes) -> Array:
        return np.reshape(x, shape(np.shape(x), attributes))

    def vjp(g: Array, x: Array, z: Array, attributes: Attributes) -> Array:
        return np.reshape(g, np.shape(x))

    return rearranging(
        name,
        doc,
        shape,
        value,
        vjp,
        attributes=(attribute,),
        stacked=stacked,
        example=example,
    )


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


def _broadcast_stack(
    count: int, shapes: Sequence[Shape], shape: Shape, attributes: Attributes
) -> Stack:
    padded = (1,) * (len(shape) - len(shapes[0])) + shapes[0]
    return Stack({"shape": (count, *shape)}, [padded], shape)


def _additions(x: Array, z: Array, attributes: Attributes) -> int:
    return np.size(z) // max(1, np.size(x)) - 1


def _flip_shape(shape: Shape, attributes: Attributes) -> Shape:
    axes_in(shape, attributes["axis"], "flip")
    return shape


def _flip(x: Array, attributes: Attributes) -> Array:
    return np.flip(x, axes_in(np.shape(x), attributes["axis"], "flip"))


def _flip_vjp(g: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    return _flip(g, attributes)


_SHAPE = Attribute("shape", LENGTHS, "the lengths of the result's axes", required=True)

ROWS: tuple[ArrayOperation, ...] = (
    rearranging(
        "transpose",
        "Axes in another order; reversed by default.",
        _transpose_shape,
        _transpose,
        _transpose_vjp,
        attributes=(Attribute("axes", AXES, "the order of the axes; reversed by default"),),
        stacked=_transpose_stacked,
        aliases=("permute_dims",),
    ),
    _reshaped(
        "reshape",
        "The same elements, row-major, in another shape; one length may be -1.",
        _reshape_shape,
        _SHAPE,
        _reshape_stacked,
        example="reshape(x, shape=[-1])",
    ),
    _reshaped(
        "squeeze",
        "Without axes of length 1.",
        _squeeze_shape,
        Attribute("axis", AXIS, "the axes to drop; all of length 1 by default"),
        _squeeze_stacked,
    ),
    _reshaped(
        "expand_dims",
        "With an axis of length 1 put in.",
        _expand_dims_shape,
        Attribute("axis", AXIS, "where the axis goes in the result", 0),
        axes_moved,
    ),
    replace(
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
        stack_rule=_broadcast_stack,
    ),
    *joining.ROWS,
    rearranging(
        "flip",
        "In reverse order along axes.",
        _flip_shape,
        _flip,
        _flip_vjp,
        attributes=(Attribute("axis", AXIS, "the axis or axes to reverse", 0),),
        stacked=axes_moved,
    ),
)
