"""Slips of the chain and product rules as they are learnt on paper: with f' and g' in hand.

These are no wrong partials on edges: they put the derivative of an operand by the variable, its
tangent, to a wrong use.
"""

from __future__ import annotations

import numpy as np

from service.grading.slips.costs import CHAIN, RULE, TERM_KEPT
from service.grading.slips.network import SUMS, View, strong
from service.grading.slips.recipe import Recipe
from service.grading.slips.slip import Rows, Slip


def chain_rows(view: View, rows: Rows) -> None:
    """The inner derivative left out; a term of a sum not differentiated."""
    network = view.network
    for slot, uses in enumerate(network.uses):
        reach, depends, name = view.tangents[slot], view.depends[slot], network.names[slot]
        if not uses or not depends.any():
            continue
        adjoint = network.adjoints[slot]
        users = [network.operations[network.edges[use].node] for use in uses]
        if slot >= network.inputs and not SUMS.issuperset(users):
            without = view.truth + strong(adjoint, depends - reach)
            recipe = Recipe(slot=slot, tangent="1")
            rows.add(Slip("missing_chain_factor", "inner", CHAIN, name, recipe=recipe), without)
        if not SUMS.isdisjoint(users):
            kept = view.truth + strong(adjoint, depends * network.values[slot] - reach)
            recipe = Recipe(slot=slot, tangent="v")
            rows.add(Slip("value_not_gradient", "term", TERM_KEPT, name, recipe=recipe), kept)


def constant_rows(view: View, rows: Rows) -> None:
    """A constant term that was kept, or whose derivative was taken for 1."""
    network = view.network
    says = "the derivative of a term without the variable is 0"
    for slot in range(network.inputs, len(network.names)):
        moving = [view.depends[network.edges[number].operand] for number in network.along[slot]]
        if network.operations[slot] not in {"add", "sub"} or not moving:
            continue
        depends = np.any(moving, axis=0)  # the derivative of a sum by itself keeps no term
        for place, operand in enumerate(network.operands[slot]):
            held = depends
            if isinstance(operand, int):
                held = held & ~view.depends[operand]
            if not held.any():
                continue
            sign = -1.0 if network.operations[slot] == "sub" and place else 1.0
            own, name = "xyw"[place : place + 1] or "0", network.names[slot]
            for value, text, more in ((network.operand_value(operand), own, 0.0), (1.0, "1", 0.5)):
                kept = view.truth + held * strong(network.adjoints[slot], sign * np.asarray(value))
                tangent = f"t {'+' if sign > 0 else '-'} {text}"
                recipe = Recipe(slot=slot, tangent=tangent, held=place)
                slip = Slip("wrong_rule", "rule", RULE + more, name, says=says, recipe=recipe)
                rows.add(slip, kept)


def product_rows(view: View, rows: Rows) -> None:
    """f'g' for a product and f'/g' for a quotient, where both depend on the variable."""
    network = view.network
    for slot in range(network.inputs, len(network.names)):
        operation, edges = network.operations[slot], network.along[slot]
        if operation not in {"mul", "div"} or len(edges) != 2 or len(network.operands[slot]) != 2:
            continue
        first, second = (view.tangents[network.edges[number].operand] for number in edges)
        both = np.logical_and(*(view.depends[network.edges[number].operand] for number in edges))
        if not both.any():
            continue
        with np.errstate(all="ignore"):
            if operation == "mul":
                taken, says = first * second, "the product rule gives f'*g + f*g', not f'*g'"
            else:
                taken, says = (
                    first / second,
                    "the quotient rule gives (f'*g - f*g')/g**2, not f'/g'",
                )
        change = taken - view.tangents[slot]
        wrong = np.where(both, view.truth + strong(network.adjoints[slot], change), np.nan)
        recipe = Recipe(slot=slot, tangent="f*g" if operation == "mul" else "f/g", both=True)
        name = network.names[slot]
        rows.add(Slip("wrong_rule", "rule", RULE, name, says=says, recipe=recipe), wrong)
