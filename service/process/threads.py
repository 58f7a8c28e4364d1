"""Threads that work on requests, and how they leave a connection."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from enum import Enum, auto


class Outcome(Enum):
    """What becomes of a connection that a thread has worked on."""

    KEPT = auto()  # the next request is expected, or has come
    SENDING = auto()  # the client does not take its answer at once
    DRAINING = auto()  # the rest of the body is read, for a moment
    LAST = auto()  # it is closed as soon as the client has its answer
    GONE = auto()


class Threads(ThreadPoolExecutor):
    """So many threads, of which some are busy, or all, while others wait for one."""

    def __init__(self, size: int, name: str) -> None:
        super().__init__(size, name)
        self.size = size
        self.busy = 0
