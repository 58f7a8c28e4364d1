"""cholesky, of the symmetric part: the value then depends on both triangles alike.

Derivatives follow I. Murray, "Differentiation of the Cholesky decomposition" (2016). Where there
is no factor, its entries come out NaN, and a strong zero still stops them.
"""

from __future__ import annotations

import numpy as np

from autograd_core.operations.array_row import ArrayOperation, Operands, Tangents
from autograd_core.operations.arrays.contractions import transposed
from autograd_core.operations.arrays.matrices import (
    between,
    cubic,
    each_matrix,
    inverse,
    matrix_shape,
    strong_solve,
)
from autograd_core.operations.operation import Attributes
from autograd_core.operations.rounded import UNIT
from autograd_core.operations.strong_zeros import strong_matmul
from autograd_core.tensors import Array


def _symmetric(a: Array) -> Array:
    return (a + transposed(a)) / 2


def _cholesky(operands: Operands, attributes: Attributes) -> Array:
    return each_matrix(np.linalg.cholesky, _symmetric(operands[0]))


def _half_lower(a: Array) -> Array:
    """The lower triangle with its diagonal halved: Murray's Phi."""
    halved: Array = np.where(np.eye(np.shape(a)[-1], dtype=bool), a / 2, np.tril(a))
    return halved


def _cholesky_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    g = np.tril(g)
    absent = np.equal(g, 0).all(axis=(-2, -1), keepdims=True)
    middle = _half_lower(transposed(strong_matmul(transposed(g), z)))
    return np.where(absent, 0.0, _symmetric(_between_inverses(middle, z)))


def _between_inverses(middle: Array, z: Array) -> Array:
    """inv(z).T @ middle @ inv(z)"""
    left = strong_solve(transposed(z), middle)
    return transposed(strong_solve(transposed(z), transposed(left)))


def _cholesky_vjp_tangent(
    i: int, g: Array, tangents: Tangents, operands: Operands, z: Array, attributes: Attributes
) -> Array | None:
    """With dz = z @ turn: inv(z).T @ (dPhi - turn.T @ Phi - Phi @ turn) @ inv(z), symmetrised.

    Phi = Phi(z.T @ g) is in the middle of the vjp, and dPhi = Phi(turn.T @ z.T @ g).
    """
    tangent = tangents[0]
    if tangent is None:
        return None
    g, tangent = np.tril(g), _symmetric(tangent)
    still = np.equal(g, 0).all(axis=(-2, -1), keepdims=True)
    still = still | np.equal(tangent, 0).all(axis=(-2, -1), keepdims=True)
    turn = transposed(_turn(tangent, z))
    product = strong_matmul(transposed(z), g)
    middle = _half_lower(product)
    moved = _half_lower(strong_matmul(turn, product)) - strong_matmul(turn, middle)
    moved = moved - strong_matmul(middle, transposed(turn))
    return np.where(still, 0.0, _symmetric(_between_inverses(moved, z)))


def _turn(tangent: Array, z: Array) -> Array:
    """inv(z) @ dz = Phi(inv(z) @ tangent @ inv(z).T), for a symmetric tangent of z @ z.T."""
    left = strong_solve(z, tangent)
    return _half_lower(transposed(strong_solve(z, transposed(left))))


def _cholesky_jvp(
    tangents: Tangents, operands: Operands, z: Array, attributes: Attributes
) -> Array:
    if tangents[0] is None:
        return np.zeros(np.shape(z))
    tangent = _symmetric(tangents[0])
    absent = np.equal(tangent, 0).all(axis=(-2, -1), keepdims=True)
    return np.where(absent, 0.0, np.tril(strong_matmul(z, _turn(tangent, z))))


def _cholesky_error(operands: Operands, z: Array, attributes: Attributes) -> Array:
    """The tangent as the matrix moves by what z @ z.T differs from it, in absolute values."""
    size, inverted = np.abs(z), np.abs(inverse(z))
    roundings = UNIT * (np.shape(z)[-1] + 2)
    left = np.abs(z @ transposed(z) - _symmetric(operands[0]))
    left = left + roundings * (size @ transposed(size))
    return np.tril(size @ _half_lower(inverted @ left @ transposed(inverted)))


def _cholesky_vjp_error(
    i: int, g: Array, operands: Operands, z: Array, error: Array, attributes: Attributes
) -> Array:
    """A rough one: every product and solution is off by its roundings, in absolute values."""
    size, inverted, g = np.abs(z), np.abs(inverse(z)), np.abs(np.tril(g))
    left = transposed(inverted)
    whole = between(left, _half_lower(strong_matmul(transposed(size), g)), inverted)
    moved = between(left, _half_lower(strong_matmul(transposed(error), g)), inverted)
    roundings = 4 * UNIT * (np.shape(z)[-1] + 1)
    off = left @ (roundings * transposed(size) + transposed(error))
    total = moved + strong_matmul(off, whole) + strong_matmul(whole, transposed(off))
    return _symmetric(total)


ROWS: tuple[ArrayOperation, ...] = (
    ArrayOperation(
        name="cholesky",
        doc="Lower triangular L with L @ L.T = (x + x.T)/2.",
        category="linear algebra",
        shape_rule=matrix_shape("cholesky"),
        cost_rule=cubic,
        value_rule=_cholesky,
        vjp_rule=_cholesky_vjp,
        jvp_rule=_cholesky_jvp,
        vjp_tangent_rule=_cholesky_vjp_tangent,
        value_error_rule=_cholesky_error,
        vjp_error_rule=_cholesky_vjp_error,
        derivative="inv(z).T @ Phi(z.T @ g) @ inv(z), symmetrised",
        domain="positive definite",
        conventions="reads the symmetric part of x; NaN where it is not positive definite",
        analytic=False,
    ),
)
