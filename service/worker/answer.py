"""An answer under way: a thread works on it only while the client takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum, auto
from typing import Any

from gunicorn.http import wsgi


class Outcome(Enum):
    """What becomes of a connection that a thread has worked on."""

    KEPT = auto()  # the next request is expected, or has come
    WAITING = auto()  # the next line of its stream is expected
    SENDING = auto()  # the client does not take its answer at once
    INTERRUPTED = auto()  # its stream goes on when others have had the thread
    DRAINING = auto()  # the rest of the body is read, for a moment
    LAST = auto()  # it is closed as soon as the client has its answer
    GONE = auto()


class Answer:
    """What the application answers to one request, piece by piece.

    `advance` goes on until the client takes no more at once, or has to send more of its stream;
    what it does not take is kept by the connection, and sent by the worker's loop. `close` is due
    in any case, once the last byte has gone or nobody wants it: memory is held until then.
    said: what the environment says beyond WSGI (environment.py).
    """

    def __init__(
        self,
        message: Any,
        connection: Any,
        application: Callable[..., Iterable[bytes]],
        settings: Any,
        said: Mapping[str, Any],
        *,
        last: bool,
    ) -> None:
        self._connection, self._body = connection, message.body
        self.response, environ = wsgi.create(
            message, connection, connection.client, connection.server, settings
        )
        environ["wsgi.multithread"] = True
        environ.update(said)
        if last:
            self.response.force_close()
        self._iterable = application(environ, self.response.start_response)
        self._pieces = iter(self._iterable)
        self.is_complete = False
        self.end: float | None = None  # when the client must have taken it

    def advance(self, is_wanted: Callable[[], bool]) -> Outcome | None:
        """Hand on what there is, as long as the client takes it; None once it took everything.
        is_wanted: whether others wait for the thread of a stream.
        """
        connection, is_stream = self._connection, self._connection.is_stream
        if not self.is_complete:
            for piece in self._pieces:
                if is_stream and not piece:
                    if is_wanted() or not connection.comes_soon():
                        return Outcome.WAITING
                    continue
                self.response.write(piece)
                if self._is_whole():
                    break
                connection.send_more()
                if not connection.is_sent:
                    return Outcome.SENDING
                if is_stream and is_wanted():
                    return Outcome.INTERRUPTED
            else:
                self.response.close()
            self.is_complete = True
            self._body.close()  # nobody reads it any more, and it may be large
        connection.send_more()
        return None if connection.is_sent else Outcome.SENDING

    def _is_whole(self) -> bool:
        """Whether as many bytes have been handed on as the head has said."""
        length = self.response.response_length
        return length is not None and self.response.sent >= length

    @property
    def is_last(self) -> bool:
        """Whether the connection is closed after it, as the answer has said."""
        return bool(self.response.should_close())

    @property
    def has_begun(self) -> bool:
        """Whether some of it has been sent."""
        return bool(self.response.headers_sent)

    @property
    def size(self) -> int:
        """Bytes of the answer so far."""
        return int(self.response.sent)

    def close(self) -> None:
        """Let the application give back what it holds for the answer."""
        close = getattr(self._iterable, "close", None)
        if close is not None:
            close()
