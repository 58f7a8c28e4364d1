"""Measuring side by side, and judging what came out.

The machine may be shared and its clock may change: an absolute time says little. Contestants
take turns, many times over, and each is represented by its best turn, the one that was
disturbed least. The collector stays on, as it is in use, but finds the turn's own objects
only: what other contestants keep alive is frozen.
"""

from __future__ import annotations

import gc
import itertools
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

Contestant = Callable[[], object]
AS_FAST, THE_TIME = "{:.3g}x as fast", "{:.3g}x the time"
DEEP_STACK = 512 * 1024 * 1024
MET, MISSED, FAILED = "met", "missed", "failed"
UNMEASURED, UNJUDGED = "not measured", "for comparison"


@dataclass(frozen=True)
class Row:
    """A line of the table: a ratio with its target and verdict, and the absolute figures."""

    what: str
    target: str
    measured: str
    verdict: str
    figures: str


def side_by_side(
    contestants: Mapping[str, Contestant],
    *,
    rounds: int = 15,
    sample: float = 0.05,
    budget: float = 60.0,
    quick: bool = False,
) -> dict[str, float]:
    """Seconds of one call of each contestant, at its best.

    Each round times every contestant once, over as many calls as fill `sample` seconds, in an
    order that rotates. There are `rounds` of them, or as many as fit into `budget` seconds,
    but never fewer than 3. `quick` is for seeing that it runs.
    """
    if quick:
        rounds, sample = 3, 1e-4
    names = list(contestants)
    best = dict.fromkeys(names, float("inf"))
    with _others_frozen():
        calls = {name: _calls(contestants[name], sample) for name in names}
        end = time.perf_counter() + budget
        for number in range(rounds):
            if number >= 3 and time.perf_counter() > end:
                break
            turn = number % len(names)
            for name in (*names[turn:], *names[:turn]):
                best[name] = min(best[name], _seconds(contestants[name], calls[name]))
    return best


@contextmanager
def _others_frozen() -> Iterator[None]:
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _calls(contestant: Contestant, sample: float) -> int:
    contestant()  # the first call imports, compiles and fills caches
    return max(1, int(sample / max(_seconds(contestant, 1), 1e-9)))


def _seconds(contestant: Contestant, calls: int) -> float:
    gc.collect()
    turns = itertools.repeat(None, calls)
    begun = time.perf_counter()
    for _ in turns:
        contestant()
    return (time.perf_counter() - begun) / calls


def judged(
    what: str,
    target: str,
    value: float,
    figures: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    form: str = THE_TIME,
) -> Row:
    """A row for a value that was measured; `form` is how it is shown."""
    if at_least is None and at_most is None:
        verdict = UNJUDGED
    else:
        above = at_least is None or value >= at_least
        below = at_most is None or value <= at_most
        verdict = MET if above and below else MISSED
    return Row(what, target, form.format(value), verdict, figures)


def unmeasured(what: str, target: str, reason: str) -> Row:
    """A row for what could not be measured here, and why."""
    return Row(what, target, reason, UNMEASURED, "")


def duration(seconds: float) -> str:
    """A time as a person writes it: three digits and a unit."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def durations(times: Mapping[str, float]) -> str:
    """Several times, each with its name."""
    return ", ".join(f"{name} {duration(seconds)}" for name, seconds in times.items())


def in_deep_thread(work: Callable[[], None]) -> None:
    """Run where recursion a hundred thousand calls deep has room: micrograd's sort recurses."""
    failure: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            failure.append(error)

    before = threading.stack_size(DEEP_STACK), sys.getrecursionlimit()
    sys.setrecursionlimit(1_000_000)
    try:
        thread = threading.Thread(target=guarded, name="deep")
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before[0])
        sys.setrecursionlimit(before[1])
    if failure:
        raise failure[0]
