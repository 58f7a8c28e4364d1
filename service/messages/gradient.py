"""POST /gradient: the message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from autograd_core.finite_difference import CheckOptions
from service.messages.check import CheckField
from service.messages.fields import Name, Names
from service.messages.message import Message, MessageSchema


@dataclass(frozen=True, kw_only=True)
class GradientMessage(Message):
    """A scalar function, where to differentiate it, and with respect to what."""

    output: str | None = None
    wrt: tuple[str, ...] | None = None
    check: CheckOptions | None = None


class GradientSchema(MessageSchema):
    """The graph message, with an output, `wrt` and `check`."""

    message: ClassVar[type[Message]] = GradientMessage

    output = Name(
        "The node or input to differentiate. It may be left out where exactly one node is used "
        "by no other."
    )
    wrt = Names("Inputs or nodes to differentiate by; every bound input, if left out.")
    check = CheckField("Whether, and how, to check the gradient by finite differences.")
