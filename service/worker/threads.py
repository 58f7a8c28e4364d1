"""Threads that work on requests: few of them are awake, unless the work takes long.

Threads share one interpreter. Where requests are short, a few threads answer more of them than many
that get in each other's way; where some are long, others must not wait for them. So work that has
waited for some milliseconds wakes another thread.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from service.worker.connection import Connection

SOON: Final = 0.005  # seconds

log = logging.getLogger("gunicorn.error")


class Threads:
    """Up to `size` threads, `few` of which are awake at once while the work is short.

    work: what is done with a connection.
    """

    def __init__(
        self, name: str, size: int, work: Callable[[Connection], None], few: int | None = None
    ) -> None:
        self.size = size
        self._name, self._work = name, work
        self._few = min(size, few or size)
        self._waiting: deque[tuple[float, Connection]] = deque()
        self._lock = threading.Lock()
        self._alarm = threading.Semaphore(0)
        self._threads: list[threading.Thread] = []
        self._awake = 0
        self._woken = 0.0  # when one was last woken by `tick`
        self._stopped = False

    @property
    def awake(self) -> int:
        """Threads that work, or are about to."""
        return self._awake

    @property
    def is_wanted(self) -> bool:
        """Whether a connection waits for a thread."""
        return bool(self._waiting)

    def give(self, connection: Connection) -> None:
        """Let a thread work on a connection."""
        with self._lock:
            self._waiting.append((time.monotonic(), connection))
            if self._awake < self._few:
                self._wake()

    def tick(self) -> None:
        """Wake another thread, if a connection has waited for some time. To be called often."""
        now = time.monotonic()
        with self._lock:
            if not self._waiting or self._awake >= self.size:
                return
            if now - max(self._waiting[0][0], self._woken) >= SOON:
                self._woken = now
                self._wake()

    def late(self, seconds: float) -> list[Connection]:
        """Take away those that have waited for so long; not those whose answer has begun."""
        since = time.monotonic() - seconds
        with self._lock:
            if not self._waiting or self._waiting[0][0] > since:
                return []
            late = [item for item in self._waiting if item[0] <= since and item[1].answer is None]
            for item in late:
                self._waiting.remove(item)
        return [connection for _, connection in late]

    def shutdown(self, wait: bool = True) -> None:  # noqa: FBT001, FBT002 - as of an executor
        """Let the threads end, once they have done what is waiting."""
        self._stopped = True
        for _ in self._threads:
            self._alarm.release()
        for thread in self._threads if wait else ():
            thread.join()

    def _wake(self) -> None:
        self._awake += 1
        if self._awake <= len(self._threads):
            self._alarm.release()
            return
        name = f"{self._name}_{len(self._threads)}"
        thread = threading.Thread(target=self._run, name=name, daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system has no more: what waits goes on waiting
            self._awake -= 1
        else:
            self._threads.append(thread)

    def _run(self) -> None:
        while not self._stopped:
            while (connection := self._next()) is not None:
                try:
                    self._work(connection)
                except Exception:
                    log.exception("a thread has failed")
            self._alarm.acquire()

    def _next(self) -> Connection | None:
        """The next connection; without any, the thread counts as asleep."""
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()[1]
            self._awake -= 1
            return None
