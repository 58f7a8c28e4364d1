"""The graph of a text while it is being read: its names, its nodes, its faults.

What the parser hands to it as an operand is one of three: an operand code (int); a token, when
nobody has needed it as an operand yet (a number may turn out to be an attribute, or take a
sign); or a list literal, for the same reason.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autograd_core.errors import ExpressionError, Fault, TensorError
from autograd_core.graph import Attributes, Graph
from autograd_core.graph_builder import GraphBuilder
from autograd_core.infix import semantic_errors as hints
from autograd_core.infix.lexer import Source, Token
from autograd_core.infix.vocabulary import CONSTANTS, WORDS
from autograd_core.limits import Limits
from autograd_core.names import name_fault, normalized
from autograd_core.tensors import tensor

# What may stand before the first token of a statement.
_BETWEEN = re.compile(r"(?:[;\s\ufeff]|#[^\n\r]*)*")

_COMMENT = re.compile(r"#[^\n\r]*")

# Digits of a whole number that is surely exact as a float; a longer one is read as a float.
_LONG = 16


class Literal:
    """A list as written; its place will tell whether it is an operand or an attribute.

    value: its entries as plain Python values. stray: offset of the first that is not plain.
    """

    __slots__ = ("start_pos", "stray", "value")

    def __init__(self, start: int) -> None:
        self.start_pos = start
        self.stray: int | None = None
        self.value: list[Any] = []


class Draft:
    """A graph in the making. Faults are collected; only their limit raises."""

    def __init__(self, text: str, limits: Limits) -> None:
        self.result: int | None = None
        self._source = Source(text)
        self._limits = limits
        self._builder = GraphBuilder(CONSTANTS)
        self._faults: list[Fault] = []
        self._codes: dict[str, int] = {}  # of every name seen so far
        self._assigned: dict[str, int] = {}  # offsets of the statements that gave a name
        self._offsets: dict[int, int] = {}  # of nodes, by number
        self._leaf_offsets: dict[int, int] = {}  # of inputs, by leaf number
        self._statement_after = 0  # offset of the end of the separator before the statement

    def graph(self) -> Graph:
        """What has been read. Raises ExpressionError."""
        nodes = len(self._builder)
        if nodes > self._limits.nodes:
            detail = f"the expression makes {nodes:,} nodes; the limit is {self._limits.nodes:,}"
            self._faults.append(Fault("limit_exceeded", detail))
        if self._faults:
            raise ExpressionError(self._faults)
        return replace(
            self._builder.build(self.result),
            places=self._source.places(self._offsets),
            leaf_places=self._source.places(self._leaf_offsets),
        )

    def fault(self, code: str, detail: str, offset: int) -> int:
        """Note a fault. Returns a stand-in operand, so that reading goes on to find others."""
        self._faults.append(self.located(code, detail, offset))
        if len(self._faults) >= self._limits.faults:
            raise ExpressionError(self._faults)
        stand_in = self._builder.constant(0.0)
        self._leaf_offsets.setdefault(~stand_in, offset)
        return stand_in

    def located(self, code: str, detail: str, offset: int) -> Fault:
        """A fault at this offset of the text."""
        return self._source.place(offset).fault(code, detail)

    def apply(
        self,
        operation: str,
        operands: Sequence[int],
        offset: int,
        attributes: Attributes | None = None,
    ) -> int:
        """A new node, written at this offset."""
        code = self._builder.apply(operation, operands, attributes)
        self._offsets[code] = offset
        return code

    def statement_follows(self, separator: Token, *, has_effect: bool) -> None:
        """Note that after `separator` comes another statement; a fault if the one before it had
        no effect, as it gave nothing a name.
        """
        text, before = self._source.text, self._statement_after
        self._statement_after = separator.start_pos + len(separator.value)
        if has_effect:
            return
        start, follows = _first_token(text, before), _first_token(text, self._statement_after)
        statement = _COMMENT.sub("", text[start : separator.start_pos])
        detail = hints.without_effect(statement, text[follows])
        self.fault("syntax_error", detail, start)

    # --- names ------------------------------------------------------------------------

    def spelling(self, token: Token) -> str:
        """A name as it is compared."""
        return normalized(token.value, self._limits)

    def knows(self, name: str) -> bool:
        """Whether a name has been used for a value so far."""
        return name in self._codes

    def named(self, value: Any) -> Any:
        """An operand; if it is a name, its code: so inputs are met in the order written."""
        if type(value) is not Token or value.type != "NAME":
            return value
        code = self._codes.get(value.value)
        return self._looked_up(value) if code is None else code

    def _looked_up(self, token: Token) -> int:
        name = self.spelling(token)
        code = self._codes.get(name)
        if code is None:
            code = self._codes[name] = self._builder.input(name)
            self._leaf_offsets[~code] = token.start_pos
            fault = name_fault(name, self._limits)
            if fault is not None:
                self.fault(fault.code, fault.detail, token.start_pos)
        return code

    def give_name(self, target: Token, code: int) -> int:
        """Name an operand, in a node of its own unless it is a node that has no name yet."""
        name = self.spelling(target)
        if not self._may_be_given(name, target.start_pos):
            return code
        if code < 0 or self._builder.id_of(code) is not None:
            code = self.apply("identity", (code,), target.start_pos)
        self._builder.rename(code, name)
        self._codes[name] = code
        self._assigned[name] = target.start_pos
        return code

    def _may_be_given(self, name: str, offset: int) -> bool:
        """Whether the statement at this offset may give this name; a fault says why not."""
        fault = name_fault(name, self._limits)
        if fault is not None:
            self.fault(fault.code, fault.detail, offset)
        elif name in self._assigned:
            line = self._source.locate(self._assigned[name])[0]
            self.fault("duplicate_id", hints.given_twice(name, line), offset)
        elif name not in self._codes:
            return True
        elif self._leaf_offsets[~self._codes[name]] > offset:
            self.fault("name_clash", hints.given_by_itself(name), offset)
        else:
            line = self._source.locate(offset)[0]
            used = self._leaf_offsets[~self._codes[name]]
            self.fault("unbound_name", hints.given_too_late(name, line), used)
        return False

    # --- values -----------------------------------------------------------------------

    def operand(self, value: Any) -> int:
        """The operand code of a code, a token or a list literal."""
        if type(value) is int:
            return value
        if type(value) is Literal:
            return self._tensor(value)
        if value.type == "NUMBER":
            return self._builder.constant(self._float(value))
        code: int = self.named(value)
        return code

    def is_constant(self, code: int) -> bool:
        """Whether an operand is a constant, neither a node nor an input."""
        return code < 0 and ~code not in self._leaf_offsets

    def plain(self, value: Any) -> tuple[Any, int | None]:
        """A value as an attribute or an entry of a list, and the offset of what is not plain."""
        if type(value) is Literal:
            return value.value, value.stray
        if type(value) is Token:
            if value.type == "NUMBER":
                return self.number(value), None
            if value.type == "STRING":
                return value.value[1:-1], None
            if value.value in WORDS:
                return WORDS[value.value], None
        return None, self.offset_of(value)

    def number(self, token: Token) -> float:
        """An int if the number is written as one, for attributes that are whole numbers."""
        digits = token.value
        if len(digits) < _LONG and digits.lstrip("-").isdigit():
            return int(digits)
        return self._float(token)

    def offset_of(self, value: Any) -> int:
        """Where a value was written."""
        if type(value) is not int:
            offset: int = value.start_pos
            return offset
        return self._offsets[value] if value >= 0 else self._leaf_offsets[~value]

    def _float(self, token: Token) -> float:
        number = float(token.value)
        if math.isinf(number):
            self.fault("invalid_value", hints.TOO_LARGE, token.start_pos)
        return number

    def _tensor(self, literal: Literal) -> int:
        if literal.stray is not None:
            return self.fault("not_a_number", hints.STACK, literal.stray)
        try:
            return self._builder.constant(tensor(literal.value, self._limits))
        except TensorError as error:
            for fault in error.faults:
                where = f", at {list(fault.path)}" if fault.path else ""
                code = self.fault(fault.code, fault.detail + where, literal.start_pos)
            return code


def _first_token(text: str, offset: int) -> int:
    """Offset of the first token from there on, past separators, spaces and comments."""
    between = _BETWEEN.match(text, offset)
    return offset if between is None else between.end()
