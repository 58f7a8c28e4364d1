"""What stands behind a stream, without a server: lines in, the same answers out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from service.endpoints.table import ENDPOINTS
from service.process.budget import Budgets
from service.process.stream_budget import StreamBudget
from service.settings import Settings
from service.transport.exchange import Exchange
from service.transport.lines import Lines
from service.transport.ndjson import bound, lines, together


def answer_lines(
    endpoint: str, messages: Iterable[bytes], settings: Settings | None = None
) -> Iterator[bytes]:
    """The answers to a stream of NDJSON to POST /<endpoint>, to the byte: pieces, each of one line
    or of several.

    messages: the stream, in any pieces; as from a file, a line each with its end. They are taken
    some at a time, up to a thousand lines, so that those alike are computed together.
    KeyError for an endpoint that takes no stream.
    """
    settings = Settings() if settings is None else settings
    found = {each.name: each for each in ENDPOINTS if each.record is not None}[endpoint]
    budgets = Budgets(
        settings.deadline, settings.concurrency, settings.memory_limit, settings.patience
    )
    exchange = Exchange(found, found.reader(settings.limits).in_stream(), settings, budgets)
    budget = StreamBudget(budgets)
    answers = Lines(exchange, budget).answers
    over = bound(settings.body_limit, None, None, budget)
    try:
        for group in together(lines(messages, over), lambda: False):
            yield from answers(group)
            budget.answered()
            budget.sent()
    finally:
        budget.answered()
        budget.sent()
        budget.keep(0)
