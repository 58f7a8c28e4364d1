"""Infix text -> Graph: "3*x**2 - 4*x + 5".

The grammar is expression.lark; the rest of the language is in the package `infix`. lark's LALR
parser keeps its own stack, and the graph is built by its callbacks while the text is read:
nothing recurses, however deep the parentheses go, and nothing the caller writes is evaluated
as code.
"""

from __future__ import annotations

from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from lark import Lark, UnexpectedToken

from autograd_core.errors import ExpressionError, Fault
from autograd_core.graph import Graph
from autograd_core.infix.actions import Reader
from autograd_core.infix.building import Draft
from autograd_core.infix.lexer import ExpressionLexer, Source
from autograd_core.infix.syntax_errors import explain
from autograd_core.infix.vocabulary import CONSTANTS
from autograd_core.limits import DEFAULT_LIMITS, Limits
from autograd_core.names import normalized

__all__ = ["CONSTANTS", "is_name", "parse"]

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


def parse(text: str, limits: Limits = DEFAULT_LIMITS) -> Graph:
    """Read infix text; the result of the graph is the value of the last statement.

    Raises ExpressionError: with one fault (syntax_error, limit_exceeded) for text that cannot
    be read to its end, else with every fault found. Faults carry line and column.
    """
    if len(text) > limits.expression:
        detail = f"{len(text):,} characters are over the limit of {limits.expression:,}"
        raise ExpressionError(Fault("limit_exceeded", detail))
    draft = _READER.draft = Draft(text, limits)
    try:
        _PARSER.parse(text)
        return draft.graph()
    except UnexpectedToken as error:
        raise ExpressionError(_syntax_fault(text, error.token)) from None
    finally:
        del _READER.draft


def is_name(text: str) -> bool:
    """Whether a text can stand in an expression as a name, and is that name."""
    tokens = [(token.type, token.value) for token in islice(_LEXER.tokens(text), 2)]
    return tokens == [("NAME", text)] and text == normalized(text)


def _syntax_fault(text: str, found: Any) -> Fault:
    """What to say of the token that the parser has no use for (lark's own, where text ends)."""
    tokens = _LEXER.tokens(text)
    if found.type == "$END":
        return explain(Source(text), list(tokens), None, [])
    before = list(takewhile(lambda token: token.start_pos < found.start_pos, tokens))
    return explain(Source(text), before, found, list(islice(tokens, 2)))
