"""A client's connection, as the worker's threads read it.

It has a time limit for each request, and a moment for what is left of a body once the answer has
gone.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

# Waiting for the bytes of one request may take this long in all, and longer the more of
# them come: nobody whose connection moves 500 bytes a second runs out of it.
PATIENCE: Final = 30.0
SLOWEST: Final = 500.0
PIECE: Final = 64 * 1024


# What is left of a body that the answer did not need is read for so long in all, while no pause
# is longer than the other. Beyond either, or the bytes, the connection is closed.
MOMENT: Final = 2.0
PAUSE: Final = 0.25
MOST_LEFT: Final = 32 * 1024 * 1024


class HeadTimeout(Exception):
    """The request line and headers did not arrive in time."""


class Connection(socket.socket):
    """A client's socket that adds up how long the server has waited for one request.

    Where it runs out of patience, or SO_RCVTIMEO (gunicorn.conf.py) does, `recv` raises
    HeadTimeout while the head is being read, and TimeoutError in the body, where the
    application is the reader.
    """

    __slots__ = ("_end", "_in_head", "_lingered", "_pause", "_received", "_waited", "hurried")

    def expect_request(self) -> None:
        """Start anew: what arrives next is the head of a request."""
        self._in_head = True
        self._waited = 0.0
        self._received = 0
        self._end: float | None = None
        self._lingered = False
        self.hurried = False  # whether what was left has been waited for

    @property
    def in_head(self) -> bool:
        """Whether the head of a request is expected, or was not understood."""
        return self._in_head

    def expect_body(self) -> None:
        """Note that the head is complete."""
        self._in_head = False

    @contextmanager
    def for_a_moment(self, pause: float) -> Iterator[None]:
        """Within this, `recv` waits `pause` seconds at most, and MOMENT in all; then it raises."""
        self._end, self._pause = time.monotonic() + MOMENT, pause
        self.hurried = True
        try:
            yield
        finally:
            self._end = None
            super().settimeout(None)

    def linger(self, pause: float) -> None:
        """Say that nothing more will be sent, and read what the client still sends, for a moment:
        closing while bytes are unread resets the connection, and the answer may be lost with it.
        """
        with suppress(OSError), self.for_a_moment(pause):
            self.shutdown(socket.SHUT_WR)
            left = MOST_LEFT
            while left > 0 and (data := self.recv(PIECE)):
                left -= len(data)
        self._lingered = True

    def settimeout(self, value: float | None, /) -> None:
        """Set the time for one operation; within `for_a_moment`, that has set it."""
        if self._end is None:
            super().settimeout(value)

    def _receive_soon(self, size: int, flags: int, end: float) -> bytes:
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the rest of the body did not arrive at once")
        super().settimeout(min(left, self._pause))
        return super().recv(size, flags)

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Receive what there is, up to `size` bytes."""
        if self._lingered:
            return b""
        if self._end is not None:
            return self._receive_soon(size, flags, self._end)
        if self._waited > PATIENCE + self._received / SLOWEST:
            raise self._timeout()
        started = time.monotonic()
        try:
            data = super().recv(size, flags)
        except BlockingIOError:
            raise self._timeout() from None
        self._waited += time.monotonic() - started
        self._received += len(data)
        return data

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send everything. A client that has stopped reading counts as one that has left."""
        try:
            super().sendall(data, flags)
        except BlockingIOError:
            raise BrokenPipeError(errno.EPIPE, "the client stopped reading") from None

    def _timeout(self) -> Exception:
        waited_for = "head" if self._in_head else "body"
        detail = f"the {waited_for} of the request did not arrive in time"
        return HeadTimeout(detail) if self._in_head else TimeoutError(detail)
