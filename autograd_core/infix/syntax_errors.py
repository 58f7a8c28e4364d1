"""What to say of text that is not an expression.

The parser knows that it cannot go on, and where. Here that becomes a sentence for the person
who wrote the text: what was found, and what to write instead. RULES are asked in turn, and the
first that has something to say is heard.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from autograd_core.errors import Fault
from autograd_core.infix import foreign_notation as habits
from autograd_core.infix.error_context import CLOSING, NOTHING, Advice, Scene, shown
from autograd_core.infix.lexer import Source, Token
from autograd_core.infix.vocabulary import OPERATORS


def explain(
    source: Source, before: Sequence[Token], found: Token | None, after: Sequence[Token]
) -> Fault:
    """The fault of a text whose tokens `before` can be read, but not with `found` after them.

    found is None where the text ends too early. after: a few of the tokens that follow.
    """
    scene = Scene(source, before, found, after)
    if found is None:
        detail, offset = _ends_early(scene)
    else:
        surprise = (f"{shown(found.value)} is not expected here", found.start_pos)
        detail, offset = next(filter(None, (rule(scene, found) for rule in RULES)), surprise)
    return source.place(offset).fault("syntax_error", detail)


def _ends_early(scene: Scene) -> Advice:
    previous = scene.previous
    if previous.type in {"", "SEPARATOR"}:
        return "the expression is empty", 0
    if previous.type in _BINDING:
        return f"something is missing after {previous.value!r}", previous.start_pos
    if scene.open:
        return f"this {scene.open[-1].value!r} is never closed", scene.open[-1].start_pos
    return "the expression ends too early", max(0, len(scene.source.text) - 1)


def _missing_operand(scene: Scene, found: Token) -> Advice | None:
    """A bracket, a comma or the end of a line where an operand should be."""
    previous = scene.previous
    if previous.type not in _BINDING or found.type in _BINDING:
        return None
    detail = f"something is missing after {previous.value!r}"
    if found.type == "SEPARATOR" and ";" not in found.value:
        detail += "; to go on in the next line, put the expression in parentheses"
    return detail, previous.start_pos


def _brackets(scene: Scene, found: Token) -> Advice | None:
    """Brackets that do not pair, or hold nothing."""
    opening = scene.open[-1] if scene.open else None
    broken = scene.starts_line and not scene.waits_for_operand
    if opening is not None and (broken or found.type == "SEPARATOR"):
        line = scene.source.locate(found.start_pos)[0]
        where = "before this ';'" if found.type == "SEPARATOR" else f"before line {line}"
        return f"this {opening.value!r} is not closed {where}", opening.start_pos
    if found.type not in {"RPAR", "RSQB"}:
        return None
    if opening is None:
        return f"this {found.value!r} closes nothing", found.start_pos
    if CLOSING[opening.value] != found.value:
        line, column = scene.source.locate(opening.start_pos)
        where = f"the {opening.value!r} in line {line}, column {column}"
        return f"{found.value!r} cannot close {where}", found.start_pos
    if scene.waits_for_operand:
        return f"something is missing before {found.value!r}", found.start_pos
    return None


def _equals(scene: Scene, found: Token) -> Advice | None:
    """An = where no name is given."""
    previous, offset = scene.previous, found.start_pos
    if found.type != "EQUAL":
        return None
    if previous.value in {"=", "<", ">"}:
        return f"to compare, write {previous.value + '='!r} without a space", offset
    if scene.open:
        return "in brackets, = gives an attribute, as in axis=0; to compare, write ==", offset
    if previous.type in {"", "SEPARATOR"}:
        return "a name is missing before '='", offset
    if scene.waits_for_operand:
        return f"something is missing between {previous.value!r} and '='", offset
    statement = scene.statement
    if any(token.type == "EQUAL" for token in statement):
        return "give one name at a time: instead of a = b = c write b = c; a = b", offset
    if len(statement) > 2 and statement[0].type == "NAME" and statement[1].type == "LPAR":
        return "functions are not defined here; name a value, as in y = x**2", offset
    return "left of = stands a single name, as in y = 2*x; to compare, write ==", offset


def _commas(scene: Scene, found: Token) -> Advice | None:
    """A comma outside a call, a colon outside an index."""
    previous, offset = scene.previous, found.start_pos
    if found.type not in {"COMMA", "COLON"}:
        return None
    if scene.waits_for_operand:
        return f"something is missing before {found.value!r}", offset
    if found.type == "COLON":
        return "a colon stands only in an index, as in x[1:3]", offset
    following = scene.after[0] if scene.after else NOTHING
    if previous.type == following.type == "NUMBER" and scene.touches:
        number = shown(f"{previous.value}.{following.value}")
        if following.start_pos == offset + 1:
            return f"decimals follow a point: write {number}", offset
    detail = "commas separate the operands of a call; to put values together write stack(a, b)"
    return detail, offset


def _operators(scene: Scene, found: Token) -> Advice | None:
    """An operator where an operand should be."""
    previous, offset = scene.previous, found.start_pos
    if found.type != "OPERATOR" or not scene.waits_for_operand:
        return None
    if previous.type not in _BINDING:
        detail = f"something is missing before {found.value!r}"
        if previous.type == "SEPARATOR" and ";" not in previous.value:
            detail += "; to go on in another line, put the whole expression in parentheses"
        return detail, offset
    both = previous.value + found.value
    if both in OPERATORS:
        return f"write {both!r} without a space", offset
    if both[::-1] in {"<=", ">="}:
        return f"write {both[::-1]!r}", previous.start_pos
    if both in habits.SYMBOLS:
        return habits.SYMBOLS[both], previous.start_pos
    return f"something is missing between {previous.value!r} and {found.value!r}", offset


# What leaves a text unfinished: an operand must follow.
_BINDING = frozenset({"OPERATOR", "SIGN", "EQUAL"})

RULES: Final[Sequence[Callable[[Scene, Token], Advice | None]]] = (
    habits.foreign_symbol,
    _missing_operand,
    habits.foreign_word,
    habits.text,
    _brackets,
    _equals,
    _commas,
    _operators,
    habits.function_power,
    habits.function_without_parentheses,
    habits.number,
    habits.product,
)
