"""Messages read before, but for their numbers.

A grader sends one message thousands of times, each time with other numbers bound. What a
schema has accepted once it would accept again, so of such a message only the numbers are
read. The cache is small, belongs to one process and changes no answer: the service stays
without state in meaning.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Hashable, Mapping
from typing import Any, ClassVar, Final

import orjson
from cachetools import LRUCache
from marshmallow import ValidationError

from autograd_core import NodeText
from service.messages.function import NumbersField
from service.messages.graph_cache import size_of
from service.messages.message import FunctionSchema, Message
from service.problems import Problem

# Together these bound the memory: messages of at most this size, and so many bytes of graphs.
LONGEST: Final = 16 * 1024  # bytes, without the numbers
_MOST_BYTES: Final = 8 * 1024 * 1024
_MOST_NODES: Final = 300  # more of them are longer than that; they need not be written to be told

_ABSENT: Final[dict[str, Any]] = {}
_PLAIN: Final = frozenset({float, int})
Key = tuple[bytes, tuple[tuple[str, ...], ...]]
# What an object of plain numbers is but for these, and these, in their order.
Row = tuple[Hashable, Collection[float]]


class MessageReader:
    """Loads messages by a schema, those it knows by their numbers alone.

    marks: what is found in any line of a stream that others rely on; None where none ever is.
    """

    marks: ClassVar[re.Pattern[bytes] | None] = None

    def __init__(self, schema: FunctionSchema) -> None:
        self._schema = schema
        self._numbers = {
            field.data_key or name: (name, field)
            for name, field in schema.fields.items()
            if isinstance(field, NumbersField)
        }
        self._known: LRUCache[Key, Message] = LRUCache(
            _MOST_BYTES, getsizeof=lambda message: size_of(message.graph)
        )
        self._lock = threading.Lock()

    def in_stream(self) -> MessageReader:
        """The reader of a stream's lines; here, each is a whole message."""
        return self

    def is_relied_on(self, value: Mapping[str, Any]) -> bool:
        """Whether lines of a stream after such a one rely on it alone."""
        return False

    def loses(self, line: bytes) -> bool:
        """Whether a line that cannot be decoded may have been meant to be such a one."""
        return False

    def unreadable(self, line: bytes) -> None:
        """Called with each line of a stream that is no JSON, or too much of it."""

    @property
    def held(self) -> int:
        """Bytes that a stream holds from this line to the next."""
        return 0

    def refused(self, problem: Problem) -> None:
        """What the stream was to hold cannot be held, or turned out to be at fault."""

    def load(self, value: Any) -> Message:
        """The message. Raises marshmallow's ValidationError, with every fault."""
        key = self._key(value)
        known = None if key is None else self._known_by(key)
        if known is not None:
            try:
                return known.rebound(self._read_numbers(value))
            except ValidationError:
                pass  # the schema collects the faults of every member
        message: Message = self._schema.load(value)
        if key is not None:
            # Without the numbers: a hundred messages with ten million each would be 8 GB.
            given = (name for member, (name, _) in self._numbers.items() if member in value)
            with self._lock:
                self._known[key] = message.rebound({name: {} for name in given})
        return message

    def row(self, value: Mapping[str, Any]) -> Row | None:
        """What a message is but for its numbers, and these: messages that have the first in common
        can be computed together. None for one that never is. It raises nothing.
        """
        bindings = value.get("bindings")
        if not bindings or type(bindings) is not dict:
            return None
        if not _PLAIN.issuperset(map(type, bindings.values())):
            return None
        key = self._key(value)
        return None if key is None else (key, bindings.values())

    def _known_by(self, key: Key) -> Message | None:
        try:
            with self._lock:
                return self._known[key]
        except KeyError:
            return None

    def _key(self, value: Any) -> Key | None:
        """All but the numbers, and what they are bound to; None for what is not kept."""
        if type(value) is not dict or _is_long(value.get("graph")):
            return None
        rest = value.copy()
        names: list[tuple[str, ...]] = []
        for member in self._numbers:
            entries = rest.pop(member, _ABSENT)
            if type(entries) is not dict:
                return None
            names.append((member, *entries))
        try:
            written = orjson.dumps(rest)
        except TypeError:  # it holds a number out of range
            return None
        return (written, tuple(names)) if len(written) <= LONGEST else None

    def _read_numbers(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: field.read_numbers(value[member])
            for member, (name, field) in self._numbers.items()
            if member in value
        }


def plain_numbers(value: Any) -> Row | None:
    """The names in an object, and the numbers of these names, in order; None where there are none,
    or anything else than numbers and objects of them. It calls itself for an object in an object:
    JSON is a hundred deep at most.
    """
    if type(value) is not dict or not value:
        return None
    if _PLAIN.issuperset(map(type, value.values())):
        return tuple(value), value.values()
    names: list[Hashable] = []
    numbers: list[float] = []
    for name, part in value.items():
        names.append(name)
        if type(part) in _PLAIN:
            numbers.append(part)
            continue
        found = plain_numbers(part)
        if found is None:
            return None
        names.append(found[0])
        numbers.extend(found[1])
    return tuple(names), numbers


def _is_long(graph: Any) -> bool:
    nodes = graph.get("nodes") if type(graph) is dict else None
    return isinstance(nodes, list | NodeText) and len(nodes) > _MOST_NODES
