"""What is made of a reference once, for all claims that are compared with it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import cached_property
from typing import Final

import numpy as np

from autograd_core import Array
from service.grading.model import Diagnosis
from service.grading.reference import Reference
from service.grading.slips.array_sheets import array_sheet
from service.grading.slips.arrays import Backward, backward_of
from service.grading.slips.matching import Matcher
from service.grading.slips.naming import Names
from service.grading.slips.sheets import sheet_of
from service.grading.slips.study import Study, is_small
from service.grading.slips.values import value_sheet

Told = Mapping[str, tuple[Diagnosis, ...]]
_TOLD: Final = 64


class Prepared:
    """The reference at its own bindings and at points. What it returns is kept by the reference;
    its properties and methods raise what running that raises.
    """

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.study = Study(reference)
        self.names = Names(reference.graph)
        self._told: dict[Hashable, Told] = {}

    def told(self, key: Hashable, make: Callable[[], Told]) -> Told:
        """What was said of some wrong numbers before, or is said now; the last ones are kept."""
        known = self._told.get(key)
        if known is None:
            known = make()
            while len(self._told) >= _TOLD:
                self._told.pop(next(iter(self._told)), None)
            self._told[key] = known
        return known

    @cached_property
    def backward(self) -> Backward:
        """Its reverse pass, over arrays."""
        return backward_of(self.reference)

    def is_input(self, name: str) -> bool:
        """Whether a name is a bound input's."""
        return name in self.reference.bindings

    def matcher(self, nodes: tuple[str, ...]) -> Matcher:
        """For the gradients by all inputs and, of a function of scalars, at these nodes."""
        return self.reference.remembered(
            ("slips", *nodes), lambda: self._matcher(nodes), lambda found: found.size
        )

    def _matcher(self, nodes: tuple[str, ...]) -> Matcher:
        study = self.study
        if study.network is not None or not is_small(study.graph):
            scalars = filter(study.is_variable, study.variables)
            sheet = sheet_of(study, (*scalars, *nodes))
        else:
            sheet = array_sheet(self.reference, self.backward, study.variables)
        return Matcher(sheet, self.reference.tolerance)

    def at(self, points: Mapping[str, Array]) -> Study:
        """The reference at other points, 1-d arrays by variable."""
        key = tuple((each, numbers.tobytes()) for each, numbers in points.items())
        return self.reference.remembered(
            ("slips at", *key), lambda: Study(self.reference, points), lambda found: found.size
        )

    def value_matcher(self) -> Matcher:
        """For the value of the function."""
        return self.reference.remembered(
            ("slips of the value",),
            lambda: Matcher(value_sheet(self.study), self.reference.tolerance),
        )

    @cached_property
    def adjoints(self) -> Mapping[str, Array]:
        """The right gradient at every input and, of a function that is not large, node, by name."""
        if is_small(self.reference.graph):
            return self.backward.adjoints
        return {name: np.asarray(each) for name, each in self.study.gradient.gradients.items()}

    @property
    def values(self) -> Mapping[str, Array]:
        """The right value of every input and node, by name."""
        return self.backward.values


def prepared(reference: Reference) -> Prepared:
    """Of a reference, kept by it."""
    return reference.remembered(("slips prepared",), lambda: Prepared(reference))
