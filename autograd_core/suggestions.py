"""The closest known name to one that was mistyped."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

# difflib is quadratic in the number of characters: beyond this many candidates a suggestion
# is not worth its time.
_MOST_CANDIDATES = 1_000


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, or None if nothing is near."""
    candidates = list(known)
    if len(candidates) > _MOST_CANDIDATES or len(name) > 64:
        return None
    by_folded = {candidate.casefold(): candidate for candidate in reversed(candidates)}
    matches = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.5)
    return by_folded[matches[0]] if matches else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """End a sentence: "; did you mean 'x'?", or nothing."""
    best = closest(name, known)
    return f"; did you mean {best!r}?" if best is not None else ""
