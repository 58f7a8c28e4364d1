"""Strong zeros: what is absent contributes nothing, whatever it is multiplied with.

A cotangent (or, going forward, a tangent) that is exactly 0 says that nothing depends on this
value, and then a local partial that is inf or NaN is of no consequence: 0 * inf is 0 here, not
NaN. It is the "absolute zero" multiplication of CppAD (`azmul`). IEEE arithmetic is right
wherever everything is finite, so each function tries that first and looks closer only where
its result is not finite.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.tensors import Array


def all_finite(array: Array) -> bool:
    """Whether no entry is inf or NaN. The sum alone settles it, nearly always."""
    return bool(np.isfinite(np.sum(array))) or bool(np.isfinite(array).all())


def strong_product(moving: Array, partial: Array) -> Array:
    """Moving * partial, where a 0 in `moving` wins over anything in `partial`."""
    product = moving * partial
    if all_finite(product):
        return product
    return np.where(np.equal(moving, 0), 0.0, product)


def strong_gate(moving: Array, partial: Array) -> Array:
    """The same for partials that are gates: a 0 in `partial` wins over anything, too."""
    product = moving * partial
    if all_finite(product):
        return product
    return np.where(np.equal(moving, 0) | np.equal(partial, 0), 0.0, product)


def strong_einsum(equation: str, *operands: Array, moving: int = 1) -> Array:
    """np.einsum in which a 0 in one of the first `moving` operands wins over anything."""
    result: Array = np.einsum(equation, *operands, optimize=len(operands) > 1)
    if all_finite(result):
        return result
    return _by_kinds(equation, operands, moving)


def _by_kinds(equation: str, everything: tuple[Array, ...], moving: int) -> Array:
    """The sum of the finite terms, and for the others a count of each kind.

    A term with a 0 in an operand that moves is dropped. One with a NaN, or with both an inf and
    a 0, is NaN; one with an inf and neither is an infinity with the product of the signs. Kinds
    are counted by contracting 0/1 masks, so that no array of all terms is ever made.
    """

    def count(*masks: Any) -> Array:
        numbers = [np.asarray(mask, dtype=np.float64) for mask in masks]
        total: Array = np.einsum(equation, *numbers, optimize=len(numbers) > 1)
        return total

    live = [np.not_equal(factor, 0) for factor in everything[:moving]]
    known = [~np.isnan(factor) for factor in everything]
    finite = [np.isfinite(factor) for factor in everything]
    nonzero = [np.not_equal(factor, 0) for factor in everything]
    signs = [np.where(np.isnan(factor), 0.0, np.sign(factor)) for factor in everything]

    def count_live(*conditions: Any) -> Array:
        """How many live terms meet all the conditions in every factor."""
        masks = [np.logical_and.reduce(of_factor) for of_factor in zip(*conditions, strict=True)]
        return count(
            *(mask & is_live for mask, is_live in zip(masks, live, strict=False)), *masks[moving:]
        )

    without_nan = count_live(known)
    infinite = count_live(known, nonzero) - count_live(finite, nonzero)
    nan = count_live([np.ones(np.shape(factor), dtype=bool) for factor in everything]) - without_nan
    nan = nan + (without_nan - count_live(finite) - infinite)  # these have an inf and a 0
    balance = count(*signs) - count(*(s * f for s, f in zip(signs, finite, strict=True)))
    upward, downward = infinite + balance > 0, infinite - balance > 0
    total = count(*(np.where(f, x, 0.0) for f, x in zip(finite, everything, strict=True)))
    total = np.where(upward, np.inf, np.where(downward, -np.inf, total))
    return np.where((nan > 0) | (upward & downward), np.nan, total)
