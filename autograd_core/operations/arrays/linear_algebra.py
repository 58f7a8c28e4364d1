"""Linear algebra on the last two axes: inv and solve.

A matrix that has no inverse is a result, not a failure: its entries come out NaN, and a strong
zero still stops them. Derivatives follow M. Giles, "Collected matrix derivative results for
forward and reverse mode algorithmic differentiation" (2008). Second derivatives are these rules
differentiated once more, with d(inv(A)) = -inv(A) @ dA @ inv(A).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograd_core.operations.array_row import ArrayOperation, Operands, Stack, Tangents
from autograd_core.operations.arrays.contractions import contracted, strong_matmul, transposed
from autograd_core.operations.arrays.matrices import (
    between,
    cubic,
    inverse,
    inverse_error,
    inverse_tangent,
    matrix_shape,
    side_of,
    solution,
    solution_error,
    strong_solve,
)
from autograd_core.operations.arrays.unary import as_they_are, unary
from autograd_core.operations.broadcasting import broadcast_shapes, unbroadcast
from autograd_core.operations.operation import Attributes, ShapeError
from autograd_core.operations.rounded import UNIT
from autograd_core.tensors import Array, Shape, size_for_limits


def _inv(a: Array, attributes: Attributes) -> Array:
    return inverse(a)


def _inv_vjp(g: Array, a: Array, z: Array, attributes: Attributes) -> Array:
    left = transposed(strong_matmul(transposed(g), z))  # z.T @ g
    return -strong_matmul(left, transposed(z))


def _inv_jvp(tangent: Array, a: Array, z: Array, attributes: Attributes) -> Array:
    return inverse_tangent(tangent, z)


def _inv_vjp_tangent(g: Array, tangent: Array, a: Array, z: Array, attributes: Attributes) -> Array:
    """-(sent @ dx.T @ z.T + z.T @ dx.T @ sent), sent being the vjp, -z.T @ g @ z.T."""
    sent, turned = _inv_vjp(g, a, z, attributes), transposed(tangent)
    after = strong_matmul(strong_matmul(sent, turned), transposed(z))
    before = strong_matmul(turned, sent)
    return -(after + transposed(strong_matmul(transposed(before), z)))


def _inv_vjp_error(g: Array, a: Array, z: Array, error: Array, attributes: Attributes) -> Array:
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
    solved = solution(a, _columns(b, b))
    return solved[..., 0] if np.ndim(b) == 1 else solved


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
    total: Array | float = 0.0
    if tangents[0] is not None:
        moved = -strong_matmul(transposed(tangents[0]), flowing)
        moved = strong_solve(transposed(a), moved)
        if i == 1:
            return unbroadcast(moved[..., 0] if np.ndim(b) == 1 else moved, np.shape(b))
        total = contracted(np.shape(a), moved, _columns(z, b))
    tangent = _columns(_solve_jvp(tangents, operands, z, attributes), b)
    return -(total + contracted(np.shape(a), flowing, tangent))


def _solve_jvp(tangents: Tangents, operands: Operands, z: Array, attributes: Attributes) -> Array:
    a, b = operands
    columns = _columns(z, b)
    right: Array = np.zeros(np.shape(columns))
    if tangents[1] is not None:
        right = right + _columns(tangents[1], b)
    if tangents[0] is not None:
        right = right - strong_matmul(tangents[0], columns)
    solved = strong_solve(a, right)
    return solved[..., 0] if np.ndim(b) == 1 else solved


def _solve_stack(
    count: int, shapes: Sequence[Shape], shape: Shape, attributes: Attributes
) -> Stack:
    """Of matrices, a vector being one with one column."""
    a, b = shapes
    columns, result = ((*b, 1), (*shape, 1)) if len(b) == 1 else (b, shape)
    padded = [(1,) * (len(result) - len(each)) + each for each in (a, columns)]
    return Stack(attributes, padded, result)


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
    added = UNIT * (np.size(g) // max(1, np.shape(a)[-1]))
    total = contracted(np.shape(a), moved + added * sizes, _columns(np.abs(z), b))
    return total + contracted(np.shape(a), sizes, _columns(error, b))


ROWS: tuple[ArrayOperation, ...] = (
    unary(
        "inv",
        "Matrix inverse.",
        matrix_shape("inv"),
        _inv,
        _inv_vjp,
        _inv_jvp,
        _inv_vjp_tangent,
        stacked=as_they_are,
        repeats="none",
        category="linear algebra",
        cost_rule=cubic,
        error=lambda a, z, attributes: inverse_error(a, z),
        vjp_error=_inv_vjp_error,
        tangent="-inv(x) @ dx @ inv(x)",
        domain="det(x) != 0",
        conventions="NaN where the matrix is singular",
    ),
    ArrayOperation(
        name="solve",
        doc="Solution s of x @ s = y.",
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
        stack_rule=_solve_stack,
        repeats="own",
        formula="inv(x) @ y",
        tangent="solve(x, dy - dx @ solve(x, y))",
        domain="det(x) != 0",
        conventions="y of rank 1 is a vector; NaN where x is singular",
    ),
)
