"""One line of JSON on standard error for each request, and for each defect.

A line says what was asked, how it ended, how long it took and how many bytes went each way.
Bodies are never logged: they are students' work.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from service import memory, metrics
from service.body import BYTES_IN

REQUEST_ID: Final = "service.request_id"
ROUTE: Final = "service.route"
_KNOWN_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})

access = logging.getLogger("service.access")

StartResponse = Callable[..., Any]
Wsgi = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class JsonLines(logging.Formatter):
    """A record as one JSON object; `extra={"members": ...}` becomes its members."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
        }
        if record.msg:
            line["message"] = record.getMessage()
        line |= getattr(record, "members", {})
        if record.exc_info:
            line["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        return orjson.dumps(line, default=str).decode()


class _StandardError(logging.Handler):
    """Writes to whatever sys.stderr is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        # In one write: several processes share it.
        sys.stderr.write(self.format(record) + "\n")
        sys.stderr.flush()


def configure(*, log_requests: bool) -> None:
    """Send the service's log to standard error, once, however many apps there are."""
    root = logging.getLogger("service")
    if not any(isinstance(handler, _StandardError) for handler in root.handlers):
        handler = _StandardError()
        handler.setFormatter(JsonLines())
        root.addHandler(handler)
    root.setLevel(logging.INFO)
    access.setLevel(logging.INFO if log_requests else logging.WARNING)


class Watch:
    """WSGI middleware that logs and counts each request when its last byte has gone out."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        visit = _Visit(environ)
        return visit.through(self._app(environ, visit.starting(start_response)))


class _Visit:
    """One request on its way through."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self._environ = environ
        self._begun = time.perf_counter()
        self._status = 0
        self._bytes_out = 0

    def starting(self, start_response: StartResponse) -> StartResponse:
        def start(status: str, headers: Any, *more: Any) -> Any:
            self._status = int(status.split(" ", 1)[0])
            return start_response(status, headers, *more)

        return start

    def through(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        try:
            for piece in pieces:
                self._bytes_out += len(piece)
                yield piece
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
            self._ended()
            memory.give_back()

    def _ended(self) -> None:
        environ = self._environ
        seconds = time.perf_counter() - self._begun
        method = environ.get("REQUEST_METHOD", "")
        label = method if method in _KNOWN_METHODS else "other"
        metrics.observe(environ.get(ROUTE, "unknown"), label, self._status, seconds)
        if not access.isEnabledFor(logging.INFO):
            return
        members = {
            "request_id": environ.get(REQUEST_ID),
            "method": method,
            "path": environ.get("PATH_INFO", ""),
            "status": self._status,
            "duration_ms": round(seconds * 1000, 3),
            "bytes_in": environ.get(BYTES_IN, 0),
            "bytes_out": self._bytes_out,
        }
        access.info("", extra={"members": members})
