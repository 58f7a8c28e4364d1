"""The array engine's linearisation: a program at a point or, if all is scalar, at many at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from autograd_core.engines.activity import Useful, leading_to
from autograd_core.engines.arrays import sweeps, tangents as second_order
from autograd_core.engines.arrays.batches import Batch, Found, Seeds
from autograd_core.engines.arrays.lines import ArrayLine, Direction
from autograd_core.engines.compiled import Compiled, Inputs, Layout
from autograd_core.limits import Deadline, within
from autograd_core.operations.strong_zeros import current_watch
from autograd_core.tensors import Array

NAME = sweeps.NAME
# Numbers that one batch of directions may hold.
_MOST_HELD = 2_000_000
# Up to so many, directions of several targets go together: it is less work to begin fewer sweeps
# than to leave out what does not move.
_MIXED = 50_000


class Linearised:
    """A program at a point; or a scalar one at many, each value a vector, as is every result."""

    def __init__(self, compiled: Compiled, inputs: Inputs, deadline: Deadline | None) -> None:
        self._compiled, self.program = compiled, compiled.program
        self.targets = compiled.target_slots
        self._of_outputs, self._of_targets = compiled.of_outputs, compiled.of_targets
        self._points = inputs.points
        self._deadline = deadline
        self._last: tuple[Sequence[int], Useful] | None = None
        self.slots = sweeps.forward(self.program, inputs.arrays(), deadline)
        if self._points is not None:  # what constants alone give is a number for all of them
            for each in self.program.instructions:
                if not np.shape(self.slots[each.slot]):
                    self.slots[each.slot] = self._spread(self.slots[each.slot])

    def values(self) -> Sequence[Array]:
        return [self._spread(self.slots[slot]) for slot in self.program.outputs]

    def gradient(self) -> tuple[Array, Sequence[Array]]:
        root = self.program.outputs[0]
        seeds = {root: np.ones(np.shape(self.slots[root]))[()]}
        adjoints = self._reverse(seeds, self.targets, alone=True)
        return self._spread(self.slots[root]), self.of(self.targets, adjoints)

    def adjoints(self, wanted: Sequence[int], root: int | None = None) -> Mapping[int, Array]:
        """The derivatives of an output (the first by default; of the sum of its entries, if it
        has several) by the wanted slots, and by those between; none where nothing flows.
        """
        root = self.program.outputs[0] if root is None else root
        return self._reverse({root: np.ones(np.shape(self.slots[root]))[()]}, wanted)

    def cotangents(
        self, seeds: Mapping[int, Array | float], wanted: Sequence[int]
    ) -> Mapping[int, Array]:
        """The cotangents of the wanted slots, and of those between, from those of some outputs."""
        return self._reverse(self._arriving(seeds), wanted)

    def tangents(self, seeds: Mapping[int, Array | float]) -> Mapping[int, Array]:
        """The tangents of all slots that move, from those of some targets."""
        moving = {self.targets[k]: np.asarray(each)[()] for k, each in seeds.items()}
        return second_order.push_forward(self.program, self.slots, moving, self._deadline)

    def adjoint_tangents(
        self, adjoints: Mapping[int, Array], tangents: Mapping[int, Array], wanted: Sequence[int]
    ) -> Mapping[int, Array]:
        """How the adjoints of the wanted slots, and of those between, move with the tangents."""
        return second_order.reverse_tangents(
            self.program, self.slots, adjoints, tangents, self._useful(wanted), self._deadline
        )

    def pull_back(self, cotangents: Mapping[int, Array | float]) -> Sequence[Array]:
        found = self._reverse(self._arriving(cotangents), self.targets, alone=True)
        return self.of(self.targets, found)

    def push_forward(self, tangents: Mapping[int, Array | float]) -> Sequence[Array]:
        return self.of(self.program.outputs, self.tangents(tangents))

    def hessian_product(
        self, tangents: Mapping[int, Array | float]
    ) -> tuple[Array, Sequence[Array], Sequence[Array]]:
        adjoints = self.adjoints(self.targets)
        value = self._spread(self.slots[self.program.outputs[0]])
        products = self.adjoint_tangents(adjoints, self.tangents(tangents), self.targets)
        return value, self.of(self.targets, adjoints), self.of(self.targets, products)

    def pull_back_rows(self, seeds: Array) -> Array:
        def swept(batch: Batch) -> Mapping[int, Array]:
            arriving = self._arriving(batch.parts)
            return self._reverse(arriving, self.targets, batch.count, alone=True)

        return self._rows(seeds, self._of_outputs, self.targets, swept)

    def push_forward_rows(self, seeds: Array) -> Array:
        return self._rows(seeds, self._of_targets, self.program.outputs, self._pushed)

    def hessian_rows(
        self, seeds: Array, *, upper: bool = False
    ) -> tuple[Array, Sequence[Array], Array]:
        adjoints = self.adjoints(self.targets)
        value = self._spread(self.slots[self.program.outputs[0]])

        def swept(batch: Batch) -> Mapping[int, Array]:
            useful = self._useful(
                self.targets[batch.first :] if upper and batch.first else self.targets
            )
            return second_order.reverse_tangents(
                self.program,
                self.slots,
                adjoints,
                self._pushed(batch),
                useful,
                self._deadline,
                batch.count,
            )

        rows = self._rows(seeds, self._of_targets, self.targets, swept)
        return value, self.of(self.targets, adjoints), rows

    def _pushed(self, batch: Batch) -> Mapping[int, Array]:
        """The tangents of all slots that move, along each direction of a batch."""
        moving = {self.targets[place]: part for place, part in batch.parts.items()}
        return second_order.push_forward(
            self.program, self.slots, moving, self._deadline, batch.count
        )

    def targets_at(self) -> Sequence[Array]:
        return [self.slots[slot] for slot in self.targets]

    def traced_at(self) -> Sequence[Array]:
        return [self._spread(self.slots[slot]) for slot in self.program.traced_slots]

    def line(
        self, target: int, direction: Direction, output: int, index: tuple[int, ...]
    ) -> ArrayLine:
        """One entry of an output as a target moves."""
        root = self.program.outputs[output]

        def entry(values: Sequence[Array]) -> complex:
            return complex(np.asarray(values[root])[index])

        slot = self.targets[target]
        return ArrayLine(self.program, self.slots, slot, root, direction, entry, self._deadline)

    def glances(self, look: object, targets: object, numbers: object, settings: object) -> None:
        return None

    def gradient_line(
        self, target: int, direction: Direction, row: int, index: tuple[int, ...]
    ) -> ArrayLine:
        """One entry of the first output's gradient by the target `row`, as another moves."""
        root, wanted = self.program.outputs[0], self.targets[row]
        seeds = {root: np.ones(())[()]}
        useful = self._useful([wanted])

        def entry(values: list[Array]) -> complex:
            found = sweeps.reverse(self.program, values, seeds, useful, self._deadline)
            return complex(np.asarray(found[wanted])[index]) if wanted in found else 0.0

        slot = self.targets[target]
        return ArrayLine(self.program, self.slots, slot, root, direction, entry, self._deadline)

    def of(self, slots: Sequence[int], found: Mapping[int, Array]) -> list[Array]:
        """What was found for some slots; zeros where nothing was."""
        return [
            self._spread(found[slot] if slot in found else np.zeros(np.shape(self.slots[slot]))[()])
            for slot in slots
        ]

    def _spread(self, result: Array) -> Array:
        """What is the same at every point, with the leading axis all the same."""
        return result if self._points is None else np.broadcast_to(result, (self._points,))

    def _arriving(self, seeds: Mapping[int, Array | float]) -> Mapping[int, Array]:
        """Seeds of outputs by slot: an output may be listed more than once."""
        arriving: dict[int, Array] = {}
        for output, seed in seeds.items():
            slot = self.program.outputs[output]
            arriving[slot] = arriving[slot] + seed if slot in arriving else np.asarray(seed)[()]
        return arriving

    def _reverse(
        self,
        seeds: Mapping[int, Array],
        wanted: Sequence[int],
        count: int | None = None,
        *,
        alone: bool = False,
    ) -> Mapping[int, Array]:
        """The cotangents of the wanted slots, alone or with those between."""
        return sweeps.reverse(
            self.program,
            self.slots,
            seeds,
            self._useful(wanted),
            self._deadline,
            count,
            frozenset(wanted) if alone else None,
        )

    def _useful(self, wanted: Sequence[int]) -> Useful:
        """What sweeps for the wanted slots visit; they mostly want what the last one did."""
        if wanted is self.targets:
            with within(self._deadline):
                return self._compiled.useful
        if self._last is None or self._last[0] != wanted:
            self._last = wanted, leading_to(self.program, wanted, self._deadline)
        return self._last[1]

    def _rows(
        self,
        rows: Array,
        layout: Layout,
        slots: Sequence[int],
        sweep: Callable[[Batch], Mapping[int, Array]],
    ) -> Array:
        """What a sweep finds for the slots, one after another in a row, from each row of seeds;
        before the rows are points, if there are many. layout: of what the seeds are for.

        In a batch what one direction does not move has a tangent of zeros. A zero of these that
        has stopped something is none that was computed: then each row is swept by itself.
        """
        seeds, watch = Seeds(rows, layout, self._points), current_watch()
        shapes = [self.program.shapes[slot] for slot in slots]
        found = Found(seeds.count, Layout(shapes), self._points)
        waiting = self._batches(seeds)[::-1]
        while waiting:
            start, stop = waiting.pop()
            batch, before = seeds.batch(start, stop), watch.stopped
            parts = sweep(batch)
            if watch.stopped and not before and min(stop - start, len(batch.parts)) > 1:
                watch.stopped = False
                waiting += [(row, row + 1) for row in reversed(range(start, stop))]
            else:
                found.put(start, stop, [parts.get(slot) for slot in slots])
        return found.rows

    def _batches(self, seeds: Seeds) -> list[tuple[int, int]]:
        """Where batches of directions start and stop: each holds as much as there is room for."""
        active, shapes = self._useful(self.targets).active, self.program.shapes
        moving = sum(math.prod(shapes[slot]) for slot, moves in enumerate(active) if moves)
        of_one = max(1, 2 * moving * (self._points or 1))
        most = max(1, _MOST_HELD // of_one)
        if self._deadline is not None:
            self._deadline.hold(min(most, seeds.count) * of_one)
        ends = [seeds.count] if min(most, seeds.count) * of_one <= _MIXED else seeds.borders
        return [
            (start, min(start + most, end))
            for begin, end in pairwise([0, *ends])
            for start in range(begin, end, most)
        ]
