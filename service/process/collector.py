"""Pausing the cyclic garbage collector while a large message is decoded.

A hundred thousand nodes are a few hundred thousand small objects, none of them in a cycle.
The collector would walk them again and again as they are made: decoding takes two to four
times as long with it on. Threads share the collector, so the pause is counted.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_pauses = 0


@contextmanager
def paused() -> Iterator[None]:
    """The collector is off while anybody is inside, and back on after the last one left."""
    global _pauses  # noqa: PLW0603 - the collector itself is global
    with _lock:
        _pauses += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _pauses -= 1
            if _pauses == 0:
                gc.enable()
