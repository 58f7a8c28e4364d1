"""One wrong idea applied wherever it could be: the same wrong rule at every node it is about.

These change several edges, so they need reverse passes of their own: one loop over the edges, for
all of these slips at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograd_core import Array
from service.grading.slips.costs import OF_NUMBERS, SYSTEMATIC, Costs
from service.grading.slips.network import Network, strong
from service.grading.slips.recipe import Recipe
from service.grading.slips.rules import Rule
from service.grading.slips.slip import Rows, Slip
from service.grading.slips.wrong_partials import WrongPartials


@dataclass
class _Everywhere:
    """A slip at several nodes: the wrong partials, by edge."""

    slip: Slip
    partials: dict[int, Array]


def systematic_rows(
    network: Network,
    wrong: Sequence[WrongPartials],
    targets: Sequence[int],
    rows: Rows,
    costs: Costs = OF_NUMBERS,
) -> None:
    """Every wrong rule that several nodes call for, at all of them; and every slot overwritten."""
    found = _rules_everywhere(network, wrong)
    if found:
        swept = _swept(network, [each.partials for each in found])
        rows.add_all([each.slip for each in found], swept[:, targets])
    if sum(len(uses) > 1 for uses in network.uses) > 1:
        adjoints, kept = _overwritten(network)
        slip = Slip(
            "overwritten_not_accumulated",
            "all_overwritten",
            costs.overwritten + SYSTEMATIC,
            recipe=Recipe({each: "0" for each in range(len(network.edges)) if each not in kept}),
        )
        rows.add(slip, adjoints[list(targets)])


def _rules_everywhere(network: Network, wrong_ones: Sequence[WrongPartials]) -> list[_Everywhere]:
    by_rule: dict[int, list[WrongPartials]] = {}
    rules: dict[int, Rule] = {}
    for wrong in wrong_ones:
        by_rule.setdefault(id(wrong.rule), []).append(wrong)
        rules[id(wrong.rule)] = wrong.rule
    found = []
    for key, places in by_rule.items():
        if len({wrong.node for wrong in places}) < 2:
            continue
        rule = rules[key]
        partials: dict[int, Array] = {}
        formulas: dict[int, str] = {}
        for wrong in places:
            partials.update(wrong.partials)
            formulas.update(wrong.formulas(network))
        cost, recipe = rule.cost + SYSTEMATIC, Recipe(formulas)
        slip = Slip(rule.code, "everywhere", cost, says=rule.says, recipe=recipe)
        found.append(_Everywhere(slip, partials))
    return found


def _swept(network: Network, wrong: Sequence[Mapping[int, Array]]) -> Array:
    """Adjoints by reverse passes with some partials wrong, [slip, slot, point]."""
    by_edge: dict[int, list[tuple[int, Array]]] = {}
    for number, partials in enumerate(wrong):
        for changed, partial in partials.items():
            by_edge.setdefault(changed, []).append((number, partial))
    adjoints = np.zeros((len(wrong), *network.adjoints.shape))
    adjoints[:, network.output] = 1.0
    for number in reversed(range(len(network.edges))):
        edge = network.edges[number]
        brought = strong(adjoints[:, edge.node], network.partials[number])
        for slip, partial in by_edge.get(number, ()):
            brought[slip] = strong(adjoints[slip, edge.node], partial)
        with np.errstate(invalid="ignore"):
            adjoints[:, edge.operand] += brought
    return adjoints


def _overwritten(network: Network) -> tuple[Array, frozenset[int]]:
    """Adjoints by a reverse pass that says = where it should say +=, [slot, point]; and the edges
    that stay.
    """
    adjoints = np.zeros(network.adjoints.shape)
    adjoints[network.output] = 1.0
    kept: dict[int, int] = {}
    # Nodes in reverse, the operands of each in order: what is written last stays.
    for slot in reversed(range(network.inputs, len(network.names))):
        for number in network.along[slot]:
            edge = network.edges[number]
            adjoints[edge.operand] = strong(adjoints[slot], network.partials[number])
            kept[edge.operand] = number
    return adjoints, frozenset(kept.values())
