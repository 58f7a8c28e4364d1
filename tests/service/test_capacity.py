from __future__ import annotations

import gc
import threading
from contextlib import AbstractContextManager

import pytest

from service import capacity, collector
from service.budget import Budgets, Memory
from service.capacity import Capacity
from service.problems import Problem


def place(places: Capacity) -> AbstractContextManager[None]:
    """A place for as long as a request computes."""
    return Budgets(10.0, places, Memory(1), 0.01).new().computing()


def test_places_are_given_back() -> None:
    places = Capacity(2, 0.01)
    for _ in range(3):
        with place(places), place(places):
            with pytest.raises(Problem) as caught:
                places.enter()
            assert caught.value.kind == "overloaded"
            assert caught.value.headers["Retry-After"] == "1"


def test_a_place_is_given_back_when_the_computation_fails() -> None:
    places = Capacity(1, 0.01)
    with pytest.raises(ZeroDivisionError), place(places):
        raise ZeroDivisionError
    with place(places):
        pass


def test_who_waits_gets_the_next_place() -> None:
    places = Capacity(1, 30.0)
    served = []

    def wait() -> None:
        with place(places):
            served.append(1)

    with place(places):
        threads = [threading.Thread(target=wait) for _ in range(5)]
        for thread in threads:
            thread.start()
        assert served == []
    for thread in threads:
        thread.join(30)
    assert served == [1] * 5


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
