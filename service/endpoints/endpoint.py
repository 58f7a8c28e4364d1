"""What a POST endpoint is: a message, a function of autograd_core, and an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograd_core import Deadline, Limits
from service.answers.record import Record
from service.messages.message import FunctionSchema, Message
from service.messages.message_cache import MessageReader


@dataclass(frozen=True, slots=True)
class Terms:
    """What a computation is allowed."""

    limits: Limits
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Example:
    """A message to an endpoint, and the whole of its answer: shown in the contract, and tested."""

    summary: str
    message: Mapping[str, Any]
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """POST /<name>.

    title: what the contract calls it. schema: of its messages; their members are arguments of
    `function`, by name, but for those that only say how to answer. function: takes a graph, these
    arguments (`bindings` and `trace` among them), `limits` and `deadline`. record: the table of
    the answer, made of what the function returns. forms: media types of other answers than JSON
    by that table, and of each the members that ask for it in a message.
    """

    name: str
    title: str
    schema: type[FunctionSchema]
    function: Callable[..., Any]
    record: Record
    examples: Mapping[str, Example]
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def reader(self, limits: Limits) -> MessageReader:
        """What loads its messages."""
        return MessageReader(self.schema(limits))

    def answer(self, message: Message, terms: Terms) -> Mapping[str, Any]:
        """The answer to a message, as numbers and arrays by name.

        Raises Problem, and what the function raises.
        """
        result = self.function(
            message.graph, limits=terms.limits, deadline=terms.deadline, **message.arguments
        )
        if result.warnings:
            message.refuse(result.warnings)
        return self.record.written(result, without=message.left_out)
