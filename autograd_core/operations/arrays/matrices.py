"""What operations on the last two axes share: shapes, costs, LAPACK routines over stacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autograd_core.limits import Deadline, watched
from autograd_core.operations.arrays.contractions import strong_matmul, transposed
from autograd_core.operations.arrays.unary import UnaryShape
from autograd_core.operations.operation import Attributes, ShapeError
from autograd_core.operations.pieces import over_stacks
from autograd_core.operations.rounded import UNIT
from autograd_core.operations.strong_zeros import all_finite
from autograd_core.tensors import Array, Shape, size_for_limits


def side_of(shape: Shape, operation: str) -> int:
    """Rows, which are columns. Raises ShapeError."""
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise ShapeError(f"{operation} takes square matrices, not shape {list(shape)}")
    return shape[-1]


def matrix_shape(operation: str) -> UnaryShape:
    """The shape rule of a matrix for each square matrix."""

    def rule(shape: Shape, attributes: Attributes) -> Shape:
        side_of(shape, operation)
        return shape

    return rule


def cubic(shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> int:
    """The cost of a factorisation: n**3 for each matrix."""
    return size_for_limits(shapes[0]) * max(1, shapes[0][-1]) + size_for_limits(shape)


def each_matrix(routine: Callable[..., Array]) -> Callable[..., Array]:
    """A LAPACK routine over stacks; where it fails for a matrix, that one's result is NaN."""

    @over_stacks
    def over_all(*stacks: Array) -> Array:
        try:
            return routine(*stacks)
        except np.linalg.LinAlgError:
            pass
        stack = np.broadcast_shapes(*(np.shape(each)[:-2] for each in stacks))
        whole = [np.broadcast_to(each, (*stack, *np.shape(each)[-2:])) for each in stacks]
        result = np.full_like(whole[-1], np.nan)
        for place in watched(np.ndindex(stack), Deadline.current()):
            try:
                result[place] = routine(*(each[place] for each in whole))
            except np.linalg.LinAlgError:
                continue
        return result

    return over_all


inverse = each_matrix(np.linalg.inv)
solution = each_matrix(np.linalg.solve)


@over_stacks
def solution_error(a: Array, x: Array, b: Array) -> Array:
    """A bound of the error of a solution x of a @ x = b, however it was found: what is left of b,
    and the rounding of that (N. Higham, "Accuracy and Stability of Numerical Algorithms", 7.4).
    """
    left = np.abs(strong_matmul(a, x) - b)
    roundings = UNIT * (np.shape(a)[-1] + 1)
    left = left + roundings * (strong_matmul(np.abs(a), np.abs(x)) + np.abs(b))
    return strong_matmul(np.abs(inverse(a)), left)


def inverse_error(a: Array, inverted: Array) -> Array:
    """A bound of the error of an inverse, however it was found."""
    return solution_error(a, inverted, np.eye(np.shape(a)[-1]))


def between(left: Array, middle: Array, right: Array) -> Array:
    """left @ middle @ right, zeros being strong in each of the products."""
    return strong_matmul(strong_matmul(left, middle), right)


@over_stacks
def strong_solve(a: Array, b: Array) -> Array:
    """Solution with the matrix, for right sides that are derivatives: their zeros are strong.

    A matrix that is not finite has no inverse: NaN, whatever LAPACK makes of it.
    """
    solved = solution(a, b)
    if all_finite(solved) and all_finite(a):
        return solved
    usable = np.isfinite(a).all(axis=(-2, -1), keepdims=True)
    finite = usable & np.isfinite(solved).all(axis=-2, keepdims=True)
    inverted = np.where(usable, inverse(a), np.nan)
    return np.where(finite, solved, strong_matmul(inverted, b))


def inverse_tangent(tangent: Array, inverted: Array) -> Array:
    """The tangent of an inverse, -inverted @ tangent @ inverted (Giles 2008)."""
    right = strong_matmul(tangent, inverted)
    return -transposed(strong_matmul(transposed(right), transposed(inverted)))
