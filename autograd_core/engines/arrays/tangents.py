"""Tangents on the array engine: of values, going forward, and of cotangents, in reverse.

Forward over reverse (Griewank & Walther, "Evaluating Derivatives", section 5.1): the reverse
sweep is itself differentiated along a direction. What an instruction sends to an operand is its
vjp, which is linear in the cotangent, so the tangent of what it sends is the vjp of the
cotangent's tangent, and the change of the vjp as the operands move. The cotangents do not
depend on the direction: one reverse sweep serves as many directions as are asked for.

A direction is tangents by slot. A slot that does not move has no entry, which is not the same
as a zero; and zeros are strong here, too. The tangent of a node's slot is a push that is added
to the node's value, and so to the tangent that arrives there from its operands, which is none
unless they move. It moves what is downstream of the node, and not how the node is computed, just
as the node's cotangent is the derivative by such a push. Products with tangents are thus sums
over blocks, and Hessians symmetric, whichever inputs and nodes upstream of one another are taken
together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from autograd_core.engines.activity import Useful, is_varied
from autograd_core.limits import Deadline, within
from autograd_core.operations.directions import Rules, along
from autograd_core.program import Instruction, Program
from autograd_core.tensors import Array


def push_forward(
    program: Program,
    values: Sequence[Array],
    tangents: Mapping[int, Array],
    deadline: Deadline | None,
    count: int | None = None,
) -> dict[int, Array]:
    """Tangents of every slot that moves, from those of some: inputs, or results of instructions.

    values: of every slot. Each tangent is in the shape of its slot; along many directions after a
    leading axis of `count`. Raises DeadlineExceeded.
    """
    moving = dict(tangents)
    with np.errstate(all="ignore"), within(deadline):
        for instruction in program.instructions:
            if not is_varied(instruction, moving):
                continue
            if deadline is not None:
                deadline.check()
            arriving = along(instruction.operation, count).jvp(
                [moving.get(slot) for slot in instruction.operands],
                [values[slot] for slot in instruction.operands],
                values[instruction.slot],
                instruction.attributes,
            )
            pushed = tangents.get(instruction.slot)
            moving[instruction.slot] = arriving if pushed is None else pushed + arriving
    return moving


def reverse_tangents(
    program: Program,
    values: Sequence[Array],
    cotangents: Mapping[int, Array],
    tangents: Mapping[int, Array],
    useful: Useful,
    deadline: Deadline | None,
    count: int | None = None,
) -> dict[int, Array]:
    """Tangents of the cotangents of the slots that are useful for some.

    For the cotangents of a scalar output this is the Hessian times the direction. cotangents: all
    that `sweeps.reverse` found for the same slots, or for more; the seeds do not move.
    tangents: all that `push_forward` found. A slot whose cotangent does not move has no entry.
    count: as there. Raises DeadlineExceeded.
    """
    moving: dict[int, Array] = {}
    steps = zip(reversed(useful.leading), reversed(useful.reached), strict=True)
    with np.errstate(all="ignore"), within(deadline):
        for instruction, reached in steps:
            if instruction.slot not in cotangents:
                continue
            if instruction.slot in moving or is_varied(instruction, tangents):
                rules = along(instruction.operation, count)
                _pull_back(
                    instruction, rules, reached, values, cotangents, tangents, moving, deadline
                )
    return moving


def _pull_back(
    instruction: Instruction,
    rules: Rules,
    reached: Sequence[int],
    values: Sequence[Array],
    cotangents: Mapping[int, Array],
    tangents: Mapping[int, Array],
    moving: dict[int, Array],
    deadline: Deadline | None,
) -> None:
    """Add what one instruction sends to the tangents of its operands' cotangents."""
    attributes = instruction.attributes
    operands = [values[slot] for slot in instruction.operands]
    pushes = [tangents.get(slot) for slot in instruction.operands]
    result, cotangent = values[instruction.slot], cotangents[instruction.slot]
    moved = moving.get(instruction.slot)
    if moved is not None:
        for index, sent in rules.vjps(reached, moved, operands, result, attributes):
            _add(moving, instruction.operands[index], sent, deadline)
    for index in reached:
        bent = rules.vjp_tangent(index, cotangent, pushes, operands, result, attributes)
        _add(moving, instruction.operands[index], bent, deadline)


def _add(
    moving: dict[int, Array], slot: int, part: Array | None, deadline: Deadline | None
) -> None:
    if deadline is not None:
        deadline.check()
    if part is not None:
        moving[slot] = moving[slot] + part if slot in moving else part
