"""Every error the service answers with, in the one shape of RFC 9457.

A route, a schema or the reader of a body raises `Problem`, which is a row of problem_types.py
and what happened this time; the engine raises its own exceptions; `problem_of` turns any of them
into the problem to answer with.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson
from flask import Flask, Response, current_app, g, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from autograd_core import DeadlineExceeded, Fault
from service.answers.record import Form, Member, Record, list_of, one_of_growing, text
from service.problem_types import CODES, KINDS, MOST_FAULTS
from service.routes import suggestion

MEDIA_TYPE = "application/problem+json"

Path = tuple[str | int, ...]

log = logging.getLogger("service")


@dataclass(eq=False)
class Problem(Exception):
    """An answer that is an error: one row of KINDS and what happened this time.

    line, column: where the body stopped being JSON. instance: a name for this occurrence,
    usually the request id.
    """

    kind: str
    detail: str
    faults: tuple[Fault, ...] = ()
    line: int | None = None
    column: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    instance: str = ""

    @property
    def status(self) -> int:
        return KINDS[self.kind].status

    def body(self, instance: str) -> dict[str, Any]:
        """The JSON object."""
        return PROBLEM.written(replace(self, instance=instance))


def pointer(path: Path) -> str:
    """A path as a JSON Pointer (RFC 6901)."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


_LINE: Final = "In text, the line, counted from 1."
_COLUMN: Final = "In text, the column, counted from 1."
_PLACE: Final = Form({"type": ["integer", "null"], "minimum": 1})
_POSITION: Final = Form({"type": "integer", "minimum": 1})
FAULT: Final = Record(
    "Fault",
    "One thing that is wrong with a message.",
    Member("pointer", text("Where: a JSON Pointer (RFC 6901)."), lambda it: pointer(it.path)),
    Member("code", one_of_growing(CODES, "What kind of fault it is.")),
    Member("detail", text("What was found, and what was expected.")),
    Member("line", _PLACE.said(_LINE), optional=True),
    Member("column", _PLACE.said(_COLUMN), optional=True),
)
_TYPES: Final = [f"/problems/{kind}" for kind in KINDS]
PROBLEM: Final = Record(
    "Problem",
    "An error (RFC 9457).",
    Member(
        "type",
        one_of_growing(_TYPES, "What went wrong, for programs."),
        lambda it: f"/problems/{it.kind}",
    ),
    Member(
        "title",
        text("The same for every problem of this type."),
        lambda it: KINDS[it.kind].title,
    ),
    Member(
        "status",
        Form(
            {
                "type": "integer",
                "minimum": 400,
                "maximum": 599,
                "description": "That of the answer.",
            }
        ),
    ),
    Member("detail", text("What went wrong this time.")),
    Member("instance", text("The request id; in a stream, the line.")),
    Member(
        "errors",
        list_of(FAULT, f"Every fault of the message, up to {MOST_FAULTS}."),
        lambda it: it.faults or None,
        optional=True,
    ),
    Member("line", _POSITION.said(_LINE), optional=True),
    Member("column", _POSITION.said(_COLUMN), optional=True),
)


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


def response_of(problem: Problem, request_id: str) -> Response:
    """The HTTP answer."""
    payload = orjson.dumps(problem.body(request_id), default=str)
    response = Response(payload, status=problem.status, mimetype=MEDIA_TYPE)
    response.headers.update(problem.headers)
    return response


def install(app: Flask, page_of: Callable[[Problem], Response | None]) -> None:
    """Answer every exception of every route, and of routing itself, with a problem: as a page,
    where `page_of` has one for the client.
    """

    def answer(error: Exception) -> Any:
        if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
            return error
        problem = problem_of(error, g.request_id)
        response = page_of(problem) or response_of(problem, g.request_id)
        if request.method in {"GET", "HEAD"}:
            response.vary.add("Accept")
        return response

    app.register_error_handler(Exception, answer)


def _sort_key(step: str | int) -> tuple[int, int, str]:
    return (0, step, "") if isinstance(step, int) else (1, 0, step)


def _from_werkzeug(error: HTTPException) -> Problem:
    """Routing's own 404 and 405, and whatever else Werkzeug refuses."""
    match error.code:
        case 404:
            routes = current_app.create_url_adapter(request)
            meant = "" if routes is None else suggestion(request.path, routes)
            return Problem("not-found", f"there is nothing at {request.path}{meant}")
        case 405:
            allowed = ", ".join(sorted(_methods(error)))
            detail = f"{request.path} does not take {request.method}; it takes {allowed}"
            return Problem("method-not-allowed", detail, headers={"Allow": allowed})
    return Problem("bad-request", error.description or "the request could not be understood")


def _methods(error: HTTPException) -> Iterable[str]:
    return (isinstance(error, MethodNotAllowed) and error.valid_methods) or ()
