"""What messages have in common whose outputs may be several, and of any shape."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from marshmallow import validates_schema

from autograd_core.errors import Fault, InvalidError
from service.messages.fields import Name, Names, refuse
from service.messages.message import Message, MessageSchema


@dataclass(frozen=True, kw_only=True)
class OutputsMessage(Message):
    """A function of any shape, and which of its nodes are wanted."""

    output: str | None = None
    outputs: tuple[str, ...] | None = None

    @property
    def wanted(self) -> tuple[str, ...] | None:
        """The outputs named, however they were; None for the default."""
        return self.outputs if self.output is None else (self.output,)

    def faults(self, error: InvalidError) -> list[Fault]:
        """An engine's faults; one that came in `output` is found there."""
        found = super().faults(error)
        if self.output is None:
            return found
        place = ("outputs", 0)
        return [replace(each, path=("output",)) if each.path == place else each for each in found]


class OutputsSchema(MessageSchema):
    """The graph message, with one output or several."""

    message: ClassVar[type[Message]] = OutputsMessage

    output = Name("The node or input that is wanted, where it is only one.")
    outputs = Names(
        "The nodes or inputs that are wanted; the node that no other uses, if left out.", fewest=1
    )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _one_way_to_say_it(self, data: Any, original: Any, **_: Any) -> None:
        if isinstance(original, dict) and {"output", "outputs"} <= original.keys():
            raise refuse("invalid_value", "name the outputs in 'output' or 'outputs', not both")
