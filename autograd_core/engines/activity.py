"""Activity: which instructions a sweep has to visit, from the structure of a program alone.

A slot is *varied* if it depends on what moves, *useful* if something asked for depends on it
(L. Hascoet and V. Pascual, "The Tapenade automatic differentiation tool", ACM TOMS 39 (2013),
section 4). Operands along which nothing flows (a comparison's) do not count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from autograd_core.limits import Deadline, watched
from autograd_core.program import Instruction, Program


class Useful(NamedTuple):
    """What a reverse sweep has to visit for the cotangents of some slots.

    active: by slot, whether its cotangent is one of those or leads to one. leading: the
    instructions with an operand where that is so, along which anything flows, in order; reached:
    which operands of each.
    """

    active: bytearray
    leading: Sequence[Instruction]
    reached: Sequence[Sequence[int]]


def leading_to(program: Program, wanted: Iterable[int], deadline: Deadline | None) -> Useful:
    """What is useful for the cotangents of the wanted slots. Raises DeadlineExceeded."""
    active = bytearray(len(program.shapes))
    for slot in wanted:
        active[slot] = 1
    leading, every = [], []
    for instruction in watched(program.instructions, deadline):
        reached = reached_by(instruction, active)
        if reached:
            leading.append(instruction)
            every.append(reached)
            active[instruction.slot] = 1
    return Useful(active, leading, every)


def reached_by(instruction: Instruction, active: bytearray) -> list[int]:
    """The operands, by index, that an instruction sends something of use to."""
    passes = instruction.operation.passes
    return [
        index for index, slot in enumerate(instruction.operands) if active[slot] and passes(index)
    ]


def is_varied(instruction: Instruction, varied: Collection[int]) -> bool:
    """Whether an operand is varied along which anything flows."""
    return any(
        slot in varied and instruction.operation.passes(index)
        for index, slot in enumerate(instruction.operands)
    )


def between(program: Program, source: int, root: int) -> Sequence[Instruction]:
    """The instructions through which a slot's value depends on another's, in order.

    Those that compute `source` itself are not among them.
    """
    needed, useful = {root}, []
    for instruction in reversed(program.downstream([source])):
        if instruction.slot in needed:
            needed.update(instruction.operands)
            useful.append(instruction)
    return useful[::-1]
