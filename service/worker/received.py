"""What the application gets of a request's body, and when there is enough of it to begin.

Most requests are received whole before a thread looks at them. A thread has a stream while there
are lines of it, or their answers are under way.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any, Final

from service.worker.connection import Connection
from service.worker.need import Need

TIMED_OUT: Final = "the body of the request did not arrive in time"


def is_enough(connection: Connection, most: int) -> bool:
    """Whether the application has what it needs. `most`: bytes of a body, or of a line; if more
    have come, it is to say so, and of a stream that is cut short, too.
    """
    framing, need = connection.framing, connection.need
    if framing.complete or need is Need.NOTHING or len(framing.payload) > most:
        return True
    if not connection.is_stream:
        return False
    return connection.is_over or (
        connection.has_line() if need is Need.LINE else bool(framing.payload)
    )


def reads_on(connection: Connection, most: int) -> bool:
    """Whether more of a stream is received, up to `most` bytes, while its answers are not taken."""
    answer = connection.answer
    if answer is None or answer.is_complete or connection.is_over or not connection.is_stream:
        return False
    return len(connection.framing.payload) < most


def cut_short(connection: Connection) -> tuple[int, str]:
    """The status and the words for a request whose rest will not come."""
    framing = connection.framing
    if connection.timed_out:
        part = "head" if framing.message is None else "body"
        return 408, f"the {part} of the request did not arrive in time"
    if framing.length is not None:
        return 400, f"the body ended after {framing.received} of {framing.length} bytes"
    return 400, "the body could not be read: it is cut short or wrongly chunked"


def body_of(
    connection: Connection, forget: Callable[[Connection], None]
) -> io.BytesIO | io.BufferedReader:
    """The body of a request of which enough has been received. forget: gives back memory that was
    taken for what has arrived.
    """
    framing = connection.framing
    if not framing.complete:
        return io.BufferedReader(_Arriving(connection, forget))
    payload, framing.payload = bytes(framing.payload), bytearray()
    return io.BytesIO(payload)


class _Arriving(io.RawIOBase):
    """A body that is read as it comes."""

    def __init__(self, connection: Connection, forget: Callable[[Connection], None]) -> None:
        self._connection, self._forget = connection, forget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Wait for some bytes; 0 at the end. TimeoutError if they do not come in time, or what is
        wrong with them.
        """
        payload = self._connection.framing.payload
        while not payload:
            if self._connection.is_over:
                return self._end()
            self._wait()
        count = min(len(buffer), len(payload))
        buffer[:count] = payload[:count]
        del payload[:count]
        if not payload:
            self._forget(self._connection)
        return count

    def _end(self) -> int:
        connection, framing = self._connection, self._connection.framing
        if framing.failure is not None:
            raise framing.failure
        if connection.timed_out:
            raise TimeoutError(TIMED_OUT)
        if connection.ended and framing.length is None and not framing.complete:
            raise EOFError("the body has no end")
        return 0

    def _wait(self) -> None:
        connection = self._connection
        connection.pace.since = time.monotonic()  # it was not waited for before
        if connection.readable(connection.left_to_wait):
            connection.receive()
        else:
            connection.timed_out = True
