"""Rows of seeds in batches, and rows of what sweeps find from them.

A row has an entry for each element of what it is of, one part after another; a sweep takes and
gives arrays by part, with a leading axis of directions, unless there is only one, and then, at many
points, one of points.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from autograd_core.engines.compiled import Layout
from autograd_core.operations.broadcasting import repeated
from autograd_core.tensors import Array


@dataclass(frozen=True)
class Batch:
    """Some rows of seeds: how many, or None for one, whose parts have no leading axis; the parts by
    place, without those that are all zeros.
    """

    count: int | None
    parts: Mapping[int, Array]

    @property
    def first(self) -> int:
        """The first place that has a part."""
        return min(self.parts, default=0)


class Seeds:
    """Rows of seeds. layout: of what they are for. points: how many, of programs of scalars."""

    def __init__(self, rows: Array, layout: Layout, points: int | None) -> None:
        self.count = len(rows)
        self._rows, self._layout, self._points = rows, layout, points
        ends = [at.stop for at in layout.places]
        self._places = [
            {bisect_right(ends, column) for column in row.nonzero()[0].tolist()} for row in rows
        ]

    @property
    def borders(self) -> Sequence[int]:
        """The rows before which the place changes that a row begins in, and the end."""
        first = [min(places, default=0) for places in self._places]
        changes = (row + 1 for row, (one, next_) in enumerate(pairwise(first)) if one != next_)
        return [*changes, self.count]

    def batch(self, start: int, stop: int) -> Batch:
        """The rows from `start` to `stop`."""
        rows, places = self._rows[start:stop], sorted(set().union(*self._places[start:stop]))
        if stop - start == 1:
            return Batch(None, {place: self._alone(rows[0], place) for place in places})
        return Batch(stop - start, {place: self._part(rows, place) for place in places})

    def _alone(self, row: Array, place: int) -> Array:
        part = row[self._layout.places[place]]
        if self._points is not None:  # the same at each
            return repeated(part[0], (self._points,))
        alone: Array = part.reshape(self._layout.shapes[place])[()]
        return alone

    def _part(self, rows: Array, place: int) -> Array:
        part = rows[:, self._layout.places[place]]
        if self._points is not None:
            return np.broadcast_to(part, (len(rows), self._points))
        return part.reshape((len(rows), *self._layout.shapes[place]))


class Found:
    """Rows of what sweeps find, filled batch by batch. layout: of what they are of."""

    def __init__(self, count: int, layout: Layout, points: int | None) -> None:
        lead = () if points is None else (points,)
        self.rows = np.zeros((*lead, count, layout.length))
        self._layout, self._points = layout, points

    def put(self, start: int, stop: int, parts: Sequence[Array | None]) -> None:
        """Those of a batch; None where there is nothing but zeros."""
        at = slice(start, stop)
        for place, part in zip(self._layout.places, parts, strict=True):
            if part is None:
                continue
            found = np.reshape(part, (stop - start, -1))
            if self._points is None:
                self.rows[at, place] = found
            else:
                self.rows[:, at, place.start] = found.T
