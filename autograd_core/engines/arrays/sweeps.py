"""The array engine: programs of any shape, on NumPy.

Forward is a loop over instructions. Reverse is the same loop backwards with a table of
cotangents that belongs to the call: a slot that nothing has flowed to has no entry, which is
not the same as a zero. Only slots that lead to something asked for are visited.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from autograd_core.engines.activity import Useful
from autograd_core.errors import GraphError
from autograd_core.limits import Deadline, within
from autograd_core.operations import ValueFault
from autograd_core.operations.directions import Rules, along
from autograd_core.program import Instruction, Program
from autograd_core.tensors import Array

NAME = "arrays"
Values = list[Array]
# What is freed above a threshold glibc gives back to the system, and the next sweep over arrays of
# some hundred kB takes half as long again to have its pages anew. The threshold is twice the
# largest block that has come and gone: this one, of which no page is ever touched.
np.empty(4_000_000)


def forward(program: Program, bindings: Sequence[Array], deadline: Deadline | None) -> Values:
    """The value of every slot. bindings: in the order of program.inputs.

    Raises GraphError (invalid_value) where an operand's value means nothing to an operation,
    and DeadlineExceeded.
    """
    values: Values = [np.float64(0)] * len(program.shapes)  # type: ignore[list-item]  # filled below
    values[: len(bindings)] = bindings
    for slot, constant in program.constants.items():
        values[slot] = constant
    run(program, program.instructions, values, deadline)
    return values


def run(
    program: Program,
    instructions: Iterable[Instruction],
    values: Values,
    deadline: Deadline | None,
) -> None:
    """Compute the instructions' slots in place, from the values already there."""
    with np.errstate(all="ignore"), within(deadline):
        for instruction in instructions:
            if deadline is not None:
                deadline.check()
            operands = [values[slot] for slot in instruction.operands]
            try:
                values[instruction.slot] = instruction.operation.value(
                    operands, instruction.attributes
                )
            except ValueFault as error:
                raise _at(program, instruction, str(error)) from None


def reverse(
    program: Program,
    values: Values,
    seeds: Mapping[int, Array],
    useful: Useful,
    deadline: Deadline | None,
    count: int | None = None,
    wanted: Collection[int] | None = None,
) -> dict[int, Array]:
    """Cotangents of the slots that are useful for some, from those of the seeds.

    seeds: cotangents of results, by slot; many of each along a leading axis of `count`. A slot that
    nothing reaches has no entry. wanted: of all others, what has been sent on is forgotten, and its
    memory, which is in the caches, is used again.
    """
    cotangents = dict(seeds)
    steps = zip(reversed(useful.leading), reversed(useful.reached), strict=True)
    with np.errstate(all="ignore"), within(deadline):
        for instruction, reached in steps:
            if instruction.slot in cotangents:
                rules = along(instruction.operation, count)
                _pull_back(instruction, rules, reached, values, cotangents, deadline)
                if wanted is not None and instruction.slot not in wanted:
                    del cotangents[instruction.slot]
    return cotangents


def _pull_back(
    instruction: Instruction,
    rules: Rules,
    reached: Sequence[int],
    values: Values,
    cotangents: dict[int, Array],
    deadline: Deadline | None,
) -> None:
    """Add what one instruction sends to its operands."""
    cotangent = cotangents[instruction.slot]
    operands = [values[slot] for slot in instruction.operands]
    result, attributes = values[instruction.slot], instruction.attributes
    for index, sent in rules.vjps(reached, cotangent, operands, result, attributes):
        if deadline is not None:  # an instruction may have any number of operands
            deadline.check()
        slot = instruction.operands[index]
        known = cotangents.get(slot)
        if known is None:
            cotangents[slot] = sent
        elif sent is cotangent or not np.ndim(sent) or not sent.flags.owndata:
            cotangents[slot] = known + sent
        else:  # made for this, and in nobody else's hands
            cotangents[slot] = np.add(known, sent, out=sent)


def _at(program: Program, instruction: Instruction, detail: str) -> GraphError:
    place = program.place_of(instruction)
    return GraphError(place.fault("invalid_value", detail))
