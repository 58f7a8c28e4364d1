"""A program on arrays along a line: something of its values while one slot is nudged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from autograd_core.engines.activity import between
from autograd_core.engines.arrays import shaking, sweeps
from autograd_core.limits import Deadline
from autograd_core.program import Program
from autograd_core.tensors import Array, Flags

Direction = Array | tuple[int, ...]
Output = Callable[[list[Array]], complex]


class ArrayLine:
    """A number made of a program's values, while one slot moves.

    values: of every slot at the point. root: the only slot whose value matters in the end.
    direction: an index (that entry of the slot moves) or an array (all of it does). output:
    makes the number of the values of all slots.
    """

    def __init__(
        self,
        program: Program,
        values: Sequence[Array],
        slot: int,
        root: int,
        direction: Direction,
        output: Output,
        deadline: Deadline | None,
    ) -> None:
        self._program = program
        self._values = values
        self._slot = slot
        self._whole = np.asarray(values[slot])
        self._direction = direction
        self._output = output
        self._deadline = deadline
        self._between = between(program, slot, root)

    @property
    def start(self) -> Array:
        """What moves: a number, or all of a tensor."""
        if isinstance(self._direction, tuple):
            number: Array = self._whole[self._direction]
            return number
        return self._whole

    @cached_property
    def base(self) -> float:
        """The number at the point itself."""
        return self._output(list(self._values)).real

    def at(self, steps: Sequence[complex]) -> Sequence[complex]:
        return [self._output(self._moved(h)) for h in steps]

    def shaken(self, steps: Sequence[float]) -> Sequence[float]:
        return [self._output(self._shaken(h, turn)).real for turn, h in enumerate(steps)]

    def interior(self, step: float, *, shake: bool = False) -> Array:
        values = self._shaken(step, 0) if shake else self._moved(step)
        results = [np.ravel(values[each.slot]) for each in self._between]
        return np.concatenate(results).real if results else np.empty(0)

    def are_rounded(self) -> Flags:
        flags = [
            np.full(np.size(self._values[each.slot]), shaking.is_rounded(each))
            for each in self._between
        ]
        return np.concatenate(flags) if flags else np.empty(0, bool)

    def _moved(self, h: complex) -> list[Array]:
        local = list(self._values)
        local[self._slot] = moved_along(self._whole, self._direction, h)
        sweeps.run(self._program, self._between, local, self._deadline)
        return local

    def _shaken(self, h: float, turn: int) -> list[Array]:
        local = list(self._values)
        start = self._whole
        if not isinstance(self._direction, tuple):  # each of its numbers is rounded when moved
            start = shaking.moved(start, 0, turn)
        local[self._slot] = moved_along(start, self._direction, h)
        shaking.run(self._moves, local, turn, self._deadline)
        return local

    @cached_property
    def _moves(self) -> shaking.Moves:
        return shaking.moves_of(self._program, self._between)


def moved_along(start: Array, direction: Direction, h: complex) -> Array:
    """An array with one entry, or all of them along a direction, moved by h."""
    with np.errstate(all="ignore"):
        if isinstance(direction, tuple):
            moved: Array = start.astype(np.result_type(start, type(h)))
            moved[direction] += h
            return moved[()]
        along: Array = start + h * direction
        return along
