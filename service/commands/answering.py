"""Processes that answer blocks of lines, and their answers in the order of the lines."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final

from service.commands.blocks import Block, Blocks
from service.endpoints.endpoint import Endpoint
from service.settings import Settings
from service.transport.bulk import Stream

_PIECE: Final = 64 * 1024  # bytes read at once
# Answers are handed on when they are so many bytes, or the first of them so many seconds old.
_BATCH: Final = 64 * 1024
_BATCH_TIME: Final = 0.05
# Bytes of answers that may wait for the answers to lines before them.
_AHEAD: Final = 16 * 1024 * 1024


class LostError(Exception):
    """A process ended before it had answered."""


@dataclass(eq=False)
class _Worker:
    """A process, this end of the pipe to it, and the line that it goes on from."""

    process: BaseProcess
    pipe: Connection
    relied_on: bytes | None = None


@dataclass
class _Task:
    """A block that a worker answers, and the answers that have come and were not given away."""

    worker: _Worker
    pieces: list[bytes] = field(default_factory=list)
    size: int = 0
    is_done: bool = False
    problems: bool = False

    def hear(self) -> None:
        """Take what the worker has to say: answers, or at the end whether some are problems."""
        try:
            said: Any = self.worker.pipe.recv()
        except (EOFError, OSError):
            raise LostError from None
        if isinstance(said, bytes):
            self.pieces.append(said)
            self.size += len(said)
        else:
            self.problems, self.is_done = said, True

    def given(self) -> bytes:
        """The answers that have come, which are given away."""
        found = b"".join(self.pieces)
        self.pieces, self.size = [], 0
        return found


class Answering:
    """So many processes that answer the lines of one stream to an endpoint, a block at a time.

    They are copies of this process, made by a fork, and have what it has compiled and loaded; it
    must have no other thread. problems: whether a line has been answered with one.
    """

    def __init__(self, endpoint: Endpoint, settings: Settings, jobs: int) -> None:
        self.problems = False
        self._blocks = Blocks(Stream(endpoint, settings), settings.body_limit)
        self._workers: list[_Worker] = []
        gc.freeze()  # or the first collection in each process would copy what they share
        interrupted = signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is this process that ends
        try:
            for _ in range(jobs):
                self._workers.append(self._started(endpoint, settings))
        except OSError:
            self.end()
            raise
        finally:
            signal.signal(signal.SIGINT, interrupted)

    def _started(self, endpoint: Endpoint, settings: Settings) -> _Worker:
        fork = multiprocessing.get_context("fork")
        mine, its = fork.Pipe()
        ours = [*(each.pipe for each in self._workers), mine]
        process = fork.Process(target=_work, args=(endpoint, settings, its, ours), daemon=True)
        process.start()
        its.close()
        return _Worker(process, mine)

    def answers(self, source: int) -> Iterator[bytes]:
        """The answers to the lines of a file, by its descriptor, in pieces and as they are made.
        Raises OSError and LostError.
        """
        blocks, idle = self._blocks, deque(self._workers)
        tasks: deque[_Task] = deque()
        while tasks or blocks.has_room or blocks.has_lines:
            has_room = sum(task.size for task in tasks) < _AHEAD
            while idle and blocks.has_lines and has_room:
                tasks.append(self._given(idle.popleft()))
            busy = [task for task in tasks if not task.is_done]
            heard = busy if has_room else busy[:1]
            pipes = [task.worker.pipe for task in heard]
            ready = wait([*pipes, source] if blocks.has_room else pipes)
            for task in heard:
                if task.worker.pipe in ready:
                    task.hear()
                    idle.extend([task.worker] if task.is_done else [])
            if source in ready:
                blocks.put(os.read(source, _PIECE))
            while tasks:
                if tasks[0].pieces:
                    yield tasks[0].given()
                if not tasks[0].is_done:
                    break
                self.problems |= tasks.popleft().problems

    def _given(self, worker: _Worker) -> _Task:
        """The next block, which the worker is to answer. It is told the line that it relies on
        only where that is another than it knows.
        """
        block = self._blocks.take()
        known = block.relied_on == worker.relied_on
        try:
            worker.pipe.send(block._replace(relied_on=None) if known else block)
        except OSError:
            raise LostError from None
        worker.relied_on = self._blocks.relied_on
        return _Task(worker)

    def end(self) -> None:
        """End the processes, whatever they do."""
        for worker in self._workers:
            worker.process.kill()
            worker.process.join()
            worker.pipe.close()


def _work(
    endpoint: Endpoint, settings: Settings, pipe: Connection, ours: Sequence[Connection]
) -> None:
    """What a process does. ours: the ends of pipes that are not its own: while anybody else has
    them, nobody is told that who had them has ended.
    """
    for each in ours:
        each.close()
    stream = Stream(endpoint, settings)
    with suppress(EOFError, OSError):  # the process that asked has ended
        while True:
            block: Block = pipe.recv()
            if block.relied_on is not None:
                stream = Stream(endpoint, settings)
                deque(stream.answers([block.relied_on]), maxlen=0)
            before = stream.problems
            for batch in _batches(stream.answers([block.text], block.before)):
                pipe.send(batch)
            pipe.send(stream.problems > before)


def _batches(answers: Iterable[bytes]) -> Iterator[bytes]:
    """Answers, some at a time while they come fast."""
    batch: list[bytes] = []
    size, begun = 0, time.monotonic()
    for answer in answers:
        batch.append(answer)
        size += len(answer)
        if size >= _BATCH or time.monotonic() - begun > _BATCH_TIME:
            yield b"".join(batch)
            batch, size, begun = [], 0, time.monotonic()
    if batch:
        yield b"".join(batch)
