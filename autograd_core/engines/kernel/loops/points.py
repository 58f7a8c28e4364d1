"""The kernel's loops over many points; see first_order.py for what a tape is."""

from __future__ import annotations

import numpy as np

from autograd_core.engines.kernel.loops.first_order import evaluate, forward, reverse
from autograd_core.jit.columns import Floats, Indices, Opcodes, Points, Slots
from autograd_core.jit.compiling import inner, loop
from autograd_core.tensors import EPSILON


@loop
def gradients(
    opcodes: Opcodes,
    starts: Slots,
    a: Slots,
    b: Slots,
    c: Slots,
    first: int,
    values: Floats,
    lanes: int,
    inputs: Points,
    output: int,
    wanted: Indices,
    out_values: Points,
    out_gradients: Points,
) -> bool:
    """The value of slot `output` and its derivatives by the slots `wanted`, at many points.

    The tape is widened: it computes `lanes` points side by side, and lane j of slot s of the
    tape that is meant is slot s*lanes + j here. values: one number a slot, constants filled
    in; overwritten. inputs: points x inputs. out_values: points x 1. out_gradients: points x
    wanted. Returns what `reverse` does, of all points together.
    """
    stopped = False
    count, runs = len(a), len(opcodes)
    pa, pb, adjoints = np.empty(count), np.empty(count), np.empty(len(values))
    alone = np.array([output])
    for start in range(0, len(inputs), lanes):
        fill(values, lanes, inputs, start)
        forward(opcodes, starts, a, b, c, first, values, pa, pb, 0, runs)
        adjoints[:] = 0
        adjoints[output * lanes : (output + 1) * lanes] = 1
        if reverse(starts, a, b, first, pa, pb, adjoints, 0, runs):
            stopped = True
        take(values, lanes, alone, start, out_values)
        take(adjoints, lanes, wanted, start, out_gradients)
    return stopped


@loop
def evaluations(
    opcodes: Opcodes,
    starts: Slots,
    a: Slots,
    b: Slots,
    c: Slots,
    first: int,
    values: Floats,
    lanes: int,
    inputs: Points,
    wanted: Indices,
    out_values: Points,
) -> None:
    """The values of the slots `wanted` at many points; otherwise as `gradients`.

    out_values: points x wanted.
    """
    for start in range(0, len(inputs), lanes):
        fill(values, lanes, inputs, start)
        evaluate(opcodes, starts, a, b, c, first, values, 0, len(opcodes))
        take(values, lanes, wanted, start, out_values)


@inner
def fill(values: Floats, lanes: int, inputs: Points, start: int) -> None:
    """Put the points from `start` on into the lanes of the inputs' slots."""
    for i in range(inputs.shape[1]):
        for j in range(min(lanes, len(inputs) - start)):
            values[i * lanes + j] = inputs[start + j, i]


@inner
def take(numbers: Floats, lanes: int, wanted: Indices, start: int, out: Points) -> None:
    """Take the numbers of the points from `start` on out of the lanes of the slots `wanted`."""
    for j in range(min(lanes, len(out) - start)):
        for i in range(len(wanted)):
            out[start + j, i] = numbers[wanted[i] * lanes + j]


@loop
def nudged(
    opcodes: Opcodes,
    starts: Slots,
    a: Slots,
    b: Slots,
    c: Slots,
    first: int,
    values: Floats,
    slots: Indices,
    runs: Indices,
    numbers: Points,
    shake: bool,  # noqa: FBT001 - Numba calls by position
    output: int,
    out_values: Points,
) -> None:
    """The value of slot `output` while each of some slots holds other numbers than its own.

    values: one number a slot, all of them known; overwritten but for inputs and constants.
    runs: of each of the slots, the run, of one instruction, that computes it and is left out,
    or -1. numbers, out_values: slots x numbers. shake: see `shaken`; number j is turn j.
    """
    for i in range(len(slots)):
        slot, run = slots[i], runs[i]
        own = values[slot]
        for j in range(numbers.shape[1]):
            values[slot] = numbers[i, j]
            if shake:
                shaken(opcodes, starts, a, b, c, first, values, run, j)
            else:
                evaluate(opcodes, starts, a, b, c, first, values, 0, run)
                evaluate(opcodes, starts, a, b, c, first, values, run + 1, len(opcodes))
            out_values[i, j] = values[output]
        values[slot] = own


@inner
def shaken(
    opcodes: Opcodes,
    starts: Slots,
    a: Slots,
    b: Slots,
    c: Slots,
    first: int,
    values: Floats,
    left_out: int,
    turn: int,
) -> None:
    """Values, with every result put up or down by an ulp or so, as a rounding might.

    In turns 2k and 2k + 1 all go in opposite directions: of these two, so, what the roundings do
    to the difference is seen at its largest. J. Vignes, "A stochastic arithmetic for reliable
    scientific computation" (1993), with a sequence that is always the same.
    """
    state, alone = 1 + turn // 2, np.empty(2, np.uint32)
    size = EPSILON if turn % 2 == 0 else -EPSILON
    for run in range(len(opcodes)):
        if run == left_out:
            continue
        for k in range(starts[run], starts[run + 1]):
            alone[0], alone[1] = k, k + 1  # of a run, later ones may use earlier ones
            evaluate(opcodes[run : run + 1], alone, a, b, c, first, values, 0, 1)
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            part = 0.5 + (state & 0xFFFF) / 0x10000  # not alike, lest they cancel out
            values[first + k] *= 1 + size * part if state & 0x10000 else 1 - size * part
