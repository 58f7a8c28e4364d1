"""All but one: what the other elements along axes come to, for every element at once.

In linear time and without division, so that a zero is a number like any other, and without
taking an element's own part off a total, so that no digits are lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.operations.array_row import size
from autograd_core.operations.pieces import look_before
from autograd_core.operations.strong_zeros import strong_product
from autograd_core.tensors import Array, Shape


def as_rows(x: Any, axes: tuple[int, ...]) -> Any:
    """An array with `axes` made into one, its last. No axes are an axis of length 1."""
    moved = np.moveaxis(x, axes, range(-len(axes), 0))
    kept = np.shape(moved)[: np.ndim(x) - len(axes)]
    return np.reshape(moved, (*kept, size(tuple(np.shape(x)[axis] for axis in axes))))


def from_rows(rows: Any, shape: Shape, axes: tuple[int, ...]) -> Any:
    """The inverse; shape: the array's."""
    lengths = tuple(shape[axis] for axis in axes)
    moved = np.reshape(rows, (*np.shape(rows)[:-1], *lengths))
    return np.moveaxis(moved, range(-len(axes), 0), axes)


def products_of_others(x: Array, axes: tuple[int, ...]) -> Array:
    """For each element, the product of the other elements along the axes."""
    return _combined_others(np.multiply, x, axes)


def sums_of_others(x: Array, axes: tuple[int, ...]) -> Array:
    """For each element, the sum of the other elements along the axes."""
    return _combined_others(np.add, x, axes)


def _combined_others(combine: np.ufunc, x: Array, axes: tuple[int, ...]) -> Array:
    """What stands before each element, combined with what stands after it."""
    if np.size(x) == 0:
        return np.zeros(np.shape(x))
    look_before(x)
    rows = as_rows(x, axes)
    unit = np.full((*np.shape(rows)[:-1], 1), combine.identity, dtype=np.float64)
    before = np.concatenate([unit, combine.accumulate(rows[..., :-1], axis=-1)], axis=-1)
    look_before(x)
    after = combine.accumulate(rows[..., :0:-1], axis=-1)[..., ::-1]
    others = combine(before, np.concatenate([after, unit], axis=-1))
    combined: Array = from_rows(others, np.shape(x), axes)
    return combined


def products_of_others_tangent(tangent: Array, x: Array, axes: tuple[int, ...]) -> Array:
    """The tangent of `products_of_others`: exact through zeros, however many there are.

    Products of dual numbers in a balanced tree (Blelloch, "Prefix sums and their applications",
    1990): up, of ever larger blocks; down, of what is outside of each block, which is what is
    outside of the block around it and the block beside it.
    """
    if np.size(x) == 0:
        return np.zeros(np.shape(x))
    x, tangent = np.broadcast_arrays(x, tangent)
    block: _Dual = (as_rows(x, axes), as_rows(tangent, axes))
    levels = []
    while (length := np.shape(block[0])[-1]) > 1:
        paired = _paired(block)
        levels.append((length, paired))
        block = _times(
            (paired[0][..., 0], paired[1][..., 0]), (paired[0][..., 1], paired[1][..., 1])
        )
    outside: _Dual = (np.ones(np.shape(block[0])), np.zeros(np.shape(block[0])))
    for length, (values, tangents) in reversed(levels):
        beside = values[..., ::-1], tangents[..., ::-1]
        around = outside[0][..., None], outside[1][..., None]
        value, moved = _times(around, beside)
        joined = (*np.shape(value)[:-2], 2 * np.shape(value)[-2])
        value, moved = np.reshape(value, joined), np.reshape(moved, joined)
        outside = (value[..., :length], moved[..., :length])
    others: Array = from_rows(outside[1], np.shape(x), axes)
    return others


_Dual = tuple[Array, Array]  # a number and its tangent


def _times(a: _Dual, b: _Dual) -> _Dual:
    """The product of dual numbers; tangents of 0 are strong."""
    look_before(a[0])
    return a[0] * b[0], strong_product(a[1], b[0]) + strong_product(b[1], a[0])


def _paired(block: _Dual) -> _Dual:
    """Neighbours side by side on a new last axis; one left over is paired with a constant 1."""
    value, tangent = block
    if np.shape(value)[-1] % 2:
        unit = np.ones((*np.shape(value)[:-1], 1))
        value = np.concatenate([value, unit], axis=-1)
        tangent = np.concatenate([tangent, 0 * unit], axis=-1)
    pairs = (*np.shape(value)[:-1], np.shape(value)[-1] // 2, 2)
    return np.reshape(value, pairs), np.reshape(tangent, pairs)
