"""One budget a request: memory is taken, waited for without a place, and given back."""

from __future__ import annotations

import threading
import time

import pytest

from autograd_core.errors import DeadlineExceeded
from autograd_core.limits import Deadline
from service.problems import Problem
from service.process.budget import FREE, Budgets, Memory
from service.process.capacity import Capacity
from service.process.stream_budget import StreamBudget

MEGABYTE = 1024 * 1024


def budgets(size: int, places: int = 4, patience: float = 0.05, seconds: float = 10.0) -> Budgets:
    return Budgets(seconds, places, size, patience)


def test_what_is_reserved_is_held_until_it_is_released() -> None:
    shared = budgets(10 * MEGABYTE)
    budget = shared.new()
    for size, left in [(4, 6), (7, 3), (2, 8), (0, 10), (5, 5)]:
        budget.reserve(size * MEGABYTE)
        assert shared.memory.left == left * MEGABYTE
    budget.release()
    budget.release()
    assert shared.memory.left == 10 * MEGABYTE


def test_small_requests_take_nothing() -> None:
    shared = budgets(0)
    budget = shared.new()
    budget.decode(FREE - 80)
    budget.hold(10)
    budget.reserve(FREE)
    assert not budget.is_held


def test_a_computation_holds_its_numbers_beside_its_message() -> None:
    shared = budgets(100 * MEGABYTE)
    budget = shared.new()
    budget.decode(10 * MEGABYTE)
    budget.hold(MEGABYTE)
    assert shared.memory.left == 82 * MEGABYTE
    budget.hold(10)  # a part of it that needs less
    assert shared.memory.left == 82 * MEGABYTE
    budget.loaded(2 * MEGABYTE)
    budget.hold(2 * MEGABYTE)
    assert shared.memory.left == 82 * MEGABYTE


def test_more_than_a_process_has_is_refused_at_once() -> None:
    budget = budgets(10 * MEGABYTE, patience=60).new()
    with pytest.raises(Problem) as caught:
        budget.reserve(11 * MEGABYTE)
    assert caught.value.kind == "invalid-message"
    (fault,) = caught.value.faults
    assert fault.code == "limit_exceeded"
    assert f"{11 * MEGABYTE:,}" in fault.detail
    assert f"{10 * MEGABYTE:,}" in fault.detail


def test_memory_that_others_hold_is_waited_for_with_patience() -> None:
    shared = budgets(10 * MEGABYTE)
    shared.new().reserve(8 * MEGABYTE)
    waiting = shared.new()
    with pytest.raises(Problem) as caught:
        waiting.reserve(3 * MEGABYTE)
    assert caught.value.kind == "overloaded"
    assert caught.value.headers["Retry-After"] == "1"
    assert shared.memory.left == 2 * MEGABYTE


def test_all_waiting_together_takes_no_longer_than_the_patience(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[float] = []
    monkeypatch.setattr(Memory, "wait", lambda *_: time.sleep(0.2) or True)
    monkeypatch.setattr(Capacity, "wait", lambda _, patience: given.append(patience))
    shared = budgets(10 * MEGABYTE, places=1, patience=30)
    holder, waiting = shared.new(), shared.new()
    holder.reserve(8 * MEGABYTE)
    waiting.reserve(5 * MEGABYTE)
    with holder.computing(100), pytest.raises(Problem):
        waiting.computing(100)
    assert 0 < given[0] <= 29.8


def test_memory_given_back_goes_to_whoever_waits() -> None:
    shared = budgets(10 * MEGABYTE, patience=30)
    holder, waiting = shared.new(), shared.new()
    holder.reserve(8 * MEGABYTE)
    thread = threading.Thread(target=waiting.reserve, args=(5 * MEGABYTE,))
    thread.start()
    holder.release()
    thread.join(timeout=30)
    assert shared.memory.left == 5 * MEGABYTE


def test_whoever_waits_for_memory_waits_without_its_place() -> None:
    shared = budgets(10 * MEGABYTE, places=1, patience=30)
    holder, waiting, small = shared.new(), shared.new(), shared.new()
    holder.reserve(8 * MEGABYTE)
    placed, done = threading.Event(), threading.Event()

    def compute() -> None:
        with waiting.computing(100):
            placed.set()
            waiting.reserve(5 * MEGABYTE)
            done.set()

    thread = threading.Thread(target=compute)
    thread.start()
    assert placed.wait(30)
    with small.computing(100):  # the only place
        assert not done.is_set()
        holder.release()
    thread.join(timeout=30)
    assert done.is_set()
    with small.computing(100):
        pass


def test_a_place_that_does_not_come_back_costs_no_memory() -> None:
    shared = budgets(10 * MEGABYTE, places=1, patience=0.05)
    holder, waiting, other = shared.new(), shared.new(), shared.new()
    holder.reserve(8 * MEGABYTE)
    entered = threading.Event()

    def take_the_place() -> None:
        with other.computing(100):
            entered.set()
            holder.release()
            time.sleep(0.3)

    thread = threading.Thread(target=take_the_place)

    def compute() -> None:
        with waiting.computing(100):
            thread.start()
            waiting.reserve(5 * MEGABYTE)

    with pytest.raises(Problem):
        compute()
    thread.join(timeout=30)
    assert entered.is_set()
    assert shared.memory.left == 10 * MEGABYTE


def test_time_starts_with_the_last_byte() -> None:
    budget = budgets(MEGABYTE, seconds=0.2).new()
    assert isinstance(budget, Deadline)
    time.sleep(0.25)
    with budget.computing(10):
        budget.check()
        time.sleep(0.25)
        with pytest.raises(TimeoutError):
            budget.check()


def test_time_passes_while_a_place_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Capacity, "enter", lambda _: time.sleep(0.15) or True)
    budget = budgets(MEGABYTE, seconds=0.1).new()
    with budget.computing(10), pytest.raises(TimeoutError):
        budget.check()


def test_nobody_waits_for_a_place_longer_than_its_time() -> None:
    shared = budgets(MEGABYTE, places=1, patience=30, seconds=0.1)
    begun = time.monotonic()
    with shared.new().computing(10), pytest.raises(Problem) as caught:
        shared.new().computing(10)
    assert caught.value.kind == "overloaded"
    assert time.monotonic() - begun < 10


def test_messages_that_arrive_hold_only_a_share_of_the_memory() -> None:
    shared = budgets(40 * MEGABYTE)
    first, second, third = shared.new(), shared.new(), shared.new()
    first.arrive(6 * MEGABYTE)
    first.arrive(8 * MEGABYTE)
    with pytest.raises(Problem) as caught:
        second.arrive(3 * MEGABYTE)
    assert caught.value.kind == "overloaded"
    first.decode(20 * MEGABYTE)
    second.arrive(3 * MEGABYTE)
    assert shared.memory.left == 17 * MEGABYTE
    second.decode(100)
    assert not second.is_held
    third.arrive(12 * MEGABYTE)  # more than the share, and all of it
    with pytest.raises(Problem):
        second.arrive(2 * MEGABYTE)
    for budget in (first, second, third):
        budget.release()
    assert shared.memory.left == 40 * MEGABYTE
    second.arrive(10 * MEGABYTE)


def test_answers_under_way_are_released_together() -> None:
    shared = budgets(10 * MEGABYTE)
    stream = StreamBudget(shared)
    for _ in range(3):
        stream.new().reserve(2 * MEGABYTE)
    assert shared.memory.left == 4 * MEGABYTE
    stream.sent()
    stream.sent()
    assert shared.memory.left == 10 * MEGABYTE


def test_the_line_that_arrives_holds_memory_as_it_grows() -> None:
    shared = budgets(40 * MEGABYTE)
    stream = StreamBudget(shared)
    longest = 8 * MEGABYTE
    for length, left in [
        (1000, 40),
        (FREE, 38),
        (3 * MEGABYTE, 34),
        (4 * MEGABYTE, 34),
        (7 * MEGABYTE, 32),
    ]:
        assert stream.over(length, longest) is None
        assert shared.memory.left == left * MEGABYTE
    other = StreamBudget(shared)
    problem = other.over(3 * MEGABYTE, longest)
    assert problem is not None
    assert problem.status == 503
    stream.answered()
    assert shared.memory.left == 32 * MEGABYTE, "it has not come to its end"
    assert stream.over(0, longest) is None
    stream.answered()
    other.answered()
    assert shared.memory.left == 40 * MEGABYTE
    assert other.over(3 * MEGABYTE, longest) is None


def test_an_open_stream_is_memory_that_others_do_not_have() -> None:
    shared = budgets(10 * MEGABYTE)
    streams = [StreamBudget(shared, 4 * MEGABYTE) for _ in range(2)]
    with pytest.raises(Problem) as caught:
        StreamBudget(shared, 4 * MEGABYTE)
    assert caught.value.status == 503
    streams[0].keep(100_000)  # little, but there may be thousands of streams
    assert shared.memory.left == 2 * MEGABYTE - 100_000
    for stream in streams:
        stream.close()
        stream.close()
    assert shared.memory.left == 10 * MEGABYTE


def test_what_takes_long_goes_on_in_a_place_for_long_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """However short its message is: else a few of them would hold all places for short work."""
    shared = budgets(0, places=1)
    with shared.new().computing(10), pytest.raises(Problem):
        shared.new().computing(10)
    monkeypatch.setattr("service.process.budget._SHORT_TIME", -1.0)
    first = shared.new()
    with first.computing(10):
        first.check()
        with shared.new().computing(10):
            pass
        with pytest.raises(Problem, match="too many computations"):
            shared.new().computing(MEGABYTE)


def test_the_time_of_a_client_that_has_left_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.process.budget._SHORT_TIME", -1.0)
    there = [True]
    budget = budgets(0).new(lambda: not there[0])
    with budget.computing(10):
        budget.check()
        there[0] = False
        with pytest.raises(DeadlineExceeded, match="the client has left"):
            budget.check()


def test_what_was_taken_while_a_message_arrived_is_handed_over() -> None:
    shared = budgets(40 * MEGABYTE)
    assert shared.receive(6 * MEGABYTE)
    assert not shared.receive(5 * MEGABYTE), "a quarter is for what arrives"
    budget = shared.new()
    budget.take_over(6 * MEGABYTE)
    budget.arrive(6 * MEGABYTE)
    assert (shared.memory.left, shared.arriving.left) == (34 * MEGABYTE, 4 * MEGABYTE)
    budget.decode(20 * MEGABYTE)
    assert (shared.memory.left, shared.arriving.left) == (20 * MEGABYTE, 10 * MEGABYTE)
    budget.release()
    assert shared.receive(MEGABYTE)
    shared.forget(MEGABYTE)
    short = shared.new()
    assert shared.receive(MEGABYTE // 8)
    short.take_over(MEGABYTE // 8)
    short.decode(MEGABYTE // 8)
    assert not short.is_held
    assert (shared.memory.left, shared.arriving.left) == (40 * MEGABYTE, 10 * MEGABYTE)
