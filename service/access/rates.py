"""How often one client may ask, where a limit is set: a token bucket for each address.

The address is the one the connection comes from, or the one that a trusted proxy names; and each
worker counts for itself.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Final

from cachetools import LRUCache

from service.problems import Problem

_MOST_CLIENTS: Final = 10_000


class RateLimit:
    """At most `per_minute` requests a minute from an address, all of them at once if it likes."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_minute)
        self._per_second = per_minute / 60
        self._clock = clock
        # For each client: the requests it may make at once, and since when.
        self._buckets: LRUCache[str, tuple[float, float]] = LRUCache(_MOST_CLIENTS)
        self._lock = threading.Lock()

    def take(self, client: str) -> None:
        """Count one request; Problem 429 if it is one too many."""
        with self._lock:
            now = self._clock()
            tokens, then = self._buckets.get(client, (self._most, now))
            tokens = min(self._most, tokens + (now - then) * self._per_second)
            allowed = tokens >= 1
            self._buckets[client] = (tokens - 1 if allowed else tokens, now)
        if not allowed:
            wait = math.ceil((1 - tokens) / self._per_second)
            detail = f"more than {self._most:g} requests a minute; the next may come in {wait} s"
            raise Problem("too-many-requests", detail, headers={"Retry-After": str(wait)})
