"""A scalar function of many variables, seen along one line."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

EPSILON = float(np.finfo(np.float64).eps)


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

    def prefetch(self, steps: Sequence[float]) -> None:
        """Compute f at several steps at once, where the function can do that faster."""
        if self._many is not None:
            self.evaluations += len(steps)
            self._known.update(zip(steps, self._many(steps), strict=True))

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
        """Bound on the rounding error of a slope over step h.

        f is taken to be right to an ulp, or to `rounding` where that is more, and x + h is
        rounded to an ulp of x.
        """
        sizes = [abs(y) for y in (self(h), self(-h), self.base) if math.isfinite(y)]
        slope = abs(self(h) - self(-h)) / (2 * h)
        moved = slope * self.scale * EPSILON / h if math.isfinite(slope) else 0.0
        return max(EPSILON * max(sizes, default=0.0), self.rounding) / h + moved
