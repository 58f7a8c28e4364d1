"""Where guards change sign along a line: the ends of the intervals on which a function is smooth.

A line goes through a point, parallel to one variable's axis. Guards are looked at on a grid of it;
between two places of the grid where one changes sign, and where one comes close to 0 without
reaching it, closer and closer grids follow. So an interval is found by its ends, however narrow:
those of log(x - 3)*sqrt(3.01 - x) are where x - 3 and 3.01 - x are 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd_core import Array

Counts = npt.NDArray[np.intp]
# Values of guards (guards x points) at points given as line numbers and places along them.
Along = Callable[[Counts, Array], Array]

_PARTS: Final = 64  # of a bracket, one of which is the next
_ROUNDS: Final = 9  # 64**9 is more than binary64 tells apart
_TURNS: Final = 4  # rounds in which a guard that comes close to 0 is followed
_MOST: Final = 24  # brackets of one line, those closest to 0
_SAME: Final = 4e-12  # relative distance of cuts that are one
_FRACTIONS: Final = np.arange(1, _PARTS) / _PARTS
_GRID: Final = np.concatenate(
    [
        np.linspace(-8, 8, 65),
        *(sign * np.geomspace(10, 1e6, 16) for sign in (1, -1)),
        *(sign * np.geomspace(1e-6, 0.1, 11) for sign in (1, -1)),
    ]
)


def grid(low: float, high: float, hints: Sequence[float]) -> Array:
    """Where a line between two numbers is looked at, everywhere if they are infinite; and hints."""
    if np.isinf(low):
        return np.unique(np.concatenate([_GRID, hints]))
    between = [hint for hint in hints if low < hint < high]
    return np.unique(np.concatenate([np.linspace(low, high, len(_GRID)), between]))


def cuts(along: Along, grids: Sequence[Array], positive: npt.NDArray[np.bool_]) -> list[Array]:
    """Of each line the places where it is cut, in order. grids: of each line, where it is looked
    at first. positive: of each guard, whether only where it is positive matters.
    """
    lines = np.repeat(np.arange(len(grids)), [len(each) for each in grids])
    places = np.concatenate(grids)
    values = along(lines, places)
    brackets = _crossings(lines, places, values)
    close = _extrema(lines, places, values, positive)
    if len(close.line):
        brackets = _joined(brackets, _followed(along, close))
    found = _narrowed(along, brackets)
    return [_distinct(found[brackets.line == line]) for line in range(len(grids))]


class _Brackets(NamedTuple):
    """Pieces of lines, and of which guard each is a piece; above: whether it is positive at low."""

    line: Counts
    guard: Counts
    low: Array
    high: Array
    above: npt.NDArray[np.bool_]

    def only(self, which: Any) -> _Brackets:
        return _Brackets(*(each[which] for each in self))


def _joined(*several: _Brackets) -> _Brackets:
    return _Brackets(*(np.concatenate(parts) for parts in zip(*several, strict=True)))


def _crossings(lines: Counts, places: Array, values: Array) -> _Brackets:
    """The steps of the grids in which a guard changes sign."""
    above, told = values > 0, ~np.isnan(values)
    changes = (above[:, 1:] != above[:, :-1]) & told[:, 1:] & told[:, :-1]
    guard, at = np.nonzero(changes & (lines[1:] == lines[:-1]))
    found = _Brackets(lines[at], guard, places[at], places[at + 1], above[guard, at])
    return found.only(_closest(found))


def _extrema(
    lines: Counts, places: Array, values: Array, positive: npt.NDArray[np.bool_]
) -> _Brackets:
    """The pairs of steps in which a guard comes closer to 0 than beside them, and stays away."""
    with np.errstate(invalid="ignore"):
        size = np.abs(values)
        dips = (size[:, 1:-1] < size[:, :-2]) & (size[:, 1:-1] < size[:, 2:])
        above = values > 0
        dips &= (above[:, 1:-1] == above[:, :-2]) & (above[:, 1:-1] == above[:, 2:])
    dips &= ~(positive[:, None] & above[:, 1:-1]) & (lines[2:] == lines[:-2])
    guard, at = np.nonzero(dips)
    found = _Brackets(lines[at], guard, places[at], places[at + 2], above[guard, at])
    return found.only(_closest(found))


def _closest(brackets: _Brackets) -> Counts:
    """As many of each line as are looked at: those closest to 0."""
    order = np.argsort(np.abs(brackets.low + brackets.high), kind="stable")
    chosen = [order[brackets.line[order] == line][:_MOST] for line in np.unique(brackets.line)]
    return np.sort(np.concatenate(chosen)) if chosen else order


def _followed(along: Along, close: _Brackets) -> _Brackets:
    """Where a guard that comes close to 0 passes through it after all."""
    found = [close.only(slice(0, 0))]
    for _ in range(_TURNS):
        at, values = _inside(along, close)
        passes = (values > 0) != close.above[:, None]
        passes &= ~np.isnan(values)
        through = passes.any(axis=1)
        turn = at[np.arange(len(at)), passes.argmax(axis=1)]
        first, second = close._replace(high=turn), close._replace(low=turn, above=~close.above)
        found += [first.only(through), second.only(through)]
        with np.errstate(invalid="ignore"):
            best = np.where(np.isnan(values), np.inf, np.abs(values)).argmin(axis=1)
        step = (close.high - close.low) / _PARTS
        middle = close.low + step * (best + 1)
        close = close._replace(low=middle - step, high=middle + step).only(~through)
        if not len(close.line):
            break
    return _joined(*found)


def _narrowed(along: Along, brackets: _Brackets) -> Array:
    """Where in each bracket its guard changes sign, as closely as numbers tell."""
    for _ in range(_ROUNDS if len(brackets.line) else 0):
        at, values = _inside(along, brackets)
        changed = (values > 0) != brackets.above[:, None]
        first = np.where(changed.any(axis=1), changed.argmax(axis=1), _PARTS - 1)
        ends = np.column_stack([brackets.low, at, brackets.high])
        rows = np.arange(len(ends))
        brackets = brackets._replace(low=ends[rows, first], high=ends[rows, first + 1])
        if (brackets.high - brackets.low <= _SAME / 4 * np.abs(brackets.high)).all():
            break
    middle: Array = (brackets.low + brackets.high) / 2
    return middle


def _inside(along: Along, brackets: _Brackets) -> tuple[Array, Array]:
    """Places inside each bracket, and its guard there: brackets x places."""
    width = (brackets.high - brackets.low)[:, None]
    at = brackets.low[:, None] + width * _FRACTIONS
    values = along(np.repeat(brackets.line, _PARTS - 1), at.ravel())
    rows = np.repeat(brackets.guard, _PARTS - 1)
    return at, values[rows, np.arange(at.size)].reshape(at.shape)


def _distinct(places: Array) -> Array:
    """In order, each once."""
    places = np.sort(places)
    apart = np.diff(places) > _SAME * np.maximum(np.abs(places[1:]), np.abs(places[:-1]))
    return places[np.concatenate([[True], apart])] if len(places) else places
