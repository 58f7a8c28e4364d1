"""Reductions: what combines the elements along axes, and the running sum."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.operations.arrays.axes import (
    AXES_ATTRIBUTE,
    KEEPDIMS,
    REDUCING,
    axes_of,
    axis_in,
    count_of,
    dropped,
    reduced_shape,
    same_shape,
    sloped,
    spread,
    weights_jvp,
)
from autograd_core.operations.arrays.row import ArrayOperation, Operands, along_linear
from autograd_core.operations.attributes import INTEGER, Attribute
from autograd_core.operations.operation import Attributes
from autograd_core.operations.strong import strong_gate, strong_product
from autograd_core.tensors import Array

DDOF = Attribute("ddof", INTEGER, "divide by n - ddof", 0)


def _divided(total: Array, count: int) -> Array:
    """Total / count by IEEE rules, an int 0 included."""
    return np.divide(total, np.float64(count))


def _sum(operands: Operands, attributes: Attributes) -> Array:
    (x,) = operands
    total: Array = np.sum(x, axis=axes_of(x, attributes), keepdims=attributes["keepdims"])
    return total


def _sum_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    (x,) = operands
    return np.broadcast_to(spread(g, x, attributes), np.shape(x))


def _mean(operands: Operands, attributes: Attributes) -> Array:
    return _divided(_sum(operands, attributes), count_of(operands[0], attributes))


def _mean_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    spread = _sum_vjp(i, g, operands, z, attributes)
    return _divided(spread, count_of(operands[0], attributes))


# prod: the partial along an element is the product of the others, zeros included.


def _products_of_others(x: Array, axes: tuple[int, ...]) -> Array:
    """For each element, the product of the other elements along the axes."""
    moved = np.moveaxis(x, axes, range(-len(axes), 0)) if axes else np.asarray(x)[..., None]
    rows = np.reshape(moved, (*np.shape(moved)[: np.ndim(moved) - max(1, len(axes))], -1))
    one = np.ones((*np.shape(rows)[:-1], 1))
    before = np.concatenate([one, np.cumprod(rows[..., :-1], axis=-1)], axis=-1)
    after = np.cumprod(rows[..., :0:-1], axis=-1)[..., ::-1]
    others = np.reshape(before * np.concatenate([after, one], axis=-1), np.shape(moved))
    return np.moveaxis(others, range(-len(axes), 0), axes) if axes else others[..., 0]


def _prod(operands: Operands, attributes: Attributes) -> Array:
    (x,) = operands
    product: Array = np.prod(x, axis=axes_of(x, attributes), keepdims=attributes["keepdims"])
    return product


def _prod_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    (x,) = operands
    if np.size(x) == 0:
        return np.zeros(np.shape(x))
    others = _products_of_others(x, axes_of(x, attributes))
    return strong_product(spread(g, x, attributes), others)


def _prod_weights(tangent: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    if np.size(x) == 0:
        return np.zeros(np.shape(x))
    return strong_product(tangent, _products_of_others(x, axes_of(x, attributes)))


# max and min: ties share equally.


def _shares(x: Array, z: Array, attributes: Attributes) -> Array:
    best = spread(z, x, attributes)
    chosen = np.where(np.isnan(best), np.isnan(x), np.equal(x, best)).astype(np.float64)
    return chosen / np.sum(chosen, axis=axes_of(x, attributes), keepdims=True)


def _extreme(reduce: Any) -> Any:
    def value(operands: Operands, attributes: Attributes) -> Array:
        (x,) = operands
        best: Array = reduce(x, axis=axes_of(x, attributes), keepdims=attributes["keepdims"])
        return best

    return value


def _extreme_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    (x,) = operands
    return strong_gate(spread(g, x, attributes), _shares(x, z, attributes))


def _extreme_weights(tangent: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    return strong_gate(tangent, _shares(x, z, attributes))


# var, std and norm: the deviation over what it is measured with.


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
    return _divided(total, count_of(x, attributes) - attributes["ddof"])


def _var_slopes(x: Array, z: Array, attributes: Attributes) -> Array:
    return _divided(2 * _deviations(x, attributes), count_of(x, attributes) - attributes["ddof"])


def _std(operands: Operands, attributes: Attributes) -> Array:
    (x,) = operands
    count, lost = count_of(x, attributes), attributes["ddof"]
    deviations = _deviations(x, attributes)
    length = dropped(_length(deviations, axes_of(x, attributes)), x, attributes)
    return length / np.sqrt(np.float64(count - lost))


def _std_slopes(x: Array, z: Array, attributes: Attributes) -> Array:
    degrees = count_of(x, attributes) - attributes["ddof"]
    return _divided(_ratio(_deviations(x, attributes), spread(z, x, attributes)), degrees)


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
    return _ratio(x, spread(z, x, attributes))


def _cumsum(operands: Operands, attributes: Attributes) -> Array:
    (x,) = operands
    running: Array = np.cumsum(x, axis=axis_in(np.shape(x), attributes["axis"], "cumsum"))
    return running


def _cumsum_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    axis = attributes["axis"]
    return np.flip(np.cumsum(np.flip(g, axis), axis=axis), axis)


_VARYING: dict[str, Any] = {"category": "reduction", "attributes": (AXES_ATTRIBUTE, KEEPDIMS, DDOF)}


ROWS: tuple[ArrayOperation, ...] = (
    ArrayOperation(
        name="sum",
        doc="Sum along axes.",
        shape_rule=reduced_shape("sum"),
        value_rule=_sum,
        vjp_rule=_sum_vjp,
        jvp_rule=along_linear(_sum),
        derivative="1 for every element",
        **REDUCING,
    ),
    ArrayOperation(
        name="mean",
        doc="Mean along axes.",
        shape_rule=reduced_shape("mean"),
        value_rule=_mean,
        vjp_rule=_mean_vjp,
        jvp_rule=along_linear(_mean),
        derivative="1/n for every element",
        **REDUCING,
    ),
    ArrayOperation(
        name="prod",
        doc="Product along axes.",
        shape_rule=reduced_shape("prod"),
        value_rule=_prod,
        vjp_rule=_prod_vjp,
        jvp_rule=weights_jvp(_prod_weights),
        derivative="the product of the other elements",
        conventions="exact through zeros",
        **REDUCING,
    ),
    *(
        ArrayOperation(
            name=name,
            doc=f"{word} element along axes.",
            shape_rule=reduced_shape(name, needs_elements=True),
            value_rule=_extreme(reduce),
            vjp_rule=_extreme_vjp,
            jvp_rule=weights_jvp(_extreme_weights),
            derivative="1 at the chosen element, 0 elsewhere",
            conventions="ties share equally",
            analytic=False,
            aliases=(alias,),
            **REDUCING,
        )
        for name, word, reduce, alias in (
            ("max", "Largest", np.max, "amax"),
            ("min", "Smallest", np.min, "amin"),
        )
    ),
    sloped(
        "var",
        _var,
        _var_slopes,
        _VARYING,
        doc="Variance along axes.",
        derivative="2*(x - mean)/(n - ddof)",
        conventions="divides by n - ddof, ddof 0",
    ),
    sloped(
        "std",
        _std,
        _std_slopes,
        _VARYING,
        doc="Standard deviation along axes.",
        derivative="(x - mean)/((n - ddof)*z)",
        conventions="divides by n - ddof, ddof 0; gradient 0 where it is 0",
    ),
    sloped(
        "norm",
        _norm,
        _norm_slopes,
        REDUCING,
        doc="Euclidean length (2-norm) along axes, without overflow.",
        derivative="x/z",
        conventions="gradient 0 where it is 0",
    ),
    ArrayOperation(
        name="cumsum",
        doc="Running sum along an axis.",
        category="reduction",
        attributes=(Attribute("axis", INTEGER, "the axis to run along", 0),),
        aliases=("cumulative_sum",),
        shape_rule=same_shape("cumsum"),
        value_rule=_cumsum,
        vjp_rule=_cumsum_vjp,
        jvp_rule=along_linear(_cumsum),
        derivative="1 for every element up to this one",
    ),
)
