"""A client's connection: what has arrived on it, and what it has not yet taken.

Its socket never blocks. The worker's loop receives what comes and sends what the client takes;
whichever thread has the connection in hand does so, too, and one at a time has it. Only the body
of a stream is waited for, by the thread that reads it.
"""

from __future__ import annotations

import select
import socket
import time
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any, Final

from service.process.answer import Answer
from service.process.framing import Framing
from service.process.need import Need
from service.process.pace import Pace

# Bytes that are received at once: of a request, and of what is left of a long body.
PIECE: Final = 64 * 1024
LARGE_PIECE: Final = 512 * 1024
BUFFERS_AT_ONCE: Final = 64


class Connection(socket.socket):
    """A client's socket, with the request that is arriving on it and the answer that is leaving.

    client, server: addresses of both ends. new_request: makes a Framing. silence: seconds without
    a byte that end a request.
    """

    __slots__ = (
        "_new_request",
        "_outbox",
        "_searched",
        "_silence",
        "answer",
        "client",
        "discarded",
        "end",
        "ended",
        "framing",
        "held",
        "moment",
        "need",
        "pace",
        "patience_ends",
        "server",
        "timed_out",
    )

    def __init__(
        self,
        plain: socket.socket,
        client: Any,
        server: Any,
        new_request: Callable[[], Framing],
        silence: float,
    ) -> None:
        super().__init__(plain.family, plain.type, plain.proto, fileno=plain.detach())
        self.setblocking(False)
        self.client, self.server = client, server
        self._new_request, self._silence = new_request, silence
        self._outbox: deque[memoryview] = deque()
        self.ended = False  # whether the client has said that nothing more comes
        self.held = 0  # bytes of the process's memory that are taken for what has arrived
        self.end = self.moment = 0.0  # of what the loop waits for
        self.framing = new_request()
        self._expect()

    def _expect(self) -> None:
        self.answer: Answer | None = None
        self.need: Need | None = None  # of the body, once the head has come
        self.timed_out = False
        self.patience_ends: float | None = None  # when memory for it was first wanting, and a while
        self._searched = self.discarded = 0
        self.pace = Pace(self._silence, time.monotonic())

    def next_request(self) -> None:
        """The request is answered: what came after it, and comes, belongs to the next."""
        rest, self.framing = self.framing.rest, self._new_request()
        self._expect()
        if rest:
            self.framing.feed(rest)

    def receive(self) -> None:
        """Take in what has arrived, if something has. OSError if the connection is broken."""
        length = self.framing.length
        large = length is not None and length - self.framing.received > PIECE
        try:
            data = self.recv(LARGE_PIECE if large else PIECE)
        except BlockingIOError:
            return
        if data:
            now = time.monotonic()
            if not self.framing.begun:
                self.pace.since = now
            self.pace.arrived(len(data), now)
            self.framing.feed(data)
        else:
            self.ended = True

    def has_line(self) -> bool:
        """Whether there is an end of a line in what has come of the body."""
        searched, self._searched = self._searched, len(self.framing.payload)
        return self.framing.payload.find(b"\n", searched) >= 0

    @property
    def is_cut_short(self) -> bool:
        """Whether the rest of the request will not come, or is not to be understood."""
        if self.framing.complete:
            return False
        return self.ended or self.timed_out or self.framing.failure is not None

    @property
    def left_to_wait(self) -> float:
        """Seconds for which the client may still keep silent."""
        return self.pace.end - time.monotonic()

    def readable(self, seconds: float) -> bool:
        """Whether something arrives within so many seconds, or has."""
        poll = select.poll()
        poll.register(self, select.POLLIN)
        return bool(poll.poll(1000 * max(0.0, seconds)))

    @property
    def is_sent(self) -> bool:
        """Whether the client has taken everything."""
        return not self._outbox

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Keep bytes for `send_more`, which sends them along with others. It never waits."""
        self._outbox.append(memoryview(data))

    def send_more(self) -> None:
        """Send what the client takes now. OSError if it is gone."""
        while self._outbox:
            try:
                sent = self.sendmsg(islice(self._outbox, BUFFERS_AT_ONCE))
            except BlockingIOError:
                return
            while self._outbox and sent >= len(self._outbox[0]):
                sent -= len(self._outbox.popleft())
            if sent:
                self._outbox[0] = self._outbox[0][sent:]

    def forget_unsent(self) -> None:
        """Nothing of what is left will be sent."""
        self._outbox.clear()

    @property
    def is_stream(self) -> bool:
        """Whether its request is read, and answered, line by line."""
        return self.need is Need.LINE or self.need is Need.SOME

    def hand_over(self) -> int:
        """Bytes of the process's memory that were taken for what has arrived: they are the
        caller's from now on.
        """
        held, self.held = self.held, 0
        return held

    def say_no_more(self) -> None:
        """Say that nothing more will be sent. OSError if the client is gone."""
        self.shutdown(socket.SHUT_WR)
