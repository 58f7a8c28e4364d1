"""The kernel's loops for second derivatives; see first_order.py for what a tape is.

Forward over reverse (Griewank & Walther, "Evaluating Derivatives", section 5.1): the reverse
sweep is itself differentiated along a direction, so it carries an adjoint and the adjoint's
tangent. Here, too, what is exactly 0 contributes exactly 0: adjoints, tangents, and tangents
of adjoints and of partials.
"""

from __future__ import annotations

import numpy as np

from autograd_core.engines.kernel.branches import second_partials
from autograd_core.engines.kernel.loops.first_order import forward, push_forward
from autograd_core.engines.kernel.loops.zeros import flow
from autograd_core.jit.columns import Floats, Indices, Opcodes, Points, Slots
from autograd_core.jit.compiling import loop


@loop
def curvatures(
    opcodes: Opcodes,
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
        opcode = opcodes[run]
        for k in range(starts[run], starts[run + 1]):
            paa[k], pab[k], pbb[k] = second_partials(
                opcode, values[a[k]], values[b[k]], values[c[k]], results[k]
            )


@loop
def reverse_twice(
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
    k = np.uint64(starts[stop])
    for _ in range(starts[stop] - starts[start]):
        k -= np.uint64(1)
        g, h = adjoints[first + k], adjoint_tangents[first + k]
        p, q, at_a, at_b = pa[k], pb[k], a[k], b[k]
        u, v = tangents[at_a], tangents[at_b]
        p_tangent = u * paa[k] + v * pab[k]
        q_tangent = u * pab[k] + v * pbb[k]
        to_a, to_b = g * p, g * q
        twice_to_a, twice_to_b = h * p + g * p_tangent, h * q + g * q_tangent
        if not abs(to_a) + abs(to_b) + abs(twice_to_a) + abs(twice_to_b) < np.inf:
            p_tangent = flow(u, paa[k]) + flow(v, pab[k])
            q_tangent = flow(u, pab[k]) + flow(v, pbb[k])
            to_a, to_b = flow(g, p), flow(g, q)
            twice_to_a = flow(h, p) + flow(g, p_tangent)
            twice_to_b = flow(h, q) + flow(g, q_tangent)
            if g == 0:
                for partial in (p, q, paa[k], pab[k], pbb[k]):
                    if not abs(partial) < np.inf:
                        stopped = True
            elif not abs(g) < np.inf and (p == 0 or (q == 0 and at_a != at_b)):
                stopped = True
        adjoints[at_a] += to_a
        adjoints[at_b] += to_b
        adjoint_tangents[at_a] += twice_to_a
        adjoint_tangents[at_b] += twice_to_b
    return stopped


@loop
def hessian_products(
    opcodes: Opcodes,
    starts: Slots,
    a: Slots,
    b: Slots,
    c: Slots,
    first: int,
    values: Floats,
    varied: Indices,
    directions: Points,
    output: int,
    wanted: Indices,
    out_gradient: Floats,
    out_products: Points,
) -> bool:
    """The gradient of slot `output` by the slots `wanted`, and its tangents along directions.

    values: one number a slot, inputs and constants filled in; overwritten. directions:
    directions x varied: tangents of the slots `varied`, all of them below `first`; those of
    other inputs are 0. out_gradient: one number for each of `wanted`. out_products:
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
        for i in range(len(varied)):
            tangents[varied[i]] = directions[direction, i]
        if push_forward(starts, a, b, first, pa, pb, tangents, 0, runs):
            stopped = True
        adjoints[:] = 0
        adjoints[output] = 1
        adjoint_tangents[:] = 0
        if reverse_twice(
            starts, a, b, first, pa, pb, paa, pab, pbb, tangents, adjoints, adjoint_tangents,
            0, runs,
        ):  # fmt: skip
            stopped = True
        for i in range(len(wanted)):
            out_products[direction, i] = adjoint_tangents[wanted[i]]
            out_gradient[i] = adjoints[wanted[i]]
    return stopped
