"""An answer under way: a thread works on it only while the client takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from gunicorn.http import wsgi

# What the environment says of memory that is taken for the request already: a function that hands
# it over to whoever will give it back.
RECEIVED: Final = "service.received"


class Answer:
    """What the application answers to one request, piece by piece.

    `advance` goes on until the client takes no more at once; what it does not take is kept by the
    connection, and sent by the worker's loop. `close` is due in any case, once the last byte has
    gone or nobody wants it: memory is held until then.
    """

    def __init__(
        self,
        message: Any,
        connection: Any,
        application: Callable[..., Iterable[bytes]],
        settings: Any,
        *,
        last: bool,
    ) -> None:
        self._connection, self._body = connection, message.body
        self.response, environ = wsgi.create(
            message, connection, connection.client, connection.server, settings
        )
        environ["wsgi.multithread"] = True
        environ[RECEIVED] = connection.hand_over
        if last:
            self.response.force_close()
        self._iterable = application(environ, self.response.start_response)
        self._pieces = iter(self._iterable)
        self.is_complete = False
        self.end: float | None = None  # when the client must have taken it

    def advance(self) -> bool:
        """Hand on what there is, as long as the client takes it; whether it took everything."""
        if not self.is_complete:
            for piece in self._pieces:
                self.response.write(piece)
                if self._is_whole():
                    break
                self._connection.send_more()
                if not self._connection.is_sent:
                    return False
            else:
                self.response.close()
            self.is_complete = True
            self._body.close()  # nobody reads it any more, and it may be large
        self._connection.send_more()
        return bool(self._connection.is_sent)

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
