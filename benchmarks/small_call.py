"""The smallest useful request, in this process: d = a*b + c with a check, against a bare route."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from benchmarks import bare
from benchmarks.graphs import LESSON
from benchmarks.harness import Row, durations, judged, side_by_side
from benchmarks.ours import service, wsgi_call

MOST = 2.0


def measure(*, quick: bool) -> Iterator[Row]:
    """With the check, which is judged, and without."""
    app = service()
    with_check = orjson.dumps({**LESSON, "check": True})
    without = orjson.dumps(LESSON)
    times = side_by_side(
        {
            "with check": wsgi_call(app, "/gradient", with_check),
            "without": wsgi_call(app, "/gradient", without),
            "bare route": wsgi_call(bare.app, "/gradient", with_check),
        },
        rounds=40,
        quick=quick,
    )
    for name, most in (("with check", MOST), ("without", None)):
        figures = durations({name: times[name], "bare route": times["bare route"]})
        ratio = times[name] / times["bare route"]
        wording = f"at most {MOST:g}x the time of a bare route" if most else ""
        yield judged(f"d = a*b + c {name}, WSGI call", wording, ratio, figures, at_most=most)
