"""The trace of a call: every node with its value and, of a gradient, as the reverse pass saw it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from autograd_core.derivatives.batching import NOWHERE, Groups, Run, at_each_point
from autograd_core.derivatives.call import Call
from autograd_core.derivatives.directions import Direction
from autograd_core.engines.linearisation import Interior, Linearisation, Sweep
from autograd_core.limits import Deadline, watched
from autograd_core.operations import elementwise
from autograd_core.program import Program
from autograd_core.tensors import Array, Number

INPUT: Final = "input"


@dataclass(frozen=True)
class NodeTrace:
    """One node.

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
        call, sweep, lambda at, seeds: [*run(at, seeds), at.nodes_at()], direction
    )
    return found, traces(call.plan.program, call.deadline, values)


def gradient_at(at: Interior, deadline: Deadline | None) -> Groups:
    """Value and gradient; of each input the value and the adjoint; and of each node these and,
    flat, the partials.

    Raises DeadlineExceeded.
    """
    program = at.program
    adjoints = at.adjoints(range(len(program.shapes)))
    nodes = list(program.node_slots.values())
    inputs = list(program.inputs.values())
    return (
        at.values()[:1],
        at.of(at.targets, adjoints),
        at.of(inputs, {slot: at.slots[slot] for slot in inputs}),
        at.of(inputs, adjoints),
        at.nodes_at(),
        at.of(nodes, adjoints),
        list(_partials(at, deadline)),
    )


def traced_inputs(
    program: Program, values: Sequence[Number], adjoints: Sequence[Number]
) -> tuple[NodeTrace, ...]:
    """The bound inputs in their order, each as a node of the operation "input"."""
    found = zip(program.inputs, values, adjoints, strict=True)
    return tuple(NodeTrace(name, INPUT, (), value, adjoint) for name, value, adjoint in found)


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
    """The nodes in evaluation order, from what the points contributed. Raises DeadlineExceeded."""
    graph, flat, found = program.graph, iter(partials), []
    for place, number in enumerate(watched(program.node_slots, deadline)):
        codes = graph.operands_of(number)
        local = None
        if adjoints is not None and _has_partials(program, number):
            local = tuple(next(flat) for _ in codes)
        found.append(
            NodeTrace(
                graph.names[number],
                graph.operations[number],
                tuple(graph.label(code) for code in codes),
                values[place],
                None if adjoints is None else adjoints[place],
                local,
            )
        )
    return tuple(found)
