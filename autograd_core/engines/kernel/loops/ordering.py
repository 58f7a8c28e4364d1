"""The kernel's walks over a graph's edges: which nodes are needed, and in what order.

A graph is two columns: operands[offsets[k]:offsets[k + 1]] are the operands of node k, each a
node's number or, below 0, a leaf.
"""

from __future__ import annotations

import numpy as np

from autograd_core.engines.kernel.compiling import inner, loop
from autograd_core.engines.kernel.loops.columns import Indices, Opcodes, Operands


@loop
def order(offsets: Operands, operands: Operands, roots: Indices, count: int) -> Operands:
    """The nodes that the roots need, operands first: autograd_core.graph.evaluation_order."""
    entered, left = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    found, size = np.empty(count, np.int32), 0
    stack = np.empty(len(operands) + 1, np.int32)
    for root in roots:
        stack[0], height = root, 1
        while height > 0:
            node = stack[height - 1]
            if node < 0 or left[node]:
                height -= 1
            elif entered[node]:
                height -= 1
                left[node] = True
                found[size] = node
                size += 1
            else:
                entered[node] = True
                for place in range(offsets[node + 1] - 1, offsets[node] - 1, -1):
                    stack[height] = operands[place]
                    height += 1
    return found[:size].copy()


@loop
def schedule(offsets: Operands, operands: Operands, needed: Operands, opcodes: Opcodes) -> Operands:
    """The nodes of an evaluation order, rearranged so that nodes of one opcode come in runs.

    Of all nodes whose operands are there, those with the opcode of the last one come next, in
    the order in which they became ready; when there are none, those of the opcode that most
    are waiting for. needed: the nodes, operands first. opcodes: by node number. List
    scheduling, as compilers do it for pipelines; here it serves the branch predictor.
    """
    missing, first_user, users = users_of(offsets, operands, needed, len(opcodes))
    # A queue for each opcode, linked through `behind`.
    heads, tails = np.full(256, -1, np.int32), np.full(256, -1, np.int32)
    queued, behind = np.zeros(256, np.int32), np.full(len(opcodes), -1, np.int32)
    # Nodes that are ready and not yet in a queue.
    ready, arrived = np.empty(len(needed), np.int32), 0
    for node in needed:
        if missing[node] == 0:
            ready[arrived] = node
            arrived += 1
    found, opcode = np.empty(len(needed), np.int32), 0
    for size in range(len(needed)):
        for at in range(arrived):
            node = ready[at]
            queue = opcodes[node]
            if queued[queue] == 0:
                heads[queue] = node
            else:
                behind[tails[queue]] = node
            tails[queue] = node
            queued[queue] += 1
        if queued[opcode] == 0:
            for other in range(256):
                if queued[other] > queued[opcode]:
                    opcode = other
        node = heads[opcode]
        heads[opcode] = behind[node]
        queued[opcode] -= 1
        found[size] = node
        arrived = 0
        for at in range(first_user[node], first_user[node + 1]):
            missing[users[at]] -= 1
            if missing[users[at]] == 0:
                ready[arrived] = users[at]
                arrived += 1
    return found


@inner
def users_of(
    offsets: Operands, operands: Operands, needed: Operands, count: int
) -> tuple[Operands, Operands, Operands]:
    """The edges the other way: users[first_user[k]:first_user[k + 1]] are those of node k.

    Before these two columns, how many operands that are nodes each of the needed nodes has.
    """
    operand_count = np.zeros(count, np.int32)
    first_user = np.zeros(count + 1, np.int32)
    for node in needed:
        for at in range(offsets[node], offsets[node + 1]):
            if operands[at] >= 0:
                operand_count[node] += 1
                first_user[operands[at] + 1] += 1
    for node in range(count):
        first_user[node + 1] += first_user[node]
    users, filled = np.empty(first_user[count], np.int32), first_user[:count].copy()
    for node in needed:
        for at in range(offsets[node], offsets[node + 1]):
            operand = operands[at]
            if operand >= 0:
                users[filled[operand]] = node
                filled[operand] += 1
    return operand_count, first_user, users
