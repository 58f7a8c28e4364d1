"""A function of scalars as the reverse pass saw it: slots and edges, at one point or at many.

A slot is an input or a node; an edge leads from a node to one of its operands. The gradient is
linear in the partial on any one edge: if it were p' instead of p, the gradient by x would change
by adjoint[node]*(p' - p)*tangent[operand, x]. That makes what single slips give cheap to find.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd_core import Array, Graph, NodeTrace, Number, catalogue

# Operations that only pass on, or add up: their partials are no factors that a student forgets.
SUMS: Final = frozenset({"add", "sub", "neg", "identity", "stop_gradient"})
# Operations that choose what to pass on.
GATES: Final = frozenset(
    {"relu", "leaky_relu", "elu", "abs", "maximum", "minimum", "where", "clip"}
)
Mask = npt.NDArray[np.bool_]
Operand = int | Array  # a slot, or the value of a constant


class Edge(NamedTuple):
    """From a node to an operand of it (slots), and which operand that is."""

    node: int
    place: int
    operand: int


@dataclass(frozen=True, eq=False)
class Network:
    """Slots are numbered inputs first, then nodes in the order evaluated, the output last.

    operations: by slot; "" of an input. operands, attributes: by slot. values and adjoints are
    [slot, point], partials [edge, point]. Edges to constants are left out.
    """

    names: tuple[str, ...]
    inputs: int
    operations: tuple[str, ...]
    operands: tuple[tuple[Operand, ...], ...]
    attributes: tuple[Mapping[str, Any], ...]
    values: Array
    adjoints: Array
    edges: tuple[Edge, ...]
    partials: Array

    @property
    def points(self) -> int:
        """How many points it was run at."""
        return int(self.values.shape[1])

    @property
    def output(self) -> int:
        """The slot of the output."""
        return len(self.names) - 1

    @cached_property
    def slots(self) -> Mapping[str, int]:
        """By name."""
        return {name: slot for slot, name in enumerate(self.names)}

    @cached_property
    def uses(self) -> Sequence[Sequence[int]]:
        """By slot, the edges that lead to it, in the order evaluated."""
        uses: list[list[int]] = [[] for _ in self.names]
        for number, edge in enumerate(self.edges):
            uses[edge.operand].append(number)
        return uses

    @cached_property
    def along(self) -> Sequence[Sequence[int]]:
        """By slot, the edges that lead from it."""
        along: list[list[int]] = [[] for _ in self.names]
        for number, edge in enumerate(self.edges):
            along[edge.node].append(number)
        return along

    @cached_property
    def contributions(self) -> Array:
        """What each edge adds to its operand's adjoint, [edge, point]."""
        return strong(self.adjoints[[edge.node for edge in self.edges]], self.partials)

    def operand_value(self, operand: Operand) -> Array:
        """Its value, [point]."""
        value: Array = self.values[operand] if isinstance(operand, int) else operand
        return np.broadcast_to(value, self.values.shape[1:])

    def tangents(self, targets: Sequence[int]) -> Array:
        """The derivative of each slot by each of these, [slot, target, point]."""
        tangents = np.zeros((len(self.names), len(targets), self.points))
        for column, target in enumerate(targets):
            tangents[target, column] = 1.0
        with np.errstate(invalid="ignore"):
            for number, edge in enumerate(self.edges):
                tangents[edge.node] += strong(self.partials[number], tangents[edge.operand])
        return tangents

    def depends(self, targets: Sequence[int]) -> Mask:
        """Whether each slot depends on each of these, [slot, target, 1]."""
        depends = np.zeros((len(self.names), len(targets), 1), dtype=bool)
        for column, target in enumerate(targets):
            depends[target, column] = True
        for edge in self.edges:
            depends[edge.node] |= depends[edge.operand]
        return depends


@dataclass(frozen=True, eq=False)
class View:
    """A network as seen from some derivatives: adjoints of targets, inputs or nodes.

    tangents: the derivative of each slot by each target, [slot, target, point]. depends: whether
    a slot depends on a target at all, [slot, target, 1], be the derivative 0 or not. truth: the
    derivatives of the output, [target, point].
    """

    network: Network
    tangents: Array
    depends: Mask
    truth: Array

    def moved(self, slot: int, change: Array) -> Array:
        """What becomes of the targets if the adjoint of a slot changes by so much, [point]."""
        return self.truth + strong(change, self.tangents[slot])


def view_from(network: Network, targets: Sequence[int]) -> View:
    """The network as seen from these slots."""
    tangents = network.tangents(targets)
    return View(network, tangents, network.depends(targets), tangents[network.output])


def strong(left: Array, right: Array) -> Array:
    """The product, where an exact 0 wins over whatever it meets."""
    with np.errstate(all="ignore"):
        product: Array = left * right
    if np.isfinite(product).all():
        return product
    return np.where((left == 0) | (right == 0), 0.0, product)


def network_of(
    graph: Graph,
    nodes: Sequence[NodeTrace],
    inputs: Mapping[str, Array],
    gradients: Mapping[str, Number],
) -> Network | None:
    """The network of a traced gradient; None if it is not one of scalar operations throughout.

    nodes: in the order evaluated. inputs: the value of each input that has a slot, [point].
    """
    if not nodes or not inputs or any(node.partials is None for node in nodes):
        return None
    names = (*inputs, *(node.id for node in nodes))
    slots = {name: slot for slot, name in enumerate(names)}
    first, points = len(inputs), len(next(iter(inputs.values())))
    operands: list[tuple[Operand, ...]] = [()] * first
    edges: list[Edge] = []
    partials: list[Array] = []
    for slot, node in enumerate(nodes, first):
        operands.append(tuple(_operand(arg, slots, graph) for arg in node.args))
        for place, operand in enumerate(operands[-1]):
            if isinstance(operand, int):
                edges.append(Edge(slot, place, operand))
                partials.append(_row((node.partials or ())[place], points))
    adjoints = [gradients.get(name, 0.0) for name in inputs]
    adjoints += [0.0 if node.gradient is None else node.gradient for node in nodes]
    return Network(
        names=names,
        inputs=first,
        operations=(*[""] * first, *(node.op for node in nodes)),
        operands=tuple(operands),
        attributes=(*[{}] * first, *(_attributes(graph, node) for node in nodes)),
        values=np.array([*inputs.values(), *(_row(node.value, points) for node in nodes)]),
        adjoints=np.array([_row(adjoint, points) for adjoint in adjoints]),
        edges=tuple(edges),
        partials=np.array(partials).reshape(len(edges), points),
    )


def _row(value: Any, points: int) -> Array:
    return np.broadcast_to(np.asarray(value, dtype=np.float64), (points,))


def _operand(arg: Any, slots: Mapping[str, int], graph: Graph) -> Operand:
    if not isinstance(arg, str):
        return np.asarray(arg, dtype=np.float64)
    if arg in slots:
        return slots[arg]
    return np.asarray(graph.defaults[arg])


def _attributes(graph: Graph, node: NodeTrace) -> Mapping[str, Any]:
    given = graph.attributes.get(graph.codes[node.id], {})
    return {row.name: given.get(row.name, row.default) for row in catalogue[node.op].attributes}
