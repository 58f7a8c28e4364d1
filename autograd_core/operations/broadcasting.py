"""Broadcasting, as NumPy does it, on shapes and back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from autograd_core.operations.operation import ShapeError
from autograd_core.tensors import Array, Shape


def broadcast_shapes(
    operation: str, shapes: Sequence[Shape], whole: Sequence[Shape] | None = None
) -> Shape:
    """The common shape. Raises ShapeError naming the operation and the shapes.

    whole: the shapes to name, where those that broadcast are only the stacks of matrices.
    """
    first = shapes[0]
    if all(shape == first for shape in shapes):
        return first
    rank = max(len(shape) for shape in shapes)
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    result = []
    for lengths in zip(*padded, strict=True):
        wide = {length for length in lengths if length != 1}
        if len(wide) > 1:
            listed = " and ".join(str(list(shape)) for shape in whole or shapes)
            raise ShapeError(f"{operation}: shapes {listed} do not broadcast together")
        result.append(wide.pop() if wide else 1)
    return tuple(result)


def unbroadcast(array: Array, shape: Shape) -> Array:
    """The adjoint of broadcasting `shape` to the array's: sum over the axes it repeated."""
    if array.shape == shape:
        return array
    lead = np.ndim(array) - len(shape)
    if lead < 0:
        return np.broadcast_to(array, shape)
    repeated = tuple(
        axis + lead
        for axis, length in enumerate(shape)
        if length == 1 and np.shape(array)[axis + lead] != 1
    )
    array = np.add.reduce(array, axis=(*range(lead), *repeated), keepdims=True)
    array = np.reshape(array, np.shape(array)[lead:])
    return array if np.shape(array) == shape else np.broadcast_to(array, shape)


def signed_sum(array: Array, sign: float, shape: Shape) -> Array:
    """`unbroadcast` of the array, or for a sign of -1 of its negative."""
    if sign > 0:
        return unbroadcast(array, shape)
    if array.size > math.prod(shape):
        return 0.0 - unbroadcast(array, shape)  # as a sum of negatives has it, never -0
    return unbroadcast(-array, shape)


# Inner products shorter than this are not worth beginning; of longer ones NumPy's sums of a*b are
# better, which add up halves of halves.
_LEAST, _MOST = 64, 4096


def sum_of_products(a: Array, b: Array, shape: Shape, held: Iterable[Array]) -> Array:
    """`unbroadcast` of a*b; where it is along one axis, innermost in memory, by inner products.

    b is written over, unless it is a view, or one of those held.
    """
    if not np.ndim(b) or np.shape(a) != np.shape(b):
        return unbroadcast(a * b, shape)
    if a.shape == shape:
        mine = b.flags.owndata and b.dtype == a.dtype and not any(b is each for each in held)
        return np.multiply(a, b, out=b if mine else None)
    axis = a.strides.index(min(a.strides))
    kept = (1,) * (a.ndim - len(shape)) + shape
    along_one = kept == (*a.shape[:axis], 1, *a.shape[axis + 1 :])
    innermost = a.strides[axis] == b.strides[axis] == a.itemsize
    if along_one and innermost and _LEAST <= a.shape[axis] <= _MOST:
        sums: Array = np.vecdot(a, b, axis=axis)  # type: ignore[call-overload]  # see NumPy's docs
        return sums.reshape(shape)
    return unbroadcast(a * b, shape)


def repeated(number: Array, shape: Shape) -> Array:
    """np.broadcast_to of one number, which takes that a sixth of its time."""
    return np.ndarray(shape, np.float64, np.float64(number), strides=(0,) * len(shape))


def total_of(parts: Sequence[Array], shape: Shape) -> Array:
    """The sum of arrays that broadcast to a shape, or to one with axes before it; 0 of none.

    A sum of negative zeros is 0. The first array is written over, unless it is a view of another.
    """
    if not parts:
        return np.zeros(shape)
    first, *others = parts
    for other in others:
        first = first + other
    if np.ndim(first) < len(shape) or np.shape(first)[np.ndim(first) - len(shape) :] != shape:
        return first + np.zeros(shape)
    if np.ndim(first) and first.flags.owndata:
        return np.add(first, 0.0, out=first)
    return first + 0.0


# Where NumPy would begin an inner loop for fewer than this many numbers, of so many in all.
_SHORT, _MANY = 32, 8192


def computed(
    function: Callable[..., Array], operands: Sequence[Array], settings: Iterable[object]
) -> Array:
    """function(*operands, *settings), of operands that broadcast.

    NumPy takes as long to begin a row as to compute dozens of numbers. Where the result is larger
    than each operand and has short rows, but another axis many times as long, it is computed along
    that axis and has it innermost in memory, and so has what is made of it in turn.
    """
    axis = _outer_axis(operands)
    if axis is None:
        return function(*operands, *settings)
    rank = max(map(np.ndim, operands))
    order = [*range(axis), *range(axis + 1, rank), axis]
    wide = [np.reshape(each, (1,) * (rank - np.ndim(each)) + np.shape(each)) for each in operands]
    turned = [np.ascontiguousarray(each.transpose(order)) for each in wide]
    return np.moveaxis(function(*turned, *settings), -1, axis)


def _outer_axis(operands: Sequence[Array]) -> int | None:
    most = 1
    for operand in operands:
        most *= operand.size
    if most < _MANY:
        return None
    shapes = {operand.shape for operand in operands}
    if len(shapes) == 1 or () in shapes:
        return None
    shape = np.broadcast_shapes(*shapes)
    longest = max(shape)
    if shape in shapes or shape[-1] >= _SHORT or longest < 8 * _SHORT:
        return None
    return shape.index(longest) if math.prod(shape) >= _MANY else None
