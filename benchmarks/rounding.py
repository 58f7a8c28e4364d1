"""Bounds of rounding errors against the errors themselves, on random graphs of scalars.

A bound that is below the error is wrong; one that is far above says little.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import mpmath as mp

from autograd_core import gradient
from benchmarks.harness import Row, judged
from benchmarks.rounding_graphs import Code, cancelling, mixture

GRAPHS, FEW = 10_000, 60
MOST = 100.0
KINDS = {"mixed": mixture, "cancelling": cancelling}


@dataclass(frozen=True)
class Bounded:
    """A number that was found, a bound of its error, and the error. value: no derivative."""

    seed: int
    value: bool
    bound: float
    error: float

    @property
    def holds(self) -> bool:
        """Whether the bound is at least the error."""
        return self.bound >= self.error


def measure(*, quick: bool) -> Iterator[Row]:
    """Two rows, for values and for gradients, of each kind of graph."""
    for kind, make in KINDS.items():
        found = [
            each
            for seed in range((FEW if quick else GRAPHS) // len(KINDS))
            for each in bounds(make(seed), seed)
        ]
        for what, value in (("values", True), ("derivatives", False)):
            yield from _rows(f"{kind} graphs, {what}", [b for b in found if b.value == value])


def bounds(code: Code, seed: int = 0) -> list[Bounded]:
    """Those of the value and of each derivative, where they are finite numbers."""
    found = gradient(code.graph(), code.bindings, output=code.output, rounding=True)
    value, slopes = code.exact()
    if found.rounding is None or mp.im(value) != 0:  # beyond an edge, by rounding alone
        return []
    pairs = [
        (found.value, found.rounding.value, value),
        *zip(found.gradients.values(), found.rounding.gradients.values(), slopes, strict=True),
    ]
    return [
        Bounded(seed, place == 0, float(bound), float(abs(mp.mpf(float(number)) - exact)))
        for place, (number, bound, exact) in enumerate(pairs)
        if math.isfinite(number)
    ]


def _rows(what: str, found: Sequence[Bounded]) -> Iterator[Row]:
    wrong = [each for each in found if not each.holds]
    figures = f"{len(found):,} bounds, {sum(math.isinf(b.bound) for b in found)} of them inf"
    if wrong:
        figures += f"; too small at seeds {sorted({each.seed for each in wrong})[:10]}"
    share = 1 - len(wrong) / len(found)
    yield judged(
        f"{what}: bound at least the error", "always", share, figures, at_least=1, form="{:.2%}"
    )
    ratios = [b.bound / b.error for b in found if b.error]
    percentile = statistics.quantiles(ratios, n=20)[-1]
    yield judged(
        f"{what}: bound over error, median",
        f"under {MOST:g}x",
        statistics.median(ratios),
        f"least {min(ratios):.3g}x, 95th percentile {percentile:.3g}x",
        at_most=MOST,
        form="{:.3g}x",
    )
