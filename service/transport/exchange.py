"""One request message in, one answer out: what every POST endpoint has in common.

An endpoint turns a loaded message into numbers and arrays. What surrounds that (decoding, limits,
turns, memory, encoding) is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from typing import Any, Final

import orjson

from autograd_core import Fault, InvalidError, NotPlain
from service.access.rates import RateLimit
from service.endpoints.endpoint import Endpoint, Picture, Terms
from service.messages.graph_cache import MOST_NODES_KEPT, let_go
from service.messages.message import Message
from service.messages.message_cache import MessageReader
from service.problems import Problem, invalid
from service.process import collector, memory, metrics
from service.process.budget import FREE, Budget, Budgets
from service.settings import Settings
from service.transport import json_size, long_text, node_list, wire

# A smaller message is read before the garbage collector would run once.
_WORTH_A_PAUSE: Final = 4 * 1024
# A message that could take less than this share of a process's memory, decoded, is not counted.
SHARE: Final = 16
# Bytes of text that are reserved without a look at the answer.
_NOT_MEASURED: Final = 16 * 1024 * 1024
# Bytes that a loaded message takes for each byte of its text, at most: columns and arrays.
KEPT: Final = 8
UNREAD: Final = object()  # what has not been decoded


def unchanged(value: Any) -> Any:
    """A decoded value that is a message as it stands."""
    return value


@dataclass(frozen=True, slots=True)
class Exchange:
    """An endpoint in an app: with the app's limits, and its turns shared with the others."""

    endpoint: Endpoint
    reader: MessageReader
    settings: Settings
    budgets: Budgets
    rate: RateLimit | None = None

    def answer(
        self,
        body: bytes,
        budget: Budget,
        message_of: Callable[[Any], Any] = unchanged,
        picture: Picture | None = None,
        value: Any = UNREAD,
    ) -> bytes:
        """The answer to one message, whose last byte has just come, as JSON or as a picture; it
        holds its memory until the budget is released. Any exception is for `problem_of`.

        `message_of` takes the message out of the decoded value, which is `value` where it has been
        decoded before.
        """
        memory.handled(len(body))
        with budget.computing(len(body)):
            with _collector_paused(body):
                # Nothing here keeps the value: a large graph is taken apart in the pause.
                message = self._loaded(body, budget, message_of, value)
            return self._computed(message, len(body), budget, picture)

    def _loaded(
        self, body: bytes, budget: Budget, message_of: Callable[[Any], Any], value: Any
    ) -> Message:
        if value is UNREAD and node_list.is_long(body):
            with suppress(NotPlain):
                return self.reader.load(message_of(self._scanned(body, budget)))
        return self.reader.load(message_of(self.decoded(body, budget, value)))

    def _scanned(self, body: bytes, budget: Budget) -> Any:
        """The decoded value of a long body, but for its list of nodes, which is not decoded.

        Raises NotPlain where there is none, or something is wrong: what, only the body tells.
        """
        try:
            budget.decode((1 + node_list.SCANNING) * len(body))
            cut = node_list.cut(body, self.settings.limits, MOST_NODES_KEPT)
            budget.decode(len(body) + cut.size + self._size(cut.rest))
            return cut.mend(wire.decode(cut.rest))
        except Problem:
            raise NotPlain from None

    def _size(self, text: bytes) -> int:
        """Bytes of memory that a text takes, decoded; Problem invalid-message if too many."""
        cheap = self.settings.memory_limit // SHARE
        return json_size.decoded(text, self.settings.decoded_limit, cheap)

    def decoded(self, body: bytes, budget: Budget, value: Any = UNREAD) -> Any:
        """What a message is decoded to, in memory that is held; `value`, if it has been before.
        Problem for what is no JSON, or too much.
        """
        try:
            budget.decode(len(body) + self._size(body))
            return wire.decode(body) if value is UNREAD else value
        except Problem:
            self.reader.unreadable(body)
            raise

    def _computed(
        self, message: Message, length: int, budget: Budget, picture: Picture | None
    ) -> bytes:
        """The text of the answer to a message that was `length` bytes long."""
        budget.loaded(KEPT * length)
        terms = Terms(self.settings.limits, budget)
        try:
            answer: Mapping[str, Any] | bytes
            if picture is None:
                answer = self.endpoint.answer(message, terms)
            else:
                answer = self.endpoint.drawn(picture, message, terms)
        except InvalidError as error:
            raise invalid(message.faults(error)) from None
        finally:
            let_go(message.graph)
        metrics.NODES.observe(len(message.graph))
        budget.check()
        if isinstance(answer, bytes):
            return answer
        longest, nulls = budget.longest_answer, message.nonfinite == "null"
        is_short = longest <= min(FREE, self.settings.answer_limit)
        if not is_short:
            self._make_room(answer, budget)
        if nulls:  # the warnings say what each null was
            answer = {**answer, "warnings": orjson.Fragment(wire.encode(answer["warnings"]))}
        if message.encoding is not None or longest <= _NOT_MEASURED:
            text = wire.encode(answer, message.encoding, nulls=nulls)
        else:
            text = long_text.encode(answer, budget.check, nulls=nulls)
        if not is_short:
            budget.reserve(len(text))
        return text

    def _make_room(self, answer: Mapping[str, Any], budget: Budget) -> None:
        """Reserve memory for an answer and its text; Problem invalid-message if it is too long."""
        if budget.longest_answer <= min(_NOT_MEASURED, self.settings.answer_limit):
            budget.reserve(2 * budget.longest_answer)
            return
        bounds = {name: wire.text_bound(part) for name, part in answer.items()}
        needed, limit = sum(bounds.values()), self.settings.answer_limit
        if needed > limit:
            largest = max(bounds, key=bounds.__getitem__)
            detail = (
                f"the answer may take {needed:,} bytes, over the limit of {limit:,}; the largest "
                f"part ({bounds[largest] / needed:.0%}) is {largest!r}"
            )
            raise invalid([Fault("limit_exceeded", detail)])
        budget.reserve(2 * needed)


def _collector_paused(body: bytes) -> AbstractContextManager[None]:
    """The garbage collector's pause, for a body large enough to be worth one."""
    return collector.paused() if len(body) >= _WORTH_A_PAUSE else nullcontext()
