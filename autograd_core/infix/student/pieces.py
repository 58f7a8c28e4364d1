"""Tokens of student notation -> pieces: tokens whose role is known."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from autograd_core.infix.lexer import Source, Token
from autograd_core.infix.student.readings import Doubts
from autograd_core.infix.student.vocabulary import (
    AS_DIGITS,
    BAR,
    CONSTANT,
    EXPONENT,
    FUNCTION,
    PRIMES,
    ROOT,
    ROOTS,
    SUPERSCRIPT,
    SUPERSCRIPTS,
)
from autograd_core.infix.student.words import Words
from autograd_core.limits import Deadline, watched

_PRIME = (
    "derivatives are not written f' here, except on the left of one =: write the formula, "
    "as in f'(x) = 6x - 4"
)
_MAY_HAVE_PRIMES = frozenset({"NAME", CONSTANT, FUNCTION, "RPAR"})


def pieces_of(
    tokens: Sequence[Token], doubts: Doubts, names: Collection[str] | None
) -> list[Token]:
    """The pieces, in order. Raises ExpressionError for f'."""
    words = Words(tokens, names, doubts)
    pieces: list[Token] = []
    end = -1  # where the piece before ends
    for number, token in watched(enumerate(tokens), Deadline.current()):
        start = token.start_pos
        if token.type == "NAME":
            pieces += words.read(number)
        elif token.value[0] in PRIMES and start == end and pieces[-1].type in _MAY_HAVE_PRIMES:
            raise doubts.refusal(start, _PRIME)
        elif start >= end:
            pieces += _signs(token, doubts.source)
        end = max(end, pieces[-1].start_pos + len(pieces[-1].value))
    return pieces


def _signs(token: Token, source: Source) -> list[Token]:
    """A token that is no name: bars one by one, superscripts together."""
    value, start = token.value, token.start_pos
    if token.type == "FOREIGN" and value == "||":
        return [Token(BAR, "|", start), Token(BAR, "|", start + 1)]
    if token.type != "UNKNOWN":
        return [token]
    if value == "|":
        return [Token(BAR, value, start)]
    if value in ROOTS:
        return [Token(ROOT, value, start)]
    digits = SUPERSCRIPTS.match(source.text, start)
    if digits is None:
        return [token]
    if EXPONENT.fullmatch(digits[0].translate(AS_DIGITS)) is None:  # nor is any end of them one
        return [Token(token.type, each, start + at) for at, each in enumerate(digits[0])]
    return [Token(SUPERSCRIPT, digits[0], start)]
