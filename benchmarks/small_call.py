"""The smallest useful request, in this process: d = a*b + c, against a bare route.

Alone, with a check and without, and as a line of NDJSON among others like it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import orjson

from benchmarks import bare
from benchmarks.graphs import LESSON
from benchmarks.harness import Row, durations, judged, side_by_side
from benchmarks.ours import NDJSON, service, wsgi_call
from benchmarks.stream import block

MOST = {"with check": 2.0, "without": 1.0}
# 60,000 lines a second, on a machine where a bare route takes 110 µs.
MOST_OF_A_LINE = 0.15


def measure(*, quick: bool) -> Iterator[Row]:
    """A row each."""
    app = service()
    lines = block()
    with_check = orjson.dumps({**LESSON, "check": True})
    without = orjson.dumps(LESSON)
    times = side_by_side(
        {
            "with check": wsgi_call(app, "/gradient", with_check),
            "without": wsgi_call(app, "/gradient", without),
            "bare route": wsgi_call(bare.app, "/gradient", with_check),
            "lines": wsgi_call(app, "/gradient", lines, NDJSON),
        },
        rounds=40,
        quick=quick,
    )
    times["a line"] = times["lines"] / lines.count(b"\n")
    for name, most in MOST.items():
        yield _row(f"d = a*b + c {name}, WSGI call", name, times, most)
    yield _row("d = a*b + c, a line of NDJSON", "a line", times, MOST_OF_A_LINE)


def _row(what: str, name: str, times: Mapping[str, float], most: float) -> Row:
    figures = durations({each: times[each] for each in (name, "bare route")})
    ratio = times[name] / times["bare route"]
    return judged(what, f"at most {most:g}x the time of a bare route", ratio, figures, at_most=most)
