"""Habits from paper and from other languages: x², sin x, 3x, &&, lambda, np.sin.

Each rule is asked about the token that could not be used, and says what to write instead, or
None where it has nothing to say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from autograd_core.infix.error_context import (
    OPERAND_STARTS,
    Advice,
    Scene,
    is_function,
    operand_before,
    shown,
)
from autograd_core.infix.lexer import Token
from autograd_core.operations import find

SYMBOLS: Final[Mapping[str, str]] = {
    "%": "the remainder is written mod(x, y)",
    "//": "whole division is written floor(x / y)",
    "&": "'and' is written logical_and(a, b)",
    "&&": "'and' is written logical_and(a, b)",
    "∧": "'and' is written logical_and(a, b)",
    "||": "'or' is written logical_or(a, b)",
    "∨": "'or' is written logical_or(a, b)",
    "|": "'or' is written logical_or(a, b), and the absolute value abs(x)",
    "~": "'not' is written logical_not(x)",
    "¬": "'not' is written logical_not(x)",
    "!": "a factorial is written exp(gammaln(x + 1))",
    "?": "a choice, c ? a : b, is written where(c, a, b)",
    "<>": "'not equal' is written !=",
    "!==": "'not equal' is written !=",
    "===": "'equal' is written ==",
    "=>": "'at least' is written >=",
    ":=": "a name is given with =, as in y = 2*x",
    "->": "functions are not defined here; write the expression itself",
    "...": "write every index, with ':' for a whole axis",
    "…": "write every term, or every index with ':' for a whole axis",
    "√": "the square root is written sqrt(x)",
    "∛": "the cube root is written cbrt(x)",
    "∞": "infinity is written inf",
    "∑": "a sum over a tensor is written sum(x)",
    "∏": "a product over a tensor is written prod(x)",
    "‖": "the norm is written norm(x)",
    "°": "degrees are written deg2rad(x)",
    "∂": "write the function itself; its derivative is what is worked out",
    "∇": "write the function itself; its gradient is what is worked out",
    "∫": "integrals are not known here",
    "$": "write the expression without dollar signs",
    "\\": "LaTeX is not read; write sin(x), sqrt(x), a/b",
    "{": "group with parentheses, ( and )",
    "}": "group with parentheses, ( and )",
    "`": "write names without quotes",
    "≈": "equality is written ==",
    "±": "write two expressions, one with + and one with -",
}
PREFIX_SYMBOLS: Final[Mapping[str, str]] = {
    "|": "the absolute value is written abs(x)",
    "||": "the norm is written norm(x)",
    "!": "'not x' is written logical_not(x)",
}
"""Symbols of mathematics and of other languages, and how to write what they mean; where an
operand should be, PREFIX_SYMBOLS first."""

INFIX_WORDS: Final[Mapping[str, str]] = {
    "and": "'a and b' is written logical_and(a, b)",
    "or": "'a or b' is written logical_or(a, b)",
    "mod": "'x mod y' is written mod(x, y)",
    "div": "'x div y' is written floor(x / y)",
    "if": "'x if c else y' is written where(c, x, y)",
    "else": "'x if c else y' is written where(c, x, y)",
    "then": "a choice is written where(c, x, y)",
    "is": "'a is b' is written a == b",
    "in": "there is no 'in' here",
    "for": "there are no loops; operations take whole tensors, as in sum(x**2)",
}
PREFIX_WORDS: Final[Mapping[str, str]] = {
    "not": "'not x' is written logical_not(x)",
    "if": "a choice is written where(c, x, y)",
    "lambda": "functions are not defined here; write the expression itself",
    "def": "functions are not defined here; write the expression itself",
    "return": "write the expression alone, without 'return'",
    "import": "every operation is at hand; nothing is imported",
    "from": "every operation is at hand; nothing is imported",
    "for": "there are no loops; operations take whole tensors, as in sum(x**2)",
    "while": "there are no loops; operations take whole tensors, as in sum(x**2)",
    "let": "write y = 2*x, without 'let'",
    "var": "write y = 2*x, without 'var'",
    "const": "write y = 2*x, without 'const'",
    "print": "write the expression alone; the last value is the result",
}
"""Words of other languages, between two operands and before one."""

_LIBRARIES = frozenset({"np", "numpy", "math", "torch", "jnp", "tf", "F", "nn"})
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n")
_SUPERSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ]+")
_OTHER_BASE = re.compile("[xX][0-9a-fA-F]{1,16}|[bB][01]{1,64}|[oO][0-7]{1,22}")
_PRIMES = frozenset("'’′")
_PRIME = "there is no f'; write the function itself, its derivative is what is worked out"


def foreign_symbol(scene: Scene, found: Token) -> Advice | None:
    """A symbol that is not of this language."""
    if found.type not in {"FOREIGN", "UNKNOWN"}:
        return None
    symbol, offset = found.value, found.start_pos
    if symbol in _PRIMES and scene.touches:
        return _PRIME, offset
    if symbol in {"'", '"'}:
        return f"the text that begins with this {symbol} is never closed", offset
    if symbol == ".":
        return _dot(scene), offset
    if symbol in PREFIX_SYMBOLS and scene.waits_for_operand:
        return PREFIX_SYMBOLS[symbol], offset
    if symbol in SYMBOLS:
        return SYMBOLS[symbol], offset
    base = "x" if scene.waits_for_operand else operand_before(scene.previous)
    if symbol.endswith("="):
        return f"{symbol!r} would change {base}; give the new value a name of its own", offset
    power = _SUPERSCRIPT.match(scene.source.text, offset)
    if power:
        return f"a power is written {base}**{shown(power[0].translate(_SUPERSCRIPTS))}", offset
    return _character(symbol), offset


def _dot(scene: Scene) -> str:
    """For x.T, x.sum() and np.sin: nothing is looked up with a dot."""
    owner = "x" if scene.waits_for_operand else operand_before(scene.previous)
    member = scene.after[0].value if scene.after and scene.after[0].type == "NAME" else ""
    if not member:
        return "a dot needs digits before or after it, as in 1.5"
    if member in {"T", "mT"}:
        return f"a transpose is written transpose({owner})"
    if find(member) and owner in _LIBRARIES:
        return f"write {member}(x), without '{owner}.'"
    if find(member):
        return f"write {member}({owner}); nothing is looked up with a dot"
    return "a dot belongs to numbers only; nothing is looked up with it"


def _character(character: str) -> str:
    """For a character that nothing more helpful is known about."""
    category = unicodedata.category(character)
    if category[0] == "C" or character.isspace():
        return f"there is an invisible character (U+{ord(character):04X}) here; remove it"
    if category in {"Pi", "Pf"}:
        return "only an attribute can be text, and in straight quotes"
    plain = unicodedata.normalize("NFKC", character).replace("⁄", "/").strip()
    if plain != character and plain.isascii() and plain.isprintable() and plain:
        return f"{character!r} has no meaning here; write {plain!r}"
    return f"the character {character!r} has no meaning here"


def foreign_word(scene: Scene, found: Token) -> Advice | None:
    """A word of another language: this one has only names."""
    previous = scene.previous
    if found.type == "NAME" and found.value in INFIX_WORDS and not scene.waits_for_operand:
        return INFIX_WORDS[found.value], found.start_pos
    if previous.value in PREFIX_WORDS and found.type in {*OPERAND_STARTS, "COLON"}:
        return PREFIX_WORDS[previous.value], previous.start_pos
    return None


def text(scene: Scene, found: Token) -> Advice | None:
    """Text in quotes that is not an attribute, or what stands after one."""
    if scene.previous.type == "STRING":
        return "text is not computed with: a comma or a bracket follows it", found.start_pos
    if found.type != "STRING":
        return None
    if found.value[0] == "'" and scene.touches:
        return _PRIME, found.start_pos
    detail = 'only an attribute can be text, as in einsum(A, x, equation="ij,j->i")'
    return detail, found.start_pos


def function_power(scene: Scene, found: Token) -> Advice | None:
    """For sin^2(x) and sin^-1(x)."""
    if found.type != "LPAR" or scene.back(1).type != "NUMBER":
        return None
    inverse = scene.back(2).type == "SIGN"
    caret, function = (scene.back(3), scene.back(4)) if inverse else (scene.back(2), scene.back(3))
    if caret.value not in {"^", "**"} or not is_function(function):
        return None
    name, argument = function.value, scene.argument(found.start_pos)
    if not inverse:
        power = shown(scene.previous.value)
        detail = f"a power of {name} is written {name}({argument})**{power}"
    elif find("a" + name):
        detail = f"the inverse of {name} is written a{name}({argument})"
    else:
        detail = f"one over {name} is written 1/{name}({argument})"
    return detail, function.start_pos


def function_without_parentheses(scene: Scene, found: Token) -> Advice | None:
    """For sin x and arc sin(x)."""
    previous = scene.previous
    if found.type not in {"NAME", "NUMBER"}:
        return None
    if previous.value in {"arc", "ar", "a"} and find("a" + found.value):
        return f"write a{found.value}(...), in one word", previous.start_pos
    if is_function(previous) and not scene.touches:
        return f"write {previous.value}({shown(found.value)}), with parentheses", found.start_pos
    return None


def number(scene: Scene, found: Token) -> Advice | None:
    """A number written in a way that is not read: 1.2.3, 1_000, 0x10, 1e."""
    if scene.previous.type != "NUMBER" or not scene.touches:
        return None
    digits, rest, offset = scene.previous.value, found.value, found.start_pos
    if found.type == "NUMBER":
        both = shown(digits + rest)
        return f"a number has one decimal point, and {both} has more", offset
    if found.type != "NAME":
        return None
    if re.fullmatch("_[0-9_]+", rest):
        plain = shown(digits + rest.replace("_", ""))
        return f"write the number without underscores: {plain}", offset
    if digits == "0" and _OTHER_BASE.fullmatch(rest):
        return f"numbers are decimal: write {int(digits + rest, 0)}", offset
    if rest in {"e", "E"}:
        number = shown(digits)
        detail = f"an exponent needs digits, as in {number}e5; a product is written {number}*e"
        return detail, offset
    return None


def product(scene: Scene, found: Token) -> Advice | None:
    """Two operands with nothing between them."""
    if scene.waits_for_operand or found.type not in OPERAND_STARTS:
        return None
    right = shown(found.value) if found.type in {"NAME", "NUMBER"} else ""
    opening = found.start_pos + (len(found.value) if right else 0)
    if scene.source.text.startswith("(", opening):
        right += f"({scene.argument(opening)})"
    left = operand_before(scene.previous)
    return f"an operator is missing: a product is written {left}*{right}", found.start_pos
