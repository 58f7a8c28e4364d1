"""The fields messages are made of.

marshmallow's own fields convert (its Float takes "1.5", its Integer makes 3.7 a 3); these
refuse. Whatever is wrong is a Fault whose path is relative to the member the field stands
for. Each field says in `json_schema` what it takes; openapi.yaml is made from that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from marshmallow import ValidationError, fields

from autograd_core import Fault, Limits, OutOfRange, did_you_mean, in_words, name_fault
from service.answers.record import Schema, ref

T = TypeVar("T")


def refusal(*faults: Fault) -> ValidationError:
    """The exception for these faults."""
    return ValidationError(list(faults))


def refuse(code: str, detail: str, *path: str | int) -> ValidationError:
    """The exception for one fault."""
    return refusal(Fault(code, detail, path))


class MessageField(fields.Field[T], Generic[T]):
    """A field that refuses with Faults.

    A subclass says what it reads in `read`, and what it takes in `json_schema`.
    """

    default_error_messages: dict[str, Any] = {  # noqa: RUF012 - marshmallow's declaration
        "null": [Fault("wrong_type", "null is no value of this member; it may be left out")],
    }

    def __init__(self, doc: str, **options: Any) -> None:
        super().__init__(metadata={"description": doc}, **options)

    def json_schema(self) -> Schema:
        """The values this field takes, as JSON Schema."""
        raise NotImplementedError

    def read(self, value: Any, message: Any) -> T:
        """The loaded value. `message` is the whole raw message. Raises `refusal`."""
        raise NotImplementedError

    @property
    def limits(self) -> Limits:
        """The limits in force where this message is loaded."""
        root: Any = self.root
        limits: Limits = root.limits
        return limits

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> T:
        return self.read(value, data)


class Name(MessageField[str]):
    """The name of a node or an input."""

    def json_schema(self) -> Schema:
        return ref("Name").schema

    def read(self, value: Any, message: Any) -> str:
        fault = name_fault(value, self.limits)
        if fault is not None:
            raise refusal(fault)
        return str(value)


class Names(MessageField[tuple[str, ...]]):
    """A list of names; `fewest` 0 or 1 of them."""

    def __init__(self, doc: str, *, fewest: int = 0, **options: Any) -> None:
        super().__init__(doc, **options)
        self._fewest = fewest

    def json_schema(self) -> Schema:
        schema: Schema = {"type": "array", "items": ref("Name").schema}
        return schema | ({"minItems": self._fewest} if self._fewest else {})

    def read(self, value: Any, message: Any) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise refuse("wrong_type", f"expected a list of names, found {in_words(value)}")
        if len(value) < self._fewest:
            raise refuse("invalid_value", "expected at least one name, found an empty list")
        faults: list[Fault] = []
        for position, entry in enumerate(value):
            fault = name_fault(entry, self.limits)
            if fault is not None:
                faults.append(fault.under(position))
            if len(faults) >= self.limits.faults:
                break
        if faults:
            raise refusal(*faults)
        return tuple(value)


class Choice(MessageField[str]):
    """One of a few words."""

    def __init__(self, doc: str, choices: Sequence[str], **options: Any) -> None:
        super().__init__(doc, **options)
        self.choices = tuple(choices)

    def json_schema(self) -> Schema:
        return {"type": "string", "enum": list(self.choices)}

    def read(self, value: Any, message: Any) -> str:
        fault = _choice_fault(value, self.choices)
        if fault is not None:
            raise refusal(fault)
        return str(value)


class Choices(MessageField[frozenset[str]]):
    """Any of a few words, as a list."""

    def __init__(self, doc: str, choices: Sequence[str], **options: Any) -> None:
        super().__init__(doc, **options)
        self.choices = tuple(choices)

    def json_schema(self) -> Schema:
        return {"type": "array", "items": {"type": "string", "enum": list(self.choices)}}

    def read(self, value: Any, message: Any) -> frozenset[str]:
        if not isinstance(value, list):
            raise refuse("wrong_type", f"expected a list of words, found {in_words(value)}")
        faults: list[Fault] = []
        for position, entry in enumerate(value):
            fault = _choice_fault(entry, self.choices)
            if fault is not None:
                faults.append(fault.under(position))
            if len(faults) >= self.limits.faults:
                break
        if faults:
            raise refusal(*faults)
        return frozenset(value)


class Switch(MessageField[bool]):
    """true or false."""

    def json_schema(self) -> Schema:
        return {"type": "boolean"}

    def read(self, value: Any, message: Any) -> bool:
        if not isinstance(value, bool):
            raise refuse("wrong_type", f"expected true or false, found {in_words(value)}")
        return value


class Number(MessageField[float]):
    """A finite number, 0 or more."""

    def json_schema(self) -> Schema:
        return {"type": "number", "minimum": 0}

    def read(self, value: Any, message: Any) -> float:
        number = _number(value)
        if number < 0:
            raise refuse("invalid_value", f"expected a number, 0 or more, found {number!r}")
        return number


class Step(MessageField[float | None]):
    """A positive number, or "auto", which is None: the computation picks its own."""

    def json_schema(self) -> Schema:
        return {"oneOf": [{"type": "number", "exclusiveMinimum": 0}, {"const": "auto"}]}

    def read(self, value: Any, message: Any) -> float | None:
        if value == "auto":
            return None
        if isinstance(value, str):
            raise refuse("invalid_value", f'expected a number or "auto", found {in_words(value)}')
        number = _number(value)
        if number <= 0:
            raise refuse("invalid_value", f"expected a number, more than 0, found {number!r}")
        return number


class Count(MessageField[int]):
    """A whole number between bounds."""

    def __init__(self, doc: str, *, least: int = 1, most: int, **options: Any) -> None:
        super().__init__(doc, **options)
        self._least, self._most = least, most

    def json_schema(self) -> Schema:
        return {"type": "integer", "minimum": self._least, "maximum": self._most}

    def read(self, value: Any, message: Any) -> int:
        whole = type(value) is int or (type(value) is float and value.is_integer())
        if not whole:
            raise refuse("wrong_type", f"expected a whole number, found {in_words(value)}")
        if not self._least <= value <= self._most:
            expected = f"expected a whole number from {self._least} to {self._most:,}"
            raise refuse("invalid_value", f"{expected}, found {value!r}")
        return int(value)


def _number(value: Any) -> float:
    if isinstance(value, OutOfRange):
        raise refuse("not_a_number", f"expected a number, found {in_words(value)}")
    if type(value) is not int and type(value) is not float:
        raise refuse("wrong_type", f"expected a number, found {in_words(value)}")
    return float(value)


def _choice_fault(value: Any, choices: Sequence[str]) -> Fault | None:
    if value in choices and isinstance(value, str):
        return None
    expected = f"expected one of {', '.join(repr(choice) for choice in choices)}"
    if not isinstance(value, str):
        return Fault("wrong_type", f"{expected}, found {in_words(value)}")
    return Fault(
        "invalid_value", f"{expected}, found {in_words(value)}{did_you_mean(value, choices)}"
    )
