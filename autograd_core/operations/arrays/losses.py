"""Losses that are not compositions of other operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_core.operations.array_row import (
    ArrayOperation,
    Operands,
    Stack,
    Tangents,
    size,
)
from autograd_core.operations.arrays.softmaxes import (
    complement_along,
    complement_error,
    log_softmax_along,
    log_softmax_error,
    softmax_along,
    softmax_moved,
    softmax_units,
)
from autograd_core.operations.operation import Attributes, ShapeError, ValueFault
from autograd_core.operations.pieces import look_before
from autograd_core.operations.rounded import UNIT
from autograd_core.operations.strong_zeros import strong_product
from autograd_core.tensors import Array, Shape


def _shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    logits, targets = shapes
    if not logits or logits[:-1] != targets:
        raise ShapeError(
            f"cross_entropy: logits of shape {list(logits)} take one class for each row, "
            f"targets of shape {list(logits[:-1])}, not {list(targets)}"
        )
    if not size(logits):
        raise ShapeError(f"cross_entropy of no elements: shape {list(logits)}")
    return ()


def _chosen(logits: Array, targets: Array) -> Any:
    """True at each row's class. Raises ValueFault where a target is no class."""
    look_before(logits)
    classes = np.shape(logits)[-1]
    targets = np.real(targets)
    bad = ~((targets >= 0) & (targets < classes) & (targets == np.floor(targets)))
    if bad.any():
        found = float(np.asarray(targets)[bad].flat[0])
        raise ValueFault(f"cross_entropy: {found:g} is not one of the classes 0 to {classes - 1}")
    look_before(logits)
    return np.arange(classes) == np.asarray(targets)[..., None]


def _value(operands: Operands, attributes: Attributes) -> Array:
    logits, targets = operands
    chosen = _chosen(logits, targets)
    total = np.sum(np.where(chosen, log_softmax_along(logits, (-1,)), 0.0))
    return -total / np.size(targets)


def _partials(operands: Operands) -> Array:
    """Softmax - one-hot, with the class's own entry as minus the others' sum."""
    logits, targets = operands
    rises = softmax_along(logits, (-1,))
    falls = -complement_along(logits, (-1,))
    return np.where(_chosen(logits, targets), falls, rises) / np.size(targets)


def _vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    return strong_product(g, _partials(operands))


def _jvp(tangents: Tangents, operands: Operands, z: Array, attributes: Attributes) -> Array:
    if tangents[0] is None:
        return np.zeros(())
    moved = strong_product(tangents[0], _partials(operands))
    each = tuple(range(1, np.ndim(z)))  # of a stack, the axes of each
    return np.asarray(np.sum(moved, axis=each or None, keepdims=bool(each)))


def _stack(count: int, shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> Stack:
    """With the loss in as many axes as the logits have."""
    return Stack(attributes, shapes, (1,) * len(shapes[0]))


def _vjp_tangent(
    i: int, g: Array, tangents: Tangents, operands: Operands, z: Array, attributes: Attributes
) -> Array | None:
    """The partials change as softmax does; which entry is chosen does not."""
    (logits, targets), (tangent, _) = operands, tangents
    if tangent is None:
        return None
    moved = softmax_moved(tangent, logits, softmax_along(logits, (-1,)), (-1,))
    return strong_product(g, moved / np.size(targets))


def _error(operands: Operands, z: Array, attributes: Attributes) -> Array:
    logits, targets = operands
    chosen = _chosen(logits, targets)
    logs = log_softmax_along(logits, (-1,))
    errors = log_softmax_error(logits, logs, (-1,)) + UNIT * (np.size(targets) + 1) * np.abs(logs)
    return np.asarray(np.sum(np.where(chosen, errors, 0.0)) / np.size(targets))


def _vjp_error(
    i: int, g: Array, operands: Operands, z: Array, error: Array, attributes: Attributes
) -> Array:
    logits, targets = operands
    rises = softmax_along(logits, (-1,))
    rises_error = UNIT * strong_product(rises, softmax_units(logits, (-1,)))
    chosen = _chosen(logits, targets)
    errors = np.where(chosen, complement_error(logits, (-1,)), rises_error) / np.size(targets)
    return strong_product(np.abs(g), errors + 2 * UNIT * np.abs(_partials(operands)))


# In the infix language, whether an element of x is the one that y names.
_OF_CLASS = "expand_dims(y, axis=-1) == cumsum(where(x == x, 1, 1), axis=-1) - 1"

ROWS: tuple[ArrayOperation, ...] = (
    ArrayOperation(
        name="cross_entropy",
        doc="Mean of -log_softmax(x) at the class y of each row (whole numbers from 0).",
        category="loss",
        arity=(2, 2),
        shape_rule=_shape,
        value_rule=_value,
        vjp_rule=_vjp,
        jvp_rule=_jvp,
        vjp_tangent_rule=_vjp_tangent,
        value_error_rule=_error,
        vjp_error_rule=_vjp_error,
        stack_rule=_stack,
        repeats="none",
        constant_operands=(1,),
        formula=f"-mean(sum(where({_OF_CLASS}, log_softmax(x), 0), axis=-1))",
        tangent=f"mean(sum((softmax(x) - ({_OF_CLASS}))*dx, axis=-1))",
        derivative="(softmax(x) - 1 at the class, 0 elsewhere)/n, n the number of rows",
        conventions="a mean over rows; the classes have no gradient",
    ),
)
