"""What the application gets of a request's body, and when there is enough of it to begin.

Most requests are received whole before a thread looks at them. A stream begins with its first
line, and is then read by its thread as it comes.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any, Final

from service.process.answer import RECEIVED
from service.process.connection import PIECE, Connection
from service.process.need import Need

TIMED_OUT: Final = "the body of the request did not arrive in time"


def hand_over(environ: dict[str, Any]) -> int:
    """Bytes of memory that are taken for a request, and now the caller's to give back."""
    take: Callable[[], int] = environ.get(RECEIVED, int)
    return take()


def is_enough(connection: Connection, most: int) -> bool:
    """Whether the application has what it needs. `most`: bytes of a body; if more have come, it is
    to say so, and of a stream that is cut short, too.
    """
    framing, need = connection.framing, connection.need
    if framing.complete or need is Need.NOTHING or framing.received > most:
        return True
    if not connection.is_stream:
        return False
    return connection.is_cut_short or (
        connection.has_line() if need is Need.LINE else framing.received > 0
    )


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
    connection: Connection, forget: Callable[[int], None]
) -> io.BytesIO | io.BufferedReader:
    """The body of a request of which enough has been received. forget: gives back memory that was
    taken for it.
    """
    framing = connection.framing
    if not framing.complete:
        return io.BufferedReader(_Arriving(connection, forget), PIECE)
    payload, framing.payload = bytes(framing.payload), bytearray()
    return io.BytesIO(payload)


class _Arriving(io.RawIOBase):
    """A body that is read as it comes."""

    def __init__(self, connection: Connection, forget: Callable[[int], None]) -> None:
        self._connection, self._framing = connection, connection.framing
        self._forget = forget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Wait for some bytes; 0 at the end. TimeoutError if they do not come in time, or what is
        wrong with them.
        """
        payload = self._framing.payload
        while not payload:
            if self._is_over():
                return 0
            self._wait()
        count = min(len(buffer), len(payload))
        buffer[:count] = payload[:count]
        del payload[:count]
        if not payload and self._connection.held:
            self._forget(self._connection.hand_over())
        return count

    def _is_over(self) -> bool:
        connection, framing = self._connection, self._framing
        if framing.failure is not None:
            raise framing.failure
        if connection.framing is not framing:
            raise EOFError("its answer has gone")
        if connection.timed_out:
            raise TimeoutError(TIMED_OUT)
        if connection.ended and framing.length is None and not framing.complete:
            raise EOFError("the body has no end")
        return framing.complete or connection.ended

    def _wait(self) -> None:
        connection = self._connection
        connection.pace.since = time.monotonic()  # it was not waited for before
        if connection.readable(connection.left_to_wait):
            connection.receive()
        else:
            connection.timed_out = True
