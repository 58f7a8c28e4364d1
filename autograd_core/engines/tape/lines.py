"""A tape along a line: its output while one slot is nudged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograd_core.engines.tape import tape as engine
from autograd_core.engines.tape.tape import Tape
from autograd_core.limits import Deadline
from autograd_core.tensors import Array, Flags


class TapeLine:
    """What slot `output` is where slot `slot` holds other numbers; values: of every slot."""

    def __init__(
        self, tape: Tape, values: Array, slot: int, output: int, deadline: Deadline | None
    ) -> None:
        self._tape = tape
        self._values = values
        self._slot = slot
        self._output = output
        self._deadline = deadline
        self.start = values[slot]
        self.base = float(values[output])

    def at(self, steps: Sequence[complex]) -> Sequence[complex]:
        return self._at([step.real for step in steps])

    def shaken(self, steps: Sequence[float]) -> Sequence[float]:
        return self._at(steps, shake=True)

    def interior(self, step: float, *, shake: bool = False) -> Array:
        number = float(self.start) + step
        found = engine.interior(self._tape, self._values, self._slot, number, shake=shake)
        return found[self._tape.first :]

    def are_rounded(self) -> Flags:
        return engine.are_rounded(self._tape)

    def _at(self, steps: Sequence[float], *, shake: bool = False) -> list[float]:
        with np.errstate(over="ignore"):
            numbers = self.start + np.array([steps])
        at = self._tape, self._values, [self._slot], numbers, self._output, self._deadline
        found: list[float] = engine.nudged(*at, shake=shake)[0].tolist()
        return found
