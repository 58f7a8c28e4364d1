"""How many computations run at once, and whether the process is on its way out.

Threads that compute share one interpreter: past a few of them nobody gets an answer sooner.
So a request waits its turn, for a while, and is then told to come back. Reading a slow
client's body happens before the turn, so that it holds up nobody. Whoever waits holds a thread,
so only so many wait: the other threads are for requests that are answered at once.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

_stopping = threading.Event()


def stop() -> None:
    """Say that this process is shutting down: /readyz answers 503 from now on."""
    _stopping.set()


def stopping() -> bool:
    """Whether `stop` was called."""
    return _stopping.is_set()


class Line:
    """Those that wait, each of them with a thread: no more than so many."""

    def __init__(self, longest: float = math.inf) -> None:
        self._longest = longest
        self._length = 0
        self._lock = threading.Lock()

    def wait(self, come: Callable[[float], bool], patience: float) -> bool:
        """Wait for something to come within so many seconds; whether it did. Nothing comes to
        whoever finds the line full.
        """
        with self._lock:
            if self._length >= self._longest:
                return False
            self._length += 1
        try:
            return come(patience)
        finally:
            with self._lock:
                self._length -= 1


class Capacity:
    """At most `places` computations at once; the others wait in line."""

    def __init__(self, places: int, line: Line) -> None:
        # A queue of free places: unlike the semaphores of `threading`, it is written in C.
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(places):
            self._free.put(None)
        self._line = line

    def enter(self) -> bool:
        """Take a place; whether one was free."""
        return self._come(0)

    def wait(self, patience: float) -> bool:
        """Take a place within so many seconds; whether one became free."""
        return self._line.wait(self._come, patience)

    def leave(self) -> None:
        """Give a place back."""
        self._free.put(None)

    def _come(self, seconds: float) -> bool:
        try:
            self._free.get(timeout=seconds)
        except Empty:
            return False
        return True
