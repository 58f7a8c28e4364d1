"""Axes: reading the `axis` attribute, and the shapes and rules that reductions share."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from autograd_core.names import listed
from autograd_core.operations.array_row import ArrayOperation, size
from autograd_core.operations.arrays.along import sum_along
from autograd_core.operations.arrays.unary import (
    UnaryShape,
    Value,
    as_they_are,
    axes_moved,
    unary,
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
        raise ShapeError(f"{operation}: axis {axis} is out of range for shape {listed(shape)}")
    return axis % len(shape)


def axes_in(shape: Shape, axis: int | tuple[int, ...] | None, operation: str) -> tuple[int, ...]:
    """An `axis` attribute (None: all; one; several) as sorted axes. Raises ShapeError."""
    if axis is None:
        return tuple(range(len(shape)))
    wanted = axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(sorted(axis_in(shape, each, operation) for each in wanted))
    if len(set(axes)) != len(axes):
        raise ShapeError(
            f"{operation}: an axis of shape {listed(shape)} is named twice in {listed(wanted)}"
        )
    return axes


def axes_of(array: Array, attributes: Attributes) -> tuple[int, ...]:
    """The axes that the attributes name, all of them by default."""
    axis, rank = attributes["axis"], np.ndim(array)
    if axis is None:
        return tuple(range(rank))
    if isinstance(axis, int):
        return (axis_in(np.shape(array), axis, "reduction"),)
    return axes_in(np.shape(array), axis, "reduction")


def reduced_shape(operation: str, *, needs_elements: bool = False) -> UnaryShape:
    """The shape rule of a reduction; needs_elements: nothing cannot be reduced (max)."""

    def rule(shape: Shape, attributes: Attributes) -> Shape:
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
    axes, lengths = axes_of(operand, attributes), iter(np.shape(reduced))
    kept = [1 if axis in axes else next(lengths) for axis in range(np.ndim(operand))]
    return np.reshape(reduced, kept)


def dropped(array: Array, operand: Array, attributes: Attributes) -> Array:
    """The inverse: from axes of length 1 to the shape that the attributes ask for."""
    if attributes["keepdims"]:
        return array
    return np.squeeze(array, axis=axes_of(operand, attributes))


def summed(array: Array, attributes: Attributes) -> Array:
    """The sum along the axes that the attributes name."""
    return sum_along(array, axes_of(array, attributes), keepdims=attributes["keepdims"])


def count_of(operand: Array, attributes: Attributes) -> np.float64:
    """How many elements go into each result; divided by as IEEE has it, none included."""
    return np.float64(size(tuple(np.shape(operand)[axis] for axis in axes_of(operand, attributes))))


def same_shape(operation: str) -> UnaryShape:
    """The shape rule of an operation along an axis that keeps it."""

    def rule(shape: Shape, attributes: Attributes) -> Shape:
        axes = axes_in(shape, attributes["axis"], operation)
        if not axes:
            raise ShapeError(f"{operation} needs an axis, and a scalar has none")
        if any(shape[axis] == 0 for axis in axes) and operation != "cumsum":
            raise ShapeError(f"{operation} of no elements: shape {list(shape)}")
        return shape

    return rule


# Of (x, z, attributes) and of (tangent, x, z, attributes); in the shape of x.
Partials = Callable[[Array, Array, Attributes], Array]
PartialsTangent = Callable[[Array, Array, Array, Attributes], Array]
# Of (x, z, error of z, attributes), z and its error with their axes put back.
PartialsError = Callable[[Array, Array, Array, Attributes], Array | float]


class Reach(NamedTuple):
    """Which elements go into a result: spread(reduced, operand, attributes) puts their axes back,
    summed(array, attributes) sums along them.
    """

    spread: Callable[[Array, Array, Attributes], Array]
    summed: Callable[[Array, Attributes], Array]


BY_ATTRIBUTES = Reach(spread, summed)


def reduction(
    name: str,
    doc: str,
    value: Value,
    partials: Partials,
    partials_tangent: PartialsTangent | None = None,
    *,
    partials_error: PartialsError | None = None,
    needs_elements: bool = False,
    shape: UnaryShape | None = None,
    reach: Reach = BY_ATTRIBUTES,
    **more: Any,
) -> ArrayOperation:
    """A row for a reduction given by its partials along every element that goes into a result.

    partials_tangent: how these change as x moves; without it they do not. partials_error: a bound
    of their rounding errors, where the row does not say how the vjp is rounded. shape, reach: of an
    operation that takes no attributes `axis` and `keepdims`.
    """

    def vjp(g: Array, x: Array, z: Array, attributes: Attributes) -> Array:
        return strong_product(reach.spread(g, x, attributes), partials(x, z, attributes))

    def jvp(tangent: Array, x: Array, z: Array, attributes: Attributes) -> Array:
        return reach.summed(strong_product(tangent, partials(x, z, attributes)), attributes)

    def vjp_tangent(
        moved: PartialsTangent, g: Array, tangent: Array, x: Array, z: Array, attributes: Attributes
    ) -> Array:
        change = moved(tangent, x, z, attributes)
        return strong_product(reach.spread(g, x, attributes), change)

    def vjp_error(
        of_partials: PartialsError,
        g: Array,
        x: Array,
        z: Array,
        error: Array,
        attributes: Attributes,
    ) -> Array:
        own = of_partials(x, z, reach.spread(error, x, attributes), attributes)
        sizes = own + UNIT * np.abs(partials(x, z, attributes))
        return strong_product(reach.spread(np.abs(g), x, attributes), sizes)

    if partials_error is not None:
        more["vjp_error"] = partial(vjp_error, partials_error)
    if reach is BY_ATTRIBUTES:
        more = {**REDUCING, "stacked": axes_moved, **more}
    more = {"stacked": as_they_are, "repeats": "none", **more}
    bent = None if partials_tangent is None else partial(vjp_tangent, partials_tangent)
    shape = shape or reduced_shape(name, needs_elements=needs_elements)
    return unary(name, doc, shape, value, vjp, jvp, bent, **more)
