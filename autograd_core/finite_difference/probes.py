"""A scalar function of many variables, seen along one line."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from autograd_core.engines import arrays
from autograd_core.limits import Deadline
from autograd_core.program import Program
from autograd_core.tensors import Array

EPSILON = float(np.finfo(np.float64).eps)


class Probe:
    """h -> f(x + h) along a line, remembering what it has computed.

    scale: the size of x along the line, which sets the size of a sensible step. wiggle: the
    number of elements that move at once. base: f(x). rounding: how far f(x) may be from its
    exact value. evaluations: how many were computed.
    """

    def __init__(
        self,
        function: Callable[[complex], complex],
        base: float,
        scale: float,
        wiggle: int = 1,
        rounding: float = 0.0,
    ) -> None:
        self._function = function
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


def rounding_error(program: Program, values: Sequence[Array], deadline: Deadline | None) -> float:
    """About how far the program's scalar output is from its exact value.

    Every intermediate value is rounded, by half an ulp at least, and its adjoint says how much
    of that arrives: M. Iri, "Simultaneous computation of functions, partial derivatives and
    estimates of rounding errors" (1984). It finds what |f| alone does not tell: that log(1 + x)
    has lost its digits at x = 1e-12.
    """
    (root,) = program.outputs
    seeds = {root: np.ones(())[()]}
    adjoints = arrays.reverse(program, list(values), seeds, range(len(program.shapes)), deadline)
    total = 0.0
    with np.errstate(all="ignore"):
        for instruction in program.instructions:
            if instruction.slot in adjoints:
                arriving = np.abs(adjoints[instruction.slot] * values[instruction.slot])
                total += float(np.sum(arriving, where=np.isfinite(arriving)))
    return EPSILON * total if math.isfinite(total) else 0.0


def probe(
    program: Program,
    values: Sequence[Array],
    slot: int,
    direction: Array | tuple[int, ...],
    rounding: float,
    deadline: Deadline | None,
) -> Probe:
    """The program's output along a line through the value of one slot.

    direction: an index (that element moves) or an array of the slot's shape. Only the
    instructions that depend on the slot run again. rounding: see `rounding_error`.
    """
    instructions = program.downstream([slot])
    start = np.asarray(values[slot])
    (root,) = program.outputs

    def function(h: complex) -> complex:
        if isinstance(direction, tuple):
            moved = start.astype(np.result_type(start, type(h)))
            moved[direction] += h
        else:
            moved = start + h * direction
        local = list(values)
        local[slot] = moved[()]
        arrays.run(program, instructions, local, deadline)
        return complex(local[root])

    if not instructions and slot != root:
        rounding = 0.0  # the output does not move at all
    base = float(values[root])
    if isinstance(direction, tuple):
        return Probe(function, base, abs(float(start[direction])), rounding=rounding)
    return Probe(function, base, float(np.max(np.abs(start))), start.size, rounding)
