"""What a word is: a name, a constant, a function, or several of them without a space."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence, Set as AbstractSet
from itertools import pairwise
from typing import Final

from autograd_core.infix.foreign_notation import INFIX_WORDS, PREFIX_WORDS
from autograd_core.infix.lexer import Token
from autograd_core.infix.student.readings import Doubts
from autograd_core.infix.student.rewriting import Rewriter
from autograd_core.infix.student.vocabulary import (
    CONSTANT,
    FOREIGN_WORD,
    FUNCTIONS,
    OTHER_MEANINGS,
    POWER,
    ROOTS,
    SUPERSCRIPTS,
    TIMES,
    Application,
    Function,
    called,
    function,
    placed,
)
from autograd_core.infix.vocabulary import CONSTANTS, WORDS
from autograd_core.names import normalized
from autograd_core.operations import TABLE, find

_LETTERS_OF_FUNCTIONS = frozenset("fghFGH")
_LONGEST: Final = 40  # characters of a word that is taken apart
_NO_OPERANDS: Final = ("NAME", "...")

_SHORT_FUNCTIONS: Final = max(map(len, (*TABLE, *FUNCTIONS)))
_INDEXED = re.compile(r"([^\W\d_])([0-9]+)")
_DIGITS = re.compile("[0-9]+")
_AROUND_PI = re.compile("π|(?<=π)[0-9]+|[^π]+")


class Words:
    """The words of one text. names: those that are known, if the caller knows any."""

    def __init__(
        self, tokens: Sequence[Token], names: Collection[str] | None, doubts: Doubts
    ) -> None:
        self._tokens = tokens
        self._doubts = doubts
        self._names = names if names is None or isinstance(names, AbstractSet) else set(names)
        self._assigned = set(_assigned(tokens))

    def read(self, number: int) -> list[Token]:
        """The pieces that the token of this number, a NAME, stands for. Raises ExpressionError."""
        token, following = self._tokens[number], self._following(number)
        word = normalized(token.value)
        if following.type == "EQUAL" or word in WORDS:
            return [token]
        is_called = following.type == "LPAR"
        if self._is_known(word):
            return [Application(token, called(word)) if is_called and find(word) else token]
        if (word in INFIX_WORDS or word in PREFIX_WORDS) and not is_called:
            return [Token(FOREIGN_WORD, token.value, token.start_pos)]
        meaning = function(word)
        if meaning is not None:
            return [Application(token, meaning, self._other_meaning(word))]
        if word in CONSTANTS or word == "π":
            return [Token(CONSTANT, token.value, token.start_pos)]
        if self._names is not None:
            pieces = self._taken_apart(token, number)
        else:
            pieces = self._around_pi(token)
        if len(pieces) == 1 and is_called and self._is_function_call(word):
            return [Application(token, called(word))]
        return pieces

    def _following(self, number: int) -> Token:
        number += 1
        return self._tokens[number] if number < len(self._tokens) else Token("", "", 0)

    def _is_known(self, word: str) -> bool:
        return word in self._assigned or (self._names is not None and word in self._names)

    def _is_factor(self, letter: str) -> bool:
        """Whether a letter may stand in a product without signs: xy, πx."""
        return self._is_known(letter) or letter in {"e", "π"}

    def _is_function_call(self, word: str) -> bool:
        """Whether f(...) is no product, though f is no operation: the parser is to complain."""
        return self._names is not None or len(word) > 1 or word in _LETTERS_OF_FUNCTIONS

    def _other_meaning(self, word: str) -> Function | None:
        """acos(x) is a*cos(x) as well where there is an a."""
        if word in OTHER_MEANINGS:
            return OTHER_MEANINGS[word]
        inner = function(word[1:])
        if inner is None or not inner.bare or not self._is_known(word[0]):
            return None
        return Function(word, (("NAME", word[0]), TIMES, *inner.before), inner.after, bare=True)

    # --- several in one ---------------------------------------------------------------

    def _around_pi(self, token: Token) -> list[Token]:
        """2πx where no names are known: all else stays whole."""
        parts = _AROUND_PI.finditer(token.value)
        return [self._piece(token, part.start(), part[0]) for part in parts]

    def _piece(self, token: Token, start: int, text: str) -> Token:
        """A part of a word as a piece."""
        offset = token.start_pos + start
        meaning = function(text)
        if text.isdecimal():
            return Token("NUMBER", text, offset)
        if self._is_known(text):
            return Token("NAME", text, offset)
        if text in CONSTANTS or text == "π":
            return Token(CONSTANT, text, offset)
        name = Token("NAME", text, offset)
        return name if meaning is None else Application(name, meaning)

    def _taken_apart(self, token: Token, number: int) -> list[Token]:
        """The parts of a word that is not known as a whole, if they are certain: xy, sin2x."""
        word = token.value
        indexed = _INDEXED.fullmatch(word)
        if indexed is not None and self._is_factor(indexed[1]):
            letter, digits = indexed.groups()
            is_pi = letter == "π" and not self._is_known(letter)
            parts = ("NAME", "pi" if is_pi else letter), ("NUMBER", digits)
            readings = [placed([parts[0], sign, parts[1]], 0) for sign in (TIMES, POWER)]
            self._doubts.add(token.start_pos, lambda: readings)
            return [token]
        ways = self._ways(word, applied=_starts_argument(self._following(number)))
        found = [[self._piece(token, start, text) for start, text in way] for way in ways]
        if not found:
            return [token]
        pieces = found[0]
        for left, right in pairwise(pieces):
            if left.type == CONSTANT and left.value == "e" and right.type in {"NAME", CONSTANT}:
                power = Token("OPERATOR", "^", right.start_pos)
                place = pieces.index(right)
                found.append([*pieces[:place], power, *pieces[place:]])
                break
        if len(found) > 1:
            self._doubts.add(
                token.start_pos,
                lambda: [self._strict([*way, *self._argument(number)]) for way in found],
            )
        return pieces

    def _ways(self, word: str, *, applied: bool) -> list[list[tuple[int, str]]]:
        """At most two of the ways to take a word apart, each as offsets and parts.

        applied: a function at its end has an argument.
        """
        length = len(word)
        if length > _LONGEST:
            return []
        ways: list[list[list[tuple[int, str]]]] = [[] for _ in range(length)] + [[[]]]
        for start in range(length - 1, -1, -1):
            for parts in self._first_parts(word, start):
                end = start + sum(map(len, parts))
                if end == length and not applied and not self._stands_alone(parts):
                    continue
                offsets = (start, end - len(parts[-1]))
                first = list(zip(offsets, parts, strict=False))
                ways[start] += [[*first, *rest] for rest in ways[end]]
            del ways[start][2:]
        return ways[0]

    def _first_parts(self, word: str, start: int) -> Iterator[tuple[str, ...]]:
        """What a word may begin with, from an offset on: a letter, pi, a function or sin2."""
        if self._is_factor(word[start]):
            yield (word[start],)
        if word.startswith("pi", start):
            yield ("pi",)
        for end in range(start + 2, min(len(word), start + _SHORT_FUNCTIONS) + 1):
            meaning = function(word[start:end])
            if meaning is None or not meaning.bare:
                continue
            digits = _DIGITS.match(word, end)
            yield (word[start:end],) if digits is None else (word[start:end], digits[0])

    def _stands_alone(self, parts: tuple[str, ...]) -> bool:
        return parts[0] == "pi" or len(parts) > 1 or self._is_factor(parts[0])

    def _argument(self, number: int) -> list[Token]:
        """What follows a word in parentheses, to show it: dots if it is long."""
        if self._following(number).type != "LPAR":
            return []
        depth = 0
        shown = self._tokens[number + 1 : number + 20]
        for count, token in enumerate(shown):
            depth += (token.type == "LPAR") - (token.type == "RPAR")
            if not depth:
                return list(shown[: count + 1])
        return placed([("LPAR", "("), _NO_OPERANDS, ("RPAR", ")")], shown[0].start_pos)

    def _strict(self, pieces: Sequence[Token]) -> list[Token]:
        return Rewriter(pieces, Doubts(self._doubts.source)).run()


def _starts_argument(token: Token) -> bool:
    """Whether a function before this token is applied: sin x, sin^2 x, sin²x, sin√x, sin|x|."""
    if token.type in {"NAME", "NUMBER", "LPAR"} or token.value in {"^", "**", "|", "||", *ROOTS}:
        return True
    return SUPERSCRIPTS.match(token.value) is not None


def _assigned(tokens: Sequence[Token]) -> Iterator[str]:
    """The names that the text itself gives."""
    previous = "SEPARATOR"
    for token, following in pairwise(tokens):
        if previous == "SEPARATOR" and token.type == "NAME" and following.type == "EQUAL":
            yield normalized(token.value)
        previous = token.type
