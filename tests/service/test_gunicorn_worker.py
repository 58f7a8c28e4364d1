"""The worker around the application: its loop, its threads, gunicorn's own errors, stopping."""

from __future__ import annotations

import io
import json
import os
import select
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from gunicorn import util
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http.errors import ChunkMissingTerminator
from gunicorn.workers.gthread import ThreadWorker

import service
from service.process import capacity
from service.worker import event_loop
from service.worker.connection import Connection
from service.worker.event_loop import (
    ARRIVING,
    IDLE,
    LINGERING,
    SENDING,
    SENDING_AND_READING,
    SENDING_AND_STARVED,
    STARVED,
)
from service.worker.gunicorn_worker import Worker
from service.worker.need import Need
from service.worker.threads import Threads

Accepted = Callable[[], tuple[Connection, socket.socket]]
HEAD = b"POST /nope HTTP/1.1\r\nHost: here\r\n"
PROBE = b"GET /livez HTTP/1.1\r\nHost: here\r\n\r\n"
MEGABYTE = 1024 * 1024
MEMORY = 16 * MEGABYTE
AHEAD = 2 * MEGABYTE
STREAM = b"POST /stream HTTP/1.1\r\nHost: here\r\n"


def needs(method: str, path: str, headers: Any) -> Need:
    """As the service's own, by the path alone."""
    return {"/stream": Need.LINE, "/bytes": Need.SOME, "/nope": Need.NOTHING}.get(path, Need.WHOLE)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """A worker with one thread for requests, whose loop is turned by hand (`turn`)."""
    monkeypatch.setattr(capacity, "_stopping", threading.Event())  # of this worker alone
    monkeypatch.setattr("gunicorn.workers.base.Worker.init_process", lambda _: None)
    monkeypatch.setattr("service.worker.gunicorn_worker.SWEEP", 0.01)
    monkeypatch.setenv("GRADIENT_PATIENCE", "0.1")
    monkeypatch.setenv("GRADIENT_SENDING", "0.3")
    monkeypatch.setenv("GRADIENT_BODY_LIMIT", str(MEGABYTE))
    monkeypatch.setenv("GRADIENT_MEMORY_LIMIT", str(MEMORY))
    monkeypatch.setenv("GRADIENT_STREAM_BUFFER", str(AHEAD))
    config = Config()
    config.set("threads", 1)
    made = Worker(1, os.getpid(), [], None, 30, config, Logger(config))
    interval = sys.getswitchinterval()
    made.init_process()
    sys.setswitchinterval(interval)
    made.prepare({"needs": needs})
    made.silence = 0.3
    made.poller.register(made.method_queue, selectors.EVENT_READ, made.method_queue.run_callbacks)
    yield made
    for pool in (made.tpool, made.health, made.streams):
        pool.shutdown()
    made.poller.close()
    made.method_queue.close()
    made.tmp.close()


@pytest.fixture
def accepted(worker: Worker) -> Iterator[Accepted]:
    """Connections as the worker has just accepted them, each with the client's end of it."""
    made: list[tuple[Connection, socket.socket]] = []

    def accept() -> tuple[Connection, socket.socket]:
        here, client = socket.socketpair()
        client.settimeout(30)
        worker.nr_conns += 1
        made.append((worker.connection(here, ("127.0.0.1", 1), ("127.0.0.1", 2)), client))
        worker.loop.receive(made[-1][0])
        return made[-1]

    yield accept
    turn(worker, lambda: not (worker.tpool.awake or worker.streams.awake or worker.health.awake))
    worker.murder_keepalived(force=True)
    for connection, client in made:
        connection.close()
        client.close()


def turn(worker: Worker, until: Callable[[], bool]) -> None:
    """Turn the worker's loop until something has happened."""
    end = time.monotonic() + 30
    while not until():
        assert time.monotonic() < end
        worker.wait_for_and_dispatch_events(timeout=0.02)


def has_come(client: socket.socket) -> bool:
    """Whether there is something to be read."""
    return bool(select.select([client], [], [], 0)[0])


def waits_for(worker: Worker, connection: Connection, what: Any) -> Callable[[], bool]:
    return lambda: worker.loop.waiters.of(connection) is what


def is_closed(connection: Connection) -> Callable[[], bool]:
    return lambda: connection.fileno() < 0


def answering(worker: Worker, length: int = 2) -> list[tuple[str, bytes]]:
    """Let the application read what there is and answer: the threads and bodies that it had."""
    seen: list[tuple[str, bytes]] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read() if environ["PATH_INFO"] != "/nope" else b""
        seen.append((threading.current_thread().name.partition("_")[0], body))
        start_response("200 OK", [("Content-Length", str(length))])
        return [b"no" * (length // 2)]

    worker.wsgi = application
    return seen


def answer_to(worker: Worker, client: socket.socket) -> bytes:
    """What `answering` says, once it has come."""
    received = b""
    while not received.endswith(b"no"):
        turn(worker, lambda: has_come(client))
        received += client.recv(65536)
    return received


def read_all(worker: Worker, client: socket.socket) -> tuple[str, dict[str, str], Any]:
    """The answer on a connection: its status line, headers and JSON body."""
    turn(worker, lambda: has_come(client))
    head, _, body = client.recv(65536).partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    return status, dict(line.split(": ", 1) for line in lines), json.loads(body)


# --- what arrives


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"POST / HTTP/1.1\r\nHost: here\r\n",
        b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\n123",
        b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n123",
        b"POST /stream HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\n123",
        b"POST /bytes HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\n",
    ],
)
def test_what_has_not_arrived_takes_no_thread(
    worker: Worker, accepted: Accepted, part: bytes
) -> None:
    answering(worker)
    for _ in range(3):
        connection, client = accepted()
        client.sendall(part)
        turn(worker, waits_for(worker, connection, ARRIVING if part else IDLE))
    assert worker.tpool.awake == worker.streams.awake == 0
    assert not worker.tpool._threads
    assert not worker.streams._threads


@pytest.mark.parametrize(
    "head, body, more",
    [
        (b"Content-Length: 6", b"abcdef", b""),
        (b"Transfer-Encoding: chunked", b"6\r\nabcdef\r\n0\r\n\r\n", b""),
        (b"Content-Length: 6", b"abcdef", HEAD + b"\r\n"),
        (
            b"Transfer-Encoding: chunked",
            b"2\r\nab\r\n4;x=y\r\ncdef\r\n0\r\nA: b\r\n\r\n",
            HEAD + b"\r\n",
        ),
    ],
)
def test_a_request_that_drips_is_read_whole(
    worker: Worker, accepted: Accepted, head: bytes, body: bytes, more: bytes
) -> None:
    seen = answering(worker)
    connection, client = accepted()
    for byte in b"POST / HTTP/1.1\r\nHost: here\r\n" + head + b"\r\n\r\n" + body:
        client.sendall(bytes([byte]))
        worker.wait_for_and_dispatch_events(timeout=0.02)
    answer_to(worker, client)
    if more:
        client.sendall(more)
        answer_to(worker, client)
    assert seen[0] == ("request", b"abcdef")
    assert len(seen) == 1 + bool(more)
    turn(worker, waits_for(worker, connection, IDLE))


def test_several_requests_that_come_together_are_answered_in_turn(
    worker: Worker, accepted: Accepted
) -> None:
    seen = answering(worker)
    _, client = accepted()
    bodies = [bytes([65 + k]) * (k + 1) for k in range(20)]
    head = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n%b"
    client.sendall(b"".join(head % (len(body), body) for body in bodies))
    turn(worker, lambda: len(seen) == 20)
    assert [body for _, body in seen] == bodies


def test_a_stream_has_a_thread_of_its_own_from_its_first_line_on(
    worker: Worker, accepted: Accepted
) -> None:
    seen = answering(worker)
    connection, client = accepted()
    client.sendall(b"POST /stream HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\n123")
    turn(worker, waits_for(worker, connection, ARRIVING))
    client.sendall(b"\n")
    turn(worker, lambda: worker.streams.awake == 1)
    client.sendall(b"45678")
    answer_to(worker, client)
    assert seen == [("stream", b"123\n45678")]
    turn(worker, lambda: worker.tpool.awake == 0)


@pytest.mark.parametrize(
    "sent, status, kind",
    [
        (b"GET / HTTP/1.1\r\nHost: here\r\n", 408, "request-timeout"),
        (b"this is not HTTP\r\n\r\n", 400, "bad-request"),
        (b"GET /" + b"long" * 2000, 414, ""),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: none\r\n\r\n", 501, ""),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501, ""),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n", 400, "bad-request"),
        (HEAD + b"A: b\r\n" * 200, 431, ""),
    ],
)
def test_a_head_that_cannot_be_read_is_answered(
    worker: Worker, accepted: Accepted, sent: bytes, status: int, kind: str
) -> None:
    connection, client = accepted()
    client.sendall(sent)
    line, headers, problem = read_all(worker, client)
    assert line.startswith(f"HTTP/1.1 {status} ")
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Connection"] == "close"
    assert headers["X-Request-Id"] == problem["instance"]
    assert problem["status"] == status
    assert problem["type"] == (f"/problems/{kind}" if kind else "about:blank")
    turn(worker, is_closed(connection))
    assert worker.nr_conns == 0
    assert not worker.tpool._threads


@pytest.mark.parametrize(
    "rest, ended, status, words",
    [
        (b"Content-Length: 10\r\n\r\nabc", False, 408, "did not arrive in time"),
        (b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc", False, 408, "did not arrive in time"),
        (b"Content-Length: 10\r\n\r\nabc", True, 400, "after 3 of 10 bytes"),
        (b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc", True, 400, "cut short or wrongly chunked"),
        (b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcXX", False, 400, "wrongly chunked"),
    ],
)
def test_a_body_that_does_not_come_is_answered_without_a_thread(
    worker: Worker, accepted: Accepted, rest: bytes, ended: bool, status: int, words: str
) -> None:
    connection, client = accepted()
    client.sendall(b"POST / HTTP/1.1\r\nHost: here\r\n" + rest)
    if ended:
        client.shutdown(socket.SHUT_WR)
    line, _, problem = read_all(worker, client)
    assert line.startswith(f"HTTP/1.1 {status} ")
    assert words in problem["detail"]
    turn(worker, is_closed(connection))
    assert not worker.tpool._threads


@pytest.mark.parametrize(
    "rest, error",
    [
        (b"Content-Length: 10\r\n\r\nabc", TimeoutError),
        (b"Content-Length: 10\r\n\r\na\nb", TimeoutError),
        (b"Transfer-Encoding: chunked\r\n\r\n3\r\na\nb", TimeoutError),
        (b"Transfer-Encoding: chunked\r\n\r\n3\r\na\nbXX", ChunkMissingTerminator),
    ],
)
def test_whoever_reads_a_stream_is_told_that_it_is_cut_short(
    worker: Worker, accepted: Accepted, rest: bytes, error: type[Exception]
) -> None:
    seen: list[object] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        try:
            while piece := environ["wsgi.input"].read1(100):
                seen.append(piece)
        except Exception as problem:  # noqa: BLE001 - whatever it is
            seen.append(type(problem))
        start_response("200 OK", [])
        return []

    worker.wsgi = application
    connection, client = accepted()
    client.sendall(b"POST /stream HTTP/1.1\r\nHost: here\r\n" + rest)
    turn(worker, is_closed(connection))
    assert len(seen) == 2
    assert seen[1] is error


def test_a_client_that_drips_runs_out_of_time(worker: Worker, accepted: Accepted) -> None:
    connection, client = accepted()
    connection.pace.patience = 0.2
    end = time.monotonic() + 20
    while not has_come(client):
        assert time.monotonic() < end
        with suppress(OSError):
            client.send(b"G")
        worker.wait_for_and_dispatch_events(timeout=0.02)
        time.sleep(0.02)
    assert client.recv(65536).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    "head, told",
    [
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n", True),
        (b"POST / HTTP/1.0\r\nHost: x\r\nContent-Length: 4\r\n", False),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n", False),
        (b"POST /nope HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n", False),
    ],
)
def test_whoever_asks_is_told_to_go_on_if_the_body_is_needed(
    worker: Worker, accepted: Accepted, head: bytes, told: bool
) -> None:
    seen = answering(worker)
    connection, client = accepted()
    client.sendall(head + b"Expect: 100-continue\r\n\r\n")
    if told:
        turn(worker, lambda: has_come(client))
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert not seen
        client.sendall(b"abcd")
        assert answer_to(worker, client).startswith(b"HTTP/1.1 200 OK\r\n")
        assert seen[0][1] == b"abcd"
    else:
        client.sendall(b"abcd")
        client.shutdown(socket.SHUT_WR)
        assert answer_to(worker, client).startswith(b"HTTP/1")
    turn(worker, lambda: connection.fileno() < 0 or worker.loop.waiters.of(connection) is IDLE)


# --- memory


def test_bodies_that_do_not_end_hold_no_more_than_their_share(
    worker: Worker, accepted: Accepted
) -> None:
    """Of 16 MiB for a process, a quarter is for what arrives; whoever comes then is told to come
    back, others are answered, and what was held is given back.
    """
    answering(worker)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
    dripping = [accepted() for _ in range(12)]
    for connection, client in dripping:
        client.setblocking(False)
        sent = head + bytes(900_000)
        while sent and connection.fileno() >= 0:
            with suppress(OSError):
                sent = sent[client.send(sent) :]
            worker.wait_for_and_dispatch_events(timeout=0.001)
            if worker.loop.waiters.of(connection) is STARVED:
                break
    assert worker.budgets.arriving.left < MEGABYTE
    assert worker.budgets.memory.left >= MEMORY * 3 // 4
    connection, client = accepted()
    client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd")
    assert answer_to(worker, client).startswith(b"HTTP/1.1 200 ")
    turn(worker, lambda: any(has_come(client) for _, client in dripping))
    first = next(client for _, client in dripping if has_come(client))
    assert first.recv(12) in {b"HTTP/1.1 503", b"HTTP/1.1 408", b"HTTP/1.1 200"}
    for _, client in dripping:
        client.close()
    turn(worker, lambda: worker.nr_conns == 1)
    assert worker.budgets.memory.left == MEMORY
    assert worker.budgets.arriving.left == MEMORY // 4


def test_a_request_hands_its_memory_over(worker: Worker, accepted: Accepted) -> None:
    held: list[int] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        held.append(environ["service.received"]())
        held.append(environ["service.received"]())
        worker.budgets.forget(held[0])
        start_response("200 OK", [("Content-Length", "2")])
        return [b"no"]

    worker.wsgi = application
    _, client = accepted()
    client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + bytes(100_000))
    answer_to(worker, client)
    assert held == [131_072, 0]
    assert worker.budgets.memory.left == MEMORY


def test_a_body_is_let_go_of_once_its_answer_is_all_that_is_left(
    worker: Worker, accepted: Accepted
) -> None:
    bodies: list[Any] = []

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        bodies.append(environ["wsgi.input"])
        assert len(bodies[0].read()) == 4
        start_response("200 OK", [("Content-Length", "20000000")])
        return [bytes(20_000_000)]

    worker.wsgi = application
    connection, client = accepted()
    client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd")
    turn(worker, waits_for(worker, connection, SENDING))
    assert bodies[0].closed


def test_a_long_first_line_is_counted_until_it_is_taken(worker: Worker, accepted: Accepted) -> None:
    gate, taken = threading.Event(), threading.Event()

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        gate.wait(30)
        assert len(environ["wsgi.input"].read(100_000)) == 100_000
        taken.set()
        environ["wsgi.input"].read()
        start_response("200 OK", [])
        return []

    worker.wsgi = application
    _, client = accepted()
    client.sendall(b"POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 100005\r\n\r\n")
    client.sendall(bytes(99_999) + b"\n")
    turn(worker, lambda: worker.streams.awake == 1)
    assert worker.budgets.memory.left < MEMORY
    gate.set()
    turn(worker, taken.is_set)
    assert worker.budgets.memory.left == MEMORY
    client.close()


def test_a_long_first_line_that_waits_for_memory_is_taken_up_once_there_is_some(
    worker: Worker, accepted: Accepted
) -> None:
    echoing(worker)
    worker.silence = 30.0
    worker.loop.terms = replace(worker.loop.terms, patience=30.0)
    worker.budgets.memory.take(MEMORY)
    connection, client = accepted()
    client.sendall(STREAM + b"Content-Length: 30004\r\n\r\n" + bytes(30_000) + b"\n")
    turn(worker, waits_for(worker, connection, STARVED))
    worker.budgets.memory.give(MEMORY)
    received(worker, client, b"\n\r\n")
    client.sendall(b"abc")
    received(worker, client, b"3\r\nabc\r\n0\r\n\r\n")


def test_the_oldest_idle_connection_makes_room_for_a_new_one(
    worker: Worker, accepted: Accepted
) -> None:
    answering(worker)
    worker.worker_connections = 4
    idle = [accepted() for _ in range(3)]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        with socket.create_connection(listener.getsockname()) as client:
            turn(worker, lambda: bool(select.select([listener], [], [], 1)[0]))
            worker.accept(listener)
            assert [connection.fileno() < 0 for connection, _ in idle] == [True, False, False]
            client.sendall(HEAD + b"\r\n")
            answer_to(worker, client)
            turn(worker, lambda: len(worker.loop.waiters.all()) == 3)  # its thread has let go of it
            worker.murder_keepalived(force=True)


def test_a_connection_that_fails_harms_no_other(
    worker: Worker, accepted: Accepted, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(worker)
    failing, client = accepted()
    _, other = accepted()
    received = Connection.receive

    def receive(connection: Connection) -> None:
        if connection is failing:
            raise ValueError("a defect")
        received(connection)

    monkeypatch.setattr(Connection, "receive", receive)
    client.sendall(b"G")
    turn(worker, is_closed(failing))
    other.sendall(HEAD + b"\r\n")
    answer_to(worker, other)
    assert worker.nr_conns == 1


# --- what leaves


def test_an_answer_that_nobody_reads_takes_no_thread_and_is_closed_in_the_end(
    worker: Worker, accepted: Accepted
) -> None:
    closed = threading.Event()

    class Payload(list[bytes]):
        def close(self) -> None:
            closed.set()

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [("Content-Length", "20000000")])
        return Payload([bytes(20_000_000)])

    worker.wsgi = application
    connection, client = accepted()
    client.sendall(PROBE.replace(b"livez", b""))
    turn(worker, waits_for(worker, connection, SENDING))
    turn(worker, lambda: worker.tpool.awake == 0)
    assert not closed.is_set()  # what it holds is held
    turn(worker, is_closed(connection))  # GRADIENT_SENDING is over
    assert closed.is_set()
    assert worker.nr_conns == 0


def test_a_slow_reader_gets_every_byte_and_keeps_its_connection(
    worker: Worker, accepted: Accepted
) -> None:
    sent = b"".join(b"%07d\n" % k for k in range(400_000))
    closed: list[bool] = []

    def pieces() -> Iterator[bytes]:
        try:
            for start in range(0, len(sent), 100_000):
                yield sent[start : start + 100_000]
        finally:
            closed.append(True)

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [("Content-Length", str(len(sent)))])
        return pieces()

    worker.wsgi = application
    connection, client = accepted()
    client.sendall(HEAD + b"\r\n")
    received = b""
    while not received.endswith(sent[-8:]):
        turn(worker, lambda: has_come(client))
        received += client.recv(50_000)
    assert received.partition(b"\r\n\r\n")[2] == sent
    turn(worker, waits_for(worker, connection, IDLE))
    assert closed == [True]


def test_an_application_that_fails_is_a_500_or_the_end(worker: Worker, accepted: Accepted) -> None:
    def failing(environ: dict[str, Any], start_response: Any) -> Any:
        raise ValueError("no")

    def failing_late(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [("Content-Length", "4")])
        yield b"no"
        raise ValueError("no")

    for application, start in ((failing, b"HTTP/1.1 500 "), (failing_late, b"HTTP/1.1 200 ")):
        worker.wsgi = application
        connection, client = accepted()
        client.sendall(HEAD + b"\r\n")
        turn(worker, is_closed(connection))
        assert client.recv(65536).startswith(start)
        assert client.recv(65536) == b""


# --- streams


def echoing(worker: Worker) -> None:
    """Let the application answer what comes of a stream, as it comes."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        try:
            while True:
                while not environ["service.has_arrived"]():
                    yield b""
                piece = environ["wsgi.input"].read1(MEGABYTE)
                if not piece:
                    break
                yield piece
        except Exception as error:  # noqa: BLE001 - whatever it is
            yield type(error).__name__.encode()

    worker.wsgi = application


def received(worker: Worker, client: socket.socket, end: bytes) -> bytes:
    """What comes up to these bytes."""
    found = b""
    while not found.endswith(end):
        turn(worker, lambda: has_come(client))
        found += client.recv(MEGABYTE)
    return found


def asleep(worker: Worker) -> Callable[[], bool]:
    return lambda: worker.streams.awake == 0


def test_a_stream_takes_a_thread_for_whole_lines_alone(worker: Worker, accepted: Accepted) -> None:
    echoing(worker)
    worker.silence = 30.0
    connection, client = accepted()
    client.sendall(STREAM + b"Content-Length: 21\r\n\r\n123\n")
    received(worker, client, b"123\n\r\n")
    for half, rest in [(b"45", b"67\n"), (b"8", b"9\nabcdef")]:
        turn(worker, waits_for(worker, connection, ARRIVING))
        turn(worker, asleep(worker))
        client.sendall(half)
        turn(worker, lambda half=half: connection.framing.payload == half)  # type: ignore[misc]
        assert worker.streams.awake == 0
        client.sendall(rest)
        received(worker, client, half + rest + b"\r\n")
    client.sendall(b"gh\n")
    assert received(worker, client, b"0\r\n\r\n") == b"3\r\ngh\n\r\n0\r\n\r\n"
    turn(worker, waits_for(worker, connection, IDLE))


def test_a_line_in_mid_stream_that_finds_no_memory_is_for_the_application_to_refuse(
    worker: Worker, accepted: Accepted
) -> None:
    """In its place: its answer has begun, so that nobody can be told to come back."""
    echoing(worker)
    worker.silence = 30.0
    connection, client = accepted()
    client.sendall(STREAM + b"Content-Length: 50000\r\n\r\n123\n")
    received(worker, client, b"123\n\r\n")
    turn(worker, waits_for(worker, connection, ARRIVING))
    turn(worker, asleep(worker))
    worker.budgets.memory.take(MEMORY)
    client.sendall(b"x" * 30_000)
    assert b"x" in received(worker, client, b"x\r\n")
    turn(worker, waits_for(worker, connection, ARRIVING))
    worker.budgets.memory.give(MEMORY)


@pytest.mark.parametrize(
    "head, ends, told",
    [
        (b"Content-Length: 20\r\n\r\n123\n", None, b"TimeoutError"),
        (b"Transfer-Encoding: chunked\r\n\r\n4\r\n123\n\r\n", None, b"TimeoutError"),
        (b"Transfer-Encoding: chunked\r\n\r\n4\r\n123\n\r\n", b"XX", b"InvalidChunkSize"),
        (b"Transfer-Encoding: chunked\r\n\r\n4\r\n123\n\r\n", b"", b"EOFError"),
        (b"Content-Length: 20\r\n\r\n123\n", b"", b""),
    ],
)
def test_a_stream_that_ends_in_a_pause_is_told_so(
    worker: Worker, accepted: Accepted, head: bytes, ends: bytes | None, told: bytes
) -> None:
    echoing(worker)
    connection, client = accepted()
    client.sendall(STREAM + head)
    received(worker, client, b"123\n\r\n")
    turn(worker, waits_for(worker, connection, ARRIVING))
    if ends:
        client.sendall(ends + b"\r\n")
    elif ends is not None:
        client.shutdown(socket.SHUT_WR)
    assert told in received(worker, client, b"0\r\n\r\n")
    turn(worker, is_closed(connection))


def test_what_the_answers_take_is_not_taken_from_the_clients_time(
    worker: Worker, accepted: Accepted, monkeypatch: pytest.MonkeyPatch
) -> None:
    echoing(worker)
    connection, client = accepted()
    connection.pace.patience = 0.4
    read1 = io.BufferedReader.read1

    class Slow(io.BufferedReader):
        def read1(self, size: int = -1, /) -> bytes:
            time.sleep(0.3)
            return read1(self, size)

    monkeypatch.setattr("service.worker.received.io.BufferedReader", Slow)
    client.sendall(STREAM + b"Content-Length: 16\r\n\r\n123\n")
    for _ in range(3):
        received(worker, client, b"123\n\r\n")
        client.sendall(b"123\n")
    assert received(worker, client, b"0\r\n\r\n").startswith(b"4\r\n123\n\r\n")


def unread(worker: Worker, length: int) -> None:
    """Let the application answer with more than a client takes that does not read, and read on."""
    worker.loop.terms = replace(worker.loop.terms, sending=30.0)

    def application(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield bytes(10 * MEGABYTE)
        yield b"%d" % len(environ["wsgi.input"].read(length))

    worker.wsgi = application


def send_all(worker: Worker, client: socket.socket, sent: bytes) -> None:
    """Send it, however often the client has to wait for the worker to read."""
    client.setblocking(False)
    end = time.monotonic() + 20
    while sent:
        assert time.monotonic() < end
        with suppress(OSError):
            sent = sent[client.send(sent) :]
        worker.wait_for_and_dispatch_events(timeout=0.001)


@pytest.mark.parametrize("starved", [False, True])
def test_a_client_that_sends_all_of_a_stream_before_it_reads_needs_no_thread(
    worker: Worker, accepted: Accepted, starved: bool
) -> None:
    length = AHEAD - 300_000
    unread(worker, length)
    if starved:
        worker.budgets.memory.take(MEMORY - MEGABYTE)
    connection, client = accepted()
    client.sendall(STREAM + b"Content-Length: %d\r\n\r\n\n" % length)
    turn(worker, waits_for(worker, connection, SENDING_AND_READING))
    if starved:
        client.sendall(bytes(100_000))
        turn(worker, waits_for(worker, connection, SENDING_AND_STARVED))
        worker.budgets.memory.give(MEMORY - MEGABYTE)
    send_all(worker, client, bytes(length - 1 - 100_000 * starved))
    turn(worker, waits_for(worker, connection, SENDING))  # there is no more to read
    turn(worker, asleep(worker))
    assert worker.budgets.memory.left == MEMORY - AHEAD
    assert received(worker, client, b"0\r\n\r\n").endswith(b"\r\n%d\r\n0\r\n\r\n" % length)
    turn(worker, waits_for(worker, connection, IDLE))
    assert worker.budgets.memory.left == MEMORY


def test_what_is_kept_for_a_client_that_does_not_read_is_bounded_and_given_back(
    worker: Worker, accepted: Accepted
) -> None:
    unread(worker, 10 * AHEAD)
    connection, client = accepted()
    client.sendall(STREAM + b"Content-Length: %d\r\n\r\n\n" % (10 * AHEAD))
    client.setblocking(False)
    while worker.loop.waiters.of(connection) is not SENDING:
        with suppress(OSError):
            client.send(bytes(100_000))
        worker.wait_for_and_dispatch_events(timeout=0.001)
    assert AHEAD <= len(connection.framing.payload) < AHEAD + MEGABYTE
    client.close()
    turn(worker, is_closed(connection))
    assert worker.budgets.memory.left == MEMORY


def test_a_stream_lets_others_have_its_thread_between_batches(
    worker: Worker, accepted: Accepted
) -> None:
    begun: list[str] = []

    def application(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        end = time.monotonic() + 20
        begun.append(environ["REMOTE_ADDR"])
        yield b"first"
        while len(begun) < 3 and time.monotonic() < end:
            yield b"."
        yield b"last"

    worker.wsgi = application
    worker.streams = Threads("stream", 1, worker.work)
    clients = [accepted()[1] for _ in range(3)]
    for client in clients:
        client.sendall(STREAM + b"Content-Length: 1\r\n\r\n\n")
    for client in clients:
        assert b"last" in received(worker, client, b"0\r\n\r\n")
    assert len(begun) == 3


# --- threads


@contextmanager
def all_busy(worker: Worker, accepted: Accepted) -> Iterator[None]:
    """The one thread is."""
    application, begun, gate = worker.wsgi, threading.Event(), threading.Event()

    def busy(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/busy":
            begun.set()
            gate.wait(30)
        return application(environ, start_response)

    worker.wsgi = busy
    _, client = accepted()
    client.sendall(b"GET /busy HTTP/1.1\r\nHost: x\r\n\r\n")
    turn(worker, begun.is_set)
    try:
        yield
    finally:
        gate.set()
        answer_to(worker, client)


def test_health_is_answered_while_every_thread_is_busy(worker: Worker, accepted: Accepted) -> None:
    seen = answering(worker)
    with all_busy(worker, accepted):
        connection, client = accepted()
        for _ in range(2):  # on a new connection, and on the same again
            client.sendall(PROBE)
            answer_to(worker, client)
            turn(worker, waits_for(worker, connection, IDLE))
        assert [name for name, _ in seen] == ["health"] * 2


@pytest.mark.parametrize("sent", [HEAD + b"\r\n", HEAD + b"Content-Length: 3\r\n\r\nabc"])
def test_nothing_else_takes_a_thread_of_health(
    worker: Worker, accepted: Accepted, sent: bytes
) -> None:
    seen = answering(worker)
    _, client = accepted()
    client.sendall(PROBE + sent)
    turn(worker, lambda: len(seen) == 2)
    assert [name for name, _ in seen] == ["health", "request"]


def test_who_finds_no_thread_in_time_is_told_to_come_back(
    worker: Worker, accepted: Accepted
) -> None:
    seen = answering(worker)
    with all_busy(worker, accepted):
        connection, client = accepted()
        client.sendall(HEAD + b"\r\n")
        line, headers, problem = read_all(worker, client)
        assert line == "HTTP/1.1 503 Service Unavailable"
        assert problem["type"] == "/problems/overloaded"
        assert headers["Retry-After"] == "1"
        turn(worker, is_closed(connection))
        assert client.recv(1) == b""
    assert len(seen) == 1


def test_a_connection_whose_next_request_comes_at_once_stays_with_its_thread(
    worker: Worker, accepted: Accepted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.worker.connection.NEXT", 10.0)
    seen = answering(worker)
    connection, client = accepted()
    client.sendall(HEAD + b"\r\n")
    turn(worker, lambda: has_come(client))
    for _ in range(3):  # the loop is not turned
        client.recv(65536)
        client.sendall(HEAD + b"\r\n")
        select.select([client], [], [], 10)
    assert len(seen) == 4
    client.recv(65536)
    client.close()
    turn(worker, is_closed(connection))


def test_a_connection_does_not_keep_a_thread_that_another_waits_for(
    worker: Worker, accepted: Accepted
) -> None:
    order: list[str] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        order.append(environ["PATH_INFO"])
        start_response("200 OK", [("Content-Length", "2")])
        return [b"no"]

    worker.wsgi = application
    _, greedy = accepted()
    _, other = accepted()
    with all_busy(worker, accepted):
        greedy.sendall(b"GET /greedy HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
        turn(worker, lambda: len(worker.tpool._waiting) == 1)
        other.sendall(b"GET /other HTTP/1.1\r\nHost: x\r\n\r\n")
        turn(worker, lambda: len(worker.tpool._waiting) == 2)
    turn(worker, lambda: len(order) == 52)
    assert order[:3] == ["/busy", "/greedy", "/other"]


# --- a client that leaves


@pytest.mark.parametrize("path, length", [(b"/", 4), (b"/stream", 100_000)])
def test_a_client_that_leaves_is_missed_behind_what_it_had_sent(
    worker: Worker, accepted: Accepted, path: bytes, length: int
) -> None:
    """Over TCP nobody sees the end of a stream before it is received."""
    found: list[bool] = []
    gone = threading.Event()

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        found.append(environ["service.has_left"]())
        gone.wait(30)
        found.append(environ["service.has_left"]())
        found.append(connection.framing.received == length)
        start_response("200 OK", [("Content-Length", "2")])
        return [b"no"]

    worker.wsgi = application
    connection, client = accepted()
    head = b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (path, length)
    client.sendall(head + b"abc\n")
    turn(worker, lambda: found == [False])
    client.sendall(bytes(length - 4))
    client.close()
    gone.set()
    turn(worker, is_closed(connection))
    assert found == [False, True, True]
    assert worker.budgets.memory.left == MEMORY


def test_whether_a_client_has_left(accepted: Accepted) -> None:
    connection, client = accepted()
    client.sendall(b"what it sent before it left")
    assert not connection.has_left()
    client.close()
    assert connection.has_left()
    connection.close()
    assert not connection.has_left()


# --- after the answer


@pytest.mark.parametrize(
    "sent, kept",
    [
        (HEAD + b"Content-Length: 3\r\n\r\nabc", True),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", True),
        (HEAD + b"Content-Length: 100000\r\n\r\n" + b"x" * 100_000, True),
        (HEAD + b"\r\n", True),
        (HEAD + b"Content-Length: 3\r\n\r\n", False),
        (HEAD + b"Content-Length: 3\r\n\r\nab", False),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nab", False),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", False),
        (HEAD + b"Connection: close\r\nContent-Length: 3\r\n\r\nab", False),
    ],
)
def test_what_the_answer_did_not_need_is_read_after_it_for_a_moment(
    worker: Worker,
    accepted: Accepted,
    monkeypatch: pytest.MonkeyPatch,
    sent: bytes,
    kept: bool,
) -> None:
    monkeypatch.setattr(event_loop, "PAUSE", 0.05)
    answering(worker)
    connection, client = accepted()
    sending = threading.Thread(target=client.sendall, args=(sent,))
    sending.start()
    assert answer_to(worker, client).startswith(b"HTTP/1.1 200 ")
    begun = time.monotonic()
    turn(worker, waits_for(worker, connection, IDLE) if kept else is_closed(connection))
    assert time.monotonic() - begun < 10
    sending.join()
    turn(worker, lambda: worker.tpool.awake == 0)
    if not kept:
        assert client.recv(65536) == b""


def test_a_client_that_drips_the_rest_is_given_up_on(
    worker: Worker, accepted: Accepted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_loop, "MOMENT", 0.5)
    answering(worker)
    connection, client = accepted()
    client.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;")
    end = time.monotonic() + 20
    while connection.fileno() >= 0:
        assert time.monotonic() < end
        with suppress(OSError):
            client.send(b"x")
        worker.wait_for_and_dispatch_events(timeout=0.02)
    assert worker.nr_conns == 0


def test_a_client_that_still_sends_sees_why_it_was_refused(
    worker: Worker, accepted: Accepted
) -> None:
    connection, client = accepted()
    client.sendall(b"this is not HTTP\r\n\r\n" + bytes(50_000))
    turn(worker, waits_for(worker, connection, LINGERING))
    client.sendall(bytes(50_000))
    client.shutdown(socket.SHUT_WR)
    turn(worker, is_closed(connection))
    assert client.recv(65536).startswith(b"HTTP/1.1 400 ")


# --- the end


def test_on_sigterm_the_service_is_told(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(capacity, "stop", lambda: told.append(True))
    assert isinstance(worker, ThreadWorker)
    worker.handle_exit(15, None)
    assert told == [True]
    assert not worker.alive


def test_a_worker_that_stops_waits_a_little_for_whoever_has_connected(
    worker: Worker, accepted: Accepted
) -> None:
    answering(worker)
    worker.handle_exit(15, None)
    _, client = accepted()
    client.sendall(HEAD + b"\r\n")
    assert b"Connection: close" in answer_to(worker, client)
    turn(worker, lambda: worker.nr_conns == 0)
    _, client = accepted()
    worker._cap_keepalive(0.0)
    turn(worker, lambda: worker.nr_conns == 0)
    assert client.recv(1) == b""


@pytest.mark.parametrize(
    "status, line, kind",
    [
        (400, "HTTP/1.1 400 Bad Request", "/problems/bad-request"),
        (408, "HTTP/1.1 408 Request Timeout", "/problems/request-timeout"),
        (500, "HTTP/1.1 500 Internal Server Error", "/problems/internal-error"),
        (501, "HTTP/1.1 501 Not Implemented", "about:blank"),
        (431, "HTTP/1.1 431 Request Header Fields Too Large", "about:blank"),
    ],
)
def test_gunicorns_own_errors_are_problems(status: int, line: str, kind: str) -> None:
    here, client = socket.socketpair()
    with here, client:
        util.write_error(here, status, "what gunicorn calls it", "what was wrong")
        head, _, body = client.recv(65536).partition(b"\r\n\r\n")
        problem = json.loads(body)
        found, *lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        assert found == line
        assert headers["API-Version"] == service.__version__
        assert parsedate_to_datetime(headers["Date"]).tzinfo is not None
        assert (problem["type"], problem["status"]) == (kind, status)
        assert problem["detail"] == "what was wrong"
