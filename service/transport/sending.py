"""Sending an answer: in pieces, within a time, holding its memory until the last has gone.

A server blocks in sending while a client does not read. So a piece is handed over only once the
client takes one, and the wait for that is bounded in all: whoever is slower is given up.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final, cast

from flask import Response

from service.transport.client import Client

Clock = Callable[[], float]
# Bytes that a system takes at once, once it says that it takes more; a shorter answer is sent as
# it is.
PIECE: Final = 64 * 1024
SHORT: Final = PIECE


class TooSlow(BrokenPipeError):
    """The client did not take its answer in time: the connection is closed, without a word."""

    def __init__(self) -> None:
        super().__init__(errno.EPIPE, "the client did not take its answer in time")


def is_short(response: Response) -> bool:
    """Whether an answer is sent as it is."""
    chunks = response.response
    return isinstance(chunks, list) and sum(map(len, chunks)) <= SHORT


def bounded(response: Response, seconds: float, client: Client) -> Response:
    """A finished answer that is sent in pieces and within a time."""
    if response.is_streamed:
        blocks = cast("Iterable[bytes]", response.response)
        response.response = within(blocks, seconds, client)
        return response
    payload = response.get_data()
    response.headers["Content-Length"] = str(len(payload))
    response.response = within([payload], seconds, client)
    return response


def within(
    blocks: Iterable[bytes], seconds: float, client: Client, clock: Clock = time.monotonic
) -> Iterator[bytes]:
    """The pieces of one answer; TooSlow once the client has not taken them in the time allowed."""
    end = clock() + seconds
    for block in blocks:
        for piece in in_pieces(block, PIECE):
            if not client.writable(max(0.0, end - clock())):
                raise TooSlow
            yield piece


def each_within(
    batches: Iterable[bytes], seconds: float, client: Client, clock: Clock = time.monotonic
) -> Iterator[bytes]:
    """The batches of a stream, each within the time: computing the next one is not counted."""
    for batch in batches:
        if len(batch) <= SHORT:
            yield batch
        else:
            yield from within([batch], seconds, client, clock)


def in_pieces(payload: bytes, size: int) -> Iterator[bytes]:
    """Bytes, so many at a time."""
    if len(payload) <= size:
        return iter((payload,))
    view = memoryview(payload)
    return (bytes(view[start : start + size]) for start in range(0, len(payload), size))
