"""What a computation may cost. Every limit is checked before the memory or time is spent."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sized
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar, Token
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

from autograd_core.errors import DeadlineExceeded


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one computation; the defaults are the service's.

    nodes: nodes in a graph, and operands of a node. elements: numbers in one tensor.
    total_elements: numbers held at once (8 bytes each; reverse mode keeps every intermediate
    value). cost: elementary operations, counted as elements computed times passes. rank: axes
    of a tensor. expression: characters of infix text. name: characters of an id. depth: nodes
    written inside one another. faults: how many faults are collected before giving up.
    drawn_values, drawn_operands: of a drawing, in more of which nobody sees anything, and whose
    layout takes longer than anybody waits.
    """

    nodes: int = 1_000_000
    elements: int = 10_000_000
    total_elements: int = 100_000_000
    cost: int = 2_000_000_000
    rank: int = 8
    expression: int = 100_000
    name: int = 256
    depth: int = 100
    faults: int = 50
    drawn_values: int = 200
    drawn_operands: int = 400


DEFAULT_LIMITS = Limits()


# Steps of a loop between two looks at the clock: those of Python take a microsecond or so, and
# those that come to NumPy some tens.
STEPS_BETWEEN_LOOKS: Final = 1024
# Pairs of characters that suggestions for unknown names may compare in all: a tenth of a second.
_PAIRS: Final = 1_600_000

T = TypeVar("T")


class Deadline:
    """A moment on the monotonic clock after which `check` raises.

    Everything that loops over what a caller sent asks it, and tells it beforehand how much it is
    going to compute and to hold: a caller whose processors and memory are shared may override
    `spend` and `hold`, to wait for them or to refuse.
    """

    _pairs = _PAIRS

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def check(self) -> None:
        """Raise DeadlineExceeded if the time is up."""
        if time.monotonic() > self._end:
            raise DeadlineExceeded(f"the computation did not end within {self._seconds:g} s")

    @property
    def remaining(self) -> float:
        """Seconds until then; less than 0 after it."""
        return self._end - time.monotonic()

    def spend(self, operations: float) -> None:
        """Called before a computation of about so many elementary operations."""

    def hold(self, numbers: int, *, shown: bool = True) -> None:
        """Called before a computation holds so many numbers at once, 8 bytes each. shown: whether
        all of them may be in its result.
        """

    def compare(self, pairs: int) -> bool:
        """Whether a suggestion may compare so many pairs of characters, which then count: however
        many names are unknown, suggestions for all of them have one budget.
        """
        self._pairs -= pairs
        return self._pairs >= 0

    @staticmethod
    def current() -> Deadline | None:
        """The deadline within whose `ambient` this thread is, if any.

        For what takes no deadline as an argument: readers, and rules of operations.
        """
        return _current.get()

    def ambient(self) -> AbstractContextManager[None]:
        """Within this, `Deadline.current()` is this deadline."""
        return _Ambient(self)

    def enter(self) -> Token[Deadline | None]:
        """Begin what `ambient` is."""
        return _current.set(self)

    @staticmethod
    def leave(token: Token[Deadline | None]) -> None:
        """End it; token: what `enter` returned."""
        _current.reset(token)


class _Ambient:
    """What `Deadline.ambient` gives; a generator's context takes three times as long."""

    __slots__ = ("_deadline", "_token")

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def __enter__(self) -> None:
        self._token = self._deadline.enter()

    def __exit__(self, *_: object) -> None:
        Deadline.leave(self._token)


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


def within(deadline: Deadline | None) -> AbstractContextManager[None]:
    """`deadline.ambient()`; without a deadline, whichever is current stays so."""
    return _UNCHANGED if deadline is None else deadline.ambient()


_UNCHANGED: Final = nullcontext()


def look() -> None:
    """Look at the clock of the current deadline, if there is one. Raises DeadlineExceeded."""
    deadline = _current.get()
    if deadline is not None:
        deadline.check()


def watched(
    items: Iterable[T], deadline: Deadline | None, steps: int = STEPS_BETWEEN_LOOKS
) -> Iterable[T]:
    """The items, with a look at the clock before each `steps` of them. Raises DeadlineExceeded.

    So many are taken from `items` at once. Without a deadline these are the items themselves, and
    so they are where they are known to be no more than that.
    """
    if deadline is None or (isinstance(items, Sized) and len(items) <= steps):
        return items
    return _watched(items, deadline, steps)


def _watched(items: Iterable[T], deadline: Deadline, steps: int) -> Iterator[T]:
    remaining = iter(items)
    while batch := list(islice(remaining, steps)):
        deadline.check()
        yield from batch
