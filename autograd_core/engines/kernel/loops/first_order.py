"""The kernel's loops over a tape. The generated module takes their text over and compiles it.

A tape is columns. Instructions come in runs of one opcode: run r applies opcodes[r] to the
instructions starts[r], ..., starts[r + 1] - 1, so that the processor has a branch to predict
for each run only. Instruction k applies it to the slots a[k], b[k] and c[k] and writes slot
first + k; slots below `first` are inputs, which come first, and constants. Every operand's
slot is below that of its instruction. A column that an opcode does not use holds any valid
slot. What an instruction finds on the way forward, its partials along a and b, is in pa[k] and
pb[k].

Loops over [start, stop) do those runs only, so that a caller can look at the clock.

Zeros are strong: an adjoint or a tangent that is exactly 0 contributes exactly 0, whatever the
partial, and so does a partial of exactly 0, whatever arrives. Loops that derive answer whether
a zero has stopped something not finite; they look where there is a zero, nowhere else.
"""

from __future__ import annotations

import numpy as np

from autograd_core.engines.kernel.loops.columns import (
    Codes,
    Floats,
    Indices,
    Points,
    Slots,
    value_and_partials,
    value_of,
)


def forward(
    opcodes: Codes,
    starts: Slots,
    a: Slots,
    b: Slots,
    c: Slots,
    first: int,
    values: Floats,
    pa: Floats,
    pb: Floats,
    start: int,
    stop: int,
) -> None:
    """Values and partials of the runs [start, stop)."""
    results = values[first:]
    for run in range(start, stop):
        code = opcodes[run]
        for k in range(starts[run], starts[run + 1]):
            results[k], pa[k], pb[k] = value_and_partials(
                code, values[a[k]], values[b[k]], values[c[k]]
            )


def evaluate(
    opcodes: Codes,
    starts: Slots,
    a: Slots,
    b: Slots,
    c: Slots,
    first: int,
    values: Floats,
    start: int,
    stop: int,
) -> None:
    """Values of the runs [start, stop)."""
    results = values[first:]
    for run in range(start, stop):
        code = opcodes[run]
        for k in range(starts[run], starts[run + 1]):
            results[k] = value_of(code, values[a[k]], values[b[k]], values[c[k]])


def reverse(
    opcodes: Codes,
    starts: Slots,
    a: Slots,
    b: Slots,
    first: int,
    pa: Floats,
    pb: Floats,
    adjoints: Floats,
    start: int,
    stop: int,
) -> bool:
    """Add to the adjoints of operands what the runs stop - 1, ..., start send them.

    Returns whether a zero has stopped something not finite.
    """
    stopped = False
    results = adjoints[first:]
    for run in range(stop - 1, start - 1, -1):
        k = np.uint64(starts[run + 1])  # without a sign, for the reason that slots have none
        for _ in range(starts[run + 1] - starts[run]):
            k -= np.uint64(1)
            g = results[k]
            if g == 0:
                if not abs(pa[k]) + abs(pb[k]) < np.inf:
                    stopped = True
                continue
            p, q = pa[k], pb[k]
            if abs(g) < np.inf:
                adjoints[a[k]] += g * p
                if q != 0:
                    adjoints[b[k]] += g * q
                continue
            if p != 0:
                adjoints[a[k]] += g * p
            if q != 0:
                adjoints[b[k]] += g * q
            if p == 0 or (q == 0 and b[k] != a[k]):
                stopped = True
    return stopped


def gradient(
    opcodes: Codes,
    starts: Slots,
    a: Slots,
    b: Slots,
    c: Slots,
    first: int,
    values: Floats,
    adjoints: Floats,
    output: int,
) -> bool:
    """Values, and the derivative of slot `output` by every slot.

    values: one number a slot, those of inputs and constants filled in. adjoints: one number a
    slot; overwritten. Returns what `reverse` does.
    """
    count, runs = len(a), len(opcodes)
    pa, pb = np.empty(count), np.empty(count)
    forward(opcodes, starts, a, b, c, first, values, pa, pb, 0, runs)
    adjoints[:] = 0
    adjoints[output] = 1
    return reverse(opcodes, starts, a, b, first, pa, pb, adjoints, 0, runs)


def gradients(
    opcodes: Codes,
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
    out_values: Floats,
    out_gradients: Points,
) -> bool:
    """The value of slot `output` and its derivatives by the slots `wanted`, at many points.

    The tape is widened: it computes `lanes` points side by side, and lane j of slot s of the
    tape that is meant is slot s*lanes + j here. values: one number a slot, constants filled
    in; overwritten. inputs: points x inputs. out_values: one number a point. out_gradients:
    points x wanted. Returns what `reverse` does, of all points together.
    """
    stopped = False
    count, runs = len(a), len(opcodes)
    pa, pb, adjoints = np.empty(count), np.empty(count), np.empty(len(values))
    for start in range(0, len(inputs), lanes):
        used = fill(values, lanes, inputs, start)
        forward(opcodes, starts, a, b, c, first, values, pa, pb, 0, runs)
        adjoints[:] = 0
        adjoints[output * lanes : (output + 1) * lanes] = 1
        if reverse(opcodes, starts, a, b, first, pa, pb, adjoints, 0, runs):
            stopped = True
        for j in range(used):
            out_values[start + j] = values[output * lanes + j]
            for i in range(len(wanted)):
                out_gradients[start + j, i] = adjoints[wanted[i] * lanes + j]
    return stopped


def evaluations(
    opcodes: Codes,
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
        used = fill(values, lanes, inputs, start)
        evaluate(opcodes, starts, a, b, c, first, values, 0, len(opcodes))
        for j in range(used):
            for i in range(len(wanted)):
                out_values[start + j, i] = values[wanted[i] * lanes + j]


def fill(values: Floats, lanes: int, inputs: Points, start: int) -> int:
    """Put the points from `start` on into the lanes of the inputs' slots; how many there were."""
    used = min(lanes, len(inputs) - start)
    for i in range(inputs.shape[1]):
        for j in range(used):
            values[i * lanes + j] = inputs[start + j, i]
    return used


def nudged(
    opcodes: Codes,
    starts: Slots,
    a: Slots,
    b: Slots,
    c: Slots,
    first: int,
    values: Floats,
    slot: int,
    run: int,
    numbers: Floats,
    output: int,
    out_values: Floats,
) -> None:
    """The value of slot `output` while one slot holds each of some numbers instead of its own.

    values: one number a slot, all of them known; overwritten but for inputs and constants.
    run: the run, of one instruction, that computes the slot and is left out, or -1.
    """
    own = values[slot]
    for i in range(len(numbers)):
        values[slot] = numbers[i]
        evaluate(opcodes, starts, a, b, c, first, values, 0, run)
        evaluate(opcodes, starts, a, b, c, first, values, run + 1, len(opcodes))
        out_values[i] = values[output]
    values[slot] = own
