"""Axes: reading the `axis` attribute, and the shapes and rules that reductions share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_core.operations.array_row import (
    ArrayOperation,
    Operands,
    Tangents,
    VjpErrorRule,
    size,
)
from autograd_core.operations.attributes import AXIS, BOOLEAN, Attribute
from autograd_core.operations.operation import Attributes, ShapeError
from autograd_core.operations.rounded import UNIT
from autograd_core.operations.strong_zeros import strong_product
from autograd_core.tensors import Array, Shape

AXES_ATTRIBUTE = Attribute("axis", AXIS, "the axis or axes to reduce; all of them by default")
KEEPDIMS = Attribute("keepdims", BOOLEAN, "keep reduced axes, with length 1", False)

REDUCING: dict[str, Any] = {"category": "reduction", "attributes": (AXES_ATTRIBUTE, KEEPDIMS)}


def axis_in(shape: Shape, axis: int, operation: str) -> int:
    """An axis as 0 <= axis < rank. Raises ShapeError."""
    if not -len(shape) <= axis < len(shape):
        raise ShapeError(f"{operation}: axis {axis} is out of range for shape {list(shape)}")
    return axis % len(shape)


def axes_in(shape: Shape, axis: Any, operation: str) -> tuple[int, ...]:
    """An `axis` attribute (None: all; one; several) as sorted axes. Raises ShapeError."""
    if axis is None:
        return tuple(range(len(shape)))
    wanted = axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(sorted(axis_in(shape, each, operation) for each in wanted))
    if len(set(axes)) != len(axes):
        raise ShapeError(
            f"{operation}: an axis of shape {list(shape)} is named twice in {list(wanted)}"
        )
    return axes


def axes_of(array: Array, attributes: Attributes) -> tuple[int, ...]:
    """The axes that the attributes name, all of them by default."""
    return axes_in(np.shape(array), attributes["axis"], "reduction")


def reduced_shape(operation: str, *, needs_elements: bool = False) -> Any:
    """The shape rule of a reduction; needs_elements: nothing cannot be reduced (max)."""

    def rule(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
        shape = shapes[0]
        axes = axes_in(shape, attributes["axis"], operation)
        if needs_elements and any(shape[axis] == 0 for axis in axes):
            raise ShapeError(f"{operation} of no elements: shape {list(shape)}")
        if attributes["keepdims"]:
            return tuple(1 if axis in axes else length for axis, length in enumerate(shape))
        return tuple(length for axis, length in enumerate(shape) if axis not in axes)

    return rule


def spread(reduced: Array, operand: Array, attributes: Attributes) -> Array:
    """A reduced array with its axes put back, ready to broadcast against the operand."""
    if attributes["keepdims"]:
        return reduced
    return np.expand_dims(reduced, axes_of(operand, attributes))


def dropped(array: Array, operand: Array, attributes: Attributes) -> Array:
    """The inverse: from axes of length 1 to the shape that the attributes ask for."""
    if attributes["keepdims"]:
        return array
    return np.squeeze(array, axis=axes_of(operand, attributes))


def count_of(operand: Array, attributes: Attributes) -> int:
    """How many elements go into each result."""
    return size(tuple(np.shape(operand)[axis] for axis in axes_of(operand, attributes)))


def divided(total: Array, count: int) -> Array:
    """Total / count by IEEE rules, an int 0 included."""
    return np.divide(total, np.float64(count))


def same_shape(operation: str) -> Any:
    """The shape rule of an operation along an axis that keeps it."""

    def rule(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
        axes = axes_in(shapes[0], attributes["axis"], operation)
        if not axes:
            raise ShapeError(f"{operation} needs an axis, and a scalar has none")
        if any(shapes[0][axis] == 0 for axis in axes) and operation != "cumsum":
            raise ShapeError(f"{operation} of no elements: shape {list(shapes[0])}")
        return shapes[0]

    return rule


def weights_jvp(weights: Any) -> Any:
    """The jvp of a reduction whose result is, to first order, sum(weights * tangent)."""

    def jvp(tangents: Tangents, operands: Operands, z: Array, attributes: Attributes) -> Array:
        (x,), (tangent,) = operands, tangents
        if tangent is None:
            return np.zeros(np.shape(z))
        moved: Array = np.sum(
            weights(tangent, x, z, attributes),
            axis=axes_of(x, attributes),
            keepdims=attributes["keepdims"],
        )
        return moved

    return jvp


def slopes_vjp_tangent(slopes_tangent: Any) -> Any:
    """The rule of a reduction whose vjp is cotangent * slopes, from the tangent of the slopes.

    slopes_tangent(tangent, x, z, attributes): in the shape of x, 0 where nothing moves.
    """

    def rule(
        i: int, g: Array, tangents: Tangents, operands: Operands, z: Array, attributes: Attributes
    ) -> Array | None:
        (x,), (tangent,) = operands, tangents
        if tangent is None:
            return None
        return strong_product(spread(g, x, attributes), slopes_tangent(tangent, x, z, attributes))

    return rule


def slopes_vjp_error(slopes: Any, slopes_error: Any) -> VjpErrorRule:
    """The error of a vjp that is cotangent * slopes."""

    def rule(
        i: int, g: Array, operands: Operands, z: Array, error: Array, attributes: Attributes
    ) -> Array:
        (x,) = operands
        of_slopes = slopes_error(x, z, spread(error, x, attributes), attributes)
        rounded = of_slopes + UNIT * np.abs(slopes(x, z, attributes))
        return strong_product(spread(np.abs(g), x, attributes), rounded)

    return rule


def from_slopes(slopes: Any) -> tuple[Any, Any]:
    """The vjp and the jvp of a reduction from its partials along every element."""

    def vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
        (x,) = operands
        return strong_product(spread(g, x, attributes), slopes(x, z, attributes))

    def weights(tangent: Array, x: Array, z: Array, attributes: Attributes) -> Array:
        return strong_product(tangent, slopes(x, z, attributes))

    return vjp, weights_jvp(weights)


def sloped(
    name: str, value: Any, slopes: Any, slopes_tangent: Any, more: dict[str, Any], **text: Any
) -> ArrayOperation:
    """A row for a reduction given by its partials along every element, and their tangent.

    slopes_error(x, z, error, attributes): a bound of the rounding error of the partials; error:
    that of z, with its axes put back.
    """
    vjp, jvp = from_slopes(slopes)
    slopes_error = text.pop("slopes_error")
    text.setdefault("needs_elements", False)
    rule = reduced_shape(name, needs_elements=text.pop("needs_elements"))
    return ArrayOperation(
        name=name,
        shape_rule=rule,
        value_rule=value,
        vjp_rule=vjp,
        jvp_rule=jvp,
        vjp_tangent_rule=slopes_vjp_tangent(slopes_tangent),
        vjp_error_rule=slopes_vjp_error(slopes, slopes_error),
        **text,
        **more,
    )
