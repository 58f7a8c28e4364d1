"""The connections that no thread has: one thread waits on all of them, for each with an end.

What arrives is received here until there is enough of a request for a thread, and what clients do
not take at once is sent from here.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress
from selectors import EVENT_READ, EVENT_WRITE, BaseSelector
from typing import Any, Final

from service.process import memory
from service.process.budget import Budgets
from service.worker.connection import PIECE, Connection
from service.worker.holdings import Holdings
from service.worker.need import Need
from service.worker.problem_writing import write_problem
from service.worker.received import cut_short, is_enough, reads_on
from service.worker.waiting import Terms, Waiters, Waiting

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
# What is left of a body that the answer did not need is read for so long in all, while no pause
# is longer than the other. Beyond either, or the bytes, the connection is closed.
MOMENT: Final = 2.0
PAUSE: Final = 0.25
MOST_LEFT: Final = 32 * 1024 * 1024


class EventLoop:
    """Connections that wait for their clients.

    work: gives a connection to a thread, which has the rest of it to do (`goes_on`), or all. gone:
    is told of each connection that is closed. refused: words what is wrong with a head.
    """

    def __init__(
        self,
        terms: Terms,
        poller: BaseSelector,
        budgets: Budgets,
        work: Callable[[Connection], None],
        gone: Callable[[], None],
        refused: Callable[[Connection, Exception], None],
    ) -> None:
        self.terms = terms
        self.waiters = Waiters(self, poller)
        self.last = math.inf  # when the last request must have begun
        self.holdings = Holdings(budgets, terms.ahead)
        self._work, self._gone, self._refused = work, gone, refused

    # --- a request that arrives

    def receive(self, connection: Connection) -> None:
        """Something has arrived."""
        try:
            connection.receive()
        except OSError:
            self.drop(connection)
        else:
            self.consider(connection)

    def consider(self, connection: Connection) -> None:
        """See whether enough of a request is there for a thread, and wait for more if not."""
        framing = connection.framing
        if not framing.begun:
            if connection.ended:
                self.drop(connection)
            else:
                self.waiters.wait(
                    connection, IDLE, min(self.terms.keepalive, self.last - time.monotonic())
                )
        elif framing.message is None and framing.failure is not None:
            self._refused(connection, framing.failure)
            self.say_goodbye(connection)
        elif framing.message is None and connection.ended:
            self.drop(connection)
        elif self.is_enough(connection):
            if self.holdings.hold(connection):
                self.go_on(connection)
            else:
                self._starve(connection)
        elif connection.is_cut_short:
            self._answer(connection, *cut_short(connection))
        elif not self.holdings.hold(connection):
            self._starve(connection)
        else:
            if self.waiters.of(connection) is STARVED:
                connection.pace.since = time.monotonic()  # it was not the client that waited
            self.waiters.wait(connection, ARRIVING, connection.left_to_wait)

    def is_enough(self, connection: Connection) -> bool:
        """Whether a thread can begin."""
        message = connection.framing.message
        if message is None:
            return False
        if connection.need is None:
            connection.need = self._need(connection, message)
        return is_enough(connection, self.terms.most)

    def _need(self, connection: Connection, message: Any) -> Need:
        framing = connection.framing
        need = self.terms.needs(message.method, message.path, dict(message.headers))
        if need is Need.WHOLE and (framing.length or 0) > self.terms.most:
            need = Need.NOTHING  # it will say so
        if message._expected_100_continue:  # noqa: SLF001 - gunicorn would say it in the thread
            message._expected_100_continue = False  # noqa: SLF001 - see above
            if need is not Need.NOTHING and not framing.complete:
                connection.sendall(CONTINUE)
                with suppress(OSError):  # receiving will tell
                    connection.send_more()
        return need

    def _starve(self, connection: Connection) -> None:
        if connection.answer is not None:  # whoever reads the stream refuses the line, in its place
            self.go_on(connection)
        elif self.waiters.of(connection) is not STARVED:
            now = time.monotonic()
            connection.patience_ends = connection.patience_ends or now + self.terms.patience
            self.waiters.wait(connection, STARVED, connection.patience_ends - now)

    def await_line(self, connection: Connection) -> None:
        """Wait for the next line of a stream, whole, before a thread reads on."""
        connection.begin_to_wait()
        self.consider(connection)

    def go_on(self, connection: Connection) -> None:
        """Let a thread work, if only on an answer that has begun."""
        self.waiters.leave(connection)
        self._work(connection)

    def time_out(self, connection: Connection) -> None:
        """The rest of a request has not come in time."""
        connection.timed_out = True
        if connection.framing.message is None:
            self._answer(connection, *cut_short(connection))
        else:
            self.consider(connection)

    def turn_away(
        self,
        connection: Connection,
        why: str = "other requests hold the memory that this one needs",
    ) -> None:
        """Let a client come back later."""
        self._answer(connection, 503, f"{why}; try again shortly")

    def _answer(self, connection: Connection, status: int, detail: str) -> None:
        write_problem(connection, status, "", detail)
        self.say_goodbye(connection)

    # --- an answer that leaves

    def await_client(self, connection: Connection) -> None:
        """Send what a client does not take at once, in the time that there is for one answer, or
        for one batch of a stream.
        """
        answer, seconds = connection.answer, self.terms.sending
        if answer is not None:
            if answer.end is None or connection.is_stream:
                answer.end = time.monotonic() + seconds
            seconds = answer.end - time.monotonic()
        self._go_on_sending(connection, seconds)

    def send(self, connection: Connection) -> None:
        """The client takes more, or sends more of its stream."""
        try:
            connection.send_more()
            if not connection.is_sent and self.waiters.of(connection) is SENDING_AND_READING:
                connection.look()
        except OSError:
            self.drop(connection)
            return
        if not connection.is_sent:
            self._go_on_sending(connection, connection.end - time.monotonic())
        elif connection.answer is None:
            self.linger(connection)
        else:
            self.go_on(connection)

    def _go_on_sending(self, connection: Connection, seconds: float) -> None:
        # Many clients send all of a stream before they read anything.
        if not reads_on(connection, self.terms.ahead):
            waiting = SENDING
        elif self.holdings.hold_ahead(connection):
            waiting = SENDING_AND_READING
        else:
            waiting = SENDING_AND_STARVED
        self.waiters.wait(connection, waiting, seconds)

    # --- a client that still sends

    def drain(self, connection: Connection) -> None:
        """Read the rest of a body whose request is answered, for a moment."""
        framing = connection.framing
        try:
            connection.receive()
        except OSError:
            self.drop(connection)
            return
        connection.discarded += len(framing.payload)
        framing.payload.clear()
        if framing.complete:
            connection.next_request()
            self.consider(connection)
        elif framing.failure or connection.ended or connection.discarded > MOST_LEFT:
            self.linger(connection)
        else:
            self._wait_a_moment(connection, DRAINING)

    def say_goodbye(self, connection: Connection) -> None:
        """Close a connection once the client has taken the last answer."""
        self.close_answer(connection)
        try:
            connection.send_more()
        except OSError:
            self.drop(connection)
            return
        if connection.is_sent:
            self.linger(connection)
        else:
            self.await_client(connection)

    def linger(self, connection: Connection) -> None:
        """Say that nothing more will be sent, and read what the client still sends, for a moment:
        closing while bytes are unread resets the connection, and the answer may be lost with it.
        """
        with suppress(OSError):
            connection.say_no_more()
        self._release(connection)
        self.discard(connection)

    def discard(self, connection: Connection) -> None:
        """Read what still comes, and forget it."""
        try:
            while data := connection.recv(PIECE):
                connection.discarded += len(data)
                if connection.discarded > MOST_LEFT or len(data) == PIECE:
                    break
        except BlockingIOError:
            data = b"more may come"
        except OSError:
            data = b""
        if not data or connection.framing.complete or connection.discarded > MOST_LEFT:
            self.drop(connection)
        else:
            self._wait_a_moment(connection, LINGERING)

    def drop(self, connection: Connection) -> None:
        """Close a connection, unless it is closed."""
        if connection.fileno() < 0:
            return
        self.waiters.leave(connection)
        try:
            self.close_answer(connection)
        finally:
            self._release(connection)
            connection.close()
            self._gone()

    def close_answer(self, connection: Connection) -> None:
        """Let go of an answer that has been sent, or that nobody wants."""
        answer, connection.answer = connection.answer, None
        if answer is not None:
            memory.handled(answer.size)  # by another thread
            answer.close()

    def _release(self, connection: Connection) -> None:
        connection.framing.payload.clear()
        self.holdings.forget(connection)

    def _wait_a_moment(self, connection: Connection, waiting: Waiting) -> None:
        if self.waiters.of(connection) not in {DRAINING, LINGERING}:
            connection.moment = time.monotonic() + MOMENT
        self.waiters.wait(connection, waiting, min(PAUSE, connection.moment - time.monotonic()))

    def make_room(self) -> None:
        """Close the connection that has been idle for longest."""
        idle = self.waiters.first(IDLE)
        if idle is not None:
            self.drop(idle)

    def stop_waiting_for_requests(self, end: float) -> None:
        """Let no idle connection be waited for any longer, nor those to come."""
        self.last = end
        for connection in self.waiters.all(IDLE):
            connection.end = min(connection.end, end)


IDLE: Final = Waiting(EVENT_READ, EventLoop.receive, EventLoop.drop)
ARRIVING: Final = Waiting(EVENT_READ, EventLoop.receive, EventLoop.time_out)
STARVED: Final = Waiting(0, EventLoop.consider, EventLoop.turn_away, for_memory=True)
SENDING: Final = Waiting(EVENT_WRITE, EventLoop.send, EventLoop.drop)
SENDING_AND_READING: Final = Waiting(EVENT_READ | EVENT_WRITE, EventLoop.send, EventLoop.drop)
SENDING_AND_STARVED: Final = Waiting(EVENT_WRITE, EventLoop.send, EventLoop.drop, for_memory=True)
DRAINING: Final = Waiting(EVENT_READ, EventLoop.drain, EventLoop.linger)
LINGERING: Final = Waiting(EVENT_READ, EventLoop.discard, EventLoop.drop)
