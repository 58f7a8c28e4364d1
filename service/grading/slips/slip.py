"""A slip, and a sheet of what each of many slips makes of some derivatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from autograd_core import Array
from service.grading.slips.recipe import RIGHT, Recipe

# Two numbers count as one if they differ by no more than this, relative to the larger, and to the
# right answer: a mal-gradient is that plus a correction, which may cancel.
RELATIVE: Final = 1e-9
CANCELLED: Final = 1e-12
# What the value of a function or a node is called where it is a target.
VALUE_TARGET: Final = "value"


@dataclass(frozen=True, slots=True)
class Slip:
    """One mistake.

    code: what the caller is told. kind: the row of messages.MESSAGES that words it. cost: how far
    from simple it is; of slips that fit, the cheapest comes first. node: where it was made;
    along: the operand that is an edge's other end. input: a name confused with another. says: the
    words of a wrong rule. factor, step, digits: of a constant factor, a nudge, rounding. alone:
    whether it may have been made in one derivative, and not in the others. recipe: how to make it.
    """

    code: str
    kind: str
    cost: float
    node: str | None = None
    along: str | None = None
    input: str | None = None
    says: str = ""
    factor: float | None = None
    step: float | None = None
    digits: int | None = None
    alone: bool = False
    recipe: Recipe = field(default=RIGHT, compare=False, repr=False)


@dataclass(frozen=True, eq=False)
class Shaped:
    """A slip that gives a target another shape."""

    slip: Slip
    target: str
    wrong: Array


@dataclass(frozen=True, eq=False)
class Sheet:
    """What slips make of derivatives, in columns.

    columns: where the numbers of each target are, its entries or its points. truth: the right
    ones, [column]. wrong: what each slip gives, [slip, column], NaN where it gives nothing.
    shaped: those that do not fit into the columns.
    """

    columns: Mapping[str, slice]
    truth: Array
    slips: Sequence[Slip]
    wrong: Array
    shaped: Sequence[Shaped] = ()

    def of(self, target: str) -> tuple[Array, Array]:
        """The right numbers of a target, and those of each slip."""
        at = self.columns[target]
        return self.truth[at], self.wrong[:, at]


class Rows:
    """Rows of a sheet as they are found."""

    def __init__(self) -> None:
        self.slips: list[Slip] = []
        self._blocks: list[Array] = []

    def add(self, slip: Slip, wrong: Array) -> None:
        """One slip; wrong: [target, point] or [column]."""
        self.add_all([slip], wrong[None])

    def add_all(self, slips: Sequence[Slip], wrong: Array) -> None:
        """Several; wrong: [slip, target, point] or [slip, column]."""
        if slips:
            self.slips.extend(slips)
            self._blocks.append(np.reshape(wrong, (len(slips), -1)))

    def sheet(
        self, columns: Mapping[str, slice], truth: Array, shaped: Sequence[Shaped] = ()
    ) -> Sheet:
        """All of them."""
        flat = np.ravel(truth)
        wrong = np.concatenate([np.empty((0, len(flat))), *self._blocks])
        return Sheet(columns, flat, tuple(self.slips), wrong, shaped)


def columns_of(targets: Sequence[str], points: int) -> dict[str, slice]:
    """Where the points of each of these targets are, one target after another."""
    return {name: slice(at * points, (at + 1) * points) for at, name in enumerate(targets)}
