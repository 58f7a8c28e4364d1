"""Every error the service answers with, in the one shape of RFC 9457.

A route, a schema or the reader of a body raises `Problem`, which is a row of problem_types.py
and what happened this time; the engine raises its own exceptions; `problem_of` turns any of them
into the problem to answer with.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from flask import Flask, Response, g, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from autograd_core import DeadlineExceeded, Fault
from service.problem_types import KINDS, MOST_FAULTS

MEDIA_TYPE = "application/problem+json"

log = logging.getLogger("service")


@dataclass(eq=False)
class Problem(Exception):
    """An answer that is an error: one row of KINDS and what happened this time."""

    kind: str
    detail: str
    faults: tuple[Fault, ...] = ()
    members: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return KINDS[self.kind].status

    def body(self, instance: str) -> dict[str, Any]:
        """The JSON object; `instance` names this occurrence, usually by the request id."""
        body: dict[str, Any] = {
            "type": f"/problems/{self.kind}",
            "title": KINDS[self.kind].title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            **self.members,
        }
        if self.faults:
            body["errors"] = [_error(fault) for fault in self.faults]
        return body


def invalid(faults: Iterable[Fault]) -> Problem:
    """The problem of a message with faults: sorted by place, and no more than MOST_FAULTS."""
    found = sorted(faults, key=lambda fault: [_sort_key(step) for step in fault.path])
    shown = tuple(found[:MOST_FAULTS])
    if len(shown) == 1:
        detail = shown[0].detail
    else:
        # Whoever looks for faults stops at some point, so that there may be more of them.
        least = "at least " if len(found) >= MOST_FAULTS else ""
        detail = f"the message has {least}{len(shown)} faults"
    return Problem("invalid-message", detail, shown)


def problem_of(error: Exception, instance: str) -> Problem:
    """The problem that an exception is answered with. An unforeseen one is a defect: it is
    logged with its traceback, and the answer says no more than where to find it in the log.

    What the functions that it went through had in hand is released.
    """
    _release(error)
    match error:
        case Problem():
            return error
        case ValidationError():
            return invalid(faults_of(error))
        case DeadlineExceeded():
            return Problem("deadline-exceeded", str(error), headers={"Retry-After": "10"})
        case MemoryError():
            detail = "there is not enough memory for this computation now"
            return Problem("overloaded", detail, headers={"Retry-After": "10"})
        case HTTPException() if error.code is not None and error.code < 500:
            return _from_werkzeug(error)
    log.error("a defect", exc_info=error, extra={"members": {"request_id": instance}})
    return Problem("internal-error", "something went wrong in the service; it has been logged")


def _release(error: BaseException | None) -> None:
    """Empty the frames that an exception, and those before it, have left behind.

    marshmallow raises an exception that it has in a variable, which makes a cycle: exception,
    traceback, frame. Until the collector's next full run, which can be hours away, it would keep
    a refused message, decoded, of up to hundreds of megabytes.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def faults_of(error: ValidationError) -> list[Fault]:
    """The faults a schema collected: every leaf of marshmallow's error tree is a Fault whose
    path is relative to the member that it is filed under.
    """
    return [
        fault.under(member) if member != "_schema" else fault
        for member, found in error.messages_dict.items()
        for fault in found
    ]


def pointer(path: tuple[str | int, ...]) -> str:
    """A path as a JSON Pointer (RFC 6901)."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def response_of(problem: Problem, request_id: str) -> Response:
    """The HTTP answer."""
    payload = orjson.dumps(problem.body(request_id), default=str)
    response = Response(payload, status=problem.status, mimetype=MEDIA_TYPE)
    response.headers.update(problem.headers)
    return response


def install(app: Flask) -> None:
    """Answer every exception of every route, and of routing itself, with a problem."""

    def answer(error: Exception) -> Any:
        if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
            return error
        return response_of(problem_of(error, g.request_id), g.request_id)

    app.register_error_handler(Exception, answer)


def _error(fault: Fault) -> dict[str, Any]:
    error: dict[str, Any] = {
        "pointer": pointer(fault.path),
        "code": fault.code,
        "detail": fault.detail,
    }
    if fault.line is not None:
        error |= {"line": fault.line, "column": fault.column}
    return error


def _sort_key(step: str | int) -> tuple[int, int, str]:
    return (0, step, "") if isinstance(step, int) else (1, 0, step)


def _from_werkzeug(error: HTTPException) -> Problem:
    """Routing's own 404 and 405, and whatever else Werkzeug refuses."""
    match error.code:
        case 404:
            return Problem("not-found", f"there is nothing at {request.path}")
        case 405:
            allowed = ", ".join(sorted(_methods(error)))
            detail = f"{request.path} does not take {request.method}; it takes {allowed}"
            return Problem("method-not-allowed", detail, headers={"Allow": allowed})
    return Problem("bad-request", error.description or "the request could not be understood")


def _methods(error: HTTPException) -> Iterable[str]:
    return (isinstance(error, MethodNotAllowed) and error.valid_methods) or ()
