"""Pieces of student notation -> tokens of the strict language, in one pass from left to right.

What is missing is written where it is met: the sign of a product, the parentheses of an argument.
Each open bracket and each argument without one has a frame; nothing recurses. What has another
reading is noted in the frame and told once all that it concerns has been read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Final

from autograd_core.infix.lexer import Token
from autograd_core.infix.student.applying import Use, Uses, on_the_line
from autograd_core.infix.student.doubts import divided_power, product_doubts
from autograd_core.infix.student.frames import ATOMS, BRACKETS, CLOSES, Factor, FactorKind, Frame
from autograd_core.infix.student.readings import Doubts, Edit, wrapped
from autograd_core.infix.student.vocabulary import (
    BAR_CLOSES,
    BAR_OPENS,
    CLOSING,
    CONSTANT,
    FOREIGN_WORD,
    FUNCTION,
    OPENING,
    OPERAND_STARTS,
    POWER,
    ROOT,
    ROOTS,
    SUPERSCRIPT,
    TIMES,
    Application,
    inverse,
    placed,
)
from autograd_core.infix.vocabulary import OPERATORS, POWER as POWER_BINDS, PRODUCT
from autograd_core.limits import Deadline, watched

_END: Final = Token("", "", 0)
_MINUS_ONE: Final = tuple([minus, "1"] for minus in "-−–")


class Rewriter:
    """One pass over pieces."""

    def __init__(self, pieces: Sequence[Token], doubts: Doubts) -> None:
        self._pieces = [*pieces, _END, _END, _END]
        self._doubts = doubts
        self._uses = Uses(self._pieces, doubts)
        self._output: list[Token] = []
        self._frames = [Frame("", 0, 0)]
        self._next = 0  # pieces before this one have been read
        self._end = -1  # offset of the end of the piece before
        self._call: Frame | None = None  # of the function whose bracket comes next

    def run(self) -> list[Token]:
        """The tokens; of what has two readings, the first."""
        for number in watched(range(len(self._pieces)), Deadline.current()):
            if number >= self._next:
                self._next = number + 1
                self._read(number)
        if len(self._frames) == 1:
            self._settle(self._frames[0])
        return self._output

    def _read(self, number: int) -> None:
        piece = self._pieces[number]
        use = None
        if isinstance(piece, Application):
            use = self._uses.of(number, piece)
            if use is None:
                piece = Token("NAME", piece.value, piece.start_pos)
        self._end_arguments(piece)
        if piece is _END:
            return
        if isinstance(piece, Application) and use is not None:
            self._apply(piece, use)
        else:
            self._readers.get(piece.type, Rewriter._separator)(self, piece)
        last = self._pieces[self._next - 1]
        self._end = last.start_pos + len(last.value)

    # --- operands ---------------------------------------------------------------------

    def _begin(self, piece: Token) -> int:
        """Before an operand: the sign of a product where there is none. Where it begins."""
        frame = self._frames[-1]
        factor, waiting = frame.factor, frame.argument
        if piece.type == FOREIGN_WORD or (factor is not None and factor.kind == "word"):
            pass  # no product is meant: the parser is to complain
        elif factor is not None:
            touches = piece.start_pos == self._end
            others = product_doubts(self._output, frame, factor, piece, touches=touches)
            frame.note(piece.start_pos, others)
            self._output += placed([TIMES], piece.start_pos)
        elif waiting is not None and not (piece.type == FUNCTION and waiting.settled):
            frame.note(piece.start_pos, [waiting.going_on(self._output)])
        frame.factor = frame.argument = None
        return len(self._output)

    def _atom(self, piece: Token) -> None:
        """A name or a number."""
        start = self._begin(piece)
        kind = ATOMS[piece.type]
        variable = kind != "number" and piece.type != CONSTANT
        value = "pi" if piece.value == "π" and not variable else piece.value
        self._output.append(Token("NUMBER" if kind == "number" else "NAME", value, piece.start_pos))
        frame = self._frames[-1]
        frame.variables += variable
        frame.complete(Factor(start, kind, value, constant=not variable))

    def _open(self, piece: Token) -> None:
        """A bracket, or a bar that opens."""
        if piece.type == "LSQB" and self._frames[-1].factor is not None:
            frame = Frame("index", 0, 0)
        elif self._call is not None:
            frame, self._call = self._call, None
            frame.kind = BRACKETS[piece.type]
        else:
            frame = Frame(BRACKETS[piece.type], self._begin(piece), 0)
        self._frames.append(frame)
        if piece.type == BAR_OPENS:
            self._output += placed([("NAME", "abs"), OPENING], piece.start_pos)
        else:
            self._output.append(piece)
        frame.new_term(len(self._output))

    def _shut(self, piece: Token) -> None:
        """A closing bracket; one that closes nothing is left to the parser to complain of."""
        frame = self._frames[-1]
        closing = placed([CLOSING], piece.start_pos)[0] if piece.type == BAR_CLOSES else piece
        if frame.kind not in CLOSES[piece.type]:
            self._separator(closing)
            return
        self._leave(closing)

    def _root(self, piece: Token) -> None:
        """A root sign takes the next factor."""
        if self._pieces[self._next].type not in OPERAND_STARTS:
            detail = f"something is missing after {piece.value!r}"
            raise self._doubts.refusal(piece.start_pos, detail)
        start = self._begin(piece)
        self._output += placed([("NAME", ROOTS[piece.value]), OPENING], piece.start_pos)
        closing = placed([CLOSING], piece.start_pos)
        self._frames.append(Frame("root", start, len(self._output), closing))

    # --- functions --------------------------------------------------------------------

    def _apply(self, name: Application, use: Use) -> None:
        """A function: its name, and what is to follow its argument."""
        offset = name.start_pos
        function, other = name.function, name.other
        before, after = list(function.before), list(function.after)
        power = [(token.type, token.value) for token in use.power]
        if [value for _, value in power] in _MINUS_ONE:
            before, power = [("NUMBER", "1"), ("OPERATOR", "/"), *before], []
            other = inverse(function.name)
            if other is None:
                detail = f"this can be read in two ways, as one over {name.value} or as its inverse"
                raise self._doubts.refusal(offset, detail)
        raised = [POWER, *power, CLOSING] if power else []
        argument = self._pieces[use.argument].type
        own = int(argument == "LPAR")  # its parentheses are in the text
        start = self._begin(name)
        self._output += placed([OPENING] if power else [], offset)
        head = len(self._output)
        self._output += placed(before[: len(before) - own], offset)
        frame = Frame("bare", start, len(self._output), placed(after[own:] + raised, offset))
        frame.applied, frame.offset = True, offset
        if other is not None:
            spelling = other.before[: len(other.before) - own]
            frame.head = Edit(head, len(self._output), placed(spelling, offset))
            frame.foot = Edit(0, len(after[own:]), placed(other.after[own:], offset))
        if argument in {"LPAR", BAR_OPENS}:
            self._call = frame
        else:
            self._frames.append(frame)
        self._next = use.argument

    # --- the end of frames ------------------------------------------------------------

    def _end_arguments(self, piece: Token) -> None:
        """Close the arguments without brackets that do not go on with this piece."""
        frame = self._frames[-1]
        while frame.kind in {"bare", "root"} and frame.factor is not None:
            if piece.type == "LSQB" or (frame.kind == "bare" and self._goes_on(frame, piece)):
                return
            self._leave(None)
            frame = self._frames[-1]

    def _goes_on(self, frame: Frame, piece: Token) -> bool:
        """Whether an argument without parentheses has this piece too: sin 2x, sin 2πx."""
        if piece.type not in {"NAME", CONSTANT, ROOT} or frame.variables:
            return False
        return piece.start_pos == self._end and frame.factor is not None and frame.factor.constant

    def _leave(self, closing: Token | None) -> None:
        """Close the innermost frame: from outside it is an operand."""
        frame = self._frames.pop()
        self._settle(frame)
        output, outer = self._output, self._frames[-1]
        if closing is not None:
            output.append(closing)
        if frame.kind == "index":
            return
        tail = (len(output), len(output) + len(frame.closing))
        output += frame.closing
        outer.variables += frame.variables
        outer.complete(frame.as_factor(tail))
        if frame.head is not None and frame.foot is not None:
            foot = frame.foot
            moved = Edit(tail[0] + foot.start, tail[0] + foot.stop, foot.tokens)
            outer.note(frame.offset, [[frame.head, moved]])

    def _settle(self, frame: Frame) -> None:
        """Tell what is in doubt in a frame."""
        doubt, frame.doubt = frame.doubt, None
        if doubt is not None:
            self._doubts.add(doubt.offset, lambda: doubt.readings(self._output))

    # --- between operands -------------------------------------------------------------

    def _operator(self, piece: Token) -> None:
        binds = OPERATORS[piece.value].binds
        if binds == POWER_BINDS:
            self._power(piece)
        elif binds != PRODUCT:
            self._separator(piece)
        else:
            frame = self._frames[-1]
            self._settle(frame)
            factor = frame.factor
            frame.factor, frame.divisor = None, None
            self._output.append(piece)
            if factor is not None and factor.open and "bare" in {factor.kind, factor.exponent}:
                frame.argument = factor
            if OPERATORS[piece.value].operation != "mul":
                frame.divisor = len(self._output)
                if factor is not None and divided_power(factor, self._pieces[self._next]):
                    frame.note(piece.start_pos, [wrapped(factor.exponent_start)])

    def _power(self, piece: Token) -> None:
        frame = self._frames[-1]
        factor = frame.factor
        if factor is not None:
            if factor.loose:
                frame.note(piece.start_pos, [factor.going_on(self._output)])
            if factor.superscript:
                frame.note(piece.start_pos, [wrapped(factor.start, len(self._output))])
            frame.base, frame.exponent_start = factor, len(self._output) + 1
            frame.factor = None
        self._output.append(piece)

    def _superscript(self, piece: Token) -> None:
        frame = self._frames[-1]
        factor = frame.factor
        if factor is None:
            self._separator(piece)
            return
        if factor.loose:
            frame.note(piece.start_pos, [factor.going_on(self._output)])
        raises_exponent = factor.exponent == "name"  # e^x² is e**(x**2)
        if factor.exponent is not None and not raises_exponent:
            frame.note(piece.start_pos, [wrapped(factor.start, len(self._output))])
        self._output += [*placed([POWER], piece.start_pos), *on_the_line(piece)]
        exponent: FactorKind = "name" if raises_exponent else "group"
        frame.factor = replace(factor, exponent=exponent, superscript=True, loose=False)

    def _sign(self, piece: Token) -> None:
        frame = self._frames[-1]
        if frame.factor is not None:
            self._separator(piece)
        else:
            self._output.append(piece)

    def _separator(self, piece: Token) -> None:
        """What ends a term, or is left to the parser to complain of."""
        frame = self._frames[-1]
        self._settle(frame)
        self._output.append(piece)
        frame.new_term(len(self._output))

    _readers: ClassVar[Mapping[str, Callable[[Rewriter, Token], None]]] = {
        "NUMBER": _atom,
        "NAME": _atom,
        CONSTANT: _atom,
        FOREIGN_WORD: _atom,
        "LPAR": _open,
        "LSQB": _open,
        BAR_OPENS: _open,
        "RPAR": _shut,
        "RSQB": _shut,
        BAR_CLOSES: _shut,
        ROOT: _root,
        "OPERATOR": _operator,
        "SIGN": _sign,
        SUPERSCRIPT: _superscript,
    }
