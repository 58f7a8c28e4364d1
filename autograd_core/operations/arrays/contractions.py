"""Matrix products: those that respect strong zeros, and matmul."""

from __future__ import annotations

import string
from collections.abc import Sequence

import numpy as np

from autograd_core.operations.array_row import ArrayOperation, Operands, Tangents
from autograd_core.operations.arrays.roundings import summed_value, summed_vjp
from autograd_core.operations.broadcasting import broadcast_shapes
from autograd_core.operations.operation import Attributes, ShapeError
from autograd_core.operations.strong_zeros import strong_einsum, strong_matmul
from autograd_core.tensors import Array, Shape, size_for_limits


def transposed(array: Array) -> Array:
    """The last two axes swapped."""
    return np.swapaxes(array, -1, -2)


def contracted(shape: Shape, a: Array, b: Array) -> Array:
    """a @ b.T summed over the stack axes that `shape` does not have, or has as 1.

    a: (..., n, m); b: (..., k, m); shape: (..., n, k). Zeros are strong. The sum happens inside
    the contraction: the product over all stacks, which may be far larger than either, is not made.
    """
    stack = np.broadcast_shapes(np.shape(a)[:-2], np.shape(b)[:-2])
    if shape[:-2] == stack:
        return strong_matmul(a, transposed(b))
    letters = string.ascii_lowercase[: len(stack)]
    first, a = _squeezed(a, letters)
    second, b = _squeezed(b, letters)
    kept = _kept(shape[:-2], letters)
    result = strong_einsum(f"{first}NM,{second}KM->{kept}NK", a, b)
    return np.reshape(result, shape)


def _kept(stack: Shape, letters: str) -> str:
    """The letters of the axes that a stack really has, axes of length 1 left out."""
    own = letters[len(letters) - len(stack) :]
    return "".join(letter for letter, length in zip(own, stack, strict=True) if length != 1)


def _squeezed(array: Array, letters: str) -> tuple[str, Array]:
    """An array of matrices without its stack axes of length 1, and the letters of the rest."""
    stack = np.shape(array)[:-2]
    kept = tuple(length for length in stack if length != 1)
    return _kept(stack, letters), np.reshape(array, (*kept, *np.shape(array)[-2:]))


# matmul: a vector stands for a matrix with one row (first operand) or one column (second).


def _as_matrices(a: Array, b: Array) -> tuple[Array, Array]:
    return (a[None, :] if np.ndim(a) == 1 else a, b[:, None] if np.ndim(b) == 1 else b)


def _as_matrix_result(z: Array, a: Array, b: Array) -> Array:
    """A result of matmul with the axes back that vectors took away."""
    if np.ndim(b) == 1:
        z = np.expand_dims(z, -1)
    return np.expand_dims(z, -2) if np.ndim(a) == 1 else z


def _matmul_shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    a, b = shapes
    if not a or not b:
        raise ShapeError(
            f"matmul: shapes {list(a)} and {list(b)}: a scalar has no axis to contract; use mul"
        )
    rows, columns = (1, *a)[-2:], (*b, 1) if len(b) == 1 else b[-2:]
    if rows[1] != columns[0]:
        raise ShapeError(
            f"matmul: shapes {list(a)} and {list(b)} do not fit: {rows[1]} is not {columns[0]}"
        )
    stack = broadcast_shapes("matmul", [a[:-2], b[:-2]], shapes)
    return (*stack, *(() if len(a) == 1 else rows[:1]), *(() if len(b) == 1 else columns[1:]))


def _matmul_cost(shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> int:
    return size_for_limits(shape) * max(1, shapes[0][-1])


def _matmul(operands: Operands, attributes: Attributes) -> Array:
    a, b = operands
    product: Array = np.matmul(a, b)
    return product


def _matmul_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    """What g sends to operand i by way of the other."""
    a, b = operands
    g = _as_matrix_result(g, a, b)
    rows, columns = _as_matrices(a, b)
    if i == 0:
        return np.reshape(contracted(np.shape(rows), g, columns), np.shape(a))
    swapped = (*np.shape(columns)[:-2], np.shape(columns)[-1], np.shape(columns)[-2])
    turned = contracted(swapped, transposed(g), transposed(rows))
    return np.reshape(transposed(turned), np.shape(b))


def _matmul_vjp_tangent(
    i: int, g: Array, tangents: Tangents, operands: Operands, z: Array, attributes: Attributes
) -> Array | None:
    """The vjp is linear in the other operand, so its tangent is itself at the other's tangent."""
    tangent = tangents[1 - i]
    if tangent is None:
        return None
    moved = (operands[0], tangent) if i == 0 else (tangent, operands[1])
    return _matmul_vjp(i, g, moved, z, attributes)


def _matmul_jvp(tangents: Tangents, operands: Operands, z: Array, attributes: Attributes) -> Array:
    rows, columns = _as_matrices(*operands)
    total: Array = np.zeros(np.shape(_as_matrix_result(z, *operands)))
    if tangents[0] is not None:
        total = total + strong_matmul(np.reshape(tangents[0], np.shape(rows)), columns)
    if tangents[1] is not None:
        turned = np.reshape(tangents[1], np.shape(columns))
        total = total + transposed(strong_matmul(transposed(turned), transposed(rows)))
    return np.reshape(total, np.shape(z))


def _products(operands: Operands, z: Array, attributes: Attributes) -> int:
    """Products added up in an element of the result; the first of them is no addition."""
    return np.shape(operands[0])[-1]


def _vjp_products(i: int, operands: Operands, z: Array, attributes: Attributes) -> int:
    """As many products in all, shared out among the elements of an operand."""
    return np.size(z) * _products(operands, z, attributes) // max(1, np.size(operands[i]))


ROWS: tuple[ArrayOperation, ...] = (
    ArrayOperation(
        name="matmul",
        doc="Matrix product; stacks of matrices broadcast, vectors count as one row or column.",
        category="linear algebra",
        arity=(2, 2),
        aliases=("@",),
        shape_rule=_matmul_shape,
        cost_rule=_matmul_cost,
        value_rule=_matmul,
        vjp_rule=_matmul_vjp,
        jvp_rule=_matmul_jvp,
        vjp_tangent_rule=_matmul_vjp_tangent,
        value_error_rule=summed_value(_matmul, _products),
        vjp_error_rule=summed_vjp(_matmul_vjp, _vjp_products),
        derivative="x: g @ y.T, y: x.T @ g",
    ),
)
