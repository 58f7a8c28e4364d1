"""What every derivative needs before it starts: bindings read, names linked, program compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_core.errors import ArgumentError, Fault, TensorError
from autograd_core.graph import Graph
from autograd_core.limits import Deadline, Limits
from autograd_core.linking import check_names, default_output, resolve, resolve_all, unknown_name
from autograd_core.program import Program, check_cost, compile_program
from autograd_core.tensors import Array, Shape, tensor

Bindings = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """A program with its inputs bound.

    inputs: an array for each of program.inputs; those in `mapped` have a leading axis of
    length `points`. points: None where nothing is mapped.
    """

    program: Program
    inputs: tuple[Array, ...]
    mapped: frozenset[str]
    points: int | None
    limits: Limits
    deadline: Deadline | None

    def spread(self) -> list[Array]:
        """Every input with the leading axis, shared ones repeated along it (without copying)."""
        return [
            array
            if self.points is None or name in self.mapped
            else np.broadcast_to(array, (self.points, *np.shape(array)))
            for name, array in zip(self.program.inputs, self.inputs, strict=True)
        ]

    def at(self, point: int) -> list[Array]:
        """The inputs of one point."""
        return [
            array[point] if name in self.mapped else array
            for name, array in zip(self.program.inputs, self.inputs, strict=True)
        ]

    def check_cost(self, passes: float, purpose: str = "") -> None:
        """Raise GraphError if `passes` runs at every point cost more than the limit."""
        check_cost(self.program, passes * (self.points or 1), self.limits, purpose)


def prepare(
    graph: Graph,
    bindings: Bindings,
    outputs: Sequence[str] | str | None,
    mapped: Sequence[str],
    limits: Limits,
    deadline: Deadline | None,
    wrt: Sequence[str] = (),
) -> tuple[Call, list[int | str]]:
    """The call, and what the names in `wrt` mean.

    outputs: one name, several, or None for the default. Raises GraphError and ArgumentError.
    """
    inputs = _read(bindings, limits)
    check_names(graph, inputs, limits)
    roots: list[int | str]
    if outputs is None:
        roots = [default_output(graph)]
    elif isinstance(outputs, str):
        roots = [resolve(graph, inputs, outputs, ("output",))]
    else:
        roots = resolve_all(graph, inputs, outputs, "outputs")
    targets = resolve_all(graph, inputs, wrt, "wrt")
    points = _points(graph, inputs, mapped)
    shapes: dict[str, Shape] = {
        name: np.shape(array)[1:] if name in mapped else np.shape(array)
        for name, array in inputs.items()
    }
    program = compile_program(graph, shapes, roots, limits, targets)
    call = Call(program, tuple(inputs.values()), frozenset(mapped), points, limits, deadline)
    return call, targets


def stacked(call: Call, at_point: Callable[[list[Array]], list[Array]]) -> list[Array]:
    """`at_point` of the inputs, or of each point's, each result stacked along a leading axis.

    at_point: takes the arrays of program.inputs and returns a list of arrays. A program of
    scalars runs once, over vectors of points; any other runs once a point.
    """
    if call.points is None:
        return at_point(list(call.inputs))
    if call.program.is_scalar:
        return [np.broadcast_to(each, (call.points,)) for each in at_point(call.spread())]
    results = [at_point(call.at(point)) for point in range(call.points)]
    return [np.stack(column) for column in zip(*results, strict=True)]


def _read(bindings: Bindings, limits: Limits) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    faults: list[Fault] = []
    for name, value in bindings.items():
        try:
            arrays[name] = np.asarray(tensor(value, limits))[()]
        except TensorError as error:
            faults.extend(fault.under("bindings", name) for fault in error.faults)
    if faults:
        raise ArgumentError(faults)
    return arrays


def _points(graph: Graph, inputs: Mapping[str, Array], mapped: Sequence[str]) -> int | None:
    """The common length of the mapped axes, None where nothing is mapped."""
    lengths: dict[str, int] = {}
    for position, name in enumerate(mapped):
        path = ("mapped", position)
        if name not in inputs:
            if name in graph.codes:
                detail = f"{name!r} is not a bound input; only inputs can be mapped"
                raise ArgumentError(Fault("unknown_name", detail, path))
            raise ArgumentError(unknown_name(graph, inputs, name, path))
        shape = np.shape(inputs[name])
        if not shape or not shape[0]:
            what = "a scalar" if not shape else f"of shape {list(shape)}"
            detail = f"{name!r} is {what}: a mapped input has a leading axis, a point an entry"
            raise ArgumentError(Fault("shape_mismatch", detail, path))
        lengths[name] = shape[0]
        if len(set(lengths.values())) > 1:
            listed = ", ".join(f"{each!r} has {length}" for each, length in lengths.items())
            detail = f"mapped inputs need leading axes of one length: {listed}"
            raise ArgumentError(Fault("shape_mismatch", detail, path))
    return next(iter(lengths.values()), None)
