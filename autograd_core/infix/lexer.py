"""Infix text -> tokens, and offsets -> lines and columns.

The terminals are those of expression.lark. lark's own lexers take twice as long for a token,
and a line break separates statements only outside brackets, which asks for a count of the
brackets that are open.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from lark.common import LexerConf
from lark.lexer import Lexer, LexerState

from autograd_core.graph import Place, Places
from autograd_core.limits import Deadline, watched

# Symbols of other languages: met whole, so that they can be explained whole. Then anything else.
_FOREIGN = r"//=?|\*\*=|[+\-*/^@%]=|&&|\|\||<>|===|!==|=>|:=|->|\.\.\."
_UNKNOWN = r"(?s:.)"

_BRACKETS = {"LPAR": 1, "LSQB": 1, "RPAR": -1, "RSQB": -1}
_LINE_BREAK = re.compile(r"\r\n|[\r\n]")


class Token:
    """A piece of text: what lark's parser asks of a token, and no more.

    lark's own Token is a string with eight fields, and takes four times as long to make. The
    fields of the class are what lark copies into the token that ends the text.
    """

    __slots__ = ("start_pos", "type", "value")

    line: ClassVar[None] = None
    column: ClassVar[None] = None
    end_line: ClassVar[None] = None
    end_column: ClassVar[None] = None
    end_pos: ClassVar[None] = None

    def __init__(self, kind: str, value: str, start: int) -> None:
        self.type = kind
        self.value = value
        self.start_pos = start


class ExpressionLexer(Lexer):
    """Tokens of infix text, in the shape lark wants its lexers."""

    __future_interface__ = 2  # lex() is given lark's LexerState

    def __init__(self, conf: LexerConf) -> None:
        patterns = {terminal.name: terminal.pattern.to_regexp() for terminal in conf.terminals}
        ignored = "|".join(patterns.pop(name) for name in conf.ignore)
        # Names and numbers first: they are what most tokens are. What lex() has to look at
        # twice goes last.
        order = ["NAME", "NUMBER", "FOREIGN"]
        order += [name for name in patterns if name not in {*order, *_BRACKETS, "SEPARATOR"}]
        self._plain = len(order)
        order += [*_BRACKETS, "SEPARATOR", "UNKNOWN", "END"]
        patterns |= {"FOREIGN": _FOREIGN, "UNKNOWN": _UNKNOWN, "END": r"\Z"}
        groups = "|".join(f"({patterns[name]})" for name in order)
        self._pattern = re.compile(f"(?:{ignored})*+(?:{groups})")
        self._kinds = ["", *order]

    def lex(self, lexer_state: LexerState, parser_state: Any) -> Iterator[Any]:
        """The tokens in order, made as the parser asks for them."""
        return self.tokens(str(lexer_state.text.text))

    def tokens(self, text: str) -> Iterator[Token]:
        """The tokens of a text. Never fails: what means nothing here is FOREIGN or UNKNOWN."""
        kinds, plain = self._kinds, self._plain
        ascii_only = text.isascii()
        depth = 0
        for match in watched(self._pattern.finditer(text), Deadline.current()):
            number = match.lastindex or 0
            kind, value, start = kinds[number], match[number], match.start(number)
            if number > plain:
                if kind == "END":
                    return
                depth = max(0, depth + _BRACKETS.get(kind, 0))
                if kind == "SEPARATOR" and depth and ";" not in _LINE_COMMENT.sub("", value):
                    continue
            elif number == 1 and not ascii_only and not value.isidentifier():
                yield from _split_name(value, start)
                continue
            yield Token(kind, value, start)


_LINE_COMMENT = re.compile(r"#[^\r\n]*")


def _split_name(value: str, start: int) -> Iterator[Token]:
    """What is a name at the start of `value`, and the character that cannot be part of it."""
    end = 0 if not value[0].isidentifier() else 1
    while end and ("_" + value[end]).isidentifier():
        end += 1
    if end:
        yield Token("NAME", value[:end], start)
    yield Token("UNKNOWN", value[end], start + end)


class Source:
    """A text, and where its lines begin."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines: list[int] | None = None

    def locate(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of a character of the text."""
        if self._lines is None:
            self._lines = [0, *(match.end() for match in _LINE_BREAK.finditer(self.text))]
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def place(self, offset: int) -> Place:
        """The place of what begins at a character of the text."""
        line, column = self.locate(offset)
        return Place(line=line, column=column)

    def places(self, offsets: Mapping[int, int]) -> Places:
        """Places of nodes or leaves from their offsets."""
        return Places(offsets, lambda number: self.place(offsets[number]))
