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
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.engines import kernel
from autograd_core.engines.kernel.loops.columns import EDGES_A, EDGES_B
from autograd_core.graph import Codes
from autograd_core.limits import Deadline
from autograd_core.operations.strong_zeros import note_stopped
from autograd_core.tensors import Array

NAME = "tape"
# Instructions between two looks at the clock: a few milliseconds of work.
SLICE = 1 << 18
# Numbers of a widened tape: with their operands and partials they fit into 64 kB.
_WIDE = 1 << 11
Indices = npt.NDArray[np.int64]
Slots = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Tape:
    """Straight-line code over scalars.

    Run r applies opcodes[r] to the instructions starts[r] up to starts[r + 1]. a, b, c: one
    entry an instruction; instruction k writes slot first + k. inputs: slot of every bound
    input, 0, 1, ... constants: values of the slots from there up to `first`. leaf_slots,
    node_slots: by the graph's leaf and node numbers; -1 for a node not needed. No run is
    longer than SLICE.
    """

    opcodes: npt.NDArray[np.uint8]
    starts: Slots
    a: Slots
    b: Slots
    c: Slots
    first: int
    constants: Array
    inputs: Mapping[str, int]
    leaf_slots: Codes
    node_slots: Codes
    nodes: int

    def __len__(self) -> int:
        return len(self.a)

    @cached_property
    def columns(self) -> tuple[Any, ...]:
        """What every loop of the kernel takes first."""
        return self.opcodes, self.starts, self.a, self.b, self.c, self.first

    @cached_property
    def linear_columns(self) -> tuple[Any, ...]:
        """The same for loops that need partials, not values."""
        return self.opcodes, self.starts, self.a, self.b, self.first

    @cached_property
    def slices(self) -> Sequence[tuple[int, int]]:
        """Ranges of runs that hold SLICE instructions or little more each."""
        cuts = np.searchsorted(self.starts, np.arange(0, len(self), SLICE)).tolist()
        return list(pairwise([*cuts, len(self.opcodes)]))

    @cached_property
    def widened(self) -> tuple[int, tuple[Any, ...]]:
        """A number of lanes, and the columns of a tape that computes as many points at once.

        Lane j of slot s is slot s*lanes + j, so that runs are as many times longer. Only a
        short tape is widened: it and its numbers stay in the processor's nearest cache.
        """
        lanes = max(1, _WIDE // (len(self) + self.first + 1))
        lane = np.arange(lanes, dtype=np.uint32)
        operands = [(slots[:, None] * lanes + lane).ravel() for slots in (self.a, self.b, self.c)]
        return lanes, (
            self.opcodes,
            (self.starts * lanes).astype(np.uint32),
            *(slots.astype(np.uint32) for slots in operands),
            self.first * lanes,
        )

    def slot_of(self, target: int | str) -> int:
        """Slot of an operand code, or of an input by name."""
        if isinstance(target, str):
            return self.inputs[target]
        return int(self.node_slots[target] if target >= 0 else self.leaf_slots[~target])

    def run_of(self, slot: int) -> int:
        """The run that computes a slot, -1 for inputs and constants."""
        if slot < self.first:
            return -1
        return int(np.searchsorted(self.starts, slot - self.first, side="right")) - 1

    def filled(self, inputs: Sequence[float] | Array) -> Array:
        """A number for every slot, those of inputs and constants set."""
        values = np.empty(self.first + len(self.a))
        values[: len(self.inputs)] = inputs
        values[len(self.inputs) : self.first] = self.constants
        return values


def evaluate(tape: Tape, inputs: Sequence[float] | Array, deadline: Deadline | None) -> Array:
    """The value of every slot."""
    run = kernel.load().evaluate
    values = tape.filled(inputs)
    for start, stop in timed(tape.slices, deadline):
        run(*tape.columns, values, start, stop)
    return values


def gradient(
    tape: Tape, inputs: Sequence[float] | Array, output: int, deadline: Deadline | None
) -> tuple[Array, Array]:
    """The value of every slot, and the derivative of slot `output` by every slot."""
    compiled = kernel.load()
    values = tape.filled(inputs)
    if len(tape) <= SLICE:
        if deadline is not None:
            deadline.check()
        adjoints = np.empty(len(values))
        note_stopped(compiled.gradient(*tape.columns, values, adjoints, output))
        return values, adjoints
    count = len(tape)
    partials_a, partials_b = np.empty(count), np.empty(count)
    for start, stop in timed(tape.slices, deadline):
        compiled.forward(*tape.columns, values, partials_a, partials_b, start, stop)
    adjoints = np.zeros(len(values))
    adjoints[output] = 1.0
    for start, stop in timed(tape.slices[::-1], deadline):
        note_stopped(
            compiled.reverse(*tape.linear_columns, partials_a, partials_b, adjoints, start, stop)
        )
    return values, adjoints


def gradients(
    tape: Tape, inputs: Array, output: int, wanted: Indices, deadline: Deadline | None
) -> tuple[Array, Array]:
    """The value of slot `output` and its derivatives by the wanted slots at many points.

    inputs: points x inputs. Returns arrays of shape (points,) and (points, wanted).
    """
    points = len(inputs)
    values, slopes = np.empty(points), np.empty((points, len(wanted)))
    run, (lanes, columns) = kernel.load().gradients, tape.widened
    scratch = np.repeat(tape.filled(inputs[0]), lanes)
    for start, stop in _batches(tape, points, deadline):
        stopped = run(
            *columns, scratch, lanes, inputs[start:stop], output, wanted,
            values[start:stop], slopes[start:stop],
        )  # fmt: skip
        note_stopped(stopped)
    return values, slopes


def evaluations(tape: Tape, inputs: Array, wanted: Indices, deadline: Deadline | None) -> Array:
    """The values of the wanted slots at many points (points x inputs): points x wanted."""
    points = len(inputs)
    values = np.empty((points, len(wanted)))
    run, (lanes, columns) = kernel.load().evaluations, tape.widened
    scratch = np.repeat(tape.filled(inputs[0]), lanes)
    for start, stop in _batches(tape, points, deadline):
        run(*columns, scratch, lanes, inputs[start:stop], wanted, values[start:stop])
    return values


def nudged(
    tape: Tape, values: Array, slot: int, numbers: Array, output: int, deadline: Deadline | None
) -> Array:
    """The value of slot `output` where one slot holds other numbers than its own.

    values: of every slot, as they are. slot: an input's, or one that is a run of its own.
    """
    return _each(kernel.load().nudged, tape, values.copy(), slot, numbers, output, deadline)


def shaken(
    tape: Tape, values: Array, slot: int, numbers: Array, output: int, deadline: Deadline | None
) -> Array:
    """As `nudged`, every result moved a little, as rounding might: see kernel/glances.py.

    The numbers that neighbours are moved for in opposite directions come in pairs.
    """
    return _each(kernel.load().shaken, tape, values.copy(), slot, numbers, output, deadline)


def interior(tape: Tape, values: Array, slot: int, number: float, *, shake: bool = False) -> Array:
    """The value of every slot where one slot holds another number; shake: as in `shaken`."""
    scratch, compiled = values.copy(), kernel.load()
    found, at = np.empty(1), tape.run_of(slot)
    run = compiled.shaken if shake else compiled.nudged
    run(*tape.columns, scratch, slot, at, np.array([number]), slot, found)
    scratch[slot] = number
    return scratch


def has_slopes(tape: Tape) -> npt.NDArray[np.bool_]:
    """For each instruction, whether its operation has a slope along any operand."""
    flags = EDGES_A[tape.opcodes] | EDGES_B[tape.opcodes]
    return np.repeat(flags, tape.starts[1:] - tape.starts[:-1])


def _each(
    run: Callable[..., None],
    tape: Tape,
    scratch: Array,
    slot: int,
    numbers: Array,
    output: int,
    deadline: Deadline | None,
) -> Array:
    found = np.empty(len(numbers))
    for start, stop in _batches(tape, len(numbers), deadline, together=2):  # pairs, if shaken
        run(
            *tape.columns, scratch, slot, tape.run_of(slot), numbers[start:stop], output,
            found[start:stop],
        )  # fmt: skip
    return found


def glances(
    tape: Tape,
    values: Array,
    output: int,
    slots: Sequence[int],
    numbers: Array,
    settings: Array,
    deadline: Deadline | None,
) -> tuple[Array, Array]:
    """Nudge slots one after another, and judge the derivatives claimed of them.

    slots: as in `nudged`. numbers: two rows, the step and the claim for each slot. settings:
    rtol, atol. Returns an array of slots x 4, the output at the steps h, -h, h/2 and -h/2, and
    one of slots x 4: settled, estimate, its error, and the evaluations made.
    """
    at = np.array(slots, dtype=np.int64)
    runs = np.array([tape.run_of(slot) for slot in slots], dtype=np.int64)
    found, estimates = np.empty((len(slots), 4)), np.empty((len(slots), 4))
    scratch, run = values.copy(), kernel.load().glances
    for start, stop in _batches(tape, len(slots), deadline):
        run(
            *tape.columns, scratch, output, at[start:stop], runs[start:stop],
            *numbers[:, start:stop], settings, found[start:stop], estimates[start:stop],
        )  # fmt: skip
    return found, estimates


def timed(
    slices: Iterable[tuple[int, int]], deadline: Deadline | None
) -> Iterator[tuple[int, int]]:
    """The slices; the clock is looked at before each."""
    for piece in slices:
        if deadline is not None:
            deadline.check()
        yield piece


def _batches(
    tape: Tape, points: int, deadline: Deadline | None, together: int = 1
) -> Iterator[tuple[int, int]]:
    """Ranges of points that take as long as a slice, or the few that belong together."""
    size = max(1, SLICE // (len(tape) + 1) // together) * together
    return timed([(k, min(k + size, points)) for k in range(0, points, size)], deadline)
