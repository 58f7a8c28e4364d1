"""A graph with its shapes, outputs and targets, compiled for whichever engine runs it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any, Protocol

import numpy as np

from autograd_core.compiling import compile_program
from autograd_core.engines.activity import Useful, leading_to
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
from autograd_core.jit.columns import Indices
from autograd_core.limits import Deadline, Limits, within
from autograd_core.program import Program
from autograd_core.tensors import Array, Shape, size_for_limits

# What a tape holds for each slot: its value, two partials, adjoint, tangent, and for second order.
_COPIES_ON_TAPE = 8


class Inputs(Protocol):
    """The numbers bound to a program's inputs, in the forms that engines take them in."""

    @property
    def points(self) -> int | None:
        """How many points there are; None for one that has no axis."""

    def numbers(self) -> Sequence[float]:
        """Those of a program of scalars, at one point."""

    def matrix(self) -> Array:
        """Those of a program of scalars, at many points: points x inputs."""

    def arrays(self) -> Sequence[Array]:
        """Arrays; at many points each has that leading axis."""


class Layout:
    """How the elements of some outputs or targets lie one after another, each in row-major order.

    shapes, sizes, places: of each. length: of all of them; for_limits: the same as limits count.
    """

    def __init__(self, shapes: Sequence[Shape]) -> None:
        self.shapes = shapes
        self.are_scalars = not any(shapes)
        self.sizes = [math.prod(shape) for shape in shapes]
        self.length = sum(self.sizes)
        self.for_limits = sum(map(size_for_limits, shapes))

    @cached_property
    def places(self) -> Sequence[slice]:
        """Where each is."""
        ends = accumulate(self.sizes)
        return [slice(end - size, end) for end, size in zip(ends, self.sizes, strict=True)]

    def owner(self, element: int) -> int:
        """Which of them an element belongs to."""
        return next(which for which, at in enumerate(self.places) if element < at.stop)


@dataclass(frozen=True)
class Compressed:
    """How few sweeps give a sparse matrix: its pattern, the colours, and along what they sweep."""

    pattern: Pattern
    compression: Compression
    by_rows: bool = False


@dataclass(frozen=True, eq=False)
class Compiled:
    """A graph, what is bound in it, and what is asked for.

    shapes: of every binding. roots, targets: of the outputs and of what derivatives are by:
    operand codes, or names of inputs that no node uses. engines: those that were
    chosen, see linearisation.py.
    """

    graph: Graph
    shapes: Mapping[str, Shape]
    roots: tuple[int | str, ...]
    targets: tuple[int | str, ...]
    limits: Limits
    engines: dict[tuple[object, bool], Any] = field(default_factory=dict)

    @cached_property
    def program(self) -> Program:
        """For the array engine, which runs everything. Raises GraphError, and DeadlineExceeded
        if there is a current deadline.
        """
        deadline = Deadline.current()
        return compile_program(
            self.graph, self.shapes, self.roots, self.limits, self.targets, deadline
        )

    def compile(self, deadline: Deadline | None) -> None:
        """Compile for the engine that is going to run, before `deadline`."""
        if "program" not in self.__dict__ and self.__dict__.get("tape") is None:
            with within(deadline):
                _ = self.tape or self.program

    @cached_property
    def tape(self) -> Tape | None:
        """For the tape engine; None where something is not a scalar. Raises DeadlineExceeded if
        there is a current deadline.
        """
        if any(self.shapes.values()) or not is_scalar(self.graph):
            return None
        inputs = {name: slot for slot, name in enumerate(self.shapes)}
        roots, targets = (
            [code for code in codes if isinstance(code, int) and code >= 0]
            for codes in (self.roots, self.targets)
        )
        return lower(self.graph, inputs, [*roots, *targets], apart=targets)

    @cached_property
    def operations(self) -> int:
        """Elementary operations of one evaluation."""
        return self.program.cost if self.tape is None else len(self.tape)

    @property
    def held_on_tape(self) -> int:
        """Numbers that any run holds at once, where it runs on the tape."""
        return 0 if self.tape is None else _COPIES_ON_TAPE * (self.tape.first + len(self.tape))

    @cached_property
    def of_outputs(self) -> Layout:
        """The outputs' elements."""
        if self.tape is not None:
            return Layout(((),) * len(self.roots))
        return Layout([self.program.shapes[slot] for slot in self.program.outputs])

    @cached_property
    def of_targets(self) -> Layout:
        """The targets' elements."""
        if self.tape is not None:
            return Layout(((),) * len(self.targets))
        return Layout([self.program.shapes[slot] for slot in self.target_slots])

    @cached_property
    def target_slots(self) -> Sequence[int]:
        """The program's slots of the targets."""
        return [self.program.slot_of(target) for target in self.targets]

    @cached_property
    def useful(self) -> Useful:
        """What sweeps for all targets visit. Raises DeadlineExceeded if there is a deadline."""
        return leading_to(self.program, self.target_slots, Deadline.current())

    @cached_property
    def targets_are_inputs(self) -> bool:
        """Whether no target is a node: what the tape can push tangents of."""
        return not any(isinstance(target, int) and target >= 0 for target in self.targets)

    @cached_property
    def tape_roots(self) -> Indices:
        """The tape's slots of the outputs."""
        return self._on_tape(self.roots)

    @cached_property
    def tape_targets(self) -> Indices:
        """The tape's slots of the targets."""
        return self._on_tape(self.targets)

    def _on_tape(self, codes: Sequence[int | str]) -> Indices:
        return np.array(list(map(self.on_tape.slot_of, codes)), dtype=np.int64)

    @property
    def on_tape(self) -> Tape:
        """The tape that there is. Raises TypeError if there is none."""
        if self.tape is None:
            raise TypeError("a program that is not one of scalars has no tape")
        return self.tape

    @cached_property
    def hessian_compressed(self) -> Compressed | None:
        """How to sweep the Hessian of a tape; None if it is too full to tell."""
        if self.tape is None or not self.targets_are_inputs:
            return None
        root = int(self.tape_roots[0])
        pattern = hessian_pattern(self.tape, root, self.tape_targets, self.limits.elements)
        return None if pattern is None else Compressed(pattern, compress_symmetric(pattern))

    @cached_property
    def jacobian_compressed(self) -> Compressed | None:
        """How to sweep the Jacobian of a tape, by rows or columns, whichever are fewer."""
        if self.tape is None or not self.targets_are_inputs:
            return None
        slots = self.tape_roots, self.tape_targets
        pattern = jacobian_pattern(self.tape, *slots, self.limits.elements)
        if pattern is None:
            return None
        rows, columns = compress_rows(pattern), compress_columns(pattern)
        if rows.count <= columns.count:
            return Compressed(pattern, rows, by_rows=True)
        return Compressed(pattern, columns)
