"""A client's connection: what has arrived on it, and what it has not yet taken.

Its socket never blocks. The worker's loop receives what comes and sends what the client takes;
whichever thread has the connection in hand does so, too, and one at a time has it.
"""

from __future__ import annotations

import select
import socket
import time
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any, Final

from service.worker.answer import Answer
from service.worker.framing import Framing
from service.worker.need import Need
from service.worker.pace import Pace

# Bytes that are received at once: of a request, and of what is left of a long body.
PIECE: Final = 64 * 1024
LARGE_PIECE: Final = 512 * 1024
BUFFERS_AT_ONCE: Final = 64
# A client that closed its connection has at least said that it sends no more. macOS has no
# event for that; there a client has left when its system answers with a reset.
LEFT: Final = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR
# A thread waits for so many seconds for what comes next on its connection: a request, or a line.
NEXT: Final = 0.002


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
        "held_ahead",
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
        # Bytes of the process's memory that are taken for what has arrived; and for a stream whose
        # client sends on and does not take its answers.
        self.held = self.held_ahead = 0
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

    def receive(self) -> bool:
        """Take in what has arrived; whether something had. OSError if the connection is broken."""
        length = self.framing.length
        large = length is not None and length - self.framing.received > PIECE and not self.is_stream
        try:
            data = self.recv(LARGE_PIECE if large else PIECE)
        except BlockingIOError:
            return False
        if data:
            now = time.monotonic()
            if not self.framing.begun:
                self.pace.since = now
            self.pace.arrived(len(data), now)
            self.framing.feed(data)
        else:
            self.ended = True
        return bool(data)

    def look(self) -> bool:
        """`receive` what nobody has waited for: it takes nothing from the client's time."""
        self.pace.since = time.monotonic()
        return self.receive()

    def has_arrived(self) -> bool:
        """Whether there is something to read of the body, or its end, without waiting."""
        if not (self.framing.payload or self.is_over):
            try:
                self.look()
            except OSError:  # the client is gone
                self.ended = True
        return bool(self.framing.payload) or self.is_over

    def begin_to_wait(self) -> None:
        """From now on the client is waited for; what had come of its stream has been taken away."""
        self.pace.since = time.monotonic()
        self._searched = 0

    def has_line(self) -> bool:
        """Whether there is an end of a line in what has come of the body."""
        payload = self.framing.payload
        if payload.find(b"\n", self._searched) >= 0:
            return True
        self._searched = len(payload)
        return False

    @property
    def is_over(self) -> bool:
        """Whether nothing more of the request is received: it is complete, or cut short."""
        framing = self.framing
        return framing.complete or self.ended or self.timed_out or framing.failure is not None

    @property
    def is_cut_short(self) -> bool:
        """Whether the rest of the request will not come, or is not to be understood."""
        return self.is_over and not self.framing.complete

    @property
    def left_to_wait(self) -> float:
        """Seconds for which the client may still keep silent."""
        return self.pace.end - time.monotonic()

    def readable(self, seconds: float) -> bool:
        """Whether something arrives within so many seconds, or has."""
        poll = select.poll()
        poll.register(self, select.POLLIN)
        return bool(poll.poll(1000 * max(0.0, seconds)))

    def has_left(self) -> bool:
        """Whether the client has closed its connection, or its half of it, and all that it had sent
        has arrived.
        """
        poll = select.poll()
        try:
            poll.register(self, LEFT)
        except ValueError:  # our end is closed: sending will tell
            return False
        return bool(poll.poll(0))

    def comes_soon(self) -> bool:
        """Whether what comes next, a request or a line, is worth waiting for in a thread."""
        return self.readable(NEXT)

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
