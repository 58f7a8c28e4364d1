"""What every request goes through on its way in and out, whatever answers it."""

from __future__ import annotations

import re
import secrets
from typing import Any, Final

from flask import Request, Response

from service import __version__
from service.problems import Problem
from service.process import access_log
from service.settings import Settings
from service.transport import compression

_REQUEST_ID: Final = re.compile(r"[\w.:/+=@-]{1,128}", re.ASCII)
# RFC 9112, section 3.2: any other is a 400. Names with `_` are common in container networks.
_HOST: Final = re.compile(r"(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{0,5})?", re.ASCII)
# Scripts and styles are files of ours; nothing is inline, and nothing comes from elsewhere.
_PAGE_POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)


def identify(environ: dict[str, Any], route: str) -> str:
    """The id of a request, which the log now knows, as it does its route: the caller's own, if it
    is fit to be repeated.
    """
    given: str = environ.get("HTTP_X_REQUEST_ID", "")
    request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
    environ[access_log.REQUEST_ID] = request_id
    environ[access_log.ROUTE] = route
    return request_id


def require_host(environ: dict[str, Any]) -> None:
    """Problem bad-request for a Host that is none."""
    host = environ.get("HTTP_HOST")
    if host is not None and not _HOST.fullmatch(host):
        raise Problem("bad-request", f"the Host header {host!r} is not a host and a port")


def finish(response: Response, request: Request, request_id: str, settings: Settings) -> Response:
    """The answer as it is sent: with the headers that every one has, and compressed."""
    headers = response.headers
    headers["X-Request-Id"] = request_id
    headers["API-Version"] = __version__
    headers["X-Content-Type-Options"] = "nosniff"
    if settings.cors_origins and (origin := request.headers.get("Origin")) is not None:
        _allow_origin(response, request.method, origin, settings.cors_origins)
    if request.method == "OPTIONS" and response.status_code == 200:
        response.status_code = 204
        del headers["Content-Type"]
        return response
    if response.mimetype == "text/html":
        headers["Content-Security-Policy"] = _PAGE_POLICY
    if response.direct_passthrough and response.status_code in {200, 304}:
        compression.load(response)
    if response.is_streamed:
        return response
    return compression.compress(response, request)


def is_plain(answer: bytes, settings: Settings) -> bool:
    """Whether `finish` would do no more to an answer in JSON than what `plain_head` says."""
    return len(answer) < compression.WORTHWHILE and not settings.cors_origins


def plain_head(answer: bytes, request_id: str) -> list[tuple[str, str]]:
    """The headers of such an answer, as `finish` gives them: a fifth of a small request's time."""
    return [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(answer))),
        ("X-Request-Id", request_id),
        ("API-Version", __version__),
        ("X-Content-Type-Options", "nosniff"),
        ("Vary", "Accept-Encoding"),
    ]


def _allow_origin(response: Response, method: str, origin: str, allowed: tuple[str, ...]) -> None:
    """CORS, for the origins of the settings: no credentials are ever involved."""
    headers = response.headers
    if "*" in allowed:
        headers["Access-Control-Allow-Origin"] = "*"
    else:
        response.vary.add("Origin")
        if origin not in allowed:
            return
        headers["Access-Control-Allow-Origin"] = origin
    headers["Access-Control-Expose-Headers"] = "X-Request-Id, API-Version, Retry-After"
    if method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, OPTIONS"
        headers["Access-Control-Allow-Headers"] = "Content-Type, Content-Encoding, X-Request-Id"
        headers["Access-Control-Max-Age"] = "86400"
