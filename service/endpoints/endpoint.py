"""What a POST endpoint is: a message, a function of autograd_core, and an answer, or several."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from autograd_core import Array, Deadline, Flags, Graph, Limits
from service.answers.record import Record
from service.messages.message import NAMING, FunctionSchema, Message
from service.messages.message_cache import MessageReader

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a computation is allowed."""

    limits: Limits
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Example:
    """A message to an endpoint, and the whole of its answer, if that is JSON: shown in the
    contract, and tested.
    """

    summary: str
    message: Mapping[str, Any]
    answer: Mapping[str, Any] = field(default_factory=dict)


def _nothing_is_missing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Picture:
    """An answer for people's eyes, in a media type of its own.

    doc: what it shows. draw: what makes it of the graph and of what the function returned.
    missing: says what has to be installed before it can, if something has. arguments: of the
    endpoint's function, beside those of the message.
    """

    media_type: str
    doc: str
    draw: Callable[[Graph, Any, Deadline], bytes]
    missing: Callable[[], str | None] = _nothing_is_missing
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """POST /<name>.

    title: what the contract calls it. schema: of its messages; their members are arguments of
    `function`, by name, but for those that only say how to answer. function: takes a graph, these
    arguments (`bindings` and `trace` among them), `limits` and `deadline`. record: the table of
    the answer, made of what the function returns; None where all there is are `pictures`, for
    those who accept them. forms: media types of other answers than JSON by that table, and of each
    the members that ask for it in a message. rows: the function at many points, where a result is
    no more than numbers, as `autograd_core.gradient_rows`; None where messages are never computed
    together.
    """

    name: str
    title: str
    schema: type[FunctionSchema]
    function: Callable[..., Any]
    record: Record | None
    examples: Mapping[str, Example]
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    rows: Callable[..., tuple[Any, Flags] | None] | None = None

    @property
    def takes(self) -> tuple[str, ...]:
        """Media types of its messages: a stream of them has an answer of JSON for each."""
        return (JSON,) if self.record is None else (JSON, NDJSON)

    @property
    def offered(self) -> Mapping[str, Picture | None]:
        """Media types of its answers, and what draws each; JSON, which is written, comes first."""
        written: tuple[str, ...] = () if self.record is None else (JSON, *self.forms)
        pictures = {each.media_type: each for each in self.pictures}
        return dict.fromkeys(written) | pictures

    def reader(self, limits: Limits) -> MessageReader:
        """What loads its messages."""
        return MessageReader(self.schema(limits))

    def answer(self, message: Message, terms: Terms) -> Mapping[str, Any]:
        """The answer to a message, as numbers and arrays by name.

        Raises Problem, and what the function raises.
        """
        if self.record is None:
            raise TypeError(f"/{self.name} answers with pictures only")
        result = self._result(message, terms, message.arguments)
        return self.record.written(result, without=message.left_out)

    def in_rows(
        self, message: Message, columns: Array, terms: Terms
    ) -> tuple[Mapping[str, Any], Flags] | None:
        """The answers to messages that are the same but for their numbers, as `answer` gives one,
        with arrays for numbers; and which of them these are. None where that takes each of them.

        message: one of them, which is plain. columns: for each of its numbers, in their order,
        that of every message.
        """
        if self.rows is None or self.record is None:
            return None
        named = {name: each for name, each in message.arguments.items() if name in NAMING}
        bound = dict(zip(named.pop("bindings"), columns, strict=True))
        found = self.rows(
            message.graph, bound, limits=terms.limits, deadline=terms.deadline, **named
        )
        if found is None:
            return None
        result, usual = found
        return self.record.written(result, without=message.left_out), usual

    def drawn(self, picture: Picture, message: Message, terms: Terms) -> bytes:
        """The answer to a message as a picture. Raises Problem, and what the function raises."""
        arguments = {**message.arguments, **picture.arguments}
        result = self._result(message, terms, arguments)
        return picture.draw(message.graph, result, terms.deadline)

    def _result(self, message: Message, terms: Terms, arguments: Mapping[str, Any]) -> Any:
        result = self.function(
            message.graph, limits=terms.limits, deadline=terms.deadline, **arguments
        )
        if result.warnings:
            message.refuse(result.warnings)
        return result
