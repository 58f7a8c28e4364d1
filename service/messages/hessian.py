"""POST /hessian: the message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from autograd_core.finite_difference import CheckOptions
from service.messages.check import CheckField
from service.messages.fields import Name, Names, Switch
from service.messages.message import Message, MessageSchema


@dataclass(frozen=True, kw_only=True)
class HessianMessage(Message):
    """A scalar function, and what to differentiate it by."""

    output: str | None = None
    wrt: tuple[str, ...] | None = None
    check: CheckOptions | None = None
    sparse: bool = False


class HessianSchema(MessageSchema):
    """The graph message, with an output and `wrt`."""

    message: ClassVar[type[Message]] = HessianMessage

    output = Name("The scalar to differentiate; the node that no other uses, if left out.")
    wrt = Names("Inputs or nodes to differentiate by; every bound input, if left out.")
    check = CheckField("Whether, and how, to check every entry by finite differences.")
    sparse = Switch(
        "Whether to answer with the coordinates and values of what can be other than 0, instead "
        "of blocks."
    )
