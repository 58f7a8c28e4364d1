"""Every error the service answers with, in the one shape of RFC 9457.

`KINDS` is the table of problem types: each has a stable address under /problems/, where a page
explains it. A route, a schema or the reader of a body raises `Problem`; the engine raises its
own exceptions; `problem_of` turns any of them into the problem to answer with.
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

from autograd_core.errors import DeadlineExceeded, Fault, Path

MEDIA_TYPE = "application/problem+json"
MOST_FAULTS = 50

log = logging.getLogger("service")


@dataclass(frozen=True, slots=True)
class Kind:
    """A problem type: its status and title, and what its page says."""

    status: int
    title: str
    about: str


KINDS: Mapping[str, Kind] = {
    "bad-request": Kind(
        400,
        "The request is not well-formed HTTP",
        "The request line, a header or the framing of the body could not be understood, or the "
        "connection ended before the body did.",
    ),
    "malformed-json": Kind(
        400,
        "The body is not JSON",
        "The body must be one JSON text in UTF-8. The members <code>line</code> and "
        "<code>column</code>, counted from 1, say where reading stopped. A bare "
        '<code>NaN</code> or <code>Infinity</code> is not JSON: write <code>"NaN"</code>, '
        '<code>"Infinity"</code> or <code>"-Infinity"</code>.',
    ),
    "malformed-encoding": Kind(
        400,
        "The body is not what its Content-Encoding says",
        "The body was announced as gzip and is not, or is cut short.",
    ),
    "not-found": Kind(
        404, "There is nothing at this address", 'See <a href="/">the start page</a>.'
    ),
    "method-not-allowed": Kind(
        405,
        "This address does not take this method",
        "The <code>Allow</code> header lists the methods that it takes.",
    ),
    "not-acceptable": Kind(
        406,
        "No representation that the client accepts",
        "The <code>Accept</code> header leaves out every media type this address can answer "
        "with. Messages are <code>application/json</code>, streams "
        "<code>application/x-ndjson</code>.",
    ),
    "request-timeout": Kind(
        408,
        "The body did not arrive in time",
        "The client announced a body and then sent nothing for too long.",
    ),
    "too-large": Kind(
        413,
        "The body is too large",
        'A body has a limit, before and after decompression; <a href="/limits">/limits</a> '
        "shows it, and by how much gzip may shorten one. Large tensors are smaller as base64 or "
        "compressed; many small requests travel best as NDJSON, where the limit holds for each "
        "line.",
    ),
    "unsupported-media-type": Kind(
        415,
        "The body is in a format that is not understood",
        "Send <code>Content-Type: application/json</code> (or "
        "<code>application/x-ndjson</code>), in UTF-8, plain or with "
        "<code>Content-Encoding: gzip</code>.",
    ),
    "invalid-message": Kind(
        422,
        "The message does not mean anything that can be computed",
        "The body is JSON, and something in it is missing, unknown, out of range or does not "
        "fit together. <code>errors</code> lists every fault found, up to 50: where it is (a "
        "JSON Pointer), a code for programs and a sentence for people.",
    ),
    "too-many-requests": Kind(
        429,
        "Too many requests from this client",
        "Wait as long as the <code>Retry-After</code> header says.",
    ),
    "internal-error": Kind(
        500,
        "A defect in the service",
        "This is not your fault. Please report it with the request id in <code>instance</code>.",
    ),
    "overloaded": Kind(
        503,
        "The service is busy",
        "Too many computations are under way, or there is no memory for another. Try again "
        "after the time in the <code>Retry-After</code> header.",
    ),
    "deadline-exceeded": Kind(
        503,
        "The computation took too long",
        'A computation has a time limit; <a href="/limits">/limits</a> shows it. The same '
        "request may succeed when the service is less busy; a smaller one surely will.",
    ),
    "shutting-down": Kind(
        503,
        "This instance is shutting down",
        "Another instance, or this one after its restart, will answer.",
    ),
}

CODES: Mapping[str, str] = {
    "missing_member": "A member that the message needs is not there.",
    "unknown_member": "A member that the message does not have; perhaps a slip of the pen.",
    "wrong_type": "A value of the wrong JSON type.",
    "not_a_number": "Where a number belongs there is something else, or a number that binary64 "
    "cannot hold. Booleans and numbers in quotes are refused.",
    "ragged_tensor": "A nested list whose rows differ in length or depth.",
    "invalid_value": "A value outside the set or the range of its member.",
    "duplicate_id": "Two nodes have the same id.",
    "unknown_operation": "No operation or alias of that name is in the catalogue.",
    "wrong_arity": "An operation with more or fewer operands than it takes.",
    "unknown_attribute": "An attribute that the operation does not take.",
    "unbound_name": "An operand that nothing defines: neither a node nor a binding.",
    "name_clash": "A node's id that is also the name of a binding.",
    "cycle": "Nodes that need each other's values before their own.",
    "shape_mismatch": "Shapes that do not fit the operation, or each other.",
    "ambiguous_output": "No output was named, and not exactly one node is used by no other.",
    "unknown_name": "A name in output, wrt, map or the like that nothing in the graph has.",
    "non_scalar_output": "A gradient belongs to a scalar; see /jacobian and /vjp for the rest.",
    "syntax_error": "Infix text that cannot be read; line and column say where.",
    "limit_exceeded": "The computation would cost more than a limit; see /limits.",
    "nonfinite": "A NaN or an infinity arose, and the request asked for it to be refused.",
}


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
    """The problem of a message with faults: sorted by place, the first fifty of them."""
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


def pointer(path: Path) -> str:
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
