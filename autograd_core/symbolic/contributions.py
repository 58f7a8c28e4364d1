"""What a node's adjoint is the sum of, and behind which gates.

Where nothing flows (relu, where, max, clip; x**y at its edges), the derivative is exactly 0,
whatever the branch not taken would give. So a gate stays outside of everything that its adjoint
is multiplied with: where(x > 0, 1/(2*sqrt(x)), 0), never where(x > 0, 1, 0)/(2*sqrt(x)).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograd_core.symbolic.simplifying import Simplifier


@dataclass(frozen=True, slots=True)
class Gate:
    """Open where a condition is not 0; or, if it is negative, where it is 0."""

    condition: int
    positive: bool


@dataclass(frozen=True, slots=True)
class Adjoint:
    """value where the gate is open, else 0; without a gate, value everywhere.

    weak: of a value without a gate, what it is 0 behind, as the parts of it are: it becomes the
    gate where the value meets something that may not be finite.
    """

    value: int
    gate: Gate | None = None
    weak: Gate | None = None


class Gates:
    """Puts adjoints together, as expressions of a simplifier."""

    def __init__(self, simplifier: Simplifier) -> None:
        self._make = simplifier

    def through(self, adjoint: Adjoint, partial: int, *, chosen: bool) -> Adjoint:
        """An adjoint times a partial; chosen: whether that is chosen by a condition."""
        make, expressions = self._make, self._make.expressions
        gate = adjoint.gate
        if gate is None and adjoint.weak is not None and not expressions.total[partial]:
            gate = adjoint.weak
        if not chosen or expressions.operations[partial] != "where":
            return Adjoint(make.product(adjoint.value, partial), gate)
        condition, one, other = expressions.operands[partial]
        if other == make.zero:
            gate = self._narrowed(gate, Gate(condition, positive=True))
            return Adjoint(make.product(adjoint.value, one), gate)
        if one == make.zero:
            gate = self._narrowed(gate, Gate(condition, positive=False))
            return Adjoint(make.product(adjoint.value, other), gate)
        branches = (make.product(adjoint.value, one), make.product(adjoint.value, other))
        return Adjoint(make.where(condition, *branches), gate)

    def together(self, contributions: Sequence[Adjoint]) -> Adjoint:
        """The sum. What two branches of one condition send becomes a choice of both."""
        if len(contributions) == 1:
            return contributions[0]
        groups: dict[Gate | None, list[int]] = {}
        for each in contributions:
            groups.setdefault(each.gate, []).append(each.value)
        make = self._make
        sums = {gate: make.sum(*values) for gate, values in groups.items()}
        if len(sums) == 1:
            ((only, value),) = sums.items()
            return Adjoint(value, only)
        parts: list[int] = []
        gates: list[Gate] = []
        for gate, value in sums.items():
            opposite = None if gate is None else Gate(gate.condition, not gate.positive)
            if gate is None:
                parts.append(value)
            elif opposite not in sums:
                gates.append(gate)
                parts.append(self.opened(Adjoint(value, gate)))
            elif gate.positive:
                parts.append(make.where(gate.condition, value, sums[opposite]))
        weak = self._any(gates) if len(gates) == len(sums) else None
        return Adjoint(make.sum(*parts), None, weak)

    def opened(self, adjoint: Adjoint) -> int:
        """An adjoint as one expression."""
        gate, make = adjoint.gate, self._make
        if gate is None:
            return adjoint.value
        if gate.positive:
            return make.where(gate.condition, adjoint.value, make.zero)
        return make.where(gate.condition, make.zero, adjoint.value)

    def _narrowed(self, outer: Gate | None, inner: Gate) -> Gate:
        if outer is None or outer == inner:
            return inner
        if not outer.positive and not inner.positive:
            either = (outer.condition, inner.condition)
            return Gate(self._make.call("logical_or", either), positive=False)
        return Gate(self._make.both(self._literal(outer), self._literal(inner)), positive=True)

    def _any(self, gates: Iterable[Gate]) -> Gate:
        first, *others = map(self._literal, gates)
        for other in others:
            first = self._make.call("logical_or", (first, other))
        return Gate(first, positive=True)

    def _literal(self, gate: Gate) -> int:
        if gate.positive:
            return gate.condition
        return self._make.call("logical_not", (gate.condition,))
