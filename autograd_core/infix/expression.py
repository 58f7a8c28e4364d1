"""Infix text -> Graph: "3*x**2 - 4*x + 5".

The grammar is expression.lark; the rest of the language is in the package `infix`. lark's LALR
parser keeps its own stack, and the graph is built by its callbacks while the text is read:
nothing recurses, however deep the parentheses go, and nothing the caller writes is evaluated
as code.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from lark import Lark, UnexpectedToken

from autograd_core.errors import ExpressionError, Fault
from autograd_core.graph import Graph
from autograd_core.infix.actions import Reader
from autograd_core.infix.building import Draft
from autograd_core.infix.lexer import ExpressionLexer, Source, Token
from autograd_core.infix.student.lexing import lexed
from autograd_core.infix.student.reading import rewritten
from autograd_core.infix.syntax_errors import explain
from autograd_core.infix.vocabulary import CONSTANTS
from autograd_core.limits import DEFAULT_LIMITS, Deadline, Limits, watched
from autograd_core.names import normalized

__all__ = ["CONSTANTS", "Notation", "is_name", "parse"]

Notation = Literal["strict", "student"]
"""How a text is written: in the language of expression.lark, or as on paper (infix/student)."""

_READER = Reader()
_PARSER = Lark(
    Path(__file__).with_name("expression.lark").read_text(encoding="utf-8"),
    parser="lalr",
    lexer=ExpressionLexer,
    transformer=_READER,
    # Every callback gets its alternative's symbols as they stand, without a filter on the way.
    keep_all_tokens=True,
    maybe_placeholders=False,
)
_LEXER = ExpressionLexer(_PARSER.lexer_conf)


def parse(
    text: str,
    limits: Limits = DEFAULT_LIMITS,
    notation: Notation = "strict",
    names: Collection[str] | None = None,
) -> Graph:
    """Read infix text; the result of the graph is the value of the last statement.

    names: in student notation, the names that are known, if any are: with x and y among them and
    xy not, xy is their product.

    Raises ExpressionError: with one fault (syntax_error, limit_exceeded) for text that cannot
    be read to its end, else with every fault found. Faults carry line and column.
    """
    if len(text) > limits.expression:
        detail = f"{len(text):,} characters are over the limit of {limits.expression:,}"
        raise ExpressionError(Fault("limit_exceeded", detail))
    draft = _READER.draft = Draft(text, limits)
    tokens: Iterable[Token] | None = None
    try:
        if notation == "strict":
            _PARSER.parse(text)
        else:
            tokens = lexed(text, _LEXER, names)
            strict, doubt = rewritten(text, tokens, names)
            _parse_tokens(strict)
            if doubt is not None:
                raise doubt
        return draft.graph()
    except UnexpectedToken as error:
        raise ExpressionError(_syntax_fault(text, tokens, error.token)) from None
    finally:
        del _READER.draft


def is_name(text: str) -> bool:
    """Whether a text can stand in an expression as a name, and is that name."""
    tokens = [(token.type, token.value) for token in islice(_LEXER.tokens(text), 2)]
    return tokens == [("NAME", text)] and text == normalized(text)


def _parse_tokens(tokens: Iterable[Token]) -> None:
    """What parsing a text does with its tokens."""
    parser = _PARSER.parse_interactive("")
    for token in watched(tokens, Deadline.current()):
        parser.feed_token(token)  # type: ignore[arg-type]  # a Token of ours does for lark's
    parser.feed_eof()  # type: ignore[no-untyped-call]  # lark's


def _syntax_fault(text: str, tokens: Iterable[Token] | None, found: Any) -> Fault:
    """What to say of the token that the parser has no use for (lark's own, where text ends).

    tokens: those of the text, where they are not the lexer's.
    """
    remaining = iter(_LEXER.tokens(text) if tokens is None else tokens)
    if found.type == "$END":
        return explain(Source(text), list(remaining), None, [])
    before: list[Token] = []
    while (token := next(remaining, found)).start_pos < found.start_pos:
        before.append(token)
    return explain(Source(text), before, token, list(islice(remaining, 2)))
