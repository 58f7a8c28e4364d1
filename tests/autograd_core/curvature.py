"""Hessians of graphs, put together from the array engine's sweeps one direction at a time."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd_core.derivatives.call import prepare
from autograd_core.engines.activity import leading_to
from autograd_core.engines.arrays import sweeps as arrays, tangents as array_tangents
from autograd_core.graph import Graph
from autograd_core.limits import DEFAULT_LIMITS, Deadline


class Curvature:
    """Gradient and Hessian of a scalar output at a point, by inputs and nodes named in `wrt`."""

    def __init__(
        self,
        graph: Graph,
        bindings: Mapping[str, Any],
        wrt: Sequence[str] | None = None,
        output: str | None = None,
    ) -> None:
        self.names = tuple(bindings) if wrt is None else tuple(wrt)
        call = prepare(graph, bindings, output, (), DEFAULT_LIMITS, None, self.names)
        self.program = call.plan.program
        targets = zip(self.names, call.plan.targets, strict=True)
        self.slots = {name: self.program.slot_of(target) for name, target in targets}
        self.values = arrays.forward(self.program, call.inputs.arrays(), None)
        (self.root,) = self.program.outputs
        self.value = self.values[self.root]
        self.cotangents = self.reversed_for(self.slots.values())

    def reversed_for(self, wanted: Any) -> dict[int, np.ndarray]:
        seeds = {self.root: np.float64(1)}
        return arrays.reverse(
            self.program, self.values, seeds, leading_to(self.program, wanted, None), None
        )

    def shape(self, name: str) -> tuple[int, ...]:
        return np.shape(self.values[self.slots[name]])

    def gradient(self, name: str) -> np.ndarray:
        return self.cotangents.get(self.slots[name], np.zeros(self.shape(name)))

    def tangents(
        self, direction: Mapping[str, Any], deadline: Deadline | None = None
    ) -> dict[int, np.ndarray]:
        """Of every slot that moves."""
        pushed = {self.slots[name]: np.asarray(t, float)[()] for name, t in direction.items()}
        return array_tangents.push_forward(self.program, self.values, pushed, deadline)

    def along(
        self, direction: Mapping[str, Any], deadline: Deadline | None = None
    ) -> dict[str, np.ndarray]:
        """The Hessian times a direction, by name, in each one's shape."""
        moved = array_tangents.reverse_tangents(
            self.program, self.values, self.cotangents, self.tangents(direction),
            leading_to(self.program, self.slots.values(), None), deadline,
        )  # fmt: skip
        return {
            name: moved.get(slot, np.zeros(self.shape(name))) for name, slot in self.slots.items()
        }

    def hessian(self, row: str, column: str) -> np.ndarray:
        """The matrix of a block, a row for each entry of `row`."""
        columns = []
        for place in np.ndindex(self.shape(column)):
            direction = np.zeros(self.shape(column))
            direction[place] = 1
            moved = self.along({column: direction})[row]
            assert np.shape(moved) == self.shape(row)
            columns.append(np.ravel(moved))
        return np.array(columns).reshape(len(columns), -1).T
