"""The lines of a stream: messages, each with its answer, those alike computed together.

Consecutive lines that are the same but for their numbers are points of one program. They are read
in a tight loop, swept through at once, as `map` is, and their answers are written from rows of
one array, with the bytes that each would have had alone. Whatever is out of the ordinary (another
function, a check, numbers that are no scalars, something to warn of, a problem) is answered alone,
in its place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

import numpy as np
import orjson

from autograd_core import AutogradError, Fault
from service.endpoints.endpoint import Terms
from service.messages.message import Message
from service.messages.message_cache import Key
from service.problems import Problem, invalid, log, problem_of
from service.process import memory, metrics
from service.process.budget import FREE
from service.process.stream_budget import StreamBudget
from service.transport import json_size, ndjson, wire
from service.transport.exchange import KEPT, SHARE, UNREAD, Exchange, unchanged
from service.transport.ndjson import Line
from service.transport.rows import encode_rows

# Bytes of lines that are computed together. What one of them holds or answers is then short, too.
_TOGETHER: Final = 24 * 1024
# A line so long that it may have to ask for memory is answered alone.
_LONGEST: Final = FREE // (json_size.MOST_PER_BYTE + 1)
# A sweep over points costs as much as answering two or three lines alone.
_FEWEST: Final = 3
_NUMBERS: Final = frozenset({float, int})


# A line, all of it but its numbers, its `id`, what else it was decoded to, and its numbers.
_Read = tuple[bytes, Key, Any, Any, Collection[float]]


class _Run:
    """Lines that are the same but for their numbers. value: what the first was decoded to."""

    def __init__(self, key: Key, message: Message, value: Any) -> None:
        self.key, self.message, self.value = key, message, value
        self.lines: list[tuple[int, bytes]] = []
        self.labels: list[Any] = []
        self.numbers: list[float] = []
        self.size = 0

    def takes(self, read: _Read) -> bool:
        """Whether a line is like these, and there is room for it."""
        return read[1] == self.key and self.size + len(read[0]) <= _TOGETHER

    def add(self, number: int, line: bytes, label: Any, numbers: Collection[float]) -> None:
        self.lines.append((number, line))
        self.labels.append(label)
        self.numbers.extend(numbers)
        self.size += len(line)


class Lines:
    """What answers the lines of one stream; its exchange reads those lines."""

    def __init__(self, exchange: Exchange, budget: StreamBudget) -> None:
        self._exchange, self._budget = exchange, budget
        self._reader, settings = exchange.reader, exchange.settings
        most = min(settings.decoded_limit, settings.memory_limit // SHARE)
        longest = min(_LONGEST, most // json_size.MOST_PER_BYTE)
        self._longest = longest if exchange.endpoint.rows is not None else -1

    def answers(self, lines: Sequence[Line]) -> Iterator[bytes]:
        """The answers to lines that have arrived, in order and as they are made: one answer at a
        time, or several of lines alike. It never raises.
        """
        if len(lines) < _FEWEST or self._longest < 0:
            yield from (self._alone(number, line) for number, line in lines)
            return
        run: _Run | None = None
        for number, line in lines:
            read = self._read(line)
            if run is not None and not (read is not None and run.takes(read)):
                yield from self._of_run(run)
                run = None
            if read is None:
                yield self._alone(number, line)
                continue
            line, key, label, value, numbers = read
            if run is None:
                message = self._fit(key, value)
                if message is None:
                    yield self._alone(number, line, label, value)
                    continue
                run = _Run(key, message, value)
            run.add(number, line, label, numbers)
        if run is not None:
            yield from self._of_run(run)

    def _read(self, line: bytes | Problem) -> _Read | None:
        """A line that may be one of several alike."""
        if not isinstance(line, bytes) or len(line) > self._longest:
            return None
        try:
            value = wire.decode(line)
        except Problem:
            return None
        if type(value) is not dict:
            return None
        bindings = value.get("bindings")
        if type(bindings) is not dict or not _NUMBERS.issuperset(map(type, bindings.values())):
            return None
        label = value.pop("id", None)
        if label is not None and not isinstance(label, str | int | float):
            return None
        key = self._reader.key(value)
        return None if key is None else (line, key, label, value, bindings.values())

    def _fit(self, key: Key, value: Any) -> Message | None:
        """The message that is known for such lines, if they can be computed together."""
        message = self._reader.find(key) if value["bindings"] else None
        return message if message is not None and message.is_plain else None

    def _of_run(self, run: _Run) -> Iterator[bytes]:
        (number, line), label = run.lines[0], run.labels[0]
        if len(run.lines) == 1:
            yield self._alone(number, line, label, run.value)
            return
        answers: Sequence[bytes | None] | None = None
        if len(run.lines) >= _FEWEST:
            try:
                answers = self._together(run)
            except (AutogradError, Problem):  # each line is told, in its place, what it can do
                answers = None
            except Exception:  # noqa: BLE001 - a defect, but of speed alone
                log.exception("lines alike could not be computed together")
        if answers is None:
            answers = [None] * len(run.lines)
        elif None not in answers:
            yield b"".join(answers)  # type: ignore[arg-type] # no None is in it
            return
        for answer, (number, line) in zip(answers, run.lines, strict=True):
            yield self._alone(number, line) if answer is None else answer

    def _together(self, run: _Run) -> Sequence[bytes | None] | None:
        """The answers to lines alike: None of one that is to be answered alone, or of all."""
        exchange, message = self._exchange, run.message
        endpoint, settings = exchange.endpoint, exchange.settings
        points = np.array(run.numbers, dtype=np.float64).reshape(len(run.lines), -1)
        budget = self._budget.new()
        with budget.computing(run.size):
            budget.loaded(KEPT * run.size)
            names = run.value["bindings"]
            columns = dict(zip(names, np.ascontiguousarray(points.T), strict=True))
            found = endpoint.in_rows(message, columns, Terms(settings.limits, budget))
            if found is None or budget.longest_answer > min(FREE, settings.answer_limit):
                return None
            budget.check()
            results, finite = found
            rows = encode_rows(results)
        metrics.NODES.observe_many(len(message.graph), int(finite.sum()))
        return [
            b'{"id":%b,"line":%d,"status":200,"result":%b}\n' % (orjson.dumps(label), number, row)
            if usual
            else None
            for (number, _), label, row, usual in zip(
                run.lines, run.labels, rows, finite.tolist(), strict=True
            )
        ]

    def _alone(
        self, number: int, line: bytes | Problem, label: Any = UNREAD, value: Any = UNREAD
    ) -> bytes:
        """The answer to one line, which was decoded to `label` and `value` if it was."""
        try:
            return self._answered(number, line, label, value)
        finally:
            memory.give_back()

    def _answered(self, number: int, line: bytes | Problem, label: Any, value: Any) -> bytes:
        def unlabelled(value: Any) -> Any:
            nonlocal label
            label, message = _labelled(value)
            return message

        try:
            if isinstance(line, Problem):
                raise line
            message_of = unlabelled if value is UNREAD else unchanged
            try:
                result = self._exchange.answer(line, self._budget.new(), message_of, value=value)
            finally:
                self._keep()
        except Exception as error:  # noqa: BLE001 - one bad line harms no other
            # The number of the line, not the request id: the same stream gets the same bytes.
            instance = f"#line-{number}"
            problem = problem_of(error, instance)
            if label is UNREAD:
                label = None if isinstance(line, Problem) else ndjson.label(line)
            answer = {
                "id": label,
                "line": number,
                "status": problem.status,
                "problem": problem.body(instance),
            }
            return orjson.dumps(answer, default=str) + b"\n"
        start = b'{"id":%b,"line":%d,"status":200,"result":' % (orjson.dumps(label), number)
        return b"%b%b}\n" % (start, result)

    def _keep(self) -> None:
        """Hold memory for what the next lines may go on from, or hold nothing of it."""
        try:
            self._budget.keep(self._reader.held)
        except Problem as problem:
            self._reader.refused(problem)
            raise


def _labelled(value: Any) -> tuple[Any, Any]:
    """The `id` of a line and the message without it; no `id` is the same as null."""
    if not isinstance(value, dict) or "id" not in value:
        return None, value
    label = value.pop("id")
    if label is None or isinstance(label, str | int | float):
        return label, value
    detail = "an id is a string, a number, true, false or null"
    raise invalid([Fault("wrong_type", detail, ("id",))])
