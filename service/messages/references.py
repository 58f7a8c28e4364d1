"""References that outlive the message they came in.

So claims of a stream are judged by the reference of a line before them, and whoever sends one
reference again and again has it run once.
"""

from __future__ import annotations

import re
import struct
import threading
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any, Final, cast

import numpy as np
import orjson
from cachetools import LRUCache
from marshmallow import ValidationError

from autograd_core import Fault, InvalidError, Limits
from service.grading.reference import Reference
from service.messages.grade import (
    ClaimsSchema,
    GradeMessage,
    GradeSchema,
    ReferenceSchema,
    kept_back,
)
from service.messages.graph_cache import size_of
from service.messages.message import Message
from service.messages.message_cache import LONGEST, MessageReader, Row, plain_numbers
from service.problems import Problem, faults_of, invalid

# Together these bound the memory: so many references, each to so many nodes and numbers.
_MOST: Final = 64
_MOST_NODES: Final = 300
_MOST_INPUTS: Final = 30
_MOST_NUMBERS: Final = 100_000
# Bytes of the graph that a stream keeps, and numbers found of it that are kept for its next line.
_LARGEST: Final = 64 * 1024 * 1024
_MOST_OF_A_STREAM: Final = 1_000_000
_references: LRUCache[Hashable, Reference] = LRUCache(_MOST)
_lock = threading.Lock()


def reference_of(message: GradeMessage, limits: Limits) -> Reference:
    """The reference of a message: of one that is short and all numbers, the one that is known.

    Raises ArgumentError.
    """
    if message.reference is not None:
        return message.reference
    made = _made(message, limits)
    if len(made.graph) > _MOST_NODES or len(made.inputs) > _MOST_INPUTS or not made.is_scalar:
        return made
    key = _key(made)
    with _lock:
        return _references.setdefault(key, made)


def let_go(message: GradeMessage, reference: Reference) -> None:
    """Forget what was found of a message's reference, if it is much: who comes after this finds
    it again, in memory that was asked for.
    """
    most = _MOST_NUMBERS if message.stream is None else _MOST_OF_A_STREAM
    if reference.held > most:
        reference.forget()


def _made(message: Message, limits: Limits) -> Reference:
    arguments = message.arguments
    return Reference(
        message.graph,
        arguments["bindings"],
        arguments.get("output"),
        domain=arguments.get("domain"),
        tolerance=arguments.get("tolerance"),
        limits=limits,
    )


def _key(reference: Reference) -> Hashable:
    """What a reference is told by, 0 and -0 apart."""
    numbers = list(reference.bindings.values())
    for ends in reference.domain.values():
        numbers.extend(ends)
    written = struct.pack(f"{len(numbers)}d", *numbers)
    names = tuple(reference.bindings), tuple(reference.domain)
    return (
        reference.graph,
        reference.output,
        reference.tolerance,
        reference.limits,
        names,
        written,
    )


class GradeReader(MessageReader):
    """Loads messages of /grade, and says nothing of a reference that is to be kept back."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(GradeSchema(limits))
        self._limits = limits

    def load(self, value: Any) -> Message:
        try:
            return super().load(value)
        except ValidationError as error:
            raise invalid(_told(faults_of(error), value)) from None

    def row(self, value: Mapping[str, Any]) -> Row | None:
        """Numbers are those of the claims; what is bound belongs to the reference."""
        found = plain_numbers(value.get("claims"))
        if found is None:
            return None
        names, numbers = found
        try:
            written = orjson.dumps({**value, "claims": None})
        except TypeError:  # it holds a number out of range
            return None
        return ((written, names), numbers) if len(written) <= LONGEST else None

    def in_stream(self) -> MessageReader:
        return _ReferenceReader(self._limits, self)


class _ReferenceReader(MessageReader):
    """Reads the lines of one stream: whole messages, references, and claims of the last of those.

    _held: the message of that reference, or the problem with it; None before the first. _size:
    bytes of that message.
    """

    marks = re.compile(rb"reference|\\u00[67]")  # letters may be written as escapes

    def __init__(self, limits: Limits, whole: GradeReader) -> None:
        super().__init__(ReferenceSchema(limits))
        self._whole, self._limits = whole, limits
        self._claims = ClaimsSchema(limits)
        self._held: GradeMessage | Problem | None = None
        self._size = 0

    @property
    def held(self) -> int:
        held = self._held
        if not isinstance(held, GradeMessage) or held.reference is None:
            return 0
        return self._size + 8 * held.reference.held

    def load(self, value: Any) -> Message:
        if type(value) is not dict:
            return self._whole.load(value)
        if "reference" in value:
            return self._reference(value)
        if self._held is None or "graph" in value or "expression" in value:
            return self._whole.load(value)
        if isinstance(self._held, Problem):
            raise replace(self._held)
        if type(value.get("claims")) is not dict or len(value) > 1:
            value = self._claims.load(value)
        return self._held.rebound({"claims": value["claims"]})

    def row(self, value: Mapping[str, Any]) -> Row | None:
        if self.is_relied_on(value):
            return None
        if len(value) > 1:  # no claims alone: a whole message, if anything
            return self._whole.row(value)
        return plain_numbers(value.get("claims"))

    def is_relied_on(self, value: Mapping[str, Any]) -> bool:
        return "reference" in value

    def loses(self, line: bytes) -> bool:
        return b'"reference"' in line

    def unreadable(self, line: bytes) -> None:
        """Claims that follow a broken reference are not to be judged by the one before it."""
        if self.loses(line):
            self._held = invalid([_LOST])

    def refused(self, problem: Problem) -> None:
        self._held = problem

    def _reference(self, value: Mapping[str, Any]) -> Message:
        """The message of a reference, which is held."""
        self._held = invalid([_LOST])
        faults = [
            Fault("unknown_member", f"unknown member {m!r} beside a reference", (m,))
            for m in sorted(value.keys() - {"reference"})
        ]
        try:
            message = replace(cast("GradeMessage", super().load(value["reference"])), stream=self)
            held = replace(message, reference=_made(message, self._limits))
        except ValidationError as error:
            faults += [f.under("reference") for f in _told(faults_of(error), value["reference"])]
        except InvalidError as error:
            faults += message.faults(error)
        else:
            size = size_of(held.graph)
            self._size = size + 8 * sum(map(np.size, held.arguments["bindings"].values()))
            if size > _LARGEST:
                detail = f"a stream keeps references of up to {_LARGEST:,} bytes, not {size:,}"
                faults.append(Fault("limit_exceeded", detail, ("reference",)))
        if faults:
            self._held = invalid(faults)
            raise replace(self._held)
        self._held = held
        return held


_LOST: Final = Fault("invalid_value", "the reference before this line could not be read")


def _told(faults: list[Fault], value: Any) -> list[Fault]:
    """The faults that may be told of a message."""
    hidden = isinstance(value, dict) and value.get("reveal") is False
    return [kept_back(fault) for fault in faults] if hidden else faults
