"""Selecting elements: by position, by list, on diagonals and in triangles. All of it is linear."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from autograd_core.operations.array_row import ArrayOperation
from autograd_core.operations.arrays.axes import axis_in
from autograd_core.operations.arrays.unary import as_they_are, axes_moved, rearranging
from autograd_core.operations.attributes import INDICES, INTEGER, SPEC, Attribute
from autograd_core.operations.operation import Attributes, ShapeError
from autograd_core.tensors import Array, Flags, Shape

# Selecting: the vjp puts each cotangent back where its element came from, adding where an
# element was taken twice.


def _index_shape(shape: Shape, attributes: Attributes) -> Shape:
    spec = attributes["spec"]
    if len(spec) > len(shape):
        raise ShapeError(f"index: {len(spec)} entries for the {len(shape)} axes of {list(shape)}")
    result: list[int] = []
    for axis, (entry, length) in enumerate(zip(spec, shape, strict=False)):
        if isinstance(entry, slice):
            result.append(len(range(*entry.indices(length))))
        elif not -length <= entry < length:
            raise ShapeError(
                f"index: position {entry} is out of range for axis {axis} of shape {list(shape)}"
            )
    return (*result, *shape[len(spec) :])


def _index(x: Array, attributes: Attributes) -> Array:
    return np.asarray(x[tuple(attributes["spec"])])


def _index_vjp(g: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    cotangent = np.zeros(np.shape(x))
    cotangent[tuple(attributes["spec"])] = g
    return cotangent


def _positions(shape: Shape, attributes: Attributes) -> tuple[int, Any]:
    axis = axis_in(shape, attributes["axis"], "take")
    return axis, np.array(attributes["indices"], dtype=np.int64)


def _take_shape(shape: Shape, attributes: Attributes) -> Shape:
    axis, indices = _positions(shape, attributes)
    if indices.size and not (-shape[axis] <= indices.min() and indices.max() < shape[axis]):
        raise ShapeError(
            f"take: a position from {indices.min()} to {indices.max()} is out of range for axis "
            f"{axis} of shape {list(shape)}"
        )
    return (*shape[:axis], *indices.shape, *shape[axis + 1 :])


def _take(x: Array, attributes: Attributes) -> Array:
    axis, indices = _positions(np.shape(x), attributes)
    return np.take(x, indices, axis=axis)


def _take_vjp(g: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    axis, indices = _positions(np.shape(x), attributes)
    cotangent = np.zeros(np.shape(x))
    np.add.at(cotangent, (slice(None),) * axis + (indices,), g)
    return cotangent


def _repeats(x: Array, z: Array, attributes: Attributes) -> int:
    """How often an element may have been taken, beyond once."""
    return np.size(_positions(np.shape(x), attributes)[1]) - 1


# Diagonals and triangles of the last two axes.

_OFFSET = Attribute("offset", INTEGER, "diagonals above (positive) or below the main one", 0)
_K = Attribute("k", INTEGER, "the diagonal to start at, above (positive) or below the main one", 0)


def _needs_matrix(shape: Shape, operation: str) -> None:
    if len(shape) < 2:
        raise ShapeError(f"{operation} takes matrices, not shape {list(shape)}")


def _diagonal_span(shape: Shape, attributes: Attributes) -> tuple[int, int, int]:
    """The row and the column where a diagonal starts, and its length."""
    rows, columns = shape[-2:]
    offset = max(-rows, min(columns, attributes["offset"]))
    row, column = max(-offset, 0), max(offset, 0)
    return row, column, min(rows - row, columns - column)


def _on_diagonal(x: Array, attributes: Attributes) -> tuple[Any, ...]:
    """The index of each matrix's diagonal."""
    row, column, count = _diagonal_span(np.shape(x), attributes)
    along = np.arange(count)
    return (..., row + along, column + along)


def _diagonal_shape(shape: Shape, attributes: Attributes) -> Shape:
    _needs_matrix(shape, "diagonal")
    return (*shape[:-2], _diagonal_span(shape, attributes)[2])


def _diagonal(x: Array, attributes: Attributes) -> Array:
    return x[_on_diagonal(x, attributes)]


def _diagonal_vjp(g: Array, x: Array, z: Array, attributes: Attributes) -> Array:
    cotangent = np.zeros(np.shape(x))
    cotangent[_on_diagonal(x, attributes)] = g
    return cotangent


@lru_cache(maxsize=64)
def _mask(keep: Callable[..., Flags], rows: int, columns: int, k: int) -> Flags:
    return keep(np.ones((rows, columns), dtype=bool), k)


# Matrices of so many numbers have masks that are kept.
_SMALL = 10_000


def _triangle(name: str, keep: Callable[..., Any], side: str) -> ArrayOperation:
    def shape(shape: Shape, attributes: Attributes) -> Shape:
        _needs_matrix(shape, name)
        return shape

    def value(x: Array, attributes: Attributes) -> Array:
        rows, columns = np.shape(x)[-2:]
        k = max(-rows - 1, min(columns + 1, attributes["k"]))
        if rows * columns > _SMALL:
            kept: Array = keep(x, k)
            return kept
        return np.where(_mask(keep, rows, columns, k), x, 0.0)

    def vjp(g: Array, x: Array, z: Array, attributes: Attributes) -> Array:
        return value(g, attributes)

    return rearranging(
        name,
        f"The {side} triangle of each matrix, 0 elsewhere.",
        shape,
        value,
        vjp,
        attributes=(_K,),
        stacked=as_they_are,
        derivative=f"1 in the {side} triangle, 0 elsewhere",
    )


ROWS: tuple[ArrayOperation, ...] = (
    rearranging(
        "index",
        "Elements by position: an integer or a slice an axis.",
        _index_shape,
        _index,
        _index_vjp,
        attributes=(Attribute("spec", SPEC, "an entry an axis", required=True),),
        stacked=lambda shape, attributes, count: {"spec": (slice(None), *attributes["spec"])},
        example="x[0]",
    ),
    rearranging(
        "take",
        "Elements by a list of positions along an axis.",
        _take_shape,
        _take,
        _take_vjp,
        vjp_roundings=_repeats,
        attributes=(
            Attribute("indices", INDICES, "the positions to take", required=True),
            Attribute("axis", INTEGER, "the axis to take along", 0),
        ),
        stacked=axes_moved,
        example="take(x, indices=[0, -1])",
    ),
    rearranging(
        "diagonal",
        "The diagonal of each matrix.",
        _diagonal_shape,
        _diagonal,
        _diagonal_vjp,
        attributes=(_OFFSET,),
        stacked=as_they_are,
    ),
    _triangle("triu", np.triu, "upper"),
    _triangle("tril", np.tril, "lower"),
)
