"""The other end of a connection: whether it takes more, and whether it is still there."""

from __future__ import annotations

import select
import socket
from dataclasses import dataclass
from typing import Any, Final

# A client that closed its connection has at least said that it sends no more. macOS has no
# event for that; there a client has left when its system answers with a reset.
_LEFT: Final = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR


@dataclass(frozen=True, slots=True)
class Client:
    """A client; without a connection (another server, a test) it takes everything."""

    connection: socket.socket | None

    def writable(self, seconds: float) -> bool:
        """Whether it takes more of its answer, now or within a time."""
        return self.connection is None or self._happens(select.POLLOUT, seconds, closed=True)

    def left(self) -> bool:
        """Whether it has closed its connection, or its half of it. Nobody can tell these apart
        without sending something, so ask only where there has long been nothing to send.
        """
        return self.connection is not None and self._happens(_LEFT, 0, closed=False)

    def _happens(self, events: int, seconds: float, *, closed: bool) -> bool:
        """Whether one of the events happens; `closed` if our end is closed: sending will tell."""
        poll = select.poll()
        try:
            poll.register(self.connection, events)  # type: ignore[arg-type]  # no None gets here
        except ValueError:
            return closed
        return bool(poll.poll(seconds * 1000))


def client_of(environ: dict[str, Any]) -> Client:
    """The client of a request."""
    return Client(environ.get("gunicorn.socket"))
