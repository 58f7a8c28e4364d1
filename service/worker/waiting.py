"""Connections that wait for something, each until a time: on a poller, or for memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from logging import getLogger
from selectors import BaseSelector
from typing import Any

from service.worker.connection import Connection
from service.worker.need import Needs

log = getLogger("gunicorn.error")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Events of the socket, if any, that are waited for; what is done when they come, and when
    they do not come in time. for_memory: whether to try again now and then, as some may be free.
    """

    events: int
    ready: Callable[[Any, Connection], None]
    expired: Callable[[Any, Connection], None]
    for_memory: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What the loop keeps to: seconds that an idle connection is kept, that a request waits for
    memory, and that an answer may take to be sent; bytes of a body, and of a stream whose client
    sends on and does not take its answers; and what an application needs of a request.
    """

    keepalive: float
    patience: float
    sending: float
    most: int
    ahead: int
    needs: Needs


class Waiters:
    """Connections that wait, and what for. `owner` is whose methods `ready` and `expired` are."""

    def __init__(self, owner: Any, poller: BaseSelector) -> None:
        self._owner = owner
        self._poller = poller
        self._all: dict[Connection, Waiting] = {}

    def __len__(self) -> int:
        return len(self._all)

    def all(self, waiting: Waiting | None = None) -> list[Connection]:
        """Those that wait for this, or for anything."""
        return [each for each, its in self._all.items() if waiting is None or its is waiting]

    def first(self, waiting: Waiting) -> Connection | None:
        """The one that has waited for this the longest."""
        return next((each for each, its in self._all.items() if its is waiting), None)

    def of(self, connection: Connection) -> Waiting | None:
        """What a connection waits for."""
        return self._all.get(connection)

    def wait(self, connection: Connection, waiting: Waiting, seconds: float) -> None:
        """Let a connection wait for this, and for nothing else."""
        connection.end = time.monotonic() + seconds
        before = self._all.get(connection)
        if before is waiting:
            return
        self._all[connection] = waiting
        if before is None or before.events != waiting.events:
            if before is not None and before.events:
                self._poller.unregister(connection)
            if waiting.events:
                turn = partial(self._turn, connection)
                self._poller.register(connection, waiting.events, turn)

    def leave(self, connection: Connection) -> None:
        """Let a connection wait for nothing."""
        waiting = self._all.pop(connection, None)
        if waiting is not None and waiting.events:
            self._poller.unregister(connection)

    def _turn(self, connection: Connection, _: Any = None) -> None:
        waiting = self._all.get(connection)
        if waiting is not None:  # it may have left since the event came
            self.do(waiting.ready, connection)

    def do(self, what: Callable[[Any, Connection], None], connection: Connection) -> None:
        """Do something with a connection, and give that one up if it fails: the others go on."""
        try:
            what(self._owner, connection)
        except Exception:
            log.exception("a connection has failed")
            self._owner.drop(connection)

    def sweep(self) -> None:
        """Look for those whose time is over, and try again with those that wait for memory."""
        for connection in self.all():
            waiting = self._all.get(connection)
            if waiting is not None and waiting.for_memory:
                self.do(waiting.ready, connection)
                waiting = self._all.get(connection)
            if waiting is not None and connection.end <= time.monotonic():
                self.do(waiting.expired, connection)
