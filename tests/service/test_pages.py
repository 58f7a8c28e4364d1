"""The GET endpoints: catalogue, limits, health, metrics, pages."""

from __future__ import annotations

import gzip
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

import service
from autograd_core.operations import TABLE
from service.app import create_app
from service.problem_types import CODES, KINDS
from service.process import warm
from service.settings import Settings


def test_the_catalogue_is_the_op_table(client: FlaskClient) -> None:
    rows = client.get("/operations").json["operations"]
    assert [row["name"] for row in rows] == list(TABLE)
    for row, operation in zip(rows, TABLE.values(), strict=True):
        assert row["aliases"] == list(operation.aliases)
        assert (row["arity"]["min"], row["arity"]["max"]) == operation.arity
        assert row["description"]
        assert client.get(f"/operations/{row['name']}").json == row
        assert row["formula"]
        assert row["derivatives"] or row["tangent"] or row["name"] == "digamma"


@pytest.mark.parametrize(
    "alias, name",
    [("multiply", "mul"), ("+", "add"), ("arcsin", "asin"), ("**", "pow"), ("%40", "matmul")],
)
def test_an_operation_answers_to_its_aliases(client: FlaskClient, alias: str, name: str) -> None:
    assert client.get(f"/operations/{alias}").json["name"] == name


def test_an_unknown_operation_is_404_with_the_closest(client: FlaskClient) -> None:
    reply = client.get("/operations/tanhh")
    assert reply.status_code == 404
    assert "did you mean 'tanh'?" in reply.json["detail"]


def test_limits_are_those_in_force(client: FlaskClient) -> None:
    limits = client.get("/limits").json
    assert limits["body"] == 32 * 1024 * 1024
    assert limits["expression"] == 100_000
    assert limits["nodes"] == 1_000_000
    assert limits["elements"] == 10_000_000
    assert limits["cost"] == 2_000_000_000
    assert limits["deadline"] == 10.0
    assert limits["json_depth"] == 100
    other = create_app(Settings(body_limit=17, cost_limit=3, access_log=False)).test_client()
    assert other.get("/limits").json["body"] == 17
    assert other.get("/limits").json["cost"] == 3


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health(client: FlaskClient, path: str) -> None:
    reply = client.get(path)
    assert (reply.status_code, reply.json) == (200, {"status": "ok"})


def test_ready_means_that_gradients_are_right(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "ready", lambda: False)
    assert client.get("/readyz").status_code == 500
    with pytest.raises(RuntimeError, match="broken"):
        warm.warm()


def test_metrics(client: FlaskClient) -> None:
    client.post("/gradient", json={"expression": "x*x + x", "bindings": {"x": 1}})
    client.get("/no/such/address").close()  # counted once its last byte has gone
    client.open("/", method="BREW").close()
    reply = client.get("/metrics")
    assert reply.mimetype == "text/plain"
    text = reply.text
    assert re.search(r'requests_total\{method="POST",route="/gradient",status="200"\} \d', text)
    assert re.search(r'requests_total\{method="GET",route="unknown",status="404"\} \d', text)
    assert re.search(r'requests_total\{method="other",route="unknown",status="405"\} \d', text)
    assert re.search(r'request_seconds_bucket\{le="0.001",route="/gradient"\} \d', text)
    assert re.search(r"gradient_nodes_count \d", text)
    assert "/no/such/address" not in text


def links(page: str) -> set[str]:
    return set(re.findall(r'(?:href|src)="(/[^"]*)"', page))


def test_pages_lead_to_pages(client: FlaskClient) -> None:
    waiting, seen = ["/", "/docs"], set[str]()
    while waiting:
        path = waiting.pop()
        reply = client.get(path)
        assert reply.status_code == 200, path
        seen.add(path)
        if reply.mimetype == "text/html":
            assert "default-src 'self'" in reply.headers["Content-Security-Policy"]
            waiting.extend(links(reply.text) - seen - set(waiting))
        reply.close()
    assert {f"/problems/{name}" for name in KINDS} <= seen
    assert {"/limits", "/operations", "/openapi.yaml", "/openapi.json"} <= seen
    assert "/docs/swagger-ui-bundle.js" in seen


@pytest.mark.parametrize("name", KINDS)
def test_every_problem_has_its_page(client: FlaskClient, name: str) -> None:
    page = client.get(f"/problems/{name}")
    assert page.mimetype == "text/html"
    assert f"<strong>{KINDS[name].status}</strong>" in page.text


def test_every_code_is_explained(client: FlaskClient) -> None:
    page = client.get("/problems/invalid-message").text
    for code in CODES:
        assert f'id="{code}"' in page


def test_the_example_on_the_front_page_is_true(client: FlaskClient) -> None:
    import html
    import json

    page = html.unescape(client.get("/").text)
    message = re.search(r"-d '(\{.*?\})'</pre>", page, re.DOTALL)
    answer = re.search(r"<pre>(\{.*?\})</pre>", page, re.DOTALL)
    assert message is not None
    assert answer is not None
    reply = client.post("/gradient", data=message[1], content_type="application/json")
    assert reply.json == json.loads(answer[1])


def test_pages_need_nothing_from_elsewhere(client: FlaskClient) -> None:
    for path in ("/", "/docs", "/problems"):
        text = client.get(path).text
        assert not re.search(r'(src|<link[^>]*href)="https?:', text)


@pytest.mark.parametrize(
    "origins, origin, allowed",
    [
        ((), "https://a.example", None),
        (("*",), "https://a.example", "*"),
        (("https://a.example",), "https://a.example", "https://a.example"),
        (("https://a.example",), "https://b.example", None),
        (("*",), None, None),
    ],
)
def test_cors(origins: tuple[str, ...], origin: str | None, allowed: str | None) -> None:
    client = create_app(Settings(cors_origins=origins, access_log=False)).test_client()
    headers = {} if origin is None else {"Origin": origin}
    message = {"expression": "x", "bindings": {"x": 1}}
    for reply in (
        client.post("/gradient", json=message, headers=headers),
        client.post("/gradient", json={}, headers=headers),
        client.options("/gradient", headers=headers),
    ):
        assert reply.headers.get("Access-Control-Allow-Origin") == allowed
    preflight = client.options("/gradient", headers=headers)
    assert (preflight.status_code, preflight.data) == (204, b"")
    assert "Content-Security-Policy" not in preflight.headers
    assert ("Access-Control-Allow-Methods" in preflight.headers) is (allowed is not None)
    if origins and "*" not in origins:
        assert "Origin" in preflight.headers["Vary"]


@pytest.mark.parametrize(
    "method, path",
    [
        ("GET", "/"),
        ("GET", "/livez"),
        ("HEAD", "/limits"),
        ("GET", "/static/style.css"),
        ("GET", "/nowhere"),
        ("GET", "/gradient"),
        ("POST", "/gradient"),
        ("OPTIONS", "/gradient"),
    ],
)
def test_every_answer_has_the_version_of_the_contract(
    client: FlaskClient, method: str, path: str
) -> None:
    version = client.get("/openapi.json").json["info"]["version"]
    assert version == service.__version__
    with client.open(path, method=method) as reply:
        assert reply.headers["API-Version"] == version


def test_two_apps_log_once(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    create_app(Settings(access_log=False))
    client = create_app(Settings()).test_client()
    client.get("/livez")
    # An answer of an earlier test that nobody read to its end is logged once it is collected.
    lines = [line for line in capsys.readouterr().err.splitlines() if "/livez" in line]
    assert len(lines) == 1
    create_app(Settings(access_log=False))
    client.get("/livez")
    assert "/livez" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "host",
    ["localhost", "a-b.example:8000", "10.0.0.1:1", "[::1]", "[2001:db8::1]:80", "a_b", "h:"],
)
def test_a_host_is_shown_as_it_was_given(client: FlaskClient, host: str) -> None:
    page = client.get("/", headers={"Host": host})
    assert f"http://{host}/gradient" in page.text


@pytest.mark.parametrize(
    "host", ["", "[", "a b", "x:123456", "x/../y", "http://x", "<x>", "a@b", "x:y", "a,b", "é", "%"]
)
def test_a_host_that_is_none_is_refused(client: FlaskClient, host: str) -> None:
    for path in ("/", "/limits", "/nowhere"):
        reply = client.get(path, environ_overrides={"HTTP_HOST": host})
        assert (reply.status_code, reply.json["type"]) == (400, "/problems/bad-request")
        assert repr(host) in reply.json["detail"]


@pytest.mark.parametrize("path", ["/static/style.css", "/docs/swagger-ui-bundle.js"])
def test_files_are_compressed_for_who_can_read_that(client: FlaskClient, path: str) -> None:
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == plain.data
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert packed.headers["ETag"].startswith("W/")
    again = client.get(path, headers={"If-None-Match": packed.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == packed.headers["ETag"]
    part = client.get(path, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (206, plain.data[:10])
