"""Functions of large arrays, piece by piece, within the current deadline.

A special function takes a second or more over ten million elements, and so does LAPACK over a
million matrices. NumPy cannot be stopped on the way, so what is large is computed a piece at a
time, with a look at the clock between two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

import numpy as np

from autograd_core.limits import Deadline, look
from autograd_core.tensors import Array, Shape

Function = TypeVar("Function", bound=Callable[..., Any])

# Elements between two looks: a tenth of a second of the slowest functions.
PIECE: Final = 256 * 1024
# NumPy computes several neighbours in one instruction. Where a piece begins at a multiple of
# this, each has the neighbours that it has in the whole array.
_STRIDE: Final = 64


def look_before(array: Array) -> None:
    """Look at the clock before a sweep over an array, if that is a large one. For rules that make
    dozens of sweeps: one over ten million numbers takes a tenth of a second or two.
    """
    if array.size > PIECE:
        look()


def over_stacks(function: Function) -> Function:
    """`in_pieces` for a function of stacks of matrices, soon done where they are few."""
    in_parts = in_pieces(function, core=2)

    def looking(*stacks: Array) -> Any:
        shape = stacks[0].shape[:-2]
        for stack in stacks:
            if stack.size > PIECE or stack.shape[:-2] != shape:
                return in_parts(*stacks)
        return function(*stacks)

    return looking  # type: ignore[return-value]  # the same but for the looks


def in_pieces(function: Function, read: Sequence[int] | None = None, core: int = 0) -> Function:
    """The same function, which looks at the clock if it has much to do.

    read: which of its arguments, by position, it computes from; by default all. core: how many
    of their last axes belong together. Those before broadcast, and are the first of the result.
    Without a current deadline, and for few elements, it is called once, on everything.
    """

    def looking(*given: Any) -> Any:
        deadline = Deadline.current()
        if deadline is None:
            return function(*given)
        places = range(len(given)) if read is None else read
        sizes = [getattr(given[at], "size", 1) for at in places]
        if math.prod(sizes) <= PIECE:  # found faster than the shape
            return function(*given)
        stacks = {_stack(given[at], core) for at in places}
        if len(stacks) == 1 and max(sizes) <= PIECE:
            return function(*given)
        stack = np.broadcast_shapes(*stacks)
        each = max(math.prod(np.shape(given[at])[-core:]) for at in places) if core else 1
        if not stack or math.prod(stack) * each <= PIECE:
            return function(*given)
        return _piece_by_piece(function, given, places, core, stack, each, deadline)

    return looking  # type: ignore[return-value]  # the same but for the looks


def _stack(array: Any, core: int) -> Shape:
    shape: Shape = np.shape(array)
    return shape[: len(shape) - core]


def _piece_by_piece(
    function: Callable[..., Any],
    given: Sequence[Any],
    read: Iterable[int],
    core: int,
    stack: Shape,
    each: int,
    deadline: Deadline,
) -> Array:
    """Pieces along the longest axis: with 8 axes at most, each has few enough elements.

    stack: the common shape before the core. each: elements of the largest core.
    """
    length = max(stack)
    axis = stack.index(length) - len(stack)
    step = max(1, PIECE * length // (math.prod(stack) * each))
    if step > _STRIDE:
        step -= step % _STRIDE
    arguments = list(given)
    result: Any = None
    for start in range(0, length, step):
        deadline.check()
        piece = slice(start, start + step)
        for at in read:
            arguments[at] = _part(given[at], axis, core, piece)
        computed = function(*arguments)
        if result is None:  # laid out as its pieces are: a sum depends on the order in memory
            shape = (*stack, *np.shape(computed)[len(stack) :])
            result = np.empty_like(computed, shape=shape)
        _part(result, axis, len(np.shape(result)) - len(stack), piece)[...] = computed
    return np.asarray(result)


def _part(array: Any, axis: int, core: int, piece: slice) -> Any:
    """A piece of an array along an axis of its stack, counted from the stack's end; all of it if
    it is repeated along that axis.
    """
    stack = _stack(array, core)
    if len(stack) < -axis or stack[axis] == 1:
        return array
    after: tuple[slice, ...] = (slice(None),) * (core - axis - 1)
    return array[(..., piece, *after)]
