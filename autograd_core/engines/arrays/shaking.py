"""Programs on arrays with their roundings exaggerated, as the kernel's `shaken` does on a tape.

J. Vignes, "A stochastic arithmetic for reliable scientific computation" (1993): move every
intermediate result up or down by an ulp or so, and see what becomes of the answer. Here the
moves are always the same, so that a check gives the same bytes on every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from autograd_core.engines.arrays import sweeps
from autograd_core.limits import Deadline
from autograd_core.program import Instruction, Program
from autograd_core.tensors import EPSILON, Array

_SEED = 20_260_102
# Moves that are repeated over longer arrays; a prime, so that no axis is moved all alike.
_PERIOD = 4093


class Moves(NamedTuple):
    """What instructions are moved by: each instruction, whether at all, and where moves begin."""

    program: Program
    parts: Sequence[tuple[Instruction, bool, int]]


def moves_of(program: Program, instructions: Sequence[Instruction]) -> Moves:
    """The moves of the results of some instructions."""
    return Moves(
        program, [(each, is_rounded(each), each.slot * 127 % _PERIOD) for each in instructions]
    )


def run(moves: Moves, values: list[Array], turn: int, deadline: Deadline | None) -> None:
    """Compute the instructions' slots in place, and move every result that rounding may move.

    turn: 2k and 2k + 1 are for moves of the same pattern in opposite directions.
    """
    for instruction, rounded, begin in moves.parts:
        sweeps.run(moves.program, (instruction,), values, deadline)
        if rounded:
            values[instruction.slot] = moved(values[instruction.slot], begin, turn)


def is_rounded(instruction: Instruction) -> bool:
    """Whether a result is rounded: what has no slope anywhere, as a comparison, is exact."""
    operation = instruction.operation
    return any(operation.passes(index) for index in range(len(instruction.operands)))


def moved(result: Array, begin: int, turn: int) -> Array:
    """A result moved by an ulp or so, one way where `turn` is even and the other where odd.

    begin: where in the sequence of moves its own begin.
    """
    size = EPSILON if turn % 2 == 0 else -EPSILON
    begin = (begin + turn // 2 * 1_201) % _PERIOD
    sequence = _sequence()
    with np.errstate(all="ignore"):
        if not np.shape(result):
            alone: Array = result * (1 + size * float(sequence[begin]))
            return alone
        count = np.size(result)
        together = sequence[begin : begin + count]
        if len(together) < count:
            together = np.resize(np.roll(sequence, -begin), count)
        shaken: Array = result * (1 + size * together.reshape(np.shape(result)))
        return shaken


@cache
def _sequence() -> Array:
    generator = np.random.default_rng(_SEED)
    signs = generator.choice([-1.0, 1.0], size=_PERIOD)
    moves: Array = signs * generator.uniform(0.5, 1.5, size=_PERIOD)  # not alike: see the kernel's
    return moves
