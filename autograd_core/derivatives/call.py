"""A call: a plan with its numbers bound, what it may cost, and what it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from autograd_core.derivatives.bindings import Bindings, Inputs, read
from autograd_core.derivatives.linking import UNNAMED, default_output
from autograd_core.derivatives.plan import Question, plan
from autograd_core.engines.compiled import Compiled
from autograd_core.engines.linearisation import Engine, L, Linearisation, Sweep, engine_of
from autograd_core.errors import ArgumentError, Fault, GraphError
from autograd_core.graph import Graph
from autograd_core.limits import Deadline, Limits, within
from autograd_core.operations.strong_zeros import Watch, start_watch
from autograd_core.program import require_cost


@dataclass(frozen=True)
class Cost:
    """What a call took: nodes evaluated, elementary operations, and the engine that ran.

    mode, sweeps: of a whole matrix, how it was swept, and how often.
    """

    nodes: int
    operations: int
    engine: str
    mode: str | None = None
    sweeps: int | None = None


@dataclass(eq=False)
class Call:
    """A plan with its inputs bound.

    outputs: names, or None for the default; names: of targets. watch: over the zeros of its
    sweeps. here: by engine, the program at the call's only point. ran: the engine that did.
    """

    plan: Compiled
    inputs: Inputs
    outputs: Sequence[str] | None
    names: tuple[str, ...]
    limits: Limits
    deadline: Deadline | None
    watch: Watch
    here: dict[str, Linearisation] = field(default_factory=dict)
    ran: Engine[Any] | None = None

    @property
    def labels(self) -> Sequence[str]:
        """The name of each output."""
        if self.outputs is not None:
            return self.outputs
        graph = self.plan.graph
        output = default_output(graph)
        own = graph.ids[output] if output >= 0 else graph.leaves[~output]
        return [own if isinstance(own, str) else UNNAMED]

    @property
    def points(self) -> int | None:
        """How many points there are; None for one that has no axis."""
        return self.inputs.points

    def linearise(self, sweep: Sweep[L], inputs: Inputs | None = None) -> L:
        """The program at the call's inputs, or others. Raises DeadlineExceeded.

        At the call's own point an engine is asked once: what it has computed serves all sweeps.
        """
        at = self.inputs if inputs is None else inputs
        engine = self.engine(sweep, at.points)
        if at is not self.inputs or at.points is not None:
            return engine.at(self.plan, at, self.deadline)
        made = self.here.get(engine.name)
        if made is None:
            made = self.here[engine.name] = engine.at(self.plan, at, self.deadline)
        return cast("L", made)

    def engine(self, sweep: Sweep[L], points: int | None) -> Engine[L]:
        """What makes such a sweep, at one point or at many."""
        key = sweep, points is not None
        known: Engine[L] | None = self.plan.engines.get(key)
        if known is None:
            with within(self.deadline):  # a program may be compiled here
                known = self.plan.engines[key] = engine_of(self.plan, sweep, many=key[1])
        return known

    def cost(self, passes: int, mode: str | None = None, sweeps: int | None = None) -> Cost:
        """What so many passes took, once the call has run."""
        engine, runs = self.ran, passes * (self.inputs.points or 1)
        if engine is None:
            raise TypeError("what has not run has no cost")
        return Cost(engine.nodes, engine.operations * runs, engine.name, mode, sweeps)

    # Limits, before anything is computed: each raises GraphError (limit_exceeded) -------------

    def require_cost(self, passes: float, purpose: str) -> None:
        """`passes` evaluations at every point cost no more than the limit."""
        runs, operations = passes * (self.points or 1), self.plan.operations
        if operations * runs > self.limits.cost:
            require_cost(self.plan.program, runs, self.limits, purpose)
        if self.deadline is not None:
            self.deadline.spend(runs * operations)
            self.deadline.hold(self.plan.held_on_tape)

    def require_copies(self, copies: int) -> None:
        """So many numbers for each that the program computes can be held. For arrays."""
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

    def require_held(self, numbers: int) -> None:
        """So many numbers for each of many points can be held."""
        if self.points is None:
            return
        held = numbers * self.points
        if held > self.limits.total_elements:
            detail = (
                f"{self.points:,} points of {numbers:,} numbers each are {held:,} numbers, over "
                f"the {self.limits.total_elements:,} held at once"
            )
            raise GraphError(Fault("limit_exceeded", detail, advice="fewer_points"))
        if self.deadline is not None:
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
    inputs, names = read(graph, bindings, mapped, limits), tuple(wrt)
    asked = outputs if outputs is None or isinstance(outputs, str) else tuple(outputs)
    made = plan(graph, Question(tuple(inputs.values), inputs.shapes, asked, names, limits))
    made.compile(deadline)
    labels = [asked] if isinstance(asked, str) else asked
    return Call(made, inputs, labels, names, limits, deadline, start_watch())


def targets_of(bindings: Bindings, wrt: Sequence[str] | None) -> tuple[str, ...]:
    """What derivatives are by: every bound input by default."""
    return tuple(bindings) if wrt is None else tuple(dict.fromkeys(wrt))


def require_scalar(call: Call, output: str | None) -> None:
    """Raise ArgumentError if the output has a shape."""
    shape = call.plan.of_outputs.shapes[0]
    if shape:
        detail = (
            f"the output has shape {list(shape)}, and a gradient is of a scalar: reduce it (sum, "
            "mean, ...)"
        )
        path = () if output is None else ("output",)
        fault = Fault("non_scalar_output", detail, path, advice="other_derivatives")
        raise ArgumentError(fault)
