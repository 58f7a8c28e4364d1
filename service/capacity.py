"""How many computations run at once, and whether the process is on its way out.

Threads that compute share one interpreter: past a few of them nobody gets an answer sooner.
So a request waits its turn, for a while, and is then told to come back. Reading a slow
client's body happens before the turn, so that it holds up nobody.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from service.problems import Problem

_stopping = threading.Event()


def stop() -> None:
    """Say that this process is shutting down: /readyz answers 503 from now on."""
    _stopping.set()


def stopping() -> bool:
    """Whether `stop` was called."""
    return _stopping.is_set()


class Capacity:
    """At most `places` computations at once; the others wait up to `patience` seconds."""

    def __init__(self, places: int, patience: float) -> None:
        self._places = threading.BoundedSemaphore(places)
        self._patience = patience

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place while computing; Problem `overloaded` if none becomes free in time."""
        if not self._places.acquire(timeout=self._patience):
            raise Problem(
                "overloaded",
                "too many computations are under way; try again shortly",
                headers={"Retry-After": "1"},
            )
        try:
            yield
        finally:
            self._places.release()
