"""Antiderivatives of what a first course integrates: sums of multiples of f(a*x + b)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from autograd_core import Array
from service.grading.slips.network import Network
from service.grading.slips.wrong_partials import WrongPartials

_SUMS: Final = frozenset({"add", "sub", "neg", "identity"})


@dataclass(frozen=True, eq=False)
class _Slot:
    """A slot as a function of the variable. integral: its antiderivative, None where that is not
    easy. slope: its derivative where that is a constant, as of a*x + b, else None. held: whether
    it does not depend on the variable at all.
    """

    integral: Array | None
    slope: Array | None = None
    held: bool = False


_UNKNOWN: Final = _Slot(None)


def table_of(found: Sequence[WrongPartials]) -> dict[int, Array]:
    """The antiderivatives among wrong rules, by slot."""
    return {
        wrong.node: next(iter(wrong.partials.values()))
        for wrong in found
        if wrong.rule.code == "integrated_instead"
    }


def antiderivative(network: Network, table: Mapping[int, Array], target: int) -> Array | None:
    """The integral of the output by an input, [point]; None where it is not easy.

    table: by slot, the antiderivative of its operation by its operand. The constant of
    integration is what comes of the usual formulas: that of x**2 is x**3/3.
    """
    x = network.values[target]
    slots: list[_Slot] = []
    with np.errstate(all="ignore"):
        for slot in range(len(network.names)):
            if slot == target:
                slots.append(_Slot(x**2 / 2, np.ones(network.points)))
            elif all(slots[network.edges[number].operand].held for number in network.along[slot]):
                slots.append(_Slot(network.values[slot] * x, np.zeros(network.points), held=True))
            else:
                slots.append(_of_node(network, slot, slots, x, table.get(slot)))
    return None if slots[-1].held else slots[-1].integral


def _of_node(
    network: Network, slot: int, slots: Sequence[_Slot], x: Array, primitive: Array | None
) -> _Slot:
    """Of a node that depends on the variable."""
    operation = network.operations[slot]
    edges = [network.edges[number] for number in network.along[slot]]
    moving = [edge.place for edge in edges if not slots[edge.operand].held]
    if operation in _SUMS:
        return _sum(network, slot, slots, x)
    if len(moving) > 1:
        return _UNKNOWN
    if operation == "mul" or (operation == "div" and moving == [0]):
        return _sum(network, slot, slots, x)
    operand = next(edge.operand for edge in edges if edge.place == moving[0])
    slope = slots[operand].slope
    if slope is None:
        return _UNKNOWN
    if operation == "div":  # c/(a*x + b)
        above = network.operand_value(network.operands[slot][0])
        return _Slot(above * np.log(np.abs(network.values[operand])) / slope)
    if operation == "exp":
        return _Slot(network.values[slot] / slope)
    if primitive is None or moving != [0]:
        return _UNKNOWN
    return _Slot(primitive / slope)


def _sum(network: Network, slot: int, slots: Sequence[_Slot], x: Array) -> _Slot:
    """A sum of multiples: the partials are constants."""
    integral: Array | None = np.zeros(network.points)
    slope: Array | None = np.zeros(network.points)
    rest = network.values[slot]
    for number in network.along[slot]:
        operand, partial = network.edges[number].operand, network.partials[number]
        part = slots[operand]
        if part.held:
            continue
        rest = rest - partial * network.values[operand]
        if integral is not None:
            integral = None if part.integral is None else integral + partial * part.integral
        if slope is not None:
            slope = None if part.slope is None else slope + partial * part.slope
    return _Slot(None if integral is None else integral + rest * x, slope)
