"""The process's memory that is taken for what has arrived, and not been read."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from service.process.budget import Budgets
from service.worker.connection import Connection

# Bytes of a request that are not counted as memory, as there are no more connections than
# gunicorn's worker_connections; and in what steps the others are.
UNCOUNTED: Final = 16 * 1024
STEP: Final = 64 * 1024
# Bytes of a stream that are received to see whether its client has left.
BEFORE_THE_END: Final = 1024 * 1024


class Holdings:
    """What connections hold of it. ahead: bytes that are kept of a stream whose client sends on and
    does not take its answers.
    """

    def __init__(self, budgets: Budgets, ahead: int) -> None:
        self._budgets, self.ahead = budgets, ahead

    def hold(self, connection: Connection) -> bool:
        """Whether the memory of what has arrived is counted, or there was some to take."""
        size = connection.framing.buffered
        more = -(-size // STEP) * STEP - connection.held
        if size <= UNCOUNTED or more <= 0:
            return True
        if not self._budgets.receive(more):
            return False
        connection.held += more
        return True

    def hold_ahead(self, connection: Connection) -> bool:
        """Whether there is memory for more of such a stream: all that it may need is taken at once,
        as several that had some each might wait for one another.
        """
        if connection.framing.buffered > UNCOUNTED and not connection.held_ahead:
            if not self._budgets.memory.take(self.ahead):
                return False
            connection.held_ahead = self.ahead
        return True

    def has_left(self, connection: Connection) -> bool:
        """Whether the client has closed its connection, or its half of it. Of a stream more is
        received first: that its client has left comes behind all that it sent.
        """
        with suppress(OSError):  # it has
            while (
                connection.is_stream
                and not connection.is_over
                and connection.framing.buffered < BEFORE_THE_END
                and self.hold(connection)
                and connection.look()
            ):
                pass
        return connection.has_left()

    def forget(self, connection: Connection) -> None:
        """Give back what was taken for a connection."""
        self._budgets.forget(connection.hand_over())
        if connection.held_ahead:
            self._budgets.memory.give(connection.held_ahead)
            connection.held_ahead = 0
