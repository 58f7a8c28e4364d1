"""The array engine: programs of any shape, on NumPy.

Forward is a loop over instructions. Reverse is the same loop backwards with a table of
cotangents that belongs to the call: a slot that nothing has flowed to has no entry, which is
not the same as a zero. Only slots that lead to something asked for are visited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from autograd_core.errors import Fault, GraphError
from autograd_core.limits import Deadline, within
from autograd_core.operations import ValueFault
from autograd_core.program import Instruction, Program
from autograd_core.tensors import Array

NAME = "arrays"
Values = list[Array]


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
    wanted: Iterable[int],
    deadline: Deadline | None,
) -> dict[int, Array]:
    """Cotangents of the wanted slots, and of the slots between them and the seeds.

    seeds: cotangents of results, by slot. A slot that nothing reaches has no entry.
    """
    active, leading = leading_to(program, wanted)
    cotangents = dict(seeds)
    with np.errstate(all="ignore"), within(deadline):
        for instruction in reversed(leading):
            _pull_back(instruction, values, cotangents, active, deadline)
    return cotangents


def reversed_at(
    program: Program,
    inputs: Sequence[Array],
    wanted: Iterable[int],
    deadline: Deadline | None,
) -> tuple[Values, dict[int, Array]]:
    """Every value, and the cotangents of the wanted slots under the program's scalar output."""
    values = forward(program, inputs, deadline)
    ((_, cotangents),) = under_each(program, values, program.outputs, wanted, deadline)
    return values, cotangents


def under_each(
    program: Program,
    values: Values,
    roots: Iterable[int],
    wanted: Iterable[int],
    deadline: Deadline | None,
) -> Iterator[tuple[int, dict[int, Array]]]:
    """Each of the roots, and the cotangents of the wanted slots under the sum of its entries."""
    for root in roots:
        seeds = {root: np.ones(np.shape(values[root]))[()]}
        yield root, reverse(program, values, seeds, wanted, deadline)


def leading_to(program: Program, wanted: Iterable[int]) -> tuple[bytearray, list[Instruction]]:
    """What a reverse sweep has to visit for the cotangents of the wanted slots.

    By slot, whether its cotangent is one of those or leads to one; and the instructions with an
    operand where that is so, along which anything flows, in order.
    """
    active = bytearray(len(program.shapes))
    for slot in wanted:
        active[slot] = 1
    leading = []
    for instruction in program.instructions:
        if any(
            active[slot] and instruction.operation.passes(index)
            for index, slot in enumerate(instruction.operands)
        ):
            leading.append(instruction)
            active[instruction.slot] = 1
    return active, leading


def _pull_back(
    instruction: Instruction,
    values: Values,
    cotangents: dict[int, Array],
    active: bytearray,
    deadline: Deadline | None,
) -> None:
    """Add what one instruction sends to its operands."""
    cotangent = cotangents.get(instruction.slot)
    if cotangent is None:
        return
    operation, attributes = instruction.operation, instruction.attributes
    operands = [values[slot] for slot in instruction.operands]
    result = values[instruction.slot]
    reached = reached_by(instruction, active)
    for index, sent in operation.vjps(reached, cotangent, operands, result, attributes):
        if deadline is not None:  # an instruction may have any number of operands
            deadline.check()
        slot = instruction.operands[index]
        known = cotangents.get(slot)
        cotangents[slot] = sent if known is None else known + sent


def reached_by(instruction: Instruction, active: bytearray) -> list[int]:
    """The operands, by index, that an instruction sends something of use to."""
    passes = instruction.operation.passes
    return [
        index for index, slot in enumerate(instruction.operands) if active[slot] and passes(index)
    ]


def _at(program: Program, instruction: Instruction, detail: str) -> GraphError:
    place = program.place_of(instruction)
    return GraphError(Fault("invalid_value", detail, place.path, place.line, place.column))
