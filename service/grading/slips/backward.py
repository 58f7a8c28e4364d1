"""One step of a student's own backward pass: slips in what a node gets from those that use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from autograd_core import Array, GraphBuilder, gradient
from service.grading.slips.costs import FACTOR, SIGN, VALUE
from service.grading.slips.edges import edge_rows, local_rows, rule_rows, slot_rows
from service.grading.slips.network import Network, View
from service.grading.slips.slip import Rows, Sheet, Slip, columns_of
from service.grading.slips.wrong_partials import wrong_partials


def as_claimed(
    network: Network, values: Mapping[str, float], adjoints: Mapping[str, float]
) -> Network:
    """The network with a student's numbers where they were claimed, at one point; the partials
    are right at the values claimed.
    """
    taken, brought = network.values.copy(), network.adjoints.copy()
    for name, value in values.items():
        taken[network.slots[name]] = value
    for name, adjoint in adjoints.items():
        brought[network.slots[name]] = adjoint
    moved = {network.slots[name] for name in values}
    partials = network.partials.copy()
    for slot in range(network.inputs, len(network.names)):
        if moved.intersection(each for each in network.operands[slot] if isinstance(each, int)):
            for number, partial in _partials(network, slot, taken).items():
                partials[number] = partial
    return replace(network, values=taken, adjoints=brought, partials=partials)


@np.errstate(all="ignore")
def local_sheet(network: Network, name: str, factors: list[float]) -> Sheet:
    """Slips in one step: the adjoint of a slot from those of the nodes that use it."""
    slot = network.slots[name]
    uses = network.uses[slot]
    total = network.contributions[uses].sum(axis=0) if uses else network.adjoints[slot]
    adjoints = network.adjoints.copy()
    adjoints[slot] = total
    here = replace(network, adjoints=adjoints)
    truth = total[None]
    rows = Rows()
    rows.add(Slip("sign_flipped", "sign", SIGN), -truth)
    rows.add(Slip("value_not_gradient", "own_value", VALUE, name), here.values[slot][None])
    for factor in factors:
        rows.add(Slip("constant_factor", "factor", FACTOR, factor=factor), factor * truth)
    reach = np.zeros((len(network.names), 1, network.points))
    reach[slot] = 1.0
    step = View(here, reach, reach[:, :, :1] != 0, truth)
    edge_rows(step, rows)
    users = frozenset(network.edges[use].node for use in uses)
    rule_rows(step, tuple(wrong_partials(here, at=users)), rows)
    slot_rows(step, rows)
    above = reach.copy()
    for use in uses:
        above[network.edges[use].node, 0] += network.partials[use]
    above[slot] = 0.0
    users_only = np.zeros_like(step.depends)
    users_only[sorted(users)] = True
    local_rows(View(here, above, users_only, truth), rows)
    return rows.sheet(columns_of([name], network.points), truth)


def is_carried(network: Network, claimed: Network, name: str) -> bool:
    """Whether what a slot gets differs between the truth and what was claimed."""
    uses = network.uses[network.slots[name]]
    given, taken = network.contributions[uses], claimed.contributions[uses]
    return bool(np.any(np.abs(given - taken) > 1e-12 * np.abs(given)))


def _partials(network: Network, slot: int, values: Array) -> dict[int, float]:
    """The right partials of a node at other values of its operands, by edge."""
    builder = GraphBuilder()
    bindings: dict[str, float] = {}
    codes = []
    for place, operand in enumerate(network.operands[slot]):
        name = f"operand{place}"
        value = values[operand] if isinstance(operand, int) else operand
        bindings[name] = float(np.ravel(value)[0])
        codes.append(builder.input(name))
    graph = builder.build(
        builder.apply(network.operations[slot], codes, network.attributes[slot] or None)
    )
    found = gradient(graph, bindings).gradients
    return {
        number: float(np.asarray(found[f"operand{network.edges[number].place}"]))
        for number in network.along[slot]
    }
