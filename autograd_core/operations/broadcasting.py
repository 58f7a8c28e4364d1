"""Broadcasting, as NumPy does it, on shapes and back."""

from __future__ import annotations

from collections.abc import Sequence

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
    if np.shape(array) == shape:
        return array
    lead = np.ndim(array) - len(shape)
    if lead < 0:
        return np.broadcast_to(array, shape)
    repeated = tuple(
        axis + lead
        for axis, length in enumerate(shape)
        if length == 1 and np.shape(array)[axis + lead] != 1
    )
    array = np.sum(array, axis=(*range(lead), *repeated), keepdims=True)
    return np.broadcast_to(np.reshape(array, np.shape(array)[lead:]), shape)
