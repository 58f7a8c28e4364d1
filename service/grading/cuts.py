"""Where guards change sign along a line: the ends of the intervals on which a function is smooth.

A line goes through a point, parallel to one variable's axis. Guards are looked at on a grid of it;
between two places of the grid where one changes sign, and where one comes close to 0 without
reaching it, closer and closer grids follow. So an interval is found by its ends, however narrow:
those of log(x - 3)*sqrt(3.01 - x) are where x - 3 and 3.01 - x are 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd_core import Array

Counts = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
# Values of guards (guards x points) at points given as line numbers and places along them.
Along = Callable[[Counts, Array], Array]

_ROUNDS: Final = 14  # 16**14 is more than binary64 tells apart
_TURNS: Final = 6  # rounds in which a guard that comes close to 0 is followed
_MOST: Final = 48  # brackets of all lines together; of each those closest to 0, and 4 at least
_SAME: Final = 4e-12  # relative distance of cuts that are one; near 0 as at _SMALL
_SMALL: Final = 1e-3
# Where a bracket is looked at, as fractions of it: evenly, ...
_EVEN: Final = np.arange(1, 16) / 16
# ... and ever closer to where the line through its ends meets 0.
_AROUND: Final = np.array([sign * 10.0**-k for sign in (-1, 1) for k in range(2, 17)])
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


def cuts(along: Along, grids: Sequence[Array], positive: Flags) -> list[Array]:
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
    """Pieces of lines, and of which guard each is a piece, with the guard's value at its ends."""

    line: Counts
    guard: Counts
    low: Array
    high: Array
    at_low: Array
    at_high: Array

    def only(self, which: Any) -> _Brackets:
        """Some of them."""
        return _Brackets(*(each[which] for each in self))

    @property
    def above(self) -> Flags:
        """Whether the guard is positive at the lower end."""
        return self.at_low > 0


def _joined(*several: _Brackets) -> _Brackets:
    return _Brackets(*(np.concatenate(parts) for parts in zip(*several, strict=True)))


def _crossings(lines: Counts, places: Array, values: Array) -> _Brackets:
    """The steps of the grids in which a guard changes sign."""
    above, told = values > 0, ~np.isnan(values)
    changes = (above[:, 1:] != above[:, :-1]) & told[:, 1:] & told[:, :-1]
    guard, at = np.nonzero(changes & (lines[1:] == lines[:-1]))
    return _steps(lines, places, values, guard, at, at + 1)


def _extrema(lines: Counts, places: Array, values: Array, positive: Flags) -> _Brackets:
    """The pairs of steps in which a guard comes closer to 0 than beside them, and stays away."""
    with np.errstate(invalid="ignore"):
        size, above = np.abs(values), values > 0
        dips = (size[:, 1:-1] < size[:, :-2]) & (size[:, 1:-1] < size[:, 2:])
        dips &= (above[:, 1:-1] == above[:, :-2]) & (above[:, 1:-1] == above[:, 2:])
    dips &= ~(positive[:, None] & above[:, 1:-1]) & (lines[2:] == lines[:-2])
    guard, at = np.nonzero(dips)
    return _steps(lines, places, values, guard, at, at + 2)


def _steps(
    lines: Counts, places: Array, values: Array, guard: Counts, first: Counts, last: Counts
) -> _Brackets:
    ends = places[first], places[last], values[guard, first], values[guard, last]
    found = _Brackets(lines[first], guard, *ends)
    return found.only(_closest(found))


def _closest(brackets: _Brackets) -> Counts:
    """As many of each line as are looked at: those closest to 0."""
    order = np.argsort(np.abs(brackets.low + brackets.high), kind="stable")
    lines = np.unique(brackets.line)
    share = max(4, _MOST // max(1, len(lines)))
    chosen = [order[brackets.line[order] == line][:share] for line in lines]
    return np.sort(np.concatenate(chosen)) if chosen else order


def _followed(along: Along, close: _Brackets) -> _Brackets:
    """Where a guard that comes close to 0 passes through it after all."""
    found = [close.only(slice(0, 0))]
    for _ in range(_TURNS):
        fractions = np.broadcast_to(_EVEN, (len(close.line), len(_EVEN)))
        at, values = _inside(along, close, fractions)
        passes = ((values > 0) != close.above[:, None]) & ~np.isnan(values)
        through, rows = passes.any(axis=1), np.arange(len(at))
        turn = at[rows, passes.argmax(axis=1)], values[rows, passes.argmax(axis=1)]
        before = close._replace(high=turn[0], at_high=turn[1])
        after = close._replace(low=turn[0], at_low=turn[1])
        found += [before.only(through), after.only(through)]
        best = np.where(np.isnan(values), np.inf, np.abs(values)).argmin(axis=1)
        step = (close.high - close.low) * _EVEN[0]
        middle = at[rows, best]
        close = close._replace(low=middle - step, high=middle + step).only(~through)
        if not len(close.line):
            break
    return _joined(*found)


def _narrowed(along: Along, brackets: _Brackets) -> Array:
    """Where in each bracket its guard changes sign, as closely as numbers tell."""
    for _ in range(_ROUNDS if len(brackets.line) else 0):
        at, values = _inside(along, brackets, _fractions(brackets))
        changed = (values > 0) != brackets.above[:, None]
        first = np.where(changed.any(axis=1), changed.argmax(axis=1), at.shape[1])
        ends = np.column_stack([brackets.low, at, brackets.high])
        ends_at = np.column_stack([brackets.at_low, values, brackets.at_high])
        rows = np.arange(len(ends))
        brackets = brackets._replace(
            low=ends[rows, first],
            high=ends[rows, first + 1],
            at_low=ends_at[rows, first],
            at_high=ends_at[rows, first + 1],
        )
        if (brackets.high - brackets.low <= _apart(brackets.low, brackets.high) / 4).all():
            break
    middle: Array = (brackets.low + brackets.high) / 2
    return middle


def _fractions(brackets: _Brackets) -> Array:
    """Where to look in each bracket, in order: brackets x places."""
    sizes = np.abs(brackets.at_low), np.abs(brackets.at_high)
    with np.errstate(all="ignore"):
        meets = sizes[0] / (sizes[0] + sizes[1])
    meets = np.where(np.isfinite(meets), meets, 0.5)[:, None]
    close = np.clip(meets + _AROUND, 0.0, 1.0)
    even = np.broadcast_to(_EVEN, (len(meets), len(_EVEN)))
    return np.sort(np.concatenate([even, close], axis=1), axis=1)


def _inside(along: Along, brackets: _Brackets, fractions: Array) -> tuple[Array, Array]:
    """Places inside each bracket, and its guard there: brackets x places."""
    at = brackets.low[:, None] + (brackets.high - brackets.low)[:, None] * fractions
    places = at.shape[1]
    values = along(np.repeat(brackets.line, places), at.ravel())
    rows = np.repeat(brackets.guard, places)
    return at, values[rows, np.arange(at.size)].reshape(at.shape)


def _distinct(places: Array) -> Array:
    """In order, each once."""
    places = np.sort(places)
    apart = np.diff(places) > _apart(places[1:], places[:-1])
    return places[np.concatenate([[True], apart])] if len(places) else places


def _apart(first: Array, second: Array) -> Array:
    """How far two cuts are apart at least."""
    return _SAME * np.maximum(_SMALL, np.maximum(np.abs(first), np.abs(second)))
