"""Limits and deadlines by themselves; what they hold back is told beside what costs."""

import dataclasses
from typing import Any

import pytest

from autograd_core import Deadline, DeadlineExceeded, Limits


def test_the_defaults_are_the_documented_ones() -> None:
    limits = Limits()
    assert (limits.nodes, limits.elements, limits.cost) == (1_000_000, 10_000_000, 2_000_000_000)
    assert (limits.rank, limits.expression, limits.name) == (8, 100_000, 256)
    assert (limits.depth, limits.faults) == (100, 50)
    assert limits.total_elements >= limits.elements


def test_limits_cannot_be_changed() -> None:
    limits: Any = Limits()
    with pytest.raises(dataclasses.FrozenInstanceError):
        limits.nodes = 2


def test_time_that_is_left_passes_silently() -> None:
    Deadline(60.0).check()


@pytest.mark.parametrize("seconds", [-1e-9, -1.0, -1e9])
def test_time_that_is_up_raises(seconds: float) -> None:
    with pytest.raises(DeadlineExceeded, match="did not end within"):
        Deadline(seconds).check()


def test_a_deadline_of_zero_is_over_as_soon_as_the_clock_moves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    deadline = Deadline(0.0)
    deadline.check()
    now += 1e-9
    with pytest.raises(DeadlineExceeded, match="within 0 s"):
        deadline.check()


def test_a_deadline_says_how_long_it_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.monotonic", lambda: 100.0)
    deadline = Deadline(5.0)
    monkeypatch.setattr("time.monotonic", lambda: 107.0)
    assert deadline.remaining == -2.0


def test_a_deadline_counts_from_when_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    deadline = Deadline(2.5)
    now = 102.5
    deadline.check()
    now = 102.6
    with pytest.raises(DeadlineExceeded, match=r"within 2\.5 s"):
        deadline.check()
