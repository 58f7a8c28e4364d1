"""The last step from a graph to a tape: its instructions, and the slots that they work on."""

from __future__ import annotations

import numpy as np

from autograd_core.jit.columns import Flags, Opcodes, Operands, Slots
from autograd_core.jit.compiling import loop


@loop
def lay_out(
    offsets: Operands,
    operands: Operands,
    order: Operands,
    operations: Opcodes,
    chained: Flags,
    steps: Opcodes,
    slots: Operands,
    first: int,
) -> tuple[Opcodes, Operands, Slots, Slots]:
    """The opcode of each instruction, its node, and its first two operands' slots.

    A node becomes one instruction, or a chain of them, whose first has the node's first two
    operands and each other one the result before it and the next operand. order: the nodes that
    are needed. operations: of each node, a row of `chained` and of `steps`, which has as many
    entries for each: the opcodes of its first, second, ... and all further instructions. slots:
    of each node, to be filled in, then of each leaf, the last one first, so that an operand code
    finds its own. first: the slot of the first instruction.
    """
    longest = len(steps) // len(chained)
    most = len(order) + len(operands)
    opcodes, nodes = np.empty(most, np.uint8), np.empty(most, np.int32)
    a, b, count = np.empty(most, np.uint32), np.empty(most, np.uint32), 0
    for node in order:
        begin, last, operation = offsets[node], offsets[node + 1] - 1, operations[node]
        result = slots[operands[begin]]
        for place in range(last - begin if chained[operation] else 1):
            opcodes[count] = steps[operation * longest + min(place, longest - 1)]
            nodes[count], a[count] = node, result
            b[count] = slots[operands[min(begin + place + 1, last)]]
            result = first + count
            count += 1
        slots[node] = result
    return opcodes[:count].copy(), nodes[:count].copy(), a[:count].copy(), b[:count].copy()
