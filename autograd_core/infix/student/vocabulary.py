"""The signs and functions that student notation adds to the infix language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from autograd_core.infix.lexer import Token
from autograd_core.operations import Elementwise, find

Spelling = tuple[str, str]
"""Type and value of a token that has no place yet."""

# What pieces are called beside the types that the lexer gives to tokens.
CONSTANT, FUNCTION, ROOT, SUPERSCRIPT, BAR = "CONSTANT", "FUNCTION", "ROOT", "SUPERSCRIPT", "BAR"
BAR_OPENS, BAR_CLOSES, FOREIGN_WORD = "BAR_OPENS", "BAR_CLOSES", "FOREIGN_WORD"
OPERAND_STARTS: Final = frozenset(
    {"NUMBER", "NAME", CONSTANT, FUNCTION, ROOT, "LPAR", "LSQB", BAR, BAR_OPENS}
)

TIMES: Final = ("OPERATOR", "*")
POWER: Final = ("OPERATOR", "**")
OPENING: Final = ("LPAR", "(")
CLOSING: Final = ("RPAR", ")")

ROOTS: Final[Mapping[str, str]] = {"√": "sqrt", "∛": "cbrt"}
PRIMES: Final = frozenset("'’′")
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ"
AS_DIGITS: Final = str.maketrans(_SUPERSCRIPTS, "0123456789+-n")
SUPERSCRIPTS: Final = re.compile(f"[{_SUPERSCRIPTS}]+")
EXPONENT: Final = re.compile("[+-]?(?:[0-9]+|n)")

# Character by character, so that offsets stay: other spellings of signs as the lexer knows them,
# and signs that may follow a name without a space as one that no name can hold.
LOOKALIKES: Final = str.maketrans(
    "∙•＊∕⁄／‐‑﹣－＋＾（）＝，∣｜" + "".join(ROOTS) + _SUPERSCRIPTS,
    "***///----+^()=,||" + "`" * (len(ROOTS) + len(_SUPERSCRIPTS)),
)


class Function(NamedTuple):
    """A function: what is written before and after its argument, parentheses included.

    bare: it is applied without parentheses too, as in sin x.
    """

    name: str
    before: tuple[Spelling, ...]
    after: tuple[Spelling, ...]
    bare: bool


_KINDS = {"(": "LPAR", ")": "RPAR", "/": "OPERATOR", "1": "NUMBER"}


def _written(name: str, formula: str) -> Function:
    """A function from its formula in x."""
    pieces = [(_KINDS.get(piece, "NAME"), piece) for piece in re.findall(r"\w+|\S", formula)]
    middle = pieces.index(("NAME", "x"))
    return Function(name, tuple(pieces[:middle]), tuple(pieces[middle + 1 :]), bare=True)


_FORMULAS = {
    "ln": "log(x)",
    "log_e": "log(x)",
    "log_2": "log2(x)",
    "log_10": "log10(x)",
    "lg": "log10(x)",
    "tg": "tan(x)",
    "arctg": "atan(x)",
    "sgn": "sign(x)",
    "arsinh": "asinh(x)",
    "arcosh": "acosh(x)",
    "artanh": "atanh(x)",
    "sec": "(1/cos(x))",
    "csc": "(1/sin(x))",
    "cosec": "(1/sin(x))",
    "cot": "(1/tan(x))",
    "ctg": "(1/tan(x))",
    "sech": "(1/cosh(x))",
    "csch": "(1/sinh(x))",
    "coth": "(1/tanh(x))",
    "asec": "acos(1/(x))",
    "arcsec": "acos(1/(x))",
    "acsc": "asin(1/(x))",
    "arccsc": "asin(1/(x))",
}
FUNCTIONS: Final[Mapping[str, Function]] = {
    name: _written(name, formula) for name, formula in _FORMULAS.items()
}
"""Functions of student notation that the catalogue does not have."""

OTHER_MEANINGS: Final[Mapping[str, Function]] = {"lg": _written("lg", "log2(x)")}
"""What some books mean by a name where others mean what FUNCTIONS says."""

_INVERSES = {
    "sin": "asin",
    "cos": "acos",
    "tan": "atan",
    "tg": "atan",
    "sinh": "asinh",
    "cosh": "acosh",
    "tanh": "atanh",
    "sec": "asec",
    "csc": "acsc",
    "cosec": "acsc",
    "exp": "log",
    "log": "exp",
    "ln": "exp",
    "sqrt": "square",
}


def function(name: str) -> Function | None:
    """The function of this name in student notation, or None."""
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    operation = find(name)
    if operation is None:
        return None
    unary = isinstance(operation, Elementwise) and operation.arity == (1, 1)
    return called(name, bare=unary and not operation.attributes)


def called(name: str, *, bare: bool = False) -> Function:
    """A function that is written name(x) in the strict language as well."""
    return Function(name, (("NAME", name), OPENING), (CLOSING,), bare)


def inverse(name: str) -> Function | None:
    """The inverse of a function, where it has a name."""
    return function(_INVERSES[name]) if name in _INVERSES else None


def placed(spellings: Iterable[Spelling], offset: int) -> list[Token]:
    """Tokens of these types and values, at this offset."""
    return [Token(kind, value, offset) for kind, value in spellings]


class Application(Token):
    """The name of a function where it may be applied; other: what else it could be there."""

    __slots__ = ("function", "other")

    def __init__(self, name: Token, meaning: Function, other: Function | None = None) -> None:
        super().__init__(FUNCTION, name.value, name.start_pos)
        self.function = meaning
        self.other = other
