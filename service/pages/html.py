"""Pages: for whom an address answers with one instead of JSON, and how either is sent."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, render_template, request

from service.endpoints.endpoint import JSON
from service.problems import MEDIA_TYPE
from service.transport.negotiation import preferred

PAGE: Final = "text/html"


def is_wanted(*, page_first: bool = False) -> bool:
    """Whether the client is a browser: it gets, and wants a page more than JSON of any kind, or,
    with `page_first`, as much.
    """
    gets, programs = request.method in {"GET", "HEAD"}, (JSON, MEDIA_TYPE)
    offered = (PAGE, *programs) if page_first else (*programs, PAGE)
    # Who takes neither gets what is offered first.
    return gets and (preferred(request, offered) or offered[0]) == PAGE


def page(template: str, **context: Any) -> Response:
    """A page; the browser may keep it, and asks each time whether it has changed."""
    return kept(Response(render_template(template, **context), mimetype=PAGE))


def either(written: bytes, template: str, *, page_first: bool = False, **context: Any) -> Response:
    """A page for browsers and, with `page_first`, for whoever does not say; JSON, as it is
    written, for everybody else.
    """
    wanted = is_wanted(page_first=page_first)
    response = page(template, **context) if wanted else kept(Response(written, mimetype=JSON))
    response.vary.add("Accept")
    return response


def address() -> str:
    """Where the service is, as the client calls it."""
    # Not `request.host`, which is empty for names with an underscore.
    host = request.environ.get("HTTP_HOST", request.host)
    return f"{request.scheme}://{host}"


def kept(response: Response) -> Response:
    """An answer that the client may keep, and asks for each time whether it has changed."""
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag(weak=True)  # compressed or not, it says the same
    response.make_conditional(request)
    return response
