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

PAUSE: Final = 0.5  # seconds

_M_ARENA_MAX: Final = -8  # malloc.h
_HEAPS: Final = 4

_seen = threading.local()
_waiting = threading.Lock()


def handled(size: int) -> None:
    """Note that this thread has a message of so many bytes in hand."""
    if size >= LARGE:
        _seen.large = True


def give_back() -> None:
    """Return unused memory soon, if this thread has handled something large since the last time.

    Not at once: the next large message may be on its way, and would fetch it all back.
    """
    if getattr(_seen, "large", False):
        _seen.large = False
        if _waiting.acquire(blocking=False):  # else somebody is about to
            timer = threading.Timer(PAUSE, _give_back)
            timer.daemon = True
            timer.start()


def _give_back() -> None:
    _waiting.release()
    _trim(0)


def keep_few_heaps() -> None:
    """Let all threads share a few of glibc's heaps. Of each up to 64 MB that were freed stay with
    the process, and by default it has as many as eight for each core.
    """
    _function("mallopt")(_M_ARENA_MAX, _HEAPS)


def _function(name: str) -> Any:
    """One of glibc's, or what does nothing: another C library; another system."""
    try:
        return getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return lambda *_: 0


_trim = _function("malloc_trim")
