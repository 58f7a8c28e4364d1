"""Sending an answer: in pieces, within a time, holding its memory until the last has gone.

A server blocks in sending while a client does not read. Each piece is small, so that the clock
is looked at in between; a client that takes longer than is allowed in all is given up.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator
from typing import Final

from flask import Response

Clock = Callable[[], float]
PIECE: Final = 256 * 1024


class TooSlow(BrokenPipeError):
    """The client did not take its answer in time: the connection is closed, without a word."""

    def __init__(self) -> None:
        super().__init__(errno.EPIPE, "the client did not take its answer in time")


def bounded(response: Response, seconds: float) -> Response:
    """A finished answer that is sent in pieces, if it is long, and within a time."""
    if response.is_streamed:
        response.response = within(iter(response.response), seconds)  # type: ignore[arg-type]  # all are bytes
        return response
    payload = response.get_data()
    if len(payload) > PIECE:
        response.headers["Content-Length"] = str(len(payload))
        response.response = within(in_pieces(payload), seconds)
    return response


def in_pieces(payload: bytes) -> Iterator[bytes]:
    """An answer, a piece at a time."""
    view = memoryview(payload)
    return (bytes(view[start : start + PIECE]) for start in range(0, len(payload), PIECE))


def within(
    pieces: Iterator[bytes], seconds: float, clock: Clock = time.monotonic
) -> Iterator[bytes]:
    """The pieces of one answer; TooSlow once they have taken longer than allowed to go."""
    end = clock() + seconds
    for piece in pieces:
        yield piece
        if clock() > end:
            raise TooSlow


def each_within(
    batches: Iterator[bytes], seconds: float, clock: Clock = time.monotonic
) -> Iterator[bytes]:
    """The batches of a stream, each in pieces and each within the time: computing the next one
    is not counted.
    """
    for batch in batches:
        yield from within(in_pieces(batch), seconds, clock)
