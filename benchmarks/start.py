"""From the start of the process to the first /readyz that says 200, kernel compiled or cached."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

from benchmarks.harness import Row, judged
from benchmarks.servers import serving

COLD, CACHED = 12.0, 2.5


def measure(*, quick: bool) -> Iterator[Row]:
    """The best of three starts with an empty cache, and of five with a full one."""
    cold_starts, cached_starts = (1, 1) if quick else (3, 5)
    cold = [_start_cold() for _ in range(cold_starts)]
    with tempfile.TemporaryDirectory() as cache:
        _seconds(cache)
        cached = [_seconds(cache) for _ in range(cached_starts)]
    for name, most, seconds in (("kernel cached", CACHED, cached), ("cold", COLD, cold)):
        figures = "each start: " + ", ".join(f"{each:.2f} s" for each in seconds)
        wording = f"at most {most:g} s"
        what = f"start to ready, {name}"
        yield judged(what, wording, min(seconds), figures, at_most=most, form="{:.2f} s")


def _start_cold() -> float:
    with tempfile.TemporaryDirectory() as cache:
        return _seconds(cache)


def _seconds(cache: str) -> float:
    with serving(GRADIENT_KERNEL_CACHE=cache) as server:
        return server.started
