"""gunicorn's threaded worker, which reads before it works.

Its loop, one thread, receives requests and sends what clients do not take at once, of all
connections. A thread gets a request when enough of it is there, and leaves its answer to the loop
where the client is slow: those who send or read slowly cost a file descriptor, and no thread.

- A request that no thread has had time for is told to come back. /livez and /readyz have threads
  of their own, and so have streams: a thread for as long as lines come and answers are taken.
- A connection whose next request comes at once stays with its thread, unless others wait for one.
- A request is answered first; what is left of its body is then read for a moment, so that a
  client busy sending gets to see the answer, and no longer.
- On SIGTERM, /readyz hears of it, and whoever has connected gets an answer.
"""

from __future__ import annotations

import errno
import select
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final

from gunicorn.workers.gthread import ThreadWorker

from service.process import capacity, memory
from service.process.budget import Budgets
from service.settings import Settings
from service.worker.answer import Answer, Outcome
from service.worker.connection import Connection
from service.worker.environment import environment_of
from service.worker.event_loop import EventLoop
from service.worker.framing import Framing
from service.worker.heads import read_head
from service.worker.need import whole
from service.worker.received import body_of
from service.worker.threads import SOON, Threads
from service.worker.waiting import Terms

# Threads for /livez and /readyz, each of which takes some milliseconds.
HEALTH_THREADS: Final = 4
# Threads for streams, however many of these are open.
STREAM_THREADS: Final = 32
# Threads for streams, and for all other requests, that are awake at once while work is short.
FEW: Final = 2
# A worker that stops waits for so many seconds for a request on a connection that it has, as
# gunicorn does on those that it has kept alive.
LAST_REQUEST: Final = 2.0
# Once a worker stops, it takes new connections for so many seconds: those that clients were already
# making, and as long as a round trip may last. Whoever comes later is refused (listening.py).
LAST_CALL: Final = 0.25
# Seconds; Python's own are 0.005.
SWITCH: Final = 0.001
# Seconds between two looks at the connections that wait.
SWEEP: Final = 0.25
ACCEPTED_AT_ONCE: Final = 64
HEALTH: Final = frozenset({"/livez", "/readyz"})


NEXT: Final = {
    Outcome.KEPT: EventLoop.consider,
    Outcome.WAITING: EventLoop.await_line,
    Outcome.SENDING: EventLoop.await_client,
    Outcome.INTERRUPTED: EventLoop.go_on,
    Outcome.DRAINING: EventLoop.drain,
    Outcome.LAST: EventLoop.say_goodbye,
    Outcome.GONE: EventLoop.drop,
}


class Worker(ThreadWorker):
    """What `worker_class` in gunicorn.conf.py names."""

    tpool: Threads  # type: ignore[assignment]  # what gunicorn asks of it, it has
    silence = 15.0  # seconds without a byte that end a request; gunicorn.conf.py sets it

    def init_process(self) -> None:
        """Run, in the process that is to be the worker."""
        self.settings = Settings.from_environment()
        # Whoever has little to do gets the interpreter from those that compute after so long: a
        # request gives it up a dozen times, at each look at the network.
        sys.setswitchinterval(SWITCH)
        memory.keep_few_heaps()
        self.health = Threads("health", HEALTH_THREADS, self.work)
        self.streams = Threads("stream", STREAM_THREADS, self.work, FEW)
        self.next_sweep = 0.0
        super().init_process()

    def get_thread_pool(self) -> Threads:  # type: ignore[override]  # as above
        """Threads for all other requests."""
        return Threads("request", self.cfg.threads, self.work_and_keep, FEW)

    def load_wsgi(self) -> None:
        """Load the application, and ask it what it needs of requests and what memory it has."""
        super().load_wsgi()
        self.prepare(getattr(self.wsgi, "extensions", {}))

    def prepare(self, extensions: Mapping[str, Any]) -> None:
        """Make the loop. extensions: of the application, which may have `budgets` and `needs`."""
        settings = self.settings
        self.budgets: Budgets = extensions.get("budgets") or Budgets(
            settings.deadline, settings.concurrency, settings.memory_limit, settings.patience
        )
        terms = Terms(
            keepalive=self.cfg.keepalive,
            patience=settings.patience,
            sending=settings.sending,
            most=settings.body_limit,
            ahead=settings.stream_buffer,
            needs=extensions.get("needs", whole),
        )
        self.loop = EventLoop(
            terms, self.poller, self.budgets, self.give_to_thread, self.gone, self.refused
        )

    # --- in the loop

    def accept(self, listener: socket.socket) -> None:
        """Take the connections that wait."""
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                plain, client = listener.accept()
            except OSError as error:
                if error.errno in {errno.EMFILE, errno.ENFILE}:
                    self.loop.make_room()
                elif error.errno not in {errno.EAGAIN, errno.ECONNABORTED}:
                    raise
                return
            self.nr_conns += 1
            if self.nr_conns >= self.worker_connections:
                self.loop.make_room()
            self.loop.receive(self.connection(plain, client, listener.getsockname()))

    def connection(self, plain: socket.socket, client: Any, server: Any) -> Connection:
        """A connection that has just been made."""
        head = partial(read_head, self.cfg, client)
        line = self.cfg.limit_request_line
        most = line + self.cfg.limit_request_fields * (self.cfg.limit_request_field_size + 2) + 4
        return Connection(
            plain, client, server, partial(Framing, head, line=line, head=most), self.silence
        )

    def give_to_thread(self, connection: Connection) -> None:
        """Let a thread answer a request of which enough is there, or go on with its answer."""
        answer, message = connection.answer, connection.framing.message
        if answer is not None and answer.is_complete:
            self.act(connection, self.settled(connection))
            return
        if connection.is_stream:
            self.streams.give(connection)
        elif message.path in HEALTH and connection.framing.complete:
            self.health.give(connection)
        else:
            self.tpool.give(connection)

    def act(self, connection: Connection, outcome: Outcome) -> None:
        """Wait for what the client does next."""
        self.loop.waiters.do(NEXT[outcome], connection)

    def gone(self) -> None:
        """A connection has been closed."""
        self.nr_conns -= 1

    def refused(self, connection: Connection, error: Exception) -> None:
        """Answer a head that cannot be read."""
        self.handle_error(None, connection, connection.client, error)

    def wait_for_and_dispatch_events(self, timeout: float | None) -> None:
        """Turn the loop once; gunicorn does, again and again."""
        pools = (self.tpool, self.streams)
        is_wanted = any(pool.is_wanted for pool in pools)
        left = SOON if is_wanted else self.next_sweep - time.monotonic()
        super().wait_for_and_dispatch_events(max(0.0, min(timeout or 0.0, left)))
        for pool in pools:
            pool.tick()
        now = time.monotonic()
        if now >= self.next_sweep:
            self.next_sweep = now + SWEEP
            self.loop.waiters.sweep()
            for pool in (*pools, self.health):
                for connection in pool.late(self.settings.patience):
                    self.log.warning("no thread became free within %g s", self.settings.patience)
                    self.loop.turn_away(connection, "all threads are busy")

    def murder_pending(self) -> None:
        """The loop does it."""

    def murder_keepalived(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - gunicorn's
        """Close what is left when the worker ends; before, the loop does it."""
        for connection in self.loop.waiters.all() if force else ():
            self.loop.drop(connection)

    # --- in a thread

    def work(self, connection: Connection) -> None:
        """Answer the request that a connection has."""
        self.method_queue.defer(self.act, connection, self._answer(connection))

    def work_and_keep(self, connection: Connection) -> None:
        """Answer the request that a connection has, and others that come at once."""
        while (outcome := self._answer(connection)) is Outcome.KEPT:
            if not self._has_next(connection):
                break
        self.method_queue.defer(self.act, connection, outcome)

    def _answer(self, connection: Connection) -> Outcome:
        message, answer = connection.framing.message, connection.answer
        try:
            if answer is None:
                message.body = body_of(connection, self.loop.holdings.forget)
                last = not self.alive or self.nr_conns >= self.worker_connections
                said = environment_of(connection, self.loop.holdings)
                answer = Answer(message, connection, self.wsgi, self.cfg, said, last=last)
                connection.answer = answer
            return answer.advance(self._streams_wait) or self.settled(connection)
        except OSError as error:
            self.log.debug("a client has left: %s", error)
            return Outcome.GONE
        except Exception as error:  # answered, or else logged
            if answer is not None and answer.has_begun:
                self.log.exception("Error handling request")
                return Outcome.GONE
            self.handle_error(message, connection, connection.client, error)
            return Outcome.LAST

    def _streams_wait(self) -> bool:
        return self.streams.is_wanted

    def settled(self, connection: Connection) -> Outcome:
        """What becomes of a connection whose request is answered, to the last byte."""
        answer: Any = connection.answer
        self.loop.close_answer(connection)
        self.loop.holdings.forget(connection)
        if answer.is_last or (connection.is_stream and not connection.framing.complete):
            return Outcome.LAST
        if not connection.framing.complete:
            return Outcome.DRAINING
        connection.next_request()
        return Outcome.KEPT

    def _has_next(self, connection: Connection) -> bool:
        """Whether the next request is there, whole, and nobody waits for the thread."""
        if not self.alive or self.tpool.is_wanted:
            return False
        framing = connection.framing
        if not framing.begun and connection.comes_soon():
            with suppress(OSError):  # the loop will find it, too
                connection.receive()
        return framing.complete and self.loop.is_enough(connection) and not connection.is_stream

    # --- the end

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
        self.loop.stop_waiting_for_requests(deadline)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM: finish what is under way, and take no more."""
        capacity.stop()
        super().handle_exit(sig, frame)
