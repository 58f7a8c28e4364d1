"""What the table of wrong rules gives at the nodes of a network."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from autograd_core import Array, Graph, evaluate, parse
from service.grading.slips.network import Network
from service.grading.slips.rules import ANY, RULES, Rule

# They take any number of operands, and are the same to each of them.
_ANY_NUMBER: Final = frozenset({"add", "mul"})


@dataclass(frozen=True, eq=False)
class WrongPartials:
    """One rule at one node: the wrong partials, by edge, each [point]."""

    rule: Rule
    node: int
    partials: Mapping[int, Array]

    def formulas(self, network: Network) -> Mapping[int, str]:
        """Them as text, by edge."""
        return {
            number: self.rule.partials[ANY if self.rule.of_any else network.edges[number].place]
            for number in self.partials
        }


def wrong_partials(network: Network, at: Collection[int] | None = None) -> Iterator[WrongPartials]:
    """Every wrong rule at every node that it is about; at: only at these nodes."""
    by_operation: dict[str, list[int]] = {}
    for slot in range(network.inputs, len(network.names)) if at is None else sorted(at):
        by_operation.setdefault(network.operations[slot], []).append(slot)
    for operation, slots in by_operation.items():
        rules = _rules_of(operation)
        if rules:
            yield from _at_nodes(network, slots, rules)


def _at_nodes(
    network: Network, slots: Sequence[int], rules: Sequence[Rule]
) -> Iterator[WrongPartials]:
    """The rules of one operation, at all of its nodes at once."""
    if network.operations[slots[0]] in _ANY_NUMBER:
        yield from _along_any(network, slots, rules)
        return
    names = ("x", "y", "w")
    bindings: dict[str, Array] = {
        name: np.array([network.operand_value(network.operands[slot][place]) for slot in slots])
        for place, name in zip(range(len(network.operands[slots[0]])), names, strict=False)
    }
    bindings["z"] = network.values[list(slots)]
    for name in network.attributes[slots[0]]:
        given = [[network.attributes[slot][name]] for slot in slots]
        bindings[name] = np.array(given, dtype=np.float64)
    found = _formulas(rules, bindings)
    for rule, partials in zip(rules, found, strict=True):
        for row, slot in enumerate(slots):
            at = {
                number: partials[network.edges[number].place][row]
                for number in network.along[slot]
                if network.edges[number].place in rule.partials
            }
            if at:
                yield WrongPartials(rule, slot, at)


def _along_any(
    network: Network, slots: Sequence[int], rules: Sequence[Rule]
) -> Iterator[WrongPartials]:
    """The same for sums and products: x is the operand, y what the others come to."""
    edges = [number for slot in slots for number in network.along[slot]]
    if not edges:
        return
    own = network.values[[network.edges[number].operand for number in edges]]
    result = network.values[[network.edges[number].node for number in edges]]
    is_product = network.operations[slots[0]] == "mul"
    rest = network.partials[edges] if is_product else result - own
    found = _formulas(rules, {"x": own, "y": rest, "z": result})
    for rule, partials in zip(rules, found, strict=True):
        for row, number in enumerate(edges):
            yield WrongPartials(rule, network.edges[number].node, {number: partials[ANY][row]})


def _formulas(rules: Sequence[Rule], bindings: Mapping[str, Array]) -> list[dict[int, Array]]:
    """The wrong partials of each rule by operand, in the shape of the result."""
    graph, outputs = _graph_of(rules[0].operation)
    values = iter(evaluate(graph, bindings, outputs=outputs).values.values())
    shape = bindings["z"].shape
    return [
        {place: np.broadcast_to(next(values), shape) for place in rule.partials} for rule in rules
    ]


@cache
def _rules_of(operation: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in RULES if rule.operation == operation)


@cache
def _graph_of(operation: str) -> tuple[Graph, tuple[str, ...]]:
    """The formulas of an operation's rules as one graph, and its outputs in their order."""
    formulas = [text for rule in _rules_of(operation) for text in rule.partials.values()]
    outputs = tuple(f"wrong{number}" for number in range(len(formulas)))
    lines = (f"{name} = {text}" for name, text in zip(outputs, formulas, strict=True))
    return parse("\n".join(lines)), outputs
