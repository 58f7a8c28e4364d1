"""Where a product without a sign has other readings than factor after factor."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograd_core.infix.lexer import Token
from autograd_core.infix.student.frames import Factor, Frame
from autograd_core.infix.student.readings import END, Edit, wrapped
from autograd_core.infix.student.vocabulary import (
    CLOSING,
    CONSTANT,
    FUNCTION,
    OPENING,
    POWER,
    ROOT,
    TIMES,
    placed,
)

_NUMBER = re.compile(r"[0-9]+\.?[0-9]*")
_SCIENTIFIC = re.compile(r"(.*)[eE]([+-]?)(.*)")


def product_doubts(
    output: Sequence[Token], frame: Frame, factor: Factor, piece: Token, *, touches: bool
) -> list[list[Edit]]:
    """The other readings of a factor and a piece that follows it without a sign: for each, the
    edits of the output once the sign of a product has been written at its end.

    touches: no space is between them.
    """
    sign = len(output)
    if piece.type == "NUMBER":  # x 2 may be a power whose superscript got lost, 2 3 one number
        power = [Edit(sign, sign + 1, placed([POWER], 0))]
        alone = factor.kind == "number" and factor.exponent is None
        is_one = alone and _NUMBER.fullmatch(factor.word + piece.value)
        return [[Edit(sign, sign + 1)], power] if is_one else [power]
    found: list[list[Edit]] = []
    if _in_exponent(factor, piece):
        found.append(wrapped(factor.exponent_start))
    if frame.divisor is not None:
        found.append(wrapped(frame.divisor))
    if factor.open and not (factor.settled and _ends_argument(factor, piece)):
        found.append(factor.going_on(output))
    if touches and factor.kind == "number" and factor.exponent is None:
        found += _scientific(factor, piece)
    return found


def _in_exponent(factor: Factor, piece: Token) -> bool:
    """Whether what follows a power could belong to its exponent: e^2x, x^ab, but not x^2y."""
    if factor.exponent == "bare":
        return True
    if factor.exponent == "number":
        return factor.constant_base or (piece.type == "NAME" and piece.value == factor.word)
    return factor.exponent == "name" and piece.type in {"NAME", CONSTANT}


def _ends_argument(factor: Factor, piece: Token) -> bool:
    """Whether an argument without parentheses ends before this piece: sin x cos x, √x√y."""
    if piece.type == FUNCTION:
        return True
    return piece.type == ROOT and "bare" not in {factor.kind, factor.exponent}


def _scientific(factor: Factor, piece: Token) -> list[list[Edit]]:
    """2e-3x may be 2*e - 3*x, and 2e3x may be 2*e**(3*x)."""
    match = _SCIENTIFIC.fullmatch(factor.word)
    if match is None or piece.type not in {"NAME", CONSTANT, FUNCTION}:
        return []
    digits, sign, rest = match.groups()
    product = [("NUMBER", digits), TIMES, ("NAME", "e")]
    number = ("NUMBER", rest)
    where = factor.start, factor.start + 1
    if sign:
        return [[Edit(*where, placed([*product, ("SIGN", sign), number], 0))]]
    power = placed([*product, POWER, OPENING, number], 0)
    return [[Edit(*where, power), Edit(END, END, placed([CLOSING], 0))]]


def divided_power(factor: Factor, divisor: Token) -> bool:
    """Whether x^1/2 may be meant as x^(1/2): nobody writes a power of one to divide it."""
    return factor.exponent_word == "1" and divisor.type == "NUMBER"
