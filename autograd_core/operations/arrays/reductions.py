"""Reductions: what combines the elements along axes, and the running sum."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.operations.array_row import (
    ArrayOperation,
    Operands,
    Tangents,
    along_linear,
    exact_value,
    exact_vjp,
)
from autograd_core.operations.arrays import deviations
from autograd_core.operations.arrays.axes import (
    REDUCING,
    axes_of,
    axis_in,
    count_of,
    divided,
    reduced_shape,
    same_shape,
    slopes_vjp_tangent,
    spread,
    weights_jvp,
)
from autograd_core.operations.arrays.others import products_of_others, products_of_others_tangent
from autograd_core.operations.arrays.roundings import summed_value, summed_vjp
from autograd_core.operations.attributes import INTEGER, Attribute
from autograd_core.operations.operation import Attributes
from autograd_core.operations.rounded import UNIT
from autograd_core.operations.strong_zeros import strong_product
from autograd_core.tensors import Array


def _sum(operands: Operands, attributes: Attributes) -> Array:
    (x,) = operands
    total: Array = np.sum(x, axis=axes_of(x, attributes), keepdims=attributes["keepdims"])
    return total


def _sum_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    (x,) = operands
    return np.broadcast_to(spread(g, x, attributes), np.shape(x))


def _mean(operands: Operands, attributes: Attributes) -> Array:
    return divided(_sum(operands, attributes), count_of(operands[0], attributes))


def _mean_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    spread = _sum_vjp(i, g, operands, z, attributes)
    return divided(spread, count_of(operands[0], attributes))


def _mean_jvp(tangents: Tangents, operands: Operands, z: Array, attributes: Attributes) -> Array:
    """The mean of the tangent; 0 for that of nothing, which depends on nothing."""
    count = count_of(operands[0], attributes)
    if tangents[0] is None or not count:
        return np.zeros(np.shape(z))
    return divided(_sum([tangents[0]], attributes), count)


# prod: the partial along an element is the product of the others, zeros included.


def _prod(operands: Operands, attributes: Attributes) -> Array:
    (x,) = operands
    product: Array = np.prod(x, axis=axes_of(x, attributes), keepdims=attributes["keepdims"])
    return product


def _prod_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    (x,) = operands
    others = products_of_others(x, axes_of(x, attributes))
    return strong_product(spread(g, x, attributes), others)


def _prod_weights(tangent: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    return strong_product(tangent, products_of_others(x, axes_of(x, attributes)))


def _prod_slopes_tangent(tangent: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    return products_of_others_tangent(tangent, x, axes_of(x, attributes))


# max and min: ties share equally. Between ties nothing bends, and at a tie the shares are held.


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
    return strong_product(spread(g, x, attributes), _shares(x, z, attributes))


def _extreme_weights(tangent: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    return strong_product(tangent, _shares(x, z, attributes))


def _extreme_vjp_error(
    i: int, g: Array, operands: Operands, z: Array, error: Array, attributes: Attributes
) -> Array:
    """A share is a quotient, and rounded where it is not 1 or a half."""
    return UNIT * np.abs(_extreme_vjp(i, g, operands, z, attributes))


def _cumsum(operands: Operands, attributes: Attributes) -> Array:
    (x,) = operands
    running: Array = np.cumsum(x, axis=axis_in(np.shape(x), attributes["axis"], "cumsum"))
    return running


def _cumsum_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    axis = attributes["axis"]
    return np.flip(np.cumsum(np.flip(g, axis), axis=axis), axis)


# Roundings on the way to an element.


def _additions(operands: Operands, z: Array, attributes: Attributes) -> int:
    return count_of(operands[0], attributes) - 1


def _factors(operands: Operands, z: Array, attributes: Attributes) -> int:
    return count_of(operands[0], attributes)


def _steps(operands: Operands, z: Array, attributes: Attributes) -> int:
    return np.shape(z)[attributes["axis"]] - 1


ROWS: tuple[ArrayOperation, ...] = (
    ArrayOperation(
        name="sum",
        doc="Sum along axes.",
        shape_rule=reduced_shape("sum"),
        value_rule=_sum,
        vjp_rule=_sum_vjp,
        jvp_rule=along_linear(_sum),
        value_error_rule=summed_value(_sum, _additions),
        vjp_error_rule=exact_vjp,
        derivative="1 for every element",
        **REDUCING,
    ),
    ArrayOperation(
        name="mean",
        doc="Mean along axes.",
        shape_rule=reduced_shape("mean"),
        value_rule=_mean,
        vjp_rule=_mean_vjp,
        jvp_rule=_mean_jvp,
        value_error_rule=summed_value(_mean, _factors),
        vjp_error_rule=summed_vjp(_mean_vjp, lambda i, operands, z, attributes: 1),
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
        vjp_tangent_rule=slopes_vjp_tangent(_prod_slopes_tangent),
        value_error_rule=summed_value(_prod, _additions),
        vjp_error_rule=summed_vjp(
            _prod_vjp, lambda i, operands, z, attributes: _factors(operands, z, attributes)
        ),
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
            value_error_rule=exact_value,
            vjp_error_rule=_extreme_vjp_error,
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
    *deviations.ROWS,
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
        value_error_rule=summed_value(_cumsum, _steps),
        vjp_error_rule=summed_vjp(
            _cumsum_vjp, lambda i, operands, z, attributes: _steps(operands, z, attributes)
        ),
        derivative="1 for every element up to this one",
    ),
)
