"""What Prometheus is told.

With several workers, PROMETHEUS_MULTIPROC_DIR names a directory through which they share
their counts, so that any of them can answer for all.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from functools import cache

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)

_registry = CollectorRegistry()

REQUESTS = Counter(
    "gradient_requests_total",
    "Requests answered.",
    ("route", "method", "status"),
    registry=_registry,
)
SECONDS = Histogram(
    "gradient_request_seconds",
    "From the first byte of a request to the last of its answer.",
    ("route",),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=_registry,
)


class _Sizes(Histogram):
    """A histogram that is told of many observations of one value at once."""

    def observe_many(self, value: float, times: int) -> None:
        """What `observe` does, so often. (prometheus_client has no public way to do it.)"""
        self._sum.inc(value * times)
        self._buckets[bisect_left(self._upper_bounds, value)].inc(times)


NODES = _Sizes(
    "gradient_nodes",
    "Nodes of the graphs computed.",
    buckets=(1, 3, 10, 30, 100, 300, 1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6),
    registry=_registry,
)

CONTENT_TYPE = CONTENT_TYPE_LATEST


def observe(route: str, method: str, status: int, seconds: float) -> None:
    """Count one request. `route` is a rule, never a path: callers choose paths."""
    _count(route, method, status).inc()
    _seconds(route).observe(seconds)


# Finding the series of some labels takes longer than adding to it; there are a few dozen.
_count = cache(lambda route, method, status: REQUESTS.labels(route, method, str(status)))
_seconds = cache(SECONDS.labels)


def exposition() -> bytes:
    """Everything, in the text format; of all workers, if there are several."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(_registry)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # no types
    return generate_latest(registry)
