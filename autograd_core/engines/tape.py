"""The tape engine: programs of scalars, run by one compiled kernel.

A tape is columns: an opcode and up to three operand slots an instruction. The forward sweep
stores each value and its local partials; the reverse sweep only multiplies and adds. Slots
hold the bound inputs, then the constants, then one result an instruction, in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from autograd_core.engines import kernel
from autograd_core.graph import Codes
from autograd_core.limits import Deadline
from autograd_core.tensors import Array

NAME = "tape"
# Instructions between two looks at the clock: a few milliseconds of work.
_SLICE = 1 << 18
Indices = npt.NDArray[np.int64]
_NO_NUMBERS = np.empty(0)


@dataclass(frozen=True)
class Tape:
    """Straight-line code over scalars.

    code, a, b, c: one entry an instruction; instruction k writes slot first + k. inputs: slot
    of every bound input, 0, 1, ... constants: values of the slots from there up to `first`.
    leaf_slots, node_slots: by the graph's leaf and node numbers; -1 for a node not needed.
    nodes: the nodes that are computed, in evaluation order.
    """

    code: npt.NDArray[np.uint8]
    a: Codes
    b: Codes
    c: Codes
    first: int
    constants: Array
    inputs: Mapping[str, int]
    leaf_slots: Codes
    node_slots: Codes
    nodes: Codes

    def __len__(self) -> int:
        return len(self.code)

    def slot_of(self, target: int | str) -> int:
        """Slot of an operand code, or of an input by name."""
        if isinstance(target, str):
            return self.inputs[target]
        return int(self.node_slots[target] if target >= 0 else self.leaf_slots[~target])

    def filled(self, inputs: Sequence[float] | Array) -> Array:
        """A number for every slot, those of inputs and constants set."""
        values = np.empty(self.first + len(self.code))
        values[: len(self.inputs)] = inputs
        values[len(self.inputs) : self.first] = self.constants
        return values


def evaluate(tape: Tape, inputs: Sequence[float] | Array, deadline: Deadline | None) -> Array:
    """The value of every slot."""
    run = kernel.load().evaluate
    values = tape.filled(inputs)
    for start, stop in _ranges(len(tape), _SLICE, deadline):
        run(tape.code, tape.a, tape.b, tape.c, tape.first, values, start, stop)
    return values


def gradient(
    tape: Tape, inputs: Sequence[float] | Array, output: int, deadline: Deadline | None
) -> tuple[Array, Array]:
    """The value of every slot, and the derivative of slot `output` by every slot."""
    compiled = kernel.load()
    values = tape.filled(inputs)
    count = len(tape)
    partials_a, partials_b = np.empty(count), np.empty(count)
    for start, stop in _ranges(count, _SLICE, deadline):
        compiled.forward(
            tape.code, tape.a, tape.b, tape.c, tape.first, values,
            partials_a, partials_b, start, stop,
        )  # fmt: skip
    adjoints = np.zeros(len(values))
    adjoints[output] = 1.0
    for gone, left in _ranges(count, _SLICE, deadline):
        compiled.reverse(
            tape.code, tape.a, tape.b, tape.first, partials_a, partials_b, adjoints,
            count - left, count - gone,
        )  # fmt: skip
    return values, adjoints


def gradients(
    tape: Tape, inputs: Array, output: int, wanted: Indices, deadline: Deadline | None
) -> tuple[Array, Array]:
    """The value of slot `output` and its derivatives by the wanted slots at many points.

    inputs: points x inputs. Returns arrays of shape (points,) and (points, wanted).
    """
    points = len(inputs)
    values, slopes = np.empty(points), np.empty((points, len(wanted)))
    slots = np.arange(len(tape.inputs))
    run = kernel.load().gradients
    for start, stop in _batches(tape, points, deadline):
        run(
            tape.code, tape.a, tape.b, tape.c, tape.first, tape.filled(inputs[start]),
            inputs[start:stop], slots, output, wanted, values[start:stop], slopes[start:stop],
        )  # fmt: skip
    return values, slopes


def evaluations(
    tape: Tape,
    inputs: Array,
    output: int,
    deadline: Deadline | None,
    replaced: int = -1,
    replacements: Array = _NO_NUMBERS,
) -> Array:
    """The value of slot `output` at many points (points x inputs).

    replaced: a slot that holds replacements[point] instead of what it would.
    """
    points = len(inputs)
    values, slots = np.empty(points), np.arange(len(tape.inputs))
    run = kernel.load().evaluations
    for start, stop in _batches(tape, points, deadline):
        run(
            tape.code, tape.a, tape.b, tape.c, tape.first, tape.filled(inputs[start]),
            inputs[start:stop], slots, output, replaced, replacements[start:stop],
            values[start:stop],
        )  # fmt: skip
    return values


def _ranges(count: int, size: int, deadline: Deadline | None) -> Iterator[tuple[int, int]]:
    """Half-open ranges of at most `size` up to `count`; the clock is looked at before each."""
    for start in range(0, count, size):
        if deadline is not None:
            deadline.check()
        yield start, min(start + size, count)


def _batches(tape: Tape, points: int, deadline: Deadline | None) -> Iterator[tuple[int, int]]:
    return _ranges(points, max(1, _SLICE // (len(tape) + 1)), deadline)
