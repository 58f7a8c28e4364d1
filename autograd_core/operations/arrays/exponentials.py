"""The exponential family: logsumexp, softmax, log_softmax."""

from __future__ import annotations

import numpy as np

from autograd_core.operations.array_row import ArrayOperation, Operands, Tangents
from autograd_core.operations.arrays.axes import (
    REDUCING,
    axes_of,
    count_of,
    dropped,
    same_shape,
    sloped,
)
from autograd_core.operations.arrays.others import sums_of_others
from autograd_core.operations.arrays.softmaxes import (
    complement_along,
    complement_error,
    from_mean_along,
    log_softmax_along,
    log_softmax_error,
    log_sum_along,
    rest_units,
    set_apart,
    softmax_along,
    softmax_moved,
    softmax_units,
)
from autograd_core.operations.attributes import AXIS, Attribute
from autograd_core.operations.operation import Attributes
from autograd_core.operations.rounded import UNIT
from autograd_core.operations.strong_zeros import all_finite, strong_product
from autograd_core.tensors import Array


def _logsumexp(operands: Operands, attributes: Attributes) -> Array:
    (x,) = operands
    return dropped(log_sum_along(x, axes_of(x, attributes)), x, attributes)


def _logsumexp_error(operands: Operands, z: Array, attributes: Attributes) -> Array:
    (x,) = operands
    axes = axes_of(x, attributes)
    value = log_sum_along(x, axes)
    beside = value - np.max(x, axis=axes, keepdims=True)
    units = rest_units(x, axes) + 2 * np.abs(beside) + np.abs(value)
    return UNIT * dropped(units, x, attributes)


def _logsumexp_slopes_error(x: Array, z: Array, error: Array, attributes: Attributes) -> Array:
    axes = axes_of(x, attributes)
    return UNIT * strong_product(softmax_along(x, axes), softmax_units(x, axes))


def _logsumexp_slopes(x: Array, z: Array, attributes: Attributes) -> Array:
    return softmax_along(x, axes_of(x, attributes))


def _logsumexp_slopes_tangent(tangent: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    axes = axes_of(x, attributes)
    return softmax_moved(tangent, x, softmax_along(x, axes), axes)


def _softmax(operands: Operands, attributes: Attributes) -> Array:
    (x,) = operands
    return softmax_along(x, axes_of(x, attributes))


def _softmax_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    (x,) = operands
    return softmax_moved(g, x, z, axes_of(x, attributes))


def _softmax_error(operands: Operands, z: Array, attributes: Attributes) -> Array:
    (x,) = operands
    return UNIT * strong_product(z, softmax_units(x, axes_of(x, attributes)))


def _softmax_vjp_error(
    i: int, g: Array, operands: Operands, z: Array, error: Array, attributes: Attributes
) -> Array:
    """Of z*(c - sum(c*z)), c being g measured from one of its entries: as large as |c| + sum(|c|*z)
    allows, n + 4 roundings, and what z is off.
    """
    (x,) = operands
    axes = axes_of(x, attributes)
    top = set_apart(x, axes)[1] > 0
    c = np.abs(g - np.sum(np.where(top, g, 0.0), axis=axes, keepdims=True))
    sizes = c + np.sum(strong_product(c, z), axis=axes, keepdims=True)
    moved = np.sum(strong_product(c, error), axis=axes, keepdims=True)
    own = strong_product(sizes, UNIT * (count_of(x, attributes) + 4) * z + error)
    return own + strong_product(z, moved)


def _softmax_jvp(tangents: Tangents, operands: Operands, z: Array, attributes: Attributes) -> Array:
    if tangents[0] is None:
        return np.zeros(np.shape(z))
    return _softmax_vjp(0, tangents[0], operands, z, attributes)  # its Jacobian is symmetric


def _softmax_vjp_tangent(
    i: int, g: Array, tangents: Tangents, operands: Operands, z: Array, attributes: Attributes
) -> Array | None:
    """z*(a*b - sum(z*a*b)), a and b being g and the tangent less their means under z.

    softmax is the gradient of logsumexp, and this its third derivative: the third cumulant of
    one-hot vectors, symmetric in all three directions.
    """
    (x,), (tangent,) = operands, tangents
    if tangent is None:
        return None
    axes = axes_of(x, attributes)
    a, b = from_mean_along(g, x, z, axes), from_mean_along(tangent, x, z, axes)
    return softmax_moved(strong_product(a, b), x, z, axes)


def _log_softmax(operands: Operands, attributes: Attributes) -> Array:
    (x,) = operands
    return log_softmax_along(x, axes_of(x, attributes))


def _log_softmax_vjp(
    i: int, g: Array, operands: Operands, z: Array, attributes: Attributes
) -> Array:
    """G - p*sum(g), written g*(1 - p) - p*(sum(g) - g) so that nothing cancels where p is 1."""
    (x,) = operands
    axes = axes_of(x, attributes)
    others = np.sum(g, axis=axes, keepdims=True) - g
    if not all_finite(others):
        others = sums_of_others(g, axes)
    spread = strong_product(others, softmax_along(x, axes))
    return strong_product(g, complement_along(x, axes)) - spread


def _log_softmax_error(operands: Operands, z: Array, attributes: Attributes) -> Array:
    (x,) = operands
    return log_softmax_error(x, z, axes_of(x, attributes))


def _log_softmax_vjp_error(
    i: int, g: Array, operands: Operands, z: Array, error: Array, attributes: Attributes
) -> Array:
    """Of g*(1 - p) - p*others."""
    (x,) = operands
    axes = axes_of(x, attributes)
    p, sizes = softmax_along(x, axes), np.abs(g)
    total = np.sum(sizes, axis=axes, keepdims=True)
    spread = strong_product(p, softmax_units(x, axes) + count_of(x, attributes) + 3)
    own = complement_error(x, axes) + 2 * UNIT * complement_along(x, axes)
    return strong_product(sizes, own) + UNIT * strong_product(total, spread)


def _log_softmax_jvp(
    tangents: Tangents, operands: Operands, z: Array, attributes: Attributes
) -> Array:
    (x,), (tangent,) = operands, tangents
    if tangent is None:
        return np.zeros(np.shape(z))
    axes = axes_of(x, attributes)
    z = softmax_along(x, axes)
    if all_finite(z) and all_finite(moved := from_mean_along(tangent, x, z, axes)):
        return moved
    own = strong_product(tangent, complement_along(x, axes))
    return own - sums_of_others(strong_product(tangent, z), axes)


def _log_softmax_vjp_tangent(
    i: int, g: Array, tangents: Tangents, operands: Operands, z: Array, attributes: Attributes
) -> Array | None:
    """The vjp is g - softmax(x)*sum(g)."""
    (x,), (tangent,) = operands, tangents
    if tangent is None:
        return None
    axes = axes_of(x, attributes)
    moved = softmax_moved(tangent, x, softmax_along(x, axes), axes)
    return strong_product(-np.sum(g, axis=axes, keepdims=True), moved)


def _last_axis(doc: str) -> tuple[Attribute, ...]:
    return (Attribute("axis", AXIS, doc, -1),)


ROWS: tuple[ArrayOperation, ...] = (
    sloped(
        "logsumexp",
        _logsumexp,
        _logsumexp_slopes,
        _logsumexp_slopes_tangent,
        REDUCING,
        doc="log(sum(exp(x))) along axes, without overflow.",
        derivative="softmax(x)",
        needs_elements=True,
        value_error_rule=_logsumexp_error,
        slopes_error=_logsumexp_slopes_error,
    ),
    ArrayOperation(
        name="softmax",
        doc="exp(x)/sum(exp(x)) along an axis, without overflow.",
        category="activation",
        attributes=_last_axis("the axis along which it sums to 1"),
        shape_rule=same_shape("softmax"),
        value_rule=_softmax,
        vjp_rule=_softmax_vjp,
        jvp_rule=_softmax_jvp,
        vjp_tangent_rule=_softmax_vjp_tangent,
        value_error_rule=_softmax_error,
        vjp_error_rule=_softmax_vjp_error,
        derivative="z_i*(delta_ij - z_j)",
    ),
    ArrayOperation(
        name="log_softmax",
        doc="log(softmax(x)) along an axis, without overflow.",
        category="activation",
        attributes=_last_axis("the axis along which its exp sums to 1"),
        shape_rule=same_shape("log_softmax"),
        value_rule=_log_softmax,
        vjp_rule=_log_softmax_vjp,
        jvp_rule=_log_softmax_jvp,
        vjp_tangent_rule=_log_softmax_vjp_tangent,
        value_error_rule=_log_softmax_error,
        vjp_error_rule=_log_softmax_vjp_error,
        derivative="delta_ij - softmax(x)_j",
    ),
)
