"""A scalar function of many variables, seen along one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from autograd_core.engines.kernel import glances
from autograd_core.engines.kernel.glances import EPSILON

__all__ = ["EPSILON", "Probe"]


class Probe:
    """h -> f(x + h) along a line, remembering what it has computed.

    scale: the size of x along the line, which sets the size of a sensible step. wiggle: the
    number of elements that move at once. base: f(x). rounding: how far f(x) may be from its
    exact value. many: the function at several steps in one go, or None. evaluations: how
    many were computed.
    """

    def __init__(
        self,
        function: Callable[[complex], complex],
        base: float,
        scale: float,
        wiggle: int = 1,
        rounding: float = 0.0,
        many: Callable[[Sequence[float]], Sequence[float]] | None = None,
    ) -> None:
        self._function = function
        self._many = many
        self._known: dict[float, float] = {}
        self.base = base
        self.scale = scale
        self.wiggle = wiggle
        self.rounding = rounding
        self.evaluations = 0

    def __call__(self, h: float) -> float:
        value = self._known.get(h)
        if value is None:
            self.evaluations += 1
            value = self._known[h] = self._function(h).real
        return value

    def learn(self, steps: Iterable[float], values: Iterable[float]) -> None:
        """Take over values that were computed elsewhere."""
        known = dict(zip(steps, values, strict=True))
        self.evaluations += len(known)
        self._known.update(known)

    def prefetch(self, steps: Sequence[float]) -> None:
        """Compute f at several steps at once, where the function can do that faster."""
        if self._many is not None:
            unknown = [step for step in steps if step not in self._known]
            if unknown:
                self.learn(unknown, self._many(unknown))

    def imaginary(self, h: float) -> float:
        """The imaginary part of f(x + ih)."""
        self.evaluations += 1
        return self._function(1j * h).imag

    def forward(self, h: float) -> float:
        """(f(x + h) - f(x))/h; h may be negative, for the slope on the left."""
        return (self(h) - self.base) / h

    def central(self, h: float) -> float:
        """(f(x + h) - f(x - h))/(2h)."""
        return (self(h) - self(-h)) / (2 * h)

    def noise(self, h: float) -> float:
        """Bound on the rounding error of the central slope over step h."""
        return glances.noise(self(h), self(-h), self.base, h, self.scale, self.rounding)
