"""A few things that were made before, by what they were made from; the least recently used go.

Unlike functools.lru_cache it is asked and told, so that nothing is made from its key again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """At most `entries` of them; threads may share it."""

    def __init__(self, entries: int) -> None:
        self._entries = entries
        self._known: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Hashable) -> T | None:
        """What is kept under a key, if anything is."""
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
            return known

    def keep(self, key: Hashable, value: T) -> T:
        """Keep it, and give it back."""
        with self._lock:
            self._known[key] = value
            self._known.move_to_end(key)
            if len(self._known) > self._entries:
                self._known.popitem(last=False)
        return value
