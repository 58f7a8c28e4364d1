"""Which bars open an absolute value, and which close one.

Between the same brackets, a bar where an operand is due opens. After an operand it may close, or
open with the sign of a product left out: the ways in which all bars pair are counted by how many
are open at each, from the last bar back. A set of such depths is a number, a bit for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from autograd_core.infix.lexer import Token
from autograd_core.infix.student.readings import Doubts
from autograd_core.infix.student.rewriting import Rewriter
from autograd_core.infix.student.vocabulary import (
    BAR,
    BAR_CLOSES,
    BAR_OPENS,
    CLOSING,
    OPENING,
    OPERAND_STARTS,
    SUPERSCRIPT,
    Application,
    placed,
)

_DEEPEST = 32
_DEPTHS = (1 << _DEEPEST) - 1
_OPERAND_ENDS = frozenset({"NUMBER", "NAME", "CONSTANT", "RPAR", "RSQB", SUPERSCRIPT})
_MAY_FOLLOW_OPENING = OPERAND_STARTS | {"SIGN"}
_BOUNDARIES = frozenset({"COMMA", "COLON", "SEPARATOR", "EQUAL"})

Directions = list[bool]
"""For each of some bars, whether it opens."""


def paired(pieces: Sequence[Token], doubts: Doubts) -> list[Token]:
    """The pieces, with bars told apart. Raises ExpressionError where they do not pair."""
    told = list(pieces)
    levels: list[list[int]] = [[]]  # by open bracket, the bars in it
    for number, piece in enumerate(pieces):
        if piece.type == BAR:
            levels[-1].append(number)
        elif piece.type in {"LPAR", "LSQB"}:
            levels.append([])
        elif piece.type in _BOUNDARIES:
            _Level(told, levels[-1], doubts).pair()
            levels[-1] = []
        elif piece.type in {"RPAR", "RSQB"} and len(levels) > 1:
            _Level(told, levels.pop(), doubts).pair()
    for level in levels:
        _Level(told, level, doubts).pair()
    return told


class _Bar(NamedTuple):
    """What is known of a bar before they are paired.

    follows: None after another bar; else whether it follows an operand. may_open: what comes next
    allows it. joined: the next bar comes next; signed: a sign does.
    """

    follows: bool | None
    may_open: bool
    joined: bool
    signed: bool


class _Level:
    """The bars between the same brackets, by their numbers among the pieces."""

    def __init__(self, pieces: list[Token], numbers: list[int], doubts: Doubts) -> None:
        self._pieces = pieces
        self._numbers = numbers
        self._doubts = doubts

    def pair(self) -> None:
        """Tell the bars apart, in the pieces."""
        if not self._numbers:
            return
        bars = [self._bar(number) for number in self._numbers]
        completions = _completions(bars)
        if not completions[0][bool(bars[0].follows)] & 1:
            detail = (
                "the bars do not pair: an absolute value is written |x| or abs(x), and 'or' is "
                "written logical_or(a, b)"
            )
            raise self._doubts.refusal(self._pieces[self._numbers[0]].start_pos, detail)
        first, other = _directions(bars, completions, None)
        if other is not None:
            second, _ = _directions(bars, completions, other)
            offset = self._pieces[self._numbers[other]].start_pos
            self._doubts.add(offset, lambda: [self._strict(first), self._strict(second)])
        for number, piece in zip(self._numbers, self._told(first), strict=True):
            self._pieces[number] = piece
        self._note_norms(first)

    def _bar(self, number: int) -> _Bar:
        previous = self._pieces[number - 1] if number else None
        following = self._pieces[number + 1] if number + 1 < len(self._pieces) else None
        joined = following is not None and following.type == BAR
        may_open = following is not None and following.type in _MAY_FOLLOW_OPENING
        signed = following is not None and following.type == "SIGN"
        follows = previous is not None and _ends_operand(previous)
        if previous is not None and previous.type == BAR:
            return _Bar(None, may_open, joined, signed)
        return _Bar(follows, may_open, joined, signed)

    def _told(self, directions: Directions) -> list[Token]:
        """The bars, told apart."""
        return [
            Token(BAR_OPENS if opens else BAR_CLOSES, "|", self._pieces[number].start_pos)
            for number, opens in zip(self._numbers, directions, strict=True)
        ]

    def _strict(self, directions: Directions) -> list[Token]:
        """What stands from the first bar to the last, in the strict language."""
        first, last = self._numbers[0], self._numbers[-1]
        pieces = self._pieces[first : last + 1]
        for number, bar in zip(self._numbers, self._told(directions), strict=True):
            pieces[number - first] = bar
        return Rewriter(pieces, Doubts(self._doubts.source)).run()

    def _note_norms(self, directions: Directions) -> None:
        """||x|| is a norm, or an absolute value twice."""
        opened: list[int] = []
        inner = -1, -1  # the absolute value that was closed last
        for number, opens in zip(self._numbers, directions, strict=True):
            if opens:
                opened.append(number)
                continue
            outer = opened.pop(), number
            if inner == (outer[0] + 1, outer[1] - 1):
                offset = self._pieces[outer[0]].start_pos
                self._doubts.add(offset, partial(self._norm, *inner))
            inner = outer

    def _norm(self, opening: int, closing: int) -> list[list[Token]]:
        """The readings of bars in bars, where the inner ones are at these places."""
        content = self._pieces[opening + 1 : closing]
        strict = Rewriter(content, Doubts(self._doubts.source)).run()
        return [
            [*placed([("NAME", name), OPENING] * count, 0), *strict, *placed([CLOSING] * count, 0)]
            for name, count in (("norm", 1), ("abs", 2))
        ]


def _ends_operand(piece: Token) -> bool:
    if isinstance(piece, Application):
        return not piece.function.bare
    return piece.type in _OPERAND_ENDS


def _completions(bars: Sequence[_Bar]) -> list[tuple[int, int]]:
    """For each bar, and for the end: the depths before it from which the rest can be paired, where
    an operand is due and where one has ended.
    """
    after = (1, 1)
    found = [after]
    follows = False
    for bar in reversed(bars):
        opening = after[False if bar.joined else follows] >> 1 if bar.may_open else 0
        closing = after[True if bar.joined else follows] << 1 & _DEPTHS
        after = (opening, opening | closing)
        found.append(after)
        follows = bool(bar.follows)
    return found[::-1]


def _directions(
    bars: Sequence[_Bar], completions: Sequence[tuple[int, int]], turned: int | None
) -> tuple[Directions, int | None]:
    """A way to pair all bars, which closes where it can, and the first bar that could do otherwise.

    In |a||b| - |c||d| none could: where no absolute value is in another, and none begins with a
    sign after a factor, nobody means one that is or does.

    turned: a bar that is to open although it could close.
    """
    directions: Directions = []
    choices: list[int] = []
    depth, ended, plain = 0, False, True
    for place, bar in enumerate(bars):
        ended = ended if bar.follows is None else bar.follows
        following = completions[place + 1]
        follows = bars[place + 1].follows if place + 1 < len(bars) else False
        can_open = bar.may_open and following[bool(follows)] >> (depth + 1) & 1
        if not ended or not depth or not following[follows is not False] >> (depth - 1) & 1:
            opens = True
        else:
            opens = place == turned
            choices += [place] if can_open else []
        directions.append(opens)
        depth += 1 if opens else -1
        plain = plain and depth < 2 and not (opens and ended and bar.signed)
        ended = not opens
    if plain:
        choices = [at for at in choices if not bars[at].joined and not bars[at].signed]
    return directions, choices[0] if choices else None
