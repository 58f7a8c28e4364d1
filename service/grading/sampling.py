"""The points that formulas are compared at: where the reference is defined and smooth.

They are short decimals, but for a few, and the same for the same function, whatever its variables
are called: these count by their order alone. Where a function has a log, a quotient, a kink or the
like, intervals come first: along some lines through the space of its variables it is found where
they end, and each gets points of its own. All is bounded: how many points are looked at, and so how
long it takes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, zip_longest
from typing import Final

import numpy as np

from autograd_core import Array
from service.grading import decimals
from service.grading.cuts import cuts, grid
from service.grading.reference import Reference
from service.grading.space import Flags, Rows, Space

_WANTED: Final = 28  # points that a formula is compared at, more where there are many intervals
_ENOUGH: Final = 12  # points with which no more lines are looked at
_TRIED: Final = 96  # of a space of several variables, at first
_MOST_NUMBERS: Final = 4_000_000  # of what is tried, in all
_LINES: Final = 6  # looked at together
_ROUNDS: Final = 8
_INTERVALS: Final = 24  # of a line, those closest to 0
_INTERVALS_BESIDE: Final = 8  # of each line in a space of several variables
_POINTS_OF_A_LINE: Final = 6000  # looked at until its cuts are found, about
_MOST_GUARDS: Final = 1000  # more than there are
_SIMPLEST: Final = 10  # of the simple numbers: enough for some rows
_FAR: Final = 8.0  # from 0: constants so large are where the simple numbers do not come
_IRRATIONAL: Final = 4


@dataclass(frozen=True)
class Sample:
    """Points, and the reference there.

    points: by variable, an entry a point; of a tensor along the first axis. value, gradients: of
    the reference, likewise. short: how many are short decimals; those come first. rejected: how
    many were tried where the reference is undefined or has a kink. fit: of other points, whether
    they could be compared at as well.
    """

    points: Mapping[str, Array]
    value: Array
    gradients: Mapping[str, Array]
    short: int
    rejected: int
    fit: Callable[[Mapping[str, Array]], Flags]

    def __len__(self) -> int:
        return len(self.value)

    @cached_property
    def lengths(self) -> Sequence[int]:
        """How many characters each point takes, written out."""
        lengths = [0] * len(self)
        for each in self.points.values():
            for row, numbers in enumerate(each.reshape(len(self), -1).tolist()):
                lengths[row] += sum(len(repr(x)) for x in numbers)
        return lengths

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return 2 * sum(each.size for each in self.points.values())


@np.errstate(all="ignore")  # numbers may be as large as they like
def sample(reference: Reference, variables: Sequence[str]) -> Sample:
    """Points of some variables, the same however often they are asked for.

    Raises GraphError and ArgumentError where the reference is at fault, and DeadlineExceeded.
    """

    def make() -> Sample:
        return _Sampler(Space(reference, variables)).sample()

    return reference.remembered(("sample", *variables), make, lambda made: made.size)


class _Sampler:
    """Tries rows of a space, and keeps those that are fit for comparing.

    _tried, _fit: what was tried, and which of it can be kept. _through: which of it had lines
    through it.
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        self._tried: Rows = np.empty((0, space.width))
        self._fit = np.empty(0, dtype=bool)
        self._through = np.empty(0, dtype=bool)
        self._turn = 0

    def sample(self) -> Sample:
        """What there is in the end."""
        space = self._space
        if space.guards is not None and space.width == 1 and space.lines:
            self._one_variable()
        else:
            self._try(self._anywhere())
            for _ in range(_ROUNDS if space.guards is not None and space.lines else 0):
                self._try(self._along_lines())
                self._try(self._between_fit_ones())
                if self._fit.sum() >= _ENOUGH:
                    break
        found, rejected = self._tried[self._fit], int((~self._fit).sum())
        short = len(found)
        if short:
            beside = _shifted(found)
            self._try(beside[space.inside(beside)])
            found = self._tried[self._fit]
        at = space.derivatives(found) if short else None
        if at is None:
            nothing = np.empty(0)
            of_nothing = dict.fromkeys(space.names, nothing)
            return Sample({}, nothing, of_nothing, 0, rejected, space.fit)
        gradients = {name: np.asarray(found) for name, found in at.gradients.items()}
        points, value = space.points(found), np.asarray(at.value)
        return Sample(points, value, gradients, short, rejected, space.fit)

    def _try(self, rows: Rows) -> None:
        known = {row.tobytes() for row in self._tried}
        new = [row for row in rows if row.tobytes() not in known]
        count = self._space.afford(len(new))
        if not count:
            return
        rows = np.array(new[:count]).reshape(count, self._space.width)
        self._tried = np.concatenate([self._tried, rows])
        self._fit = np.concatenate([self._fit, self._space.smooth(rows)])
        self._through = np.concatenate([self._through, np.zeros(len(rows), dtype=bool)])

    def _anywhere(self) -> Rows:
        """Rows of simple numbers, the simplest first."""
        space, some = self._space, len(decimals.EVERYWHERE)
        if not space.width:  # tensors without entries: there is one point
            return np.empty((1, 0))
        pools = [decimals.inside(low, high, some) for low, high in space.ends]
        if space.width == 1:
            far = [step for hint in space.hints if abs(hint) > _FAR for step in (hint + 0.7,)]
            low, high = space.ends[0]
            return np.array([[x] for x in pools[0][:_WANTED] + far if low < x < high])
        most = _TRIED if space.guards is not None else _WANTED
        most = min(most, max(4, _MOST_NUMBERS // space.width))
        # The same draws whatever the variables are called: each has its place.
        chosen = np.random.default_rng(0).integers(0, some, (most, space.width))
        chosen[: most // 3] %= _SIMPLEST
        rows = np.array(
            [np.take(pool, chosen[:, place] % len(pool)) for place, pool in enumerate(pools)]
        ).T
        unbounded = np.array([math.isinf(low) for low, _ in space.ends])
        rows[-(most // 4) :, unbounded] /= 10
        return np.round(rows, 12)

    def _one_variable(self) -> None:
        """Points in each interval of the only line there is."""
        (intervals,) = self._intervals(np.zeros((1, 1)), [0])
        share = max(2, math.ceil(_WANTED / len(intervals)))
        self._try(_interleaved([decimals.inside(*ends, share) for ends in intervals]))
        found = self._tried[self._fit].ravel()
        if 0 < len(found) < _ENOUGH:
            good = [ends for ends in intervals if ((ends[0] < found) & (found < ends[1])).any()]
            share = math.ceil(_WANTED / len(good))
            self._try(_interleaved([decimals.inside(*ends, share) for ends in good]))

    def _along_lines(self) -> Rows:
        """Rows in the intervals of lines through the best rows so far: those that are fit, and else
        those where the most guards are as they should be.
        """
        space = self._space
        along = [space.lines[(self._turn + step) % len(space.lines)] for step in range(_LINES)]
        along = list(dict.fromkeys(along))
        self._turn += len(along)
        rank = space.satisfied(self._tried) + np.where(self._fit, _MOST_GUARDS, 0)
        rank[self._through] = -1
        best = np.argsort(-rank, kind="stable")[: max(1, _LINES // len(along))]
        self._through[best] = True
        bases = np.repeat(self._tried[best], len(along), axis=0)
        columns = along * len(best)
        rows = []
        for base, column, intervals in zip(
            bases, columns, self._intervals(bases, columns), strict=False
        ):
            for ends in intervals[:_INTERVALS_BESIDE]:
                for number in decimals.inside(*ends, 2):
                    row = base.copy()
                    row[column] = number
                    rows.append(row)
        return np.array(rows).reshape(-1, space.width)

    def _between_fit_ones(self) -> Rows:
        """Rows half way between some that are fit: many a domain is convex."""
        some = self._tried[self._fit][:_ENOUGH]
        first, second = np.triu_indices(len(some), 1)
        return np.array((some[first] + some[second]) / 2)[: 2 * _ENOUGH]

    def _intervals(
        self, bases: Rows, columns: Sequence[int]
    ) -> Sequence[Sequence[tuple[float, float]]]:
        """Of lines through some rows, each along one of its numbers, the intervals between cuts,
        those closest to 0 first; of as many lines as can be afforded.
        """
        space = self._space
        lines = space.afford(len(bases), each=_POINTS_OF_A_LINE)
        ends = [space.ends[column] for column in columns]
        if not lines or space.guards is None:
            return [[pair] for pair in ends]
        at = space.along(bases, np.array(columns))
        grids = [grid(low, high, space.hints) for low, high in ends[:lines]]
        found = cuts(at, grids, space.guards.positive)
        return [_between(*pair, each) for pair, each in zip(ends, found, strict=False)]


def _between(low: float, high: float, places: Array) -> Sequence[tuple[float, float]]:
    """The intervals that some places cut another into."""
    ends = [low, *(place for place in places.tolist() if low < place < high), high]
    pairs = list(pairwise(ends))
    return sorted(pairs, key=lambda pair: min(abs(pair[0]), abs(pair[1])))[:_INTERVALS]


def _interleaved(lists: Sequence[Sequence[float]]) -> Rows:
    """Rows of one number: the first of each list, the second of each, and so on."""
    numbers = [x for several in zip_longest(*lists) for x in several if x is not None]
    return np.array(numbers).reshape(-1, 1)


def _shifted(rows: Rows) -> Rows:
    """Some rows a little beside others, so that their numbers are no short decimals: what agrees
    at all of those may be no accident at whole numbers alone.
    """
    step = max(1, len(rows) // _IRRATIONAL)
    some = rows[::step][:_IRRATIONAL]
    turns = np.arange(1, some.size + 1).reshape(some.shape) * decimals.GOLDEN % 1
    return np.concatenate([some * (1 + 0.1 * turns), some * (1 + 0.001 * turns)])
