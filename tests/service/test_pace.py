"""How long a client may keep the server waiting for the bytes of a request."""

from __future__ import annotations

from service.process.pace import MOST_BOUGHT, PATIENCE, SLOWEST, Pace


def test_silence_ends_a_request() -> None:
    pace = Pace(15.0, 100.0)
    assert pace.end == 115.0
    pace.arrived(1, 110.0)
    assert pace.end == 125.0


def test_a_client_that_drips_runs_out_of_time() -> None:
    pace, now = Pace(15.0, 0.0), 0.0
    while now < pace.end:
        now += 1.0
        pace.arrived(1, now)
    assert PATIENCE <= now < PATIENCE + 2


def test_a_client_at_the_slowest_pace_never_does() -> None:
    pace = Pace(15.0, 0.0)
    for now in range(1, 10_000):
        assert now < pace.end
        pace.arrived(int(SLOWEST), float(now))


def test_what_comes_fast_buys_time_but_not_for_ever() -> None:
    pace = Pace(1e6, 0.0)
    pace.arrived(32 * 1024**2, 1.0)
    assert pace.end == 1.0 + PATIENCE + MOST_BOUGHT
