"""Antiderivatives of what a first course integrates: sums of multiples of f(a*x + b)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from autograd_core import Array
from service.grading.slips.network import Network
from service.grading.slips.wrong_partials import WrongPartials

HELD, AFFINE, CURVED = range(3)
_SELF: Final = frozenset({"exp"})  # the antiderivative is the value


def antiderivative(network: Network, table: Mapping[int, Array], target: int) -> Array | None:
    """The integral of the output from 0 or so by an input, [point]; None where it is not easy.

    table: by slot, the antiderivative of its operation by its operand. The constant of
    integration is what comes of the usual formulas: that of x**2 is x**3/3.
    """
    return _Integration(network, target).of_output(table)


def table_of(found: Sequence[WrongPartials]) -> dict[int, Array]:
    """The antiderivatives among wrong rules, by slot."""
    return {
        wrong.node: next(iter(wrong.partials.values()))
        for wrong in found
        if wrong.rule.code == "integrated_instead"
    }


class _Integration:
    """One walk over the network, forward."""

    def __init__(self, network: Network, target: int) -> None:
        self._network = network
        self._at = network.values[target]
        self._integrals: list[Array | None] = []
        self._kinds: list[int] = []
        self._slopes: list[Array] = []  # of affine slots
        self._target = target

    def of_output(self, table: Mapping[int, Array]) -> Array | None:
        for slot, operation in enumerate(self._network.operations):
            self._visit(slot, operation, table.get(slot))
            if self._integrals[-1] is None and slot == self._network.output:
                return None
        return self._integrals[-1] if self._kinds[-1] != HELD else None

    def _visit(self, slot: int, operation: str, primitive: Array | None) -> None:
        network, values = self._network, self._network.values
        zeros = np.zeros(network.points)
        if slot == self._target:
            self._put(self._at**2 / 2, AFFINE, zeros + 1)
            return
        operands = network.operands[slot]
        kinds = [self._kinds[each] if isinstance(each, int) else HELD for each in operands]
        if all(kind == HELD for kind in kinds):
            self._put(values[slot] * self._at, HELD, zeros)
            return
        partials = [network.partials[number] for number in network.along[slot]]
        moving = [
            (network.edges[number].operand, partial)
            for number, partial in zip(network.along[slot], partials, strict=True)
            if self._kinds[network.edges[number].operand] != HELD
        ]
        linear = operation in {"add", "sub", "neg", "identity"} or (
            len(moving) == 1 and (operation == "mul" or (operation == "div" and kinds[1] == HELD))
        )
        with np.errstate(all="ignore"):
            if linear:
                self._put_linear(slot, moving, operands, operation)
            elif len(moving) == 1 and self._kinds[moving[0][0]] == AFFINE:
                slope = self._slopes[moving[0][0]]
                if operation in _SELF:
                    self._put(values[slot] / slope, CURVED, zeros)
                elif operation == "div":  # c/(a*x + b)
                    above = network.operand_value(operands[0])
                    below = network.operand_value(operands[1])
                    self._put(above * np.log(np.abs(below)) / slope, CURVED, zeros)
                elif primitive is not None and kinds[0] == AFFINE:
                    self._put(primitive / slope, CURVED, zeros)
                else:
                    self._put(None, CURVED, zeros)
            else:
                self._put(None, CURVED, zeros)

    def _put_linear(
        self, slot: int, moving: list[tuple[int, Array]], operands: tuple[int | Array, ...], op: str
    ) -> None:
        """A sum of multiples, and of what does not depend on the variable."""
        network = self._network
        integral: Array | None = np.zeros(network.points)
        slope, held = np.zeros(network.points), network.values[slot]
        kind = max(self._kinds[operand] for operand, _ in moving)
        for operand, partial in moving:
            part = self._integrals[operand]
            integral = None if integral is None or part is None else integral + partial * part
            slope = slope + partial * self._slopes[operand]
            held = held - partial * network.values[operand]
        if integral is not None and op in {"add", "sub"}:
            integral = integral + held * self._at
        self._put(integral, kind, slope)

    def _put(self, integral: Array | None, kind: int, slope: Array) -> None:
        self._integrals.append(integral)
        self._kinds.append(kind)
        self._slopes.append(slope)
