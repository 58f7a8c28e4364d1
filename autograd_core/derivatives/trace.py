"""The trace of a call: every node with its value and, of a gradient, as the reverse pass saw it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from autograd_core.derivatives.batching import NOWHERE, Groups, Run, at_each_point
from autograd_core.derivatives.call import Call
from autograd_core.derivatives.directions import Direction
from autograd_core.engines.linearisation import Interior, Linearisation, Sweep
from autograd_core.limits import Deadline, watched
from autograd_core.operations import elementwise
from autograd_core.program import Program
from autograd_core.tensors import Array, Number

INPUT = "input"  # what an input's operation is called


@dataclass(frozen=True)
class NodeTrace:
    """One node; or an input, whose op is "input" and which has no args.

    gradient: the adjoint of the output at the node, in the value's shape; None where there was
    no reverse pass for it. partials: the local partial along each argument, for a gradient's
    scalar elementwise operations; else None.
    """

    id: str
    op: str
    args: tuple[str | float | Array, ...]
    value: Number
    gradient: Number | None = None
    partials: tuple[Number, ...] | None = None


def traced(
    call: Call,
    sweep: Sweep[Linearisation],
    run: Run[Linearisation],
    direction: Direction = NOWHERE,
    *,
    trace: bool,
) -> tuple[Groups, tuple[NodeTrace, ...] | None]:
    """What a sweep finds at each point and, if asked for, every node with its value."""
    if not trace:
        return at_each_point(call, sweep, run, direction), None
    if call.points is not None:
        sweep = Sweep[Linearisation](sweep.passes, sweep.copies, inside=True)
    *found, values = at_each_point(
        call, sweep, lambda at, seeds: [*run(at, seeds), at.traced_at()], direction
    )
    return found, traces(call.plan.program, call.deadline, values)


def gradient_at(at: Interior, deadline: Deadline | None) -> Groups:
    """Value and gradient; and of each node the value, the adjoint, and, flat, the partials.

    Raises DeadlineExceeded.
    """
    program = at.program
    adjoints = at.adjoints(range(len(program.shapes)))
    return (
        at.values()[:1],
        at.of(at.targets, adjoints),
        at.traced_at(),
        at.of(program.traced_slots, adjoints),
        list(_partials(at, deadline)),
    )


def _partials(at: Interior, deadline: Deadline | None) -> Iterator[Array]:
    program, graph = at.program, at.program.graph
    for number, slot in program.node_slots.items():
        if deadline is not None:  # scalars under a map are vectors of points
            deadline.check()
        if not _has_partials(program, number):
            continue
        row = elementwise.TABLE[graph.operations[number]]
        operands = [at.slots[program.slot_of(code)] for code in graph.operands_of(number)]
        with np.errstate(all="ignore"):
            attributes = program.producers[slot].attributes
            if row.chained and len(operands) > 2:
                partials = row.chain_partials(operands, attributes)
            else:
                partials = [
                    row.partial(index, operands, at.slots[slot], attributes)
                    for index in range(len(operands))
                ]
        for partial in partials:
            partial = np.asarray(partial, dtype=np.float64)  # of a constant, a whole number
            yield at.of([slot], {slot: np.broadcast_to(partial, np.shape(at.slots[slot]))[()]})[0]


def _has_partials(program: Program, number: int) -> bool:
    """Whether a node is an elementwise operation on scalars, so that its partials are numbers."""
    is_elementwise = program.graph.operations[number] in elementwise.TABLE
    return is_elementwise and not program.shapes[program.node_slots[number]]


def traces(
    program: Program,
    deadline: Deadline | None,
    values: Sequence[Number],
    adjoints: Sequence[Number] | None = None,
    partials: Sequence[Number] = (),
) -> tuple[NodeTrace, ...]:
    """The inputs, then the nodes in evaluation order, from what the points contributed.

    values, adjoints: one each. partials: of all nodes that have some, flat. Raises
    DeadlineExceeded.
    """
    gradients = itertools.repeat(None) if adjoints is None else adjoints
    graph, flat, given = program.graph, iter(partials), zip(values, gradients, strict=False)
    found = [NodeTrace(name, INPUT, (), *next(given)) for name in watched(program.inputs, deadline)]
    for number in watched(program.node_slots, deadline):
        codes = graph.operands_of(number)
        local = None
        if adjoints is not None and _has_partials(program, number):
            local = tuple(next(flat) for _ in codes)
        found.append(
            NodeTrace(
                graph.names[number],
                graph.operations[number],
                tuple(graph.label(code) for code in codes),
                *next(given),
                local,
            )
        )
    return tuple(found)
