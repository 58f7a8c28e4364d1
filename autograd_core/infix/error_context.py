"""Where the parser stood when it could not go on, and how to quote what stands there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from autograd_core.infix.lexer import Source, Token
from autograd_core.operations import find

Advice = tuple[str, int]
"""A sentence, and the offset it points at."""

CLOSING: Final = {"(": ")", "[": "]"}
OPERAND_STARTS: Final = frozenset({"NAME", "NUMBER", "LPAR", "LSQB"})
_OPERAND_ENDS = frozenset({"NAME", "NUMBER", "STRING", "RPAR", "RSQB"})
_LONGEST_QUOTE = 40

NOTHING: Final = Token("", "", 0)
"""Stands for a token where there is none."""


@dataclass(frozen=True)
class Scene:
    """A text, its tokens up to the one that could not be used (`found`), and a few after it.

    found is None where the text ends too early.
    """

    source: Source
    before: Sequence[Token]
    found: Token | None
    after: Sequence[Token]

    def back(self, distance: int) -> Token:
        """The token so many places before `found`; an empty one where there is none."""
        return self.before[-distance] if len(self.before) >= distance else NOTHING

    @property
    def previous(self) -> Token:
        """The token before `found`."""
        return self.back(1)

    @property
    def waits_for_operand(self) -> bool:
        """Whether an operand had to come next; otherwise an operator, or an end."""
        return self.previous.type not in _OPERAND_ENDS

    @property
    def touches(self) -> bool:
        """Whether nothing stands between `found` and the operand before it."""
        if self.found is None or self.waits_for_operand:
            return False
        return end(self.previous) == self.found.start_pos

    @property
    def starts_line(self) -> bool:
        """Whether `found` is the first thing in its line, though not in its statement."""
        if self.found is None or self.previous is NOTHING:
            return False
        between = self.source.text[end(self.previous) : self.found.start_pos]
        return "\n" in between or "\r" in between

    @cached_property
    def open(self) -> Sequence[Token]:
        """The brackets that are open, the innermost last."""
        stack: list[Token] = []
        for token in self.before:
            if token.value in CLOSING:
                stack.append(token)
            elif token.type in {"RPAR", "RSQB"} and stack:
                stack.pop()
        return stack

    @property
    def statement(self) -> Sequence[Token]:
        """The tokens of this statement so far."""
        for number in range(len(self.before), 0, -1):
            if self.before[number - 1].type == "SEPARATOR":
                return self.before[number:]
        return self.before

    def argument(self, start: int) -> str:
        """What stands in the parentheses that open at `start`, if it is short; else dots."""
        match = _SHORT_GROUP.match(self.source.text, start)
        return match[1].strip() if match and match[1].isprintable() else "..."


_SHORT_GROUP = re.compile(r"\(([^()\r\n]{1,40})\)")


def end(token: Token) -> int:
    """Offset just after a token."""
    return token.start_pos + len(token.value)


def is_function(token: Token) -> bool:
    """Whether a token is the name of an operation."""
    return token.type == "NAME" and find(token.value) is not None


def shown(text: str) -> str:
    """Text from the expression as it is shown in a sentence: short, and fit to be shown."""
    if not text.isprintable():
        text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 3]}..."


def operand_before(token: Token) -> str:
    """The operand that ends with this token, as it is shown in a sentence."""
    if token.type == "RPAR":
        return "(...)"
    if token.type == "RSQB":
        return "[...]"
    return shown(token.value) or "x"
