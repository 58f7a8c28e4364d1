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
    codes: Codes,
    a: Slots,
    b: Slots,
    first: int,
    pa: Floats,
    pb: Floats,
    tangents: Floats,
    start: int,
    stop: int,
) -> None:
    """Tangents of the instructions [start, stop), from those of their operands."""
    for k in range(start, stop):
        code = codes[k]
        along_a = flow(tangents[a[k]], pa[k], SHUT_A[code])
        tangents[first + k] = along_a + flow(tangents[b[k]], pb[k], SHUT_B[code])


def curvatures(
    codes: Codes,
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
    """Second partials of the instructions [start, stop), whose values are known."""
    for k in range(start, stop):
        paa[k], pab[k], pbb[k] = second_partials(
            codes[k], values[a[k]], values[b[k]], values[first + k]
        )


def reverse_twice(
    codes: Codes,
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
    for k in range(stop - 1, start - 1, -1):
        g, h = adjoints[first + k], adjoint_tangents[first + k]
        if g == 0 and h == 0:
            continue
        code, to_a, to_b = codes[k], a[k], b[k]
        shut_a, shut_b, straight_ab = SHUT_A[code], SHUT_B[code], STRAIGHT_AB[code]
        moved_a, moved_b = tangents[to_a], tangents[to_b]
        p_moved = flow(moved_a, paa[k], STRAIGHT_AA[code]) + flow(moved_b, pab[k], straight_ab)
        q_moved = flow(moved_a, pab[k], straight_ab) + flow(moved_b, pbb[k], STRAIGHT_BB[code])
        adjoints[to_a] += flow(g, pa[k], shut_a)
        adjoints[to_b] += flow(g, pb[k], shut_b)
        adjoint_tangents[to_a] += flow(h, pa[k], shut_a) + flow(g, p_moved, True)
        adjoint_tangents[to_b] += flow(h, pb[k], shut_b) + flow(g, q_moved, True)


def hessian_products(
    codes: Codes,
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
    count = len(codes)
    pa, pb = np.empty(count), np.empty(count)
    paa, pab, pbb = np.empty(count), np.empty(count), np.empty(count)
    forward(codes, a, b, c, first, values, pa, pb, 0, count)
    curvatures(codes, a, b, first, values, paa, pab, pbb, 0, count)
    tangents, adjoints = np.zeros(len(values)), np.empty(len(values))
    adjoint_tangents = np.empty(len(values))
    for direction in range(len(directions)):
        for i in range(len(moving)):
            tangents[moving[i]] = directions[direction, i]
        push_forward(codes, a, b, first, pa, pb, tangents, 0, count)
        adjoints[:] = 0
        adjoints[output] = 1
        adjoint_tangents[:] = 0
        reverse_twice(
            codes, a, b, first, pa, pb, paa, pab, pbb, tangents, adjoints, adjoint_tangents,
            0, count,
        )  # fmt: skip
        for i in range(len(wanted)):
            out_products[direction, i] = adjoint_tangents[wanted[i]]
            out_gradient[i] = adjoints[wanted[i]]
