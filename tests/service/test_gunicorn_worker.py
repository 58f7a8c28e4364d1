"""The worker around the application: time limits, gunicorn's own errors, shutting down."""

from __future__ import annotations

import json
import os
import select
import selectors
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from gunicorn import util
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import TConn, ThreadWorker

import service
from service.process import capacity, connection as connections, gunicorn_worker
from service.process.connection import Connection, HeadTimeout
from service.process.gunicorn_worker import Worker

Accepted = Callable[[], tuple[TConn, socket.socket]]
SOON = struct.pack("ll", 0, 50_000)


@pytest.fixture
def pair() -> Iterator[tuple[Connection, socket.socket]]:
    """The service's end of a connection, which waits 50 ms for anything, and the client's."""
    here, client = socket.socketpair()
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        here.setsockopt(socket.SOL_SOCKET, option, SOON)
    client.settimeout(5)
    with Connection(here.family, here.type, here.proto, fileno=here.detach()) as connection:
        connection.expect_request()
        yield connection, client
    client.close()


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """A worker with one thread for requests, whose loop is turned by hand (`turn`)."""
    monkeypatch.setattr(capacity, "_stopping", threading.Event())  # of this worker alone
    monkeypatch.setattr("gunicorn.workers.base.Worker.init_process", lambda _: None)
    monkeypatch.setenv("GRADIENT_PATIENCE", "0.1")
    config = Config()
    config.set("threads", 1)
    made = Worker(1, os.getpid(), [], None, 30, config, Logger(config))
    interval = sys.getswitchinterval()
    made.init_process()
    sys.setswitchinterval(interval)
    made.poller.register(made.method_queue, selectors.EVENT_READ, made.method_queue.run_callbacks)
    yield made
    for pool in (made.tpool, made.health, made.leaving):
        pool.shutdown()
    made.poller.close()
    made.method_queue.close()
    made.tmp.close()


@pytest.fixture
def accepted(worker: Worker) -> Iterator[Accepted]:
    """Connections as the worker has just accepted them, each with the client's end of it."""
    made: list[tuple[TConn, socket.socket]] = []

    def accept() -> tuple[TConn, socket.socket]:
        here, client = socket.socketpair()
        client.settimeout(30)
        worker.nr_conns += 1
        made.append((TConn(worker.cfg, here, ("127.0.0.1", 1), ("127.0.0.1", 2)), client))
        return made[-1]

    yield accept
    for conn, client in made:
        conn.sock.close()
        client.close()


def read_all(client: socket.socket) -> tuple[str, dict[str, str], Any]:
    """The answer on a connection: its status line, headers and JSON body."""
    head, _, body = client.recv(65536).partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    return status, dict(line.split(": ", 1) for line in lines), json.loads(body)


def test_what_arrives_in_time_is_received(pair: tuple[Connection, socket.socket]) -> None:
    connection, client = pair
    client.sendall(b"GET /")
    assert connection.recv(100) == b"GET /"


def test_silence_in_the_head_and_in_the_body_differ(pair: tuple[Connection, socket.socket]) -> None:
    connection, _ = pair
    with pytest.raises(HeadTimeout):
        connection.recv(100)
    connection.expect_body()
    with pytest.raises(TimeoutError):
        connection.recv(100)


def test_a_client_that_drips_runs_out_of_time(
    pair: tuple[Connection, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, client = pair
    connection.expect_body()
    monkeypatch.setattr(connections, "PATIENCE", 0.0)
    monkeypatch.setattr(connections, "SLOWEST", 1e12)
    client.sendall(b"xyz")
    assert connection.recv(1) == b"x"
    with pytest.raises(TimeoutError):
        connection.recv(1)
    connection.expect_request()  # the next request on the connection has its own time
    assert connection.recv(1) == b"y"


def test_bytes_buy_time(
    pair: tuple[Connection, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, client = pair
    monkeypatch.setattr(connections, "PATIENCE", 0.0)
    monkeypatch.setattr(connections, "SLOWEST", 0.001)
    client.sendall(b"xyz")
    assert [connection.recv(1) for _ in range(3)] == [b"x", b"y", b"z"]


def test_a_client_that_stops_reading_counts_as_gone(
    pair: tuple[Connection, socket.socket],
) -> None:
    connection, _ = pair
    with pytest.raises(BrokenPipeError):
        connection.sendall(bytes(50_000_000))


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
def test_gunicorns_own_errors_are_problems(
    pair: tuple[Connection, socket.socket], status: int, line: str, kind: str
) -> None:
    connection, client = pair
    util.write_error(connection, status, "what gunicorn calls it", "what was wrong")
    status_line, headers, problem = read_all(client)
    assert status_line == line
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Connection"] == "close"
    assert headers["X-Request-Id"] == problem["instance"]
    assert headers["API-Version"] == service.__version__
    assert parsedate_to_datetime(headers["Date"]).tzinfo is not None
    assert (problem["type"], problem["status"]) == (kind, status)
    assert problem["detail"] == "what was wrong"


@pytest.mark.parametrize(
    "sent, status",
    [
        (b"this is not HTTP\r\n\r\n", 400),
        (b"GET /" + b"long" * 2000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: here\r\n", 408),
        (b"GET / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: none\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity,chunked\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n", 400),
    ],
)
def test_a_head_that_cannot_be_read_is_answered(
    pair: tuple[Connection, socket.socket], worker: Worker, sent: bytes, status: int
) -> None:
    connection, client = pair
    client.sendall(sent)
    assert not worker.handle(TConn(worker.cfg, connection, ("", 0), ("", 0)))
    line, headers, problem = read_all(client)
    assert line.startswith(f"HTTP/1.1 {status} ")
    assert headers["Content-Type"] == "application/problem+json"
    assert problem["status"] == status


def test_a_plain_socket_becomes_a_connection_and_the_application_sees_its_timeout(
    worker: Worker,
) -> None:
    seen: list[type[BaseException]] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        try:
            environ["wsgi.input"].read(10)
        except TimeoutError as error:
            seen.append(type(error))
        start_response("204 No Content", [("Connection", "close")])
        return []

    here, client = socket.socketpair()
    here.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, SOON)
    worker.wsgi = application
    conn = TConn(worker.cfg, here, ("127.0.0.1", 1), ("127.0.0.1", 2))
    client.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\nabc")
    worker.handle(conn)
    assert isinstance(conn.sock, Connection)
    assert seen == [TimeoutError]
    assert client.recv(65536).startswith(b"HTTP/1.1 204 ")
    conn.sock.close()
    client.close()


def test_on_sigterm_the_service_is_told(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(capacity, "stop", lambda: told.append(True))
    assert isinstance(worker, ThreadWorker)
    worker.handle_exit(15, None)
    assert told == [True]
    assert not worker.alive


def answering(worker: Worker) -> list[str]:
    """Let the application answer without looking at the body: the threads that it did so in."""
    threads: list[str] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        threads.append(threading.current_thread().name)
        start_response("404 Not Found", [("Content-Length", "2")])
        return [b"no"]

    worker.wsgi = application
    return threads


def turn(worker: Worker, until: Callable[[], bool]) -> None:
    """Turn the worker's loop until something has happened."""
    end = time.monotonic() + 30
    while not until():
        assert time.monotonic() < end
        worker.wait_for_and_dispatch_events(timeout=0.02)
        worker.murder_pending()


def has_come(client: socket.socket) -> bool:
    """Whether there is something to be read."""
    return bool(select.select([client], [], [], 0)[0])


def answer_to(worker: Worker, client: socket.socket) -> bytes:
    """What `answering` says, once it has come."""
    received = b""
    while not received.endswith(b"no"):
        turn(worker, lambda: has_come(client))
        received += client.recv(65536)
    return received


HEAD = b"POST /nope HTTP/1.1\r\nHost: here\r\n"
PROBE = b"GET /livez HTTP/1.1\r\nHost: here\r\n\r\n"


def test_a_connection_on_which_nothing_has_arrived_takes_no_thread(
    worker: Worker, accepted: Accepted
) -> None:
    threads = answering(worker)
    silent = [accepted() for _ in range(3)]
    for conn, _ in silent:
        worker.enqueue_req(conn)
    conn, client = accepted()
    client.sendall(HEAD + b"\r\n")
    worker.enqueue_req(conn)
    answer_to(worker, client)
    for _, late in silent:
        late.sendall(HEAD + b"\r\n")
        answer_to(worker, late)
    assert len(threads) == 4


def test_health_is_answered_while_every_thread_is_busy(worker: Worker, accepted: Accepted) -> None:
    threads = answering(worker)
    busy = threading.Event()
    worker.tpool.submit(busy.wait, 30)
    conn, client = accepted()
    worker.enqueue_req(conn)
    for _ in range(2):  # on a new connection, and on the same again
        client.sendall(PROBE)
        answer_to(worker, client)
        turn(worker, lambda: bool(worker.keepalived_conns))
    assert [name.partition("_")[0] for name in threads] == ["health"] * 2
    busy.set()


@pytest.mark.parametrize("sent", [HEAD + b"\r\n", PROBE[:-2] + b"X: y\r\n", PROBE + PROBE])
def test_nothing_else_takes_a_thread_of_health(
    worker: Worker, accepted: Accepted, sent: bytes
) -> None:
    threads = answering(worker)
    conn, client = accepted()
    client.sendall(sent)
    worker.enqueue_req(conn)
    client.sendall(b"\r\n")
    answer_to(worker, client)
    assert not threads[0].startswith("health")


def test_a_body_that_looks_like_a_request_for_health_is_none(
    worker: Worker, accepted: Accepted
) -> None:
    """Where gunicorn has read the head of a request along with the one before."""
    threads = answering(worker)
    conn, client = accepted()
    head = HEAD + b"Content-Length: %d\r\n\r\n" % len(PROBE)
    client.sendall(HEAD + b"\r\n" + head)
    worker.enqueue_req(conn)
    turn(worker, lambda: has_come(client))
    client.sendall(PROBE)
    turn(worker, lambda: bool(worker.keepalived_conns))
    assert len(threads) == 2
    assert not any(name.startswith("health") for name in threads)


def test_who_finds_no_thread_in_time_is_told_to_come_back(
    worker: Worker, accepted: Accepted
) -> None:
    busy = threading.Event()
    taken, waiting = accepted(), accepted()
    worker.wsgi = lambda *_: busy.wait(30)
    for conn, client in (taken, waiting):
        client.sendall(HEAD + b"Content-Length: 10\r\n\r\nabc")
        worker.enqueue_req(conn)
    _, client = waiting
    turn(worker, lambda: has_come(client))
    line, headers, problem = read_all(client)  # written at once
    assert line == "HTTP/1.1 503 Service Unavailable"
    assert problem["type"] == "/problems/overloaded"
    assert headers["Retry-After"] == "1"
    turn(worker, lambda: worker.nr_conns == 1)
    assert client.recv(1) == b""
    busy.set()
    turn(worker, lambda: worker.nr_conns == 0)
    answering(worker)
    conn, client = accepted()
    client.sendall(HEAD + b"\r\n")
    worker.enqueue_req(conn)
    answer_to(worker, client)


def test_a_worker_that_stops_waits_a_little_for_whoever_has_connected(
    worker: Worker, accepted: Accepted
) -> None:
    answering(worker)
    worker.handle_exit(15, None)
    conn, client = accepted()
    worker.enqueue_req(conn)
    client.sendall(HEAD + b"\r\n")
    assert b"Connection: close" in answer_to(worker, client)
    turn(worker, lambda: worker.nr_conns == 0)
    silent, client = accepted()
    worker.enqueue_req(silent)
    worker._cap_keepalive(0.0)
    turn(worker, lambda: worker.nr_conns == 0)
    assert client.recv(1) == b""


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
    worker: Worker, monkeypatch: pytest.MonkeyPatch, sent: bytes, kept: bool
) -> None:
    monkeypatch.setattr(gunicorn_worker, "PAUSE", 0.05)
    answering(worker)
    here, client = socket.socketpair()
    client.settimeout(5)
    conn = TConn(worker.cfg, here, ("", 0), ("", 0))
    sending = threading.Thread(target=client.sendall, args=(sent,))
    sending.start()
    begun = time.monotonic()
    assert worker.handle(conn) is kept
    assert time.monotonic() - begun < 1
    sending.join()
    received = b""
    while not received.endswith(b"\r\n\r\nno"):
        received += client.recv(65536)
    assert received.startswith(b"HTTP/1.1 404 ")
    conn.close(graceful=not kept)
    assert client.recv(65536) == b""
    assert time.monotonic() - begun < 1
    client.close()


def test_a_client_that_drips_the_rest_is_given_up_on(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOMENT", 0.5)
    answering(worker)
    here, client = socket.socketpair()
    client.settimeout(5)
    conn = TConn(worker.cfg, here, ("", 0), ("", 0))
    client.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;")
    gone = threading.Event()

    def drip() -> None:
        with suppress(OSError):
            while not gone.wait(0.02):
                client.send(b"x")

    dripping = threading.Thread(target=drip)
    dripping.start()
    begun = time.monotonic()
    assert not worker.handle(conn)
    assert 0.4 < time.monotonic() - begun < 3
    begun = time.monotonic()
    conn.close(graceful=True)  # which the thread that accepts connections does
    assert time.monotonic() - begun < 0.4
    gone.set()
    dripping.join()
    client.close()
