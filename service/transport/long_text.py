"""Writing a long answer, piece by piece.

orjson holds the interpreter for as long as it writes: half a second for ten million numbers, in
which nobody else gets an answer. Between pieces of a few milliseconds others have their turn, and
the deadline is looked at. Of what is not finite, no more is taken apart than a piece.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from service.transport import wire

# Numbers of an array that are written at once, and bytes of a list's items.
PIECE: Final = 64 * 1024
_TEXT: Final = 1024 * 1024
_MORE: Final = 8  # times as many items as the last time, at most
# An array of so few is written where it stands.
_SMALL: Final = 1024
# Stands where an array belongs: no text of JSON has it, as it would be written as an escape.
_GAP: Final = b"\0"


def encode(answer: Mapping[str, Any], look: Callable[[], None], *, nulls: bool = False) -> bytes:
    """What `wire.encode` would give. `look` is called between the pieces."""
    pieces: list[bytes] = []
    for piece in _Writing(nulls=nulls).members(answer):
        pieces.append(piece)
        look()
    return b"".join(pieces)


class _Writing:
    """How it is written. nulls: as of `wire.encode`."""

    def __init__(self, *, nulls: bool) -> None:
        self._nulls = nulls
        self._encode = partial(wire.encode, nulls=nulls)

    def members(self, answer: Mapping[str, Any]) -> Iterator[bytes]:
        before = b"{"
        for name, value in answer.items():
            yield before + orjson.dumps(name) + b":"
            yield from self._listed(value) if isinstance(value, list) else self._written(value)
            before = b","
        yield b"}" if before == b"," else b"{}"

    def _listed(self, items: list[Any]) -> Iterator[bytes]:
        """A list, as many items at a time as make a piece, by the length of those before."""
        start, count = 0, 1
        while start < len(items):
            yield b"," if start else b"["
            some = items[start : start + count]
            length = 0
            pieces = self._written(some) if count == 1 else iter((self._encode(some),))
            for piece in _inside(pieces):
                length += len(piece)
                yield piece
            start += count
            count = max(1, min(_MORE * count, _TEXT * count // length))
        yield b"]" if items else b"[]"

    def _written(self, value: Any) -> Iterator[bytes]:
        """Anything: its text around the arrays, and the arrays."""
        arrays: list[npt.NDArray[Any]] = []

        def form(part: Any) -> Any:
            if not isinstance(part, np.ndarray) or not part.ndim:
                return wire.plain_form(part, nulls=self._nulls)
            if part.size <= _SMALL:
                return orjson.Fragment(self._encode(part))
            arrays.append(part)
            return orjson.Fragment(_GAP)

        text = orjson.dumps(value, default=form)
        if not self._nulls and b"null" in text:
            arrays.clear()
            text = orjson.dumps(wire.plain(value, form))
        first, *rest = text.split(_GAP)
        yield first
        for array, after in zip(arrays, rest, strict=True):
            yield from self._rows(array)
            yield after

    def _rows(self, array: npt.NDArray[Any]) -> Iterator[bytes]:
        """An array, as many of its rows at a time as make a piece, or else each in its pieces."""
        if array.size <= PIECE:
            yield self._encode(array)
            return
        size = array[0].size
        step = max(1, PIECE // size)
        for start in range(0, len(array), step):
            yield b"," if start else b"["
            rows = array[start : start + step]
            yield from _inside(self._rows(rows)) if rows.size <= PIECE else self._rows(rows[0])
        yield b"]"


def _inside(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """A list's pieces without its brackets."""
    piece = next(pieces)[1:]
    for following in pieces:
        yield piece
        piece = following
    yield piece[:-1]
