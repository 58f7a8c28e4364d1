"""What one request may take: a place to compute, time, and memory, until its answer is sent.

A process has so many places and so many bytes for all of its requests at once. A request takes
from them and waits for them, within its patience; what does not come in time is a 503. Time
counts from the last byte of the message to the last byte of the answer's text; memory from the
first byte of the message to the last byte sent. Everything that loops over what a caller sent
asks the one object that knows, as the engine's deadline (`check`) and before it holds numbers
(`hold`).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from contextvars import Token
from functools import partial
from typing import Final

from autograd_core import Deadline, DeadlineExceeded, Fault
from service.problems import Problem, invalid
from service.process.capacity import Capacity, Line

# Bytes that a request may hold without asking: most requests take no more, and no lock.
FREE: Final = 1024 * 1024
# Messages of at most so many bytes, and work of at most so many elementary operations, are
# short: some hundredths of a second.
_SHORT_MESSAGE: Final = 64 * 1024
_SHORT_WORK: Final = 5e6
# And what has taken so many seconds of a processor is not short, whatever it was thought to be.
_SHORT_TIME: Final = 0.2
# For each place for long work, so many may wait for one or for memory; whoever comes then is told
# at once to come back. gunicorn.conf.py has threads for all of them, and for others beside.
_WAITING: Final = 5
# The share of a process's memory that messages may hold before one is decoded.
_ARRIVING: Final = 4
_NUMBER: Final = 8  # bytes of a binary64
# Bytes of text that one number held may come to: in a trace or a check, where it stands with
# others that belong to it.
_TEXT: Final = 128


class Memory:
    """The bytes that a process holds for all of its requests; threads share it."""

    def __init__(self, size: int, line: Line) -> None:
        self.size = size
        self._left = size
        self._changed = threading.Condition()
        self._line = line

    @property
    def left(self) -> int:
        """Bytes that nobody holds."""
        return self._left

    def take(self, count: int) -> bool:
        """Take bytes; whether so many were left."""
        return self._come(count, 0)

    def wait(self, count: int, patience: float) -> bool:
        """Take bytes that others give back within so many seconds; whether they came."""
        return self._line.wait(partial(self._come, count), patience)

    def _come(self, count: int, seconds: float) -> bool:
        with self._changed:
            if not self._changed.wait_for(lambda: self._left >= count, seconds):
                return False
            self._left -= count
            return True

    def give(self, count: int) -> None:
        """Give bytes back."""
        with self._changed:
            self._left += count
            self._changed.notify_all()


class Budget(Deadline):
    """What one request may take. It belongs to one thread at a time, and ends with `release`."""

    def __init__(self, shared: Budgets, left: Callable[[], bool], free: int) -> None:
        self._left, self._free = left, free
        self._seconds, self._end = shared.seconds, math.inf  # until the message is complete
        self._short, self._long = shared.short, shared.long
        self._place: Capacity | None = None
        self._look_at = self._taken = 0.0  # the next look, and the thread's time at the first
        self._outer: Token[Deadline | None]
        self._memory, self._arriving = shared.memory, shared.arriving
        self._patience = shared.patience  # what is left of it, if it has waited
        self._held = self._arrived = 0
        self._message = 0
        self._numbers = 0

    def take_over(self, received: int) -> None:
        """The message has arrived, and so many bytes were taken for it by `Budgets.receive`."""
        self._held = self._arrived = received

    def arrive(self, size: int) -> None:
        """The message, of which more is about to arrive, may take so many bytes until it is read.

        Messages that have arrived wait for a place. Of the memory they hold only a share, or there
        would be none left to decode any.
        """
        share = min(size, self._arriving.size) if size > self._free else 0
        if share > self._arrived:
            self._obtain(self._arriving, share - self._arrived)
            self._arrived = share
        self.reserve(size)

    def computing(self, length: int) -> Budget:
        """`with budget.computing(length):` reads a message of so many bytes and computes, in a
        place; Problem `overloaded` if none becomes free in time. The last byte of the message has
        come, so its time starts, before any waiting. Within it this is the deadline of readers,
        which take none as an argument.

        Short work has places of its own, so that it never waits for long work; what turns out to
        be long goes on in another place.
        """
        begun, self._taken = time.monotonic(), time.thread_time()
        self._end, self._look_at = begun + self._seconds, begun + _SHORT_TIME
        self._enter(self._short if length <= _SHORT_MESSAGE else self._long)
        return self

    def decode(self, size: int) -> None:
        """The message is about to take so many bytes, decoded."""
        self._message = size
        if size > FREE or self._held:
            self.reserve(size)
            self._leave_arrivals()

    def __enter__(self) -> None:
        self._outer = self.enter()

    def __exit__(self, *_: object) -> None:
        self.leave(self._outer)
        self._leave()

    def spend(self, operations: float) -> None:
        """Go on in a place for long work, if this is some."""
        if operations > _SHORT_WORK:
            self._go_on()

    def check(self) -> None:
        """As of any deadline, which ends when the client leaves; and what has turned out to be
        long goes on in a place for that.
        """
        super().check()
        now = time.monotonic()
        if now <= self._look_at:
            return
        self._look_at = now + _SHORT_TIME
        if self._left():
            raise DeadlineExceeded("the client has left")
        if time.thread_time() > self._taken + _SHORT_TIME:  # the rest of the time was others'
            self._go_on()

    def _go_on(self) -> None:
        if self._place is self._short:
            self._leave()
            self._enter(self._long)

    def _enter(self, capacity: Capacity) -> None:
        if not capacity.enter():
            self._wait(capacity.wait, "too many computations are under way")
        self._place = capacity

    def _leave(self) -> None:
        place, self._place = self._place, None
        if place is not None:
            place.leave()

    def loaded(self, size: int) -> None:
        """The message has been read, and takes no more than so many bytes from now on."""
        self._message = min(self._message, size)

    @property
    def longest_answer(self) -> int:
        """Bytes that the text of an answer takes at most, by the message and what was held."""
        return self._message + _TEXT * self._numbers

    @property
    def is_held(self) -> bool:
        """Whether there is anything to release."""
        return bool(self._held)

    def hold(self, numbers: int, *, shown: bool = True) -> None:
        """Have room for so many numbers beside the message. shown: in the answer, too."""
        if shown:
            self._numbers = max(self._numbers, numbers)
        size = self._message + _NUMBER * numbers
        if size > self._held and size > FREE:
            self.reserve(size)

    def reserve(self, size: int) -> None:
        """Hold so many bytes, no less and no more.

        Problem invalid-message if a process never has so many, `overloaded` if they do not
        become free in time. Whoever waits for memory waits without its place.
        """
        wanted = size if size > self._free else 0
        more = wanted - self._held
        if more < 0:
            self._memory.give(-more)
        elif more:
            if wanted > self._memory.size:
                raise invalid([Fault("limit_exceeded", _too_much(wanted, self._memory.size))])
            self._obtain(self._memory, more)
        self._held = wanted

    def release(self) -> None:
        """Give everything back: the last byte has been sent, or there is none to send."""
        if self._held:
            self._memory.give(self._held)
            self._held = 0
        self._leave_arrivals()

    def _leave_arrivals(self) -> None:
        if self._arrived:
            self._arriving.give(self._arrived)
            self._arrived = 0

    def _obtain(self, memory: Memory, more: int) -> None:
        if memory.take(more):
            return
        place = self._place
        self._leave()
        held_by_others = "other requests hold the memory that this one needs"
        self._wait(partial(memory.wait, more), held_by_others)
        if place is not None:
            try:
                self._enter(place)
            except Problem:
                memory.give(more)
                raise

    def _wait(self, come: Callable[[float], bool], why: str) -> None:
        """Wait for something to come: neither past the end of the time nor, all waits together,
        longer than the patience.
        """
        begun = time.monotonic()
        came = come(max(0.0, min(self._patience, self._end - begun)))
        self._patience -= time.monotonic() - begun
        if not came:
            raise Problem("overloaded", f"{why}; try again shortly", headers={"Retry-After": "1"})


def _too_much(wanted: int, size: int) -> str:
    return (
        f"this takes about {wanted:,} bytes of memory at once, over the limit of {size:,} that a "
        "process has for all of its requests"
    )


class Budgets:
    """What a process has, and what it allows each request: `seconds` of time, `patience` seconds
    of which it may wait for one of the `places` and for some of the `memory` bytes.
    """

    def __init__(self, seconds: float, places: int, memory: int, patience: float) -> None:
        self.seconds = seconds
        self.patience = patience
        line = Line(_WAITING * places)
        # Short work is over soon, so that its line moves on, however long it is.
        self.short, self.long = Capacity(places, Line()), Capacity(places, line)
        self.memory = Memory(memory, line)
        self.arriving = Memory(memory // _ARRIVING, line)

    def new(self, left: Callable[[], bool] = lambda: False, free: int = FREE) -> Budget:
        """The budget of a request that is arriving. left: whether its client is gone. free: bytes
        that it may reserve without asking.
        """
        return Budget(self, left, free)

    def receive(self, count: int) -> bool:
        """Take bytes for what has arrived of a request; whether so many were left."""
        if not self.arriving.take(count):
            return False
        if self.memory.take(count):
            return True
        self.arriving.give(count)
        return False

    def forget(self, count: int) -> None:
        """Give back what `receive` has taken."""
        if count:
            self.arriving.give(count)
            self.memory.give(count)
