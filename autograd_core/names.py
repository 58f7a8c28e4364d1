"""Names: what may be one, the closest known to one that was mistyped, and how they are quoted."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from itertools import islice

from autograd_core.errors import Fault
from autograd_core.limits import DEFAULT_LIMITS, Deadline, Limits


def name_fault(name: object, limits: Limits = DEFAULT_LIMITS) -> Fault | None:
    """What is wrong with a name, or None: a name has 1 to 256 characters, none a control."""
    if not isinstance(name, str):
        return Fault("wrong_type", "a name is a string")
    if not 0 < len(name) <= limits.name:
        return Fault("invalid_value", f"a name has 1 to {limits.name} characters, not {len(name)}")
    if name.isascii() and name.isprintable():
        return None
    if any(unicodedata.category(character) in _REFUSED for character in name):
        return Fault("invalid_value", f"the name {quoted(name)} holds a control character")
    return None


def all_fit(names: Collection[str], limits: Limits = DEFAULT_LIMITS) -> bool:
    """Whether all are fit to be names, told at once of thousands. Where this says no, one may be
    fit for all that: `name_fault` says of each.
    """
    lengths = set(map(len, names)) or {1}
    return 0 not in lengths and max(lengths) <= limits.name and "".join(names).isprintable()


# Cc: control characters; Cs: lone surrogates, which cannot be written as UTF-8.
_REFUSED = frozenset({"Cc", "Cs"})


def normalized(name: str, limits: Limits = DEFAULT_LIMITS) -> str:
    """A name as it is compared: in normal form C, so that an accent is the same typed twice.

    What is too long to be a name in any form is left alone: sorting many combining marks takes
    quadratic time. Form C has at least a quarter of a text's characters, as no character
    decomposes into more than four (UAX #15; U+1F82 does).
    """
    if name.isascii() or len(name) > _MOST_DECOMPOSED * limits.name:
        return name
    return unicodedata.normalize("NFC", name)


_MOST_DECOMPOSED = 4


def quoted(text: str) -> str:
    """Text that a caller sent, as a sentence quotes it: whatever its length, not more of it than
    tells it from others.
    """
    return repr(text) if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]!r}..."


def listed(numbers: Sequence[int]) -> str:
    """A list that a caller sent, as a sentence quotes it."""
    if len(numbers) <= _LONGEST_LIST:
        return str(list(numbers))
    return f"[{', '.join(map(str, numbers[:_LONGEST_LIST]))}, ...]"


_LONGEST_QUOTE = 60
_LONGEST_LIST = 16


# difflib is quadratic in the number of characters: beyond this many candidates, or for a longer
# name, a suggestion is not worth its time.
_MOST_CANDIDATES = 1_000
_LONGEST = 64
# Pairs of characters that all suggestions of one kind may compare: some hundredths of a second.
_BUDGET = 400_000
# As many pairs take the time of reading a candidate.
_PER_CANDIDATE = 8


class Suggestions:
    """Suggestions among names that are read once, within one budget for all that is asked, and
    within that of the current deadline for all that is asked anywhere.
    """

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
        if len(name) > _LONGEST or not _may_compare(0) or not self._by_folded:
            return None
        pairs = len(name) * self._characters
        self._left -= pairs
        if self._left < 0 or not _may_compare(pairs):
            return None
        matches = difflib.get_close_matches(name.casefold(), self._by_folded, n=1, cutoff=0.5)
        return self._by_folded[matches[0]] if matches else None

    def did_you_mean(self, name: str) -> str:
        """End a sentence: "; did you mean 'x'?", or nothing."""
        best = self.closest(name)
        return f"; did you mean {quoted(best)}?" if best is not None else ""

    @cached_property
    def _by_folded(self) -> dict[str, str]:
        """The candidates by what is compared; the first of those that differ in case only."""
        short = (name for name in self._known() if len(name) <= 2 * _LONGEST)
        candidates = [*islice(short, _MOST_CANDIDATES + 1)]
        if not _may_compare(_PER_CANDIDATE * len(candidates)) or len(candidates) > _MOST_CANDIDATES:
            return {}
        return {candidate.casefold(): candidate for candidate in reversed(candidates)}

    @cached_property
    def _characters(self) -> int:
        return sum(map(len, self._by_folded))


def _may_compare(pairs: int) -> bool:
    deadline = Deadline.current()
    return deadline is None or deadline.compare(pairs)


def unknown_member(member: str, known: Collection[str], owner: str = "") -> Fault:
    """The fault of an object that has a member beside those known; at that member."""
    detail = f"unknown member {quoted(member)}{owner}{did_you_mean(member, known)}"
    return Fault("unknown_member", detail, (member,))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """End a sentence: "; did you mean 'x'?", or nothing."""
    return Suggestions(lambda: known).did_you_mean(name)
