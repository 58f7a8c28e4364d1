"""Deviations: var, std and norm, how far elements are from their mean, or from 0."""

from __future__ import annotations

import numpy as np

from autograd_core.operations.array_row import ArrayOperation
from autograd_core.operations.arrays.along import max_along, sum_along
from autograd_core.operations.arrays.axes import (
    AXES_ATTRIBUTE,
    KEEPDIMS,
    axes_of,
    count_of,
    dropped,
    reduction,
    spread,
    summed,
)
from autograd_core.operations.arrays.others import sums_of_others
from autograd_core.operations.attributes import INTEGER, Attribute
from autograd_core.operations.operation import Attributes
from autograd_core.operations.pieces import look_before
from autograd_core.operations.rounded import UNIT
from autograd_core.operations.strong_zeros import strong_product
from autograd_core.tensors import Array

_VARYING = (AXES_ATTRIBUTE, KEEPDIMS, Attribute("ddof", INTEGER, "divide by n - ddof", 0))


def _deviations(x: Array, attributes: Attributes) -> Array:
    """x - mean(x), centred twice: the first mean is rounded at the size of x, not of x - mean."""
    axes, count = axes_of(x, attributes), count_of(x, attributes)
    for _ in range(2):
        look_before(x)
        x = x - sum_along(x, axes) / count
    return x


def _degrees(x: Array, attributes: Attributes) -> np.float64:
    """Of freedom: what the sum of squares is divided by."""
    return count_of(x, attributes) - np.float64(attributes["ddof"])


def _var(x: Array, attributes: Attributes) -> Array:
    deviations = _deviations(x, attributes)
    return summed(deviations * deviations, attributes) / _degrees(x, attributes)


def _var_partials(x: Array, z: Array, attributes: Attributes) -> Array:
    return 2 * _deviations(x, attributes) / _degrees(x, attributes)


def _var_partials_tangent(tangent: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    moved = 2 * _deviations(tangent, attributes)
    return strong_product(moved, np.divide(1.0, _degrees(x, attributes)))


def _std(x: Array, attributes: Attributes) -> Array:
    length = _length(_deviations(x, attributes), axes_of(x, attributes))
    return dropped(length, x, attributes) / np.sqrt(_degrees(x, attributes))


def _std_partials(x: Array, z: Array, attributes: Attributes) -> Array:
    unit = _quotient(_deviations(x, attributes), spread(z, x, attributes))
    return unit / _degrees(x, attributes)


def _std_partials_tangent(tangent: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    root = np.sqrt(_degrees(x, attributes))
    length = root * spread(z, x, attributes)
    unit = _quotient(_deviations(x, attributes), length)
    moved = _deviations(tangent, attributes)
    return strong_product(
        _unit_tangent(moved, unit, length, axes_of(x, attributes)), np.divide(1.0, root)
    )


def _quotient(x: Array, z: Array) -> Array:
    """The quotient x / z, and 0 where z is 0."""
    look_before(x)
    still = np.equal(z, 0)
    return np.where(still, 0.0, x / np.where(still, 1.0, z))


def _length(x: Array, axes: tuple[int, ...]) -> Array:
    """Euclidean length along axes, kept; scaled where the squares leave the range of binary64."""
    look_before(x)
    squares = sum_along(x * x, axes)
    sizes = np.real(squares)
    if np.size(x) == 0 or bool(((sizes > _SMALLEST_SQUARE) & (sizes < np.inf)).all()):
        return np.sqrt(squares)
    look_before(x)
    largest = max_along(np.abs(x), axes)
    scale = np.where((largest > 0) & (largest < np.inf), largest, 1.0)
    scaled = x / scale
    return scale * np.sqrt(sum_along(scaled * scaled, axes))


# Below this a sum of squares may have lost digits to subnormal terms.
_SMALLEST_SQUARE = 1e-280


def _norm(x: Array, attributes: Attributes) -> Array:
    return dropped(_length(x, axes_of(x, attributes)), x, attributes)


def _norm_partials(x: Array, z: Array, attributes: Attributes) -> Array:
    return _unit(x, spread(z, x, attributes), axes_of(x, attributes))


def _unit(x: Array, length: Array, axes: tuple[int, ...]) -> Array:
    """x/length, and 0 where that is 0; of moderate numbers where it overflows or is subnormal."""
    ordinary = np.equal(length, 0) | ((length > _SMALLEST) & (length < np.inf))
    if bool(np.all(ordinary)):
        return _quotient(x, length)
    look_before(x)
    scaled = x * np.where(ordinary, 1.0, np.where(length < 1, 2.0**600, 2.0**-600))
    return _quotient(scaled, np.where(ordinary, length, _length(scaled, axes)))


# Lengths below may be subnormal; digits of them are lost.
_SMALLEST = 1e-300


def _norm_partials_tangent(tangent: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    length = spread(z, x, attributes)
    axes = axes_of(x, attributes)
    return _unit_tangent(tangent, _unit(x, length, axes), length, axes)


def _unit_tangent(tangent: Array, unit: Array, length: Array, axes: tuple[int, ...]) -> Array:
    """The tangent of unit = x/length as x moves; 0 where the length is.

    (t - unit*sum(unit*t))/length, without the part of each element's own t, which cancels: what
    is left is t_i times the other units' squares, less unit_i times the others' unit*t.
    """
    look_before(unit)
    across = strong_product(tangent, sums_of_others(unit * unit, axes))
    along = sums_of_others(strong_product(tangent, unit), axes)
    look_before(unit)
    moved = across - strong_product(along, unit)
    return np.where(np.equal(moved, 0), 0.0, _quotient(moved, length))


# Rounding. What the mean is off shifts all deviations alike, which their squares do not feel to
# first order; a square or a length is off by the roundings on the way to it, relative to itself.


def _length_error(x: Array, z: Array, attributes: Attributes) -> Array:
    return UNIT * (count_of(x, attributes) + 8) * np.abs(z)


def _deviations_error(x: Array, attributes: Attributes) -> Array:
    """Each is rounded twice, and off by what the second mean is off."""
    sizes, count = np.abs(_deviations(x, attributes)), count_of(x, attributes)
    mean = sum_along(sizes, axes_of(x, attributes)) / count
    return UNIT * (2 * sizes + (count + 1) * mean)


def _var_partials_error(x: Array, z: Array, error: Array, attributes: Attributes) -> Array:
    own = 2 * _deviations_error(x, attributes) / _degrees(x, attributes)
    return own + UNIT * np.abs(_var_partials(x, z, attributes))


def _std_partials_error(x: Array, z: Array, error: Array, attributes: Attributes) -> Array:
    partials, length = np.abs(_std_partials(x, z, attributes)), spread(z, x, attributes)
    own = _quotient(_deviations_error(x, attributes), length) / _degrees(x, attributes)
    return own + strong_product(partials, _quotient(error, length) + 2 * UNIT)


def _norm_partials_error(x: Array, z: Array, error: Array, attributes: Attributes) -> Array:
    partials, length = np.abs(_norm_partials(x, z, attributes)), spread(z, x, attributes)
    return strong_product(partials, _quotient(error, length) + UNIT)


ROWS: tuple[ArrayOperation, ...] = (
    reduction(
        "var",
        "Variance along axes.",
        _var,
        _var_partials,
        _var_partials_tangent,
        error=_length_error,
        partials_error=_var_partials_error,
        attributes=_VARYING,
        formula="mean((x - mean(x))**2)",
        tangent="2*mean((x - mean(x))*dx)",
        derivative="2*(x - mean(x))/(n - ddof), n the number of elements",
        conventions="divides by n - ddof, ddof 0",
    ),
    reduction(
        "std",
        "Standard deviation along axes.",
        _std,
        _std_partials,
        _std_partials_tangent,
        error=_length_error,
        partials_error=_std_partials_error,
        attributes=_VARYING,
        formula="sqrt(mean((x - mean(x))**2))",
        tangent="mean((x - mean(x))*dx)/std(x)",
        derivative="(x - mean(x))/((n - ddof)*std(x)), n the number of elements",
        conventions="divides by n - ddof, ddof 0; gradient 0 where it is 0",
    ),
    reduction(
        "norm",
        "Euclidean length (2-norm) along axes, without overflow.",
        _norm,
        _norm_partials,
        _norm_partials_tangent,
        error=_length_error,
        partials_error=_norm_partials_error,
        formula="sqrt(sum(x**2))",
        tangent="sum(x*dx)/norm(x)",
        derivative="x/norm(x)",
        conventions="gradient 0 where it is 0",
    ),
)
