"""What of a request the service waits for before it looks at it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from service.endpoints.table import ENDPOINTS
from service.process.need import Need, whole
from service.transport.needs import needs
from tests.tables import table

JSON, NDJSON = "application/json", "application/x-ndjson"
MESSAGE = b'{"expression": "x*x", "bindings": {"x": 3}}'


@table(
    "method, path, headers, need",
    [
        ("POST", "/gradient", {"CONTENT-TYPE": JSON}, Need.WHOLE),
        ("POST", "/gradient", {"CONTENT-TYPE": f"{JSON}; charset=utf-8"}, Need.WHOLE),
        ("POST", "/gradient", {"CONTENT-TYPE": JSON.upper()}, Need.WHOLE),
        ("POST", "/%67radient", {"CONTENT-TYPE": JSON}, Need.WHOLE),
        ("POST", "/gradient", {"CONTENT-TYPE": NDJSON}, Need.LINE),
        ("POST", "/gradient", {"CONTENT-TYPE": NDJSON, "CONTENT-ENCODING": "gzip"}, Need.SOME),
        ("POST", "/plot", {"CONTENT-TYPE": NDJSON}, Need.NOTHING),
        ("POST", "/gradient", {"CONTENT-TYPE": "text/plain"}, Need.NOTHING),
        ("POST", "/gradient", {}, Need.NOTHING),
        ("POST", "/gradient/", {"CONTENT-TYPE": JSON}, Need.NOTHING),
        ("PUT", "/gradient", {"CONTENT-TYPE": JSON}, Need.NOTHING),
        ("GET", "/limits", {"CONTENT-TYPE": JSON}, Need.NOTHING),
    ],
)
def test_no_more_is_waited_for_than_is_needed(
    method: str, path: str, headers: dict[str, str], need: Need
) -> None:
    assert needs(method, path, headers) is need


def test_an_application_that_says_nothing_gets_it_all() -> None:
    assert whole("GET", "/", {}) is Need.WHOLE


class Watched:
    """A body that says whether it was read."""

    was_read = False

    def __init__(self, body: bytes) -> None:
        self._body = body

    def read(self, size: int = -1) -> bytes:
        self.was_read = True
        body, self._body = self._body, b""
        return body


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("kind", [JSON, "text/plain", "", NDJSON, f"{JSON}; charset=latin-1"])
def test_what_is_answered_by_its_head_alone_reads_no_body(
    app: Flask, method: str, kind: str
) -> None:
    """Or else a thread would wait for it."""
    paths = [rule.rule for rule in app.url_map.iter_rules() if "<" not in rule.rule]
    for path in [*paths, "/nowhere"]:
        headers = {"CONTENT-TYPE": kind} if kind else {}
        if needs(method, path, headers) is not Need.NOTHING:
            assert path[1:] in {endpoint.name for endpoint in ENDPOINTS}
            continue
        watched: Any = Watched(MESSAGE)
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "SERVER_NAME": "x",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.input": watched,
            "wsgi.input_terminated": True,
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(MESSAGE)),
            "REMOTE_ADDR": "127.0.0.1",
        }
        answer = app(environ, lambda *_: None)
        b"".join(answer)
        assert not watched.was_read, (method, path, kind)
