"""Determinants: det, whose derivatives a singular matrix has as well, and logdet."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy.linalg

from autograd_core.limits import look
from autograd_core.operations.array_row import ArrayOperation
from autograd_core.operations.arrays.axes import Reach, reduction
from autograd_core.operations.arrays.contractions import transposed
from autograd_core.operations.arrays.matrices import (
    cubic,
    inverse,
    inverse_error,
    inverse_tangent,
    side_of,
)
from autograd_core.operations.arrays.others import products_of_others
from autograd_core.operations.operation import Attributes
from autograd_core.operations.pieces import over_stacks
from autograd_core.operations.rounded import UNIT
from autograd_core.operations.strong_zeros import strong_product
from autograd_core.tensors import Array, Shape

# det: the gradient is the matrix of cofactors, which a singular matrix has as well.


@over_stacks
def _det(a: Array) -> Array:
    return np.asarray(np.linalg.det(a))


class _Balanced(NamedTuple):
    """Matrices, rows and columns scaled by powers of two, exactly.

    So neither their sizes nor the size of the determinant cost digits. scaled: identities in
    place of matrices that are not `usable` (finite). shift: a = scaled * 2**shift, entry by
    entry; back: cofactors of a = those of `scaled` * 2**back.
    """

    usable: Any
    scaled: Array
    shift: Any
    back: Any


def _balanced(a: Array) -> _Balanced:
    usable = np.asarray(np.isfinite(a).all(axis=(-2, -1)))[..., None, None]
    rows = _binary_exponents(np.where(usable, a, 0.0), axis=-1)
    scaled = np.ldexp(np.where(usable, a, np.eye(np.shape(a)[-1])), -rows)
    columns = _binary_exponents(scaled, axis=-2)
    scaled = np.ldexp(scaled, -columns)
    shift = rows + columns
    back = np.sum(rows, axis=-2, keepdims=True) + np.sum(columns, axis=-1, keepdims=True) - shift
    return _Balanced(usable, scaled, shift, back)


def _binary_exponents(a: Array, axis: int) -> Any:
    """The power of two of the largest entry along an axis."""
    return np.frexp(np.max(np.abs(a), axis=axis, keepdims=True))[1]


@over_stacks
def _cofactors(a: Array) -> Array:
    """det(a) * inv(a).T, which singular matrices have as well.

    Where a scaled matrix is close to singular, its cofactors come from its singular values.
    """
    if np.shape(a)[-1] == 0:
        return np.zeros(np.shape(a))
    usable, scaled, _, back = _balanced(a)
    look()  # a large matrix alone takes some tenths of a second for each step
    s = np.linalg.svd(scaled, compute_uv=False)
    regular = (s[..., -1] * _WELL_CONDITIONED > s[..., 0])[..., None, None]
    inverted = np.linalg.inv(np.where(regular, scaled, np.eye(np.shape(a)[-1])))
    cofactors = np.linalg.det(scaled)[..., None, None] * transposed(inverted)
    if not regular.all():
        cofactors = np.where(regular, cofactors, _cofactors_of_singular(scaled))
    return np.where(usable, np.ldexp(cofactors, back), np.nan)


_WELL_CONDITIONED = 1e6


def _cofactors_of_singular(a: Array) -> Array:
    """With the singular values U S V': det(U V') * U cof(S) V', cofactors being multiplicative."""
    look()
    u, s, vh = np.linalg.svd(a)
    others = products_of_others(s, (s.ndim - 1,))
    return _orientation(u, vh) * ((u * others[..., None, :]) @ vh)


def _orientation(u: Array, vh: Array) -> Array:
    """det(U V'), which is 1 or -1, for each matrix."""
    return np.rint(np.linalg.det(u) * np.linalg.det(vh))[..., None, None]


@over_stacks
def _cofactors_tangent(tangent: Array, a: Array) -> Array:
    """The tangent of the cofactors as `a` moves; singular matrices of any rank have it as well.

    In the bases of the singular values, where `a` is diagonal and moves along M = U' tangent V,
    let s_ij be the product of the singular values other than i and j. The cofactor (i, j) moves
    by -M_ji s_ij, and (i, i) by the sum of M_jj s_ij over the other j: a cofactor is a
    determinant, expanded to first order. Nothing is divided by. (For matrices of full rank it
    is the differential of the adjoint matrix, Magnus & Neudecker, "Matrix Differential
    Calculus", chapter 8.)
    """
    if np.shape(a)[-1] == 0:
        return np.zeros(np.shape(a))
    usable, scaled, shift, back = _balanced(a)
    look()
    u, s, vh = np.linalg.svd(scaled)
    along = transposed(u) @ np.ldexp(tangent, -shift) @ transposed(vh)
    diagonal = np.eye(np.shape(a)[-1], dtype=bool)
    without_one = np.where(diagonal, 1.0, s[..., None, :])
    without_two = products_of_others(without_one, (without_one.ndim - 1,))
    straight = np.where(diagonal, 0.0, along.diagonal(axis1=-2, axis2=-1)[..., None, :])
    straight = np.sum(straight * without_two, axis=-1, keepdims=True)
    moved = np.where(diagonal, straight, -transposed(along) * without_two)
    moved = np.where(usable, np.ldexp(_orientation(u, vh) * (u @ moved @ vh), back), np.nan)
    return np.where(np.equal(tangent, 0).all(axis=(-2, -1), keepdims=True), 0.0, moved)


# Rounding. The factors are exact for a matrix that differs from the given one by no more than n
# units of the product of their absolute values (N. Higham, "Accuracy and Stability of Numerical
# Algorithms", theorem 9.3); the determinant moves with it along the cofactors.


def _factors(a: Array) -> tuple[Array, Array]:
    """How far from `a` the product of its factors may be; and the second factor's diagonal."""
    lower, upper = scipy.linalg.lu(a, permute_l=True, check_finite=False)
    off = UNIT * np.shape(a)[-1] * (np.abs(lower) @ np.abs(upper))
    return off, upper.diagonal(axis1=-2, axis2=-1)


@over_stacks
def _det_error(a: Array) -> Array:
    """By the cofactors, and n roundings of the product of the diagonal."""
    if not np.size(a):
        return np.zeros(np.shape(a)[:-2])
    moved = np.sum(strong_product(np.abs(_cofactors(a)), _factors(a)[0]), axis=(-2, -1))
    return moved + UNIT * np.shape(a)[-1] * np.abs(np.linalg.det(a))


@over_stacks
def _cofactors_error(a: Array) -> Array:
    """Of det(a) * inv(a).T; by singular values they are those of a matrix close by, and may differ
    by n**3 units of the largest of their products.
    """
    if not np.size(a):
        return np.zeros(np.shape(a))
    usable, scaled, _, back = _balanced(a)
    look()
    s, n = np.linalg.svd(scaled, compute_uv=False), np.shape(a)[-1]
    by_values = n**3 * UNIT * (s[..., 0] * np.prod(s[..., :-2], axis=-1))[..., None, None]
    regular = (s[..., -1] * _WELL_CONDITIONED > s[..., 0])[..., None, None]
    invertible = np.where(regular, scaled, np.eye(n))
    inverted, determinant = np.linalg.inv(invertible), np.linalg.det(invertible)
    look()
    moved = np.asarray(_det_error(invertible))[..., None, None]
    look()
    by_inverse = moved * np.abs(transposed(inverted)) + np.abs(
        determinant[..., None, None] * transposed(inverse_error(invertible, inverted))
    )
    return np.where(usable, np.ldexp(np.where(regular, by_inverse, by_values), back), np.inf)


@over_stacks
def _logdet(a: Array) -> Array:
    if np.iscomplexobj(a):
        return np.asarray(np.log(np.linalg.det(a)))
    sign, magnitude = np.linalg.slogdet(a)
    return np.asarray(np.where(sign < 0, np.nan, magnitude))


def _logdet_partials(a: Array, z: Array, attributes: Attributes) -> Array:
    partials = transposed(inverse(a))
    undefined = np.isnan(z)[..., None, None]
    return np.where(undefined, np.nan, partials)


def _logdet_partials_tangent(tangent: Array, a: Array, z: Array, attributes: Attributes) -> Array:
    inverted = transposed(_logdet_partials(a, z, attributes))
    return transposed(inverse_tangent(tangent, inverted))


@over_stacks
def _logdet_error(a: Array) -> Array:
    if not np.size(a):
        return np.zeros(np.shape(a)[:-2])
    off, diagonal = _factors(a)
    moved = np.sum(strong_product(np.abs(inverse(a)), transposed(off)), axis=(-2, -1))
    roundings = UNIT * (np.shape(a)[-1] + 2)
    return moved + roundings * np.sum(np.abs(np.log(np.abs(diagonal))), axis=-1)


def _of_each_matrix(name: str) -> dict[str, Any]:
    """What the rows of a number for each square matrix share."""

    def shape(shape: Shape, attributes: Attributes) -> Shape:
        side_of(shape, name)
        return shape[:-2]

    return {
        "shape": shape,
        "reach": _EACH_MATRIX,
        "category": "linear algebra",
        "cost_rule": cubic,
    }


_EACH_MATRIX = Reach(
    spread=lambda g, a, attributes: np.asarray(g)[..., None, None],
    summed=lambda array, attributes: np.sum(array, axis=(-2, -1)),
)


ROWS: tuple[ArrayOperation, ...] = (
    reduction(
        "det",
        "Determinant.",
        lambda a, attributes: _det(a),
        lambda a, z, attributes: _cofactors(a),
        lambda tangent, a, z, attributes: _cofactors_tangent(tangent, a),
        error=lambda a, z, attributes: _det_error(a),
        partials_error=lambda a, z, error, attributes: _cofactors_error(a),
        tangent="det(x)*trace(inv(x) @ dx)",
        derivative="the cofactors, det(x)*transpose(inv(x))",
        conventions="singular matrices have a gradient too",
        **_of_each_matrix("det"),
    ),
    reduction(
        "logdet",
        "Logarithm of the determinant, without overflow.",
        lambda a, attributes: _logdet(a),
        _logdet_partials,
        _logdet_partials_tangent,
        error=lambda a, z, attributes: _logdet_error(a),
        partials_error=lambda a, z, error, attributes: transposed(inverse_error(a, inverse(a))),
        formula="log(det(x))",
        tangent="trace(inv(x) @ dx)",
        derivative="transpose(inv(x))",
        domain="det(x) > 0",
        conventions="NaN where the determinant is negative, -inf where it is 0",
        **_of_each_matrix("logdet"),
    ),
)
