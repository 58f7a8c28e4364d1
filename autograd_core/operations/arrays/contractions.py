"""Sums of products over shared axes, within the current deadline; those with strong zeros."""

from __future__ import annotations

import math
import string
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np

from autograd_core.limits import look
from autograd_core.operations.arrays.equations import Contraction, Step, read_equation, without
from autograd_core.operations.pieces import over_stacks
from autograd_core.operations.strong_zeros import all_finite, note_stopped
from autograd_core.tensors import Array, Shape

# Factors multiplied in one loop: some tenths of a second.
_AT_ONCE: Final = 200_000_000


def contract(contraction: Contraction, operands: Sequence[Array]) -> Array:
    """The sum of products, in NumPy's greedy order, with a look at the clock before each step."""
    waiting = [contraction.reduced(at, operand) for at, operand in enumerate(operands)]
    for step in contraction.steps:
        taken, waiting = without(step.positions, waiting)
        if len(taken) == 2:  # by way of a matrix product
            look()
            waiting.append(_by_matrices(step, *taken))
        else:  # the last first, as NumPy has it
            subscripts = step.subscripts[::-1]
            waiting.append(_in_one_loop(subscripts, step.result, taken[::-1], step.lengths))
    return waiting[0]


def _by_matrices(step: Step, a: Array, b: Array) -> Array:
    """Two operands, by a product of matrices if there is one.

    np.einsum does the same, once it has parsed the equation, and lays its result out as it comes.
    Here the result has the axis innermost in memory that the larger operand has there, or else its
    own last one: what is laid out alike NumPy goes through in one loop.
    """
    one, other = step.subscripts
    larger, subscript = (a, one) if a.size >= b.size else (b, other)
    strides = larger.strides
    innermost = subscript[strides.index(min(strides))] if strides else ""
    product = _product_of(one, other, step.result, a.shape, b.shape, innermost)
    if product is None:
        result: Array = np.einsum(step.equation, a, b, optimize=True)
        return result
    first = a.transpose(product.of_a).reshape(product.shape_a)
    second = b.transpose(product.of_b).reshape(product.shape_b)
    made = np.matmul(second, first) if product.turned else np.matmul(first, second)
    return made.reshape(product.shape).transpose(product.order)


class _Product(NamedTuple):
    """A product of matrices: how the axes of its operands are ordered and joined, whether the first
    of them is on the right, and how the axes of what it gives are parted and ordered.
    """

    of_a: Sequence[int]
    shape_a: Shape
    of_b: Sequence[int]
    shape_b: Shape
    turned: bool
    shape: Shape
    order: Sequence[int]


@lru_cache(maxsize=256)
def _product_of(
    one: str, other: str, result: str, a: Shape, b: Shape, innermost: str
) -> _Product | None:
    """The product for operands of these subscripts and shapes; None where an axis is in one of them
    alone, or twice in one, or nothing is summed over.
    """
    summed = "".join(letter for letter in one if letter in other and letter not in result)
    kept = {*one} ^ {*other}
    repeated = len({*one}) < len(one) or len({*other}) < len(other)
    if repeated or not summed or not kept.issubset(result):
        return None
    batch = "".join(letter for letter in result if letter not in kept)
    left = "".join(letter for letter in result if letter in kept and letter in one)
    right = "".join(letter for letter in result if letter in kept and letter in other)
    turned = (innermost if innermost in kept else result[-1:]) in left
    if turned:  # its rows are those of b
        groups_a, groups_b, made = (summed, left), (right, summed), batch + right + left
    else:
        groups_a, groups_b, made = (left, summed), (summed, right), batch + left + right
    lengths = {**dict(zip(one, a, strict=True)), **dict(zip(other, b, strict=True))}
    stack = tuple(lengths[letter] for letter in batch)
    shape_a, shape_b = (
        (*stack, *(math.prod(lengths[letter] for letter in group) for group in groups))
        for groups in (groups_a, groups_b)
    )
    return _Product(
        [one.index(letter) for letter in batch + "".join(groups_a)],
        shape_a,
        [other.index(letter) for letter in batch + "".join(groups_b)],
        shape_b,
        turned,
        tuple(lengths[letter] for letter in made),
        [made.index(letter) for letter in result],
    )


def _in_one_loop(
    subscripts: Sequence[str], result: str, operands: Sequence[Array], lengths: Mapping[str, int]
) -> Array:
    """One operand, or many at once; a long loop is halved along its longest axis."""
    if math.prod(lengths.values()) * len(subscripts) <= _AT_ONCE:
        look()
        total: Array = np.einsum(",".join(subscripts) + "->" + result, *operands)
        return total
    axis = max(lengths, key=lengths.__getitem__)
    half = lengths[axis] // 2
    parts = []
    for piece, length in ((slice(half), half), (slice(half, None), lengths[axis] - half)):
        cut = [
            operand[tuple(piece if letter == axis else slice(None) for letter in subscript)]
            for subscript, operand in zip(subscripts, operands, strict=True)
        ]
        parts.append(_in_one_loop(subscripts, result, cut, {**lengths, axis: length}))
    if axis in result:
        return np.concatenate(parts, axis=result.index(axis))
    return parts[0] + parts[1]


def strong_einsum(equation: str, *operands: Array) -> Array:
    """np.einsum in which a term with a factor of 0 is no term, whatever the others are."""
    shapes = [np.shape(operand) for operand in operands]
    return strong_contract(read_equation(equation, shapes), operands)


def strong_contract(contraction: Contraction, operands: Sequence[Array]) -> Array:
    """`contract`, in which a term with a factor of 0 is no term, whatever the others are."""
    result = contract(contraction, operands)
    return result if all_finite(result) else _by_kinds(contraction, operands)


def _by_kinds(contraction: Contraction, factors: Sequence[Array]) -> Array:
    """The sum of the finite terms, and for the others a count of each kind.

    A term with a 0 is dropped. One with a NaN is NaN; one with an inf is an infinity with the
    product of the signs. Kinds are counted by contracting 0/1 masks, so that no array of all
    terms is ever made.
    """

    def count(*masks: Any) -> Array:
        return contract(contraction, [np.asarray(mask, dtype=np.float64) for mask in masks])

    live = [np.not_equal(factor, 0) for factor in factors]
    known = [~np.isnan(factor) for factor in factors]
    finite = [np.isfinite(factor) for factor in factors]
    without_nan = count(*map(np.logical_and, live, known))
    within_range = count(*map(np.logical_and, live, finite))
    nan, infinite = count(*live) - without_nan, without_nan - within_range
    every = [np.ones(np.shape(factor)) for factor in factors]
    note_stopped(bool(np.any(count(*every) - count(*finite) > nan + infinite)))
    signs = [np.where(np.isnan(factor), 0.0, np.sign(factor)) for factor in factors]
    balance = count(*signs) - count(*map(np.multiply, signs, finite))
    upward, downward = infinite + balance > 0, infinite - balance > 0
    total = count(*(np.where(f, x, 0.0) for f, x in zip(finite, factors, strict=True)))
    total = np.where(upward, np.inf, np.where(downward, -np.inf, total))
    return np.where((nan > 0) | (upward & downward), np.nan, total)


@over_stacks
def strong_matmul(a: Array, b: Array) -> Array:
    """a @ b for stacks of matrices, zeros being strong in each of the products."""
    product = _stacked_product(a, b)
    return product if all_finite(product) else strong_einsum("...ij,...jk->...ik", a, b)


# Matrices of fewer rows than this are multiplied with the same one all together: NumPy does so one
# after another, which for a row each is a product with a vector.
_FEW: Final = 16


def _stacked_product(a: Array, b: Array) -> Array:
    """a @ b; where all of many small matrices meet the same one, as a single product."""
    if a.ndim > 2 or b.ndim > 2:
        if a.shape[-2] < _FEW and _repeats(b, a.shape[:-2]):
            return _rows_times(a, b)
        if b.shape[-1] == 1 and _repeats(a, b.shape[:-2]):
            return transposed(_rows_times(transposed(b), transposed(a)))
    product: Array = np.matmul(a, b)
    return product


def _repeats(array: Array, stack: Shape) -> bool:
    """Whether it is the same matrix for all of a stack that is as large as its own or larger."""
    own, strides = array.shape[:-2], array.strides[:-2]
    if len(own) > len(stack) or not all(stack) or not array.size:
        return False
    return all(
        length == 1 or (stride == 0 and length == wide)
        for length, stride, wide in zip(own, strides, stack[len(stack) - len(own) :], strict=True)
    )


def _rows_times(a: Array, b: Array) -> Array:
    """Matrices times the one that b repeats."""
    flat = a.reshape(-1, a.shape[-1]) @ b[(0,) * (b.ndim - 2)]
    return flat.reshape((*a.shape[:-1], b.shape[-1]))


def transposed(array: Array) -> Array:
    """The last two axes swapped."""
    return array.mT


def contracted(shape: Shape, a: Array, b: Array) -> Array:
    """a @ b.T summed over the stack axes that `shape` does not have, or has as 1.

    a: (..., n, m); b: (..., k, m); shape: (..., n, k). Zeros are strong. The sum happens inside
    the contraction: the product over all stacks, which may be far larger than either, is not made.
    """
    stack, other = a.shape[:-2], b.shape[:-2]
    if stack != other:  # NumPy takes as long to find that they are one as for a small product
        stack = np.broadcast_shapes(stack, other)
    if shape[:-2] == stack:
        return strong_matmul(a, transposed(b))
    letters = string.ascii_lowercase[: len(stack)]
    first, second = (letters[len(stack) + 2 - np.ndim(each) :] for each in (a, b))
    own = letters[len(stack) + 2 - len(shape) :]
    kept = "".join(letter for letter, length in zip(own, shape, strict=False) if length != 1)
    return np.reshape(strong_einsum(f"{first}NM,{second}KM->{kept}NK", a, b), shape)
