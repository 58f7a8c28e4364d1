"""What a POST endpoint is: a message, a function of autograd_core, and an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from autograd_core import Deadline, Limits
from service.answers.derivatives import INCLUDED
from service.answers.record import Record
from service.messages.message import Message, MessageSchema

_INCLUDED: Final = frozenset(INCLUDED)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a computation is allowed."""

    limits: Limits
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Endpoint:
    """POST /<name>.

    title: what the contract calls it. schema: of its messages; the members that are the
    endpoint's own are arguments of `function`, by name. function: takes a graph, its bindings,
    these arguments, and `trace`, `limits` and `deadline`. record: the table of the answer, made
    of what the function returns.
    """

    name: str
    title: str
    schema: type[MessageSchema]
    function: Callable[..., Any]
    record: Record

    def answer(self, message: Message, terms: Terms) -> Mapping[str, Any]:
        """The answer to a message, as numbers and arrays by name.

        Raises Problem, and what the function raises.
        """
        result = self.function(
            message.graph,
            **message.arguments,
            trace="nodes" in message.include,
            limits=terms.limits,
            deadline=terms.deadline,
        )
        message.refuse(result.warnings)
        return self.record.written(result, without=_INCLUDED - message.include)
