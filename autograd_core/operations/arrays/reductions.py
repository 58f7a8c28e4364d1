"""Reductions: what combines the elements along axes, and the running sum."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.operations.array_row import ArrayOperation
from autograd_core.operations.arrays import deviations
from autograd_core.operations.arrays.along import sum_along
from autograd_core.operations.arrays.axes import (
    REDUCING,
    axes_of,
    axis_in,
    count_of,
    reduced_shape,
    reduction,
    same_shape,
    spread,
    summed,
)
from autograd_core.operations.arrays.others import products_of_others, products_of_others_tangent
from autograd_core.operations.arrays.unary import Value, axes_moved, never, unary
from autograd_core.operations.attributes import INTEGER, Attribute
from autograd_core.operations.broadcasting import repeated
from autograd_core.operations.operation import Attributes
from autograd_core.tensors import Array


def _sum_vjp(g: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    if not np.ndim(g):
        return repeated(g, np.shape(x))
    return np.broadcast_to(spread(g, x, attributes), np.shape(x))


def _mean(x: Array, attributes: Attributes) -> Array:
    return summed(x, attributes) / count_of(x, attributes)


def _mean_vjp(g: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    return _sum_vjp(g, x, z, attributes) / count_of(x, attributes)


def _mean_jvp(tangent: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    """The mean of the tangent; 0 for that of nothing, which depends on nothing."""
    return _mean(tangent, attributes) if count_of(x, attributes) else np.zeros(np.shape(z))


def _additions(x: Array, z: Array, attributes: Attributes) -> int:
    return int(count_of(x, attributes)) - 1


def _factors(x: Array, z: Array, attributes: Attributes) -> int:
    return int(count_of(x, attributes))


# prod: the partial along an element is the product of the others, zeros included.


def _others(x: Array, z: Array, attributes: Attributes) -> Array:
    return products_of_others(x, axes_of(x, attributes))


def _others_tangent(tangent: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    return products_of_others_tangent(tangent, x, axes_of(x, attributes))


# max and min: ties share equally. The partials change nowhere, the shares of a tie included.


def _shares(x: Array, z: Array, attributes: Attributes) -> Array:
    best = spread(z, x, attributes)
    chosen = np.where(np.isnan(best), np.isnan(x), np.equal(x, best)).astype(np.float64)
    return chosen / sum_along(chosen, axes_of(x, attributes))


def _shares_error(x: Array, z: Array, error: Array, attributes: Attributes) -> float:
    """A share is a quotient, and its product with the cotangent is exact wherever it is: one
    rounding, which is counted in any case.
    """
    return 0.0


def _reduced_by(reduce: Any) -> Value:
    """The value of a reduction that NumPy has."""

    def value(x: Array, attributes: Attributes) -> Array:
        result: Array = reduce(x, axis=axes_of(x, attributes), keepdims=attributes["keepdims"])
        return result

    return value


def _cumsum(x: Array, attributes: Attributes) -> Array:
    running: Array = np.cumsum(x, axis=axis_in(np.shape(x), attributes["axis"], "cumsum"))
    return running


def _steps(x: Array, z: Array, attributes: Attributes) -> int:
    return int(np.shape(x)[attributes["axis"]]) - 1


def _cumsum_vjp(g: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    axis = attributes["axis"]
    return np.flip(np.cumsum(np.flip(g, axis), axis=axis), axis)


ROWS: tuple[ArrayOperation, ...] = (
    unary(
        "sum",
        "Sum along axes.",
        reduced_shape("sum"),
        summed,
        _sum_vjp,
        roundings=_additions,
        vjp_roundings=never,
        stacked=axes_moved,
        derivative="1 for every element",
        **REDUCING,
    ),
    unary(
        "mean",
        "Mean along axes.",
        reduced_shape("mean"),
        _mean,
        _mean_vjp,
        _mean_jvp,
        roundings=_factors,
        vjp_roundings=lambda x, z, attributes: 1,
        stacked=axes_moved,
        derivative="1/n for every element, n the number of elements",
        **REDUCING,
    ),
    reduction(
        "prod",
        "Product along axes.",
        _reduced_by(np.prod),
        _others,
        _others_tangent,
        roundings=_additions,
        vjp_roundings=_factors,
        tangent="prod(x)*sum(dx/x)",
        derivative="the product of the other elements",
        conventions="exact through zeros",
    ),
    *(
        reduction(
            name,
            f"{word} element along axes.",
            _reduced_by(reduce),
            _shares,
            needs_elements=True,
            roundings=never,
            partials_error=_shares_error,
            tangent=f"sum((x == {name}(x))*dx)/sum(x == {name}(x))",
            derivative="1 at the chosen element, 0 elsewhere",
            conventions="ties share equally",
            analytic=False,
            aliases=(f"a{name}",),
        )
        for name, word, reduce in (("max", "Largest", np.max), ("min", "Smallest", np.min))
    ),
    *deviations.ROWS,
    unary(
        "cumsum",
        "Running sum along an axis.",
        same_shape("cumsum"),
        _cumsum,
        _cumsum_vjp,
        category="reduction",
        attributes=(Attribute("axis", INTEGER, "the axis to run along", 0),),
        aliases=("cumulative_sum",),
        roundings=_steps,
        vjp_roundings=_steps,
        stacked=axes_moved,
        derivative="1 for every element up to this one",
    ),
)
