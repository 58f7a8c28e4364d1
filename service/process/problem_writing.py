"""gunicorn's own errors, worded as all others are."""

from __future__ import annotations

import socket
import uuid
from http import HTTPStatus
from typing import Final

import orjson
from gunicorn import util

from service import __version__
from service.problems import MEDIA_TYPE, Problem

KIND_OF_STATUS: Final = {
    400: "bad-request",
    408: "request-timeout",
    500: "internal-error",
    503: "overloaded",
}
RETRY: Final = "Retry-After: 1\r\n"


def write_problem(sock: socket.socket, status_int: int, reason: str, mesg: str) -> None:
    """Write a whole answer to a connection that is then closed.

    The rare statuses without a page under /problems/ (414, 417, 431, 501) are `about:blank`,
    which RFC 9457 keeps for problems that say no more than their status.
    """
    phrase = HTTPStatus(status_int).phrase  # gunicorn's `reason` is not always that of the status
    request_id = uuid.uuid4().hex
    if status_int in KIND_OF_STATUS:
        body = Problem(KIND_OF_STATUS[status_int], mesg or reason).body(request_id)
    else:
        body = {
            "type": "about:blank",
            "title": phrase,
            "status": status_int,
            "detail": mesg,
            "instance": request_id,
        }
    payload = orjson.dumps(body)
    head = (
        f"HTTP/1.1 {status_int} {phrase}\r\n"
        f"Date: {util.http_date()}\r\n"
        "Connection: close\r\n"
        f"Content-Type: {MEDIA_TYPE}\r\n"
        f"Content-Length: {len(payload)}\r\n"
        f"X-Request-Id: {request_id}\r\n"
        f"API-Version: {__version__}\r\n"
        f"{RETRY if status_int == HTTPStatus.SERVICE_UNAVAILABLE else ''}"
        "\r\n"
    )
    sock.sendall(head.encode("latin-1") + payload)


# gunicorn has no setting for the body of its own errors. All of them go through this function.
util.write_error = write_problem
