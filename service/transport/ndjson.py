"""Streams of messages: one JSON text a line in, one line of answer each out, in order."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import orjson

from service.problems import Problem
from service.process.stream_budget import StreamBudget
from service.transport.body import Input, too_large
from service.transport.client import Client
from service.transport.compression import Decompressor, longest, over_ratio
from service.transport.read_ahead import PIECE, ReadAhead

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
    buffer: int,
    gzip_ratio: int | None,
    client: Client,
) -> Iterator[bytes]:
    """The answer to each line, in batches while lines come fast and one by one otherwise.

    `answers_to` is given the lines that have arrived, some at a time: each with its number, counted
    from 1 with the blank ones, or the problem that stands in its place. It gives the answers as it
    has them. The budget is told when all answers so far have gone. A stream that
    ends badly (a silent client, broken gzip) ends with that problem, and one whose client has left
    with the work in hand. `gzip_ratio` is None where the request is not compressed; else no line
    is longer than `compression.longest` allows.
    """
    pieces = ReadAhead(source, buffer, budget)
    gzip = None if gzip_ratio is None else Decompressor()

    over = bound(limit, gzip, gzip_ratio, budget)
    text = iter(pieces) if gzip is None else _decompressed(pieces, gzip)
    batch: list[bytes] = []
    size = 0
    begun = time.monotonic()

    def is_due() -> bool:
        return size >= _BATCH or time.monotonic() - begun > _BATCH_TIME

    def sent() -> Iterator[bytes]:
        nonlocal size, begun
        pieces.hold(client.writable)
        yield b"".join(batch)
        budget.sent()
        batch.clear()
        size, begun = 0, time.monotonic()

    try:
        for group in together(lines(text, over), lambda: pieces.idle):
            for answer in answers_to(group):
                batch.append(answer)
                size += len(answer)
                if is_due():
                    yield from sent()
            budget.answered()
            since = time.monotonic() - begun
            if size and (is_due() or pieces.idle):
                yield from sent()
            elif not size and since > _LOOK:
                if client.left():
                    return
                begun += since
        if size:
            yield b"".join(batch)
    finally:
        budget.answered()
        budget.sent()
        budget.keep(0)
        pieces.close()


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
    says that nothing but blank lines came in a piece. idle: whether nothing more has arrived yet.
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


def _decompressed(pieces: Iterable[bytes], gzip: Decompressor) -> Iterator[bytes]:
    for piece in pieces:
        yield gzip.feed(piece, PIECE)
        while gzip.pending:
            yield gzip.feed(b"", PIECE)
    gzip.finish()
