"""Attributes of operations: what kinds there are, and how a JSON value is read as one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograd_core.errors import Fault
from autograd_core.limits import Deadline, watched
from autograd_core.names import listed
from autograd_core.tensors import name as in_words

# Integers in attributes are axes, lengths and positions: nothing sensible is larger.
_LARGEST = 2**53


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of attribute: what it is in words, its JSON Schema, and its reader.

    The reader returns a normalised, immutable value, or raises ValueError with a sentence;
    TypeError where the JSON type is wrong altogether.
    """

    words: str
    schema: dict[str, Any]
    read: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute an operation takes."""

    name: str
    kind: Kind
    doc: str
    default: Any = None
    required: bool = False

    def read(self, value: Any) -> tuple[Any, Fault | None]:
        """The normalised value, or what is wrong with it."""
        if value is None and not self.required:
            return self.default, None
        try:
            return self.kind.read(value), None
        except TypeError:
            detail = f"{self.name!r} is {self.kind.words}, not {in_words(value)}"
            return None, Fault("wrong_type", detail)
        except ValueError as error:
            return None, Fault("invalid_value", f"{self.name!r} {error}")


def _integer(value: Any) -> int:
    if type(value) is float and value.is_integer():  # 2.0 is how some languages write 2
        value = int(value)
    if type(value) is not int:
        raise TypeError
    if abs(value) > _LARGEST:
        raise ValueError(f"is out of range: {value:.4g}")
    return value


def _integers(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError
    return tuple(_integer(entry) for entry in watched(value, Deadline.current()))


def _axis(value: Any) -> int | tuple[int, ...]:
    return _integers(value) if isinstance(value, list | tuple) else _integer(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _number(value: Any) -> float:
    if type(value) is not int and type(value) is not float:
        raise TypeError
    try:
        number = float(value)
    except OverflowError:  # an int beyond binary64
        number = math.inf
    if not math.isfinite(number):
        raise ValueError("is a finite number")
    return number


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _lengths(value: Any) -> tuple[int, ...]:
    lengths = _integers(value if isinstance(value, list | tuple) else [value])
    if any(length < -1 for length in lengths) or lengths.count(-1) > 1:
        raise ValueError(f"has lengths of 0 or more, at most one of them -1: {listed(lengths)}")
    return lengths


def _indices(value: Any, depth: int = 0) -> Any:
    """An integer, or nested lists of integers as nested tuples; rectangular."""
    if not isinstance(value, list | tuple):
        return _integer(value)
    if depth == _DEEPEST_INDICES:
        raise ValueError(f"is nested deeper than {_DEEPEST_INDICES} axes")
    if not any(isinstance(entry, list | tuple) for entry in value):
        return _integers(value)
    rows = watched(value, Deadline.current())
    entries = tuple(_indices(entry, depth + 1) for entry in rows)
    if len({_lengths_inside(entry) for entry in entries}) != 1:
        raise ValueError("is a rectangular list of positions")
    return entries


def _lengths_inside(entry: Any) -> tuple[int, ...]:
    """The shape of nested tuples that are known to be rectangular."""
    lengths = []
    while isinstance(entry, tuple):
        lengths.append(len(entry))
        entry = entry[0] if entry else None
    return tuple(lengths)


_DEEPEST_INDICES = 8


def _spec(value: Any) -> tuple[int | slice, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError
    return tuple(_spec_entry(entry) for entry in watched(value, Deadline.current()))


def _spec_entry(entry: Any) -> int | slice:
    if not isinstance(entry, list | tuple):
        return _integer(entry)
    if len(entry) > 3 or not entry:
        raise ValueError("has entries that are integers or [start, stop, step] with nulls")
    parts = [None if part is None else _integer(part) for part in entry]
    parts += [None] * (3 - len(parts))
    if parts[2] == 0:
        raise ValueError("has a slice with step 0")
    return slice(*parts)


_INTEGER = {"type": "integer"}
AXIS = Kind(
    "an axis or a list of axes",
    {"oneOf": [_INTEGER, {"type": "array", "items": _INTEGER}, {"type": "null"}]},
    _axis,
)
AXES = Kind("a list of axes", {"type": "array", "items": _INTEGER}, _integers)
INTEGER = Kind("a whole number", _INTEGER, _integer)
NUMBER = Kind("a number", {"type": "number"}, _number)
BOOLEAN = Kind("true or false", {"type": "boolean"}, _boolean)
TEXT = Kind("a string", {"type": "string"}, _text)
LENGTHS = Kind("a list of lengths", {"type": "array", "items": _INTEGER}, _lengths)
INDICES = Kind(
    "a position or a (nested) list of positions",
    {"oneOf": [_INTEGER, {"type": "array"}]},
    _indices,
)
SPEC = Kind(
    "a list with, for each axis, an integer or [start, stop, step] with nulls",
    {
        "type": "array",
        "items": {
            "oneOf": [
                _INTEGER,
                {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 3,
                    "items": {"type": ["integer", "null"]},
                },
            ]
        },
    },
    _spec,
)
