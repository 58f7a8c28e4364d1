"""Sums and maxima along axes, of many short rows too."""

from __future__ import annotations

from functools import reduce
from typing import Final

import numpy as np

from autograd_core.tensors import Array

# NumPy takes as long to begin a row as to add up dozens of numbers: of many rows shorter than
# this, whole columns are added instead.
_SHORT: Final = 16
_MANY: Final = 512
# A row of so many numbers and more NumPy adds up as a tree.
_TREE: Final = 8


def sum_along(x: Array, axes: tuple[int, ...], *, keepdims: bool = True) -> Array:
    """np.sum along axes, to the last bit."""
    if not _has_short_rows(x, axes):
        # np.sum itself takes thrice as long to begin; its stubs have True and False apart.
        total: Array = np.add.reduce(x, axis=axes, keepdims=keepdims)  # type: ignore[call-overload]
        return total
    columns = np.moveaxis(x, -1, 0)
    parts = list(columns[:_TREE])
    if len(columns) >= _TREE:
        while len(parts) > 1:
            parts = [one + other for one, other in zip(parts[::2], parts[1::2], strict=True)]
    total = reduce(np.add, [*parts, *columns[_TREE:]])
    total = total + 0.0  # which a sum of negative zeros is
    return total[..., None] if keepdims else total


def max_along(x: Array, axes: tuple[int, ...]) -> Array:
    """np.max along axes, which are kept."""
    if not _has_short_rows(x, axes):
        largest: Array = np.maximum.reduce(x, axis=axes, keepdims=True)
        return largest
    return reduce(np.maximum, np.moveaxis(x, -1, 0))[..., None]


def _has_short_rows(x: Array, axes: tuple[int, ...]) -> bool:
    shape = np.shape(x)
    if axes != (len(shape) - 1,) or not 1 < shape[-1] < _SHORT:
        return False
    if x.size < _MANY * shape[-1]:
        return False
    return x.strides[-1] <= min(x.strides)  # or NumPy goes along another axis
