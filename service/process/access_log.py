"""One line of JSON on standard error for each request, and for each defect.

A line says who asked what, how it ended, how long it took and how many bytes went each way.
Bodies are never logged: they are students' work.
"""

from __future__ import annotations

import logging
import select
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, TextIO

import orjson

from service.access.addresses import Network, address_of
from service.process import memory, metrics

# What a request is known by in its WSGI environment.
REQUEST_ID: Final = "service.request_id"
ROUTE: Final = "service.route"
CLIENT: Final = "service.client"
BODY: Final = "service.body"  # what reads it, and counts the bytes `taken`
_KNOWN_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})

_SOON: Final = 0.1  # seconds

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


class StandardError(logging.Handler):
    """Writes to whatever sys.stderr is at the moment, if that takes anything: a full disk or a
    pipe that nobody empties loses lines, and harms no answer.
    """

    _stuck = False

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record) + "\n"
        # A pipe that is full may be emptied soon, but only the first line waits for that.
        self._stuck = not _takes(sys.stderr, 0 if self._stuck else _SOON)
        if self._stuck:
            return
        with suppress(OSError, ValueError):  # ValueError: it is closed
            # In one write: several processes share it.
            sys.stderr.write(line)
            sys.stderr.flush()


def _takes(stream: TextIO, seconds: float) -> bool:
    """Whether a stream takes a line without being waited for; one that is no file always does."""
    try:
        poll = select.poll()
        poll.register(stream, select.POLLOUT)
        return bool(poll.poll(seconds * 1000))
    except (OSError, ValueError):
        return True


def configure(*, log_requests: bool) -> None:
    """Send the service's log to standard error, once, however many apps there are."""
    for name in ("service", "autograd_core"):
        root = logging.getLogger(name)
        if not any(isinstance(handler, StandardError) for handler in root.handlers):
            handler = StandardError()
            handler.setFormatter(JsonLines())
            root.addHandler(handler)
        root.setLevel(logging.INFO)
    access.setLevel(logging.INFO if log_requests else logging.WARNING)


class Watch:
    """WSGI middleware that logs and counts each request when its last byte has gone out."""

    def __init__(self, app: Wsgi, proxies: Sequence[Network] = ()) -> None:
        self._app = app
        self._proxies = proxies

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        environ[CLIENT] = address_of(environ, self._proxies)
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
            "client": environ[CLIENT],
            "method": method,
            "path": environ.get("PATH_INFO", ""),
            "status": self._status,
            "duration_ms": round(seconds * 1000, 3),
            "bytes_in": getattr(environ.get(BODY), "taken", 0),
            "bytes_out": self._bytes_out,
        }
        # Not `access.info`, which looks for the line of code that it was called from.
        record = logging.LogRecord(access.name, logging.INFO, "", 0, "", None, None)
        record.members = members
        access.handle(record)
