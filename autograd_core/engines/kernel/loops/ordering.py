"""The kernel's walks over a graph's edges: which nodes are needed, and in what order.

A graph is two columns: operands[offsets[k]:offsets[k + 1]] are the operands of node k, each a
node's number or, below 0, a leaf.
"""

from __future__ import annotations

import numpy as np

from autograd_core.jit.columns import Indices, Opcodes, Operands
from autograd_core.jit.compiling import inner, loop

ENTERED, LEFT = 1, 2  # of a node, by the walk


@loop
def order(offsets: Operands, operands: Operands, roots: Indices, count: int) -> Operands:
    """The nodes that the roots need, operands first: autograd_core.graph.evaluation_order."""
    state = np.zeros(count, np.uint8)
    found, size = np.empty(count, np.int32), 0
    stack = np.empty(len(operands) + 1, np.int32)
    for root in roots:
        stack[0], height = root, 1
        while height > 0:
            node = stack[height - 1]
            if node < 0 or state[node] == LEFT:
                height -= 1
            elif state[node] == ENTERED:
                height -= 1
                state[node] = LEFT
                found[size] = node
                size += 1
            else:
                state[node] = ENTERED
                for place in range(offsets[node + 1] - 1, offsets[node] - 1, -1):
                    if operands[place] >= 0:
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

    Nodes are known by their place in the order meanwhile: those that belong together are near.
    """
    count = len(needed)
    missing, first_user, users = users_of(offsets, operands, needed, len(opcodes))
    opcode_at, most = np.empty(count, np.uint8), 0
    for place in range(count):
        opcode_at[place] = opcodes[needed[place]]
        most = max(most, opcode_at[place] + 1)
    # A queue for each opcode, linked through `behind`.
    heads, tails = np.full(most, -1, np.int32), np.full(most, -1, np.int32)
    queued, behind = np.zeros(most, np.int32), np.full(count, -1, np.int32)
    # Places of nodes that are ready and not yet in a queue.
    ready, arrived = np.empty(count, np.int32), 0
    for place in range(count):
        if missing[place] == 0:
            ready[arrived] = place
            arrived += 1
    found, opcode = np.empty(count, np.int32), 0
    for size in range(count):
        for at in range(arrived):
            place = ready[at]
            queue = opcode_at[place]
            if queued[queue] == 0:
                heads[queue] = place
            else:
                behind[tails[queue]] = place
            tails[queue] = place
            queued[queue] += 1
        if queued[opcode] == 0:
            for other in range(most):
                if queued[other] > queued[opcode]:
                    opcode = other
        place = heads[opcode]
        heads[opcode] = behind[place]
        queued[opcode] -= 1
        found[size] = needed[place]
        arrived = 0
        for at in range(first_user[place], first_user[place + 1]):
            missing[users[at]] -= 1
            if missing[users[at]] == 0:
                ready[arrived] = users[at]
                arrived += 1
    return found


@inner
def users_of(
    offsets: Operands, operands: Operands, needed: Operands, nodes: int
) -> tuple[Operands, Operands, Operands]:
    """The edges the other way, by places in an order: users[first_user[k]:first_user[k + 1]] are
    those of the node in place k. Before these, how many operands that are nodes each has.
    """
    count, edges = len(needed), 0
    place_of = np.empty(nodes, np.int32)
    for place in range(count):
        node = needed[place]
        place_of[node] = place
        edges += offsets[node + 1] - offsets[node]
    operand_count, first_user = np.zeros(count, np.int32), np.zeros(count + 1, np.int32)
    used, edge = np.empty(edges, np.int32), 0
    for place in range(count):
        for at in range(offsets[needed[place]], offsets[needed[place] + 1]):
            if operands[at] >= 0:
                used[edge] = place_of[operands[at]]
                operand_count[place] += 1
                first_user[used[edge] + 1] += 1
                edge += 1
    for place in range(count):
        first_user[place + 1] += first_user[place]
    users, filled, edge = np.empty(edge, np.int32), first_user[:count].copy(), 0
    for place in range(count):
        for _ in range(operand_count[place]):
            users[filled[used[edge]]] = place
            filled[used[edge]] += 1
            edge += 1
    return operand_count, first_user, users
