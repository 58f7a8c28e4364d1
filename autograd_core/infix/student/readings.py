"""Two readings of one text: how both are written in the strict language, and said."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from autograd_core.errors import ExpressionError, Fault
from autograd_core.infix.lexer import Source, Token
from autograd_core.infix.vocabulary import COMPARISON, OPERATORS

END: Final = sys.maxsize
"""As an index: where the output ends when the doubt is settled."""

_LONGEST = 60
_CANONICAL = {"^": "**", "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "−": "-", "–": "-"}
_OPERAND_ENDS = frozenset({"NAME", "NUMBER", "STRING", "RPAR", "RSQB", "WRAP_END"})


class Edit(NamedTuple):
    """Put `tokens` in place of those from start to stop."""

    start: int
    stop: int
    tokens: Sequence[Token] = ()


def wrapped(start: int, stop: int = END) -> list[Edit]:
    """Parentheses around the tokens from start to stop: of a type of their own, as they are what
    tells the readings apart.
    """
    return [
        Edit(start, start, [Token("WRAP", "(", 0)]),
        Edit(stop, stop, [Token("WRAP_END", ")", 0)]),
    ]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Tokens of an output, from `start`, that could have been others.

    offset: where in the text. others: for each other reading the edits that lead to it.
    """

    offset: int
    start: int
    others: Sequence[Sequence[Edit]]

    def readings(self, output: Sequence[Token]) -> list[Sequence[Token]]:
        """All of them, once the output holds all that is in doubt."""
        edited = [_edited(output, self.start, edits) for edits in self.others]
        return [output[self.start :], *edited]


class Doubts:
    """The doubts about one text. first: the error to raise if it can be parsed at all."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.first: ExpressionError | None = None

    def add(self, offset: int, readings: Callable[[], Sequence[Sequence[Token]]]) -> None:
        """What is written there has these readings, in tokens of the strict language."""
        if self.first is None:
            *others, last = _shown(readings())
            count = "two" if len(others) == 1 else "several"
            detail = f"this can be read in {count} ways, as {', as '.join(others)} or as {last}"
            self.first = self.refusal(offset, f"{detail}: write the one that is meant")

    def refusal(self, offset: int, detail: str) -> ExpressionError:
        """The error of a text that is not read, for the reason given."""
        line, column = self.source.locate(offset)
        return ExpressionError(Fault("syntax_error", detail, line=line, column=column))


def _shown(readings: Sequence[Sequence[Token]]) -> list[str]:
    """Readings as text; of long ones what parentheses hold gives way to dots, if they differ
    without it, and then what is far from where they begin to differ.
    """
    texts = [_joined(tokens) for tokens in readings]
    if max(map(len, texts)) > _LONGEST:
        shortened = [_joined(_without_arguments(tokens)) for tokens in readings]
        texts = shortened if len(set(shortened)) == len(texts) else texts
    if max(map(len, texts)) <= _LONGEST:
        return texts
    columns = enumerate(zip(*texts, strict=False))
    differ = next((place for place, column in columns if len(set(column)) > 1), len(texts[0]))
    return [_excerpt(text, max(0, differ - _LONGEST // 2)) for text in texts]


def _excerpt(text: str, start: int) -> str:
    end = start + _LONGEST
    return "..." * (start > 0) + text[start:end] + "..." * (end < len(text))


def _joined(tokens: Iterable[Token]) -> str:
    parts: list[str] = []
    previous = ""
    for token in tokens:
        value = _CANONICAL.get(token.value, token.value)
        spaced = token.type == "SIGN" and previous in _OPERAND_ENDS
        if token.type == "OPERATOR":
            spaced = OPERATORS[token.value].binds == COMPARISON
        value = f" {value} " if spaced else value
        parts.append(f"{value} " if token.type == "COMMA" else value)
        previous = token.type
    return "".join(part if part.isprintable() else "?" for part in parts).strip()


def _without_arguments(tokens: Iterable[Token]) -> Iterable[Token]:
    depth = 0
    for token in tokens:
        depth -= token.type == "RPAR"
        if depth <= 0:
            yield token
        depth += token.type == "LPAR"
        if depth == 1 and token.type == "LPAR":
            yield Token("NAME", "...", token.start_pos)


def _edited(output: Sequence[Token], start: int, edits: Iterable[Edit]) -> list[Token]:
    """The output from `start`, with the edits made."""
    tokens: list[Token] = []
    for edit in sorted(edits, key=lambda edit: edit.start):
        tokens += output[start : edit.start]
        tokens += edit.tokens
        start = edit.stop
    return tokens + list(output[start:])
