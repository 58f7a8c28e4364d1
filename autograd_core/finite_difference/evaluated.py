"""The evaluations behind an estimate, as one writes them on a board: x + h, and f there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from autograd_core.errors import ArgumentError, Fault
from autograd_core.finite_difference.options import CheckOptions
from autograd_core.finite_difference.probes import Probe

# Derivatives whose evaluations are given, at most; and evaluations of one, about.
MOST_GIVEN: Final = 100
MOST_OF_ONE: Final = 300

Index = tuple[int, ...]
# What a method's quotient is made of beside f(x): multiples of its step.
_STEPS: Final = {"forward": (1.0,), "backward": (-1.0,), "central": (1.0, -1.0)}


@dataclass(frozen=True)
class Evaluation:
    """f at x + step. entry: which derivative this is for, where there are several.

    at: x + step as it is rounded; None where many numbers move at once. imaginary: of a complex
    step, the imaginary part of f(x + i*step), whose real part is `value`.
    """

    step: float
    at: float | None
    value: float
    imaginary: float | None = None
    entry: Index | None = None


def evaluations_of(
    probe: Probe, step: float, options: CheckOptions, entry: Index | None = None
) -> tuple[Evaluation, ...]:
    """f(x), and f at the steps that an estimate with this step is made of: of richardson, at all
    that were taken, in their order.
    """
    start, values = probe.start, probe.values
    found = [Evaluation(0.0, start, probe.base, entry=entry)]
    wanted: Iterable[float] = values
    if options.method in _STEPS:
        wanted = [sign * step for sign in _STEPS[options.method]]
    for h in wanted:
        if h in values:
            at = None if start is None else start + h
            found.append(Evaluation(h, at, values[h], entry=entry))
    for h, value in probe.complex_values.items():
        found.append(Evaluation(h, start, value.real, value.imag, entry))
    return tuple(found)


def require_few(derivatives: int) -> None:
    """Raise ArgumentError where a check is asked for the evaluations of too many derivatives."""
    if derivatives > MOST_GIVEN:
        detail = (
            f"the evaluations behind {derivatives:,} derivatives are over the limit of "
            f"{MOST_GIVEN}; check fewer of them, by 'wrt' or along 'directions'"
        )
        raise ArgumentError(Fault("limit_exceeded", detail, ("check", "evaluations")))
