"""What a formula is compared in, at points: the derivative that it is to be; or, of a function, the
value and each derivative. And the same of what was claimed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from autograd_core import Array, Gradient, Graph, InvalidError, NonfiniteWarning, evaluate, gradient
from service.grading.model import Number
from service.grading.reading import Unreadable, limits_of_claims
from service.grading.reference import Reference
from service.grading.sampling import Sample, sample

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

    def of(self, found: Gradient | Sample) -> Sequence[Array]:
        """The quantities, among values and gradients at points."""
        if self.name is not None:
            return [np.asarray(found.gradients[self.name])]
        gradients = (np.asarray(found.gradients[name]) for name in self.variables)
        return [np.asarray(found.value), *gradients]

    def bounds(self, points: Mapping[str, Array]) -> Sequence[Number]:
        """How far rounding may have moved each of the true quantities."""
        return [0.0 for _ in self.by]


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
        """How far rounding may have moved each."""
        return [0.0 for _ in self._asked.by]

    def overflows(self, point: Mapping[str, Number]) -> bool:
        """Whether what is not finite at a point comes of a number too large for binary64."""
        moving = {name: number for name, number in point.items() if name in self._used}
        found = evaluate(
            self._graph,
            {**self._fixed, **moving},
            limits=self._limits,
            deadline=self._asked.reference.deadline,
        )
        return any(map(_is_overflow, found.warnings))

    def _values(self, points: Mapping[str, Array]) -> Array:
        moving = {name: numbers for name, numbers in points.items() if name in self._used}
        found = evaluate(
            self._graph,
            {**self._fixed, **moving},
            mapped=list(moving),
            limits=self._limits,
            deadline=self._asked.reference.deadline,
        )
        (value,) = found.values.values()
        if moving:
            return np.asarray(value)
        length = len(next(iter(points.values())))
        return np.broadcast_to(value, (length, *np.shape(value)))

    def _gradient(self, points: Mapping[str, Array]) -> Gradient:
        return gradient(
            self._graph,
            {**self._fixed, **points},
            wrt=list(points),
            mapped=list(points),
            limits=self._limits,
            deadline=self._asked.reference.deadline,
        )


def _is_overflow(warning: NonfiniteWarning) -> bool:
    if warning.operation is None or warning.operation not in _OVERFLOWING:
        return False
    if not np.isinf(warning.value):
        return False
    numbers = [each for each in warning.operands if isinstance(each, float)]
    place = _OVERFLOWING[warning.operation]
    by_rights = place is not None and place < len(numbers) and numbers[place] == 0
    return bool(np.isfinite(numbers).all()) and not by_rights
