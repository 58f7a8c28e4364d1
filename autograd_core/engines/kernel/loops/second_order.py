"""The kernel's loops for tangents and second derivatives; see loops.py for what a tape is.

Forward over reverse (Griewank & Walther, "Evaluating Derivatives", section 5.1): the reverse
sweep is itself differentiated along a direction, so it carries an adjoint and the adjoint's
tangent. Here, too, what is exactly 0 contributes exactly 0: adjoints, tangents, and tangents
of adjoints and of partials.
"""

from __future__ import annotations

import numpy as np

from autograd_core.engines.kernel.loops.columns import (
    Codes,
    Floats,
    Indices,
    Points,
    Slots,
    second_partials,
)
from autograd_core.engines.kernel.loops.first_order import forward
from autograd_core.engines.kernel.loops.functions import flow, stops


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
) -> bool:
    """Tangents of the runs [start, stop), from those of their operands.

    Returns whether a zero has stopped something not finite.
    """
    stopped = False
    results = tangents[first:]
    for run in range(start, stop):
        for k in range(starts[run], starts[run + 1]):
            from_a, from_b = tangents[a[k]], tangents[b[k]]
            along_a, along_b = flow(from_a, pa[k]), flow(from_b, pb[k])
            results[k] = along_a + along_b
            if along_a == 0 and stops(from_a, pa[k]):
                stopped = True
            if along_b == 0 and b[k] != a[k] and stops(from_b, pb[k]):  # alike: one operand
                stopped = True
    return stopped


def curvatures(
    opcodes: Codes,
    starts: Slots,
    a: Slots,
    b: Slots,
    c: Slots,
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
            paa[k], pab[k], pbb[k] = second_partials(
                code, values[a[k]], values[b[k]], values[c[k]], results[k]
            )


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
) -> bool:
    """As `reverse`, for adjoints and, along the tangents' direction, adjoint tangents."""
    stopped = False
    for run in range(stop - 1, start - 1, -1):
        for k in range(starts[run + 1] - 1, starts[run] - 1, -1):
            g, h = adjoints[first + k], adjoint_tangents[first + k]
            if g == 0:
                for partial in (pa[k], pb[k], paa[k], pab[k], pbb[k]):
                    if not abs(partial) < np.inf:
                        stopped = True
                if h == 0:
                    continue
            to_a, to_b = a[k], b[k]
            moved_a, moved_b = tangents[to_a], tangents[to_b]
            p_moved = flow(moved_a, paa[k]) + flow(moved_b, pab[k])
            q_moved = flow(moved_a, pab[k]) + flow(moved_b, pbb[k])
            adjoints[to_a] += flow(g, pa[k])
            adjoints[to_b] += flow(g, pb[k])
            adjoint_tangents[to_a] += flow(h, pa[k]) + flow(g, p_moved)
            adjoint_tangents[to_b] += flow(h, pb[k]) + flow(g, q_moved)
            if not abs(g) < np.inf and (pa[k] == 0 or (pb[k] == 0 and to_b != to_a)):
                stopped = True
    return stopped


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
) -> bool:
    """The gradient of slot `output` by the slots `wanted`, and its change along directions.

    values: one number a slot, inputs and constants filled in; overwritten. directions:
    directions x moving: tangents of the slots `moving`, all of them below `first`; other
    inputs do not move. out_gradient: one number for each of `wanted`. out_products:
    directions x wanted: Hessian-vector products. Returns whether a zero has stopped something
    not finite.
    """
    stopped = False
    count, runs = len(a), len(opcodes)
    pa, pb = np.empty(count), np.empty(count)
    paa, pab, pbb = np.empty(count), np.empty(count), np.empty(count)
    forward(opcodes, starts, a, b, c, first, values, pa, pb, 0, runs)
    curvatures(opcodes, starts, a, b, c, first, values, paa, pab, pbb, 0, runs)
    tangents, adjoints = np.zeros(len(values)), np.empty(len(values))
    adjoint_tangents = np.empty(len(values))
    for direction in range(len(directions)):
        for i in range(len(moving)):
            tangents[moving[i]] = directions[direction, i]
        if push_forward(opcodes, starts, a, b, first, pa, pb, tangents, 0, runs):
            stopped = True
        adjoints[:] = 0
        adjoints[output] = 1
        adjoint_tangents[:] = 0
        if reverse_twice(
            opcodes, starts, a, b, first, pa, pb, paa, pab, pbb, tangents, adjoints,
            adjoint_tangents, 0, runs,
        ):  # fmt: skip
            stopped = True
        for i in range(len(wanted)):
            out_products[direction, i] = adjoint_tangents[wanted[i]]
            out_gradient[i] = adjoints[wanted[i]]
    return stopped
