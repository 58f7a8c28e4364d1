"""Reading the head of a request with gunicorn's parsers, and what is refused beyond them."""

from __future__ import annotations

from typing import Any

from gunicorn.http.errors import (
    InvalidRequestLine,
    LimitRequestHeaders,
    NoMoreData,
    UnsupportedTransferCoding,
)
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader


class _Worded(Request):
    """A request that is read by the parser in Python, also where there is one in C: it says more
    precisely what is wrong.
    """

    _parse_fast = Request._parse_python  # type: ignore[attr-defined]  # noqa: SLF001 - as says gunicorn


def read_head(settings: Any, client: Any, head: bytes) -> Request:
    """The request that a head begins, with nothing after its end. Raises gunicorn's errors:
    NoMoreData if the head has not ended.
    """
    try:
        message = Request(settings, IterUnreader([head]), client)
    except NoMoreData:
        _require_few_fields(settings, head)
        raise
    except Exception as error:
        _word(settings, client, head)
        raise error from None
    if message.unreader.take_buffered():
        raise InvalidRequestLine("a head within a head")
    for name, value in message.headers:
        # gunicorn reads `gzip, chunked` as chunks of what is then taken for plain.
        if name == "TRANSFER-ENCODING" and value.lower() != "chunked":
            detail = f"Transfer-Encoding {value!r} is not understood; send chunked"
            raise UnsupportedTransferCoding(detail)
    return message


def _word(settings: Any, client: Any, head: bytes) -> None:
    """Raise what the parser in Python finds wrong, if it does."""
    try:
        _Worded(settings, IterUnreader([head]), client)
    except NoMoreData:
        _require_few_fields(settings, head)


def _require_few_fields(settings: Any, head: bytes) -> None:
    if head.count(b"\r\n") > settings.limit_request_fields + 1:
        raise LimitRequestHeaders("limit request headers fields") from None
