"""HTTP as clients meet it: methods, identities, kept-alive connections, equal answers."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests

GRAPH = {
    "graph": {
        "nodes": [
            {"id": "e", "op": "mul", "args": ["a", "b"]},
            {"id": "d", "op": "tanh", "args": [{"op": "add", "args": ["e", "c"]}]},
        ]
    },
    "bindings": {"a": 0.1, "b": -3.0, "c": 0.7},
    "include": ["nodes", "cost"],
    "check": True,
}
PATHS = [
    "/",
    "/gradient",
    "/evaluate",
    "/operations",
    "/operations/add",
    "/limits",
    "/livez",
    "/readyz",
    "/metrics",
    "/openapi.yaml",
    "/openapi.json",
    "/docs",
    "/problems",
    "/problems/not-found",
    "/nowhere",
    "//gradient",
    "/gradient/",
    "/%2e%2e/etc",
    "/%ff",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_method_gets_an_answer_of_the_right_kind(server: Any, path: str) -> None:
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
        reply = requests.request(method, server.url + path, timeout=30, allow_redirects=False)
        assert reply.status_code in {200, 204, 404, 405, 415}, (method, reply.text)
        assert reply.headers["X-Request-Id"]
        if reply.status_code == 405:
            assert method not in reply.headers["Allow"].split(", ")
        if method == "HEAD":
            assert reply.content == b""
        elif reply.status_code >= 400:
            assert reply.headers["Content-Type"] == "application/problem+json"
            assert reply.json()["status"] == reply.status_code
            assert reply.json()["instance"] == reply.headers["X-Request-Id"]


def test_head_says_what_get_would(server: Any) -> None:
    for path in ("/", "/limits", "/operations", "/openapi.yaml", "/docs"):
        plain = {"Accept-Encoding": "identity"}
        head = requests.head(server.url + path, headers=plain, timeout=30)
        get = requests.get(server.url + path, headers=plain, timeout=30)
        for name in ("Content-Type", "Content-Length"):
            assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize("given", ["abc-123", "a.b:c/d+e=@_", "x" * 128])
def test_a_request_id_is_echoed(server: Any, given: str) -> None:
    reply = requests.get(f"{server.url}/nowhere", headers={"X-Request-Id": given}, timeout=30)
    assert reply.headers["X-Request-Id"] == given == reply.json()["instance"]


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, '"><script>', "a;b", "caf\xe9"])
def test_an_unfit_request_id_is_replaced(server: Any, given: str) -> None:
    headers = {"X-Request-Id": given.encode("latin-1")}
    reply = requests.get(f"{server.url}/nowhere", headers=headers, timeout=30)
    assert re.fullmatch("[0-9a-f]{32}", reply.headers["X-Request-Id"])


def test_a_connection_is_kept_alive(server: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    sockets = set()
    for _ in range(5):
        body = '{"expression": "x*x", "bindings": {"x": 3}}'
        connection.request("POST", "/gradient", body, {"Content-Type": "application/json"})
        sockets.add(connection.sock)
        assert connection.getresponse().read().startswith(b'{"value":9.0')
    connection.close()
    assert len(sockets) == 1
    assert None not in sockets


def test_the_same_request_gets_the_same_bytes_from_every_worker(server: Any) -> None:
    answers = {
        requests.post(f"{server.url}/gradient", json=GRAPH, timeout=30).content for _ in range(40)
    }
    assert len(answers) == 1


def test_the_same_stream_gets_the_same_bytes(server: Any) -> None:
    body = b"\n".join([orjson.dumps(GRAPH), b"nonsense", b"[]"] * 5)
    headers = {"Content-Type": "application/x-ndjson"}
    answers = {
        requests.post(f"{server.url}/gradient", data=body, headers=headers, timeout=30).content
        for _ in range(10)
    }
    assert len(answers) == 1


def test_a_hundred_thousand_bad_nodes_are_fifty_faults(server: Any) -> None:
    nodes = [{"id": f"n{k}", "op": "mull", "args": ["x", "y"]} for k in range(100_000)]
    message = {"graph": {"nodes": nodes}, "bindings": {"x": 1}}
    reply = requests.post(
        f"{server.url}/gradient",
        data=orjson.dumps(message),
        timeout=60,
        headers={"Content-Type": "application/json"},
    )
    assert reply.status_code == 422
    assert len(reply.json()["errors"]) == 50


def test_a_chain_of_a_hundred_thousand_nodes(server: Any) -> None:
    nodes = [
        {"id": f"n{k}", "op": "add", "args": [f"n{k - 1}" if k else "x", 1.0]}
        for k in range(100_000)
    ]
    message = {"graph": {"nodes": nodes}, "bindings": {"x": 1.0}}
    reply = requests.post(
        f"{server.url}/gradient",
        data=orjson.dumps(message),
        timeout=60,
        headers={"Content-Type": "application/json"},
    )
    assert reply.json() == {"value": 100_001.0, "gradients": {"x": 1.0}, "warnings": []}


def test_metrics_count_all_workers(server: Any) -> None:
    def count() -> float:
        text = requests.get(f"{server.url}/metrics", timeout=30).text
        found = re.search(
            r'gradient_requests_total\{method="POST",route="/evaluate",status="200"\} (\S+)', text
        )
        return float(found[1]) if found else 0.0

    before = count()
    message = {"expression": "x", "bindings": {"x": 1}}
    for _ in range(30):  # on connections of their own, so that both workers get some
        requests.post(f"{server.url}/evaluate", json=message, timeout=30)
    assert count() == before + 30


def _logged(log: Any, request_id: str) -> list[Any]:
    """The lines of a request. They are written once its answer has gone, so wait a little."""
    found: list[Any] = []
    for _ in range(100):
        lines = [json.loads(line) for line in log.read_text().splitlines() if line[-1:] == "}"]
        found = [line for line in lines if line.get("request_id") == request_id]
        if found:
            break
        time.sleep(0.1)
    return found


def test_every_request_is_one_line_in_the_log(server: Any) -> None:
    message = {"expression": "secret_name", "bindings": {"secret_name": 12345.678}}
    headers = {"X-Request-Id": "find-me"}
    requests.post(f"{server.url}/gradient", json=message, headers=headers, timeout=30)
    (line,) = _logged(server.log, "find-me")
    sent = len(json.dumps(message))
    assert set(line) == {
        "time",
        "level",
        "request_id",
        "client",
        "method",
        "path",
        "status",
        "duration_ms",
        "bytes_in",
        "bytes_out",
    }
    assert line["client"] == "127.0.0.1"
    assert (line["method"], line["path"], line["status"]) == ("POST", "/gradient", 200)
    assert line["bytes_in"] == sent
    assert line["bytes_out"] > 20
    assert "secret_name" not in server.log.read_text()


@pytest.mark.parametrize("pause", [0.0, 0.05])
@pytest.mark.parametrize("config", ["gunicorn.conf.py", "tests/live/slow_to_close.conf.py"])
def test_no_new_connection_is_reset_when_the_service_stops(
    start: Any, config: str, pause: float
) -> None:
    """Not even one that is made just before the last worker closes the listening socket, or one
    whose client takes a while to send its request.
    """
    ended: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                with running.connect() as connection:
                    time.sleep(pause)
                    connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
                    ended.append(connection.recv(12).decode())
            except ConnectionRefusedError:
                ended.append("refused")
                time.sleep(0.01)
            except OSError as error:
                ended.append(type(error).__name__)

    with start(config) as running:
        clients = [threading.Thread(target=ask) for _ in range(12)]
        for client in clients:
            client.start()
        time.sleep(0.3)
        running.process.terminate()
        time.sleep(0.7)
        stop.set()
        for client in clients:
            client.join()
    assert set(ended) == {"HTTP/1.1 200", "refused"}


def test_the_service_stops_soon_whoever_has_connected_and_says_nothing(start: Any) -> None:
    with start() as running, ExitStack() as stack:
        silent = [stack.enter_context(running.connect()) for _ in range(12)]
        time.sleep(0.3)
        running.process.terminate()
        running.process.wait(10)  # gunicorn's graceful_timeout is 20 s
        assert [connection.recv(1) for connection in silent] == [b""] * 12


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_under_the_log_harms_no_answer(start: Any) -> None:
    with start("tests/live/full_disk.conf.py") as running, requests.Session() as session:
        for _ in range(5):
            reply = session.post(f"{running.url}/gradient", json={"expression": "2"}, timeout=30)
            assert (reply.status_code, reply.json()["value"]) == (200, 2.0)
        lines = b'{"expression": "2"}\n{"expression": "nonsense("}\n' * 500
        headers = {"Content-Type": "application/x-ndjson"}
        reply = session.post(f"{running.url}/evaluate", data=lines, headers=headers, timeout=30)
        assert [json.loads(line)["status"] for line in reply.text.splitlines()] == [200, 422] * 500
