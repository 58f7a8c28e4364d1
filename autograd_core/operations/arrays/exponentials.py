"""The exponential family: logsumexp, softmax, log_softmax.

They are computed from exp(x - max) with the largest term set apart, so that the small terms
keep their digits: logsumexp([0, -40]) is 4.2e-18, not 0.
"""

from __future__ import annotations

import numpy as np

from autograd_core.limits import look
from autograd_core.operations.array_row import ArrayOperation
from autograd_core.operations.arrays.axes import (
    axes_of,
    dropped,
    reduced_shape,
    reduction,
    same_shape,
)
from autograd_core.operations.arrays.others import as_rows, from_rows, sums_of_others
from autograd_core.operations.arrays.unary import unary
from autograd_core.operations.attributes import AXIS, Attribute
from autograd_core.operations.operation import Attributes
from autograd_core.operations.strong_zeros import all_finite, strong_product
from autograd_core.tensors import Array


def _set_apart(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array, Array]:
    """The maximum m, the terms exp(x - m) without the (first) largest, and their sum."""
    look()
    real = np.real(x)
    m = np.max(real, axis=axes, keepdims=True)
    m = np.where(np.isfinite(m), m, 0.0)
    terms = np.exp(x - m)
    rows = as_rows(real, axes)
    look()
    first = np.arange(np.shape(rows)[-1]) == np.argmax(rows, axis=-1)[..., None]
    first = from_rows(first, np.shape(x), axes)
    look()
    rest = np.where(first, 0.0, terms)
    return m, np.where(first, terms, 0.0), np.sum(rest, axis=axes, keepdims=True)


def _log_sum(x: Array, axes: tuple[int, ...]) -> Array:
    m, top, rest = _set_apart(x, axes)
    largest = np.sum(top, axis=axes, keepdims=True)  # 1, but for infinite or complex operands
    return m + np.log1p(rest + (largest - 1))


def _logsumexp(x: Array, attributes: Attributes) -> Array:
    return dropped(_log_sum(x, axes_of(x, attributes)), x, attributes)


def softmax_along(x: Array, axes: tuple[int, ...]) -> Array:
    """exp(x) / sum(exp(x)) along axes, by way of exp(x - max)."""
    look()
    m = np.max(np.real(x), axis=axes, keepdims=True)
    terms = np.exp(x - np.where(np.isfinite(m), m, 0.0))
    look()
    return terms / np.sum(terms, axis=axes, keepdims=True)


def complement_along(x: Array, axes: tuple[int, ...]) -> Array:
    """1 - softmax(x), which for the largest element is the others' sum, with all its digits."""
    _, top, rest = _set_apart(x, axes)
    look()
    largest = np.sum(top, axis=axes, keepdims=True)
    return np.where(top > 0, rest / (largest + rest), 1 - softmax_along(x, axes))


def from_mean_along(moving: Array, x: Array, z: Array, axes: tuple[int, ...]) -> Array:
    """What `moving` differs by from its mean under z = softmax(x): moving - sum(moving*z).

    It is measured from the entry at the largest z: a constant added to `moving` changes
    nothing, and from there the difference does not cancel when one z is nearly 1.
    """
    top = _set_apart(x, axes)[1] > 0
    look()
    centred = moving - np.sum(np.where(top, moving, 0.0), axis=axes, keepdims=True)
    return centred - np.sum(strong_product(centred, z), axis=axes, keepdims=True)


def softmax_moved(moving: Array, x: Array, z: Array, axes: tuple[int, ...]) -> Array:
    """The Jacobian of z = softmax(x), which is symmetric, times `moving`.

    Where that is not finite it is added up term by term, zeros being strong in each:
    z_i*(1 - z_i) times moving_i, less z_i*z_j times every other moving_j.
    """
    moved = z * from_mean_along(moving, x, z, axes)
    if all_finite(moved):
        return moved
    look()
    own = strong_product(moving, z * complement_along(x, axes))
    return own - strong_product(z, sums_of_others(strong_product(moving, z), axes))


def _logsumexp_partials(x: Array, z: Array, attributes: Attributes) -> Array:
    return softmax_along(x, axes_of(x, attributes))


def _logsumexp_partials_tangent(
    tangent: Array, x: Array, z: Array, attributes: Attributes
) -> Array:
    axes = axes_of(x, attributes)
    return softmax_moved(tangent, x, softmax_along(x, axes), axes)


def _softmax(x: Array, attributes: Attributes) -> Array:
    return softmax_along(x, axes_of(x, attributes))


def _softmax_moved(moving: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    """The vjp and the jvp: the Jacobian is symmetric."""
    return softmax_moved(moving, x, z, axes_of(x, attributes))


def _softmax_vjp_tangent(
    g: Array, tangent: Array, x: Array, z: Array, attributes: Attributes
) -> Array:
    """z*(a*b - sum(z*a*b)), a and b being g and the tangent less their means under z.

    softmax is the gradient of logsumexp, and this its third derivative: the third cumulant of
    one-hot vectors, symmetric in all three directions.
    """
    axes = axes_of(x, attributes)
    a, b = from_mean_along(g, x, z, axes), from_mean_along(tangent, x, z, axes)
    return softmax_moved(strong_product(a, b), x, z, axes)


def log_softmax_along(x: Array, axes: tuple[int, ...]) -> Array:
    """x - logsumexp(x) along axes, with the two large parts taken off first."""
    m, top, rest = _set_apart(x, axes)
    largest = np.sum(top, axis=axes, keepdims=True)
    return (x - m) - np.log1p(rest + (largest - 1))


def _log_softmax(x: Array, attributes: Attributes) -> Array:
    return log_softmax_along(x, axes_of(x, attributes))


def _log_softmax_vjp(g: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    """The vjp g - p*sum(g), as g*(1 - p) - p*(sum(g) - g): nothing cancels where p is 1."""
    axes = axes_of(x, attributes)
    others = np.sum(g, axis=axes, keepdims=True) - g
    if not all_finite(others):
        others = sums_of_others(g, axes)
    shared = strong_product(others, softmax_along(x, axes))
    return strong_product(g, complement_along(x, axes)) - shared


def _log_softmax_jvp(tangent: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    axes = axes_of(x, attributes)
    p = softmax_along(x, axes)
    if all_finite(p) and all_finite(moved := from_mean_along(tangent, x, p, axes)):
        return moved
    own = strong_product(tangent, complement_along(x, axes))
    return own - sums_of_others(strong_product(tangent, p), axes)


def _log_softmax_vjp_tangent(
    g: Array, tangent: Array, x: Array, z: Array, attributes: Attributes
) -> Array:
    """The vjp is g - softmax(x)*sum(g)."""
    axes = axes_of(x, attributes)
    moved = softmax_moved(tangent, x, softmax_along(x, axes), axes)
    return strong_product(-np.sum(g, axis=axes, keepdims=True), moved)


def _last_axis(doc: str) -> tuple[Attribute, ...]:
    return (Attribute("axis", AXIS, doc, -1),)


ROWS: tuple[ArrayOperation, ...] = (
    reduction(
        "logsumexp",
        "log(sum(exp(x))) along axes, without overflow.",
        reduced_shape("logsumexp", needs_elements=True),
        _logsumexp,
        _logsumexp_partials,
        _logsumexp_partials_tangent,
        derivative="softmax(x)",
    ),
    unary(
        "softmax",
        "exp(x)/sum(exp(x)) along an axis, without overflow.",
        same_shape("softmax"),
        _softmax,
        _softmax_moved,
        _softmax_moved,
        _softmax_vjp_tangent,
        category="activation",
        attributes=_last_axis("the axis along which it sums to 1"),
        derivative="z_i*(delta_ij - z_j)",
    ),
    unary(
        "log_softmax",
        "log(softmax(x)) along an axis, without overflow.",
        same_shape("log_softmax"),
        _log_softmax,
        _log_softmax_vjp,
        _log_softmax_jvp,
        _log_softmax_vjp_tangent,
        category="activation",
        attributes=_last_axis("the axis along which its exp sums to 1"),
        derivative="delta_ij - softmax(x)_j",
    ),
)
