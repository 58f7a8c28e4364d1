"""The function under a check: what a linearisation gives along lines through its point."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from autograd_core.engines.linearisation import Interior, Line, Linearisation
from autograd_core.errors import ArgumentError, Fault
from autograd_core.finite_difference.estimates import Estimate, first_step
from autograd_core.finite_difference.glances import glances
from autograd_core.finite_difference.options import CheckOptions
from autograd_core.finite_difference.probes import Place, Probe
from autograd_core.tensors import Array

Direction = Array | tuple[int, ...]


class Glance(NamedTuple):
    """What the first steps of a check found: settled, with an estimate, or not yet.

    steps, values: the steps h, -h, h/2 and -h/2, and the function there. evaluations: these
    and any others.
    """

    settled: bool
    estimate: Estimate
    steps: tuple[float, ...]
    values: Sequence[float]
    evaluations: int


@dataclass(frozen=True)
class Function:
    """A scalar function of named targets, at a point.

    places: of each name, among the targets. along: the function as one of them moves, in a
    direction (an index: that entry moves). at: where its first steps may be taken together.
    """

    places: Mapping[str, int]
    along: Callable[[int, Direction], Line]
    at: Linearisation | None = None

    def line(self, name: str, direction: Direction) -> Probe:
        """The function along a line."""
        line = self.along(self.places[name], direction)
        start = np.asarray(line.start)
        if isinstance(direction, tuple):
            return Probe(line, Place(line.base, abs(float(start)), float(start)))
        return Probe(line, Place(line.base, float(np.max(np.abs(start))), wiggle=start.size))

    def glances(self, claims: Mapping[str, float], options: CheckOptions) -> Mapping[str, Glance]:
        """A first glance at derivatives by scalars, of those that it can be taken at quickly."""
        if self.at is None or not claims:
            return {}
        places = [self.places[name] for name in claims]
        values = self.at.targets_at()
        steps = [options.step or first_step(abs(float(values[place]))) for place in places]
        numbers, settings = np.array([steps, list(claims.values())]), (options.rtol, options.atol)
        found = self.at.glances(glances, places, numbers, settings)
        if found is None:
            return {}
        outputs, estimates = found
        return {
            name: Glance(
                bool(settled),
                Estimate(numeric, error, h / 2),
                (h, -h, h / 2, -h / 2),
                seen,
                int(evaluations),
            )
            for name, h, seen, (settled, numeric, error, evaluations) in zip(
                claims, steps, outputs.tolist(), estimates.tolist(), strict=True
            )
        }


def of_output(
    at: Linearisation, places: Mapping[str, int], output: int = 0, index: tuple[int, ...] = ()
) -> Function:
    """An entry of an output."""
    whole = at if not output and not index else None
    return Function(places, lambda target, along: at.line(target, along, output, index), whole)


def of_gradient(
    at: Interior, places: Mapping[str, int], row: int, index: tuple[int, ...]
) -> Function:
    """An entry of the first output's exact gradient by the target `row`."""
    return Function(places, lambda target, along: at.gradient_line(target, along, row, index))


def require_analytic(at: Interior) -> None:
    """Raise ArgumentError (invalid_value, at check/method) where a complex step cannot be taken."""
    for instruction in at.program.instructions:
        if not instruction.operation.analytic:
            name = at.program.graph.names[instruction.origin]
            detail = (
                f"the complex step needs operations that are analytic, and "
                f"{instruction.operation.name} (node {name!r}) is not; use 'richardson'"
            )
            raise ArgumentError(Fault("invalid_value", detail, ("check", "method")))
