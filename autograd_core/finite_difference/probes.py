"""A scalar function of many variables, seen along one line."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from autograd_core.engines.linearisation import Line
from autograd_core.finite_difference import glances
from autograd_core.tensors import EPSILON, Array, Flags

# How often a function is shaken to see what its roundings come to. A result is moved by an ulp,
# which is twice the error of rounding it.
_SHAKES = 6
_HALF_OF_THE_DIGITS = 2.0**-26


@dataclass(frozen=True)
class Place:
    """The point that a line goes through.

    base: f there. scale: the size of x along the line, which sets the size of a sensible step.
    start: x, where one number moves. wiggle: how many numbers move at once.
    """

    base: float
    scale: float
    start: float | None = None
    wiggle: int = 1


class Probe:
    """h -> f(x + h) along a line, remembering what it has computed.

    start: x, where one number moves. evaluations: how many were made. values, complex_values:
    f(x + h) and f(x + ih) by h, in the order they were made.
    """

    def __init__(self, line: Line, place: Place) -> None:
        self._line = line
        self.values: dict[float, float] = {}
        self.complex_values: dict[float, complex] = {}
        self.start = place.start
        self.base = place.base
        self.scale = place.scale
        self.wiggle = place.wiggle
        self.evaluations = 0

    def __call__(self, h: float) -> float:
        if h not in self.values:
            self.prefetch((h,))
        return self.values[h]

    def learn(self, steps: Iterable[float], values: Iterable[float]) -> None:
        """Take over values that were computed elsewhere."""
        known = dict(zip(steps, values, strict=True))
        self.evaluations += len(known)
        self.values.update(known)

    def prefetch(self, steps: Sequence[float]) -> None:
        """Compute f at several steps at once, which may be faster."""
        unknown = [step for step in steps if step not in self.values]
        if unknown:
            self.learn(unknown, [value.real for value in self._line.at(unknown)])

    @property
    def is_still(self) -> bool:
        """Whether f has not moved over any step so far."""
        return all(value == self.base for value in self.values.values())

    def imaginary(self, h: float) -> float:
        """The imaginary part of f(x + ih)."""
        self.evaluations += 1
        (value,) = self._line.at([1j * h])
        self.complex_values[h] = value
        return value.imag

    def forward(self, h: float) -> float:
        """(f(x + h) - f(x))/h; h may be negative, for the slope on the left."""
        return (self(h) - self.base) / h

    def central(self, h: float) -> float:
        """(f(x + h) - f(x - h))/(2h)."""
        return (self(h) - self(-h)) / (2 * h)

    def width(self, h: float) -> float:
        """Half the distance of x + h and x - h, as they are rounded."""
        if self.start is None:
            return h
        return ((self.start + h) - (self.start - h)) / 2

    def slope(self, h: float) -> float:
        """The central slope over the points as they are rounded: no error comes from those."""
        return (self(h) - self(-h)) / (2 * self.width(h))

    def shaken(self, h: float) -> tuple[float, float]:
        """f at h and -h with roundings exaggerated, in opposite directions, that they may show."""
        self.evaluations += 2
        right, left = self._line.shaken((h, -h))
        return right, left

    def can_step(self, h: float) -> bool:
        """Whether x + h and x + h/2 are other points than x, and on either side."""
        half = h / 2
        if half == 0:
            return False
        return self.scale + half > self.scale > self.scale - half

    @cached_property
    def rounding(self) -> float:
        """How far f may be from its exact value at x, from values alone.

        Wherever an adjoint is wrong, by stop_gradient or by mistake, this still finds that
        log(1 + x) has lost its digits at x = 1e-12.
        """
        self.evaluations += _SHAKES
        shaken = self._line.shaken((0.0,) * _SHAKES)
        off = [abs(value - self.base) for value in shaken if math.isfinite(value)]
        return max([EPSILON * abs(self.base), *off])

    def noise(self, h: float) -> float:
        """Bound on the rounding error of `central` and, where one number moves, of `slope`."""
        scale = self.scale if self.start is None else 0.0
        return glances.noise(self(h), self(-h), self.base, h, scale, self.rounding)

    def noise_of_written(self, h: float) -> float:
        """The same for `central`, whose step is taken as it is written."""
        return glances.noise(self(h), self(-h), self.base, h, self.scale, self.rounding)

    def interior(self, h: float) -> Array:
        """What f computes on the way, at step h."""
        self.evaluations += 1
        return self._line.interior(h)

    @cached_property
    def are_rounded(self) -> Flags:
        """Which of these are rounded, by their operation: others are steps, and exact."""
        return self._line.are_rounded()

    @cached_property
    def loses_digits(self) -> bool:
        """Whether something that f computes on the way at x is off by more than half its digits."""
        here = np.abs(self.interior(0.0))
        with np.errstate(all="ignore"):
            return bool(np.any(self.interior_noise > _HALF_OF_THE_DIGITS * here))

    @cached_property
    def interior_noise(self) -> Array:
        """How far each of these numbers may be from its exact value at x."""
        self.evaluations += 2
        with np.errstate(all="ignore"):
            still, shaken = self._line.interior(0.0), self._line.interior(0.0, shake=True)
            return 4 * np.maximum(np.abs(shaken - still), EPSILON * np.abs(still))
