"""Reading a request's body, never more of it than the limit allows.

Flask's own limit cuts a chunked body short without a word, so the bytes are read here, one
more than the limit, and whoever sends more is refused. A server in front that gives up on a
silent client (a receive timeout on the socket) makes reading raise; that is a 408.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import Request

from service.problems import Problem
from service.process.access_log import BODY
from service.transport.compression import MOST_MEMBERS, Decompressor, is_gzip, longest, over_ratio
from service.worker.environment import has_arrived_of

_PIECE: Final = 256 * 1024


class Input:
    """The raw body as the server hands it over, with its ways of failing translated."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self._stream = environ["wsgi.input"]
        self._available = _read1(self._stream)
        self._has_arrived = has_arrived_of(environ)
        length = environ.get("CONTENT_LENGTH") or ""
        self.length = int(length) if length.isdecimal() else None
        terminated = bool(environ.get("wsgi.input_terminated"))
        # A server that does not mark the end of the body must be told how much to read.
        self._left = None if terminated else (self.length or 0)
        self.taken = 0  # bytes; the environment refers to this, and not the other way round

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, b"" at the end. Problem 408 or 400 if they do not come."""
        return self._take(self._stream.read, size)

    def read_available(self, size: int) -> bytes:
        """Up to `size` bytes: what has arrived, or else the next to arrive. b"" at the end."""
        return self._take(self._available, size)

    def has_arrived(self) -> bool | None:
        """Whether there is something to read, or the end, without waiting; None if the server does
        not say: then reading waits.
        """
        return None if self._has_arrived is None else self._has_arrived()

    def _take(self, reader: Callable[[int], bytes], size: int) -> bytes:
        if self._left is not None:
            size = min(size, self._left)
        try:
            data = reader(size) if size else b""
        except (TimeoutError, BlockingIOError):
            raise Problem("request-timeout", "the body did not arrive in time") from None
        except MemoryError:
            raise
        except Exception as error:
            # Broken chunks, a lost connection: each server has its own exceptions for them.
            detail = "the body could not be read: it is cut short or wrongly chunked"
            raise Problem("bad-request", detail) from error
        if self._left is not None:
            self._left -= len(data)
        self.taken += len(data)
        return data


def input_of(environ: dict[str, Any]) -> Input:
    """The one Input of a request: what has been read of it is known to all who read on."""
    found: Input | None = environ.get(BODY)
    if found is None:
        found = environ[BODY] = Input(environ)
    return found


def _read1(stream: Any) -> Callable[[int], bytes]:
    """The way to read what has arrived, without waiting for more of it.

    gunicorn's body offers none: each of its methods waits for a kilobyte, or the end. But of
    its reader one byte can be asked for, and then what came with that byte, which the reader
    keeps in `buf`, its own (a chunked body) or its unreader's (one of known length).
    """
    read1: Callable[[int], bytes] | None = getattr(stream, "read1", None)
    if read1 is not None:
        return read1
    reader: Any = getattr(stream, "reader", None)
    keeper: Any = reader if hasattr(reader, "buf") else getattr(reader, "unreader", None)
    if not hasattr(keeper, "buf"):
        readline: Callable[[int], bytes] = stream.readline
        return readline

    def available(size: int) -> bytes:
        try:
            first: bytes = reader.read(1)
            rest: bytes = reader.read(min(keeper.buf.tell(), size - 1)) if first else b""
        except Exception:
            stream.failed = True  # tells gunicorn that the connection cannot be used again
            raise
        return first + rest

    return available


def read_body(
    request: Request, limit: int, ratio: int, arrive: Callable[[int], None] = lambda _: None
) -> bytes:
    """The whole body, decompressed: Problem 413 if it is over `limit` bytes either way, or
    longer than gzip may make it (`compression.longest`).

    `arrive` is told beforehand how many bytes it may take in all: again as they become more.
    """
    compressed = is_gzip(request)
    raw = _read_raw(input_of(request.environ), limit, arrive)
    return _decompressed(raw, limit, ratio, arrive) if compressed else raw


def _decompressed(raw: bytes, limit: int, ratio: int, arrive: Callable[[int], None]) -> bytes:
    decompressor = Decompressor(MOST_MEMBERS)
    most = longest(len(raw), ratio)
    arrive(len(raw) + min(limit, most))
    body = decompressor.feed(raw, min(limit, most) + 1)
    if len(body) > limit:
        raise too_large(limit, "body, once decompressed,")
    if len(body) > most:
        raise over_ratio(len(raw), ratio)
    decompressor.finish()
    return body


def too_large(limit: int, what: str = "body") -> Problem:
    """The problem of something longer than `limit` bytes."""
    return Problem("too-large", f"the {what} is over the limit of {limit:,} bytes")


def _read_raw(source: Input, limit: int, arrive: Callable[[int], None]) -> bytes:
    if source.length is not None and source.length > limit:
        raise too_large(limit)
    pieces: list[bytes] = []
    total, reserved = 0, source.length or 0
    if reserved > _PIECE:
        arrive(reserved)
    while total <= limit and total != source.length:
        if source.length is None and total + _PIECE > reserved:
            reserved = min(limit, 2 * (total + _PIECE))
            arrive(reserved)
        piece = source.read(min(source.length or _PIECE, limit + 1 - total))
        if not piece:
            break
        pieces.append(piece)
        total += len(piece)
    if total > limit:
        raise too_large(limit)
    if source.length is not None and total < source.length:
        raise Problem("bad-request", f"the body ended after {total} of {source.length} bytes")
    return b"".join(pieces)
