"""The function under a check, as either engine computes it: lines through one of its points."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from autograd_core.engines import arrays, tape
from autograd_core.engines.tape import Tape
from autograd_core.errors import ArgumentError, Fault
from autograd_core.finite_difference.estimates import Estimate, first_step
from autograd_core.finite_difference.options import CheckOptions
from autograd_core.finite_difference.probes import EPSILON, Probe
from autograd_core.limits import Deadline
from autograd_core.program import Program
from autograd_core.tensors import Array

Direction = Array | tuple[int, ...]


class Function(Protocol):
    """A scalar function of named values, at a point."""

    def line(self, name: str, direction: Direction) -> Probe:
        """The function along a line; direction: an index (that element moves) or an array."""

    def glances(self, claims: Mapping[str, float], options: CheckOptions) -> Mapping[str, Glance]:
        """A first glance at derivatives by scalars, of those that it can be taken at quickly."""

    def check_analytic(self) -> None:
        """Raise ArgumentError where a complex step cannot be taken."""


class Glance(NamedTuple):
    """What the first two steps of a check found: settled, with an estimate, or not yet.

    steps, values: the steps h, -h, h/2 and -h/2, and the function there.
    """

    settled: bool
    estimate: Estimate
    steps: tuple[float, ...]
    values: Sequence[float]


class ArrayFunction:
    """A program of any shape. values: of every slot at the point; slots: of each name.

    root, index: the slot and the element of it that is the function; by default the program's
    scalar output.
    """

    def __init__(
        self,
        program: Program,
        values: Sequence[Array],
        slots: Mapping[str, int],
        deadline: Deadline | None,
        root: int | None = None,
        index: tuple[int, ...] = (),
    ) -> None:
        self._program = program
        self._values = values
        self._slots = slots
        self._deadline = deadline
        self._root = program.outputs[0] if root is None else root
        self._index = index
        self._rounding = rounding_error(program, values, deadline, self._root, index)

    def line(self, name: str, direction: Direction) -> Probe:
        slot, program = self._slots[name], self._program
        instructions = program.downstream([slot])
        start = np.asarray(self._values[slot])
        root, index = self._root, self._index

        def function(h: complex) -> complex:
            local = list(self._values)
            local[slot] = moved_along(start, direction, h)
            arrays.run(program, instructions, local, self._deadline)
            return complex(np.asarray(local[root])[index])

        still = not instructions and slot != root  # the output does not move at all
        rounding = 0.0 if still else self._rounding
        base = float(np.asarray(self._values[root])[index])
        if isinstance(direction, tuple):
            return Probe(function, base, abs(float(start[direction])), rounding=rounding)
        return Probe(function, base, float(np.max(np.abs(start))), start.size, rounding)

    def glances(self, claims: Mapping[str, float], options: CheckOptions) -> Mapping[str, Glance]:
        return {}

    def check_analytic(self) -> None:
        for instruction in self._program.instructions:
            if not instruction.operation.analytic:
                name = self._program.graph.names[instruction.origin]
                detail = (
                    f"the complex step needs operations that are analytic, and "
                    f"{instruction.operation.name} (node {name!r}) is not; use 'richardson'"
                )
                raise ArgumentError(Fault("invalid_value", detail, ("check", "method")))


def moved_along(start: Array, direction: Direction, h: complex) -> Array:
    """An array with one element, or all of them along a direction, moved by h."""
    if isinstance(direction, tuple):
        moved: Array = start.astype(np.result_type(start, type(h)))
        moved[direction] += h
        return moved[()]
    along: Array = start + h * direction
    return along


class TapeFunction:
    """A scalar program. values, adjoints: of every slot at the point."""

    def __init__(
        self,
        code: Tape,
        values: Array,
        adjoints: Array,
        output: int,
        slots: Mapping[str, int],
        deadline: Deadline | None,
    ) -> None:
        self._code = code
        self._values = values
        self._output = output
        self._slots = slots
        self._deadline = deadline
        arriving = np.abs(adjoints[code.first :] * values[code.first :])
        total = float(np.sum(arriving, where=np.isfinite(arriving)))
        self._rounding = EPSILON * total if math.isfinite(total) else 0.0

    def line(self, name: str, direction: Direction) -> Probe:
        slot = self._slots[name]
        start = float(self._values[slot])

        def many(steps: Sequence[float]) -> list[float]:
            moved = start + np.array(steps)
            found: list[float] = tape.nudged(
                self._code, self._values, slot, moved, self._output, self._deadline
            ).tolist()
            return found

        def function(h: complex) -> complex:
            return many([h.real])[0]

        base = float(self._values[self._output])
        return Probe(function, base, abs(start), rounding=self._rounding, many=many)

    def glances(self, claims: Mapping[str, float], options: CheckOptions) -> Mapping[str, Glance]:
        slots = [self._slots[name] for name in claims]
        sizes = [abs(value) for value in self._values[slots].tolist()]
        steps = [options.step or first_step(size) for size in sizes]
        judging = np.array([self._rounding, options.rtol, options.atol])
        numbers = np.array([steps, list(claims.values())])
        values, estimates = tape.glances(
            self._code, self._values, self._output, slots, numbers, judging, self._deadline
        )
        return {
            name: Glance(bool(settled), Estimate(found, error, h / 2), (h, -h, h / 2, -h / 2), seen)
            for name, h, seen, (settled, found, error) in zip(
                claims, steps, values.tolist(), estimates.tolist(), strict=True
            )
        }

    def check_analytic(self) -> None:
        raise TypeError("the tape has no complex arithmetic")


def rounding_error(
    program: Program,
    values: Sequence[Array],
    deadline: Deadline | None,
    root: int | None = None,
    index: tuple[int, ...] = (),
) -> float:
    """About how far the program's scalar output is from its exact value, or one of another slot.

    Every intermediate value is rounded, by half an ulp at least, and its adjoint says how much
    of that arrives: M. Iri, "Simultaneous computation of functions, partial derivatives and
    estimates of rounding errors" (1984). It finds what |f| alone does not tell: that log(1 + x)
    has lost its digits at x = 1e-12.
    """
    root = program.outputs[0] if root is None else root
    seed = np.zeros(program.shapes[root])
    seed[index] = 1.0
    seeds = {root: seed[()]}
    adjoints = arrays.reverse(program, list(values), seeds, range(len(program.shapes)), deadline)
    total = 0.0
    with np.errstate(all="ignore"):
        for instruction in program.instructions:
            if instruction.slot in adjoints:
                arriving = np.abs(adjoints[instruction.slot] * values[instruction.slot])
                total += float(np.sum(arriving, where=np.isfinite(arriving)))
    return EPSILON * total if math.isfinite(total) else 0.0
