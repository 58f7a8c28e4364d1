"""Members that several messages have: outputs, what to differentiate by, a direction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import validates_schema

from autograd_core import Fault
from service.messages.check import CheckField
from service.messages.fields import Name, Names, Switch, refuse
from service.messages.function import BindingsField
from service.messages.message import MessageSchema
from service.problems import Path

OUTPUT: Final = Name("The scalar to differentiate; the node that no other uses, if left out.")
WRT: Final = Names("Inputs or nodes to differentiate by; every bound input, if left out.")
CHECK_ENTRIES: Final = CheckField("Whether, and how, to check every entry by finite differences.")
SPARSE: Final = Switch(
    "Whether to answer with `entries`, the coordinates and values of what can be other than 0, "
    "instead of blocks."
)


def direction(name: str, doc: str) -> BindingsField:
    """Numbers by name, without which there is no product."""
    messages: Mapping[str, Any] = {
        "required": [Fault("missing_member", f"this message has {name!r}, numbers by name")],
        "null": [Fault("wrong_type", "expected an object of input names and numbers, found null")],
    }
    return BindingsField(doc, required=True, error_messages=dict(messages))


class OutputsSchema(MessageSchema):
    """The graph message, with one output or several, of any shape."""

    output = Name("The node or input that is wanted, where it is only one.")
    outputs = Names(
        "The nodes or inputs that are wanted; the node that no other uses, if left out.", fewest=1
    )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _one_way_to_say_it(self, data: Any, original: Any, **_: Any) -> None:
        if isinstance(original, dict) and {"output", "outputs"} <= original.keys():
            raise refuse("invalid_value", "name the outputs in 'output' or 'outputs', not both")

    def renamed(self, arguments: dict[str, Any]) -> Mapping[Path, Path]:
        places = super().renamed(arguments)
        if "output" not in arguments:
            return places
        arguments["outputs"] = (arguments.pop("output"),)
        return {**places, ("outputs", 0): ("output",)}
