"""Selecting elements: by position, by list, on diagonals and in triangles. All of it is linear."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_core.operations.array_row import ArrayOperation, Operands, linear
from autograd_core.operations.arrays.axes import axis_in
from autograd_core.operations.arrays.roundings import summed_vjp
from autograd_core.operations.attributes import INDICES, INTEGER, SPEC, Attribute
from autograd_core.operations.operation import Attributes, ShapeError
from autograd_core.tensors import Array, Shape

# Selecting: the vjp puts each cotangent back where its element came from, adding where an
# element was taken twice.


def _index_shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    (shape,), spec = shapes, attributes["spec"]
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


def _index(operands: Operands, attributes: Attributes) -> Array:
    return np.asarray(operands[0][tuple(attributes["spec"])])


def _index_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    cotangent = np.zeros(np.shape(operands[0]))
    cotangent[tuple(attributes["spec"])] = g
    return cotangent


def _positions(shape: Shape, attributes: Attributes) -> tuple[int, Any]:
    axis = axis_in(shape, attributes["axis"], "take")
    indices = np.array(attributes["indices"], dtype=np.int64)
    if indices.size and not (-shape[axis] <= indices.min() and indices.max() < shape[axis]):
        raise ShapeError(
            f"take: a position from {indices.min()} to {indices.max()} is out of range for axis "
            f"{axis} of shape {list(shape)}"
        )
    return axis, indices


def _take_shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    (shape,) = shapes
    axis, indices = _positions(shape, attributes)
    return (*shape[:axis], *indices.shape, *shape[axis + 1 :])


def _take(operands: Operands, attributes: Attributes) -> Array:
    axis, indices = _positions(np.shape(operands[0]), attributes)
    return np.take(operands[0], indices, axis=axis)


def _take_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    shape = np.shape(operands[0])
    axis, indices = _positions(shape, attributes)
    cotangent = np.zeros(shape)
    np.add.at(cotangent, (slice(None),) * axis + (indices,), g)
    return cotangent


def _repeats(i: int, operands: Operands, z: Array, attributes: Attributes) -> int:
    """How often an element may have been taken, beyond once."""
    return np.size(_positions(np.shape(operands[0]), attributes)[1]) - 1


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


def _diagonal_places(shape: Shape, attributes: Attributes) -> tuple[Any, Any]:
    row, column, count = _diagonal_span(shape, attributes)
    return np.arange(row, row + count), np.arange(column, column + count)


def _diagonal_shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    (shape,) = shapes
    _needs_matrix(shape, "diagonal")
    return (*shape[:-2], _diagonal_span(shape, attributes)[2])


def _diagonal(operands: Operands, attributes: Attributes) -> Array:
    rows, columns = _diagonal_places(np.shape(operands[0]), attributes)
    return operands[0][..., rows, columns]


def _diagonal_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    rows, columns = _diagonal_places(np.shape(operands[0]), attributes)
    cotangent = np.zeros(np.shape(operands[0]))
    cotangent[..., rows, columns] = g
    return cotangent


def _triangle(name: str, keep: Callable[..., Array], side: str) -> ArrayOperation:
    def shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
        _needs_matrix(shapes[0], name)
        return shapes[0]

    def diagonal(shape: Shape, attributes: Attributes) -> int:
        wanted: int = attributes["k"]
        return max(-shape[-2] - 1, min(shape[-1] + 1, wanted))

    def value(operands: Operands, attributes: Attributes) -> Array:
        return keep(operands[0], diagonal(np.shape(operands[0]), attributes))

    def vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
        return keep(g, diagonal(np.shape(g), attributes))

    return linear(
        name,
        f"The {side} triangle of each matrix, 0 elsewhere.",
        shape,
        value,
        vjp,
        attributes=(_K,),
        derivative=f"1 in the {side} triangle, 0 elsewhere",
    )


ROWS: tuple[ArrayOperation, ...] = (
    linear(
        "index",
        "Elements by position: an integer or a slice an axis.",
        _index_shape,
        _index,
        _index_vjp,
        attributes=(Attribute("spec", SPEC, "an entry an axis", required=True),),
    ),
    linear(
        "take",
        "Elements by a list of positions along an axis.",
        _take_shape,
        _take,
        _take_vjp,
        attributes=(
            Attribute("indices", INDICES, "the positions to take", required=True),
            Attribute("axis", INTEGER, "the axis to take along", 0),
        ),
        vjp_error_rule=summed_vjp(_take_vjp, _repeats),
    ),
    linear(
        "diagonal",
        "The diagonal of each matrix.",
        _diagonal_shape,
        _diagonal,
        _diagonal_vjp,
        attributes=(_OFFSET,),
    ),
    _triangle("triu", np.triu, "upper"),
    _triangle("tril", np.tril, "lower"),
)
