"""Elementwise functions of large arrays, piece by piece, within the current deadline.

A special function takes a second or more over ten million elements. NumPy cannot be stopped on
the way, so what is large is computed a piece at a time, with a look at the clock between two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from autograd_core.limits import Deadline
from autograd_core.tensors import Array, Shape

Function = Callable[..., Any]

# Elements between two looks: a tenth of a second of the slowest functions.
PIECE: Final = 256 * 1024
# NumPy computes several neighbours in one instruction. Where a piece begins at a multiple of
# this, each has the neighbours that it has in the whole array.
_STRIDE: Final = 64


def in_pieces(function: Function, read: Sequence[int]) -> Function:
    """The same function, which looks at the clock if it has much to do.

    read: which of its arguments, by position, it computes from: the result has their common
    shape. Without a current deadline, and for few elements, it is called once, on everything.
    """

    def looking(*given: Any) -> Any:
        deadline = Deadline.current()
        if deadline is None:
            return function(*given)
        bound = 1  # on the elements, found faster than the shape
        for at in read:
            bound *= getattr(given[at], "size", 1)
        if bound <= PIECE:
            return function(*given)
        shape = np.broadcast_shapes(*(np.shape(given[at]) for at in read))
        if math.prod(shape) <= PIECE:
            return function(*given)
        return _piece_by_piece(function, given, read, shape, deadline)

    return looking


def _piece_by_piece(
    function: Function, given: Sequence[Any], read: Sequence[int], shape: Shape, deadline: Deadline
) -> Array:
    """Pieces along the longest axis: with 8 axes at most, each has few enough elements."""
    length = max(shape)
    axis = shape.index(length) - len(shape)
    step = max(1, PIECE * length // math.prod(shape))
    if step > _STRIDE:
        step -= step % _STRIDE
    arguments = list(given)
    result: Any = None
    for start in range(0, length, step):
        deadline.check()
        piece = slice(start, start + step)
        for at in read:
            arguments[at] = _part(given[at], axis, piece)
        computed = function(*arguments)
        if result is None:  # laid out as its pieces are: a sum depends on the order in memory
            result = np.empty_like(computed, shape=shape)
        _part(result, axis, piece)[...] = computed
    return np.asarray(result)


def _part(array: Any, axis: int, piece: slice) -> Any:
    """A piece of an array along an axis, counted from the end; all of it if it is repeated
    along that axis.
    """
    if np.ndim(array) < -axis or np.shape(array)[axis] == 1:
        return array
    after: tuple[slice, ...] = (slice(None),) * (-axis - 1)
    return array[(..., piece, *after)]
