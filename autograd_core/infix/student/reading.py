"""Student notation -> tokens that the parser of the strict language reads."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from autograd_core.errors import ExpressionError
from autograd_core.infix.lexer import Source, Token
from autograd_core.infix.student.bars import paired
from autograd_core.infix.student.pieces import pieces_of
from autograd_core.infix.student.readings import Doubts
from autograd_core.infix.student.rewriting import Rewriter


def rewritten(
    text: str, tokens: Sequence[Token], names: Collection[str] | None
) -> tuple[list[Token], ExpressionError | None]:
    """The tokens of a text (`lexing.lexed`) in the strict language, at the offsets of what they
    stand for. names: those that are known, if the caller knows any.

    With them the error to raise if the parser finds nothing wrong: something has two readings,
    of which the tokens are the first. Raises ExpressionError for what only this notation could
    read, and does not. All else that means nothing is left to the parser to complain of.
    """
    doubts = Doubts(Source(text))
    pieces = paired(pieces_of(tokens, doubts, names), doubts)
    return Rewriter(pieces, doubts).run(), doubts.first
