"""Plans: what a call asks of a graph, linked once and compiled for whichever engine runs it.

The same question about the same graph is asked again and again with other numbers (a grader's
submissions, a fit's iterations). A graph therefore keeps the plans it was asked for, a few of
them, by what the question depends on: the names and shapes bound, the outputs, the targets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from autograd_core.derivatives.linking import Scope, default_output
from autograd_core.engines.sparsity.colorings import (
    Compression,
    compress_columns,
    compress_rows,
    compress_symmetric,
)
from autograd_core.engines.sparsity.patterns import Pattern, hessian_pattern, jacobian_pattern
from autograd_core.engines.tape.lowering import is_scalar, lower
from autograd_core.engines.tape.tape import Tape
from autograd_core.graph import Graph
from autograd_core.limits import Deadline, Limits
from autograd_core.program import Program, compile_program
from autograd_core.tensors import Shape

# Plans kept by one graph; a caller that asks more different questions compiles again.
MOST_PLANS = 16


@dataclass(frozen=True)
class Question:
    """Everything but the numbers. outputs: a name, several, or None for the default."""

    names: tuple[str, ...]
    shapes: tuple[Shape, ...]
    outputs: tuple[str, ...] | str | None
    wrt: tuple[str, ...]
    limits: Limits


@dataclass(frozen=True, eq=False)
class Plan:
    """A question whose names are linked. roots, targets: operand codes, or names of inputs
    that no node uses.
    """

    graph: Graph
    shapes: Mapping[str, Shape]
    roots: tuple[int | str, ...]
    targets: tuple[int | str, ...]
    target_names: tuple[str, ...]
    limits: Limits

    @cached_property
    def program(self) -> Program:
        """For the array engine, which runs everything. Raises GraphError, and DeadlineExceeded
        if there is a current deadline.
        """
        return self._compiled(Deadline.current())

    def compile(self, deadline: Deadline | None) -> None:
        """Compile for the engine that is going to run, before `deadline`."""
        if self.tape is None and "program" not in self.__dict__:
            self.__dict__["program"] = self._compiled(deadline)

    def _compiled(self, deadline: Deadline | None) -> Program:
        return compile_program(
            self.graph, self.shapes, self.roots, self.limits, self.targets, deadline
        )

    @cached_property
    def tape(self) -> Tape | None:
        """For the tape engine; None where something is not a scalar."""
        if any(self.shapes.values()) or not is_scalar(self.graph):
            return None
        inputs = {name: slot for slot, name in enumerate(self.shapes)}
        roots, targets = (
            [code for code in codes if isinstance(code, int) and code >= 0]
            for codes in (self.roots, self.targets)
        )
        return lower(self.graph, inputs, [*roots, *targets], apart=targets)

    @property
    def target_slots(self) -> list[int]:
        """The program's slots of the targets."""
        return [self.program.slot_of(target) for target in self.targets]

    @property
    def moves_inputs_only(self) -> bool:
        """Whether no target is a node: what the tape pushes tangents of."""
        return not any(isinstance(target, int) and target >= 0 for target in self.targets)

    @cached_property
    def scalar_roots(self) -> npt.NDArray[np.int64]:
        """The tape's slots of the outputs."""
        return self._slots(self.roots)

    @cached_property
    def scalar_root(self) -> int:
        """The tape's slot of the first output."""
        return int(self.scalar_roots[0])

    @cached_property
    def scalar_targets(self) -> npt.NDArray[np.int64]:
        """The tape's slots of the targets."""
        return self._slots(self.targets)

    @cached_property
    def hessian_compression(self) -> tuple[Pattern, Compression] | None:
        """How to sweep the Hessian of a scalar program; None if it is too full to tell."""
        if self.tape is None:
            return None
        pattern = hessian_pattern(
            self.tape, self.scalar_root, self.scalar_targets, self.limits.elements
        )
        return None if pattern is None else (pattern, compress_symmetric(pattern))

    @cached_property
    def jacobian_compression(self) -> tuple[Pattern, Compression, bool] | None:
        """How to sweep the Jacobian of a scalar program, and whether by rows: whichever takes
        fewer sweeps.
        """
        if self.tape is None:
            return None
        pattern = jacobian_pattern(
            self.tape, self.scalar_roots, self.scalar_targets, self.limits.elements
        )
        if pattern is None:
            return None
        rows, columns = compress_rows(pattern), compress_columns(pattern)
        by_rows = rows.count <= columns.count
        return pattern, rows if by_rows else columns, by_rows

    def _slots(self, codes: Sequence[int | str]) -> npt.NDArray[np.int64]:
        slot_of = (lambda target: 0) if self.tape is None else self.tape.slot_of
        return np.array([slot_of(code) for code in codes], dtype=np.int64)


def plan(graph: Graph, question: Question) -> Plan:
    """The plan for a question, new or known. Raises GraphError and ArgumentError."""
    known = graph.plans.get(question)
    if isinstance(known, Plan):
        return known
    made = _link(graph, question)
    if len(graph.plans) >= MOST_PLANS:
        graph.plans.clear()
    graph.plans[question] = made
    return made


def _link(graph: Graph, question: Question) -> Plan:
    shapes = dict(zip(question.names, question.shapes, strict=True))
    scope = Scope(graph, shapes, question.limits)
    scope.check()
    outputs: Sequence[int | str]
    if question.outputs is None:
        outputs = [default_output(graph)]
    else:
        known = {**graph.defaults, **shapes}  # a constant with a name can be asked for by it
        named = Scope(graph, known, question.limits)
        if isinstance(question.outputs, str):
            outputs = [named.resolve(question.outputs, ("output",))]
        else:
            outputs = named.resolve_all(question.outputs, "outputs")
    targets = scope.resolve_all(question.wrt, "wrt")
    return Plan(graph, shapes, tuple(outputs), tuple(targets), question.wrt, question.limits)
