"""The message of /grade: a reference, what is claimed of it, and how that is judged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Protocol

from marshmallow import ValidationError, post_load

from autograd_core import Fault, InvalidError, OutOfRange, in_words, name_fault
from service.answers.record import Schema, ref
from service.grading.claims import KINDS
from service.grading.formats import WRITERS
from service.grading.model import Options, Tolerance
from service.grading.reference import Reference
from service.messages.fields import (
    Choice,
    MessageField,
    Name,
    Names,
    Number,
    Switch,
    refusal,
    refuse,
)
from service.messages.function import GraphField, NumbersField
from service.messages.message import FunctionSchema, Message, StrictSchema
from service.problems import Path, Problem, faults_of

_KEPT_BACK: Final = "the reference is at fault here; what it says is kept back (reveal is false)"
# What a message says of the reference itself.
_OF_REFERENCE: Final = frozenset({"graph", "expression", "bindings", "output", "domain"})


class ClaimsField(NumbersField):
    """Kind of claim -> what is claimed. Only that it is an object: what does not fit the
    reference is a fault that grading finds, and what a student wrote wrong is none.
    """

    def json_schema(self) -> Schema:
        anything: Schema = {"description": "A number, a tensor or a formula; whatever it is."}
        named = {"type": "object", "additionalProperties": anything}
        twice = {"type": "object", "additionalProperties": named}
        shapes = {"value": anything, "function": anything}
        shapes |= {"gradients": named, "derivatives": named}
        shapes |= {"nodes": twice, "jacobian": twice, "hessian": twice}
        return {
            "type": "object",
            "minProperties": 1,
            "properties": {kind: shapes[kind] for kind in KINDS},
            "additionalProperties": False,
        }

    def read(self, value: Any, message: Any) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise refuse("wrong_type", f"expected an object of claims, found {in_words(value)}")
        return value

    def read_numbers(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        return value


class ToleranceSchema(StrictSchema):
    """How far a claim may be from the truth: atol + rtol*|truth|, entry by entry."""

    rtol = Number("Relative tolerance.")
    atol = Number("Absolute tolerance.")

    @post_load
    def _made(self, data: Mapping[str, Any], **_: Any) -> Tolerance:
        return Tolerance(**data)


class ToleranceField(MessageField[Tolerance]):
    """An object with rtol and atol."""

    def json_schema(self) -> Schema:
        return ref("Tolerance").schema

    def read(self, value: Any, message: Any) -> Tolerance:
        if not isinstance(value, dict):
            raise refuse("wrong_type", f"expected an object, found {in_words(value)}")
        try:
            tolerance: Tolerance = ToleranceSchema(self.limits).load(value)
        except ValidationError as error:
            raise refusal(*faults_of(error)) from None
        return tolerance


class WeightsField(MessageField[Mapping[str, float]]):
    """Path of a claim -> its weight."""

    def json_schema(self) -> Schema:
        return {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}}

    def read(self, value: Any, message: Any) -> Mapping[str, float]:
        _require_object(value, "weights by the path of a claim")
        faults = [
            fault.under(path)
            for path, weight in value.items()
            if (fault := _number_fault(weight, least=0)) is not None
        ]
        if faults:
            raise refusal(*faults[: self.limits.faults])
        return {path: float(weight) for path, weight in value.items()}


class DomainField(MessageField[Mapping[str, tuple[float, float]]]):
    """Name of a variable -> the ends of an interval."""

    def json_schema(self) -> Schema:
        ends = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
        return {
            "type": "object",
            "propertyNames": ref("Name").schema,
            "additionalProperties": ends,
        }

    def read(self, value: Any, message: Any) -> Mapping[str, tuple[float, float]]:
        _require_object(value, "intervals by the name of a variable")
        faults: list[Fault] = []
        for name, ends in value.items():
            fault = name_fault(name, self.limits) or _interval_fault(ends)
            if fault is not None and len(faults) < self.limits.faults:
                faults.append(fault.under(name))
        if faults:
            raise refusal(*faults)
        return {name: (float(low), float(high)) for name, (low, high) in value.items()}


def _require_object(value: Any, what: str) -> None:
    if not isinstance(value, dict):
        raise refuse("wrong_type", f"expected an object of {what}, found {in_words(value)}")


def _number_fault(value: Any, least: float = -math.inf) -> Fault | None:
    """What is wrong with a number, if something is."""
    if isinstance(value, OutOfRange):
        return Fault("not_a_number", f"expected a number, found {in_words(value)}")
    if type(value) is not int and type(value) is not float:
        return Fault("wrong_type", f"expected a number, found {in_words(value)}")
    if value < least:
        return Fault("invalid_value", f"expected a number, {least:g} or more, found {value!r}")
    return None


def _interval_fault(ends: Any) -> Fault | None:
    if not isinstance(ends, list) or len(ends) != 2:
        return Fault("wrong_type", f"expected [low, high], found {in_words(ends)}")
    for place, end in enumerate(ends):
        fault = _number_fault(end)
        if fault is not None:
            return fault.under(place)
    low, high = map(float, ends)
    if not low < high:
        return Fault("invalid_value", f"[{low:g}, {high:g}] has nothing between its ends")
    return None


class Stream(Protocol):
    """What the lines of a stream share."""

    def refused(self, problem: Problem) -> None:
        """The reference turned out to be at fault."""


@dataclass(frozen=True, kw_only=True)
class GradeMessage(Message):
    """A loaded message of /grade. stream: the one that a line belongs to, if its reference does.
    reference: where it is known already.
    """

    stream: Stream | None = None
    reference: Reference | None = None

    @property
    def is_plain(self) -> bool:
        """Always: what is claimed decides."""
        return True

    @property
    def options(self) -> Options:
        """How claims are judged."""
        return Options(
            **{name: self.arguments[name] for name in _OPTIONS if name in self.arguments}
        )

    def faults(self, error: InvalidError) -> list[Fault]:
        """As of any message, and nothing of the reference that is to be kept back."""
        hidden = not self.arguments.get("reveal", True)
        found = super().faults(error)
        found = [kept_back(fault) for fault in found] if hidden else found
        if self.stream is None:
            return found
        return [f if f.path[:1] == ("claims",) else f.under("reference") for f in found]


_OPTIONS: Final = ("weights", "carry", "reveal", "notation", "allow", "deny")


def kept_back(fault: Fault) -> Fault:
    """A fault without what it says of the reference: its place and its code stay."""
    if fault.path[:1] and fault.path[0] not in _OF_REFERENCE:
        return fault
    return replace(fault, detail=_KEPT_BACK, line=None, column=None, advice=None)


_CLAIMS: Final = ClaimsField(
    "What is claimed, in any mixture: `value`, `gradients`, `nodes`, `jacobian`, `hessian` are "
    "numbers in the form that other addresses answer them in, `derivatives` and `function` "
    "formulas.",
    required=True,
    error_messages={
        "required": [Fault("missing_member", "this message has 'claims', an object")],
        "null": [Fault("wrong_type", "expected an object of claims, found null")],
    },
)


class ReferenceSchema(FunctionSchema):
    """A reference, and how claims of it are judged."""

    makes: ClassVar[type[Message]] = GradeMessage

    graph = GraphField(
        "The function as a list of nodes, in any order. Exactly one of `graph` and `expression`. "
        "Names may be left unbound: they are the variables of formulas.",
        free=True,
    )
    output = Name("What claims are about; the node that no other uses, if left out.")
    tolerance = ToleranceField("How far a claim may be from the truth.")
    weights = WeightsField("By the path of a claim, `gradients/a`, its weight; 1 for any other.")
    domain = DomainField("By variable, the interval in which formulas are compared.")
    carry = Switch("Whether what follows rightly from an earlier slip is right. True by default.")
    reveal = Switch("Whether the answer may tell what is expected. True by default.")
    notation = Choice("How formulas given as text are read.", ["student", "strict"])
    allow = Names(
        "Operations that formulas may use, beside `+ - * / **` and signs; all, if left out."
    )
    deny = Names("Operations that formulas may not use.")
    format = Choice("How the report is written.", ["native", *WRITERS])

    def renamed(self, arguments: dict[str, Any]) -> Mapping[Path, Path]:
        return {**super().renamed(arguments), ("outputs", 0): ("output",)}


class GradeSchema(ReferenceSchema):
    """The graph message, with what is claimed and how it is judged."""

    claims = _CLAIMS


class ClaimsSchema(StrictSchema):
    """A line of a stream that belongs to the reference of a line before it."""

    claims = _CLAIMS
