"""The kernel's loops over a tape. The generated module takes their text over and compiles it.

A tape is columns: instruction k applies opcode codes[k] to the slots a[k], b[k] and c[k] and
writes slot first + k; slots below `first` are inputs and constants. Every operand's slot is
below that of its instruction. A column that an opcode does not use holds any valid slot. What
an instruction finds on the way forward, its partials along a and b, is in pa[k] and pb[k].

Loops over [start, stop) do a part of a tape, so that a caller can look at the clock.

Zeros are strong: an adjoint or a tangent that is exactly 0 contributes exactly 0, whatever
the partial, and so does a partial of exactly 0 that is no edge, or a gate that is shut.
"""

from __future__ import annotations

import numpy as np

from autograd_core.engines.kernel.columns import (
    SHUT_A,
    SHUT_B,
    Codes,
    Floats,
    Indices,
    Points,
    Slots,
    value_and_partials,
    value_of,
)


def forward(
    codes: Codes,
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
    """Values and partials of the instructions [start, stop)."""
    for k in range(start, stop):
        values[first + k], pa[k], pb[k] = value_and_partials(
            codes[k], values[a[k]], values[b[k]], values[c[k]]
        )


def evaluate(
    codes: Codes,
    a: Slots,
    b: Slots,
    c: Slots,
    first: int,
    values: Floats,
    start: int,
    stop: int,
) -> None:
    """Values of the instructions [start, stop)."""
    for k in range(start, stop):
        values[first + k] = value_of(codes[k], values[a[k]], values[b[k]], values[c[k]])


def reverse(
    codes: Codes,
    a: Slots,
    b: Slots,
    first: int,
    pa: Floats,
    pb: Floats,
    adjoints: Floats,
    start: int,
    stop: int,
) -> None:
    """Add to the adjoints of operands what instructions stop - 1, ..., start send them."""
    for k in range(stop - 1, start - 1, -1):
        g = adjoints[first + k]
        if g == 0:
            continue
        p, q = pa[k], pb[k]
        if abs(g) < np.inf:
            adjoints[a[k]] += g * p
            if q != 0:
                adjoints[b[k]] += g * q
            continue
        if p != 0 or not SHUT_A[codes[k]]:
            adjoints[a[k]] += g * p
        if q != 0 or not SHUT_B[codes[k]]:
            adjoints[b[k]] += g * q


def gradients(
    codes: Codes,
    a: Slots,
    b: Slots,
    c: Slots,
    first: int,
    values: Floats,
    inputs: Points,
    input_slots: Indices,
    output: int,
    wanted: Indices,
    out_values: Floats,
    out_gradients: Points,
) -> None:
    """The value of slot `output` and its derivatives by the slots `wanted`, at many points.

    values: one number a slot, constants filled in; overwritten. inputs: points x inputs.
    out_values: one number a point. out_gradients: points x wanted.
    """
    count = len(codes)
    pa, pb, adjoints = np.empty(count), np.empty(count), np.empty(len(values))
    for point in range(len(inputs)):
        for i in range(len(input_slots)):
            values[input_slots[i]] = inputs[point, i]
        forward(codes, a, b, c, first, values, pa, pb, 0, count)
        adjoints[:] = 0
        adjoints[output] = 1
        reverse(codes, a, b, first, pa, pb, adjoints, 0, count)
        out_values[point] = values[output]
        for i in range(len(wanted)):
            out_gradients[point, i] = adjoints[wanted[i]]


def evaluations(
    codes: Codes,
    a: Slots,
    b: Slots,
    c: Slots,
    first: int,
    values: Floats,
    inputs: Points,
    input_slots: Indices,
    output: int,
    replaced: int,
    replacements: Floats,
    out_values: Floats,
) -> None:
    """The value of slot `output` at many points; otherwise as `gradients`.

    replaced: a slot that holds replacements[point] instead of what the tape would write there,
    or -1 (then `replacements` may be empty).
    """
    count = len(codes)
    for point in range(len(inputs)):
        for i in range(len(input_slots)):
            values[input_slots[i]] = inputs[point, i]
        if replaced >= 0:
            values[replaced] = replacements[point]
        cut = max(replaced - first, -1)
        evaluate(codes, a, b, c, first, values, 0, cut)
        evaluate(codes, a, b, c, first, values, cut + 1, count)
        out_values[point] = values[output]


def order(offsets: Slots, operands: Slots, roots: Indices, count: int) -> Slots:
    """The nodes that the roots need, operands first: autograd_core.graph.evaluation_order.

    operands[offsets[k]:offsets[k + 1]] are node k's; codes below 0 are leaves.
    """
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
