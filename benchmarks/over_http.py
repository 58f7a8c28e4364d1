"""The smallest useful request over HTTP: gunicorn, one worker, kept connections, wrk.

Both servers run gunicorn with the service's configuration. The bare route does not log its
requests, so the service is judged without its access log; the rate with it is given too.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from benchmarks import wrk
from benchmarks.graphs import LESSON
from benchmarks.harness import Row, judged, unmeasured
from benchmarks.servers import BARE, serving

LEAST = 0.75


def measure(*, quick: bool) -> Iterator[Row]:
    """One row without a check in the message, one with."""
    wording = f"at least {LEAST:g} of a bare route's requests/s"
    bodies = {"d = a*b + c": LESSON, "d = a*b + c with check": {**LESSON, "check": True}}
    if not wrk.installed():
        for name in bodies:
            yield unmeasured(f"{name}, HTTP", wording, wrk.MISSING)
        return
    for name, message in bodies.items():
        ours, logging, bare = _rates(orjson.dumps(message), *((1, 1) if quick else (5, 3)))
        figures = f"service {ours:.0f}/s, with access log {logging:.0f}/s, bare route {bare:.0f}/s"
        yield judged(f"{name}, HTTP", wording, ours / bare, figures, at_least=LEAST, form="{:.2f}")


def _rates(body: bytes, rounds: int, seconds: int) -> tuple[float, float, float]:
    """The best rates of the service, of the service with its access log, and of the bare route."""
    best = [0.0, 0.0, 0.0]
    with serving() as ours, serving(GRADIENT_ACCESS_LOG="true") as logging, serving(BARE) as bare:
        for _ in range(rounds):
            for index, server in enumerate((ours, logging, bare)):
                best[index] = max(best[index], wrk.rate(f"{server.url}/gradient", body, seconds))
    return best[0], best[1], best[2]
