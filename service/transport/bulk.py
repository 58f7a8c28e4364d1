"""What stands behind a stream, without a server: lines in, the same answers out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from service.endpoints.endpoint import Endpoint
from service.endpoints.table import ENDPOINTS
from service.problems import Problem
from service.process.budget import Budgets
from service.process.stream_budget import StreamBudget
from service.settings import Settings
from service.transport.exchange import Exchange
from service.transport.lines import LABELS, Lines
from service.transport.ndjson import bound, lines, together

# The endpoints that take streams, by name.
STREAMED: Final = {each.name: each for each in ENDPOINTS if each.record is not None}


def answer_lines(
    endpoint: str, messages: Iterable[bytes], settings: Settings | None = None
) -> Iterator[bytes]:
    """The answers to a stream of NDJSON to POST /<endpoint>, to the byte: pieces, each of one line
    or of several.

    messages: the stream, in any pieces; as from a file, a line each with its end. They are taken
    some at a time, up to a thousand lines, so that those alike are computed together.
    KeyError for an endpoint that takes no stream.
    """
    return Stream(STREAMED[endpoint], Settings() if settings is None else settings).answers(
        messages
    )


class Stream:
    """A stream of messages to one endpoint, answered from one end to the other or in parts."""

    def __init__(self, endpoint: Endpoint, settings: Settings) -> None:
        budgets = Budgets(
            settings.deadline, settings.concurrency, settings.memory_limit, settings.patience
        )
        self._reader = endpoint.reader(settings.limits).in_stream()
        self._budgets, self._budget = budgets, StreamBudget(budgets)
        self._exchange = Exchange(endpoint, self._reader, settings, budgets)
        self._lines = Lines(self._exchange, self._budget)
        self._over = bound(settings.body_limit, None, None, self._budget)

    @property
    def problems(self) -> int:
        """How many lines so far have been answered with a problem."""
        return self._lines.problems

    def answers(self, messages: Iterable[bytes], before: int = 0) -> Iterator[bytes]:
        """The answers to what comes next, of which so many lines came before."""
        budget = self._budget
        try:
            for group in together(lines(messages, self._over), lambda: False):
                yield from self._lines.answers([(before + number, line) for number, line in group])
                budget.answered()
                budget.sent()
        finally:
            budget.answered()
            budget.sent()
            budget.keep(0)

    @property
    def marks(self) -> re.Pattern[bytes] | None:
        """What is found in any line that others rely on; None where none ever is."""
        return self._reader.marks

    def is_relied_on(self, line: bytes) -> bool:
        """Whether the lines after this one rely on it, and no longer on those before it."""
        budget = self._budgets.new()
        try:
            value = self._exchange.decoded(line, budget)
        except Problem:
            return self._reader.loses(line)
        finally:
            budget.release()
        if type(value) is not dict or not isinstance(value.get("id"), LABELS):
            return False
        return self._reader.is_relied_on(value)
