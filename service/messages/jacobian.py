"""POST /jacobian: the message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from autograd_core.finite_difference import CheckOptions
from service.messages.check import CheckField
from service.messages.fields import Names, Switch
from service.messages.message import Message
from service.messages.outputs import OutputsMessage, OutputsSchema


@dataclass(frozen=True, kw_only=True)
class JacobianMessage(OutputsMessage):
    """A function of any shape, and what to differentiate it by."""

    wrt: tuple[str, ...] | None = None
    check: CheckOptions | None = None
    sparse: bool = False


class JacobianSchema(OutputsSchema):
    """The graph message, with outputs and `wrt`."""

    message: ClassVar[type[Message]] = JacobianMessage

    wrt = Names("Inputs or nodes to differentiate by; every bound input, if left out.")
    check = CheckField("Whether, and how, to check every entry by finite differences.")
    sparse = Switch(
        "Whether to answer with the coordinates and values of what can be other than 0, instead "
        "of blocks."
    )
