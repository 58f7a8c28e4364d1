"""How the name of a function is used: sin(x), sin^2(x), sin x, or alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from autograd_core.infix.lexer import Token
from autograd_core.infix.student.readings import Doubts
from autograd_core.infix.student.vocabulary import (
    AS_DIGITS,
    OPERAND_STARTS,
    SUPERSCRIPT,
    Application,
    placed,
)


class Use(NamedTuple):
    """How a function is applied: to which power it is raised, and which piece its argument begins
    with.
    """

    power: Sequence[Token]
    argument: int


class Uses:
    """The functions among some pieces, which end with three that are nothing."""

    def __init__(self, pieces: Sequence[Token], doubts: Doubts) -> None:
        self._pieces = pieces
        self._doubts = doubts

    def of(self, number: int, name: Application) -> Use | None:
        """How the function of this name is applied; None where its name stands alone."""
        pieces = self._pieces
        number += 1
        power: Sequence[Token] = ()
        if pieces[number].type == SUPERSCRIPT:
            power = on_the_line(pieces[number])
            number += 1
        elif pieces[number].value in {"^", "**"}:
            first = last = number + 1
            if pieces[first].type == "SIGN":
                last += 1
            elif pieces[first].type == "LPAR":
                self._refuse_derivative(first, name)
            if pieces[last].type not in {"NUMBER", "NAME"}:
                return None
            number = last + 1
            power = pieces[first:number]
        argument = pieces[number]
        if argument.type == "LPAR":
            return Use(power, number)
        starts = argument.type in OPERAND_STARTS and argument.type != "LSQB"
        if not name.function.bare or not starts:
            return None
        return Use(power, number)

    def _refuse_derivative(self, opening: int, name: Token) -> None:
        """f^(2)(x) is a derivative for some, a power for others."""
        closing = self._partners.get(opening)
        if closing is not None and self._pieces[closing + 1].type in OPERAND_STARTS:
            function = name.value
            detail = (
                f"this can be read in several ways, as a power of {function}, as its inverse or as "
                f"a derivative of it: a power is written {function}(x)**2"
            )
            raise self._doubts.refusal(name.start_pos, detail)

    @cached_property
    def _partners(self) -> Mapping[int, int]:
        """Where each parenthesis closes, by the number of the piece that opens it."""
        partners: dict[int, int] = {}
        opened: list[int] = []
        for number, piece in enumerate(self._pieces):
            if piece.type == "LPAR":
                opened.append(number)
            elif piece.type == "RPAR" and opened:
                partners[opened.pop()] = number
        return partners


def on_the_line(superscript: Token) -> list[Token]:
    """A superscript as tokens: a sign, if it has one, and a number or name."""
    text = superscript.value.translate(AS_DIGITS)
    sign = [("SIGN", text[0])] if text[0] in "+-" else []
    digits = text.lstrip("+-")
    kind = "NAME" if digits == "n" else "NUMBER"
    return placed([*sign, (kind, digits)], superscript.start_pos)
