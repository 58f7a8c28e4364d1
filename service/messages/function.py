"""The fields that hold a function and its numbers: `graph`, `expression`, `bindings`.

A schema per node would cost more than everything else together (18 µs a node against half a
microsecond), so the engine's own readers check the whole of each in one pass.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from marshmallow import ValidationError

from autograd_core import (
    Array,
    Fault,
    Graph,
    GraphError,
    Limits,
    TensorError,
    all_fit,
    did_you_mean,
    in_words,
    name_fault,
    tensor,
)
from service.answers.record import Schema, ref
from service.messages.fields import MessageField, refusal, refuse
from service.messages.graph_cache import graph_of_columns, graph_of_nodes, graph_of_text

Bindings = Mapping[str, float | Array]
_FLOATS = frozenset({float})


class NumbersField(MessageField[Mapping[str, Any]]):
    """An object of what differs from one message to another that is otherwise the same."""

    def read_numbers(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is read of it once its names are known to be fit. Raises `refusal`."""
        raise NotImplementedError


class BindingsField(NumbersField):
    """Input name -> number, nested list or tensor object."""

    def json_schema(self) -> Schema:
        return {
            "type": "object",
            "propertyNames": ref("Name").schema,
            "additionalProperties": ref("Tensor").schema,
        }

    def read(self, value: Any, message: Any) -> Bindings:
        if not isinstance(value, dict):
            detail = f"expected an object of input names and numbers, found {in_words(value)}"
            raise refuse("wrong_type", detail)
        faults = [
            fault.under(key)
            for key in (() if all_fit(value, self.limits) else value)
            if (fault := name_fault(key, self.limits)) is not None
        ]
        try:
            numbers = self.read_numbers(value)
        except ValidationError as error:
            raise refusal(*faults, *error.messages) from None
        if faults:
            raise refusal(*faults)
        return numbers

    def read_numbers(self, value: Mapping[str, Any]) -> Bindings:
        """The numbers of names that are fit to be names. Raises `refusal`."""
        if _FLOATS.issuperset(map(type, value.values())):
            return value
        faults: list[Fault] = []
        bindings: dict[str, float | Array] = {}
        for key, entry in value.items():
            try:
                bindings[key] = tensor(entry, self.limits)
            except TensorError as error:
                faults.extend(fault.under(key) for fault in error.faults)
            if len(faults) >= self.limits.faults:
                break
        if faults:
            raise refusal(*faults)
        return bindings


_FORMS: Mapping[str, Callable[[Any, Collection[str] | None, Limits], Graph]] = {
    "nodes": graph_of_nodes,
    "columns": graph_of_columns,
}


class GraphField(MessageField[Graph]):
    """A list of nodes, or columns, in an object of its own. free: whether names may be left
    unbound.
    """

    def __init__(self, doc: str, *, free: bool = False, **options: Any) -> None:
        super().__init__(doc, **options)
        self._free = free

    def json_schema(self) -> Schema:
        return ref("Graph").schema

    def read(self, value: Any, message: Any) -> Graph:
        if not isinstance(value, dict):
            detail = f"expected an object with 'nodes' or 'columns', found {in_words(value)}"
            raise refuse("wrong_type", detail)
        faults = [
            Fault("unknown_member", f"unknown member {key!r}{did_you_mean(key, _FORMS)}", (key,))
            for key in sorted(value.keys() - _FORMS.keys())[: self.limits.faults]
        ]
        given = [form for form in _FORMS if form in value]
        if not given:
            missing = Fault("missing_member", "a graph has 'nodes', a list", ("nodes",))
            raise refusal(missing, *faults)
        if len(given) > 1:
            detail = "a graph has either 'nodes' or 'columns'"
            raise refusal(Fault("invalid_value", detail, (given[1],)), *faults)
        try:
            bound, (form,) = None if self._free else bound_names(message), given
            graph = _FORMS[form](value[form], bound, self.limits)
        except GraphError as error:
            raise refusal(*faults, *error.faults) from None
        if faults:
            raise refusal(*faults)
        return graph


class ExpressionField(MessageField[Graph]):
    """Infix text."""

    def json_schema(self) -> Schema:
        return {"type": "string", "minLength": 1, "maxLength": self.limits.expression}

    def read(self, value: Any, message: Any) -> Graph:
        if not isinstance(value, str):
            raise refuse("wrong_type", f"expected infix text, found {in_words(value)}")
        try:
            return graph_of_text(value, self.limits)
        except GraphError as error:
            raise refusal(*error.faults) from None


def bound_names(message: Any) -> Collection[str] | None:
    """The names a raw message binds; None where its bindings are not an object, so that one
    slip there is not followed by a complaint about every operand.
    """
    bindings = message.get("bindings", {})
    return bindings.keys() if isinstance(bindings, dict) else None
