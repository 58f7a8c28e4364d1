"""What every message has: a function, the numbers bound to its inputs, and how to answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from marshmallow import RAISE, Schema, ValidationError, post_load, validates_schema

from autograd_core.errors import Fault, GraphError, InvalidError
from autograd_core.graph import Graph
from autograd_core.limits import DEFAULT_LIMITS, Limits
from autograd_core.suggestions import did_you_mean
from service.messages.fields import Choice, Choices, Names, refuse
from service.messages.function import Bindings, BindingsField, ExpressionField, GraphField

# What the engine calls an argument, where the message calls it otherwise.
_MEMBERS = {"mapped": "map"}
_UNKNOWN = Fault("unknown_member", "unknown member")


@dataclass(frozen=True, kw_only=True)
class Message:
    """A loaded message. `source` is the member that the function came in."""

    graph: Graph
    source: str
    bindings: Bindings = field(default_factory=dict)
    mapped: tuple[str, ...] = ()
    nonfinite: str = "report"
    tensors: str = "nested"
    include: frozenset[str] = frozenset()

    def rebound(self, numbers: Mapping[str, Any]) -> Self:
        """The same message with other numbers; dataclasses.replace takes ten times as long."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__, **numbers)
        return twin

    @property
    def as_base64(self) -> bool:
        """Whether tensors are answered as tensor objects."""
        return self.tensors == "base64"

    def faults(self, error: InvalidError) -> list[Fault]:
        """An engine's faults, their paths seen from the message."""
        if isinstance(error, GraphError):
            return [self.in_graph(fault) for fault in error.faults]
        return [_in_arguments(fault) for fault in error.faults]

    def in_graph(self, fault: Fault) -> Fault:
        """A fault of the graph; infix text has places of its own, and no paths."""
        if self.source == "graph":
            return fault.under("graph")
        return Fault(fault.code, fault.detail, ("expression",), fault.line, fault.column)


def _in_arguments(fault: Fault) -> Fault:
    if not fault.path or fault.path[0] not in _MEMBERS:
        return fault
    path = (_MEMBERS[str(fault.path[0])], *fault.path[1:])
    return Fault(fault.code, fault.detail, path)


class StrictSchema(Schema):
    """A schema whose faults are Faults, and which names the closest member it knows."""

    error_messages: dict[str, Any] = {  # noqa: RUF012 - marshmallow's declaration
        "type": Fault("wrong_type", "expected a JSON object"),
        "unknown": _UNKNOWN,
    }

    class Meta:
        unknown = RAISE

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        super().__init__()
        self.limits = limits

    def handle_error(self, error: ValidationError, data: Any, **_: Any) -> None:
        """Say of each unknown member what may have been meant."""
        known = [schema_field.data_key or name for name, schema_field in self.fields.items()]
        unknown = sorted(
            member for member, found in error.messages_dict.items() if _UNKNOWN in found
        )
        for member in unknown:
            del error.messages_dict[member]
        # marshmallow files faults of the message as a whole under the same name as a member
        # called `_schema`, so unknown members are all filed there, each with its own path.
        named = [
            Fault("unknown_member", f"unknown member {m!r}{did_you_mean(m, known)}", (m,))
            for m in unknown[: self.limits.faults]
        ]
        error.messages_dict["_schema"] = [*error.messages_dict.get("_schema", []), *named]


class MessageSchema(StrictSchema):
    """The graph message. Subclasses add members, and name their dataclass in `message`."""

    message: ClassVar[type[Message]] = Message

    graph = GraphField(
        "The function as a list of nodes, in any order. Exactly one of `graph` and `expression`."
    )
    expression = ExpressionField(
        "The function as infix text: `tanh(a*b + c)`. Statements may be separated by `;` or "
        "newlines, `e = a*b; e + c`; the last one is the output."
    )
    bindings = BindingsField("The number or tensor that each input stands for.")
    mapped = Names(
        "Inputs with a leading axis of the same length: everything is computed once for each "
        "entry along it.",
        data_key="map",
    )
    nonfinite = Choice(
        "What becomes of NaN and infinity: they are answered, with a warning, or refused.",
        ["report", "reject"],
    )
    tensors = Choice("How tensors are answered.", ["nested", "base64"])
    include = Choices("What else to answer.", ["nodes", "cost"])

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _one_function(self, data: Any, original: Any, **_: Any) -> None:
        given = {"graph", "expression"} & original.keys() if isinstance(original, dict) else None
        if given == set():
            raise refuse("missing_member", "a message has a 'graph' or an 'expression'")
        if given is not None and len(given) == 2:
            raise refuse("invalid_value", "a message has a 'graph' or an 'expression', not both")

    @post_load
    def _made(self, data: Mapping[str, Any], **_: Any) -> Message:
        source = "graph" if "graph" in data else "expression"
        members = {name: value for name, value in data.items() if name != "expression"}
        members["graph"] = data[source]
        return self.message(source=source, **members)
