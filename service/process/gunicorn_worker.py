"""gunicorn's threaded worker, and what the service needs beyond it.

- A connection on which nothing has arrived takes no thread, and one that no thread has had time
  for is told to come back. /livez and /readyz have threads of their own.
- A request is answered first; what is left of its body is then read for a moment, so that a
  client busy sending gets to see the answer, and no longer.
- A request has a time limit (service/process/connection.py). gthread has none: a client that
  sends a byte now and then could keep a thread for ever, and a few such clients the service.
- gunicorn's own errors (a request line that is not HTTP, too many headers) are
  problem+json like all others.
- On SIGTERM, /readyz hears of it, and whoever has connected gets an answer.
"""

from __future__ import annotations

import select
import selectors
import socket
import sys
import time
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import orjson
from gunicorn import util
from gunicorn.http.errors import UnsupportedTransferCoding
from gunicorn.workers.gthread import TConn, ThreadWorker

from service import __version__
from service.problems import MEDIA_TYPE, Problem
from service.process import capacity, memory
from service.process.connection import MOST_LEFT, PAUSE, PIECE, Connection, HeadTimeout
from service.process.health_requests import LOOKED_AT, asks_for_health
from service.settings import Settings

# Threads for /livez and /readyz: each takes some milliseconds, but a client may be slow to read.
HEALTH_THREADS: Final = 4
# Threads that read, for a moment, what clients still send that were told to come back.
LEAVING_THREADS: Final = 2
# A worker that stops waits for so many seconds for a request on a connection that it has, as
# gunicorn does on those that it has kept alive.
LAST_REQUEST: Final = 2.0
# Once a worker stops, it takes new connections for so many seconds: those that clients were already
# making, and as long as a round trip may last. Whoever comes later is refused (listening.py).
LAST_CALL: Final = 0.25
# Seconds; Python's own are 0.005.
SWITCH: Final = 0.001


class Worker(ThreadWorker):
    """What `worker_class` in gunicorn.conf.py names."""

    def init_process(self) -> None:
        """Run, in the process that is to be the worker."""
        self.patience = Settings.from_environment().patience
        self.threads = self.cfg.threads
        # Whoever has little to do gets the interpreter from those that compute after so long: a
        # request gives it up a dozen times, at each look at the network.
        sys.setswitchinterval(SWITCH)
        memory.keep_few_heaps()
        self.health = ThreadPoolExecutor(HEALTH_THREADS, "health")
        self.leaving = ThreadPoolExecutor(LEAVING_THREADS, "leaving")
        # Connections that found no thread free, and until when they wait for one.
        self.queued: deque[tuple[float, TConn, Future[Any]]] = deque()
        super().init_process()

    def enqueue_req(self, conn: TConn) -> None:
        """Give a connection to a thread, once something has arrived on it."""
        arrived = _arrived(conn)
        if arrived is None:
            self._wait_without_a_thread(conn)
        elif asks_for_health(arrived):
            self._submit(self.health, self.handle, conn)
        else:
            future = self._submit(self.tpool, self.handle, conn)
            in_hand = self.nr_conns - len(self.keepalived_conns) - len(self.pending_conns)
            if in_hand > self.threads:
                self.queued.append((time.monotonic() + self.patience, conn, future))

    def _submit(
        self, pool: ThreadPoolExecutor, work: Callable[[TConn], Any], conn: TConn
    ) -> Future[Any]:
        conn.data_ready = True  # or else gunicorn would wait for it in the thread
        future = pool.submit(work, conn)

        def done(_: Future[Any]) -> None:
            if not future.cancelled():
                self.method_queue.defer(self.finish_request, conn, future)

        future.add_done_callback(done)
        return future

    def _wait_without_a_thread(self, conn: TConn) -> None:
        conn.sock.setblocking(False)
        allowed = self.cfg.keepalive if self.alive else LAST_REQUEST
        conn.timeout = time.monotonic() + allowed
        self.pending_conns.append(conn)
        arriving = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, arriving)

    def murder_pending(self) -> None:
        """Look, at least once a second, for connections that have waited too long."""
        super().murder_pending()
        while self.queued:
            end, conn, future = self.queued[0]
            if not (future.running() or future.done()):
                if time.monotonic() < end:
                    return
                if future.cancel():
                    self._refuse(conn)
            self.queued.popleft()

    def _refuse(self, conn: TConn) -> None:
        """Answer a connection that no thread has had time for, without a look at its request."""
        self.log.warning("no thread became free within %g s", self.patience)
        connection = _connection(conn)
        connection.expect_request()
        with suppress(OSError):  # it is gone
            detail = "all threads are busy; try again shortly"
            write_problem(connection, 503, "Service Unavailable", detail)
        self._submit(self.leaving, lambda _: connection.linger(PAUSE), conn)

    def handle(self, conn: TConn) -> Any:
        """Read one request from a connection, and answer it."""
        connection = _connection(conn)
        connection.expect_request()
        kept = super().handle(conn)
        if not kept:
            # Here, in a thread: gunicorn does it in the one that accepts connections.
            whole = not connection.in_head and _body_is_read(conn)
            connection.linger(0.0 if whole or connection.hurried else PAUSE)
        return kept

    def handle_request(self, req: Any, conn: TConn) -> bool:
        """Answer a request whose head has been read."""
        if isinstance(conn.sock, Connection):
            conn.sock.expect_body()
        for name, value in req.headers:
            # gunicorn reads `gzip, chunked` as chunks of what is then taken for plain.
            if name == "TRANSFER-ENCODING" and value.lower() != "chunked":
                detail = f"Transfer-Encoding {value!r} is not understood; send chunked"
                raise UnsupportedTransferCoding(detail)
        return bool(super().handle_request(req, conn))

    def _keepalive_after(
        self,
        conn: TConn,
        keepalive: bool,  # noqa: FBT001 - gunicorn's signature
    ) -> bool:
        """Whether the connection can be reused: whether the body, read for a moment after the
        answer has gone, has come to its end.
        """
        return keepalive and (_body_is_read(conn) or _read_rest(conn))

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer what went wrong outside the application."""
        if isinstance(exc, HeadTimeout):
            self.log.debug("%s: %s", addr, exc)
            write_problem(client, 408, "Request Timeout", str(exc))
        else:
            super().handle_error(req, client, addr, exc)

    def set_accept_enabled(self, enabled: Any) -> None:
        """Take new connections or not. A worker that stops first takes all that wait or are being
        made, as closing the listening socket resets them; once it is closed, others are refused.
        """
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        end = time.monotonic() + LAST_CALL
        while (left := end - time.monotonic()) > 0:
            for listener in select.select(self.sockets, [], [], left)[0]:
                self.accept(listener)
        for listener in self.sockets:
            listener.close()

    def _cap_keepalive(self, deadline: float) -> None:
        """On stopping: let no connection be waited for any longer than that."""
        super()._cap_keepalive(deadline)  # type: ignore[misc]  # newer than its types
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout or deadline, deadline)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM: finish what is under way, and take no more."""
        capacity.stop()
        super().handle_exit(sig, frame)


def _connection(conn: TConn) -> Connection:
    """The client's socket, which becomes a Connection where it is a plain one."""
    plain = conn.sock
    if isinstance(plain, Connection):
        return plain
    family, kind, proto = plain.family, plain.type, plain.proto
    conn.sock = connection = Connection(family, kind, proto, fileno=plain.detach())
    return connection


def _arrived(conn: TConn) -> bytes | None:
    """The first bytes that have arrived on a connection, and stay there; None if none have. Nothing
    is known of what gunicorn has read ahead, with the body of a request, or if it has ended.
    """
    parser: Any = conn.parser
    if parser is not None and parser.unreader.buf.getvalue():
        return b""
    look = socket.MSG_PEEK | socket.MSG_DONTWAIT
    try:
        return socket.socket.recv(conn.sock, LOOKED_AT, look)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def _body_is_read(conn: TConn) -> bool:
    """Whether the body of the request has been read to its end, or there was none."""
    parser: Any = conn.parser
    reader = parser.mesg.body.reader
    return getattr(reader, "length", None) == 0 or getattr(reader, "parser", reader) is None


def _read_rest(conn: TConn) -> bool:
    """Read the rest of the body, for a moment; whether its end came."""
    parser: Any = conn.parser
    connection: Any = conn.sock  # a Connection, since `handle`
    left = 0 if parser.mesg.body.failed else MOST_LEFT
    with suppress(Exception), connection.for_a_moment(PAUSE):  # broken or lost: it has its answer
        while left > 0:
            data = parser.mesg.body.read(PIECE)
            if not data:
                return True
            left -= len(data)
    return False


KIND_OF_STATUS: Final = {
    400: "bad-request",
    408: "request-timeout",
    500: "internal-error",
    503: "overloaded",
}
RETRY: Final = "Retry-After: 1\r\n"


def write_problem(sock: socket.socket, status_int: int, reason: str, mesg: str) -> None:
    """Write a whole answer to a connection that is then closed.

    The rare statuses without a page under /problems/ (414, 417, 431, 501) are `about:blank`,
    which RFC 9457 keeps for problems that say no more than their status.
    """
    phrase = HTTPStatus(status_int).phrase  # gunicorn's `reason` is not always that of the status
    request_id = uuid.uuid4().hex
    if status_int in KIND_OF_STATUS:
        body = Problem(KIND_OF_STATUS[status_int], mesg or reason).body(request_id)
    else:
        body = {
            "type": "about:blank",
            "title": phrase,
            "status": status_int,
            "detail": mesg,
            "instance": request_id,
        }
    payload = orjson.dumps(body)
    head = (
        f"HTTP/1.1 {status_int} {phrase}\r\n"
        f"Date: {util.http_date()}\r\n"
        "Connection: close\r\n"
        f"Content-Type: {MEDIA_TYPE}\r\n"
        f"Content-Length: {len(payload)}\r\n"
        f"X-Request-Id: {request_id}\r\n"
        f"API-Version: {__version__}\r\n"
        f"{RETRY if status_int == HTTPStatus.SERVICE_UNAVAILABLE else ''}"
        "\r\n"
    )
    util.write_nonblock(sock, head.encode("latin-1") + payload)


# gunicorn has no setting for the body of its own errors. All of them go through this function.
util.write_error = write_problem
