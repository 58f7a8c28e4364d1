"""What every message has: a function, the numbers bound to its inputs, and how to answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Self

from marshmallow import RAISE, Schema, ValidationError, post_load, validates_schema

from autograd_core import (
    ENCODINGS,
    Encoding,
    Fault,
    Graph,
    GraphError,
    InvalidError,
    Limits,
    NonfiniteWarning,
    did_you_mean,
)
from service.answers.derivatives import INCLUDED
from service.messages.fields import Choice, Choices, Names, refuse
from service.messages.function import BindingsField, ExpressionField, GraphField
from service.messages.wording import worded
from service.problems import Path, invalid

# Arguments of every function that only name what is wanted, and by what.
NAMING: Final = frozenset({"output", "outputs", "wrt", "bindings"})
_UNKNOWN = Fault("unknown_member", "unknown member")


@dataclass(frozen=True, kw_only=True)
class Message:
    """A loaded message.

    source: the member that the function came in. arguments: of the endpoint's function, by name,
    the bindings among them. places: where in the message an argument stands, if not under its own
    name. left_out: the members of the answer that were to be asked for, and were not.
    """

    graph: Graph
    source: str
    arguments: Mapping[str, Any]
    places: Mapping[Path, Path]
    left_out: frozenset[str]
    nonfinite: str = "report"
    tensors: str = "nested"

    def rebound(self, numbers: Mapping[str, Any]) -> Self:
        """The same message with other numbers; dataclasses.replace takes ten times as long."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__, arguments={**self.arguments, **numbers})
        return twin

    @property
    def encoding(self) -> Encoding | None:
        """How tensors are answered: as tensor objects, or as nested lists (None)."""
        return ENCODINGS.get(self.tensors)

    @property
    def is_plain(self) -> bool:
        """Whether nothing is asked but the numbers of its function, at one point."""
        more = (value for name, value in self.arguments.items() if name not in NAMING)
        return not any(more) and self.left_out.issuperset(INCLUDED)

    def refuse(self, warnings: Iterable[NonfiniteWarning]) -> None:
        """Problem invalid-message for what stopped being finite, if the message refuses that."""
        if self.nonfinite == "reject":
            refused = [
                self._in_graph(Fault(warning.code, warning.detail, warning.path))
                for warning in warnings
                if warning.code == "nonfinite"
            ]
            if refused:
                raise invalid(refused)

    def faults(self, error: InvalidError) -> list[Fault]:
        """An engine's faults, their paths seen from the message, in the words of its sender."""
        seen = self._in_graph if isinstance(error, GraphError) else self._in_arguments
        return [seen(worded(fault)) for fault in error.faults]

    def _in_graph(self, fault: Fault) -> Fault:
        """A fault of the graph; infix text has places of its own, and no paths."""
        if self.source == "graph":
            return fault.under("graph")
        return replace(fault, path=("expression",))

    def _in_arguments(self, fault: Fault) -> Fault:
        for argument, member in self.places.items():
            if fault.path[: len(argument)] == argument:
                return replace(fault, path=(*member, *fault.path[len(argument) :]))
        return fault


class StrictSchema(Schema):
    """A schema whose faults are Faults, and which names the closest member it knows."""

    error_messages: dict[str, Any] = {  # noqa: RUF012 - marshmallow's declaration
        "type": Fault("wrong_type", "expected a JSON object"),
        "unknown": _UNKNOWN,
    }

    class Meta:
        unknown = RAISE

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__()
        self.limits = limits or Limits()

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


class FunctionSchema(StrictSchema):
    """A function and its numbers. Subclasses add members, which are arguments of their endpoint's
    function: the engine calls them by the attribute, messages by `data_key`, where there is one.
    Words that they add to `include` are arguments, too: true where they are included.
    """

    makes: ClassVar[type[Message]] = Message

    graph = GraphField(
        "The function as a list of nodes, in any order. Exactly one of `graph` and `expression`."
    )
    expression = ExpressionField(
        "The function as infix text: `tanh(a*b + c)`. Statements may be separated by `;` or "
        "newlines, `e = a*b; e + c`; the last one is the output."
    )
    bindings = BindingsField("The number or tensor that each input stands for.")
    tensors = Choice("How tensors are answered.", ["nested", *ENCODINGS])

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
        arguments = {"bindings": {}, **data}
        graph, include = arguments.pop(source), arguments.pop("include", frozenset())
        how = {name: arguments.pop(name) for name in ("nonfinite", "tensors") if name in data}
        places = self.renamed(arguments)
        if "include" in self.fields:
            arguments["trace"] = "nodes" in include
            arguments.update(dict.fromkeys(include.difference(INCLUDED), True))
        return self.makes(
            graph=graph,
            source=source,
            arguments=arguments,
            places=places,
            left_out=frozenset(INCLUDED) - include,
            **how,
        )

    def renamed(self, arguments: dict[str, Any]) -> Mapping[Path, Path]:
        """Where in the message these arguments stand, if not under their own name. Subclasses may
        put arguments in the place of members.
        """
        return {
            (name,): (key,) for name in arguments if (key := self.fields[name].data_key) is not None
        }


class MessageSchema(FunctionSchema):
    """The message of an endpoint that differentiates: at one point or many, and how to answer."""

    mapped = Names(
        "Inputs with a leading axis of the same length: everything is computed once for each "
        "entry along it.",
        data_key="map",
    )
    nonfinite = Choice(
        "What becomes of NaN and infinity: they are answered as strings or as null, with a "
        "warning, or refused.",
        ["report", "reject", "null"],
    )
    include = Choices("What else to answer.", INCLUDED)
