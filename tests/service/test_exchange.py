"""Streams and compressed answers, in this process."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.process.budget import Memory
from service.settings import Settings
from service.transport import wire

GOOD = b'{"id": 1, "expression": "x*x", "bindings": {"x": 3}}'


def stream(client: FlaskClient, body: bytes, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(
        "/gradient", data=body, headers={"Content-Type": "application/x-ndjson"} | named
    )


def answers(reply: Any) -> list[Any]:
    assert reply.status_code == 200
    assert reply.mimetype == "application/x-ndjson"
    packed = reply.headers.get("Content-Encoding") == "gzip"
    data = gzip.decompress(reply.data) if packed else reply.data
    return [json.loads(line) for line in data.split(b"\n")[:-1]]


def test_lines_harm_no_other(client: FlaskClient) -> None:
    body = b"\n".join([GOOD, b"nonsense", b'{"id": {}, "expression": "x"}', b"[]", GOOD])
    found = answers(stream(client, body))
    assert [(line["id"], line["status"]) for line in found] == [
        (1, 200),
        (None, 400),
        (None, 422),
        (None, 422),
        (1, 200),
    ]
    assert found[0]["result"] == {"value": 9.0, "gradients": {"x": 6.0}, "warnings": []}
    assert found[1]["problem"]["line"] == 1
    assert found[1]["problem"]["instance"] == "#line-2"
    assert found[2]["problem"]["errors"][0]["pointer"] == "/id"


def test_without_an_id_it_is_null(client: FlaskClient) -> None:
    (line,) = answers(stream(client, b'{"expression": "2", "bindings": {}}'))
    assert list(line.items())[:3] == [("id", None), ("line", 1), ("status", 200)]


def test_each_answer_has_the_line_that_it_answers(client: FlaskClient) -> None:
    body = b"\n\n" + GOOD + b"\n \r\n[]\n\n\n" + GOOD
    good, bad, last = answers(stream(client, body))
    assert [answer["line"] for answer in (good, bad, last)] == [3, 5, 8]
    assert list(bad) == ["id", "line", "status", "problem"]
    assert bad["problem"]["instance"] == "#line-5"


@pytest.mark.parametrize(
    "line, label, status",
    [
        (b'{"id": "a", "expression": "x', "a", 400),
        (b'{"id": 7, "bindings": ' + b"[" * 200 + b"]" * 200 + b"}", 7, 422),
        (b'{"expression": "x, "id": 7}', None, 400),
        (b'{"id": [7], "expression": "x"}', None, 422),
    ],
)
def test_a_line_that_cannot_be_read_keeps_its_id(
    client: FlaskClient, line: bytes, label: object, status: int
) -> None:
    (answer,) = answers(stream(client, line))
    assert (answer["id"], answer["status"]) == (label, status)


def test_an_id_beyond_binary64(client: FlaskClient) -> None:
    body = b'{"id": 1e999, "expression": "2"}\n{"id": 123456789012345678901, "expression": "2"}'
    first, second = answers(stream(client, body))
    assert (first["id"], first["status"]) == (None, 422)
    assert (second["id"], second["status"]) == (123456789012345678901.0, 200)


@pytest.mark.parametrize("accept", ["application/x-ndjson", "application/json", "*/*"])
def test_a_stream_that_is_accepted(client: FlaskClient, accept: str) -> None:
    assert len(answers(stream(client, GOOD, Accept=accept))) == 1


def test_a_stream_that_is_not_accepted(client: FlaskClient) -> None:
    assert stream(client, GOOD, Accept="text/html").status_code == 406


def test_a_stream_in_a_coding_that_is_not_understood(client: FlaskClient) -> None:
    assert stream(client, GOOD, Content_Encoding="br").status_code == 415


def test_a_line_over_the_limit_is_refused_in_its_place() -> None:
    client = create_app(Settings(body_limit=100, access_log=False)).test_client()
    found = answers(stream(client, b"\n".join([GOOD, GOOD + b" " * 100, GOOD])))
    assert [line["status"] for line in found] == [200, 413, 200]
    assert found[1]["problem"]["type"] == "/problems/too-large"


def test_gzip_both_ways(client: FlaskClient) -> None:
    body = gzip.compress(b"\n".join([GOOD] * 100))
    reply = stream(client, body, Content_Encoding="gzip", Accept_Encoding="gzip")
    assert reply.headers["Content-Encoding"] == "gzip"
    assert [line["status"] for line in answers(reply)] == [200] * 100


def test_a_long_line_is_read_without_the_collector(client: FlaskClient) -> None:
    nodes = [{"op": "neg", "args": ["x"], "id": f"n{k}"} for k in range(5000)]
    message = {"id": "long", "graph": {"nodes": nodes}, "bindings": {"x": 1}, "output": "n7"}
    body = json.dumps(message).encode()
    assert len(body) > 64 * 1024
    (line,) = answers(stream(client, body))
    assert (line["id"], line["result"]["value"]) == ("long", -1.0)


def test_answers_are_compressed_for_who_asks(client: FlaskClient) -> None:
    message = {"expression": "sum(x)", "bindings": {"x": [0.5] * 1000}}
    plain = client.post("/gradient", json=message)
    packed = client.post("/gradient", json=message, headers={"Accept-Encoding": "gzip"})
    again = client.post("/gradient", json=message, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.data == again.data
    assert "Accept-Encoding" in plain.headers["Vary"]
    refused = client.post("/gradient", json=message, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers
    short = client.get("/livez", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in short.headers
    problem = client.post(
        "/gradient",
        json={"graph": {"nodes": [0] * 100}},
        headers={"Accept-Encoding": "gzip"},
    )
    assert json.loads(gzip.decompress(problem.data))["status"] == 422


def test_memory_is_given_back_once_a_refused_message_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Decoded(dict[str, Any]):
        """A dict that can be watched."""

    decoded: list[weakref.ref[Decoded]] = []
    gone: list[bool] = []

    def decode(body: bytes) -> Any:
        value = Decoded(orjson.loads(body))
        decoded.append(weakref.ref(value))
        return value

    def give(memory: Memory, count: int) -> None:
        gone.append(bool(decoded) and decoded[0]() is None)
        return given(memory, count)

    given = Memory.give
    monkeypatch.setattr(wire, "decode", decode)
    monkeypatch.setattr(Memory, "give", give)
    client = create_app(Settings(access_log=False)).test_client()
    message = {"expression": "x", "bindings": {"x": [0.5] * 1_000_000}, "unknown": 1}
    reply = client.post("/gradient", data=orjson.dumps(message), content_type="application/json")
    assert reply.status_code == 422
    assert gone[-1]


def test_metrics_of_several_processes(tmp_path: Path) -> None:
    """Two processes count; a third, which counted nothing, answers for both."""
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}

    def run(program: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", f"from service.process import metrics; {program}"],
            env=environment, capture_output=True, check=True, text=True,
        )  # fmt: skip
        return done.stdout

    assert "/gradient" not in run("print(metrics.exposition().decode())")
    for status in (200, 200, 422):
        run(f"metrics.observe('/gradient', 'POST', {status}, 0.004)")
    lines = run("print(metrics.exposition().decode())").splitlines()
    for status, count in ((200, 2.0), (422, 1.0)):
        labels = f'method="POST",route="/gradient",status="{status}"'
        assert f"gradient_requests_total{{{labels}}} {count}" in lines
    assert 'gradient_request_seconds_count{route="/gradient"} 3.0' in lines
    assert 'gradient_request_seconds_bucket{le="0.005",route="/gradient"} 3.0' in lines
    assert 'gradient_request_seconds_bucket{le="0.0025",route="/gradient"} 0.0' in lines
