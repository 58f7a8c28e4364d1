"""What formulas are compared in, at points: true quantities, and those of a claim.

The derivative that a formula is to be; or, of a function, its value and each derivative.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from autograd_core import Array, Gradient, Graph, InvalidError, Number, Rounding, evaluate, gradient
from service.grading.reading import Unreadable, limits_of_claims
from service.grading.reference import Reference
from service.grading.rounding import bounds_of
from service.grading.sampling import Sample, sample

Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]
# Operations that overflow, but for those where an operand of 0 makes an infinity by rights.
_OVERFLOWING: Final[Mapping[str, int | None]] = {
    **dict.fromkeys(("exp", "exp2", "expm1", "sinh", "cosh", "square", "add", "sub", "mul")),
    "pow": 0,
    "div": 1,
}


@dataclass(frozen=True)
class Asked:
    """What is asked for: the derivative by `name`, or the function itself (None)."""

    reference: Reference
    variables: Sequence[str]
    name: str | None

    @property
    def sample(self) -> Sample:
        """The points, and the reference there."""
        return sample(self.reference, self.variables)

    @property
    def by(self) -> Sequence[str | None]:
        """Of each quantity, the variable that it is the derivative of a claimed function by."""
        return (None,) if self.name is not None else (None, *self.variables)

    def of(self, found: Gradient | Sample | Rounding) -> Sequence[Array]:
        """The quantities, among values and gradients at points, or among bounds of these."""
        if self.name is not None:
            return [np.asarray(found.gradients[self.name])]
        gradients = (np.asarray(found.gradients[name]) for name in self.variables)
        return [np.asarray(found.value), *gradients]

    def bounds(self, rows: Rows) -> Sequence[Number]:
        """How far rounding may have moved each of the true quantities at some points of the
        sample; the reference is asked once, for all of them.
        """

        def make() -> Rounding | None:
            return bounds_of(self.reference).at(self.sample.points)

        key = "bounds at", *self.variables
        known = self.reference.remembered(key, make, lambda _: self.sample.size)
        return [0.0 for _ in self.by] if known is None else [x[rows] for x in self.of(known)]


class Claimed:
    """The quantities of a formula at points."""

    def __init__(self, asked: Asked, graph: Graph) -> None:
        self._asked, self._graph = asked, graph
        self._used = frozenset(graph.inputs)
        self._limits = limits_of_claims(asked.reference.limits)
        bindings = asked.reference.bindings
        self._fixed = {name: value for name, value in bindings.items() if name in self._used}

    def at(self, points: Mapping[str, Array]) -> Sequence[Array]:
        """Each with an axis of points. Raises Unreadable for what cannot be computed."""
        try:
            if self._asked.name is not None:
                return [self._values(points)]
            return self._asked.of(self._gradient(points))
        except InvalidError as error:
            raise Unreadable(error.faults[0].detail) from None

    def bounds(self, points: Mapping[str, Array]) -> Sequence[Number]:
        """How far rounding may have moved each. Raises Unreadable where that takes too long."""
        try:
            if self._asked.name is not None:
                return [self._values(points, rounding=True)]
            found = self._gradient(points, rounding=True).rounding
            return [0.0 for _ in self._asked.by] if found is None else self._asked.of(found)
        except InvalidError as error:
            raise Unreadable(error.faults[0].detail) from None

    def overflows(self, points: Mapping[str, Array]) -> Flags:
        """Of each point where it is not finite, whether that comes of numbers too large for
        binary64 alone.
        """
        moving, fixed = self._moving(points), self._fixed
        traced = evaluate(
            self._graph,
            {**fixed, **moving},
            mapped=list(moving),
            trace=True,
            limits=self._limits,
            deadline=self._asked.reference.deadline,
        ).nodes
        length = len(next(iter(points.values())))
        values: dict[str, Number] = {**self._graph.defaults, **fixed, **moving}
        by_size, by_rights = np.zeros((2, length), dtype=bool)
        for node in traced or ():
            operands = [values[arg] if isinstance(arg, str) else arg for arg in node.args]
            values[node.id] = node.value
            begins = _at_any(~np.isfinite(node.value), length)
            for operand in operands:
                begins &= ~_at_any(~np.isfinite(operand), length)
            size = begins & _too_large(node.op, operands, node.value, length)
            by_size |= size
            by_rights |= begins & ~size
        return by_size & ~by_rights

    def value(self) -> Number:
        """The value of a formula without variables."""
        try:
            (found,) = evaluate(
                self._graph,
                self._fixed,
                limits=self._limits,
                deadline=self._asked.reference.deadline,
            ).values.values()
        except InvalidError as error:
            raise Unreadable(error.faults[0].detail) from None
        return found

    def _moving(self, points: Mapping[str, Array]) -> Mapping[str, Array]:
        return {name: numbers for name, numbers in points.items() if name in self._used}

    def _values(self, points: Mapping[str, Array], *, rounding: bool = False) -> Array:
        """The values; or bounds of their rounding errors."""
        moving = self._moving(points)
        found = evaluate(
            self._graph,
            {**self._fixed, **moving},
            mapped=list(moving),
            rounding=rounding,
            limits=self._limits,
            deadline=self._asked.reference.deadline,
        )
        (value,) = (found.rounding or found.values).values()
        if moving:
            return np.asarray(value)
        length = len(next(iter(points.values())))
        return np.broadcast_to(value, (length, *np.shape(value)))

    def _gradient(self, points: Mapping[str, Array], *, rounding: bool = False) -> Gradient:
        return gradient(
            self._graph,
            {**self._fixed, **points},
            wrt=list(points),
            mapped=list(points),
            rounding=rounding,
            limits=self._limits,
            deadline=self._asked.reference.deadline,
        )


def _at_any(entries: Any, length: int) -> Flags:
    """Of each point, whether something holds of an entry there; entries may be without points."""
    flags = np.asarray(entries)
    if not flags.ndim or flags.shape[0] != length:
        return np.full(length, bool(flags.any()))
    return np.asarray(flags.reshape(length, -1).any(axis=1))


def _too_large(operation: str, operands: Sequence[Number], value: Number, length: int) -> Flags:
    """Of each point, whether a value is an infinity that no operand of 0 explains."""
    if operation not in _OVERFLOWING:
        return np.zeros(length, dtype=bool)
    infinite, place = _at_any(np.isinf(value), length), _OVERFLOWING[operation]
    if place is None or place >= len(operands):
        return infinite
    return infinite & ~_at_any(np.asarray(operands[place]) == 0, length)
