"""Media types: what a body is, and in which form a client wants its answer (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flask import Request

from service.endpoints.endpoint import JSON, NDJSON, Endpoint
from service.problems import Problem

_ANYTHING: Final = "*/*"


def preferred(request: Request, offered: Sequence[str]) -> str | None:
    """The media type that the client wants most, or None if it takes none of them. Of those that
    it wants alike it is the first.
    """
    if request.environ.get("HTTP_ACCEPT", _ANYTHING) == _ANYTHING:
        return offered[0]
    accepted = request.accept_mimetypes
    if not accepted:
        return offered[0]
    # The quality of each is that of the most specific range that it is in.
    best = max(offered, key=accepted.quality)
    return best if accepted.quality(best) else None


def require_accepted(request: Request, *offered: str) -> None:
    """Problem not-acceptable unless the client takes one of the media types."""
    if preferred(request, offered) is None:
        raise _not_acceptable(offered)


def accepted(request: Request, endpoint: Endpoint) -> str:
    """Of the media types of an endpoint's answers that there are here, the one that the client
    wants most.

    Problem not-acceptable if it takes none of them, not-installed if there are none.
    """
    offered = endpoint.offered
    chosen = preferred(request, list(offered))
    if chosen is not None and offered[chosen] is None:
        return chosen
    needs = {kind: each.missing() for kind, each in offered.items() if each is not None}
    here = [kind for kind in offered if needs.get(kind) is None]
    if not here:
        raise Problem("not-installed", f"/{endpoint.name} needs {needs.popitem()[1]}")
    chosen = preferred(request, here)
    if chosen is None:
        hints = [f"{kind} needs {need}" for kind, need in needs.items() if need]
        raise _not_acceptable(here, *hints)
    return chosen


def _not_acceptable(offered: Sequence[str], *hints: str) -> Problem:
    detail = f"this address answers with {' or '.join(offered)}, which Accept leaves out"
    return Problem("not-acceptable", "; ".join((detail, *hints)))


def is_stream(request: Request, endpoint: Endpoint) -> bool:
    """Whether the body is a stream; Problem 415 if it is nothing that the endpoint takes."""
    if request.environ.get("CONTENT_TYPE") == JSON:
        return False
    kind, taken = request.mimetype, endpoint.takes
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if kind in taken and charset in {"utf-8", "utf8", "us-ascii"}:
        return kind == NDJSON
    found, wanted = request.headers.get("Content-Type", ""), " or ".join(taken)
    raise Problem(
        "unsupported-media-type",
        f"Content-Type {found!r} is not understood; send {wanted} in UTF-8"
        if found
        else f"the body has no Content-Type; send {wanted}",
        headers={"Accept-Post": ", ".join(taken)},
    )
