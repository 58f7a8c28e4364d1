"""The function under a check, as either engine computes it: lines through one of its points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from autograd_core.engines.arrays import sweeps as arrays
from autograd_core.engines.tape import tape
from autograd_core.engines.tape.tape import Tape
from autograd_core.errors import ArgumentError, Fault
from autograd_core.finite_difference import shaking
from autograd_core.finite_difference.estimates import Estimate, first_step
from autograd_core.finite_difference.options import CheckOptions
from autograd_core.finite_difference.probes import Flags, Place, Probe
from autograd_core.limits import Deadline
from autograd_core.program import Instruction, Program
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
    """What the first steps of a check found: settled, with an estimate, or not yet.

    steps, values: the steps h, -h, h/2 and -h/2, and the function there. evaluations: these
    and any others.
    """

    settled: bool
    estimate: Estimate
    steps: tuple[float, ...]
    values: Sequence[float]
    evaluations: int


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

    def line(self, name: str, direction: Direction) -> Probe:
        root, index = self._root, self._index

        def output(values: Sequence[Array]) -> complex:
            return complex(np.asarray(values[root])[index])

        slot = self._slots[name]
        line = ArrayLine(self._program, self._values, slot, root, direction, output, self._deadline)
        return Probe(line, line.place(output(self._values).real))

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


class ArrayLine:
    """A program on arrays while one slot moves along a direction.

    root: the only slot whose value matters in the end. output: makes the function's value of
    those of all slots.
    """

    def __init__(
        self,
        program: Program,
        values: Sequence[Array],
        slot: int,
        root: int,
        direction: Direction,
        output: Callable[[list[Array]], complex],
        deadline: Deadline | None,
    ) -> None:
        self._program = program
        self._values = values
        self._slot = slot
        self._start = np.asarray(values[slot])
        self._direction = direction
        self._output = output
        self._deadline = deadline
        self._moving = _leading_to(root, program.downstream([slot]))

    def place(self, base: float) -> Place:
        if isinstance(self._direction, tuple):
            start = float(self._start[self._direction])
            return Place(base, abs(start), start)
        return Place(base, float(np.max(np.abs(self._start))), wiggle=self._start.size)

    def at(self, steps: Sequence[complex]) -> Sequence[complex]:
        return [self._output(self._moved(h)) for h in steps]

    def shaken(self, steps: Sequence[float]) -> Sequence[float]:
        return [self._output(self._shaken(h, turn)).real for turn, h in enumerate(steps)]

    def interior(self, step: float, *, shake: bool = False) -> Array:
        values = self._shaken(step, 0) if shake else self._moved(step)
        results = [np.ravel(values[each.slot]) for each in self._moving]
        return np.concatenate(results).real if results else np.empty(0)

    def has_slopes(self) -> Flags:
        flags = [
            np.full(np.size(self._values[each.slot]), shaking.is_rounded(each))
            for each in self._moving
        ]
        return np.concatenate(flags) if flags else np.empty(0, bool)

    def _moved(self, h: complex) -> list[Array]:
        local = list(self._values)
        local[self._slot] = moved_along(self._start, self._direction, h)
        arrays.run(self._program, self._moving, local, self._deadline)
        return local

    def _shaken(self, h: float, turn: int) -> list[Array]:
        local = list(self._values)
        start = self._start
        if not isinstance(self._direction, tuple):  # each of its numbers is rounded when moved
            start = shaking.moved(start, 0, turn)
        local[self._slot] = moved_along(start, self._direction, h)
        shaking.run(self._moves, local, turn, self._deadline)
        return local

    @cached_property
    def _moves(self) -> shaking.Moves:
        return shaking.moves_of(self._program, self._moving)


def _leading_to(root: int, instructions: Sequence[Instruction]) -> Sequence[Instruction]:
    """Those of some instructions that a slot depends on, in order."""
    needed, leading = {root}, []
    for instruction in reversed(instructions):
        if instruction.slot in needed:
            needed.update(instruction.operands)
            leading.append(instruction)
    return leading[::-1]


def moved_along(start: Array, direction: Direction, h: complex) -> Array:
    """An array with one element, or all of them along a direction, moved by h."""
    with np.errstate(all="ignore"):
        if isinstance(direction, tuple):
            moved: Array = start.astype(np.result_type(start, type(h)))
            moved[direction] += h
            return moved[()]
        along: Array = start + h * direction
        return along


class TapeFunction:
    """A scalar program. values: of every slot at the point; slots: of each name."""

    def __init__(
        self,
        code: Tape,
        values: Array,
        output: int,
        slots: Mapping[str, int],
        deadline: Deadline | None,
    ) -> None:
        self._code = code
        self._values = values
        self._output = output
        self._slots = slots
        self._deadline = deadline

    def line(self, name: str, direction: Direction) -> Probe:
        slot = self._slots[name]
        start = float(self._values[slot])
        base = float(self._values[self._output])
        line = TapeLine(self._code, self._values, self._output, slot, self._deadline)
        return Probe(line, Place(base, abs(start), start))

    def glances(self, claims: Mapping[str, float], options: CheckOptions) -> Mapping[str, Glance]:
        slots = [self._slots[name] for name in claims]
        sizes = [abs(value) for value in self._values[slots].tolist()]
        steps = [options.step or first_step(size) for size in sizes]
        judging = np.array([options.rtol, options.atol])
        numbers = np.array([steps, list(claims.values())])
        values, estimates = tape.glances(
            self._code, self._values, self._output, slots, numbers, judging, self._deadline
        )
        return {
            name: Glance(
                bool(settled),
                Estimate(found, error, h / 2),
                (h, -h, h / 2, -h / 2),
                seen,
                int(evaluations),
            )
            for name, h, seen, (settled, found, error, evaluations) in zip(
                claims, steps, values.tolist(), estimates.tolist(), strict=True
            )
        }

    def check_analytic(self) -> None:
        raise TypeError("the tape has no complex arithmetic")


class TapeLine:
    """A tape while one slot moves."""

    def __init__(
        self, code: Tape, values: Array, output: int, slot: int, deadline: Deadline | None
    ) -> None:
        self._code = code
        self._values = values
        self._output = output
        self._slot = slot
        self._deadline = deadline

    def at(self, steps: Sequence[complex]) -> Sequence[complex]:
        return self._run(tape.nudged, [step.real for step in steps])

    def shaken(self, steps: Sequence[float]) -> Sequence[float]:
        return self._run(tape.shaken, steps)

    def interior(self, step: float, *, shake: bool = False) -> Array:
        number = float(self._values[self._slot]) + step
        found = tape.interior(self._code, self._values, self._slot, number, shake=shake)
        return found[self._code.first :]

    def has_slopes(self) -> Flags:
        return tape.has_slopes(self._code)

    def _run(self, run: Callable[..., Array], steps: Sequence[float]) -> list[float]:
        with np.errstate(over="ignore"):
            numbers = self._values[self._slot] + np.array(steps)
        found: list[float] = run(
            self._code, self._values, self._slot, numbers, self._output, self._deadline
        ).tolist()
        return found
