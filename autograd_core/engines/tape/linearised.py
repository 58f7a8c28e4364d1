"""The tape engine's linearisations: a scalar program at one point, and at many.

The loops are in kernel/loops/first_order.py and second_order.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from autograd_core.engines import kernel
from autograd_core.engines.compiled import Compiled, Inputs
from autograd_core.engines.tape import tape as engine
from autograd_core.engines.tape.lines import TapeLine
from autograd_core.engines.tape.tape import Look, timed
from autograd_core.jit.columns import Indices
from autograd_core.limits import Deadline
from autograd_core.operations.strong_zeros import note_stopped
from autograd_core.tensors import Array

NAME = engine.NAME
Scalars = Sequence[float]
Glances = tuple[Array, Array]


class AtPoint:
    """A program's tape at a point."""

    def __init__(self, compiled: Compiled, inputs: Inputs, deadline: Deadline | None) -> None:
        self._tape = compiled.on_tape
        self._roots, self._targets = compiled.tape_roots, compiled.tape_targets
        self._inputs = inputs.numbers()
        self._compiled = compiled
        self._deadline = deadline
        self._values: Array | None = None
        self._known: tuple[Array, Array] | None = None

    @property
    def slots(self) -> Array:
        """The value of every slot."""
        if self._values is None:  # a cached_property takes a lock, a tenth of a small call
            self._values = engine.evaluate(self._tape, self._inputs, self._deadline)
        return self._values

    def _partials(self) -> tuple[Array, Array]:
        """The local partials of every instruction; the values of the slots come with them."""
        if self._known is None:
            self._known = np.empty(len(self._tape)), np.empty(len(self._tape))
            self._values = self._tape.filled(self._inputs)
            run = kernel.forward
            for start, stop in timed(self._tape.slices, self._deadline):
                run(*self._tape.columns, self._values, *self._known, start, stop)
        return self._known

    def values(self) -> Scalars:
        found: Scalars = self.slots[self._roots].tolist()
        return found

    def gradient(self) -> tuple[float, Scalars]:
        root = int(self._roots[0])
        found, adjoints = engine.gradient(self._tape, self._inputs, root, self._deadline)
        self._values = found
        return float(found[root]), adjoints[self._targets].tolist()

    def pull_back(self, cotangents: Mapping[int, Array | float]) -> Scalars:
        seeds = np.array(list(cotangents.values()), dtype=np.float64)
        found: Scalars = self._pulled(self._roots[list(cotangents)], seeds)[self._targets].tolist()
        return found

    def push_forward(self, tangents: Mapping[int, Array | float]) -> Scalars:
        seeds = np.array(list(tangents.values()), dtype=np.float64)
        pushed = self._pushed(self._targets[list(tangents)], seeds)
        found: Scalars = pushed[self._roots].tolist()
        return found

    def hessian_product(
        self, tangents: Mapping[int, Array | float]
    ) -> tuple[float, Scalars, Scalars]:
        seed = np.zeros((1, len(self._targets)))
        seed[0, list(tangents)] = list(tangents.values())
        value, gradient, products = self.hessian_rows(seed)
        return value, gradient, products[0].tolist()

    def pull_back_rows(self, seeds: Array) -> Array:
        rows = [self._pulled(self._roots, seed)[self._targets] for seed in seeds]
        return np.array(rows).reshape(len(seeds), len(self._targets))

    def push_forward_rows(self, seeds: Array) -> Array:
        rows = [self._pushed(self._targets, seed)[self._roots] for seed in seeds]
        return np.array(rows).reshape(len(seeds), len(self._roots))

    def hessian_rows(self, seeds: Array, *, upper: bool = False) -> tuple[float, Scalars, Array]:
        if not len(seeds):  # the loop below finds value and gradient on its way along each
            return (*self.gradient(), np.zeros(seeds.shape))
        tape, targets, root = self._tape, self._targets, int(self._roots[0])
        values, gradient, products = (
            tape.filled(self._inputs),
            np.empty(len(targets)),
            np.empty(seeds.shape),
        )
        run = kernel.hessian_products
        for start, stop in tape.batches(len(seeds), self._deadline):
            stopped = run(
                *tape.columns, values, targets, seeds[start:stop], root, targets, gradient,
                products[start:stop],
            )  # fmt: skip
            note_stopped(stopped)
        return float(values[root]), gradient.tolist(), products

    def traced_at(self) -> Scalars:
        program = self._compiled.program
        slots = [self._tape.slot_of(number) for number in program.node_slots]
        found: Scalars = [*self._inputs, *self.slots[slots].tolist()]
        return found

    def targets_at(self) -> Scalars:
        found: Scalars = self.slots[self._targets].tolist()
        return found

    def line(self, target: int, direction: object, output: int, index: object) -> TapeLine:
        slots = int(self._targets[target]), int(self._roots[output])
        return TapeLine(self._tape, self.slots, *slots, self._deadline)

    def glances(
        self, look: Look, targets: Sequence[int], numbers: Array, settings: Sequence[float]
    ) -> Glances | None:
        root, slots = int(self._roots[0]), self._targets[list(targets)].tolist()
        return engine.glances(
            self._tape, self.slots, root, look, slots, numbers, settings, self._deadline
        )

    def _pushed(self, slots: Indices, direction: Array) -> Array:
        """The tangent of every slot, from those of the slots of inputs and constants."""
        partials = self._partials()
        tangents = np.zeros(len(self.slots))
        tangents[slots] = direction
        run = kernel.push_forward
        for start, stop in timed(self._tape.slices, self._deadline):
            note_stopped(run(*self._tape.linear_columns, *partials, tangents, start, stop))
        return tangents

    def _pulled(self, slots: Indices, cotangents: Array) -> Array:
        """The cotangent of every slot, from those of some."""
        partials = self._partials()
        adjoints = np.zeros(len(self.slots))
        np.add.at(adjoints, slots, cotangents)
        run = kernel.reverse
        for start, stop in timed(self._tape.slices[::-1], self._deadline):
            note_stopped(run(*self._tape.linear_columns, *partials, adjoints, start, stop))
        return adjoints


class AtPoints:
    """A program's tape at many points, for what one loop over them does."""

    def __init__(self, compiled: Compiled, inputs: Inputs, deadline: Deadline | None) -> None:
        self._tape = compiled.on_tape
        self._roots, self._targets = compiled.tape_roots, compiled.tape_targets
        self._inputs = inputs.matrix()
        self._deadline = deadline

    def values(self) -> Sequence[Array]:
        return list(engine.evaluations(self._tape, self._inputs, self._roots, self._deadline).T)

    def gradient(self) -> tuple[Array, Sequence[Array]]:
        root = int(self._roots[0])
        values, adjoints = engine.gradients(
            self._tape, self._inputs, root, self._targets, self._deadline
        )
        return values, list(adjoints.T)
