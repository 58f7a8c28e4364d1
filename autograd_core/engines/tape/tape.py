"""The tape engine: programs of scalars, run by one compiled kernel.

A tape is columns: runs of one opcode each, and up to three operand slots an instruction. The
forward sweep stores each value and its local partials; the reverse sweep only multiplies and
adds. Slots hold the bound inputs, then the constants, then one result an instruction, in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from autograd_core.engines import kernel
from autograd_core.engines.kernel.rules import EDGES_A, EDGES_B
from autograd_core.jit.columns import (
    Columns,
    Indices,
    LinearColumns,
    Opcodes,
    Operands,
    Slots,
)
from autograd_core.limits import Deadline
from autograd_core.operations.strong_zeros import note_stopped
from autograd_core.tensors import Array, Flags

NAME = "tape"
# Instructions between two looks at the clock: a few milliseconds of work.
SLICE = 1 << 18
# A loop that nudges slots of a tape, and judges what comes of it.
Look = Callable[..., None]
# Numbers of a widened tape: with their operands and partials they fit into 64 kB.
_WIDE = 1 << 11


@dataclass(frozen=True)
class Tape:
    """Straight-line code over scalars.

    Run r applies opcodes[r] to the instructions starts[r] up to starts[r + 1]. a, b, c: one
    entry an instruction; instruction k writes slot first + k. inputs: slot of every bound
    input, 0, 1, ... constants: values of the slots from there up to `first`. leaf_slots,
    node_slots: by the graph's leaf and node numbers; -1 for a node not needed. No run is
    longer than SLICE.
    """

    opcodes: Opcodes
    starts: Slots
    a: Slots
    b: Slots
    c: Slots
    first: int
    constants: Array
    inputs: Mapping[str, int]
    leaf_slots: Operands
    node_slots: Operands
    nodes: int

    def __len__(self) -> int:
        return len(self.a)

    @cached_property
    def columns(self) -> Columns:
        """What the kernel's loops over a tape take first."""
        return self.opcodes, self.starts, self.a, self.b, self.c, self.first

    @cached_property
    def linear_columns(self) -> LinearColumns:
        """What loops take first that need partials, not values."""
        return self.starts, self.a, self.b, self.first

    @cached_property
    def slices(self) -> Sequence[tuple[int, int]]:
        """Ranges of runs that hold SLICE instructions or little more each."""
        cuts = np.searchsorted(self.starts, np.arange(0, len(self), SLICE)).tolist()
        return list(pairwise([*cuts, len(self.opcodes)]))

    @cached_property
    def widened(self) -> tuple[int, Columns]:
        """A number of lanes, and the columns of a tape that computes as many points at once.

        Lane j of slot s is slot s*lanes + j, so that runs are as many times longer. Only a
        short tape is widened: it and its numbers stay in the processor's nearest cache.
        """
        lanes = max(1, _WIDE // (len(self) + self.first + 1))
        lane = np.arange(lanes, dtype=np.uint32)
        a, b, c = (
            (slots[:, None] * lanes + lane).ravel().astype(np.uint32)
            for slots in (self.a, self.b, self.c)
        )
        starts = (self.starts * lanes).astype(np.uint32)
        return lanes, (self.opcodes, starts, a, b, c, self.first * lanes)

    def slot_of(self, target: int | str) -> int:
        """Slot of an operand, or of an input by name."""
        if isinstance(target, str):
            return self.inputs[target]
        return int(self.node_slots[target] if target >= 0 else self.leaf_slots[~target])

    def run_of(self, slot: int) -> int:
        """The run that computes a slot, -1 for inputs and constants."""
        if slot < self.first:
            return -1
        return int(np.searchsorted(self.starts, slot - self.first, side="right")) - 1

    def batches(self, points: int, deadline: Deadline | None) -> Iterable[tuple[int, int]]:
        """Ranges of points that take as long as a slice; the clock is looked at before each."""
        size = max(1, SLICE // (len(self) + 1))
        return timed([(k, min(k + size, points)) for k in range(0, points, size)], deadline)

    def filled(self, inputs: Sequence[float] | Array) -> Array:
        """A number for every slot, those of inputs and constants set."""
        values = np.empty(self.first + len(self.a))
        values[: len(self.inputs)] = inputs
        values[len(self.inputs) : self.first] = self.constants
        return values


def evaluate(tape: Tape, inputs: Sequence[float] | Array, deadline: Deadline | None) -> Array:
    """The value of every slot."""
    run = kernel.evaluate
    values = tape.filled(inputs)
    for start, stop in timed(tape.slices, deadline):
        run(*tape.columns, values, start, stop)
    return values


def gradient(
    tape: Tape, inputs: Sequence[float] | Array, output: int, deadline: Deadline | None
) -> tuple[Array, Array]:
    """The value of every slot, and the derivative of slot `output` by every slot."""
    values = tape.filled(inputs)
    if len(tape) <= SLICE:
        if deadline is not None:
            deadline.check()
        adjoints = np.empty(len(values))
        note_stopped(kernel.gradient(*tape.columns, values, adjoints, output))
        return values, adjoints
    count = len(tape)
    partials_a, partials_b = np.empty(count), np.empty(count)
    for start, stop in timed(tape.slices, deadline):
        kernel.forward(*tape.columns, values, partials_a, partials_b, start, stop)
    adjoints = np.zeros(len(values))
    adjoints[output] = 1.0
    for start, stop in timed(tape.slices[::-1], deadline):
        note_stopped(
            kernel.reverse(*tape.linear_columns, partials_a, partials_b, adjoints, start, stop)
        )
    return values, adjoints


def gradients(
    tape: Tape, inputs: Array, output: int, wanted: Indices, deadline: Deadline | None
) -> tuple[Array, Array]:
    """The value of slot `output` and its derivatives by the wanted slots at many points.

    inputs: points x inputs. Returns arrays of shape (points,) and (points, wanted).
    """
    points = len(inputs)
    values, found = np.empty((points, 1)), np.empty((points, len(wanted)))
    run, (lanes, columns) = kernel.gradients, tape.widened
    scratch = np.repeat(tape.filled(inputs[0]), lanes)
    for start, stop in tape.batches(points, deadline):
        stopped = run(
            *columns, scratch, lanes, inputs[start:stop], output, wanted,
            values[start:stop], found[start:stop],
        )  # fmt: skip
        note_stopped(stopped)
    return values[:, 0], found


def evaluations(tape: Tape, inputs: Array, wanted: Indices, deadline: Deadline | None) -> Array:
    """The values of the wanted slots at many points (points x inputs): points x wanted."""
    points = len(inputs)
    values = np.empty((points, len(wanted)))
    run, (lanes, columns) = kernel.evaluations, tape.widened
    scratch = np.repeat(tape.filled(inputs[0]), lanes)
    for start, stop in tape.batches(points, deadline):
        run(*columns, scratch, lanes, inputs[start:stop], wanted, values[start:stop])
    return values


def nudged(
    tape: Tape,
    values: Array,
    slots: Sequence[int],
    numbers: Array,
    output: int,
    deadline: Deadline | None,
    *,
    shake: bool = False,
) -> Array:
    """The value of slot `output` where each of some slots holds other numbers than its own.

    values: of every slot, as they are. slots: inputs', or such as are a run of their own.
    numbers: slots x numbers, as what is returned. shake: put every result up or down a little,
    as rounding might, in opposite directions for neighbouring numbers: see the kernel's `shaken`.
    """
    places, runs = np.array(slots), np.array([tape.run_of(slot) for slot in slots])
    scratch, found, run = values.copy(), np.empty(numbers.shape), kernel.nudged
    for start, stop in tape.batches(len(slots), deadline):
        run(
            *tape.columns, scratch, places[start:stop], runs[start:stop], numbers[start:stop],
            shake, output, found[start:stop],
        )  # fmt: skip
    return found


def glances(
    tape: Tape,
    values: Array,
    output: int,
    look: Look,
    slots: Sequence[int],
    numbers: Array,
    settings: Sequence[float],
    deadline: Deadline | None,
) -> tuple[Array, Array]:
    """What a compiled loop finds that nudges slots one after another: see finite_difference.

    slots: as in `nudged`. numbers: rows, with a number for each slot. Returns two arrays of
    slots x 4, as the loop fills them.
    """
    places, runs = np.array(slots), np.array([tape.run_of(slot) for slot in slots])
    seen, found = np.empty((2, len(slots), 4))
    scratch = values.copy()
    for start, stop in tape.batches(len(slots), deadline):
        look(
            *tape.columns, scratch, output, places[start:stop], runs[start:stop],
            *numbers[:, start:stop], *settings, seen[start:stop], found[start:stop],
        )  # fmt: skip
    return seen, found


def interior(tape: Tape, values: Array, slot: int, number: float, *, shake: bool = False) -> Array:
    """The value of every slot where one slot holds another number; shake: as in `nudged`."""
    scratch = values.copy()
    kernel.nudged(
        *tape.columns, scratch, np.array([slot]), np.array([tape.run_of(slot)]),
        np.array([[number]]), shake, slot, np.empty((1, 1)),
    )  # fmt: skip
    scratch[slot] = number
    return scratch


def are_rounded(tape: Tape) -> Flags:
    """For each instruction, whether a partial of its operation is other than 0 by its formula:
    those of a comparison or a floor, which are exact, are 0.
    """
    flags = EDGES_A[tape.opcodes] | EDGES_B[tape.opcodes]
    return np.repeat(flags, np.diff(tape.starts))


def timed(
    slices: Sequence[tuple[int, int]], deadline: Deadline | None
) -> Iterable[tuple[int, int]]:
    """The slices; the clock is looked at before each."""
    return slices if deadline is None else _timed(slices, deadline)


def _timed(slices: Sequence[tuple[int, int]], deadline: Deadline) -> Iterator[tuple[int, int]]:
    for piece in slices:
        deadline.check()
        yield piece
