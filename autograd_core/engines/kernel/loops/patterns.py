"""The kernel's loops for sparsity: which slots depend on which inputs.

They see a tape as edges only: instruction k has one from the slot left[k] and one from right[k]
to its own, first + k, or none where the column holds -1. Every loop is a sweep, so that a deep
tape is as good as a flat one.
"""

from __future__ import annotations

import numpy as np

from autograd_core.jit.columns import Flags, Indices, Operands
from autograd_core.jit.compiling import inner, loop


@loop
def spread(left: Operands, right: Operands, first: int, flags: Flags) -> None:
    """Flag every slot that depends on a flagged one."""
    for k in range(len(left)):
        from_left = left[k] >= 0 and flags[left[k]]
        from_right = right[k] >= 0 and flags[right[k]]
        if from_left or from_right:
            flags[first + k] = True


@loop
def spread_back(left: Operands, right: Operands, first: int, flags: Flags) -> None:
    """Flag every slot that a flagged one depends on."""
    for k in range(len(left) - 1, -1, -1):
        if flags[first + k]:
            if left[k] >= 0:
                flags[left[k]] = True
            if right[k] >= 0:
                flags[right[k]] = True


@inner
def uses(left: Operands, right: Operands, first: int, wanted: Flags) -> Operands:
    """By slot, how many edges lead from it to slots that the wanted ones need; +2 if wanted."""
    counts = np.zeros(len(wanted), np.int32)
    for slot in range(len(wanted)):
        if wanted[slot]:
            counts[slot] = 2
    for k in range(len(left) - 1, -1, -1):
        if counts[first + k] > 0:
            if left[k] >= 0:
                counts[left[k]] += 1
            if right[k] >= 0:
                counts[right[k]] += 1
    return counts


@inner
def parts_of(
    left: Operands,
    right: Operands,
    first: int,
    set_of: Operands,
    slot: int,
    stack: Operands,
    parts: Operands,
) -> int:
    """Put into `parts` the sets that a slot's own is the union of, and say how many they are.

    set_of: by slot; the walk goes down through slots that have none, -1. stack: to work in.
    """
    found, height = 0, 1
    stack[0] = slot
    while height > 0:
        height -= 1
        slot = stack[height]
        if set_of[slot] >= 0:
            parts[found] = set_of[slot]
            found += 1
            continue
        for operand in (right[slot - first], left[slot - first]):
            if operand >= 0:
                stack[height] = operand
                height += 1
    return found


@inner
def longer(members: Operands, least: int) -> Operands:
    """A copy with room for `least` members, and as many again."""
    grown = np.empty(2 * least, np.int32)
    for at in range(len(members)):
        grown[at] = members[at]
    return grown


@loop
def index_sets(
    left: Operands, right: Operands, first: int, varied: Indices, wanted: Flags, most: int
) -> tuple[Operands, Indices, Operands, int, int]:
    """For each wanted slot, the set of inputs that it depends on, of those that are varied.

    left, right: edges from slots that depend on one of these; -1 elsewhere. varied: distinct
    slots below `first`; a set holds their places in this column. Returns `set_of`, by slot a
    set's number or -1; offsets and members: set s is members[offsets[s]:offsets[s + 1]], in no
    order; how many sets there are; and how many members were looked at. Set i of the first
    len(varied) is {i}. If more than `most` would have to be looked at, that count is above it,
    and the rest unfinished.

    Slots that one other slot uses, such as partial sums, get no set: the walk for the first
    wanted or shared slot above goes through them, once. So a sum of n terms costs n, not n**2.
    A slot that depends on no more than one of its parts shares that part's set.
    """
    counts = uses(left, right, first, wanted)
    set_of, sets = np.full(len(wanted), -1, np.int32), len(varied)
    offsets = np.empty(len(varied) + len(left) + 1, np.int64)
    members, size = np.empty(2 * len(varied) + 1, np.int32), len(varied)
    for i in range(len(varied)):
        set_of[varied[i]] = members[i] = offsets[i] = i
    offsets[sets] = size
    seen_by = np.full(len(varied), -1, np.int32)
    stack, parts = np.empty(len(left) + 2, np.int32), np.empty(len(left) + 2, np.int32)
    looked_at = 0
    for k in range(len(left)):
        if counts[first + k] < 2:
            continue
        begin, largest, largest_size = size, -1, 0
        for at in range(parts_of(left, right, first, set_of, first + k, stack, parts)):
            part = parts[at]
            part_size = offsets[part + 1] - offsets[part]
            looked_at += part_size
            if looked_at > most:
                return set_of, offsets, members, sets, looked_at
            if size + part_size > len(members):
                members = longer(members, size + part_size)
            for place in range(offsets[part], offsets[part + 1]):
                i = members[place]
                if seen_by[i] != k:
                    seen_by[i] = k
                    members[size] = i
                    size += 1
            if part_size > largest_size:
                largest, largest_size = part, part_size
        if largest_size == size - begin:  # nothing at all, or nothing but this part
            set_of[first + k], size = largest, begin
        else:
            set_of[first + k] = sets
            sets += 1
            offsets[sets] = size
    return set_of, offsets, members, sets, looked_at
