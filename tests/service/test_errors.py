"""Every kind of error, with its status, its pointer and its code, and the one shape of all."""

from __future__ import annotations

import gzip
import json
import re
import time
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from autograd_core.errors import DeadlineExceeded
from service.app import create_app
from service.messages import fields
from service.problem_types import CODES, KINDS
from service.process import capacity
from service.settings import Settings

NODE = {"id": "f", "op": "mul", "args": ["x", "x"]}
GOOD = {"graph": {"nodes": [NODE]}, "bindings": {"x": 3.0}}


def assert_problem(response: TestResponse, status: int, kind: str) -> dict[str, Any]:
    """The one shape every error has."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = orjson.loads(response.get_data())
    members = list(body)
    assert members[:5] == ["type", "title", "status", "detail", "instance"]
    assert set(members[5:]) <= {"errors", "line", "column"}
    assert body["type"] == f"/problems/{kind}"
    assert body["title"] == KINDS[kind].title
    assert body["status"] == status == KINDS[kind].status
    assert body["detail"]
    assert body["instance"] == response.headers["X-Request-Id"]
    for error in body.get("errors", []):
        assert list(error)[:3] == ["pointer", "code", "detail"]
        assert re.fullmatch(r"(/([^~/]|~[01])*)*", error["pointer"])
        assert error["code"] in CODES
        assert error["detail"]
    return body


def post(client: FlaskClient, path: str = "/gradient", **options: Any) -> TestResponse:
    return client.post(path, **options)


def raw(client: FlaskClient, body: bytes, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/gradient", data=body, headers={"Content-Type": "application/json"} | named)


# --- errors of HTTP


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/gradient/",
        "/problems/nothing",
        "/operations/nothing",
        "/docs/nothing",
        "/static/nothing",
        "/%00",
        "/\N{SNOWMAN}",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_404(client: FlaskClient, path: str, method: str) -> None:
    allowed = client.open(path, method=method)
    if allowed.status_code == 405:  # an address for GET alone
        assert_problem(allowed, 405, "method-not-allowed")
    else:
        assert_problem(allowed, 404, "not-found")


def rules(app: Flask) -> list[tuple[str, set[str]]]:
    examples = {"<name>": "x", "<path:path>": "x", "<path:filename>": "x"}
    found = []
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for variable, value in examples.items():
            path = path.replace(variable, value)
        found.append((path, rule.methods or set()))
    return found


def test_405_on_every_address(app: Flask, client: FlaskClient) -> None:
    for path, methods in rules(app):
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "NONSENSE"):
            if method in methods:
                continue
            response = client.open(path, method=method)
            assert set(response.headers["Allow"].split(", ")) == methods, path
            if method != "HEAD":
                assert_problem(response, 405, "method-not-allowed")
            else:
                assert (response.status_code, response.data) == (405, b"")


def test_options_on_every_address(app: Flask, client: FlaskClient) -> None:
    for path, methods in rules(app):
        response = client.options(path)
        assert (response.status_code, response.data) == (204, b"")
        assert set(response.headers["Allow"].split(", ")) == methods


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "text/plain",
        "application/xml",
        "application/json; charset=latin-1",
        "application/jsonx",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
    ],
)
def test_415_content_type(client: FlaskClient, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    response = client.post("/gradient", data=orjson.dumps(GOOD), headers=headers)
    assert_problem(response, 415, "unsupported-media-type")
    assert "application/json" in response.headers["Accept-Post"]


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
        "application/json; profile=x",
    ],
)
def test_content_types_that_are_fine(client: FlaskClient, kind: str) -> None:
    response = client.post("/gradient", data=orjson.dumps(GOOD), headers={"Content-Type": kind})
    assert response.status_code == 200


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip", "zstd", "x"])
def test_415_content_encoding(client: FlaskClient, coding: str) -> None:
    response = raw(client, orjson.dumps(GOOD), Content_Encoding=coding)
    assert_problem(response, 415, "unsupported-media-type")
    assert response.headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", "application/json;q=0", "image/png"]
)
def test_406(client: FlaskClient, accept: str) -> None:
    assert_problem(raw(client, orjson.dumps(GOOD), Accept=accept), 406, "not-acceptable")


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/*",
        "application/json",
        "text/html, */*;q=0.1",
        "application/json, text/plain",
    ],
)
def test_accept_that_is_fine(client: FlaskClient, accept: str) -> None:
    assert raw(client, orjson.dumps(GOOD), Accept=accept).status_code == 200


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP"])
def test_gzip_is_understood(client: FlaskClient, coding: str) -> None:
    body = gzip.compress(orjson.dumps(GOOD))
    assert raw(client, body, Content_Encoding=coding).json == raw(client, orjson.dumps(GOOD)).json


@pytest.mark.parametrize(
    "body",
    [
        b"plain",
        gzip.compress(b"{}", mtime=0)[:-3],
        gzip.compress(b"{}", mtime=0) + b"more",
        gzip.compress(b"{}", mtime=0)[:5],
    ],
)
def test_400_what_is_not_gzip(client: FlaskClient, body: bytes) -> None:
    response = raw(client, body, Content_Encoding="gzip")
    assert_problem(response, 400, "malformed-encoding")


class Failing:
    """A body that fails to arrive."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def read(self, size: int = -1) -> bytes:
        raise self.error

    readline = read


@pytest.mark.parametrize(
    "error, status, kind",
    [
        (TimeoutError(), 408, "request-timeout"),
        (BlockingIOError(), 408, "request-timeout"),
        (OSError("connection lost"), 400, "bad-request"),
        (ValueError("not a chunk"), 400, "bad-request"),
    ],
)
def test_a_body_that_does_not_arrive(
    client: FlaskClient, error: Exception, status: int, kind: str
) -> None:
    surroundings = {"wsgi.input": Failing(error), "wsgi.input_terminated": True}
    response = client.post(
        "/gradient", content_type="application/json", environ_overrides=surroundings
    )
    assert_problem(response, status, kind)


def test_a_body_cut_short(client: FlaskClient) -> None:
    response = client.post(
        "/gradient",
        data=b"{}",
        content_type="application/json",
        environ_overrides={"CONTENT_LENGTH": "10"},
    )
    assert_problem(response, 400, "bad-request")


# --- errors of JSON


def test_400_says_where(client: FlaskClient) -> None:
    body = assert_problem(raw(client, b'{"x": 1,\n "y": NaN}'), 400, "malformed-json")
    assert (body["line"], body["column"]) == (2, 7)
    assert "line 2, column 7" in body["detail"]


# --- errors of messages

INVALID: list[tuple[str, Any, list[tuple[str, str]]]] = [
    ("a list", [1, 2], [("", "wrong_type")]),
    ("a number", 3, [("", "wrong_type")]),
    ("null", None, [("", "wrong_type")]),
    ("nothing", {}, [("", "missing_member")]),
    ("no function", {"bindings": {"x": 1}}, [("", "missing_member")]),
    ("two functions", GOOD | {"expression": "x"}, [("", "invalid_value")]),
    ("graph null", GOOD | {"graph": None}, [("/graph", "wrong_type")]),
    ("graph a list", GOOD | {"graph": []}, [("/graph", "wrong_type")]),
    ("graph empty", GOOD | {"graph": {}}, [("/graph/nodes", "missing_member")]),
    ("graph nodes", GOOD | {"graph": {"nodes": {}}}, [("/graph/nodes", "wrong_type")]),
    (
        "graph member",
        GOOD | {"graph": {"nodes": [NODE], "edges": []}},
        [("/graph/edges", "unknown_member")],
    ),
    ("expression", {"expression": 3}, [("/expression", "wrong_type")]),
    ("bindings", GOOD | {"bindings": [1]}, [("/bindings", "wrong_type")]),
    ("a string", GOOD | {"bindings": {"x": "3"}}, [("/bindings/x", "not_a_number")]),
    ("true", GOOD | {"bindings": {"x": True}}, [("/bindings/x", "not_a_number")]),
    ("null number", GOOD | {"bindings": {"x": None}}, [("/bindings/x", "not_a_number")]),
    ("ragged", GOOD | {"bindings": {"x": [[1], [2, 3]]}}, [("/bindings/x", "ragged_tensor")]),
    ("deep string", GOOD | {"bindings": {"x": [[1, "a"]]}}, [("/bindings/x/0/1", "not_a_number")]),
    ("empty name", GOOD | {"bindings": {"x": 1, "": 2}}, [("/bindings/", "invalid_value")]),
    ("slash", GOOD | {"bindings": {"x": 1, "a/b~": "c"}}, [("/bindings/a~1b~0", "not_a_number")]),
    ("control", GOOD | {"bindings": {"x": 1, "a\n": 2}}, [("/bindings/a\n", "invalid_value")]),
    (
        "long name",
        GOOD | {"bindings": {"x": 1, "a" * 257: 2}},
        [("/bindings/" + "a" * 257, "invalid_value")],
    ),
    ("member", GOOD | {"bindngs": {}}, [("/bindngs", "unknown_member")]),
    ("_schema", GOOD | {"_schema": {}}, [("/_schema", "unknown_member")]),
    ("id", GOOD | {"id": 3}, [("/id", "unknown_member")]),
    ("output", GOOD | {"output": 3}, [("/output", "wrong_type")]),
    ("output empty", GOOD | {"output": ""}, [("/output", "invalid_value")]),
    ("unknown output", GOOD | {"output": "zz"}, [("/output", "unknown_name")]),
    ("wrt a string", GOOD | {"wrt": "x"}, [("/wrt", "wrong_type")]),
    ("wrt a number", GOOD | {"wrt": ["x", 1]}, [("/wrt/1", "wrong_type")]),
    ("unknown wrt", GOOD | {"wrt": ["x", "zz"]}, [("/wrt/1", "unknown_name")]),
    ("map", GOOD | {"map": {}}, [("/map", "wrong_type")]),
    ("nonfinite", GOOD | {"nonfinite": "rejct"}, [("/nonfinite", "invalid_value")]),
    ("nonfinite type", GOOD | {"nonfinite": True}, [("/nonfinite", "wrong_type")]),
    ("tensors", GOOD | {"tensors": "hex"}, [("/tensors", "invalid_value")]),
    ("include", GOOD | {"include": "nodes"}, [("/include", "wrong_type")]),
    ("include word", GOOD | {"include": ["nodes", "x"]}, [("/include/1", "invalid_value")]),
    ("include type", GOOD | {"include": [["nodes"]]}, [("/include/0", "wrong_type")]),
    ("check", GOOD | {"check": 1}, [("/check", "wrong_type")]),
    ("check null", GOOD | {"check": None}, [("/check", "wrong_type")]),
    ("check member", GOOD | {"check": {"steps": 1}}, [("/check/steps", "unknown_member")]),
    ("method", GOOD | {"check": {"method": "magic"}}, [("/check/method", "invalid_value")]),
    ("step 0", GOOD | {"check": {"step": 0}}, [("/check/step", "invalid_value")]),
    ("step -1", GOOD | {"check": {"step": -1.0}}, [("/check/step", "invalid_value")]),
    ("step text", GOOD | {"check": {"step": "x"}}, [("/check/step", "invalid_value")]),
    ("step type", GOOD | {"check": {"step": True}}, [("/check/step", "wrong_type")]),
    ("rtol", GOOD | {"check": {"rtol": -1}}, [("/check/rtol", "invalid_value")]),
    ("atol", GOOD | {"check": {"atol": "1"}}, [("/check/atol", "wrong_type")]),
    ("directions", GOOD | {"check": {"directions": 0}}, [("/check/directions", "invalid_value")]),
    ("half", GOOD | {"check": {"directions": 1.5}}, [("/check/directions", "wrong_type")]),
    (
        "several",
        GOOD | {"wrt": 1, "map": 2, "check": {"step": 0, "rtol": -1}, "zz": 3},
        [
            ("/check/rtol", "invalid_value"),
            ("/check/step", "invalid_value"),
            ("/map", "wrong_type"),
            ("/wrt", "wrong_type"),
            ("/zz", "unknown_member"),
        ],
    ),
    (
        "nodes",
        {
            "graph": {
                "nodes": [
                    {"id": "f", "op": "mull", "args": ["x", "x"]},
                    {"id": "f", "op": "neg", "args": ["x", "y"]},
                    {"op": 3, "args": "x", "more": 1},
                ]
            },
            "bindings": {"x": "1"},
        },
        [
            ("/bindings/x", "not_a_number"),
            ("/graph/nodes/0/op", "unknown_operation"),
            ("/graph/nodes/1/args", "wrong_arity"),
            ("/graph/nodes/1/args/1", "unbound_name"),
            ("/graph/nodes/1/id", "duplicate_id"),
            ("/graph/nodes/2/args", "wrong_type"),
            ("/graph/nodes/2/more", "unknown_member"),
            ("/graph/nodes/2/op", "wrong_type"),
        ],
    ),
]


@pytest.mark.parametrize("message, expected", [pytest.param(m, e, id=n) for n, m, e in INVALID])
def test_422(client: FlaskClient, message: Any, expected: list[tuple[str, str]]) -> None:
    response = raw(client, orjson.dumps(message))
    body = assert_problem(response, 422, "invalid-message")
    assert [(error["pointer"], error["code"]) for error in body["errors"]] == expected


@pytest.mark.parametrize(
    "message, hint",
    [
        (GOOD | {"bindngs": {}}, "'bindings'"),
        (GOOD | {"check": {"method": "centrel"}}, "'central'"),
        (GOOD | {"nonfinite": "rejct"}, "'reject'"),
        (GOOD | {"graph": {"nods": []}}, "'nodes'"),
        ({"graph": {"nodes": [{"op": "mull", "args": ["x", "x"]}]}, "bindings": {"x": 1}}, "'mul'"),
        (GOOD | {"bindings": {"xx": 1}}, "'xx'"),
    ],
)
def test_a_slip_is_answered_with_the_closest_name(
    client: FlaskClient, message: Any, hint: str
) -> None:
    body = raw(client, orjson.dumps(message)).get_json()
    assert any(f"did you mean {hint}?" in error["detail"] for error in body["errors"])


def test_outputs_of_evaluate(client: FlaskClient) -> None:
    response = client.post("/evaluate", json=GOOD | {"outputs": []})
    body = assert_problem(response, 422, "invalid-message")
    assert body["errors"][0]["pointer"] == "/outputs"
    response = client.post("/evaluate", json=GOOD | {"wrt": ["x"]})
    assert_problem(response, 422, "invalid-message")
    response = client.post("/evaluate", json=GOOD | {"output": "f", "outputs": ["f"]})
    body = assert_problem(response, 422, "invalid-message")
    assert body["errors"][0]["code"] == "invalid_value"


@pytest.mark.parametrize(
    "message, error",
    [
        (
            {"expression": "a = x\nb = a @ y\nb", "bindings": {"x": [1, 2], "y": [1, 2, 3]}},
            {"pointer": "/expression", "code": "shape_mismatch", "line": 2, "column": 7},
        ),
        (
            {"expression": "z = x\nz*yy", "bindings": {"x": 1, "y": 1}},
            {"pointer": "/expression", "code": "unbound_name", "line": 2, "column": 3},
        ),
        (
            {"expression": "x +\n", "bindings": {"x": 1}},
            {"pointer": "/expression", "code": "syntax_error"},
        ),
        (
            {"expression": "x*y", "bindings": {"x": [1, 2], "y": [1]}, "map": ["x", "y"]},
            {"pointer": "/map/1", "code": "shape_mismatch"},
        ),
        (
            {"expression": "x*y", "bindings": {"x": [1, 2], "y": [1]}, "map": ["z"]},
            {"pointer": "/map/0", "code": "unknown_name"},
        ),
        (
            {"expression": "x*2", "bindings": {"x": [1, 2]}},
            {"pointer": "", "code": "non_scalar_output"},
        ),
        (
            {"expression": "x*2", "bindings": {"x": [1, 2]}, "check": {"rtol": 10**400}},
            {"pointer": "/check/rtol", "code": "not_a_number"},
        ),
    ],
)
def test_faults_that_the_engine_finds(
    client: FlaskClient, message: Any, error: dict[str, Any]
) -> None:
    response = raw(client, json.dumps(message).encode())
    body = assert_problem(response, 422, "invalid-message")
    assert body["errors"][0].items() >= error.items()
    assert ("line" in body["errors"][0]) == ("expression" in error["pointer"])


@pytest.mark.parametrize(
    "message",
    [
        {"graph": {"nodes": [{"op": "?", "args": []}] * 1000}, "bindings": {}},
        {"expression": "x", "bindings": {f"x{k}": "?" for k in range(1000)}},
        {"expression": "x", "bindings": {"x": 1}} | {f"member{k}": 0 for k in range(1000)},
        {"expression": "x", "bindings": {"x": 1}, "wrt": [0] * 1000},
        {"expression": "x", "bindings": {"x": 1}, "include": [0] * 1000},
        {"graph": {"nodes": []} | {f"m{k}": 0 for k in range(1000)}, "bindings": {}},
    ],
)
def test_at_most_fifty_faults_are_listed(client: FlaskClient, message: Any) -> None:
    body = assert_problem(client.post("/gradient", json=message), 422, "invalid-message")
    assert len(body["errors"]) == 50
    assert client.post("/gradient", json=message).json["errors"] == body["errors"]


# --- errors of the moment


def test_past_the_deadline(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_answer(client.application, monkeypatch, DeadlineExceeded("out of time"))
    response = client.post("/gradient", json=GOOD)
    assert_problem(response, 503, "deadline-exceeded")
    assert int(response.headers["Retry-After"]) > 0


def test_the_deadline_of_the_settings_holds() -> None:
    client = create_app(Settings(deadline=1e-6, access_log=False)).test_client()
    nodes = [
        {"id": f"n{k}", "op": "tanh", "args": [f"n{k - 1}" if k else "x"]} for k in range(5000)
    ]
    message = {"graph": {"nodes": nodes}, "bindings": {"x": [0.5] * 1000}, "output": "n4999"}
    for path, more in (("/gradient", {"map": ["x"]}), ("/evaluate", {})):
        response = client.post(path, json=message | more)
        assert_problem(response, 503, "deadline-exceeded")


def test_out_of_memory(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_answer(client.application, monkeypatch, MemoryError())
    response = client.post("/gradient", json=GOOD)
    assert_problem(response, 503, "overloaded")
    assert int(response.headers["Retry-After"]) > 0


def test_a_defect_is_logged_and_not_told(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    replace_answer(client.application, monkeypatch, KeyError("the secret"))
    response = client.post("/gradient", json=GOOD, headers={"X-Request-Id": "mine"})
    body = assert_problem(response, 500, "internal-error")
    assert "secret" not in response.get_data(as_text=True)
    assert set(body) == {"type", "title", "status", "detail", "instance"}
    logged = orjson.loads(capsys.readouterr().err.splitlines()[0])
    assert logged["request_id"] == "mine"
    assert "the secret" in logged["traceback"]


def test_a_defect_after_the_route_is_a_problem_too(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.transport.compression.compress", lambda *_: 1 / 0)
    response = client.get("/limits")
    assert response.status_code == 500
    assert response.json["type"] == "/problems/internal-error"
    assert response.mimetype == "application/problem+json"


def test_overload(monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(Settings(concurrency=1, patience=0.01, access_log=False))
    exchange = app.extensions["exchanges"]["gradient"]
    client = app.test_client()
    with exchange.budgets.new().computing(100):
        response = client.post("/gradient", json=GOOD)
        assert_problem(response, 503, "overloaded")
        assert response.headers["Retry-After"] == "1"
        assert client.post("/evaluate", json=GOOD).status_code == 503
        for path in ("/livez", "/readyz", "/metrics"):
            assert client.get(path).status_code == 200
    assert client.post("/gradient", json=GOOD).status_code == 200


@pytest.mark.parametrize("member, looked_at", [("include", "_choice_fault"), ("wrt", "name_fault")])
def test_a_list_is_looked_at_until_there_are_enough_faults(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, member: str, looked_at: str
) -> None:
    looks: list[Any] = []
    look = getattr(fields, looked_at)
    monkeypatch.setattr(fields, looked_at, lambda *entry: looks.append(entry) or look(*entry))
    response = client.post("/gradient", json=GOOD | {member: [""] * 1000})
    assert len(response.json["errors"]) == 50
    assert len(looks) == 50


def test_waiting_for_a_place_is_counted_in_the_time_of_a_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(capacity.Capacity, "enter", lambda _: time.sleep(0.15) or True)
    client = create_app(Settings(deadline=0.1, access_log=False)).test_client()
    assert_problem(client.post("/gradient", json=GOOD), 503, "deadline-exceeded")


def test_too_many_requests() -> None:
    client = create_app(Settings(rate_limit=3, access_log=False)).test_client()
    for _ in range(3):
        assert client.post("/gradient", json=GOOD).status_code == 200
    response = client.post("/evaluate", json=GOOD)
    assert_problem(response, 429, "too-many-requests")
    assert 15 <= int(response.headers["Retry-After"]) <= 20
    assert client.get("/readyz").status_code == 200
    other = client.post("/gradient", json=GOOD, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert other.status_code == 200


def test_shutting_down(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "stopping", lambda: True)
    response = client.get("/readyz")
    assert_problem(response, 503, "shutting-down")
    assert int(response.headers["Retry-After"]) > 0
    assert client.get("/livez").status_code == 200


def replace_answer(app: Flask, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    from dataclasses import replace

    def fail(*_: Any, **__: Any) -> Any:
        raise error

    exchanges = app.extensions["exchanges"]
    broken = replace(exchanges["gradient"].endpoint, function=fail)
    monkeypatch.setitem(exchanges, "gradient", replace(exchanges["gradient"], endpoint=broken))
