"""The reference, looked at where claims are compared with it: at its bindings, or at points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np

from autograd_core import (
    ArgumentError,
    Array,
    Gradient,
    Graph,
    GraphError,
    NodeTrace,
    gradient,
    hessian,
)
from service.grading.reference import Reference
from service.grading.slips.antiderivatives import antiderivative, table_of
from service.grading.slips.degrees import in_degrees
from service.grading.slips.network import Network, network_of
from service.grading.slips.slip import Sheet
from service.grading.slips.wrong_partials import WrongPartials, wrong_partials

MOST_NODES: Final = 1_000
# Elementary operations of a gradient, and entries of it, of a function in which slips are looked
# for: some tens of wrong gradients are held at once.
LARGEST: Final = 3_000_000


def is_small(graph: Graph) -> bool:
    """Whether the nodes of a graph are looked at one by one."""
    return len(graph) <= MOST_NODES


def work_of(reference: Reference) -> int:
    """What is to be no more than LARGEST. Raises what running the reference raises."""
    found = reference.result
    return found.cost.operations + sum(map(np.size, found.gradients.values()))


class Study:
    """What slips are looked for in.

    points: 1-d arrays of the same length, by variable; none, for the reference's own bindings.
    Its properties raise what computing them raises.
    """

    def __init__(self, reference: Reference, points: Mapping[str, Array] | None = None) -> None:
        self.reference = reference
        self.graph = reference.graph
        self.mapped = dict(points or {})
        self.points = len(next(iter(self.mapped.values()))) if self.mapped else 1
        self.bindings = {**reference.bindings, **self.mapped}
        self.variables = tuple(self.mapped) if self.mapped else tuple(reference.bindings)
        self._sheets: dict[tuple[str, Callable[[Study, str], Sheet]], Sheet] = {}

    def kept(self, target: str, make: Callable[[Study, str], Sheet]) -> Sheet:
        """A sheet of one derivative, made once."""
        key = (target, make)
        if key not in self._sheets:
            self._sheets[key] = make(self, target)
        return self._sheets[key]

    @property
    def size(self) -> int:
        """About how many numbers it holds, sheets included."""
        return 60 * self.points * (1 + len(self.graph)) if is_small(self.graph) else self.points

    @cached_property
    def gradient(self) -> Gradient:
        """Value, gradient and, at points, every node."""
        if not self.mapped:
            return self.reference.result
        return gradient(self.graph, self.bindings, trace=is_small(self.graph), **self._options)

    @property
    def nodes(self) -> Sequence[NodeTrace]:
        """Every node, in the order evaluated, the output last."""
        nodes = self.gradient.nodes or () if self.mapped else self.reference.nodes.values()
        return [node for node in nodes if node.op != "input"]

    @cached_property
    def network(self) -> Network | None:
        """The function as slots and edges; None if it is large, or not one of scalars."""
        if not is_small(self.graph):
            return None
        inputs = {
            name: self.row(self.bindings[name])
            for name in self.bindings
            if np.shape(self.bindings[name]) == np.shape(self.mapped.get(name, 0.0))
        }
        return network_of(self.graph, self.nodes, inputs, self.gradient.gradients)

    @cached_property
    def wrong_partials(self) -> tuple[WrongPartials, ...]:
        """Every wrong rule at every node of the network."""
        return () if self.network is None else tuple(wrong_partials(self.network))

    @property
    def value(self) -> Array:
        """Of the function, [point]."""
        return self.row(self.gradient.value)

    def value_at(self, node: str) -> Array | None:
        """Of a node of the network, [point]."""
        network = self.network
        return None if network is None else network.values[network.slots[node]]

    def slope(self, name: str) -> Array:
        """The derivative by a variable or a node that is a scalar, [point]."""
        if name in self.gradient.gradients:
            return self.row(self.gradient.gradients[name])
        network = self.network
        return self.row(np.nan) if network is None else network.adjoints[network.slots[name]]

    def is_variable(self, name: str) -> bool:
        """Whether it is an input that is a scalar."""
        found = self.gradient.gradients.get(name)
        leading = (self.points,) if self.mapped else ()
        return found is not None and np.shape(found) in {(), leading}

    def seconds(self, names: Sequence[str]) -> dict[str, Array]:
        """The second derivative by each of these variables; nothing where there is none."""
        try:
            if self.mapped:
                blocks = hessian(self.graph, self.bindings, wrt=names, **self._options).blocks
            else:
                blocks = self.reference.hessian_by(names)
        except (ArgumentError, GraphError):
            return {}
        return {name: self.row(blocks[name][name]) for name in names}

    def integral(self, name: str) -> Array | None:
        """An antiderivative by a variable, if it is easy."""
        if self.network is None:
            return None
        return antiderivative(self.network, self._antiderivatives, self.network.slots[name])

    @cached_property
    def _antiderivatives(self) -> dict[int, Array]:
        return table_of(self.wrong_partials)

    @cached_property
    def degrees(self) -> tuple[tuple[Array, Mapping[str, Array]], ...]:
        """Values and gradients by variable where angles are taken in degrees: as a calculator does
        it, and as if the function were of degrees.
        """
        found = []
        if not is_small(self.graph):
            return ()
        for of_degrees in (False, True):
            graph = in_degrees(self.graph, self.reference.output, of_degrees=of_degrees)
            if graph is None:
                return ()
            options = {**self._options, "output": None}
            each = gradient(graph, self.bindings, **options)
            slopes = {
                name: self.row(each.gradients[name])
                for name in filter(self.is_variable, self.variables)
            }
            found.append((self.row(each.value), slopes))
        return tuple(found)

    def row(self, number: Any) -> Array:
        """A number or one a point, [point]."""
        return np.broadcast_to(np.asarray(number, dtype=np.float64), (self.points,))

    @property
    def _options(self) -> dict[str, Any]:
        reference = self.reference
        return {
            "output": reference.output,
            "mapped": tuple(self.mapped),
            "limits": reference.limits,
            "deadline": reference.deadline,
        }
