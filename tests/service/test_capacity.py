from __future__ import annotations

import gc
import threading

import pytest

from service.problems import Problem
from service.process import budget, capacity, collector
from service.process.budget import Budgets
from service.process.capacity import Line


def budgets(places: int, patience: float = 0.01) -> Budgets:
    return Budgets(10.0, places, 1, patience)


@pytest.mark.parametrize("length", [100, 10_000_000])
def test_places_are_given_back(length: int) -> None:
    shared = budgets(2)
    for _ in range(3):
        with shared.new().computing(length), shared.new().computing(length):
            with pytest.raises(Problem) as caught:
                shared.new().computing(length)
            assert caught.value.kind == "overloaded"
            assert caught.value.headers["Retry-After"] == "1"


def test_a_place_is_given_back_when_the_computation_fails() -> None:
    shared = budgets(1)
    with pytest.raises(ZeroDivisionError), shared.new().computing(1):
        raise ZeroDivisionError
    with shared.new().computing(1):
        pass


def test_who_waits_gets_the_next_place() -> None:
    shared = budgets(1, 30.0)
    served = []

    def wait() -> None:
        with shared.new().computing(1):
            served.append(1)

    with shared.new().computing(1):
        threads = [threading.Thread(target=wait) for _ in range(5)]
        for thread in threads:
            thread.start()
        assert served == []
    for thread in threads:
        thread.join(30)
    assert served == [1] * 5


def test_short_work_does_not_wait_for_long_work() -> None:
    shared = budgets(1)
    first, second, short = shared.new(), shared.new(), shared.new()
    with first.computing(100):
        first.spend(1e9)  # and goes on in a place for long work
        with short.computing(100):
            short.spend(1_000)
        with second.computing(100), pytest.raises(Problem):
            second.spend(1e9)
    with second.computing(100):
        second.spend(1e9)


def test_a_full_line_turns_away_whoever_comes() -> None:
    line = Line(2)
    waiting, over = threading.Barrier(3), threading.Event()
    came: list[bool] = []

    def come(seconds: float) -> bool:
        waiting.wait(30)
        return over.wait(seconds)

    threads = [threading.Thread(target=lambda: came.append(line.wait(come, 30))) for _ in range(2)]
    for thread in threads:
        thread.start()
    waiting.wait(30)
    assert not line.wait(come, 30)
    over.set()
    for thread in threads:
        thread.join(30)
    assert came == [True, True]
    assert line.wait(lambda _: True, 30)


def test_long_work_and_memory_are_waited_for_in_one_line_and_short_work_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(budget, "_WAITING", 0)
    shared = Budgets(60.0, places=1, memory=10_000_000, patience=30.0)
    with shared.new().computing(10_000_000), pytest.raises(Problem, match="computations"):
        shared.new().computing(10_000_000)
    shared.new().reserve(9_000_000)
    with pytest.raises(Problem, match="memory") as caught:
        shared.new().reserve(9_000_000)
    assert caught.value.headers["Retry-After"] == "1"
    first, second = shared.new(), shared.new()
    with first.computing(100):
        leaving = threading.Timer(0.1, first.spend, (1e9,))
        leaving.start()
        with second.computing(100):
            leaving.join(30)


def test_stopping_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "_stopping", threading.Event())
    assert not capacity.stopping()
    capacity.stop()
    assert capacity.stopping()


def test_the_collector_rests_until_the_last_one_left() -> None:
    assert gc.isenabled()
    with collector.paused():
        assert not gc.isenabled()
        with collector.paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), collector.paused():
        raise ZeroDivisionError
    assert gc.isenabled()
