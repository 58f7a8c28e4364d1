"""The space of a function's variables: points of it as rows of numbers, and the function there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from autograd_core import Array, Gradient
from service.grading.cuts import Along, Counts
from service.grading.guards import guards_of
from service.grading.reference import Reference

Flags = npt.NDArray[np.bool_]
Rows = Array  # points x numbers: those of each variable, one after another

# Numbers computed in all while points are looked for; fewer of arrays, a step of which is Python's.
_WORK: Final = 4e7
_WORK_ON_ARRAYS: Final = 1e5
_HINTS: Final = 16
_SMALL: Final = 1e-9  # a guard as good as 0, where it is 1 or more elsewhere; else relative to it


class Space:
    """Some variables of a reference, and the work that may be done to find points of them.

    names: of the variables; those bound to tensors have their shapes. width: numbers of a row.
    ends: of each number the interval that the author gave, or infinite ends. lines: which numbers
    are variables of their own, so that lines run along them.
    """

    def __init__(self, reference: Reference, names: Sequence[str]) -> None:
        self._reference, self.names = reference, names
        self._shapes = [np.shape(reference.bindings.get(name, 0.0)) for name in names]
        sizes = [math.prod(shape) for shape in self._shapes]
        self.width = sum(sizes)
        stops = np.cumsum(sizes, dtype=int).tolist()
        self._places = [slice(stop - size, stop) for stop, size in zip(stops, sizes, strict=True)]
        known = zip(names, sizes, strict=True)
        self.ends = [
            reference.domain.get(name, (-math.inf, math.inf))
            for name, size in known
            for _ in range(size)
        ]
        pairs = zip(self._places, self._shapes, strict=True)
        self.lines = [place.start for place, shape in pairs if not shape]
        self.derivatives(np.ones((1, self.width)))  # raises what is wrong with the reference
        self.guards = guards_of(reference, names)
        self._work = _WORK if reference.is_scalar else _WORK_ON_ARRAYS

    @property
    def hints(self) -> Sequence[float]:
        """Constants of the function: it may be another near them."""
        leaves = self._reference.graph.leaves
        found = {abs(leaf) for leaf in leaves if isinstance(leaf, float) and math.isfinite(leaf)}
        largest = sorted(found)[-_HINTS:]
        return [sign * each for each in largest for sign in (1, -1)]

    def afford(self, points: int, each: int = 1) -> int:
        """How many of so many points may still be looked at, `each` times as often: from now on
        they count as looked at.
        """
        work = 3.0 * each * max(len(self._reference.graph), self.width, 1)
        fewer = min(points, int(self._work / work))
        self._work -= fewer * work
        return fewer

    def points(self, rows: Rows) -> Mapping[str, Array]:
        """Rows by variable, each with an axis of points before its own."""
        return {
            name: np.ascontiguousarray(rows[:, place]).reshape(len(rows), *shape)
            for name, place, shape in zip(self.names, self._places, self._shapes, strict=True)
        }

    def inside(self, rows: Rows) -> Flags:
        """Of each row, whether it is between the ends."""
        low, high = np.array(self.ends).reshape(-1, 2).T
        return np.asarray(((low < rows) & (rows < high)).all(axis=1))

    def fit(self, points: Mapping[str, Array]) -> Flags:
        """Of each of some points, whether a formula may be compared there."""
        length = len(next(iter(points.values())))
        rows = np.concatenate([points[name].reshape(length, -1) for name in self.names], axis=1)
        return self.inside(rows) & self.smooth(rows)

    def derivatives(self, rows: Rows) -> Gradient:
        """The value and the gradient at some rows."""
        return self._reference.gradient_at(self.points(rows))

    def smooth(self, rows: Rows) -> Flags:
        """Of each row, whether the reference has a value and a gradient there, and no kink."""
        found = self.derivatives(rows)
        parts = [np.asarray(found.value), *map(np.asarray, found.gradients.values())]
        fine = np.ones(len(rows), dtype=bool)
        for part in parts:
            fine &= np.isfinite(part.reshape(len(rows), -1)).all(axis=1)
        if self.guards is not None:
            fine &= ~self._on_edges(self._guarded(rows))
        return fine

    def satisfied(self, rows: Rows) -> Counts:
        """Of each row, how many guards are as they should be."""
        if self.guards is None:
            return np.zeros(len(rows), dtype=np.intp)
        values = self._guarded(rows)
        fine = np.where(self.guards.positive[:, None], values > 0, ~np.isnan(values))
        return np.asarray(fine.sum(axis=0))

    def along(self, bases: Rows, columns: Counts) -> Along:
        """The guards along lines: through some rows, and of each along one of its numbers."""

        def at(lines: Counts, places: Array) -> Array:
            rows = bases[lines]
            rows[np.arange(len(rows)), columns[lines]] = places
            return self._guarded(rows)

        return at

    def _guarded(self, rows: Rows) -> Array:
        """The guards of some rows: guards x rows."""
        if self.guards is None:
            return np.empty((0, len(rows)))
        return self.guards.at(self._reference, self.points(rows))

    @staticmethod
    def _on_edges(values: Array) -> Flags:
        """Of each point, whether a guard is 0 there, or as good as 0."""
        size = np.abs(values)
        told = [each[~np.isnan(each)] for each in size]
        usual = np.array([np.median(each) if each.size else 0.0 for each in told])
        return np.asarray((size <= _SMALL * np.minimum(usual, 1.0)[:, None]).any(axis=0))
