"""A stream's request, read by a thread of its own while answers are computed and sent.

It keeps little ahead, unless the client does not take its answers: many send everything before
they read anything, and if neither side read, both would wait for ever. Then up to `stream_buffer`
bytes are kept.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from service.problems import Problem, problem_of
from service.process.stream_budget import StreamBudget
from service.transport.body import Input

PIECE: Final = 64 * 1024
_AHEAD: Final = 1024 * 1024  # bytes read ahead of a client that takes its answers
_PAUSE: Final = 0.05  # seconds between looks at a client that does not
_MEMORY_TIME: Final = 5.0  # seconds to wait for memory for what a client sends before it reads


class ReadAhead:
    """Pieces of a request, read by a thread as they come: `_AHEAD` bytes of them, or `most`
    while the answers are held up and there is memory for them. Iterating ends with the request,
    or raises the Problem that ended it.
    """

    def __init__(self, source: Input, most: int, budget: StreamBudget) -> None:
        self._source = source
        self._most = most
        self._budget = budget
        self._room = _AHEAD
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._changed = threading.Condition()
        self._ended = False
        self._problem: Problem | None = None
        self._abandoned = False
        threading.Thread(target=self._read, name="ndjson-reader", daemon=True).start()

    def __iter__(self) -> Iterator[bytes]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pieces or self._ended)
                if not self._pieces:
                    break
                piece = self._pieces.popleft()
                self._size -= len(piece)
                if 2 * self._size <= self._room:  # not for each piece: threads that take turns
                    self._changed.notify()
            if self._size <= _AHEAD:
                self._budget.caught_up()
            yield piece
        if self._problem is not None:
            raise self._problem

    @property
    def idle(self) -> bool:
        """Whether nothing more has arrived yet."""
        return not self._pieces

    def hold(self, writable: Callable[[float], bool]) -> None:
        """Wait until the client takes an answer, reading on meanwhile. There is an end to it:
        when the request is complete, as much of it is here as may be kept, or no memory to keep it
        has become free in time.
        """
        if writable(0):
            return
        end = time.monotonic() + _MEMORY_TIME
        while not self._ended and self._size < self._most:
            if self._budget.read_ahead(self._most):
                self._make_room(self._most)
            elif time.monotonic() > end:
                break
            if writable(_PAUSE):
                break
        self._make_room(_AHEAD)

    def close(self) -> None:
        """Read no further: the client is gone, or the answer is complete."""
        with self._changed:
            self._abandoned = True
            self._changed.notify()
        self._budget.caught_up()

    def _make_room(self, room: int) -> None:
        with self._changed:
            self._room = room
            self._changed.notify()

    def _read(self) -> None:
        problem: Problem | None = None
        try:
            while self._wait_for_room():
                piece = self._source.read_available(PIECE)
                if not piece:
                    break
                with self._changed:
                    self._pieces.append(piece)
                    self._size += len(piece)
                    self._changed.notify()
        except Exception as error:  # noqa: BLE001 - it ends the stream, in the stream
            problem = problem_of(error, "reading a stream")
        finally:
            with self._changed:
                self._problem = problem
                self._ended = True
                self._changed.notify()

    def _wait_for_room(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._abandoned or self._size < self._room)
            return not self._abandoned
