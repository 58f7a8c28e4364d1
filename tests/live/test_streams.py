"""NDJSON over a real connection: answers while the request is still being sent."""

from __future__ import annotations

import gzip
import json
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

NDJSON = {"Content-Type": "application/x-ndjson"}


def line(k: int, **more: Any) -> bytes:
    return json.dumps({"id": k, "expression": "x*x", "bindings": {"x": k}} | more).encode()


def post(server: Any, data: Any, path: str = "/gradient", **headers: str) -> list[Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = requests.post(server.url + path, data=data, headers=NDJSON | named, timeout=60)
    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "application/x-ndjson"
    return [json.loads(line) for line in reply.content.split(b"\n")[:-1]]


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_each_line_has_its_answer_in_its_place(server: Any, chunked: bool, coding: str) -> None:
    body = b"\n".join(
        [
            line(1),
            b"",
            line(2, bindings={}),
            b"{nonsense",
            b"  \r",
            line(3) + b"\r",
            b"[1]",
            b'{"id": [1]}',
            b'{"expression": "1/x", "bindings": {"x": 0}, "id": "z"}',
        ]
    )
    packed = gzip.compress(body) if coding == "gzip" else body
    data = (packed[k : k + 50] for k in range(0, len(packed), 50)) if chunked else packed
    answers = post(server, data, Content_Encoding=coding)
    assert [(answer["id"], answer["status"]) for answer in answers] == [
        (1, 200),
        (2, 422),
        (None, 400),
        (3, 200),
        (None, 422),
        (None, 422),
        ("z", 200),
    ]
    assert [answer["line"] for answer in answers] == [1, 3, 4, 6, 7, 8, 9]
    assert answers[0] == {
        "id": 1,
        "line": 1,
        "status": 200,
        "result": {"value": 1.0, "gradients": {"x": 2.0}, "warnings": []},
    }
    assert list(answers[1]) == ["id", "line", "status", "problem"]
    assert answers[1]["problem"]["errors"][0]["code"] == "unbound_name"
    assert answers[1]["problem"]["status"] == 422
    assert answers[6]["result"]["value"] == "Infinity"


@pytest.mark.parametrize("label", ["a", "", 0, -1.5, True, None, 2**63, "é\n\u2028"])
def test_an_id_is_any_scalar(server: Any, label: Any) -> None:
    good, bad = post(server, b"\n".join([line(1, id=label), line(1, id=label, bindings=[])]))
    assert (good["id"], good["status"]) == (label, 200)
    assert (bad["id"], bad["status"]) == (label, 422)
    assert type(good["id"]) is type(label)


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_an_answer_comes_before_the_next_line_is_sent(server: Any, coding: str) -> None:
    head = (
        "POST /gradient HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
        f"Transfer-Encoding: chunked\r\nAccept-Encoding: {coding}\r\n\r\n"
    )
    unpack = zlib.decompressobj(31).decompress if coding == "gzip" else bytes
    with server.connect() as connection, connection.makefile("rb") as reply:
        connection.sendall(head.encode())
        for k in range(1, 6):
            text = line(k) + b"\n"
            connection.sendall(b"%x\r\n%b\r\n" % (len(text), text))
            if k == 1:
                while reply.readline() != b"\r\n":
                    pass
            answer = b""
            while not answer.endswith(b"\n"):
                size = int(reply.readline(), 16)
                answer += unpack(reply.read(size))
                reply.readline()
            assert json.loads(answer)["result"]["value"] == k * k
        connection.sendall(b"0\r\n\r\n")


def test_a_client_may_send_everything_before_it_reads(server: Any) -> None:
    # urllib and requests do: without reading ahead, both sides would wait for each other.
    padding = "x" * 1600
    body = b"\n".join(line(k, id=f"{k}{padding}") for k in range(10_000))
    assert len(body) > 16_000_000
    answers = post(server, body, Accept_Encoding="identity")
    assert len(answers) == 10_000
    assert all(answer["status"] == 200 for answer in answers)
    assert answers[-1]["result"]["value"] == 9_999.0**2


def test_memory_stays_bounded_however_long_the_stream(server: Any) -> None:
    def resident() -> int:
        children = f"/proc/{server.process.pid}/task/{server.process.pid}/children"
        workers = Path(children).read_text().split()
        pages = (Path(f"/proc/{worker}/statm").read_text().split()[1] for worker in workers)
        return 4096 * sum(map(int, pages))

    tensor = [0.5] * 2_000
    message = line(1, bindings={"x": tensor}, expression="sum(x)") + b"\n"
    piece = message * 10

    def pieces() -> Iterator[bytes]:
        for _ in range(600):
            yield piece

    post(server, piece)
    before = resident()
    with requests.post(
        f"{server.url}/gradient", data=pieces(), headers=NDJSON, stream=True, timeout=60
    ) as reply:
        count = sum(chunk.count(b"\n") for chunk in reply.iter_content(65536))
    assert count == 6_000
    assert len(piece) * 600 > 60_000_000
    assert resident() - before < 150_000_000


def test_a_client_that_leaves_a_stream_harms_nobody(server: Any) -> None:
    for _ in range(5):
        with server.connect() as connection:
            connection.sendall(
                b"POST /gradient HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n5\r\n[1]\n\n\r\n"
            )
            connection.recv(10)
    assert requests.get(f"{server.url}/readyz", timeout=10).status_code == 200
    assert "traceback" not in server.log.read_text().lower()


def test_streams_do_not_hold_up_others(server: Any) -> None:
    streams = [server.connect() for _ in range(8)]
    try:
        for stream in streams:
            stream.sendall(
                b"POST /gradient HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n"
            )
        assert post(server, line(3))[0]["result"]["value"] == 9.0
    finally:
        for stream in streams:
            stream.close()


def test_many_clients_at_once(server: Any) -> None:
    found: list[int] = []

    def ask(k: int) -> None:
        answers = post(server, b"\n".join(line(n) for n in range(k, k + 50)))
        found.extend(answer["result"]["value"] == answer["id"] ** 2 for answer in answers)

    threads = [threading.Thread(target=ask, args=(k,)) for k in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 1000
