"""Deviations: var, std and norm, how far elements are from their mean, or from 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.operations.array_row import ArrayOperation, Operands
from autograd_core.operations.arrays.axes import (
    AXES_ATTRIBUTE,
    KEEPDIMS,
    REDUCING,
    axes_of,
    count_of,
    divided,
    dropped,
    sloped,
    spread,
)
from autograd_core.operations.arrays.others import sums_of_others
from autograd_core.operations.attributes import INTEGER, Attribute
from autograd_core.operations.operation import Attributes
from autograd_core.operations.rounded import UNIT
from autograd_core.operations.strong_zeros import strong_product
from autograd_core.tensors import Array

_DDOF = Attribute("ddof", INTEGER, "divide by n - ddof", 0)
_VARYING: dict[str, Any] = {
    "category": "reduction",
    "attributes": (AXES_ATTRIBUTE, KEEPDIMS, _DDOF),
}


def _deviations(x: Array, attributes: Attributes) -> Array:
    """x - mean(x), centred twice: the first mean is rounded at the size of x, not of x - mean."""
    axes, count = axes_of(x, attributes), np.float64(count_of(x, attributes))
    for _ in range(2):
        x = x - np.divide(np.sum(x, axis=axes, keepdims=True), count)
    return x


def _var(operands: Operands, attributes: Attributes) -> Array:
    (x,) = operands
    deviations = _deviations(x, attributes)
    total = np.sum(
        deviations * deviations, axis=axes_of(x, attributes), keepdims=attributes["keepdims"]
    )
    return divided(total, count_of(x, attributes) - attributes["ddof"])


def _var_slopes(x: Array, z: Array, attributes: Attributes) -> Array:
    return divided(2 * _deviations(x, attributes), count_of(x, attributes) - attributes["ddof"])


def _var_slopes_tangent(tangent: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    degrees = np.float64(count_of(x, attributes) - attributes["ddof"])
    return strong_product(2 * _deviations(tangent, attributes), np.divide(1.0, degrees))


def _std(operands: Operands, attributes: Attributes) -> Array:
    (x,) = operands
    count, lost = count_of(x, attributes), attributes["ddof"]
    deviations = _deviations(x, attributes)
    length = dropped(_length(deviations, axes_of(x, attributes)), x, attributes)
    return length / np.sqrt(np.float64(count - lost))


def _std_slopes(x: Array, z: Array, attributes: Attributes) -> Array:
    degrees = count_of(x, attributes) - attributes["ddof"]
    return divided(_ratio(_deviations(x, attributes), spread(z, x, attributes)), degrees)


def _std_slopes_tangent(tangent: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    root = np.sqrt(np.float64(count_of(x, attributes) - attributes["ddof"]))
    length = root * spread(z, x, attributes)
    unit = _ratio(_deviations(x, attributes), length)
    moved = _deviations(tangent, attributes)
    return strong_product(
        _unit_tangent(moved, unit, length, axes_of(x, attributes)), np.divide(1.0, root)
    )


def _ratio(x: Array, z: Array) -> Array:
    """X / z, and 0 where z is 0."""
    still = np.equal(z, 0)
    return np.where(still, 0.0, x / np.where(still, 1.0, z))


def _length(x: Array, axes: tuple[int, ...]) -> Array:
    """Euclidean length along axes, kept; scaled where the squares leave the range of binary64."""
    squares = np.sum(x * x, axis=axes, keepdims=True)
    sizes = np.real(squares)
    if np.size(x) == 0 or bool(((sizes > _SMALLEST_SQUARE) & (sizes < np.inf)).all()):
        return np.sqrt(squares)
    largest = np.max(np.abs(x), axis=axes, keepdims=True)
    scale = np.where((largest > 0) & (largest < np.inf), largest, 1.0)
    scaled = x / scale
    return scale * np.sqrt(np.sum(scaled * scaled, axis=axes, keepdims=True))


# Below this a sum of squares may have lost digits to subnormal terms.
_SMALLEST_SQUARE = 1e-280


def _norm(operands: Operands, attributes: Attributes) -> Array:
    (x,) = operands
    return dropped(_length(x, axes_of(x, attributes)), x, attributes)


def _norm_slopes(x: Array, z: Array, attributes: Attributes) -> Array:
    return _unit(x, spread(z, x, attributes), axes_of(x, attributes))


def _unit(x: Array, length: Array, axes: tuple[int, ...]) -> Array:
    """x/length, and 0 where that is 0; of moderate numbers where it overflows or is subnormal."""
    ordinary = np.equal(length, 0) | ((length > _SMALLEST) & (length < np.inf))
    if bool(np.all(ordinary)):
        return _ratio(x, length)
    scaled = x * np.where(ordinary, 1.0, np.where(length < 1, 2.0**600, 2.0**-600))
    return _ratio(scaled, np.where(ordinary, length, _length(scaled, axes)))


# Lengths below may be subnormal; digits of them are lost.
_SMALLEST = 1e-300


def _norm_slopes_tangent(tangent: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    length = spread(z, x, attributes)
    axes = axes_of(x, attributes)
    return _unit_tangent(tangent, _unit(x, length, axes), length, axes)


def _unit_tangent(tangent: Array, unit: Array, length: Array, axes: tuple[int, ...]) -> Array:
    """The tangent of unit = x/length as x moves; 0 where the length is.

    (t - unit*sum(unit*t))/length, without the part of each element's own t, which cancels: what
    is left is t_i times the other units' squares, less unit_i times the others' unit*t.
    """
    across = strong_product(tangent, sums_of_others(unit * unit, axes))
    along = sums_of_others(strong_product(tangent, unit), axes)
    moved = across - strong_product(along, unit)
    return np.where(np.equal(moved, 0), 0.0, _ratio(moved, length))


# Rounding. What the mean is off shifts all deviations alike, which their squares do not feel to
# first order; a square or a length is off by the roundings on the way to it, relative to itself.


def _length_error(operands: Operands, z: Array, attributes: Attributes) -> Array:
    return UNIT * (count_of(operands[0], attributes) + 8) * np.abs(z)


def _deviations_error(x: Array, attributes: Attributes) -> Array:
    """Each is rounded twice, and off by what the second mean is off."""
    sizes, count = np.abs(_deviations(x, attributes)), count_of(x, attributes)
    mean = np.sum(sizes, axis=axes_of(x, attributes), keepdims=True) / np.float64(count)
    return UNIT * (2 * sizes + (count + 1) * mean)


def _var_slopes_error(x: Array, z: Array, error: Array, attributes: Attributes) -> Array:
    slopes = np.abs(_var_slopes(x, z, attributes))
    degrees = count_of(x, attributes) - attributes["ddof"]
    return divided(2 * _deviations_error(x, attributes), degrees) + UNIT * slopes


def _std_slopes_error(x: Array, z: Array, error: Array, attributes: Attributes) -> Array:
    slopes, length = np.abs(_std_slopes(x, z, attributes)), spread(z, x, attributes)
    degrees = count_of(x, attributes) - attributes["ddof"]
    own = divided(_ratio(_deviations_error(x, attributes), length), degrees)
    return own + strong_product(slopes, _ratio(error, length) + 2 * UNIT)


def _norm_slopes_error(x: Array, z: Array, error: Array, attributes: Attributes) -> Array:
    slopes, length = np.abs(_norm_slopes(x, z, attributes)), spread(z, x, attributes)
    return strong_product(slopes, _ratio(error, length) + UNIT)


ROWS: tuple[ArrayOperation, ...] = (
    sloped(
        "var",
        _var,
        _var_slopes,
        _var_slopes_tangent,
        _VARYING,
        doc="Variance along axes.",
        derivative="2*(x - mean)/(n - ddof)",
        value_error_rule=_length_error,
        slopes_error=_var_slopes_error,
        conventions="divides by n - ddof, ddof 0",
    ),
    sloped(
        "std",
        _std,
        _std_slopes,
        _std_slopes_tangent,
        _VARYING,
        doc="Standard deviation along axes.",
        derivative="(x - mean)/((n - ddof)*z)",
        value_error_rule=_length_error,
        slopes_error=_std_slopes_error,
        conventions="divides by n - ddof, ddof 0; gradient 0 where it is 0",
    ),
    sloped(
        "norm",
        _norm,
        _norm_slopes,
        _norm_slopes_tangent,
        REDUCING,
        doc="Euclidean length (2-norm) along axes, without overflow.",
        derivative="x/z",
        value_error_rule=_length_error,
        slopes_error=_norm_slopes_error,
        conventions="gradient 0 where it is 0",
    ),
)
