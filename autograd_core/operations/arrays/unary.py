"""Rows of one operand: rules that take it as it is, and what follows from a few of them.

In all of these, x is the operand, z the result, and a tangent is one that moves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd_core.operations.array_row import (
    ArrayOperation,
    Operands,
    Stack,
    Tangents,
)
from autograd_core.operations.operation import Attributes
from autograd_core.tensors import Array, Shape

UnaryShape = Callable[[Shape, Attributes], Shape]
Value = Callable[[Array, Attributes], Array]
# From (cotangent, x, z, attributes), from (tangent, x, z, attributes), from both.
Vjp = Callable[[Array, Array, Array, Attributes], Array]
Jvp = Callable[[Array, Array, Array, Attributes], Array]
VjpTangent = Callable[[Array, Array, Array, Array, Attributes], Array]
# From (x, z, attributes), and from (cotangent, x, z, error of z, attributes).
ErrorBound = Callable[[Array, Array, Attributes], Array | float]
VjpErrorBound = Callable[[Array, Array, Array, Array, Attributes], Array | float]
Roundings = Callable[[Array, Array, Attributes], int]
# From (shape of x, attributes, how many): attributes that do the same to so many at once, along a
# new first axis.
Stacked = Callable[[Shape, Attributes, int], Attributes]


def unary(
    name: str,
    doc: str,
    shape: UnaryShape,
    value: Value,
    vjp: Vjp,
    jvp: Jvp | None = None,
    vjp_tangent: VjpTangent | None = None,
    *,
    error: ErrorBound | None = None,
    vjp_error: VjpErrorBound | None = None,
    roundings: Roundings | None = None,
    vjp_roundings: Roundings | None = None,
    stacked: Stacked | None = None,
    **more: Any,
) -> ArrayOperation:
    """A row for an operation on one array; without a jvp it is linear: itself, on the tangent."""

    def jvp_rule(tangents: Tangents, operands: Operands, z: Array, attributes: Attributes) -> Array:
        tangent = tangents[0]
        if tangent is None:
            return np.zeros(np.shape(z))
        if jvp is None:
            return value(tangent, attributes)
        return jvp(tangent, operands[0], z, attributes)

    def vjp_tangent_rule(
        i: int, g: Array, tangents: Tangents, operands: Operands, z: Array, attributes: Attributes
    ) -> Array | None:
        tangent = tangents[0]
        if tangent is None or vjp_tangent is None:
            return None
        return vjp_tangent(g, tangent, operands[0], z, attributes)

    def stack_rule(
        of: Stacked, count: int, shapes: Sequence[Shape], shape: Shape, attributes: Attributes
    ) -> Stack:
        return Stack(of(shapes[0], attributes, count), shapes, shape)

    return ArrayOperation(
        name=name,
        doc=doc,
        shape_rule=lambda shapes, attributes: shape(shapes[0], attributes),
        value_rule=lambda operands, attributes: value(operands[0], attributes),
        vjp_rule=lambda i, g, operands, z, attributes: vjp(g, operands[0], z, attributes),
        jvp_rule=jvp_rule,
        vjp_tangent_rule=vjp_tangent_rule if vjp_tangent else None,
        value_error_rule=error and (lambda operands, *rest: error(operands[0], *rest)),
        vjp_error_rule=vjp_error
        and (lambda i, g, operands, *rest: vjp_error(g, operands[0], *rest)),
        roundings_rule=roundings and (lambda operands, *rest: roundings(operands[0], *rest)),
        vjp_roundings_rule=vjp_roundings
        and (lambda i, operands, *rest: vjp_roundings(operands[0], *rest)),
        stack_rule=stacked and partial(stack_rule, stacked),
        **more,
    )


def never(x: Array, z: Array, attributes: Attributes) -> int:
    """Of a rule that rounds nothing: so many roundings."""
    return 0


def rearranging(
    name: str, doc: str, shape: UnaryShape, value: Value, vjp: Vjp, **more: Any
) -> ArrayOperation:
    """A row for an operation that rearranges or selects elements, and so is linear and exact."""
    more = {"derivative": FROM_ONE_ELEMENT, "vjp_roundings": never, **more}
    return unary(name, doc, shape, value, vjp, category="shape", roundings=never, **more)


def as_they_are(shape: Shape, attributes: Attributes, count: int) -> Attributes:
    """Attributes of a stack, where they name no axis or count axes from the last."""
    return attributes


def axes_moved(shape: Shape, attributes: Attributes, count: int) -> Attributes:
    """The same, where `axis` names one or several axes of a shape, all of them by default."""
    return {**attributes, "axis": axis_moved(attributes["axis"], len(shape))}


def axis_moved(axis: int | tuple[int, ...] | None, rank: int = 0) -> int | tuple[int, ...]:
    """An `axis` where a new first axis has been put in; those counted from the last stay."""
    if axis is None:
        return tuple(range(1, rank + 1))
    if isinstance(axis, int):
        return axis + (axis >= 0)
    return tuple(each + (each >= 0) for each in axis)


FROM_ONE_ELEMENT = "1 where an element comes from, 0 elsewhere"
