"""How many computations run at once, and whether the process is on its way out.

Threads that compute share one interpreter: past a few of them nobody gets an answer sooner.
So a request waits its turn, for a while, and is then told to come back. Reading a slow
client's body happens before the turn, so that it holds up nobody.
"""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue

from service.problems import Problem

_stopping = threading.Event()


def stop() -> None:
    """Say that this process is shutting down: /readyz answers 503 from now on."""
    _stopping.set()


def stopping() -> bool:
    """Whether `stop` was called."""
    return _stopping.is_set()


class Capacity:
    """At most `places` computations at once; the others wait."""

    def __init__(self, places: int) -> None:
        # A queue of free places: unlike the semaphores of `threading`, it is written in C.
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(places):
            self._free.put(None)

    def enter(self, patience: float) -> None:
        """Take a place; Problem `overloaded` if none becomes free within so many seconds."""
        try:
            self._free.get(timeout=patience)
        except Empty:
            raise Problem(
                "overloaded",
                "too many computations are under way; try again shortly",
                headers={"Retry-After": "1"},
            ) from None

    def leave(self) -> None:
        """Give a place back."""
        self._free.put(None)
