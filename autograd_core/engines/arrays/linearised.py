"""The array engine's linearisation: a program at a point or, if all is scalar, at many at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from autograd_core.engines.arrays import sweeps, tangents as second_order
from autograd_core.engines.arrays.lines import ArrayLine, Direction
from autograd_core.engines.compiled import Compiled
from autograd_core.limits import Deadline
from autograd_core.tensors import Array

NAME = sweeps.NAME


class Linearised:
    """A program at a point, or at many.

    inputs: an array for each, in order. points: how many they are, where every input is a vector
    of numbers, one a point; every result then has this leading axis.
    """

    def __init__(
        self,
        compiled: Compiled,
        inputs: Sequence[Array],
        points: int | None,
        deadline: Deadline | None,
    ) -> None:
        self.program = compiled.program
        self.targets = compiled.target_slots
        self._points = points
        self._deadline = deadline
        self.slots = sweeps.forward(self.program, inputs, deadline)

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

    def pull_back(self, cotangents: Mapping[int, Array | float]) -> Sequence[Array]:
        return self.of(self.targets, self._pulled(cotangents))

    def push_forward(self, tangents: Mapping[int, Array | float]) -> Sequence[Array]:
        return self.of(self.program.outputs, self._pushed(tangents))

    def hessian_product(
        self, tangents: Mapping[int, Array | float]
    ) -> tuple[Array, Sequence[Array], Sequence[Array]]:
        adjoints = self.adjoints(self.targets)
        value = self._spread(self.slots[self.program.outputs[0]])
        products = self._reverse_tangents(adjoints, self._pushed(tangents), self.targets)
        return value, self.of(self.targets, adjoints), self.of(self.targets, products)

    def pull_back_rows(self, seeds: Array) -> Array:
        return self._rows(
            len(seeds),
            self.targets,
            (self._pulled(parts) for _, parts in self._seeded(seeds, self.program.outputs)),
        )

    def push_forward_rows(self, seeds: Array) -> Array:
        return self._rows(
            len(seeds),
            self.program.outputs,
            (self._pushed(parts) for _, parts in self._seeded(seeds, self.targets)),
        )

    def hessian_rows(
        self, seeds: Array, *, upper: bool = False
    ) -> tuple[Array, Sequence[Array], Array]:
        adjoints = self.adjoints(self.targets)
        value = self._spread(self.slots[self.program.outputs[0]])
        rows = self._rows(
            len(seeds),
            self.targets,
            (
                self._reverse_tangents(
                    adjoints, self._pushed(parts), self.targets[first if upper else 0 :]
                )
                for first, parts in self._seeded(seeds, self.targets)
            ),
        )
        return value, self.of(self.targets, adjoints), rows

    def line(
        self, target: int, direction: Direction, output: int, index: tuple[int, ...]
    ) -> ArrayLine:
        """One entry of an output as a target moves."""
        root = self.program.outputs[output]

        def entry(values: Sequence[Array]) -> complex:
            return complex(np.asarray(values[root])[index])

        slot = self.targets[target]
        return ArrayLine(self.program, self.slots, slot, root, direction, entry, self._deadline)

    def glances(self, targets: Sequence[int], numbers: Array, settings: Array) -> None:
        return None

    def gradient_line(
        self, target: int, direction: Direction, row: int, index: tuple[int, ...]
    ) -> ArrayLine:
        """One entry of the first output's gradient by the target `row`, as another moves."""
        root, wanted = self.program.outputs[0], self.targets[row]
        seeds = {root: np.ones(())[()]}

        def entry(values: list[Array]) -> complex:
            found = sweeps.reverse(self.program, values, seeds, [wanted], self._deadline)
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

    def _pulled(self, cotangents: Mapping[int, Array | float]) -> Mapping[int, Array]:
        seeds: dict[int, Array] = {}
        for output, cotangent in cotangents.items():  # an output may be listed more than once
            slot = self.program.outputs[output]
            seeds[slot] = seeds[slot] + cotangent if slot in seeds else np.asarray(cotangent)[()]
        return self._reverse(seeds, self.targets)

    def _reverse(self, seeds: Mapping[int, Array], wanted: Sequence[int]) -> Mapping[int, Array]:
        return sweeps.reverse(self.program, self.slots, seeds, wanted, self._deadline)

    def _pushed(self, tangents: Mapping[int, Array | float]) -> Mapping[int, Array]:
        moving = {self.targets[k]: np.asarray(each)[()] for k, each in tangents.items()}
        return second_order.push_forward(self.program, self.slots, moving, self._deadline)

    def _reverse_tangents(
        self, adjoints: Mapping[int, Array], tangents: Mapping[int, Array], wanted: Sequence[int]
    ) -> Mapping[int, Array]:
        return second_order.reverse_tangents(
            self.program, self.slots, adjoints, tangents, wanted, self._deadline
        )

    def _seeded(
        self, seeds: Array, slots: Sequence[int]
    ) -> Iterator[tuple[int, Mapping[int, Array]]]:
        """Each row of seeds, cut into what belongs to each of the slots, zeros left out; and the
        first place among the slots that has any.
        """
        shapes = [self.program.shapes[slot] for slot in slots]
        ends = np.cumsum([math.prod(shape) for shape in shapes])
        for seed in seeds:
            parts: dict[int, Array] = {}
            for place in np.unique(np.searchsorted(ends, np.flatnonzero(seed), side="right")):
                shape = shapes[place]
                start = ends[place] - math.prod(shape)
                part = seed[start : ends[place]].reshape(shape)[()]
                parts[int(place)] = self._spread(part)
            yield min(parts, default=0), parts

    def _rows(
        self, count: int, slots: Sequence[int], found: Iterator[Mapping[int, Array]]
    ) -> Array:
        """What each sweep found for the slots, one after another in a row; rows, and before them
        points.
        """
        lead = () if self._points is None else (self._points,)
        width = sum(math.prod(self.program.shapes[slot]) for slot in slots)
        rows = np.zeros((*lead, count, width))
        for row, each in enumerate(found):
            left = 0
            for slot in slots:
                size = math.prod(self.program.shapes[slot])
                if slot in each:
                    rows[..., row, left : left + size] = np.reshape(
                        each[slot], (*np.shape(each[slot])[: len(lead)], size)
                    )
                left += size
        return rows
