"""What single slips make of gradients of functions on arrays.

A slip changes what one node passes back to one operand; the rest of the reverse pass is linear in
that, so the core pulls the change back to the inputs. Which slips there are on edges is the same
question as for scalars, one level up: p' is an array, or a rule of the whole operation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import numpy as np

from autograd_core import (
    ArgumentError,
    Array,
    Graph,
    GraphBuilder,
    GraphError,
    NodeTrace,
    catalogue,
    evaluate,
    parse,
    vjp,
)
from service.grading.reference import Reference
from service.grading.slips.array_rules import ARRAY_RULES, ArrayRule
from service.grading.slips.costs import BROADCAST, CHAIN, DROPPED, LOCAL, OF_NUMBERS
from service.grading.slips.network import GATES, SUMS
from service.grading.slips.rules import ANY, RULES
from service.grading.slips.slip import Slip

ELEMENTWISE: Final = frozenset(
    name
    for name, row in catalogue.items()
    if row.category in {"elementwise", "activation", "logic"}
) - {"softmax", "log_softmax"}
_NAMES: Final = ("x", "y", "w")


@dataclass(frozen=True, eq=False)
class Passed:
    """What a node passes back to one of its operands.

    whole: in the shape of the node where that is elementwise, before it is summed.
    """

    node: NodeTrace
    place: int
    operand: str
    right: Array
    whole: Array | None


@dataclass(frozen=True, eq=False)
class Change:
    """A slip, and by how much it changes the adjoint of a slot, in its shape; or what stands in
    its place, if that has another shape.
    """

    slip: Slip
    slot: str
    change: Array | None
    instead: Array | None = None


@dataclass(frozen=True, eq=False)
class Backward:
    """A reverse pass over arrays: its nodes, and the values and adjoints of every name. For a
    student's own backward pass the claims take the place of the truth.
    """

    graph: Graph
    nodes: Sequence[NodeTrace]
    values: Mapping[str, Array]
    adjoints: Mapping[str, Array]
    _passed: dict[str, list[Passed]] = field(default_factory=dict)

    def to(self, slot: str) -> list[Passed]:
        """What is passed back to a slot, by each node that uses it, in the order evaluated."""
        if slot not in self._passed:
            self._passed[slot] = [
                passed
                for node in self.nodes
                if _places(node, slot)
                for passed in self._by(node, slot)
            ]
        return self._passed[slot]

    def operands(self, node: NodeTrace) -> list[Array]:
        """The values a node works on."""
        return [self.value_of(arg) for arg in node.args]

    def value_of(self, arg: Any) -> Array:
        """The value of an argument, a name or a constant."""
        if not isinstance(arg, str):
            return np.asarray(arg, dtype=np.float64)
        return np.asarray(self.values[arg] if arg in self.values else self.graph.defaults[arg])

    def _by(self, node: NodeTrace, slot: str) -> Iterator[Passed]:
        operands, result = self.operands(node), np.asarray(self.values[node.id])
        elementwise = node.op in ELEMENTWISE
        if elementwise:
            operands = [np.broadcast_to(each, result.shape) for each in operands]
        places = _places(node, slot)
        graph, names = _one_node(node, self.graph)
        bindings = dict(zip(names, operands, strict=True))
        wrt = [names[place] for place in places]
        cotangent = {graph.names[0]: np.asarray(self.adjoints[node.id], dtype=np.float64)}
        found = vjp(graph, bindings, cotangent, wrt=wrt).products
        for place, name in zip(places, wrt, strict=True):
            whole = np.asarray(found[name], dtype=np.float64)
            shape = np.shape(self.values[slot])
            right = summed_to(whole, shape)
            yield Passed(node, place, slot, right, whole if elementwise else None)


def backward_of(reference: Reference) -> Backward:
    """The reference's own reverse pass."""
    found = reference.result.gradients
    nodes = [node for node in reference.nodes.values() if node.op != "input"]
    values = {name: np.asarray(each) for name, each in reference.bindings.items()}
    adjoints = {name: np.asarray(found[name]) for name in values}
    values |= {node.id: np.asarray(node.value) for node in nodes}
    adjoints |= {node.id: np.asarray(node.gradient) for node in nodes if node.gradient is not None}
    return Backward(reference.graph, nodes, values, adjoints)


def changes_at(backward: Backward, slot: str) -> Iterator[Change]:
    """The slips in what is passed back to a slot, and in how it is added up there."""
    all_passed = backward.to(slot)
    total: Array = sum((passed.right for passed in all_passed), np.zeros(()))
    for passed in all_passed:
        yield from _on_edge(backward, passed)
    if len(all_passed) > 1:
        first = all_passed[0].node
        last = max(k for k, passed in enumerate(all_passed) if passed.node is first)
        for number, passed in enumerate(all_passed[:4]):
            cost = OF_NUMBERS.overwritten + (number != last)
            slip = Slip("overwritten_not_accumulated", "overwritten", cost, slot)
            yield Change(slip, slot, passed.right - total)


def _on_edge(backward: Backward, passed: Passed) -> Iterator[Change]:
    node, slot, right = passed.node, passed.operand, passed.right
    yield Change(
        Slip("sign_flipped", "edge_sign", OF_NUMBERS.edge_sign, node.id, slot), slot, -2 * right
    )
    yield Change(Slip("dropped_path", "dropped", DROPPED, node.id, slot), slot, -right)
    adjoint = np.asarray(backward.adjoints[node.id], dtype=np.float64)
    if np.any(adjoint != 1.0):
        local = _local(backward, passed)
        yield Change(Slip("local_not_total", "local", LOCAL, node.id, slot), slot, local - right)
    if passed.whole is None:
        for rule, wrong in _array_rules(backward, passed):
            kind = "rule" if rule.code == "wrong_rule" else "edge_rule"
            slip = Slip(rule.code, kind, rule.cost, node.id, slot, says=rule.says)
            yield Change(slip, slot, wrong - right)
        return
    shape = np.shape(right)
    if node.op not in SUMS and node.op not in GATES:
        factor = summed_to(np.broadcast_to(adjoint, passed.whole.shape), shape)
        yield Change(
            Slip("missing_chain_factor", "outer", CHAIN, node.id, slot), slot, factor - right
        )
    for rule, partial in _elementwise_rules(backward, passed):
        wrong = summed_to(np.broadcast_to(adjoint * partial, passed.whole.shape), shape)
        slip = Slip(rule.code, "rule", rule.cost, node.id, says=rule.says)
        yield Change(slip, slot, wrong - right)
    if passed.whole.shape != shape:
        yield from _not_summed(
            passed, Slip("missing_broadcast_sum", "no_sum", BROADCAST, node.id, slot)
        )


def _not_summed(passed: Passed, slip: Slip) -> Iterator[Change]:
    """What was broadcast is not summed: its own shape, or one entry of it, or the mean."""
    whole, shape = passed.whole, np.shape(passed.right)
    if whole is None or not whole.size:
        return
    yield Change(slip, passed.operand, None, whole)
    axes = _summed_axes(whole.shape, shape)
    for entry in (0, -1):
        at = tuple(entry if axis in axes else slice(None) for axis in range(whole.ndim))
        yield Change(slip, passed.operand, whole[at].reshape(shape) - passed.right)
    count = max(1, whole.size // max(1, passed.right.size))
    yield Change(slip, passed.operand, passed.right / count - passed.right)


def _local(backward: Backward, passed: Passed) -> Array:
    """What would be passed back if nothing but 1 arrived from above."""
    node = passed.node
    ones = {**backward.adjoints, node.id: np.ones(np.shape(backward.values[node.id]))}
    alone = Backward(backward.graph, [node], backward.values, ones)
    return next(each.right for each in alone.to(passed.operand) if each.place == passed.place)


def _array_rules(backward: Backward, passed: Passed) -> Iterator[tuple[ArrayRule, Array]]:
    result = np.asarray(backward.values[passed.node.id])
    operands = backward.operands(passed.node)
    bindings = dict(zip(_NAMES, operands, strict=False))
    adjoint = np.asarray(backward.adjoints[passed.node.id], dtype=np.float64)
    count = operands[0].size / max(1, result.size)
    bindings |= {"z": result, "g": adjoint, "c": passed.right, "n": np.asarray(count)}
    for rule in ARRAY_RULES:
        if rule.operation == passed.node.op and rule.operand == passed.place:
            wrong = evaluated(rule.passed, bindings)
            if wrong is not None and wrong.shape == passed.right.shape:
                yield rule, wrong


def _elementwise_rules(backward: Backward, passed: Passed) -> Iterator[tuple[Any, Array]]:
    node, place = passed.node, passed.place
    rules = [rule for rule in RULES if rule.operation == node.op]
    if not rules:
        return
    operands, result = backward.operands(node), np.asarray(backward.values[node.id])
    bindings = dict(zip(_NAMES, operands, strict=False)) | {"z": result}
    if rules[0].of_any:
        others = operands[:place] + operands[place + 1 :]
        combined = np.prod if node.op == "mul" else np.sum
        rest = combined(np.array(np.broadcast_arrays(*others)), axis=0)
        bindings = {"x": operands[place], "y": rest, "z": result}
    number = backward.graph.codes[node.id]
    given = backward.graph.attributes.get(number, {})
    for attribute in catalogue[node.op].attributes:
        bindings[attribute.name] = np.asarray(given.get(attribute.name, attribute.default))
    for rule in rules:
        formula = rule.partials.get(ANY if rule.of_any else place)
        wrong = None if formula is None else evaluated(formula, bindings)
        if wrong is not None:
            yield rule, wrong


def evaluated(formula: str, bindings: Mapping[str, Array]) -> Array | None:
    """The value of infix text; None where the shapes do not fit."""
    graph = _parsed(formula)
    used = {name: bindings[name] for name in graph.inputs if name in bindings}
    try:
        (value,) = evaluate(graph, used).values.values()
    except (ArgumentError, GraphError):
        return None
    return np.asarray(value, dtype=np.float64)


@cache
def _parsed(formula: str) -> Graph:
    return parse(formula)


def summed_to(array: Array, shape: tuple[int, ...]) -> Array:
    """An array summed over the axes along which something of this shape was broadcast."""
    if array.shape == shape:
        return array
    summed: Array = np.sum(array, axis=_summed_axes(array.shape, shape))
    return summed.reshape(shape)


def _summed_axes(shape: tuple[int, ...], to: tuple[int, ...]) -> tuple[int, ...]:
    extra = len(shape) - len(to)
    stretched = (
        axis for axis in range(extra, len(shape)) if to[axis - extra] == 1 and shape[axis] != 1
    )
    return (*range(extra), *stretched)


def _places(node: NodeTrace, slot: str) -> list[int]:
    """Where a slot is among a node's arguments, some of which may be arrays."""
    return [place for place, arg in enumerate(node.args) if isinstance(arg, str) and arg == slot]


def _one_node(node: NodeTrace, graph: Graph) -> tuple[Graph, list[str]]:
    """A node alone, every operand an input of its own; and what these are called."""
    builder = GraphBuilder()
    names = [f"operand{place}" for place in range(len(node.args))]
    codes = [builder.input(name) for name in names]
    attributes = graph.attributes.get(graph.codes[node.id])
    return builder.build(builder.apply(node.op, codes, attributes)), names
