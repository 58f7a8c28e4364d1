"""Linear algebra on the last two axes: inv and solve.

A matrix that has no inverse is a result, not a failure: its entries come out NaN, and a strong
zero still stops them. Derivatives follow M. Giles, "Collected matrix derivative results for
forward and reverse mode algorithmic differentiation" (2008). Second derivatives are these rules
differentiated once more, with d(inv(A)) = -inv(A) @ dA @ inv(A).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograd_core.operations.array_row import ArrayOperation, Operands, Tangents
from autograd_core.operations.arrays.contractions import contracted, transposed
from autograd_core.operations.arrays.matrices import (
    between,
    cubic,
    each_matrix,
    inverse,
    inverse_error,
    inverse_tangent,
    matrix_shape,
    side_of,
    solution_error,
    strong_solve,
)
from autograd_core.operations.broadcasting import broadcast_shapes, unbroadcast
from autograd_core.operations.operation import Attributes, ShapeError
from autograd_core.operations.rounded import UNIT
from autograd_core.operations.strong_zeros import strong_matmul
from autograd_core.tensors import Array, Shape, size_for_limits


def _inv(operands: Operands, attributes: Attributes) -> Array:
    return inverse(operands[0])


def _inv_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    left = transposed(strong_matmul(transposed(g), z))  # z.T @ g
    return -strong_matmul(left, transposed(z))


def _inv_jvp(tangents: Tangents, operands: Operands, z: Array, attributes: Attributes) -> Array:
    if tangents[0] is None:
        return np.zeros(np.shape(z))
    return inverse_tangent(tangents[0], z)


def _inv_vjp_tangent(
    i: int, g: Array, tangents: Tangents, operands: Operands, z: Array, attributes: Attributes
) -> Array | None:
    """-(sent @ dx.T @ z.T + z.T @ dx.T @ sent), sent being the vjp, -z.T @ g @ z.T."""
    tangent = tangents[0]
    if tangent is None:
        return None
    sent, turned = _inv_vjp(i, g, operands, z, attributes), transposed(tangent)
    after = strong_matmul(strong_matmul(sent, turned), transposed(z))
    before = strong_matmul(turned, sent)
    return -(after + transposed(strong_matmul(transposed(before), z)))


def _inv_error(operands: Operands, z: Array, attributes: Attributes) -> Array:
    return inverse_error(operands[0], z)


def _inv_vjp_error(
    i: int, g: Array, operands: Operands, z: Array, error: Array, attributes: Attributes
) -> Array:
    """Of z.T @ g @ z.T: 2n roundings, and what z is off on either side."""
    turned, moved, g = transposed(np.abs(z)), transposed(error), np.abs(g)
    own = 2 * UNIT * np.shape(z)[-1] * turned + moved
    return between(own, g, turned) + between(turned, g, moved)


# solve: a right side of rank 1 is a vector; otherwise it is a stack of matrices.


def _solve_shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    a, b = shapes
    length = side_of(a, "solve")
    if not b or (b[0] if len(b) == 1 else b[-2]) != length:
        raise ShapeError(f"solve: shapes {list(a)} and {list(b)} do not fit")
    stack = broadcast_shapes("solve", [a[:-2], () if len(b) == 1 else b[:-2]], shapes)
    return (*stack, *(b if len(b) == 1 else b[-2:]))


def _solve_cost(shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> int:
    return (size_for_limits(shapes[0]) + size_for_limits(shape)) * max(1, shapes[0][-1])


def _columns(b: Array, like: Array) -> Array:
    return b[..., None] if np.ndim(like) == 1 else b


def _solve(operands: Operands, attributes: Attributes) -> Array:
    a, b = operands
    solution = each_matrix(np.linalg.solve, a, _columns(b, b))
    return solution[..., 0] if np.ndim(b) == 1 else solution


def _solve_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    a, b = operands
    flowing = strong_solve(transposed(a), _columns(g, b))
    if i == 0:
        return -contracted(np.shape(a), flowing, _columns(z, b))
    return unbroadcast(flowing[..., 0] if np.ndim(b) == 1 else flowing, np.shape(b))


def _solve_vjp_tangent(
    i: int, g: Array, tangents: Tangents, operands: Operands, z: Array, attributes: Attributes
) -> Array | None:
    """With flowing = solve(x.T, g): its tangent is -solve(x.T, dx.T @ flowing), and that of
    -flowing @ z.T follows by the product rule.
    """
    a, b = operands
    if tangents[0] is None and (i == 1 or tangents[1] is None):
        return None
    flowing = strong_solve(transposed(a), _columns(g, b))
    moved = np.zeros(np.shape(flowing))
    if tangents[0] is not None:
        moved = -strong_matmul(transposed(tangents[0]), flowing)
        moved = strong_solve(transposed(a), moved)
    if i == 1:
        return unbroadcast(moved[..., 0] if np.ndim(b) == 1 else moved, np.shape(b))
    tangent = _columns(_solve_jvp(tangents, operands, z, attributes), b)
    held = contracted(np.shape(a), flowing, tangent)
    return -(contracted(np.shape(a), moved, _columns(z, b)) + held)


def _solve_jvp(tangents: Tangents, operands: Operands, z: Array, attributes: Attributes) -> Array:
    a, b = operands
    columns = _columns(z, b)
    right: Array = np.zeros(np.shape(columns))
    if tangents[1] is not None:
        right = right + _columns(tangents[1], b)
    if tangents[0] is not None:
        right = right - strong_matmul(tangents[0], columns)
    solution = strong_solve(a, right)
    return np.reshape(solution, np.shape(z))


def _solve_error(operands: Operands, z: Array, attributes: Attributes) -> Array:
    a, b = operands
    return np.reshape(solution_error(a, _columns(z, b), _columns(b, b)), np.shape(z))


def _solve_vjp_error(
    i: int, g: Array, operands: Operands, z: Array, error: Array, attributes: Attributes
) -> Array:
    """Of flowing = solve(x.T, g), and of -flowing @ z.T; and the additions over repeated axes."""
    a, b = operands
    g = _columns(g, b)
    flowing = strong_solve(transposed(a), g)
    moved, sizes = solution_error(transposed(a), flowing, g), np.abs(flowing)
    if i == 1:
        added = UNIT * (np.size(z) // max(1, np.size(b)))
        total = moved + added * sizes
        return unbroadcast(total[..., 0] if np.ndim(b) == 1 else total, np.shape(b))
    solution, solution_moved = _columns(np.abs(z), b), _columns(error, b)
    added = UNIT * (np.size(g) // max(1, np.shape(a)[-1]))
    total = contracted(np.shape(a), moved + added * sizes, solution)
    return total + contracted(np.shape(a), sizes, solution_moved)


ROWS: tuple[ArrayOperation, ...] = (
    ArrayOperation(
        name="inv",
        doc="Matrix inverse.",
        category="linear algebra",
        shape_rule=matrix_shape("inv"),
        cost_rule=cubic,
        value_rule=_inv,
        vjp_rule=_inv_vjp,
        jvp_rule=_inv_jvp,
        vjp_tangent_rule=_inv_vjp_tangent,
        value_error_rule=_inv_error,
        vjp_error_rule=_inv_vjp_error,
        derivative="-z.T @ g @ z.T",
        domain="det(x) != 0",
        conventions="NaN where the matrix is singular",
    ),
    ArrayOperation(
        name="solve",
        doc="Solution z of x @ z = y.",
        category="linear algebra",
        arity=(2, 2),
        shape_rule=_solve_shape,
        cost_rule=_solve_cost,
        value_rule=_solve,
        vjp_rule=_solve_vjp,
        jvp_rule=_solve_jvp,
        vjp_tangent_rule=_solve_vjp_tangent,
        value_error_rule=_solve_error,
        vjp_error_rule=_solve_vjp_error,
        derivative="y: solve(x.T, g), x: -solve(x.T, g) @ z.T",
        domain="det(x) != 0",
        conventions="y of rank 1 is a vector; NaN where x is singular",
    ),
)
