"""The exponential family: logsumexp, softmax, log_softmax."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_core.operations.array_row import ArrayOperation
from autograd_core.operations.arrays.along import max_along, sum_along
from autograd_core.operations.arrays.axes import (
    axes_of,
    dropped,
    reduction,
    same_shape,
)
from autograd_core.operations.arrays.others import sums_of_others
from autograd_core.operations.arrays.softmaxes import (
    complement_along,
    complement_error,
    count_along,
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
from autograd_core.operations.arrays.unary import axes_moved, unary
from autograd_core.operations.attributes import AXIS, Attribute
from autograd_core.operations.operation import Attributes
from autograd_core.operations.pieces import look_before
from autograd_core.operations.rounded import UNIT
from autograd_core.operations.strong_zeros import all_finite, strong_product
from autograd_core.tensors import Array

Axes = tuple[int, ...]


def _along(function: Callable[..., Array]) -> Callable[..., Array]:
    """A rule of the same arrays, all of one shape, and of the attributes in place of the axes."""

    def rule(*given: Any) -> Array:
        *arrays, attributes = given
        return function(*arrays, axes_of(arrays[0], attributes))

    return rule


def _logsumexp(x: Array, attributes: Attributes) -> Array:
    return dropped(log_sum_along(x, axes_of(x, attributes)), x, attributes)


def _logsumexp_partials(x: Array, z: Array, attributes: Attributes) -> Array:
    return softmax_along(x, axes_of(x, attributes))


def _logsumexp_partials_tangent(
    tangent: Array, x: Array, z: Array, attributes: Attributes
) -> Array:
    axes = axes_of(x, attributes)
    return softmax_moved(tangent, x, softmax_along(x, axes), axes)


def _logsumexp_error(x: Array, z: Array, attributes: Attributes) -> Array:
    axes = axes_of(x, attributes)
    value = log_sum_along(x, axes)
    beside = value - max_along(x, axes)
    units = rest_units(x, axes) + 2 * np.abs(beside) + np.abs(value)
    return UNIT * dropped(units, x, attributes)


def _logsumexp_partials_error(x: Array, z: Array, error: Array, attributes: Attributes) -> Array:
    axes = axes_of(x, attributes)
    return UNIT * strong_product(softmax_along(x, axes), softmax_units(x, axes))


# softmax and log_softmax: functions of arrays of one shape and of the axes.


def _softmax_vjp_tangent(g: Array, tangent: Array, x: Array, z: Array, axes: Axes) -> Array:
    """z*(a*b - sum(z*a*b)), a and b being g and the tangent less their means under z.

    softmax is the gradient of logsumexp, and this its third derivative: the third cumulant of
    one-hot vectors, symmetric in all three directions.
    """
    a, b = from_mean_along(g, x, z, axes), from_mean_along(tangent, x, z, axes)
    return softmax_moved(strong_product(a, b), x, z, axes)


def _softmax_error(x: Array, z: Array, axes: Axes) -> Array:
    return UNIT * strong_product(z, softmax_units(x, axes))


def _softmax_vjp_error(g: Array, x: Array, z: Array, error: Array, axes: Axes) -> Array:
    """Of z*(c - sum(c*z)), c being g measured from one of its entries: as large as |c| + sum(|c|*z)
    allows, n + 4 roundings, and what z is off.
    """
    top = set_apart(x, axes)[1] > 0
    look_before(x)
    c = np.abs(g - sum_along(np.where(top, g, 0.0), axes))
    sizes = c + sum_along(strong_product(c, z), axes)
    look_before(x)
    moved = sum_along(strong_product(c, error), axes)
    own = strong_product(sizes, UNIT * (count_along(x, axes) + 4) * z + error)
    return own + strong_product(z, moved)


def _log_softmax_vjp(g: Array, x: Array, z: Array, axes: Axes) -> Array:
    """The vjp g - p*sum(g), as g*(1 - p) - p*(sum(g) - g): nothing cancels where p is 1."""
    others = sum_along(g, axes) - g
    if not all_finite(others):
        others = sums_of_others(g, axes)
    shared = strong_product(others, softmax_along(x, axes))
    return strong_product(g, complement_along(x, axes)) - shared


def _log_softmax_jvp(tangent: Array, x: Array, z: Array, axes: Axes) -> Array:
    p = softmax_along(x, axes)
    if all_finite(p) and all_finite(moved := from_mean_along(tangent, x, p, axes)):
        return moved
    own = strong_product(tangent, complement_along(x, axes))
    return own - sums_of_others(strong_product(tangent, p), axes)


def _log_softmax_vjp_tangent(g: Array, tangent: Array, x: Array, z: Array, axes: Axes) -> Array:
    """The vjp is g - softmax(x)*sum(g)."""
    moved = softmax_moved(tangent, x, softmax_along(x, axes), axes)
    return strong_product(-sum_along(g, axes), moved)


def _log_softmax_vjp_error(g: Array, x: Array, z: Array, error: Array, axes: Axes) -> Array:
    """Of g*(1 - p) - p*others."""
    p, sizes = softmax_along(x, axes), np.abs(g)
    total = sum_along(sizes, axes)
    spread = strong_product(p, softmax_units(x, axes) + count_along(x, axes) + 3)
    own = complement_error(x, axes) + 2 * UNIT * complement_along(x, axes)
    return strong_product(sizes, own) + UNIT * strong_product(total, spread)


def _last_axis(doc: str) -> tuple[Attribute, ...]:
    return (Attribute("axis", AXIS, doc, -1),)


# In the infix language, exp(x) in proportion, without overflow.
_SHIFTED = "exp(x - max(x, axis=-1, keepdims=true))"

ROWS: tuple[ArrayOperation, ...] = (
    reduction(
        "logsumexp",
        "log(sum(exp(x))) along axes, without overflow.",
        _logsumexp,
        _logsumexp_partials,
        _logsumexp_partials_tangent,
        needs_elements=True,
        error=_logsumexp_error,
        partials_error=_logsumexp_partials_error,
        formula="max(x) + log(sum(exp(x - max(x))))",
        tangent="sum(exp(x - logsumexp(x))*dx)",
        derivative="exp(x - logsumexp(x))",
    ),
    unary(
        "softmax",
        "exp(x)/sum(exp(x)) along an axis, without overflow.",
        same_shape("softmax"),
        _along(softmax_along),
        _along(softmax_moved),
        _along(softmax_moved),  # the Jacobian is symmetric
        _along(_softmax_vjp_tangent),
        stacked=axes_moved,
        repeats="none",
        error=_along(_softmax_error),
        vjp_error=_along(_softmax_vjp_error),
        category="activation",
        attributes=_last_axis("the axis along which it sums to 1"),
        formula=f"{_SHIFTED}/sum({_SHIFTED}, axis=-1, keepdims=true)",
        tangent="softmax(x)*(dx - sum(softmax(x)*dx, axis=-1, keepdims=true))",
        derivative="of element i by element j: softmax(x)[i]*((i == j) - softmax(x)[j])",
    ),
    unary(
        "log_softmax",
        "log(softmax(x)) along an axis, without overflow.",
        same_shape("log_softmax"),
        _along(log_softmax_along),
        _along(_log_softmax_vjp),
        _along(_log_softmax_jvp),
        _along(_log_softmax_vjp_tangent),
        stacked=axes_moved,
        repeats="none",
        error=_along(log_softmax_error),
        vjp_error=_along(_log_softmax_vjp_error),
        category="activation",
        attributes=_last_axis("the axis along which its exp sums to 1"),
        formula="x - logsumexp(x, axis=-1, keepdims=true)",
        tangent="dx - sum(softmax(x)*dx, axis=-1, keepdims=true)",
        derivative="of element i by element j: (i == j) - softmax(x)[j]",
    ),
)
