"""Where the rewriting stands: the operand that was read last, and what is open around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from autograd_core.infix.lexer import Token
from autograd_core.infix.student.readings import END, Doubt, Edit
from autograd_core.infix.student.vocabulary import BAR_CLOSES, BAR_OPENS, CONSTANT, FOREIGN_WORD

FactorKind = Literal["number", "name", "word", "group", "bars", "call", "bare", "root"]
FrameKind = Literal["", "(", "[", "index", "|", "bare", "root"]

# What pieces become: operands, open brackets, and the ends of those.
ATOMS: Final[Mapping[str, FactorKind]] = {
    "NUMBER": "number",
    "NAME": "name",
    CONSTANT: "name",
    FOREIGN_WORD: "word",
}
BRACKETS: Final[Mapping[str, FrameKind]] = {"LPAR": "(", "LSQB": "[", BAR_OPENS: "|"}
CLOSES: Final[Mapping[str, frozenset[FrameKind]]] = {
    "RPAR": frozenset({"("}),
    "RSQB": frozenset({"[", "index"}),
    BAR_CLOSES: frozenset({"|"}),
}


@dataclass(frozen=True, slots=True)
class Factor:
    """An operand that has been read: what has to be known if another follows without a sign.

    start: where it begins in the output. word: a name or number, as written. constant: no variable
    is in it. tail: what closes an argument that could have gone on, from and to. open: whether the
    argument could have gone on with a factor; settled: not with a function, by convention.
    loose: whether a power that follows could belong to the argument.
    """

    start: int
    kind: FactorKind
    word: str = ""
    constant: bool = False
    tail: tuple[int, int] = (0, 0)
    open: bool = False
    settled: bool = False
    loose: bool = False
    exponent: FactorKind | None = None
    exponent_start: int = 0
    exponent_word: str = ""
    constant_base: bool = False
    superscript: bool = False

    def raised(self, exponent: Factor, start: int) -> Factor:
        """This to the power of that, which begins in the output at `start`."""
        kind, word = exponent.kind, exponent.word
        if self.exponent is not None or exponent.exponent is not None:
            kind, word = ("bare" if kind == "bare" else "name"), ""
        return replace(
            self,
            constant=self.constant and exponent.constant,
            constant_base=self.constant,
            tail=exponent.tail,
            open=exponent.open,
            settled=exponent.settled,
            loose=exponent.loose,
            exponent=kind,
            exponent_start=self.exponent_start if self.exponent is not None else start,
            exponent_word=word,
            superscript=False,
        )

    def going_on(self, output: Sequence[Token]) -> list[Edit]:
        """What lets the argument go on to the end."""
        first, last = self.tail
        return [Edit(first, last), Edit(END, END, output[first:last])]


@dataclass(slots=True)
class Frame:
    """What is open: a bracket, or an argument without brackets, and how far it has been read.

    start: where the operand that it becomes begins in the output. closing: what is written after
    it, beside its own bracket. applied: it is the argument of a function; head, foot: what that
    function's name and its closing tokens could be instead. term: where the product begins that is
    being read; divisor: where that which it was last divided by does. argument: the factor, with an
    argument that could have gone on, that an operator ended. base: what is being raised, and
    exponent_start where its exponent begins. variables: how many have been read.
    """

    kind: FrameKind
    start: int
    term: int
    closing: Sequence[Token] = ()
    applied: bool = False
    offset: int = 0
    head: Edit | None = None
    foot: Edit | None = None
    factor: Factor | None = None
    argument: Factor | None = None
    base: Factor | None = None
    exponent_start: int = 0
    divisor: int | None = None
    doubt: Doubt | None = None
    variables: int = 0

    def new_term(self, start: int) -> None:
        """After a sign between terms, a comma, a comparison: nothing read so far matters."""
        self.term = start
        self.factor = self.argument = self.base = self.divisor = None

    def note(self, offset: int, others: Sequence[Sequence[Edit]]) -> None:
        """Something in this product has other readings; the first such place is told."""
        if others and self.doubt is None:
            self.doubt = Doubt(offset, self.term, others)

    def complete(self, factor: Factor) -> None:
        """An operand has been read."""
        if self.base is not None:
            factor = self.base.raised(factor, self.exponent_start)
            self.base = None
        self.factor = factor

    def as_factor(self, tail: tuple[int, int]) -> Factor:
        """What is open here as the operand that it is from outside, once it has been closed.

        tail: from where to where in the output `closing` was written.
        """
        factor = Factor(self.start, "group", constant=not self.variables)
        inner = self.factor
        simple = inner is not None and inner.kind in {"number", "name"} and inner.exponent is None
        if self.kind == "root":
            kind = "group" if inner is None else inner.kind
            opened, loose = kind not in {"group", "bars"}, kind != "group"
            return replace(factor, kind="root", tail=tail, open=opened, settled=simple, loose=loose)
        if self.kind == "bare":
            settled = simple and self.variables > 0
            return replace(factor, kind="bare", tail=tail, open=True, settled=settled, loose=True)
        if self.applied:
            return replace(factor, kind="call", tail=tail, loose=self.kind == "|")
        return replace(factor, kind="bars") if self.kind == "|" else factor
