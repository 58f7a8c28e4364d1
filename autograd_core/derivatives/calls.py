"""What every derivative needs before it starts: the numbers read, and a plan for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_core.derivatives.linking import Scope
from autograd_core.derivatives.plan import Plan, Question, plan
from autograd_core.engines.tape.tape import Tape
from autograd_core.errors import ArgumentError, Fault, GraphError, Path, TensorError
from autograd_core.graph import Graph
from autograd_core.limits import Deadline, Limits
from autograd_core.operations.strong_zeros import Watch, start_watch
from autograd_core.program import check_cost
from autograd_core.tensors import Array, Shape, size_for_limits, tensor

Bindings = Mapping[str, Any]
Number = float | Array
_FLOATS = frozenset({float})


@dataclass(frozen=True)
class Call:
    """A plan with its inputs bound.

    inputs: a number or an array for each input of the plan, in order; those in `mapped` have
    a leading axis of length `points`. points: None where nothing is mapped. watch: over the
    zeros of its sweeps.
    """

    plan: Plan
    inputs: Mapping[str, Number]
    mapped: frozenset[str]
    points: int | None
    limits: Limits
    deadline: Deadline | None
    watch: Watch

    def arrays(self, point: int | None = None) -> list[Array]:
        """The inputs for the array engine: all of them, or those of one point."""
        return [
            np.asarray(value if point is None or name not in self.mapped else value[point])[()]  # type: ignore[index]  # mapped inputs are arrays
            for name, value in self.inputs.items()
        ]

    def numbers(self) -> list[float]:
        """The inputs of a scalar program at its only point."""
        return list(self.inputs.values())  # type: ignore[arg-type]  # all of them are scalars

    def spread(self) -> list[Array]:
        """Every input with the leading axis, shared ones repeated along it (without copying)."""
        return [
            np.asarray(value)
            if name in self.mapped
            else np.broadcast_to(value, (self.points or 0, *np.shape(value)))
            for name, value in self.inputs.items()
        ]

    def matrix(self) -> Array:
        """The inputs of a scalar program, a row a point."""
        matrix = np.empty((self.points or 0, len(self.inputs)))
        for column, value in enumerate(self.inputs.values()):
            matrix[:, column] = value
        return matrix

    @property
    def pushing_tape(self) -> Tape | None:
        """The tape, where it can push tangents: at a single point, of inputs only."""
        alone = self.points is None and self.plan.moves_inputs_only
        return self.plan.tape if alone else None

    def check_cost(self, passes: float, purpose: str = "") -> None:
        """Raise GraphError if `passes` runs at every point cost more than the limit."""
        runs, tape = passes * (self.points or 1), self.plan.tape
        if tape is None or len(tape) * runs > self.limits.cost:
            check_cost(self.plan.program, runs, self.limits, purpose)
        if self.deadline is None:
            return
        self.deadline.spend(runs * (self.plan.program.cost if tape is None else len(tape)))
        if tape is not None:
            self.deadline.hold(_COPIES_ON_TAPE * (tape.first + len(tape)))

    def hold(self, copies: int) -> None:
        """Raise GraphError if the array engine would hold more numbers at once than the limit
        allows: so many for each value of the program. The deadline is told how many they are.
        """
        program = self.plan.program
        values = program.elements * ((self.points or 1) if program.is_scalar else 1)
        if copies * values > self.limits.total_elements:
            detail = (
                f"this holds {copies * values:,} numbers at once, over the limit of "
                f"{self.limits.total_elements:,}: {copies} for each of the {values:,} that the "
                f"graph computes, the largest part for {program.largest!r}"
            )
            raise GraphError(Fault("limit_exceeded", detail))
        if self.deadline is not None:
            self.deadline.hold(copies * values)

    def check_held(self, numbers: int) -> None:
        """Raise GraphError if a mapped call holds too many numbers a point at once."""
        held = numbers * (self.points or 1)
        if self.points is not None and held > self.limits.total_elements:
            detail = (
                f"{self.points:,} points of {numbers:,} numbers each are {held:,} numbers, over "
                f"the {self.limits.total_elements:,} held at once; map fewer at a time"
            )
            raise GraphError(Fault("limit_exceeded", detail))
        if self.points is not None and self.deadline is not None:
            self.deadline.hold(held)


def prepare(
    graph: Graph,
    bindings: Bindings,
    outputs: Sequence[str] | str | None,
    mapped: Sequence[str],
    limits: Limits,
    deadline: Deadline | None,
    wrt: Sequence[str] = (),
) -> Call:
    """The call. outputs: one name, several, or None for the default.

    Raises GraphError and ArgumentError.
    """
    inputs = _read(bindings, limits)
    points = _points(graph, inputs, mapped, limits) if mapped else None
    shapes: tuple[Shape, ...] = ((),) * len(inputs)
    if not _all_floats(inputs):
        shapes = tuple(
            () if type(value) is float else np.shape(value)[1 if name in mapped else 0 :]
            for name, value in inputs.items()
        )
    asked = outputs if outputs is None or isinstance(outputs, str) else tuple(outputs)
    question = Question(tuple(inputs), shapes, asked, tuple(wrt), limits)
    made = plan(graph, question)
    made.compile(deadline)
    return Call(made, inputs, frozenset(mapped), points, limits, deadline, start_watch())


@dataclass(frozen=True)
class Direction:
    """A tangent or cotangent that a caller gave; with a leading axis of points, if mapped."""

    value: Array
    mapped: bool

    def at(self, point: int) -> Array:
        """That of one point."""
        return self.value[point] if self.mapped else self.value


def read_direction(call: Call, path: Path, given: Any, shape: Shape, name: str | None) -> Direction:
    """A direction in the shape of what it belongs to: `shape`, or that with the mapped axis.

    name: of the input it belongs to, or None for an output. Raises ArgumentError at `path`.
    """
    try:
        value = np.asarray(tensor(given, call.limits), dtype=np.float64)[()]
    except TensorError as error:
        raise ArgumentError(fault.under(*path) for fault in error.faults) from None
    found = np.shape(value)
    if found == shape:
        return Direction(value, mapped=False)
    if call.points is not None and found == (call.points, *shape):
        return Direction(value, mapped=True)
    wanted = f"{list(shape)}"
    if call.points is not None:
        wanted += f", or {[call.points, *shape]} for each point its own"
    whose = f"{path[-1]!r}" if name is None else f"{name!r}"
    detail = f"{whose} has shape {wanted}, and what is given for it has shape {list(found)}"
    raise ArgumentError(Fault("shape_mismatch", detail, path))


def read_scalars(call: Call, argument: str, given: Mapping[str, Any]) -> list[float]:
    """Directions of scalars at the only point, in order. Raises as `read_direction` does."""
    if _all_floats(given):
        return list(given.values())
    return [
        float(read_direction(call, (argument, name), value, (), name).value)
        for name, value in given.items()
    ]


# A tape's values, two partials, adjoints, tangents and what second order adds.
_COPIES_ON_TAPE = 8
AtPoint = Callable[[list[Array], list[Array]], list[Array]]


def stacked(
    call: Call, at_point: AtPoint, directions: Sequence[Direction] = (), *, copies: int
) -> list[Array]:
    """`at_point` of the inputs, or of each point's, each result stacked along a leading axis.

    For the array engine. at_point: takes the arrays of the inputs, and those of the directions,
    and returns a list of arrays. A program of scalars runs once, over vectors of points; any
    other once a point. copies: how many arrays it holds for each value of the program.
    """
    program = call.plan.program
    call.hold(copies)
    if call.points is None:
        return at_point(call.arrays(), [each.value for each in directions])
    call.check_held(sum(map(size_for_limits, program.shapes)))
    if program.is_scalar:
        spread = [np.broadcast_to(each.value, (call.points,)) for each in directions]
        return [np.broadcast_to(each, (call.points,)) for each in at_point(call.spread(), spread)]
    results: list[list[Array]] = []
    for point in range(call.points):
        results.append(at_point(call.arrays(point), [each.at(point) for each in directions]))
        if not point:  # an output may be listed any number of times
            call.check_held(sum(size_for_limits(np.shape(each)) for each in results[0]))
    return [np.stack(column) for column in zip(*results, strict=True)]


def _all_floats(bindings: Bindings) -> bool:
    """Whether there is nothing to read; thousands of inputs are ordinary, so in C."""
    return _FLOATS.issuperset(map(type, bindings.values()))


def _read(bindings: Bindings, limits: Limits) -> Mapping[str, Number]:
    if _all_floats(bindings):
        return bindings
    inputs: dict[str, Number] = {}
    faults: list[Fault] = []
    for name, value in bindings.items():
        try:
            inputs[name] = tensor(value, limits)
        except TensorError as error:
            faults.extend(fault.under("bindings", name) for fault in error.faults)
    if faults:
        raise ArgumentError(faults)
    return inputs


def _points(
    graph: Graph, inputs: Mapping[str, Number], mapped: Sequence[str], limits: Limits
) -> int | None:
    """The common length of the mapped axes, None where nothing is mapped."""
    lengths: dict[str, int] = {}
    for position, name in enumerate(mapped):
        path = ("mapped", position)
        if name not in inputs:
            if name in graph.codes:
                detail = f"{name!r} is not a bound input; only inputs can be mapped"
                raise ArgumentError(Fault("unknown_name", detail, path))
            raise ArgumentError(Scope(graph, inputs, limits).unknown(name, path))
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
