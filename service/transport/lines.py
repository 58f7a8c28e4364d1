"""The lines of a stream: messages, each with its answer, those alike computed together.

Consecutive lines that are the same but for their numbers are points of one program. They are read
in a tight loop, swept through at once, as `map` is, and their answers are written from rows of
one array, with the bytes that each would have had alone. Whatever is out of the ordinary (another
function, a check, numbers that are no scalars, something to warn of, a problem) is answered alone,
in its place.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import starmap
from typing import Any, Final

import numpy as np
import orjson
from marshmallow import ValidationError

from autograd_core import Array, AutogradError, Fault
from service.endpoints.endpoint import Terms
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
# Results of one run that are remembered for lines with the same numbers: many make one mistake.
_REMEMBERED: Final = 64
LABELS: Final = (str, int, float, type(None))  # true and false are integers
_START: Final = b'{"id":%b,"line":%d,"status":200,"result":'
_END: Final = b"}\n"


# What a line shares with those alike, its numbers, and how long it is.
_Row = tuple[Hashable, Collection[float], int]
# Its number, the line, and its `id` and the rest of what it was decoded to, if it was.
_Decoded = tuple[int, bytes | Problem, Any, Any]
_NOTHING: Final = (UNREAD, UNREAD, None)


class _Run:
    """Lines that are the same but for their numbers. key: what they share."""

    def __init__(self, key: Hashable) -> None:
        self.key = key
        self.lines: list[_Decoded] = []
        self.numbers: list[float] = []
        self.size = self.nodes = 0

    def takes(self, row: _Row) -> bool:
        """Whether a line is like these, and there is room for it."""
        return row[0] == self.key and self.size + row[2] <= _TOGETHER

    def add(self, line: _Decoded, row: _Row) -> None:
        self.lines.append(line)
        self.numbers.extend(row[1])
        self.size += row[2]

    @cached_property
    def points(self) -> Array:
        """The numbers, those of a line in a row."""
        return np.array(self.numbers, dtype=np.float64).reshape(len(self.lines), -1)


class Lines:
    """What answers the lines of one stream; its exchange reads those lines."""

    def __init__(self, exchange: Exchange, budget: StreamBudget) -> None:
        self._exchange, self._budget = exchange, budget
        self._reader, settings = exchange.reader, exchange.settings
        most = min(settings.decoded_limit, settings.memory_limit // SHARE)
        longest = min(_LONGEST, most // json_size.MOST_PER_BYTE)
        self._longest = longest if exchange.endpoint.rows is not None else -1
        self.problems = 0  # lines that were answered with one

    def answers(self, lines: Sequence[Line]) -> Iterator[bytes]:
        """The answers to lines that have arrived, in order and as they are made: one answer at a
        time, or several of lines alike. It never raises.
        """
        if len(lines) < _FEWEST or self._longest < 0:
            yield from (self._alone(number, line) for number, line in lines)
            return
        run: _Run | None = None
        for number, line in lines:
            label, value, row = self._read(line)
            if run is not None and not (row is not None and run.takes(row)):
                yield from self._of_run(run)
                run = None
            if row is None:
                yield self._alone(number, line, label, value)
                continue
            if run is None:
                run = _Run(row[0])
            run.add((number, line, label, value), row)
        if run is not None:
            yield from self._of_run(run)

    def _read(self, line: bytes | Problem) -> tuple[Any, Any, _Row | None]:
        """The label of a line, what it was decoded to, and its numbers, as far as that helps."""
        if not isinstance(line, bytes) or len(line) > self._longest:
            return _NOTHING
        try:
            value = wire.decode(line)
        except Problem:
            return _NOTHING
        if type(value) is not dict or not isinstance(value.get("id"), LABELS):
            return _NOTHING
        label = value.pop("id", None)
        row = self._reader.row(value)
        return label, value, None if row is None else (*row, len(line))

    def _of_run(self, run: _Run) -> Iterable[bytes]:
        results = self._together(run) if len(run.lines) >= _FEWEST else None
        if results is None:
            return starmap(self._alone, run.lines)
        if not all(results):
            return self._some_alone(run, results)
        lines = zip(run.lines, results, strict=True)
        return (b"".join(_answer(number, label, each) for (number, _, label, _), each in lines),)

    def _some_alone(self, run: _Run, results: Sequence[bytes]) -> Iterator[bytes]:
        """The answers to lines alike, some of which have no result yet. They are answered alone,
        but for those with the numbers of one before: many make the same mistake.
        """
        same: dict[bytes, bytes] = {}
        stands = True  # what the results rely on, and one that is refused may have lost
        for line, numbers, result in zip(run.lines, run.points, results, strict=True):
            number, _, label, _ = line
            if not result and stands and (result := same.get(numbers.tobytes(), b"")):
                metrics.NODES.observe(run.nodes)
            if result and stands:
                yield _answer(number, label, result)
                continue
            answer = self._alone(*line)
            yield answer
            start = _START % (orjson.dumps(label), number)
            stands = stands and answer.startswith(start)
            if stands and len(same) < _REMEMBERED:
                same[numbers.tobytes()] = answer[len(start) : -len(_END)]

    def _together(self, run: _Run) -> Sequence[bytes] | None:
        """The results of lines alike: empty where one, None where all are to be answered alone."""
        try:
            results = self._computed(run)
            self._keep()
        except (
            AutogradError,
            Problem,
            ValidationError,
        ):  # each line is told, in its place, what it can do
            return None
        except Exception:  # noqa: BLE001 - a defect, but of speed alone
            log.exception("lines alike could not be computed together")
            return None
        return results

    def _computed(self, run: _Run) -> Sequence[bytes] | None:
        endpoint, settings = self._exchange.endpoint, self._exchange.settings
        budget = self._budget.new()
        with budget.computing(run.size):
            message = self._reader.load(run.lines[0][-1])
            if not message.is_plain:
                return None
            budget.loaded(KEPT * run.size)
            columns = np.ascontiguousarray(run.points.T)
            found = endpoint.in_rows(message, columns, Terms(settings.limits, budget))
            if found is None or budget.longest_answer > min(FREE, settings.answer_limit):
                return None
            budget.check()
            results, usual = found
            rows = encode_rows(results, len(run.lines))
        run.nodes = len(message.graph)
        metrics.NODES.observe_many(run.nodes, int(usual.sum()))
        return [row if each else b"" for row, each in zip(rows, usual.tolist(), strict=True)]

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
            self.problems += 1
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
        return _answer(number, label, result)

    def _keep(self) -> None:
        """Hold memory for what the next lines may go on from, or hold nothing of it."""
        try:
            self._budget.keep(self._reader.held)
        except Problem as problem:
            self._reader.refused(problem)
            raise


def _answer(number: int, label: Any, result: bytes) -> bytes:
    return b"%b%b%b" % (_START % (orjson.dumps(label), number), result, _END)


def _labelled(value: Any) -> tuple[Any, Any]:
    """The `id` of a line and the message without it; no `id` is the same as null."""
    if not isinstance(value, dict) or "id" not in value:
        return None, value
    label = value.pop("id")
    if isinstance(label, LABELS):
        return label, value
    detail = "an id is a string, a number, true, false or null"
    raise invalid([Fault("wrong_type", detail, ("id",))])
