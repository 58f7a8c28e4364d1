"""Giving memory back to the system after a large message.

glibc keeps what was freed below the top of its heaps, for a request that may never come: after
a message of 30 MB some hundred megabytes a worker. `malloc_trim` returns them, in milliseconds;
fixing M_TRIM_THRESHOLD would do as well, and make every large array fault its pages in anew.
"""

from __future__ import annotations

import ctypes
import threading
from typing import Any, Final

LARGE: Final = 1024 * 1024  # bytes of a message, decompressed

_seen = threading.local()


def handled(size: int) -> None:
    """Note that this thread has a message of so many bytes in hand."""
    if size >= LARGE:
        _seen.large = True


def give_back() -> None:
    """Return unused memory if this thread has handled something large since the last time."""
    if getattr(_seen, "large", False):
        _seen.large = False
        _trim(0)


def _find_trim() -> Any:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library; another system
        return lambda _: 0


_trim = _find_trim()
