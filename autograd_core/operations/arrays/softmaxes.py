"""exp(x) beside its sum along axes: what logsumexp, softmax and log_softmax are made of.

They are computed from exp(x - max) with the largest term set apart, so that the small terms
keep their digits: logsumexp([0, -40]) is 4.2e-18, not 0.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd_core.operations.array_row import size
from autograd_core.operations.arrays.along import max_along, sum_along
from autograd_core.operations.arrays.others import as_rows, from_rows, sums_of_others
from autograd_core.operations.pieces import look_before
from autograd_core.operations.rounded import UNIT
from autograd_core.operations.strong_zeros import all_finite, strong_product
from autograd_core.tensors import Array


class _Terms(NamedTuple):
    """exp(x - m), m being the maximum along axes, and where the first of the largest is; ordinary:
    whether that is 1 wherever it is.
    """

    m: Array
    terms: Array
    first: Any
    ordinary: bool


def _terms(x: Array, axes: tuple[int, ...]) -> _Terms:
    look_before(x)
    real = np.real(x)
    largest = max_along(real, axes)
    finite = all_finite(largest)
    m = largest if finite else np.where(np.isfinite(largest), largest, 0.0)
    terms = np.exp(x - m)
    look_before(x)
    first = np.equal(real, largest)
    if not finite or np.count_nonzero(first) != np.size(largest):
        first = _first_largest(real, axes)
    look_before(x)
    return _Terms(m, terms, first, finite and terms.dtype.kind != "c")


def set_apart(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array, Array]:
    """The maximum m, the terms exp(x - m) without the (first) largest, and their sum."""
    m, terms, first, _ = _terms(x, axes)
    rest = sum_along(np.where(first, 0.0, terms), axes)
    return m, np.where(first, terms, 0.0), rest


def _first_largest(x: Array, axes: tuple[int, ...]) -> Any:
    """Where the largest along axes is, and of several the first; a NaN is larger than all."""
    rows = as_rows(x, axes)
    first = np.arange(np.shape(rows)[-1]) == np.argmax(rows, axis=-1)[..., None]
    return from_rows(first, np.shape(x), axes)


def log_sum_along(x: Array, axes: tuple[int, ...]) -> Array:
    """log(sum(exp(x))) along axes, which are kept."""
    m, terms, first, ordinary = _terms(x, axes)
    rest = sum_along(np.where(first, 0.0, terms), axes)
    if not ordinary:
        rest = rest + (sum_along(np.where(first, terms, 0.0), axes) - 1)
    return m + np.log1p(rest)


def softmax_along(x: Array, axes: tuple[int, ...]) -> Array:
    """exp(x) / sum(exp(x)) along axes, by way of exp(x - max)."""
    look_before(x)
    m = max_along(np.real(x), axes)
    terms = np.exp(x - (m if all_finite(m) else np.where(np.isfinite(m), m, 0.0)))
    look_before(x)
    return terms / sum_along(terms, axes)


def complement_along(x: Array, axes: tuple[int, ...]) -> Array:
    """1 - softmax(x), which for the largest element is the others' sum, with all its digits."""
    _, top, rest = set_apart(x, axes)
    look_before(x)
    largest = sum_along(top, axes)
    return np.where(top > 0, rest / (largest + rest), 1 - softmax_along(x, axes))


def from_mean_along(moving: Array, x: Array, z: Array, axes: tuple[int, ...]) -> Array:
    """What `moving` differs by from its mean under z = softmax(x): moving - sum(moving*z).

    It is measured from the entry at the largest z: a constant added to `moving` changes
    nothing, and from there the difference does not cancel when one z is nearly 1.
    """
    top = set_apart(x, axes)[1] > 0
    look_before(x)
    centred = moving - sum_along(np.where(top, moving, 0.0), axes)
    return centred - sum_along(strong_product(centred, z), axes)


def softmax_moved(moving: Array, x: Array, z: Array, axes: tuple[int, ...]) -> Array:
    """The Jacobian of z = softmax(x), which is symmetric, times `moving`.

    Where that is not finite it is added up term by term, zeros being strong in each:
    z_i*(1 - z_i) times moving_i, less z_i*z_j times every other moving_j.
    """
    moved = z * from_mean_along(moving, x, z, axes)
    if all_finite(moved):
        return moved
    look_before(x)
    own = strong_product(moving, z * complement_along(x, axes))
    return own - strong_product(z, sums_of_others(strong_product(moving, z), axes))


def log_softmax_along(x: Array, axes: tuple[int, ...]) -> Array:
    """The difference x - logsumexp(x) along axes, with the two large parts taken off first."""
    m, top, rest = set_apart(x, axes)
    largest = sum_along(top, axes)
    return (x - m) - np.log1p(rest + (largest - 1))


# Rounding, in units of half an ulp of 1. A term exp(x - m) is off by the rounding of x - m, which
# is as large as |x - m| times a unit, and by the function's own ulp.


def softmax_units(x: Array, axes: tuple[int, ...]) -> Array:
    """How many units, at most, each element of softmax(x) is off, relative to itself."""
    away = _from_largest(x, axes)
    mean = sum_along(strong_product(softmax_along(x, axes), away), axes)
    return away + mean + count_along(x, axes) + 4


def rest_units(x: Array, axes: tuple[int, ...]) -> Array:
    """How many units log1p of the terms but the largest is off before it is rounded itself; and, of
    the largest, 1 - softmax(x).
    """
    top = set_apart(x, axes)[1]
    terms = np.where(top > 0, 0.0, softmax_along(x, axes))
    units = _from_largest(x, axes) + count_along(x, axes) + 2
    return sum_along(strong_product(terms, units), axes)


def _from_largest(x: Array, axes: tuple[int, ...]) -> Array:
    return np.abs(x - max_along(x, axes))


def count_along(x: Array, axes: tuple[int, ...]) -> int:
    """How many elements go into each sum."""
    return size(tuple(np.shape(x)[axis] for axis in axes))


def log_softmax_error(x: Array, z: Array, axes: tuple[int, ...]) -> Array:
    """A bound of the rounding error of z = log_softmax(x)."""
    away = _from_largest(x, axes)
    beside = np.where(np.isfinite(z), np.abs(z + away), 0.0)
    return UNIT * (away + rest_units(x, axes) + 2 * beside + np.abs(z))


def complement_error(x: Array, axes: tuple[int, ...]) -> Array:
    """A bound of the rounding error of `complement_along`."""
    p = softmax_along(x, axes)
    units = strong_product(p, softmax_units(x, axes)) + rest_units(x, axes)
    return UNIT * (units + 2 * complement_along(x, axes))
