"""Open streams whose clients pause, or do not read, cost connections and memory, and no threads."""

from __future__ import annotations

import gzip
import json
import re
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from service.worker.gunicorn_worker import STREAM_THREADS

HEAD = "POST /gradient HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
MANY = 200
FEW = 6  # threads: two for streams, two for requests, and some more if the machine stalls


@pytest.fixture(scope="module")
def one(start: Any) -> Iterator[Any]:
    """The service with its defaults and one worker."""
    with start(WORKERS="1") as running:
        yield running


def line(k: int) -> bytes:
    return b'{"id": %d, "expression": "x*x", "bindings": {"x": %d}}\n' % (k, k)


class Stream:
    """A stream over a connection of its own: it sends and reads only when told."""

    def __init__(self, server: Any, coding: str = "identity", sends: str = "identity") -> None:
        self.connection = server.connect()
        self._reply = self.connection.makefile("rb")
        self._pack = zlib.compressobj(wbits=31) if sends == "gzip" else None
        self._unpack = zlib.decompressobj(31).decompress if coding == "gzip" else bytes
        head = f"{HEAD}Transfer-Encoding: chunked\r\nAccept-Encoding: {coding}\r\n"
        self.connection.sendall(f"{head}Content-Encoding: {sends}\r\n\r\n".encode())
        self._has_head = False
        self._text = b""

    def send(self, text: bytes) -> None:
        if self._pack is not None:
            text = self._pack.compress(text) + self._pack.flush(zlib.Z_SYNC_FLUSH)
        self.connection.sendall(b"%x\r\n%b\r\n" % (len(text), text))

    def end(self) -> None:
        if self._pack is not None:
            rest = self._pack.flush()
            self.connection.sendall(b"%x\r\n%b\r\n" % (len(rest), rest))
        self.connection.sendall(b"0\r\n\r\n")

    def read(self) -> bytes:
        """The next line of the answer; b"" at its end."""
        if not self._has_head:
            self._has_head = True
            assert self._reply.readline() == b"HTTP/1.1 200 OK\r\n"
            while self._reply.readline() != b"\r\n":
                pass
        while b"\n" not in self._text and (size := int(self._reply.readline(), 16)):
            self._text += self._unpack(self._reply.read(size))
            self._reply.readline()
        found, end, self._text = self._text.partition(b"\n")
        return found + end

    def close(self) -> None:
        self._reply.close()
        self.connection.close()


def open_streams(server: Any, stack: ExitStack, count: int, **codings: str) -> list[Stream]:
    streams = [Stream(server, **codings) for _ in range(count)]
    for stream in streams:
        stack.callback(stream.close)
    return streams


def worker(server: Any) -> Path:
    pid = server.process.pid
    (found,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return Path(f"/proc/{found}")


def threads(server: Any) -> int:
    return len(list((worker(server) / "task").iterdir()))


def connections(server: Any) -> int:
    """Sockets that the worker has."""
    found = 0
    for file in (worker(server) / "fd").iterdir():
        with suppress(OSError):
            found += str(file.readlink()).startswith("socket:")
    return found


def until(happened: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)


def ask(server: Any) -> Any:
    message = {"expression": "x*x", "bindings": {"x": 3}}
    return requests.post(f"{server.url}/gradient", json=message, timeout=30).json()["value"]


def test_open_streams_hold_no_thread_while_their_clients_pause(one: Any) -> None:
    ask(one)
    before = threads(one)
    with ExitStack() as stack:
        streams = open_streams(one, stack, MANY)
        for turn in range(3):
            for k, stream in enumerate(streams):
                stream.send(line(turn * MANY + k))
                assert json.loads(stream.read())["result"]["value"] == (turn * MANY + k) ** 2
            assert [ask(one) for _ in range(20)] == [9.0] * 20
        assert threads(one) <= before + FEW
        assert connections(one) > MANY  # one listens
        for stream in streams:  # all at once
            stream.send(line(5))
        assert [json.loads(stream.read())["status"] for stream in streams] == [200] * MANY
        assert threads(one) <= before + STREAM_THREADS + FEW
        for stream in streams:
            stream.end()
        assert [stream.read() for stream in streams] == [b""] * MANY


@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("sends", ["identity", "gzip"])
def test_a_stream_that_pauses_gets_the_bytes_of_one_that_does_not(
    one: Any, coding: str, sends: str
) -> None:
    parts = [line(1) + line(2)[:20], line(2)[20:] + b"\n{}\n" + line(3), b"no JSON\n " + line(4)]
    headers = {"Content-Type": "application/x-ndjson"}
    whole = requests.post(
        f"{one.url}/gradient", data=b"".join(parts), headers=headers, timeout=30
    ).content
    with ExitStack() as stack:
        (stream,) = open_streams(one, stack, 1, coding=coding, sends=sends)
        found = b""
        for part, count in zip(parts, (1, 3, 2), strict=True):
            stream.send(part)
            found += b"".join(stream.read() for _ in range(count))
            time.sleep(0.1)
        stream.end()
        assert stream.read() == b""
    assert found == whole


def leave(stream: Stream) -> None:
    stream.connection.shutdown(socket.SHUT_RDWR)
    stream.close()


def reset(stream: Stream) -> None:
    stream.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    stream.close()


@pytest.mark.parametrize("leaves", [leave, reset])
@pytest.mark.parametrize("when", ["in a pause", "in mid-line", "with its answer unread"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_a_client_that_vanishes_leaves_nothing_behind(
    one: Any, leaves: Callable[[Stream], None], when: str, coding: str
) -> None:
    ask(one)
    before = connections(one)
    with ExitStack() as stack:
        for stream in open_streams(one, stack, 20, coding=coding):
            stream.send(line(1))
            if when == "in mid-line":
                stream.read()
                stream.send(line(2)[:20])
            elif when == "in a pause":
                stream.read()
            else:
                wide = b'{"expression": "y = broadcast_to(x, shape=[300000]); y", '
                stream.send(wide + b'"bindings": {"x": 0.12345678901234567}, "outputs": ["y"]}\n')
                stream.send(line(3)[:-1])
            time.sleep(0.01)
            leaves(stream)
    until(lambda: connections(one) <= before)
    assert ask(one) == 9.0
    assert "traceback" not in one.log.read_text().lower()


def test_a_client_that_falls_silent_between_lines_is_told_so(small: Any) -> None:
    with ExitStack() as stack:
        (stream,) = open_streams(small, stack, 1)
        stream.send(line(1))
        assert json.loads(stream.read())["status"] == 200
        stream.send(b'{"id": 2')
        begun = time.monotonic()
        answer = json.loads(stream.read())
        assert 0.5 < time.monotonic() - begun < 10
        assert (answer["line"], answer["status"]) == (2, 408)
        assert answer["problem"]["detail"] == "the body did not arrive in time"
        assert stream.read() == b""


def test_a_line_over_the_limit_is_refused_where_it_stands_also_after_a_pause(small: Any) -> None:
    with ExitStack() as stack:
        (stream,) = open_streams(small, stack, 1)
        stream.send(line(1))
        assert json.loads(stream.read())["status"] == 200
        for _ in range(5):
            stream.send(b"x" * 30_000)
            time.sleep(0.02)
        stream.send(b"\n" + line(3))
        assert [json.loads(stream.read())["status"] for _ in range(2)] == [413, 200]


def test_a_worker_that_stops_answers_what_open_streams_still_send(start: Any) -> None:
    """And waits no longer for those that send nothing than for any request."""
    with start("tests/live/impatient.conf.py", WORKERS="1") as running, ExitStack() as stack:
        going, silent = open_streams(running, stack, 2)
        for stream in (going, silent):
            stream.send(line(1))
            stream.read()
        running.process.terminate()
        time.sleep(0.5)
        going.send(line(2))
        assert json.loads(going.read())["result"]["value"] == 4.0
        going.end()
        assert going.read() == b""
        assert json.loads(silent.read())["status"] == 408
        running.process.wait(10)  # gunicorn's graceful_timeout is 20 s


def test_an_open_stream_is_one_request_in_the_metrics(one: Any) -> None:
    def counted() -> float:
        text = requests.get(f"{one.url}/metrics", timeout=30).text
        labels = re.escape('{method="POST",route="/jvp",status="200"}')
        found = re.search(rf"gradient_requests_total{labels} (\S+)", text)
        return float(found[1]) if found else 0.0

    message = b'{"expression": "x*x", "bindings": {"x": 3}, "tangents": {"x": 1}}\n'
    head = HEAD.replace("/gradient", "/jvp")
    with one.connect() as client:
        before = counted()
        client.sendall(f"{head}Content-Length: {2 * len(message)}\r\n\r\n".encode() + message)
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert counted() == before, "it is not over"
        time.sleep(0.1)
        client.sendall(message)
        until(lambda: counted() == before + 1)


def test_a_gzip_stream_whose_first_bytes_are_no_line_waits_without_a_thread(one: Any) -> None:
    packed = gzip.compress(line(7), mtime=0)
    ask(one)
    before = threads(one)
    head = f"{HEAD}Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
    with ExitStack() as stack:
        clients = [stack.enter_context(one.connect()) for _ in range(50)]
        for client in clients:
            client.sendall(head + packed[:12])
        assert ask(one) == 9.0
        assert threads(one) <= before + FEW
        for client in clients:
            client.sendall(packed[12:])
            assert b'"value":49.0' in client.makefile("rb").readline(0) + client.recv(65536)
