"""The signs and words of the infix language, apart from its grammar (expression.lark)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

CONSTANTS: Final[Mapping[str, float]] = MappingProxyType(
    {"pi": math.pi, "e": math.e, "inf": math.inf}
)
"""Names that need no binding. A binding, or an assignment in the text, wins over them."""

WORDS: Final[Mapping[str, bool | None]] = MappingProxyType(
    {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}
)
"""What these names mean as the value of an attribute."""


class Operator(NamedTuple):
    """An operator between two operands, or a sign before one.

    Of the operators to its left, those that bind at least as tightly as `claims` are applied
    before it: `claims` is `binds` where a - b - c is (a - b) - c, and one more where a**b**c
    is a**(b**c). Comparisons are not chained at all.
    """

    operation: str
    binds: int
    claims: int


COMPARISON, SUM, PRODUCT, SIGN, POWER = range(1, 6)

_ROWS = (
    (">", Operator("gt", COMPARISON, COMPARISON + 1)),
    ("<", Operator("lt", COMPARISON, COMPARISON + 1)),
    (">= ≥", Operator("ge", COMPARISON, COMPARISON + 1)),
    ("<= ≤", Operator("le", COMPARISON, COMPARISON + 1)),
    ("==", Operator("eq", COMPARISON, COMPARISON + 1)),
    ("!= ≠", Operator("ne", COMPARISON, COMPARISON + 1)),
    ("+", Operator("add", SUM, SUM)),
    ("- − –", Operator("sub", SUM, SUM)),
    ("* × · ⋅ ∗", Operator("mul", PRODUCT, PRODUCT)),
    ("/ ÷", Operator("div", PRODUCT, PRODUCT)),
    ("@", Operator("matmul", PRODUCT, PRODUCT)),
    ("** ^", Operator("pow", POWER, POWER + 1)),
)
OPERATORS: Final[Mapping[str, Operator]] = MappingProxyType(
    {symbol: operator for symbols, operator in _ROWS for symbol in symbols.split()}
)
SYMBOLS: Final[Mapping[str, str]] = MappingProxyType(
    {operator.operation: symbols.split()[0] for symbols, operator in _ROWS}
)
"""How an operation between two operands is written: the first of its spellings."""
PLUS: Final = Operator("", SIGN, SIGN)
MINUS: Final = Operator("neg", SIGN, SIGN)
