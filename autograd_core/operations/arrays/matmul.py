"""matmul: the matrix product, of stacks and vectors too.

A vector stands for a matrix with one row (first operand) or one column (second).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograd_core.operations.array_row import ArrayOperation, Operands, Stack, Tangents
from autograd_core.operations.arrays.contractions import contracted, strong_matmul, transposed
from autograd_core.operations.broadcasting import broadcast_shapes, total_of
from autograd_core.operations.operation import Attributes, ShapeError
from autograd_core.tensors import Array, Shape, size_for_limits


def _as_matrices(a: Array, b: Array) -> tuple[Array, Array]:
    return (a[None, :] if np.ndim(a) == 1 else a, b[:, None] if np.ndim(b) == 1 else b)


def _from_matrices(z: Array, a: Array, b: Array) -> Array:
    """A product of matrices without the axes that vectors take away."""
    if np.ndim(a) == 1:
        z = z[..., 0, :]
    return z[..., 0] if np.ndim(b) == 1 else z


def _as_matrix_result(z: Array, a: Array, b: Array) -> Array:
    """A result of matmul with the axes back that vectors took away."""
    if np.ndim(b) == 1:
        z = z[..., None]
    return z[..., None, :] if np.ndim(a) == 1 else z


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
    a, b = operands
    rows, columns = _as_matrices(a, b)
    parts = []
    if tangents[0] is not None:
        parts.append(strong_matmul(_as_matrices(tangents[0], b)[0], columns))
    if tangents[1] is not None:
        turned = transposed(_as_matrices(a, tangents[1])[1])
        parts.append(transposed(strong_matmul(turned, transposed(rows))))
    return _from_matrices(total_of(parts, np.shape(_as_matrix_result(z, a, b))), a, b)


def _products(operands: Operands, z: Array, attributes: Attributes) -> int:
    """Products added up in an element of the result; the first of them is no addition."""
    return np.shape(operands[0])[-1]


def _vjp_products(i: int, operands: Operands, z: Array, attributes: Attributes) -> int:
    """As many products in all, shared out among the elements of an operand."""
    return np.size(z) * _products(operands, z, attributes) // max(1, np.size(operands[i]))


def _stack(count: int, shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> Stack:
    """Of matrices, vectors being such with one row or column."""
    a, b = shapes
    rows, columns = (1, *a) if len(a) == 1 else a, (*b, 1) if len(b) == 1 else b
    result = (*np.broadcast_shapes(rows[:-2], columns[:-2]), rows[-2], columns[-1])
    padded = [(1,) * (len(result) - len(each)) + each for each in (rows, columns)]
    return Stack(attributes, padded, result)


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
        roundings_rule=_products,
        vjp_roundings_rule=_vjp_products,
        stack_rule=_stack,
        repeats="own",
        formula="x @ y",
        tangent="dx @ y + x @ dy",
    ),
)
