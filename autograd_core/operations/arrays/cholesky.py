"""cholesky, of the symmetric part: the value then depends on both triangles alike.

Derivatives follow I. Murray, "Differentiation of the Cholesky decomposition" (2016). Where there
is no factor, its entries come out NaN, and a strong zero still stops them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core.operations.array_row import ArrayOperation
from autograd_core.operations.arrays.contractions import strong_matmul, transposed
from autograd_core.operations.arrays.matrices import (
    between,
    cubic,
    each_matrix,
    inverse,
    matrix_shape,
    strong_solve,
)
from autograd_core.operations.arrays.unary import as_they_are, unary
from autograd_core.operations.operation import Attributes
from autograd_core.operations.pieces import over_stacks
from autograd_core.operations.rounded import UNIT
from autograd_core.tensors import Array

_factor = each_matrix(np.linalg.cholesky)


def _symmetric(a: Array) -> Array:
    return (a + transposed(a)) / 2


def _cholesky(a: Array, attributes: Attributes) -> Array:
    return _factor(_symmetric(a))


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


@over_stacks
def _cholesky_error(a: Array, z: Array) -> Array:
    """The tangent as the matrix moves by what z @ z.T differs from it, in absolute values."""
    size, inverted = np.abs(z), np.abs(inverse(z))
    roundings = UNIT * (np.shape(z)[-1] + 2)
    left = np.abs(z @ transposed(z) - _symmetric(a))
    left = left + roundings * (size @ transposed(size))
    return np.tril(size @ _half_lower(inverted @ left @ transposed(inverted)))


def _cholesky_vjp_error(
    g: Array, a: Array, z: Array, error: Array, attributes: Attributes
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
    unary(
        "cholesky",
        "Lower triangular L with L @ L.T = (x + x.T)/2.",
        matrix_shape("cholesky"),
        _cholesky,
        _cholesky_vjp,
        _cholesky_jvp,
        _cholesky_vjp_tangent,
        stacked=as_they_are,
        repeats="none",
        category="linear algebra",
        cost_rule=cubic,
        error=lambda a, z, attributes: _cholesky_error(a, z),
        vjp_error=_cholesky_vjp_error,
        tangent=(
            "L = cholesky(x); s = inv(L) @ (dx + transpose(dx))/2 @ transpose(inv(L)); "
            "L @ (tril(s) + tril(s, k=-1))/2"
        ),
        domain="positive definite",
        conventions="reads the symmetric part of x; NaN where it is not positive definite",
        analytic=False,
    ),
)
