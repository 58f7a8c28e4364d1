"""Slips on the edges of a network: one local derivative, or those of one node, taken wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from autograd_core import Array
from service.grading.slips.costs import CHAIN, DROPPED, LOCAL, LOCAL_FACTOR, OF_NUMBERS, Costs
from service.grading.slips.network import GATES, SUMS, View, strong
from service.grading.slips.recipe import Recipe
from service.grading.slips.slip import CANCELLED, Rows, Slip
from service.grading.slips.wrong_partials import WrongPartials

_USES: Final = 4  # of one slot, that are looked at one by one


def edge_rows(view: View, rows: Rows, costs: Costs = OF_NUMBERS) -> None:
    """Signs, dropped paths and forgotten factors, edge by edge."""
    network, truth = view.network, view.truth
    if not network.edges:
        return
    nodes = [edge.node for edge in network.edges]
    operands = [edge.operand for edge in network.edges]
    reach = view.tangents[operands]
    whole = strong(network.contributions[:, None, :], reach)
    forgotten = network.adjoints[nodes] * (1.0 - network.partials)
    without = truth - whole
    only = np.abs(without) <= CANCELLED * np.abs(truth)  # there is no other path
    counted = np.any(view.depends[operands], axis=(1, 2))
    is_factor = np.array([network.operations[node] not in SUMS | GATES for node in nodes])
    for code, kind, cost, partial, wrong, at in (
        ("sign_flipped", "edge_sign", costs.edge_sign, "-p", truth - 2 * whole, counted),
        ("dropped_path", "dropped", DROPPED, "0", np.where(only, 0.0, without), counted),
        (
            "missing_chain_factor",
            "outer",
            CHAIN,
            "1",
            truth + strong(forgotten[:, None, :], reach),
            counted & is_factor,
        ),
    ):
        slips = [
            Slip(
                code,
                kind,
                cost,
                network.names[edge.node],
                network.names[edge.operand],
                recipe=Recipe({number: partial}),
            )
            for number, (edge, counts) in enumerate(
                zip(network.edges, np.atleast_1d(at).tolist(), strict=True)
            )
            if counts
        ]
        rows.add_all(slips, wrong[at])


def rule_rows(
    view: View, found: Sequence[WrongPartials], rows: Rows, costs: Costs = OF_NUMBERS
) -> None:
    """A wrong rule, at one node."""
    network = view.network
    for wrong in found:
        rule, total = wrong.rule, view.truth
        for number, partial in wrong.partials.items():
            moved = network.adjoints[wrong.node] * (partial - network.partials[number])
            total = total + strong(moved, view.tangents[network.edges[number].operand])
        is_quotient = rule.of_quotient and len(wrong.partials) > 1
        cost = costs.quotient if is_quotient else rule.cost
        node, recipe = network.names[wrong.node], Recipe(wrong.formulas(network))
        slip = Slip(rule.code, "rule", cost, node, says=rule.says, recipe=recipe)
        rows.add(slip, total)


def slot_rows(view: View, rows: Rows, costs: Costs = OF_NUMBERS) -> None:
    """A slot that several edges lead to, and keeps what one of them brings."""
    network = view.network
    for slot, uses in enumerate(network.uses):
        if len(uses) < 2 or not view.depends[slot].any():
            continue
        # The reverse pass comes to the first node last, and to its operands in their order: what
        # the last of them brings is what stays.
        first = network.edges[uses[0]].node
        last = max(use for use in uses if network.edges[use].node == first)
        for use in uses[:_USES] if last in uses[:_USES] else (*uses[:_USES], last):
            change = network.contributions[use] - network.adjoints[slot]
            more, name = (0.0 if use == last else 1.0), network.names[slot]
            slip = Slip(
                "overwritten_not_accumulated",
                "overwritten",
                costs.overwritten + more,
                name,
                recipe=Recipe({other: "0" for other in uses if other != use}),
            )
            rows.add(slip, view.moved(slot, change))


def local_rows(view: View, rows: Rows, own: Sequence[int] = ()) -> None:
    """What arrives from above left out, at one node. own: of each target its slot, whose gradient
    is what arrives there, so that nothing local is left of it.
    """
    network = view.network
    for slot in range(network.inputs, network.output):
        name, depends = network.names[slot], view.depends[slot].copy()
        depends[[at == slot for at in own]] = False
        if depends.any():
            factor = network.points > 1 and _is_constant(network.adjoints[slot])
            cost, recipe = (LOCAL_FACTOR if factor else LOCAL), Recipe(slot=slot, local=True)
            local = Slip("local_not_total", "local", cost, name, recipe=recipe)
            moved = view.moved(slot, 1.0 - network.adjoints[slot])
            rows.add(local, np.where(depends | ~view.depends[slot], moved, np.nan))
            recipe = Recipe(slot=slot, inner=True)
            inner = Slip(
                "local_not_total", "inner_value", cost + 0.1, name, alone=True, recipe=recipe
            )
            rows.add(inner, np.where(depends, view.tangents[slot], np.nan))


def _is_constant(numbers: Array) -> bool:
    return bool(np.ptp(numbers) <= CANCELLED * np.max(np.abs(numbers)))
