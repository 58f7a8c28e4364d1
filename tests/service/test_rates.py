from __future__ import annotations

import pytest

from service.access.rates import RateLimit
from service.problems import Problem


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def refused(limit: RateLimit, client: str = "a") -> int:
    """How many seconds a refused client is told to wait; 0 for one that is let in."""
    try:
        limit.take(client)
    except Problem as problem:
        return int(problem.headers["Retry-After"])
    return 0


def test_a_burst_and_then_one_at_a_time() -> None:
    clock = Clock()
    limit = RateLimit(6, clock)
    assert [refused(limit) for _ in range(8)] == [0] * 6 + [10, 10]
    clock.now = 9.0
    assert refused(limit) == 1
    clock.now = 10.0
    assert refused(limit) == 0
    assert refused(limit) == 10
    assert refused(limit, "b") == 0


def test_rest_is_not_saved_up_beyond_the_burst() -> None:
    clock = Clock()
    limit = RateLimit(2, clock)
    clock.now = 1e6
    assert [refused(limit) for _ in range(3)] == [0, 0, 30]


def test_clients_are_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.access.rates._MOST_CLIENTS", 2)
    limit = RateLimit(1, Clock())
    assert [refused(limit, client) for client in "abab"] == [0, 0, 60, 60]
    assert [refused(limit, client) for client in "cda"] == [0, 0, 0]
