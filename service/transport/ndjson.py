"""Streams of messages: one JSON text a line in, one line of answer each out, in order.

A thread of its own reads the request while answers are computed and sent. It keeps little
ahead, unless the client does not take its answers: many send everything before they read
anything, and if neither side read, both would wait for ever. Then up to `stream_buffer`
bytes are kept.
"""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import orjson

from service.problems import Problem, problem_of
from service.process.stream_budget import StreamBudget
from service.transport.body import Input, too_large
from service.transport.client import Client
from service.transport.compression import Decompressor, longest, over_ratio

_AHEAD: Final = 1024 * 1024  # bytes read ahead of a client that takes its answers
_PAUSE: Final = 0.05  # seconds between looks at a client that does not
_BATCH: Final = 32 * 1024  # bytes of answers sent at once, when answers come fast
_BATCH_TIME: Final = 0.05
_PIECE: Final = 64 * 1024
_MEMORY_TIME: Final = 5.0  # seconds to wait for memory for what a client sends before it reads
_LOOK: Final = 0.25  # seconds with nothing to send between looks whether the client is there
_SPACE: Final = frozenset({b" ", b"\t", b"\r", b"\n"})
_BLANK_LINES: Final = re.compile(rb"[ \t\r\n]*\n")
_NOT_BLANK: Final = re.compile(rb"[^ \t\r\n]")
# A line's first member, where that is its `id`, and is complete.
_LABELLED: Final = re.compile(
    rb"""
    [ \t\r]*\{[ \t\r]*"id"[ \t\r]*:[ \t\r]*
    ( "(?:[^"\\]|\\.){0,1000}" | -?[\d.eE+-]{1,40} | true | false | null )
    [ \t\r]*[,}]
    """,
    re.VERBOSE,
)


class ReadAhead:
    """Pieces of a request, read by a thread as they come: `_AHEAD` bytes of them, or `most`
    while the answers are held up and there is memory for them. Iterating ends with the request,
    or raises the Problem that ended it.
    """

    def __init__(self, source: Input, most: int, budget: StreamBudget) -> None:
        self._source = source
        self._most = most
        self._budget = budget
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
            if self._size <= _AHEAD:
                self._budget.caught_up()
            yield piece
        if self._problem is not None:
            raise self._problem

    @property
    def idle(self) -> bool:
        """Whether nothing more has arrived yet."""
        return not self._pieces

    def hold(self, writable: Callable[[float], bool]) -> None:
        """Wait until the client takes an answer, reading on meanwhile. There is an end to it:
        when the request is complete, as much of it is here as may be kept, or no memory to keep it
        has become free in time.
        """
        if writable(0):
            return
        end = time.monotonic() + _MEMORY_TIME
        while not self._ended and self._size < self._most:
            if self._budget.read_ahead(self._most):
                self._make_room(self._most)
            elif time.monotonic() > end:
                break
            if writable(_PAUSE):
                break
        self._make_room(_AHEAD)

    def close(self) -> None:
        """Read no further: the client is gone, or the answer is complete."""
        with self._changed:
            self._abandoned = True
            self._changed.notify()
        self._budget.caught_up()

    def _make_room(self, room: int) -> None:
        with self._changed:
            self._room = room
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


Line = tuple[int, bytes | Problem]


def lines(pieces: Iterable[bytes], over: Callable[[int], Problem | None]) -> Iterator[Line | None]:
    """The lines of a stream, each with its number, without their ends, blank ones left out but
    counted; for one that is too long, the Problem in its place; None where a piece is used up, and
    the next line may be long in coming. Holds one line at most, and a piece.

    `over` gives the problem of a line of so many bytes, or None. A problem that ends the pieces
    is the last line.
    """
    line = bytearray()
    number = 1
    blank = True
    problem: Problem | None = None
    try:
        for piece in pieces:
            start = 0 if line or problem else _after_blank_lines(piece, 0)
            number += piece.count(b"\n", 0, start)
            while (end := piece.find(b"\n", start)) >= 0:
                line += piece[start:end]
                if not (blank and _is_blank(piece, start, end)):
                    yield number, problem or over(len(line)) or bytes(line)
                line.clear()
                blank, problem = True, None
                start = _after_blank_lines(piece, end + 1)
                number += piece.count(b"\n", end, start)
            line += piece[start:]
            blank = blank and _is_blank(piece, start, len(piece))
            problem = problem or over(len(line))
            if problem is not None:
                line.clear()
            yield None
    except Problem as end_of_pieces:
        yield number, end_of_pieces
        return
    if not blank:
        yield number, problem or bytes(line)


def _is_blank(piece: bytes, start: int, end: int) -> bool:
    if piece[start : start + 1] not in _SPACE:
        return start == end
    return _NOT_BLANK.search(piece, start, end) is None


def _after_blank_lines(piece: bytes, start: int) -> int:
    """Where the blank lines that begin at a place end: a step of Python for each would let 100 kB
    of compressed newlines cost half a minute.
    """
    if piece[start : start + 1] not in _SPACE:
        return start
    blank = _BLANK_LINES.match(piece, start)
    return start if blank is None else blank.end()


def label(line: bytes) -> Any:
    """The `id` of a line that is not JSON, where it can be told: it is the first member, and
    stands there in full. Anywhere else it might be the id of a node, or a part of a text.
    """
    found = _LABELLED.match(line)
    try:
        return found and orjson.loads(found[1])
    except orjson.JSONDecodeError:
        return None


def answers(
    source: Input,
    answer: Callable[[bytes | Problem, int], bytes],
    budget: StreamBudget,
    *,
    limit: int,
    buffer: int,
    gzip_ratio: int | None,
    client: Client,
) -> Iterator[bytes]:
    """The answer to each line, in batches while lines come fast and one by one otherwise.

    `answer` is given a line, or the problem that stands in its place, and its number, counted
    from 1 with the blank ones. The budget is told when all answers so far have gone. A stream that
    ends badly (a silent client, broken gzip) ends with that problem, and one whose client has left
    with the work in hand. `gzip_ratio` is None where the request is not compressed; else no line
    is longer than `compression.longest` allows.
    """
    pieces = ReadAhead(source, buffer, budget)
    gzip = None if gzip_ratio is None else Decompressor()

    def over(length: int) -> Problem | None:
        if length > limit:
            return too_large(limit, "line")
        if gzip and gzip_ratio is not None and length > longest(gzip.fed, gzip_ratio):
            return over_ratio(gzip.fed, gzip_ratio, "line")
        return budget.over(length, limit)

    text = iter(pieces) if gzip is None else _decompressed(pieces, gzip)
    batch: list[bytes] = []
    size = 0
    begun = time.monotonic()
    try:
        for line in lines(text, over):
            if line is not None:
                number, found = line
                batch.append(answer(found, number))
                size += len(batch[-1])
                budget.answered()
            since = time.monotonic() - begun
            due = size >= _BATCH or since > _BATCH_TIME
            if not size and since > _LOOK:
                if client.left():
                    return
                begun += since
            if size and (due or (line is None and pieces.idle)):
                pieces.hold(client.writable)
                yield b"".join(batch)
                budget.sent()
                batch, size = [], 0
                begun = time.monotonic()
        if size:
            yield b"".join(batch)
    finally:
        budget.answered()
        budget.sent()
        budget.keep(0)
        pieces.close()


def _decompressed(pieces: Iterable[bytes], gzip: Decompressor) -> Iterator[bytes]:
    for piece in pieces:
        yield gzip.feed(piece, _PIECE)
        while gzip.pending:
            yield gzip.feed(b"", _PIECE)
    gzip.finish()
