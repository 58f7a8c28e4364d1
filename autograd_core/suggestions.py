"""The closest known name to one that was mistyped."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from functools import cached_property

# difflib is quadratic in the number of characters: beyond this many candidates, or for a longer
# name, a suggestion is not worth its time.
_MOST_CANDIDATES = 1_000
_LONGEST = 64
# Pairs of characters that all suggestions of one kind may compare: some hundredths of a second.
_BUDGET = 400_000


class Suggestions:
    """Suggestions among names that are read once, within one budget for all that is asked."""

    def __init__(self, known: Callable[[], Iterable[str]], budget: int = _BUDGET) -> None:
        self._known = known
        self._left = budget
        self._found: dict[str, str | None] = {}

    def closest(self, name: str) -> str | None:
        """The known name most like `name`; None if nothing is near, or it is too much to ask."""
        if name not in self._found:
            self._found[name] = self._look_for(name)
        return self._found[name]

    def _look_for(self, name: str) -> str | None:
        if len(name) > _LONGEST or not self._by_folded:
            return None
        self._left -= len(name) * self._characters
        if self._left < 0:
            return None
        matches = difflib.get_close_matches(name.casefold(), self._by_folded, n=1, cutoff=0.5)
        return self._by_folded[matches[0]] if matches else None

    def did_you_mean(self, name: str) -> str:
        """End a sentence: "; did you mean 'x'?", or nothing."""
        best = self.closest(name)
        return f"; did you mean {best!r}?" if best is not None else ""

    @cached_property
    def _by_folded(self) -> dict[str, str]:
        """The candidates by what is compared; the first of those that differ in case only."""
        candidates = [name for name in self._known() if len(name) <= 2 * _LONGEST]
        if len(candidates) > _MOST_CANDIDATES:
            return {}
        return {candidate.casefold(): candidate for candidate in reversed(candidates)}

    @cached_property
    def _characters(self) -> int:
        return sum(map(len, self._by_folded))


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, or None if nothing is near."""
    return Suggestions(lambda: known).closest(name)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """End a sentence: "; did you mean 'x'?", or nothing."""
    return Suggestions(lambda: known).did_you_mean(name)
