"""What is made of a reference once, for all claims that are compared with it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np

from autograd_core import Array
from service.grading.reference import Reference
from service.grading.slips.array_sheets import array_sheet
from service.grading.slips.arrays import Backward, backward_of
from service.grading.slips.matching import Matcher
from service.grading.slips.naming import Names
from service.grading.slips.sheets import sheet_of
from service.grading.slips.slip import Sheet
from service.grading.slips.study import Study
from service.grading.slips.values import value_sheet

# Sets of nodes that submissions claim: a course asks for the same ones again and again.
_KEPT: Final = 8


class Prepared:
    """The reference at its own bindings. Properties raise what running it raises."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.study = Study(reference)
        self.names = Names(reference.graph)
        self._matchers: dict[tuple[str, ...], Matcher] = {}
        self._studies: dict[tuple[tuple[str, bytes], ...], Study] = {}
        self._sheets: dict[tuple[int, str], Sheet] = {}

    @cached_property
    def backward(self) -> Backward:
        """Its reverse pass, over arrays."""
        return backward_of(self.reference)

    def is_input(self, name: str) -> bool:
        """Whether a name is a bound input's."""
        return name in self.reference.bindings

    def matcher(self, nodes: tuple[str, ...]) -> Matcher:
        """For the gradients by all inputs and, of a function of scalars, at these nodes."""
        if nodes not in self._matchers:
            if len(self._matchers) >= _KEPT:
                self._matchers.clear()
            study = self.study
            if study.network is None:
                sheet = array_sheet(self.reference, self.backward, tuple(study.variables))
            else:
                inputs = study.network.names[: study.network.inputs]
                sheet = sheet_of(study, (*inputs, *nodes))
            self._matchers[nodes] = Matcher(sheet, self.reference.tolerance)
        return self._matchers[nodes]

    def at(self, points: Mapping[str, Array]) -> Study:
        """The reference at other points, 1-d arrays by variable."""
        key = tuple((name, each.tobytes()) for name, each in sorted(points.items()))
        if key not in self._studies:
            if len(self._studies) >= _KEPT:
                self._studies.clear()
                self._sheets.clear()
            self._studies[key] = Study(self.reference, points)
        return self._studies[key]

    def sheet_at(self, study: Study, name: str) -> Sheet:
        """The sheet of the derivative by a variable at a study's points."""
        key = (id(study), name)
        if key not in self._sheets:
            self._sheets[key] = sheet_of(study, (name,))
        return self._sheets[key]

    @cached_property
    def value_matcher(self) -> Matcher:
        """For the value of the function."""
        return Matcher(value_sheet(self.study), self.reference.tolerance)

    @cached_property
    def adjoints(self) -> Mapping[str, Array]:
        """The right gradient at every input and node, by name."""
        return self.backward.adjoints

    @cached_property
    def values(self) -> Mapping[str, Array]:
        """The right value of every input and node, by name."""
        return {name: np.asarray(each) for name, each in self.backward.values.items()}


_PREPARED: WeakKeyDictionary[Reference, Prepared] = WeakKeyDictionary()


def prepared(reference: Reference) -> Prepared:
    """Of a reference, kept as long as the reference is."""
    ready = _PREPARED.get(reference)
    if ready is None:
        ready = _PREPARED[reference] = Prepared(reference)
    return ready
