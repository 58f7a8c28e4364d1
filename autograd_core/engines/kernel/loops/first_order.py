"""The kernel's loops over a tape: values and first derivatives.

A tape is columns. Instructions come in runs of one opcode: run r applies opcodes[r] to the
instructions starts[r], ..., starts[r + 1] - 1, so that the processor has a branch to predict
for each run only. Instruction k applies it to the slots a[k], b[k] and c[k] and writes slot
first + k; slots below `first` are inputs, which come first, and constants. Every operand's
slot is below that of its instruction. A column that an opcode does not use holds any valid
slot. What an instruction finds on the way forward, its partials along a and b, is in pa[k] and
pb[k].

Loops over [start, stop) do those runs only, so that a caller can look at the clock.

Zeros are strong: an adjoint or a tangent that is exactly 0 contributes exactly 0, whatever the
partial, and so does a partial of exactly 0, whatever arrives. Where all is finite, products do
that by themselves, and that it was is seen by their sum. Loops that derive answer whether a zero
has stopped something not finite.
"""

from __future__ import annotations

import numpy as np

from autograd_core.engines.kernel.branches import value_and_partials, value_of
from autograd_core.engines.kernel.loops.zeros import flow, stops
from autograd_core.jit.columns import Floats, Opcodes, Slots
from autograd_core.jit.compiling import loop


@loop
def forward(
    opcodes: Opcodes,
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
        opcode = opcodes[run]
        for k in range(starts[run], starts[run + 1]):
            results[k], pa[k], pb[k] = value_and_partials(
                opcode, values[a[k]], values[b[k]], values[c[k]]
            )


@loop
def evaluate(
    opcodes: Opcodes,
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
        opcode = opcodes[run]
        for k in range(starts[run], starts[run + 1]):
            results[k] = value_of(opcode, values[a[k]], values[b[k]], values[c[k]])


@loop
def reverse(
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
    k = np.uint64(starts[stop])  # without a sign, for the reason that slots have none
    for _ in range(starts[stop] - starts[start]):
        k -= np.uint64(1)
        adjoint, p, q = results[k], pa[k], pb[k]
        to_a, to_b = adjoint * p, adjoint * q
        if abs(to_a) + abs(to_b) < np.inf:
            adjoints[a[k]] += to_a
            adjoints[b[k]] += to_b
            continue
        adjoints[a[k]] += flow(adjoint, p)
        adjoints[b[k]] += flow(adjoint, q)
        # An operation of one operand has it in a and in b.
        if stops(adjoint, p) or (a[k] != b[k] and stops(adjoint, q)):
            stopped = True
    return stopped


@loop
def push_forward(
    starts: Slots,
    a: Slots,
    b: Slots,
    first: int,
    pa: Floats,
    pb: Floats,
    tangents: Floats,
    start: int,
    stop: int,
) -> bool:
    """Tangents of the runs [start, stop), from those of their operands.

    Returns whether a zero has stopped something not finite.
    """
    stopped = False
    results = tangents[first:]
    for k in range(starts[start], starts[stop]):
        from_a, from_b = tangents[a[k]], tangents[b[k]]
        tangent = 0.0 + from_a * pa[k] + from_b * pb[k]  # from 0.0, lest it be -0.0
        if not abs(tangent) < np.inf:
            tangent = flow(from_a, pa[k]) + flow(from_b, pb[k])
            if stops(from_a, pa[k]) or (a[k] != b[k] and stops(from_b, pb[k])):
                stopped = True
        results[k] = tangent
    return stopped


@loop
def gradient(
    opcodes: Opcodes,
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
    return reverse(starts, a, b, first, pa, pb, adjoints, 0, runs)
