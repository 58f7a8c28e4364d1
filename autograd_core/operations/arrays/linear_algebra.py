"""Linear algebra on the last two axes: inv, solve, cholesky.

A matrix that has no inverse (or no Cholesky factor) is a result, not a failure: its entries
come out NaN, and a strong zero still stops them. Derivatives follow M. Giles, "Collected
matrix derivative results for forward and reverse mode algorithmic differentiation" (2008),
and for cholesky I. Murray, "Differentiation of the Cholesky decomposition" (2016). Second
derivatives are these rules differentiated once more, with d(inv(A)) = -inv(A) @ dA @ inv(A).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_core.operations.array_row import ArrayOperation, Operands, Tangents
from autograd_core.operations.arrays.contractions import contracted, strong_matmul, transposed
from autograd_core.operations.arrays.matrices import (
    cholesky_factor,
    cubic,
    inverse,
    inverse_tangent,
    matrix_shape,
    side_of,
    solution,
    strong_solve,
)
from autograd_core.operations.arrays.unary import unary
from autograd_core.operations.broadcasting import broadcast_shapes, unbroadcast
from autograd_core.operations.operation import Attributes, ShapeError
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
    return np.reshape(strong_solve(a, right), np.shape(z))


# cholesky, of the symmetric part: the value then depends on both triangles alike.


def _symmetric(a: Array) -> Array:
    return (a + transposed(a)) / 2


def _cholesky(a: Array, attributes: Attributes) -> Array:
    return cholesky_factor(_symmetric(a))


def _half_lower(a: Array) -> Array:
    """The lower triangle with its diagonal halved: Murray's Phi."""
    halved: Array = np.where(np.eye(np.shape(a)[-1], dtype=bool), a / 2, np.tril(a))
    return halved


def _cholesky_vjp(g: Array, a: Array, z: Array, attributes: Attributes) -> Array:
    g = np.tril(g)
    middle = _half_lower(transposed(strong_matmul(transposed(g), z)))
    return np.where(_is_zero(g), 0.0, _symmetric(_between_inverses(middle, z)))


def _is_zero(a: Array) -> Any:
    """Whether each matrix is."""
    return np.equal(a, 0).all(axis=(-2, -1), keepdims=True)


def _between_inverses(middle: Array, z: Array) -> Array:
    """inv(z).T @ middle @ inv(z)"""
    left = strong_solve(transposed(z), middle)
    return transposed(strong_solve(transposed(z), transposed(left)))


def _cholesky_vjp_tangent(
    g: Array, tangent: Array, a: Array, z: Array, attributes: Attributes
) -> Array:
    """With dz = z @ turn: inv(z).T @ (dPhi - turn.T @ Phi - Phi @ turn) @ inv(z), symmetrised.

    Phi = Phi(z.T @ g) is in the middle of the vjp, and dPhi = Phi(turn.T @ z.T @ g).
    """
    g, tangent = np.tril(g), _symmetric(tangent)
    turn = transposed(_turn(tangent, z))
    product = strong_matmul(transposed(z), g)
    middle = _half_lower(product)
    moved = _half_lower(strong_matmul(turn, product)) - strong_matmul(turn, middle)
    moved = moved - strong_matmul(middle, transposed(turn))
    still = _is_zero(g) | _is_zero(tangent)
    return np.where(still, 0.0, _symmetric(_between_inverses(moved, z)))


def _turn(tangent: Array, z: Array) -> Array:
    """inv(z) @ dz = Phi(inv(z) @ tangent @ inv(z).T), for a symmetric tangent of z @ z.T."""
    left = strong_solve(z, tangent)
    return _half_lower(transposed(strong_solve(z, transposed(left))))


def _cholesky_jvp(tangent: Array, a: Array, z: Array, attributes: Attributes) -> Array:
    tangent = _symmetric(tangent)
    moved = np.tril(strong_matmul(z, _turn(tangent, z)))
    return np.where(_is_zero(tangent), 0.0, moved)


_ON_MATRICES: dict[str, Any] = {"category": "linear algebra", "cost_rule": cubic}

ROWS: tuple[ArrayOperation, ...] = (
    unary(
        "inv",
        "Matrix inverse.",
        matrix_shape("inv"),
        _inv,
        _inv_vjp,
        _inv_jvp,
        _inv_vjp_tangent,
        derivative="-z.T @ g @ z.T",
        domain="det(x) != 0",
        conventions="NaN where the matrix is singular",
        **_ON_MATRICES,
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
        derivative="y: solve(x.T, g), x: -solve(x.T, g) @ z.T",
        domain="det(x) != 0",
        conventions="y of rank 1 is a vector; NaN where x is singular",
    ),
    unary(
        "cholesky",
        "Lower triangular L with L @ L.T = (x + x.T)/2.",
        matrix_shape("cholesky"),
        _cholesky,
        _cholesky_vjp,
        _cholesky_jvp,
        _cholesky_vjp_tangent,
        derivative="inv(z).T @ Phi(z.T @ g) @ inv(z), symmetrised",
        domain="positive definite",
        conventions="reads the symmetric part of x; NaN where it is not positive definite",
        analytic=False,
        **_ON_MATRICES,
    ),
)
