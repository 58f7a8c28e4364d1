"""Streams of messages: one JSON text a line in, one line of answer each out, in order.

A thread of its own reads the request while answers are computed and sent. It keeps little
ahead, unless the client does not take its answers: many send everything before they read
anything, and if neither side read, both would wait for ever. Then up to `stream_buffer`
bytes are kept.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from service.body import Input, too_large
from service.compression import Decompressor
from service.problems import Problem, problem_of

_AHEAD: Final = 1024 * 1024  # bytes read ahead of a client that takes its answers
_PAUSE: Final = 0.05  # seconds between looks at a client that does not
_BATCH: Final = 32 * 1024  # bytes of answers sent at once, when answers come fast
_BATCH_TIME: Final = 0.05
_PIECE: Final = 64 * 1024
_BLANK: Final = b" \t\r"


class ReadAhead:
    """Pieces of a request, read by a thread as they come: `_AHEAD` bytes of them, or `most`
    while the answers are held up. Iterating ends with the request, or raises the Problem that
    ended it.
    """

    def __init__(self, source: Input, most: int) -> None:
        self._source = source
        self._most = most
        self._room = _AHEAD
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._changed = threading.Condition()
        self._ended = False
        self._problem: Problem | None = None
        self._abandoned = False
        threading.Thread(target=self._read, name="ndjson-reader", daemon=True).start()

    def __iter__(self) -> Iterator[bytes]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pieces or self._ended)
                if not self._pieces:
                    break
                piece = self._pieces.popleft()
                self._size -= len(piece)
                self._changed.notify()
            yield piece
        if self._problem is not None:
            raise self._problem

    @property
    def idle(self) -> bool:
        """Whether nothing more has arrived yet."""
        return not self._pieces

    def hold(self, writable: Callable[[float], bool]) -> None:
        """Wait until the client takes an answer, reading on meanwhile. There is an end to it:
        when the request is complete, or as much of it is here as may be kept.
        """
        if writable(0):
            return
        with self._changed:
            self._room = self._most
            self._changed.notify()
        while not writable(_PAUSE) and not self._ended and self._size < self._most:
            pass
        self._room = _AHEAD

    def close(self) -> None:
        """Read no further: the client is gone, or the answer is complete."""
        with self._changed:
            self._abandoned = True
            self._changed.notify()

    def _read(self) -> None:
        problem: Problem | None = None
        try:
            while self._wait_for_room():
                piece = self._source.read_available(_PIECE)
                if not piece:
                    break
                with self._changed:
                    self._pieces.append(piece)
                    self._size += len(piece)
                    self._changed.notify()
        except Exception as error:  # noqa: BLE001 - it ends the stream, in the stream
            problem = problem_of(error, "reading a stream")
        finally:
            with self._changed:
                self._problem = problem
                self._ended = True
                self._changed.notify()

    def _wait_for_room(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._abandoned or self._size < self._room)
            return not self._abandoned


def lines(pieces: Iterator[bytes], limit: int, *, gzip: bool) -> Iterator[bytes | Problem | None]:
    """The lines of a stream, without their ends, blank ones left out; for one longer than
    `limit` bytes, the Problem in its place; None where a piece is used up, and the next line
    may be long in coming. Holds one line at most, and a piece.
    """
    line = bytearray()
    too_long = False
    for piece in _decompressed(pieces) if gzip else pieces:
        start = 0
        while (end := piece.find(b"\n", start)) >= 0:
            line += piece[start:end]
            start = end + 1
            if too_long or len(line) > limit:
                yield too_large(limit, "line")
            elif line.strip(_BLANK):
                yield bytes(line)
            line.clear()
            too_long = False
        line += piece[start:]
        if len(line) > limit:
            too_long = True
            line.clear()
        yield None
    if too_long:
        yield too_large(limit, "line")
    elif line.strip(_BLANK):
        yield bytes(line)


def answers(
    source: Input,
    answer: Callable[[bytes | Problem, int], bytes],
    *,
    limit: int,
    buffer: int,
    gzip: bool,
    writable: Callable[[float], bool],
) -> Iterator[bytes]:
    """The answer to each line, in batches while lines come fast and one by one otherwise.

    `answer` is given a line, or the problem that stands in its place, and its number counted
    from 1. A stream that ends badly (a silent client, broken gzip) ends with that problem.
    `writable(seconds)` says whether the client takes more, at once or within that time.
    """
    pieces = ReadAhead(source, buffer)
    batch = bytearray()
    begun = time.monotonic()
    number = 0
    try:
        for line in _to_the_end(lines(iter(pieces), limit, gzip=gzip)):
            if line is not None:
                number += 1
                batch += answer(line, number)
            due = len(batch) >= _BATCH or time.monotonic() - begun > _BATCH_TIME
            if batch and (due or (line is None and pieces.idle)):
                pieces.hold(writable)
                yield bytes(batch)
                batch.clear()
                begun = time.monotonic()
        if batch:
            yield bytes(batch)
    finally:
        pieces.close()


def _to_the_end(found: Iterator[bytes | Problem | None]) -> Iterator[bytes | Problem | None]:
    """The lines, and the problem that ended them, if one did."""
    try:
        yield from found
    except Problem as problem:
        yield problem


def _decompressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    decompressor = Decompressor()
    for piece in pieces:
        yield decompressor.feed(piece, _PIECE)
        while decompressor.pending:
            yield decompressor.feed(b"", _PIECE)
    decompressor.finish()
