"""Messages are answered without Flask, and to the byte as with it."""

from __future__ import annotations

import gc
import gzip
import io
from typing import Any

import orjson
import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder

from service.app import create_app
from service.settings import Settings
from tests.tables import table

GOOD = {"expression": "a*b + c", "bindings": {"a": 2.0, "b": -3.0, "c": 10.0}}
LONG = {"expression": "sum(x)", "bindings": {"x": [0.5] * 1000}}
HUGE = {"expression": "y = broadcast_to(x, shape=[200000]); y", "bindings": {"x": 0.1}}
LINES = b"\n".join([orjson.dumps(GOOD), b"no JSON", orjson.dumps(GOOD | {"check": True})])
JSON = "application/json"

# A path, headers and a body.
REQUESTS: dict[str, tuple[str, dict[str, str], bytes]] = {
    "plain": ("/gradient", {}, orjson.dumps(GOOD)),
    "with a check": ("/gradient", {}, orjson.dumps(GOOD | {"check": True})),
    "an id of its own": ("/evaluate", {"X-Request-Id": "mine"}, orjson.dumps(GOOD)),
    "a query": ("/gradient?a=b", {}, orjson.dumps(GOOD)),
    "what compresses": ("/gradient", {"Accept-Encoding": "gzip"}, orjson.dumps(LONG)),
    "long": ("/gradient", {}, orjson.dumps(LONG)),
    "memory held": ("/evaluate", {}, orjson.dumps(HUGE)),
    "gzip": ("/gradient", {"Content-Encoding": "gzip"}, gzip.compress(orjson.dumps(GOOD))),
    "a coding unheard of": ("/gradient", {"Content-Encoding": "br"}, b""),
    "another origin": ("/gradient", {"Origin": "https://b.example"}, orjson.dumps(GOOD)),
    "an origin": ("/gradient", {"Origin": "https://a.example"}, orjson.dumps(GOOD)),
    "a picture": ("/gradient", {"Accept": "text/vnd.graphviz"}, orjson.dumps(GOOD)),
    "a page": ("/gradient", {"Accept": "text/html"}, orjson.dumps(GOOD)),
    "a page, or all": ("/gradient", {"Accept": "text/html, */*;q=0.1"}, orjson.dumps(GOOD)),
    "a charset": ("/gradient", {"Content-Type": f"{JSON}; charset=latin-1"}, orjson.dumps(GOOD)),
    "no kind": ("/gradient", {"Content-Type": ""}, orjson.dumps(GOOD)),
    "lines": ("/gradient", {"Content-Type": "application/x-ndjson"}, LINES),
    "invalid": ("/gradient", {}, orjson.dumps(GOOD | {"unknown": 1})),
    "no JSON": ("/gradient", {}, b"{"),
    "nothing": ("/gradient", {}, b""),
    "a wrong host": ("/gradient", {"Host": "a b"}, orjson.dumps(GOOD)),
    "nothing there": ("/gradients", {}, orjson.dumps(GOOD)),
    "a slash too many": ("//gradient", {}, orjson.dumps(GOOD)),
    "a slash at the end": ("/gradient/", {}, orjson.dumps(GOOD)),
    "a page that only is to be read": ("/limits", {}, b""),
}
SETTINGS = {
    "default": Settings(access_log=False),
    "origins": Settings(access_log=False, cors_origins=("https://a.example",)),
    "all origins": Settings(access_log=False, cors_origins=("*",)),
}


@pytest.fixture(scope="module", params=SETTINGS.values(), ids=SETTINGS)
def either(request: pytest.FixtureRequest) -> Flask:
    """An app."""
    return create_app(request.param)


def answered(app: Flask, path: str, headers: dict[str, str], body: bytes) -> Any:
    """Status, headers in order, and body."""
    started: list[Any] = []
    environ = EnvironBuilder(path, method="POST", data=body, headers=headers).get_environ()
    answer = app(environ, lambda status, sent, _=None: started.extend((status, sent)))
    text = b"".join(answer)
    answer.close()  # type: ignore[attr-defined] # a generator
    return (*started, text)


@table("asked", REQUESTS.values(), ids=list(REQUESTS))
def test_an_answer_is_the_same_without_flask_and_with_it(
    either: Flask, asked: tuple[str, dict[str, str], bytes]
) -> None:
    path, headers, body = asked
    named = {"Content-Type": JSON, "X-Request-Id": "same"} | headers
    direct = answered(either, path, named, body)
    # Whoever asks for an upgrade is Flask's.
    assert direct == answered(either, path, {**named, "Upgrade": "h2c"}, body)


def test_an_ordinary_message_never_reaches_flask(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise AssertionError("this is Flask's")

    monkeypatch.setattr(Flask, "wsgi_app", fail)
    app = create_app(Settings(access_log=False))
    for path, headers, body in [REQUESTS["plain"], REQUESTS["invalid"], REQUESTS["lines"]]:
        status, _, _ = answered(app, path, {"Content-Type": JSON} | headers, body)
        assert status[:3] in {"200", "422"}


@pytest.mark.parametrize("method, status", [("GET", 405), ("OPTIONS", 204), ("PUT", 405)])
def test_what_is_no_post_is_flasks(app: Flask, method: str, status: int) -> None:
    reply = app.test_client().open("/gradient", method=method)
    assert reply.status_code == status
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("check", [False, True])
def test_a_request_leaves_nothing_to_the_collector(app: Flask, check: bool) -> None:
    body = orjson.dumps(GOOD | {"check": check})
    environ = EnvironBuilder("/gradient", method="POST", content_type=JSON).get_environ()

    def call() -> None:
        fresh = {**environ, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
        for _ in app(fresh, lambda *_: None):
            pass

    call()
    gc.collect()
    gc.disable()
    try:
        for _ in range(50):
            call()
        assert gc.collect() == 0
    finally:
        gc.enable()
