"""The kernel's loops for tangents and second derivatives; see loops.py for what a tape is.

Forward over reverse (Griewank & Walther, "Evaluating Derivatives", section 5.1): the reverse
sweep is itself differentiated along a direction, so it carries an adjoint and the adjoint's
tangent. Here, too, what is exactly 0 contributes exactly 0: adjoints, tangents, and tangents
of adjoints and of partials.
"""

from __future__ import annotations

import numpy as np

from autograd_core.engines.kernel.columns import (
    SHUT_A,
    SHUT_B,
    STRAIGHT_AA,
    STRAIGHT_AB,
    STRAIGHT_BB,
    Codes,
    Floats,
    Indices,
    Points,
    Slots,
    second_partials,
)
from autograd_core.engines.kernel.functions import flow
from autograd_core.engines.kernel.loops import forward


def push_forward(
    opcodes: Codes,
    starts: Slots,
    a: Slots,
    b: Slots,
    first: int,
    pa: Floats,
    pb: Floats,
    tangents: Floats,
    start: int,
    stop: int,
) -> None:
    """Tangents of the runs [start, stop), from those of their operands."""
    results = tangents[first:]
    for run in range(start, stop):
        shut_a, shut_b = SHUT_A[opcodes[run]], SHUT_B[opcodes[run]]
        for k in range(starts[run], starts[run + 1]):
            along_a = flow(tangents[a[k]], pa[k], shut_a)
            results[k] = along_a + flow(tangents[b[k]], pb[k], shut_b)


def curvatures(
    opcodes: Codes,
    starts: Slots,
    a: Slots,
    b: Slots,
    first: int,
    values: Floats,
    paa: Floats,
    pab: Floats,
    pbb: Floats,
    start: int,
    stop: int,
) -> None:
    """Second partials of the runs [start, stop), whose values are known."""
    results = values[first:]
    for run in range(start, stop):
        code = opcodes[run]
        for k in range(starts[run], starts[run + 1]):
            paa[k], pab[k], pbb[k] = second_partials(code, values[a[k]], values[b[k]], results[k])


def reverse_twice(
    opcodes: Codes,
    starts: Slots,
    a: Slots,
    b: Slots,
    first: int,
    pa: Floats,
    pb: Floats,
    paa: Floats,
    pab: Floats,
    pbb: Floats,
    tangents: Floats,
    adjoints: Floats,
    adjoint_tangents: Floats,
    start: int,
    stop: int,
) -> None:
    """As `reverse`, for adjoints and, along the tangents' direction, adjoint tangents."""
    for run in range(stop - 1, start - 1, -1):
        code = opcodes[run]
        shut_a, shut_b = SHUT_A[code], SHUT_B[code]
        straight_aa, straight_ab, straight_bb = (
            STRAIGHT_AA[code], STRAIGHT_AB[code], STRAIGHT_BB[code],
        )  # fmt: skip
        for k in range(starts[run + 1] - 1, starts[run] - 1, -1):
            g, h = adjoints[first + k], adjoint_tangents[first + k]
            if g == 0 and h == 0:
                continue
            to_a, to_b = a[k], b[k]
            moved_a, moved_b = tangents[to_a], tangents[to_b]
            p_moved = flow(moved_a, paa[k], straight_aa) + flow(moved_b, pab[k], straight_ab)
            q_moved = flow(moved_a, pab[k], straight_ab) + flow(moved_b, pbb[k], straight_bb)
            adjoints[to_a] += flow(g, pa[k], shut_a)
            adjoints[to_b] += flow(g, pb[k], shut_b)
            adjoint_tangents[to_a] += flow(h, pa[k], shut_a) + flow(g, p_moved, True)
            adjoint_tangents[to_b] += flow(h, pb[k], shut_b) + flow(g, q_moved, True)


def hessian_products(
    opcodes: Codes,
    starts: Slots,
    a: Slots,
    b: Slots,
    c: Slots,
    first: int,
    values: Floats,
    moving: Indices,
    directions: Points,
    output: int,
    wanted: Indices,
    out_gradient: Floats,
    out_products: Points,
) -> None:
    """The gradient of slot `output` by the slots `wanted`, and its change along directions.

    values: one number a slot, inputs and constants filled in; overwritten. directions:
    directions x moving: tangents of the slots `moving`, all of them below `first`; other
    inputs do not move. out_gradient: one number for each of `wanted`. out_products:
    directions x wanted: Hessian-vector products.
    """
    count, runs = len(a), len(opcodes)
    pa, pb = np.empty(count), np.empty(count)
    paa, pab, pbb = np.empty(count), np.empty(count), np.empty(count)
    forward(opcodes, starts, a, b, c, first, values, pa, pb, 0, runs)
    curvatures(opcodes, starts, a, b, first, values, paa, pab, pbb, 0, runs)
    tangents, adjoints = np.zeros(len(values)), np.empty(len(values))
    adjoint_tangents = np.empty(len(values))
    for direction in range(len(directions)):
        for i in range(len(moving)):
            tangents[moving[i]] = directions[direction, i]
        push_forward(opcodes, starts, a, b, first, pa, pb, tangents, 0, runs)
        adjoints[:] = 0
        adjoints[output] = 1
        adjoint_tangents[:] = 0
        reverse_twice(
            opcodes, starts, a, b, first, pa, pb, paa, pab, pbb, tangents, adjoints,
            adjoint_tangents, 0, runs,
        )  # fmt: skip
        for i in range(len(wanted)):
            out_products[direction, i] = adjoint_tangents[wanted[i]]
            out_gradient[i] = adjoints[wanted[i]]
