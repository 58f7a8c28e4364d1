"""Pictures over HTTP: who gets which, and what is said where there is none."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.pictures import graphviz, plots
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
JSON, DOT, SVG, PNG = "application/json", "text/vnd.graphviz", "image/svg+xml", "image/png"
GRAPH = {"expression": "e = a*b; d = e + c; d", "bindings": {"a": 2, "b": -3, "c": 10}}
AT = {"x": 0}
PLOT = {"expression": "3*x**2 - 4*x + 5", "over": {"x": [-5, 5]}}
needs_graphviz = pytest.mark.skipif(
    shutil.which("dot") is None, reason="needs Graphviz's program dot (apt-get install graphviz)"
)


def asked(client: FlaskClient, path: str, message: Any, accept: str | None, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if accept is not None:
        named["Accept"] = accept
    return client.post(path, json=message, headers=named)


@pytest.fixture
def without_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphviz.shutil, "which", lambda name: None)


# /gradient -------------------------------------------------------------------------------


@needs_graphviz
@pytest.mark.parametrize(
    "accept, kind",
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        (JSON, JSON),
        ("application/*", JSON),
        (DOT, DOT),
        ("text/*", DOT),
        (SVG, SVG),
        ("image/*", SVG),
        (f"{SVG}, {JSON}", JSON),
        (f"{SVG}, {JSON};q=0.9", SVG),
        (f"{SVG};q=0.5, {JSON};q=0.2, {DOT};q=0.7", DOT),
        (f"{JSON};q=0.1, */*;q=0.2", DOT),
        (f"{SVG}, */*", JSON),
        (f"*/*;q=0.1, {SVG}", SVG),
        ("text/html, image/*;q=0.9, */*;q=0.8", SVG),
    ],
)
def test_the_client_chooses(client: FlaskClient, accept: str | None, kind: str) -> None:
    reply = asked(client, "/gradient", GRAPH, accept)
    assert (reply.status_code, reply.mimetype) == (200, kind)
    if kind != JSON:
        assert "Accept" in reply.headers["Vary"]
        assert reply.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "charset=utf-8" in reply.headers["Content-Type"]


def test_a_gradient_in_dot(client: FlaskClient) -> None:
    reply = asked(client, "/gradient", GRAPH, DOT)
    assert reply.text.startswith("digraph gradient {\n")
    assert r'v3 [label="{e|data\ -6|grad\ 1}"];' in reply.text


@needs_graphviz
def test_a_drawing_is_compressed_for_who_asks(client: FlaskClient) -> None:
    plain = asked(client, "/gradient", GRAPH, SVG)
    packed = asked(client, "/gradient", GRAPH, SVG, Accept_Encoding="gzip")
    assert plain.data.startswith(b"<svg ")
    assert gzip.decompress(packed.data) == plain.data


@pytest.mark.parametrize(
    "accept, kind", [(f"{SVG}, {JSON};q=0.1", JSON), (f"{SVG}, {DOT};q=0.1", DOT)]
)
@pytest.mark.usefixtures("without_graphviz")
def test_without_graphviz_a_client_gets_what_else_it_takes(
    client: FlaskClient, accept: str, kind: str
) -> None:
    assert asked(client, "/gradient", GRAPH, accept).mimetype == kind


@pytest.mark.usefixtures("without_graphviz")
def test_406_without_graphviz_says_how_to_install_it(client: FlaskClient) -> None:
    reply = asked(client, "/gradient", GRAPH, SVG)
    assert (reply.status_code, reply.json["type"]) == (406, "/problems/not-acceptable")
    assert reply.json["detail"] == (
        f"this address answers with {JSON} or {DOT}, which Accept leaves out; {SVG} needs "
        "Graphviz, whose program dot is not installed here (apt-get install graphviz)"
    )


@pytest.mark.parametrize(
    "path, accept, listed",
    [
        ("/gradient", "image/png", [JSON, DOT]),
        ("/gradient", f"{SVG};q=0", [JSON, DOT]),
        ("/evaluate", SVG, [JSON]),
        ("/plot", JSON, [SVG, PNG]),
        ("/plot", DOT, [SVG, PNG]),
    ],
)
def test_406_lists_what_there_is(
    client: FlaskClient, path: str, accept: str, listed: list[str]
) -> None:
    reply = asked(client, path, GRAPH, accept)
    assert (reply.status_code, reply.json["type"]) == (406, "/problems/not-acceptable")
    for kind in listed:
        assert kind in reply.json["detail"]


@pytest.mark.parametrize("accept", [DOT, SVG])
def test_a_stream_has_no_pictures(client: FlaskClient, accept: str) -> None:
    headers = {"Content-Type": "application/x-ndjson", "Accept": accept}
    reply = client.post("/gradient", data=json.dumps(GRAPH), headers=headers)
    assert (reply.status_code, reply.json["type"]) == (406, "/problems/not-acceptable")


@pytest.mark.parametrize(
    "message, code, pointer",
    [
        ({"expression": "+".join(["-x"] * 200), "bindings": AT}, "limit_exceeded", "/expression"),
        ({"expression": "x +", "bindings": AT}, "syntax_error", "/expression"),
        ({"expression": "1/x", "bindings": AT, "nonfinite": "reject"}, "nonfinite", "/expression"),
        ({"expression": "v", "bindings": {"v": [1]}}, "non_scalar_output", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_a_problem(
    client: FlaskClient, message: Any, code: str, pointer: str
) -> None:
    reply = asked(client, "/gradient", message, DOT)
    assert (reply.status_code, reply.mimetype) == (422, "application/problem+json")
    (fault,) = reply.json["errors"]
    assert (fault["code"], fault["pointer"]) == (code, pointer)


def test_a_picture_asks_for_a_trace_whatever_is_included(client: FlaskClient) -> None:
    plain = asked(client, "/gradient", GRAPH, DOT)
    for include in ([], ["nodes"], ["cost", "rounding"]):
        assert asked(client, "/gradient", GRAPH | {"include": include}, DOT).data == plain.data
    answer = asked(client, "/gradient", GRAPH, JSON).json
    assert set(answer) == {"value", "gradients", "warnings"}


@needs_graphviz
def test_a_drawing_ends_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    client = create_app(Settings(deadline=0.5, access_log=False)).test_client()
    sleep = shutil.which("sleep")
    monkeypatch.setattr(graphviz, "_OPTIONS", ["30"])
    monkeypatch.setattr(graphviz.shutil, "which", lambda name: sleep)
    reply = asked(client, "/gradient", GRAPH, SVG)
    assert (reply.status_code, reply.json["type"]) == (503, "/problems/deadline-exceeded")


# /plot -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "accept, kind, start",
    [
        (None, SVG, b"<svg "),
        ("*/*", SVG, b"<svg "),
        (SVG, SVG, b"<svg "),
        (PNG, PNG, b"\x89PNG"),
        (f"{PNG}, */*;q=0.1", PNG, b"\x89PNG"),
        (f"{SVG};q=0.5, {PNG};q=0.6", PNG, b"\x89PNG"),
    ],
)
def test_a_plot(client: FlaskClient, accept: str | None, kind: str, start: bytes) -> None:
    reply = asked(client, "/plot", PLOT, accept)
    assert (reply.status_code, reply.mimetype) == (200, kind)
    assert reply.data.startswith(start)


def test_the_same_plot_is_the_same_bytes(client: FlaskClient) -> None:
    message = PLOT | {"theme": "dark", "points": 11}
    assert asked(client, "/plot", message, SVG).data == asked(client, "/plot", message, SVG).data


BAD: list[tuple[str, Any, str, str]] = [
    ("no over", {"expression": "x"}, "/over", "missing_member"),
    ("over nothing", PLOT | {"over": {}}, "/over", "invalid_value"),
    ("over three", PLOT | {"over": {k: [0, 1] for k in "xyz"}}, "/over", "invalid_value"),
    ("over a list", PLOT | {"over": ["x"]}, "/over", "wrong_type"),
    ("over null", PLOT | {"over": None}, "/over", "wrong_type"),
    ("backwards", PLOT | {"over": {"x": [5, -5]}}, "/over/x", "invalid_value"),
    ("one end", PLOT | {"over": {"x": [5]}}, "/over/x", "wrong_type"),
    ("an end in quotes", PLOT | {"over": {"x": [0, "1"]}}, "/over/x/1", "wrong_type"),
    ("too far", PLOT | {"over": {"x": [0, 1e101]}}, "/over/x", "invalid_value"),
    ("too narrow", PLOT | {"over": {"x": [1, 1 + 1e-12]}}, "/over/x", "invalid_value"),
    ("next to nothing", PLOT | {"over": {"x": [0, 1e-300]}}, "/over/x", "invalid_value"),
    ("unknown", PLOT | {"over": {"y": [0, 1]}, "bindings": {"x": 1}}, "/over/y", "unknown_name"),
    ("a tensor", PLOT | {"bindings": {"x": [1, 2]}}, "/over/x", "shape_mismatch"),
    ("one point", PLOT | {"points": 1}, "/points", "invalid_value"),
    ("many points", PLOT | {"points": 1001}, "/points", "invalid_value"),
    (
        "many points of two",
        {"expression": "x*y", "over": {"x": [0, 1], "y": [0, 1]}, "points": 151},
        "/points",
        "invalid_value",
    ),
    ("theme", PLOT | {"theme": "drak"}, "/theme", "invalid_value"),
    ("tensors", PLOT | {"tensors": "nested"}, "/tensors", "unknown_member"),
    ("map", PLOT | {"map": ["x"]}, "/map", "unknown_member"),
    ("unbound", PLOT | {"expression": "a*x"}, "/expression", "unbound_name"),
    ("output", PLOT | {"output": "y"}, "/output", "unknown_name"),
]


@pytest.mark.parametrize(
    "message, pointer, code", [row[1:] for row in BAD], ids=[row[0] for row in BAD]
)
def test_422(client: FlaskClient, message: Any, pointer: str, code: str) -> None:
    reply = asked(client, "/plot", message, None)
    assert (reply.status_code, reply.mimetype) == (422, "application/problem+json")
    assert [(e["pointer"], e["code"]) for e in reply.json["errors"]] == [(pointer, code)]


def test_a_plot_costs_what_its_points_cost() -> None:
    client = create_app(Settings(cost_limit=1_000, access_log=False)).test_client()
    reply = asked(client, "/plot", PLOT | {"points": 100}, None)
    assert (reply.status_code, reply.json["errors"][0]["code"]) == (422, "limit_exceeded")
    assert asked(client, "/plot", PLOT | {"points": 20}, None).status_code == 200


def test_a_node_list_need_not_bind_what_it_is_plotted_over(client: FlaskClient) -> None:
    nodes = [{"id": "y", "op": "mul", "args": ["x", "x"]}]
    message = {"graph": {"nodes": nodes}, "over": {"x": [0, 1]}}
    assert asked(client, "/plot", message, None).status_code == 200


def test_a_plot_takes_no_stream(client: FlaskClient) -> None:
    headers = {"Content-Type": "application/x-ndjson"}
    reply = client.post("/plot", data=json.dumps(PLOT), headers=headers)
    assert (reply.status_code, reply.json["type"]) == (415, "/problems/unsupported-media-type")
    assert reply.headers["Accept-Post"] == JSON


@pytest.mark.parametrize("accept", [None, PNG, JSON])
def test_501_without_matplotlib_says_how_to_install_it(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, accept: str | None
) -> None:
    monkeypatch.setattr(plots, "INSTALLED", False)
    reply = asked(client, "/plot", PLOT, accept)
    assert (reply.status_code, reply.json["type"]) == (501, "/problems/not-installed")
    assert "pip install matplotlib" in reply.json["detail"]
    assert asked(client, "/gradient", GRAPH, None).status_code == 200


def test_the_service_starts_without_matplotlib() -> None:
    program = """
import sys
sys.modules["matplotlib"] = None  # an import of it fails
from service.app import create_app
from service.settings import Settings
client = create_app(Settings(access_log=False)).test_client()
message = {"expression": "x", "bindings": {"x": 1}}
print(client.post("/gradient", json=message).status_code)
print(client.post("/plot", json={"expression": "x", "over": {"x": [0, 1]}}).json["type"])
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    assert done.stdout.split() == ["200", "/problems/not-installed"]
