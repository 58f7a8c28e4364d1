"""Bodies that are too large, too slow, broken or compressed, over a real connection."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

LIMIT = 100_000
GOOD = json.dumps({"expression": "x*x", "bindings": {"x": 3.0}}).encode()
JSON = {"Content-Type": "application/json"}


def chunks(total: int, size: int = 10_000) -> Iterator[bytes]:
    """A body of unannounced length."""
    for _ in range(0, total, size):
        yield b" " * size


def padded(length: int) -> bytes:
    """A good message with spaces after it."""
    return GOOD + b" " * (length - len(GOOD))


@pytest.mark.parametrize("length, status", [(LIMIT, 200), (LIMIT + 1, 413), (50 * LIMIT, 413)])
@pytest.mark.parametrize("chunked", [False, True])
def test_the_limit_holds_to_the_byte(small: Any, length: int, status: int, chunked: bool) -> None:
    body = padded(length)
    data: Any = (body[k : k + 7919] for k in range(0, length, 7919)) if chunked else body
    reply = requests.post(f"{small.url}/gradient", data=data, headers=JSON, timeout=30)
    assert reply.status_code == status
    if status == 413:
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert reply.json()["type"] == "/problems/too-large"
        assert "100,000 bytes" in reply.json()["detail"]


@pytest.mark.parametrize(
    "text, status",
    [
        (GOOD, 200),
        (padded(LIMIT), 200),
        (padded(LIMIT + 1), 413),
        (padded(80_000_000), 413),
    ],
)
def test_gzip_is_bounded_after_decompression(small: Any, text: bytes, status: int) -> None:
    packed = gzip.compress(text)
    assert len(packed) < LIMIT
    headers = JSON | {"Content-Encoding": "gzip"}
    reply = requests.post(f"{small.url}/gradient", data=packed, headers=headers, timeout=30)
    assert reply.status_code == status


def test_a_bomb_in_a_stream_is_one_bad_line(small: Any) -> None:
    lines = [GOOD, b" " * 50_000_000 + GOOD, GOOD]
    headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
    reply = requests.post(
        f"{small.url}/gradient", data=gzip.compress(b"\n".join(lines)), headers=headers, timeout=30
    )
    assert [json.loads(line)["status"] for line in reply.text.splitlines()] == [200, 413, 200]


@pytest.mark.parametrize("path", ["/gradient", "/nowhere", "/limits"])
def test_a_refused_body_leaves_the_connection_usable(small: Any, path: str) -> None:
    with requests.Session() as session:
        for _ in range(3):
            headers = {"Content-Type": "text/plain"}
            refused = session.post(small.url + path, data=b"x" * 90_000, headers=headers)
            assert refused.status_code in {404, 405, 415}
        good = session.post(f"{small.url}/gradient", data=GOOD, headers=JSON)
        assert good.json()["value"] == 9.0


def exchange(small: Any, request: bytes) -> bytes:
    """Everything the service sends back on one connection."""
    with small.connect() as connection:
        connection.sendall(request)
        received = b""
        while piece := connection.recv(65536):
            received += piece
        return received


def request(length: object, *more: str, path: str = "/gradient") -> bytes:
    head = [f"POST {path} HTTP/1.1", "Host: x", "Content-Type: application/json"]
    head += [f"Content-Length: {length}"] if length is not None else []
    return "\r\n".join([*head, *more, "", ""]).encode()


def test_a_silent_client_gets_a_408(small: Any) -> None:
    started = time.monotonic()
    reply = exchange(small, request(100) + b'{"expression"')
    assert 0.5 < time.monotonic() - started < 20
    assert reply.startswith(b"HTTP/1.1 408 ")
    assert b"application/problem+json" in reply
    assert b"/problems/request-timeout" in reply


def test_a_stream_that_falls_silent_ends_with_a_408_line(small: Any) -> None:
    head = request(None, "Transfer-Encoding: chunked").replace(b"/json", b"/x-ndjson")
    reply = exchange(small, head + b"%x\r\n%b\n\r\n" % (len(GOOD) + 1, GOOD))
    assert reply.startswith(b"HTTP/1.1 200 ")
    statuses = [json.loads(line)["status"] for line in reply.split(b"\r\n") if line[:1] == b"{"]
    assert statuses == [200, 408]


@pytest.mark.parametrize(
    "body", [b"zz\r\n{}\r\n0\r\n\r\n", b"2\r\n{}XX", b"-5\r\n{}\r\n", b"5 \r\n{}"]
)
def test_broken_chunks_are_a_400(small: Any, body: bytes) -> None:
    reply = exchange(small, request(None, "Transfer-Encoding: chunked") + body)
    assert reply.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in reply


def test_a_client_that_hangs_up_in_the_middle_harms_nobody(small: Any) -> None:
    for _ in range(20):
        with small.connect() as connection:
            connection.sendall(request(100) + b"{")
            connection.shutdown(socket.SHUT_RDWR)
    assert requests.get(f"{small.url}/readyz", timeout=10).status_code == 200


def test_large_answers_are_compressed_for_who_asks(server: Any) -> None:
    plain = requests.get(f"{server.url}/operations", headers={"Accept-Encoding": "identity"})
    packed = requests.get(f"{server.url}/operations", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < len(plain.content) / 2
    assert packed.content == plain.content
    assert "Accept-Encoding" in plain.headers["Vary"]
    refused = requests.get(f"{server.url}/operations", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_a_body_of_the_default_limit_is_read(server: Any) -> None:
    numbers = ", ".join(["1.25"] * 5_000_000)
    body = f'{{"expression": "sum(x)", "wrt": [], "bindings": {{"x": [{numbers}]}}}}'
    assert 29_000_000 < len(body) < 32 * 1024 * 1024
    reply = requests.post(f"{server.url}/gradient", data=body, headers=JSON, timeout=60)
    assert reply.json() == {"value": 6_250_000.0, "gradients": {}, "warnings": []}
