"""Streams of messages: one JSON text a line in, one line of answer each out, in order."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import orjson

from service.problems import Problem, problem_of
from service.process.stream_budget import StreamBudget
from service.transport.body import Input, too_large
from service.transport.compression import Decompressor, longest, over_ratio

PIECE: Final = 64 * 1024  # bytes that are read, or decompressed, at once
_BATCH: Final = 32 * 1024  # bytes of answers sent at once, when answers come fast
_BATCH_TIME: Final = 0.05
# Lines that are answered together, once they have arrived: bytes, with which a longer one ends
# them, and how many.
_GROUP: Final = 64 * 1024
_MOST: Final = 1024
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
                if not (blank and _is_blank(piece, start, end)):
                    if line:
                        line += piece[start:end]
                        yield number, problem or over(len(line)) or bytes(line)
                    else:  # nearly every line: no copy
                        yield number, problem or over(end - start) or piece[start:end]
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
    answers_to: Callable[[Sequence[Line]], Iterable[bytes]],
    budget: StreamBudget,
    *,
    limit: int,
    gzip_ratio: int | None,
    has_left: Callable[[], bool],
) -> Iterator[bytes]:
    """The answer to each line, in batches while lines come fast and one by one otherwise; b""
    while none has come: then it is the client's turn, and nothing but memory is held.

    `answers_to` is given the lines that have arrived, some at a time: each with its number, counted
    from 1 with the blank ones, or the problem that stands in its place. It gives the answers as it
    has them. The budget is told when all answers so far have gone. A stream that
    ends badly (a silent client, broken gzip) ends with that problem, and one whose client has left
    with the work in hand. `gzip_ratio` is None where the request is not compressed; else no line
    is longer than `compression.longest` allows.
    """
    gzip = None if gzip_ratio is None else Decompressor()
    over = bound(limit, gzip, gzip_ratio, budget)
    text = _pieces(source) if gzip is None else _decompressed(_pieces(source), gzip)
    batch = _Batch()

    def has_arrived() -> bool | None:
        return True if gzip is not None and gzip.pending else source.has_arrived()

    try:
        for group in together(lines(text, over), lambda: not has_arrived()):
            for answer in answers_to(group):
                batch.add(answer)
                if batch.is_due:
                    yield from batch.sent(budget)
            budget.answered()
            if batch.size and (batch.is_due or not has_arrived()):
                yield from batch.sent(budget)
            elif not batch.size and batch.is_long_empty:
                if has_left():
                    return
                batch.begin()
            while has_arrived() is False:
                yield b""
                batch.begin()
        if batch.size:
            yield from batch.sent(budget)
    finally:
        budget.close()


class _Batch:
    """Answers that are sent together. begun: when the first of them could have been here."""

    def __init__(self) -> None:
        self._answers: list[bytes] = []
        self.begin()

    def begin(self) -> None:
        """Have none."""
        self._answers.clear()
        self.size, self._begun = 0, time.monotonic()

    def add(self, answer: bytes) -> None:
        self._answers.append(answer)
        self.size += len(answer)

    @property
    def is_due(self) -> bool:
        """Whether it is not to wait for other answers."""
        return self.size >= _BATCH or time.monotonic() - self._begun > _BATCH_TIME

    @property
    def is_long_empty(self) -> bool:
        """Whether, for want of anything to send, nobody knows if the client is still there."""
        return time.monotonic() - self._begun > _LOOK

    def sent(self, budget: StreamBudget) -> Iterator[bytes]:
        """The answers, as one piece; once it has gone there are none, and the budget is told."""
        yield b"".join(self._answers)
        budget.sent()
        self.begin()


def bound(
    limit: int, gzip: Decompressor | None, ratio: int | None, budget: StreamBudget
) -> Callable[[int], Problem | None]:
    """What gives the problem of a line of so many bytes, or None."""

    def over(length: int) -> Problem | None:
        if length > limit:
            return too_large(limit, "line")
        if gzip and ratio is not None and length > longest(gzip.fed, ratio):
            return over_ratio(gzip.fed, ratio, "line")
        return budget.over(length, limit)

    return over


def together(found: Iterable[Line | None], idle: Callable[[], bool]) -> Iterator[list[Line]]:
    """The lines that have arrived, in groups, none of which waits for a line to come. An empty one
    says that no line ended in a piece. idle: whether nothing more has arrived, as far as is known.
    """
    group: list[Line] = []
    length = 0
    for line in found:
        if line is not None:
            group.append(line)
            length += len(line[1]) if isinstance(line[1], bytes) else 0
            if length < _GROUP and len(group) < _MOST:
                continue
        elif group and not idle():
            continue
        yield group
        group, length = [], 0
    if group:
        yield group


def _pieces(source: Input) -> Iterator[bytes]:
    """A request as it comes. Whatever ends it too early is a Problem."""
    while True:
        try:
            piece = source.read_available(PIECE)
        except Exception as error:  # noqa: BLE001 - it ends the stream, in the stream
            raise problem_of(error, "reading a stream") from None
        if not piece:
            return
        yield piece


def _decompressed(pieces: Iterable[bytes], gzip: Decompressor) -> Iterator[bytes]:
    for piece in pieces:
        yield gzip.feed(piece, PIECE)
        while gzip.pending:
            yield gzip.feed(b"", PIECE)
    gzip.finish()
