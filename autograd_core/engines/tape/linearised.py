"""Products on the tape engine: with Jacobians, both ways, and with Hessians.

The loops are in kernel/loops.py and kernel/second_order.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from autograd_core.engines import kernel
from autograd_core.engines.tape.tape import SLICE, Indices, Tape, gradient, timed
from autograd_core.limits import Deadline
from autograd_core.operations.strong_zeros import note_stopped
from autograd_core.tensors import Array


class Linearised:
    """A tape at a point: its values and local partials, which serve any number of sweeps."""

    def __init__(self, tape: Tape, inputs: Sequence[float], deadline: Deadline | None) -> None:
        self._tape = tape
        self._deadline = deadline
        self.values = tape.filled(inputs)
        self._partials = np.empty(len(tape)), np.empty(len(tape))
        run = kernel.load().forward
        for start, stop in timed(tape.slices, deadline):
            run(*tape.columns, self.values, *self._partials, start, stop)

    def push_forward(self, moving: Indices, direction: Array) -> Array:
        """The tangent of every slot. direction: a tangent for each of the slots `moving`, which
        are inputs' or constants'; no other moves.
        """
        tangents = np.zeros(len(self.values))
        tangents[moving] = direction
        run = kernel.load().push_forward
        for start, stop in timed(self._tape.slices, self._deadline):
            note_stopped(run(*self._tape.linear_columns, *self._partials, tangents, start, stop))
        return tangents

    def pull_back(self, outputs: Indices, cotangents: Array) -> Array:
        """The cotangent of every slot. cotangents: one for each of the slots `outputs`."""
        adjoints = np.zeros(len(self.values))
        np.add.at(adjoints, outputs, cotangents)
        run = kernel.load().reverse
        for start, stop in timed(self._tape.slices[::-1], self._deadline):
            note_stopped(run(*self._tape.linear_columns, *self._partials, adjoints, start, stop))
        return adjoints


def hessian_products(
    tape: Tape,
    inputs: Sequence[float],
    output: int,
    moving: Indices,
    directions: Array,
    deadline: Deadline | None,
) -> tuple[float, Array, Array]:
    """The value of slot `output`, its gradient by the slots `moving`, and Hessian products.

    moving: inputs' slots. directions: directions x moving. The products are of the same shape.
    """
    if not len(directions):  # the loop below finds value and gradient on its way along each
        values, adjoints = gradient(tape, inputs, output, deadline)
        return float(values[output]), adjoints[moving], np.zeros(directions.shape)
    values = tape.filled(inputs)
    slopes, products = np.empty(len(moving)), np.empty(directions.shape)
    run = kernel.load().hessian_products
    for start, stop in timed(_batches(tape, len(directions)), deadline):
        stopped = run(
            *tape.columns, values, moving, directions[start:stop], output, moving, slopes,
            products[start:stop],
        )  # fmt: skip
        note_stopped(stopped)
    return float(values[output]), slopes, products


def _batches(tape: Tape, directions: int) -> Iterator[tuple[int, int]]:
    """Ranges of directions that take as long as a few slices, or a single one."""
    size = max(1, SLICE // (len(tape) + 1))
    for start in range(0, directions, size):
        yield start, min(start + size, directions)
