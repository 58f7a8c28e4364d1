"""The array engine's linearisation: a program at a point or, if all is scalar, at many at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from autograd_core.engines.activity import Useful, leading_to
from autograd_core.engines.arrays import sweeps, tangents as second_order
from autograd_core.engines.arrays.lines import ArrayLine, Direction
from autograd_core.engines.compiled import Compiled, Inputs, Layout
from autograd_core.limits import Deadline
from autograd_core.tensors import Array

NAME = sweeps.NAME


class Linearised:
    """A program at a point; or a scalar one at many, each value a vector, as is every result."""

    def __init__(self, compiled: Compiled, inputs: Inputs, deadline: Deadline | None) -> None:
        self.program = compiled.program
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
        adjoints = self.adjoints(self.targets)
        value = self._spread(self.slots[self.program.outputs[0]])
        return value, self.of(self.targets, adjoints)

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
        arriving: dict[int, Array] = {}
        for output, seed in seeds.items():  # an output may be listed more than once
            slot = self.program.outputs[output]
            arriving[slot] = arriving[slot] + seed if slot in arriving else np.asarray(seed)[()]
        return self._reverse(arriving, wanted)

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
        return self.of(self.targets, self.cotangents(cotangents, self.targets))

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
        cut = self._cut(seeds, self._of_outputs)
        found = (self.cotangents(parts, self.targets) for _, parts in cut)
        return self._rows(len(seeds), self.targets, found)

    def push_forward_rows(self, seeds: Array) -> Array:
        found = (self.tangents(parts) for _, parts in self._cut(seeds, self._of_targets))
        return self._rows(len(seeds), self.program.outputs, found)

    def hessian_rows(
        self, seeds: Array, *, upper: bool = False
    ) -> tuple[Array, Sequence[Array], Array]:
        adjoints = self.adjoints(self.targets)
        value = self._spread(self.slots[self.program.outputs[0]])
        found = (
            self.adjoint_tangents(
                adjoints, self.tangents(parts), self.targets[first if upper else 0 :]
            )
            for first, parts in self._cut(seeds, self._of_targets)
        )
        return value, self.of(self.targets, adjoints), self._rows(len(seeds), self.targets, found)

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

    def _reverse(self, seeds: Mapping[int, Array], wanted: Sequence[int]) -> Mapping[int, Array]:
        useful = self._useful(wanted)
        return sweeps.reverse(self.program, self.slots, seeds, useful, self._deadline)

    def _useful(self, wanted: Sequence[int]) -> Useful:
        """What sweeps for the wanted slots visit; they mostly want what the last one did."""
        if self._last is None or self._last[0] != wanted:
            self._last = wanted, leading_to(self.program, wanted, self._deadline)
        return self._last[1]

    def _cut(self, seeds: Array, layout: Layout) -> Iterator[tuple[int, Mapping[int, Array]]]:
        """Each row of seeds in parts by place, without zeros; and the first place that has any."""
        ends = [at.stop for at in layout.places]
        for seed in seeds:
            places = sorted({bisect_right(ends, at) for at in seed.nonzero()[0].tolist()})
            parts = {
                place: self._spread(seed[layout.places[place]].reshape(layout.shapes[place])[()])
                for place in places
            }
            yield min(places, default=0), parts

    def _rows(
        self, count: int, slots: Sequence[int], found: Iterable[Mapping[int, Array]]
    ) -> Array:
        """What each sweep found for the slots, one after another in a row; before the rows are
        points, if there are many.
        """
        lead = () if self._points is None else (self._points,)
        layout = Layout([self.program.shapes[slot] for slot in slots])
        rows = np.zeros((*lead, count, layout.length))
        for row, each in enumerate(found):
            for slot, place in zip(slots, layout.places, strict=True):
                if slot in each:  # at many points, a number or a vector of them
                    part = np.reshape(each[slot], (-1, 1) if lead else -1)
                    rows[..., row, place] = part
        return rows
