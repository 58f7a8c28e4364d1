"""POST /jvp, /vjp and /hvp: the messages, each with a direction beside the function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from autograd_core.errors import Fault
from service.messages.fields import Name, Names
from service.messages.function import Bindings, BindingsField
from service.messages.message import Message, MessageSchema
from service.messages.outputs import OutputsMessage, OutputsSchema


@dataclass(frozen=True, kw_only=True)
class JvpMessage(OutputsMessage):
    """Outputs, and the direction in which the inputs move."""

    wrt: tuple[str, ...] | None = None
    tangents: Bindings = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class VjpMessage(OutputsMessage):
    """Outputs with their weights, and what to differentiate by."""

    wrt: tuple[str, ...] | None = None
    cotangents: Bindings = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class HvpMessage(Message):
    """A scalar function, and what its Hessian is multiplied with."""

    output: str | None = None
    wrt: tuple[str, ...] | None = None
    vector: Bindings = field(default_factory=dict)


def _direction(name: str, doc: str) -> BindingsField:
    messages: Mapping[str, Any] = {
        "required": [Fault("missing_member", f"this message has {name!r}, numbers by name")],
        "null": [Fault("wrong_type", "expected an object of input names and numbers, found null")],
    }
    return BindingsField(doc, required=True, error_messages=dict(messages))


class JvpSchema(OutputsSchema):
    """The graph message, with outputs and `tangents`."""

    message: ClassVar[type[Message]] = JvpMessage

    tangents = _direction(
        "tangents",
        "The tangent of each input or node that moves, in its shape; absent ones are 0.",
    )
    wrt = Names("Which inputs or nodes may move: the tangents of others are left out.")


class VjpSchema(OutputsSchema):
    """The graph message, with `cotangents` and `wrt`."""

    message: ClassVar[type[Message]] = VjpMessage

    cotangents = _direction(
        "cotangents",
        "The cotangent of each output, in its shape. They name the outputs, unless `outputs` "
        "does; absent ones are then 0.",
    )
    wrt = Names("Inputs or nodes to differentiate by; every bound input, if left out.")


class HvpSchema(MessageSchema):
    """The graph message, with an output, `vector` and `wrt`."""

    message: ClassVar[type[Message]] = HvpMessage

    output = Name("The scalar to differentiate; the node that no other uses, if left out.")
    vector = _direction(
        "vector",
        "What the Hessian is multiplied with: numbers for inputs or nodes, each in its shape; "
        "absent ones are 0.",
    )
    wrt = Names("Inputs or nodes of the gradient and the product; every bound input, if left out.")
