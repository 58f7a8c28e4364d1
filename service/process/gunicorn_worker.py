"""gunicorn's threaded worker, and what the service needs beyond it.

- A request is answered first; what is left of its body is then read for a moment, so that a
  client busy sending gets to see the answer, and no longer.
- A request has a time limit. gthread has none: a client that sends a byte now and then
  could keep a thread for ever, and a few such clients the whole service.
- gunicorn's own errors (a request line that is not HTTP, too many headers) are
  problem+json like all others.
- On SIGTERM, /readyz hears of it.
"""

from __future__ import annotations

import socket
import uuid
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

import orjson
from gunicorn import util
from gunicorn.http.errors import UnsupportedTransferCoding
from gunicorn.workers.gthread import TConn, ThreadWorker

from service.problems import MEDIA_TYPE, Problem
from service.process import capacity
from service.process.connection import MOST_LEFT, PAUSE, PIECE, Connection, HeadTimeout


class Worker(ThreadWorker):
    """What `worker_class` in gunicorn.conf.py names."""

    def handle(self, conn: TConn) -> Any:
        """Read one request from a connection, and answer it."""
        if not isinstance(conn.sock, Connection):
            plain = conn.sock
            family, kind, proto = plain.family, plain.type, plain.proto
            conn.sock = Connection(family, kind, proto, fileno=plain.detach())
        conn.sock.expect_request()
        kept = super().handle(conn)
        if not kept:
            # Here, in a thread: gunicorn does it in the one that accepts connections.
            whole = not conn.sock.in_head and _body_is_read(conn)
            conn.sock.linger(0.0 if whole or conn.sock.hurried else PAUSE)
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
        """Take new connections or not. One that stops first takes all that wait, as closing the
        listening socket resets them, and then closes it, so that others are refused.
        """
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for listener in self.sockets:
            waiting = True
            while waiting:
                before = self.nr_conns
                self.accept(listener)
                waiting = self.nr_conns > before
            listener.close()

    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM: finish what is under way, and take no more."""
        capacity.stop()
        super().handle_exit(sig, frame)


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


KIND_OF_STATUS: Final = {400: "bad-request", 408: "request-timeout", 500: "internal-error"}


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
        "Connection: close\r\n"
        f"Content-Type: {MEDIA_TYPE}\r\n"
        f"Content-Length: {len(payload)}\r\n"
        f"X-Request-Id: {request_id}\r\n"
        "\r\n"
    )
    util.write_nonblock(sock, head.encode("latin-1") + payload)


# gunicorn has no setting for the body of its own errors. All of them go through this function.
util.write_error = write_problem
