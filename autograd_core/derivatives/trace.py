"""The trace of a gradient: every node as the reverse pass saw it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograd_core.limits import Deadline, watched
from autograd_core.operations import elementwise
from autograd_core.program import Program
from autograd_core.tensors import Array


@dataclass(frozen=True)
class NodeTrace:
    """One node as the reverse pass saw it.

    gradient: the adjoint of the output at the node, in the value's shape. partials: the local
    partial along each argument, for scalar elementwise operations; else None.
    """

    id: str
    op: str
    args: tuple[str | float | Array, ...]
    value: Array
    gradient: Array
    partials: tuple[Array, ...] | None


def traced(
    program: Program,
    values: Sequence[Array],
    cotangents: Mapping[int, Array],
    deadline: Deadline | None,
) -> Iterator[Array]:
    """What a point contributes: value, adjoint and partials of each node, one after another.

    Raises DeadlineExceeded.
    """
    for number, slot in program.node_slots.items():
        if deadline is not None:  # scalars under a map are vectors of points
            deadline.check()
        yield values[slot]
        yield cotangent_of(cotangents, values, slot)
        yield from _partials(program, number, values)


def cotangent_of(cotangents: Mapping[int, Array], values: Sequence[Array], slot: int) -> Array:
    """The cotangent of a slot; zeros where nothing flowed."""
    found = cotangents.get(slot)
    return np.zeros(np.shape(values[slot]))[()] if found is None else found


def _scalar_elementwise(program: Program, number: int) -> bool:
    """Whether a node is an elementwise operation on scalars, so that its partials are numbers."""
    is_elementwise = program.graph.operations[number] in elementwise.TABLE
    return is_elementwise and not program.shapes[program.node_slots[number]]


def _partials(program: Program, number: int, values: Sequence[Array]) -> list[Array]:
    if not _scalar_elementwise(program, number):
        return []
    graph, slot = program.graph, program.node_slots[number]
    row = elementwise.TABLE[graph.operations[number]]
    operands = [values[program.slot_of(code)] for code in graph.operands_of(number)]
    with np.errstate(all="ignore"):
        attributes = program.producers[slot].attributes
        if row.chained and len(operands) > 2:
            partials = row.chain_partials(operands, attributes)
        else:
            partials = [
                row.partial(index, operands, values[slot], attributes)
                for index in range(len(operands))
            ]
    shape = np.shape(values[slot])
    return [
        each if np.shape(each) == shape else np.broadcast_to(each, shape)[()] for each in partials
    ]


def traces(
    program: Program, results: Iterator[Array], deadline: Deadline | None
) -> tuple[NodeTrace, ...]:
    """The nodes in evaluation order, from what `traced` gave (stacked, for several points).

    Raises DeadlineExceeded.
    """
    graph = program.graph
    traces = []
    for number in watched(program.node_slots, deadline):
        codes = graph.operands_of(number)
        value, adjoint = next(results), next(results)
        partials = None
        if _scalar_elementwise(program, number):
            partials = tuple(next(results) for _ in codes)
        labels = tuple(graph.label(code) for code in codes)
        traces.append(
            NodeTrace(
                graph.names[number], graph.operations[number], labels, value, adjoint, partials
            )
        )
    return tuple(traces)
