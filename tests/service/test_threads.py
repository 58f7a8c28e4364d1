"""Threads: few are awake while work is short, more when it is long, and none for nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from service.worker import threads as module
from service.worker.threads import Threads


class Job:
    """In the place of a connection: what is done with it."""

    def __init__(self, do: Callable[[], object], answer: object = None) -> None:
        self.do = do
        self.answer = answer


@pytest.fixture
def pool() -> Iterator[Threads]:
    """Eight threads, of which two are awake for short work."""

    def work(job: Any) -> None:
        job.do()

    made = Threads("test", 8, work, 2)
    yield made
    made.shutdown()


def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.001)


def give(pool: Threads, *jobs: Any) -> None:
    for job in jobs:
        pool.give(job)


def test_short_work_is_done_by_few_threads_in_its_order(pool: Threads) -> None:
    done: list[tuple[int, str]] = []
    jobs = [
        Job(lambda k=k: done.append((k, threading.current_thread().name)))  # type: ignore[misc]
        for k in range(2_000)
    ]
    give(pool, *jobs)
    until(lambda: len(done) == 2_000 and pool.awake == 0)
    assert len({name for _, name in done}) <= 2
    for name in {name for _, name in done}:
        mine = [k for k, by in done if by == name]
        assert mine == sorted(mine)


def test_long_work_wakes_others_one_by_one_up_to_all(
    pool: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    monkeypatch.setattr(module, "SOON", 3600.0)
    give(pool, *(Job(lambda: gate.wait(20)) for _ in range(20)))
    pool.tick()
    assert pool.awake == 2, "nothing has waited for long"
    monkeypatch.setattr(module, "SOON", 0.0)
    for awake in (3, 4, 5, 6, 7, 8, 8, 8):
        pool.tick()
        assert pool.awake == awake
    assert pool.is_wanted
    gate.set()
    until(lambda: pool.awake == 0)
    assert not pool.is_wanted


def test_who_waits_too_long_is_taken_away_unless_its_answer_has_begun(pool: Threads) -> None:
    gate = threading.Event()
    give(pool, *(Job(lambda: gate.wait(20)) for _ in range(2)))
    new, begun, newest = Job(int), Job(gate.is_set, answer="some of it"), Job(int)
    until(lambda: not pool.is_wanted)
    give(pool, new, begun)
    assert pool.late(60) == []
    time.sleep(0.01)
    late = pool.late(0.01)
    give(pool, newest)
    assert late == [new]  # type: ignore[comparison-overlap]
    assert pool.is_wanted
    gate.set()
    until(lambda: pool.awake == 0)


def test_where_there_are_no_more_threads_work_waits(
    pool: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(_: object) -> None:
        raise RuntimeError("can't start new thread")

    done: list[int] = []
    with monkeypatch.context() as none_left:
        none_left.setattr(threading.Thread, "start", start)
        give(pool, Job(lambda: done.append(1)))
        assert pool.awake == 0
        assert pool.is_wanted
    give(pool, Job(lambda: done.append(2)))
    until(lambda: done == [1, 2])


def test_a_thread_outlives_what_fails_in_it(
    pool: Threads, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[bool] = []
    give(pool, *(Job(lambda: 1 / 0) for _ in range(5)), Job(lambda: done.append(True)))
    until(lambda: done == [True] and caplog.text.count("ZeroDivisionError: ") == 5)
