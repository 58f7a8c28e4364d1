"""Linear algebra on the last two axes: det, logdet, inv, solve, cholesky.

A matrix that has no inverse (or no Cholesky factor) is a result, not a failure: its entries
come out NaN, and a strong zero still stops them. Derivatives follow M. Giles, "Collected
matrix derivative results for forward and reverse mode algorithmic differentiation" (2008),
and for cholesky I. Murray, "Differentiation of the Cholesky decomposition" (2016).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_core.operations.arrays.contractions import contracted, strong_matmul, transposed
from autograd_core.operations.arrays.row import ArrayOperation, Operands, Tangents, size
from autograd_core.operations.broadcasting import broadcast_shapes, unbroadcast
from autograd_core.operations.operation import Attributes, ShapeError
from autograd_core.operations.strong import strong_product
from autograd_core.tensors import Array, Shape


def _square(shape: Shape, operation: str) -> int:
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise ShapeError(f"{operation} takes square matrices, not shape {list(shape)}")
    return shape[-1]


def _scalar_shape(operation: str) -> Any:
    def rule(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
        _square(shapes[0], operation)
        return shapes[0][:-2]

    return rule


def _matrix_shape(operation: str) -> Any:
    def rule(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
        _square(shapes[0], operation)
        return shapes[0]

    return rule


def _cubic(shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> int:
    return size(shapes[0]) * shapes[0][-1] + size(shape)


def _each_matrix(routine: Callable[..., Array], *stacks: Array) -> Array:
    """A LAPACK routine over stacks; where it fails for a matrix, that one's result is NaN."""
    try:
        return routine(*stacks)
    except np.linalg.LinAlgError:
        pass
    stack = np.broadcast_shapes(*(np.shape(each)[:-2] for each in stacks))
    whole = [np.broadcast_to(each, (*stack, *np.shape(each)[-2:])) for each in stacks]
    result = np.full_like(whole[-1], np.nan)
    for place in np.ndindex(stack):
        try:
            result[place] = routine(*(each[place] for each in whole))
        except np.linalg.LinAlgError:
            continue
    return result


def _inverse(a: Array) -> Array:
    return _each_matrix(np.linalg.inv, a)


# det: the gradient is the matrix of cofactors, which a singular matrix has as well.


def _det(operands: Operands, attributes: Attributes) -> Array:
    return np.asarray(np.linalg.det(operands[0]))


def _cofactors(a: Array) -> Array:
    """det(a) * inv(a).T, which singular matrices have as well.

    Rows and columns are first scaled by powers of two, exactly, so that neither their sizes
    nor the size of the determinant cost digits. Where a scaled matrix is close to singular,
    its cofactors come from the singular values U S V': det(U V') * U cof(S) V'.
    """
    length = np.shape(a)[-1]
    if length == 0:
        return np.zeros(np.shape(a))
    usable = np.asarray(np.isfinite(a).all(axis=(-2, -1)))[..., None, None]
    rows = _binary_exponents(np.where(usable, a, 0.0), axis=-1)
    scaled = np.ldexp(np.where(usable, a, np.eye(length)), -rows)
    columns = _binary_exponents(scaled, axis=-2)
    scaled = np.ldexp(scaled, -columns)
    s = np.linalg.svd(scaled, compute_uv=False)
    regular = (s[..., -1] * _WELL_CONDITIONED > s[..., 0])[..., None, None]
    inverse = np.linalg.inv(np.where(regular, scaled, np.eye(length)))
    cofactors = np.linalg.det(scaled)[..., None, None] * transposed(inverse)
    if not regular.all():
        cofactors = np.where(regular, cofactors, _cofactors_of_singular(scaled))
    back = np.sum(rows, axis=-2, keepdims=True) - rows
    back = back + np.sum(columns, axis=-1, keepdims=True) - columns
    return np.where(usable, np.ldexp(cofactors, back), np.nan)


def _binary_exponents(a: Array, axis: int) -> Any:
    """The power of two of the largest entry along an axis."""
    return np.frexp(np.max(np.abs(a), axis=axis, keepdims=True))[1]


def _cofactors_of_singular(a: Array) -> Array:
    u, s, vh = np.linalg.svd(a)
    others = [np.prod(np.delete(s, k, axis=-1), axis=-1) for k in range(np.shape(s)[-1])]
    sign = np.rint(np.linalg.det(u) * np.linalg.det(vh))
    return sign[..., None, None] * ((u * np.stack(others, axis=-1)[..., None, :]) @ vh)


_WELL_CONDITIONED = 1e6


def _det_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    return strong_product(np.asarray(g)[..., None, None], _cofactors(operands[0]))


def _traced(tangent: Array, partials: Array) -> Array:
    moved: Array = np.sum(strong_product(tangent, partials), axis=(-2, -1))
    return moved


def _det_jvp(tangents: Tangents, operands: Operands, z: Array, attributes: Attributes) -> Array:
    if tangents[0] is None:
        return np.zeros(np.shape(z))
    return _traced(tangents[0], _cofactors(operands[0]))


def _logdet(operands: Operands, attributes: Attributes) -> Array:
    (a,) = operands
    if np.iscomplexobj(a):
        return np.asarray(np.log(np.linalg.det(a)))
    sign, magnitude = np.linalg.slogdet(a)
    return np.asarray(np.where(sign < 0, np.nan, magnitude))


def _logdet_partials(a: Array, z: Array) -> Array:
    partials = transposed(_inverse(a))
    undefined = np.isnan(z)[..., None, None]
    return np.where(undefined, np.nan, partials)


def _logdet_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    return strong_product(np.asarray(g)[..., None, None], _logdet_partials(operands[0], z))


def _logdet_jvp(tangents: Tangents, operands: Operands, z: Array, attributes: Attributes) -> Array:
    if tangents[0] is None:
        return np.zeros(np.shape(z))
    return _traced(tangents[0], _logdet_partials(operands[0], z))


def _inv(operands: Operands, attributes: Attributes) -> Array:
    return _inverse(operands[0])


def _inv_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    left = transposed(strong_matmul(transposed(g), z))  # z.T @ g
    return -strong_matmul(left, transposed(z))


def _inv_jvp(tangents: Tangents, operands: Operands, z: Array, attributes: Attributes) -> Array:
    if tangents[0] is None:
        return np.zeros(np.shape(z))
    right = strong_matmul(tangents[0], z)
    return -transposed(strong_matmul(transposed(right), transposed(z)))


# solve: a right side of rank 1 is a vector; otherwise it is a stack of matrices.


def _solve_shape(shapes: Sequence[Shape], attributes: Attributes) -> Shape:
    a, b = shapes
    length = _square(a, "solve")
    if not b or (b[0] if len(b) == 1 else b[-2]) != length:
        raise ShapeError(f"solve: shapes {list(a)} and {list(b)} do not fit")
    stack = broadcast_shapes("solve", [a[:-2], () if len(b) == 1 else b[:-2]], shapes)
    return (*stack, *(b if len(b) == 1 else b[-2:]))


def _solve_cost(shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> int:
    return (size(shapes[0]) + size(shape)) * shapes[0][-1]


def _columns(b: Array, like: Array) -> Array:
    return b[..., None] if np.ndim(like) == 1 else b


def _solved(a: Array, b: Array) -> Array:
    """Solution with the matrix; a column of zeros has the solution 0 whatever the matrix."""
    solution = _each_matrix(np.linalg.solve, a, b)
    if np.isfinite(solution).all():
        return solution
    absent = (np.equal(b, 0)).all(axis=-2, keepdims=True)
    return np.where(absent, 0.0, solution)


def _solve(operands: Operands, attributes: Attributes) -> Array:
    a, b = operands
    solution = _each_matrix(np.linalg.solve, a, _columns(b, b))
    return solution[..., 0] if np.ndim(b) == 1 else solution


def _solve_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    a, b = operands
    flowing = _solved(transposed(a), _columns(g, b))
    if i == 0:
        return -contracted(np.shape(a), flowing, _columns(z, b))
    return unbroadcast(flowing[..., 0] if np.ndim(b) == 1 else flowing, np.shape(b))


def _solve_jvp(tangents: Tangents, operands: Operands, z: Array, attributes: Attributes) -> Array:
    a, b = operands
    columns = _columns(z, b)
    right: Array = np.zeros(np.shape(columns))
    if tangents[1] is not None:
        right = right + _columns(tangents[1], b)
    if tangents[0] is not None:
        right = right - strong_matmul(tangents[0], columns)
    solution = _solved(a, right)
    return np.reshape(solution, np.shape(z))


# cholesky, of the symmetric part: the value then depends on both triangles alike.


def _symmetric(a: Array) -> Array:
    return (a + transposed(a)) / 2


def _cholesky(operands: Operands, attributes: Attributes) -> Array:
    return _each_matrix(np.linalg.cholesky, _symmetric(operands[0]))


def _half_lower(a: Array) -> Array:
    """The lower triangle with its diagonal halved: Murray's Phi."""
    return np.tril(a) - np.eye(np.shape(a)[-1]) * a / 2


def _cholesky_vjp(i: int, g: Array, operands: Operands, z: Array, attributes: Attributes) -> Array:
    g = np.tril(g)
    absent = np.equal(g, 0).all(axis=(-2, -1), keepdims=True)
    middle = _half_lower(transposed(strong_matmul(transposed(g), z)))
    left = _each_matrix(np.linalg.solve, transposed(z), middle)
    whole = transposed(_each_matrix(np.linalg.solve, transposed(z), transposed(left)))
    return np.where(absent, 0.0, _symmetric(whole))


def _cholesky_jvp(
    tangents: Tangents, operands: Operands, z: Array, attributes: Attributes
) -> Array:
    if tangents[0] is None:
        return np.zeros(np.shape(z))
    tangent = _symmetric(tangents[0])
    absent = np.equal(tangent, 0).all(axis=(-2, -1), keepdims=True)
    left = _each_matrix(np.linalg.solve, z, tangent)
    middle = transposed(_each_matrix(np.linalg.solve, z, transposed(left)))
    return np.where(absent, 0.0, z @ _half_lower(middle))


ROWS: tuple[ArrayOperation, ...] = (
    ArrayOperation(
        name="det",
        doc="Determinant.",
        category="linear algebra",
        shape_rule=_scalar_shape("det"),
        cost_rule=_cubic,
        value_rule=_det,
        vjp_rule=_det_vjp,
        jvp_rule=_det_jvp,
        derivative="the cofactors, det(x)*inv(x).T",
        conventions="singular matrices have a gradient too",
    ),
    ArrayOperation(
        name="logdet",
        doc="Logarithm of the determinant, without overflow.",
        category="linear algebra",
        shape_rule=_scalar_shape("logdet"),
        cost_rule=_cubic,
        value_rule=_logdet,
        vjp_rule=_logdet_vjp,
        jvp_rule=_logdet_jvp,
        derivative="inv(x).T",
        domain="det(x) > 0",
        conventions="NaN where the determinant is negative, -inf where it is 0",
    ),
    ArrayOperation(
        name="inv",
        doc="Matrix inverse.",
        category="linear algebra",
        shape_rule=_matrix_shape("inv"),
        cost_rule=_cubic,
        value_rule=_inv,
        vjp_rule=_inv_vjp,
        jvp_rule=_inv_jvp,
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
        derivative="y: solve(x.T, g), x: -solve(x.T, g) @ z.T",
        domain="det(x) != 0",
        conventions="y of rank 1 is a vector; NaN where x is singular",
    ),
    ArrayOperation(
        name="cholesky",
        doc="Lower triangular L with L @ L.T = (x + x.T)/2.",
        category="linear algebra",
        shape_rule=_matrix_shape("cholesky"),
        cost_rule=_cubic,
        value_rule=_cholesky,
        vjp_rule=_cholesky_vjp,
        jvp_rule=_cholesky_jvp,
        derivative="inv(z).T @ Phi(z.T @ g) @ inv(z), symmetrised",
        domain="positive definite",
        conventions="reads the symmetric part of x; NaN where it is not positive definite",
        analytic=False,
    ),
)
