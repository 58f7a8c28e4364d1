"""What to say of an expression that can be read but not understood."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from autograd_core.errors import Fault
from autograd_core.infix.error_context import shown
from autograd_core.infix.lexer import Token
from autograd_core.infix.vocabulary import CONSTANTS, OPERATORS, WORDS
from autograd_core.names import quoted
from autograd_core.operations import Operation, find, unknown_operation

CHAINED: Final = "comparisons do not chain: instead of a < b < c write (a < b)*(b < c)"
STACK: Final = "a list in an expression holds numbers; to put values together write stack(a, b)"
TOO_LARGE: Final = "the number is too large for binary64; infinity is written inf"

SPELLINGS: Final[Mapping[str, str]] = {
    "arccot": "atan(1/x)",
    "arctg": "atan(x)",
    "average": "mean(x)",
    "avg": "mean(x)",
    "ch": "cosh(x)",
    "cosec": "1/sin(x)",
    "cot": "1/tan(x)",
    "csc": "1/sin(x)",
    "ctg": "1/tan(x)",
    "factorial": "exp(gammaln(x + 1))",
    "gamma": "exp(gammaln(x))",
    "if": "where(c, x, y)",
    "lg": "log10(x)",
    "ln": "log(x), the natural logarithm",
    "root": "sqrt(x), or x**(1/n)",
    "sec": "1/cos(x)",
    "sen": "sin(x)",
    "sgn": "sign(x)",
    "sh": "sinh(x)",
    "tg": "tan(x)",
    "th": "tanh(x)",
}
"""Functions under names that the catalogue does not have, and how to write them."""

# Calls that mean something else with this many operands.
_OTHER_ARITIES: Final[Mapping[tuple[str, int], str]] = {
    ("max", 2): "; the larger of two is maximum(x, y)",
    ("min", 2): "; the smaller of two is minimum(x, y)",
    ("log", 2): "; to base b it is log(x)/log(b)",
}


def unknown_function(name: str, count: int, *, is_value: bool) -> Fault:
    """The fault of calling what is no operation with `count` operands.

    is_value: the name is used as that of a value elsewhere in the text.
    """
    if name in SPELLINGS:
        return unknown_operation(name, f"; write {SPELLINGS[name]}")
    if is_value or name in CONSTANTS or (len(name) == 1 and count == 1):
        return unknown_operation(name, f"; if a product is meant, write {shown(name)}*(...)")
    return unknown_operation(name)


def arity_hint(operation: Operation, count: int, *, keywords: bool) -> str:
    """What to add to the fault of a call with `count` operands, too many or too few.

    keywords: something was given by name.
    """
    other = _OTHER_ARITIES.get((operation.name, count))
    if other is not None:
        return other
    if keywords and count < operation.arity[0]:
        return "; operands are given without names"
    most = operation.arity[1]
    if most is None or count <= most or not operation.attributes:
        return ""
    names = ", ".join(f"{attribute.name}=..." for attribute in operation.attributes)
    return f"; attributes are given by name: {names}"


def not_written_out(attribute: str) -> str:
    """For an attribute whose value would have to be worked out."""
    return f'{quoted(attribute)} is written out (a number, true, "text", a list), not worked out'


def not_an_index(value: Any) -> str:
    """For a subscript that is not an integer; value: what the parser has of it."""
    if type(value) is Token and value.value in WORDS:
        return "an axis is added with expand_dims(x, axis=0), not with an index"
    if type(value) is Token and value.type == "NUMBER":
        return f"an index is a whole number, not {shown(value.value)}"
    if type(value) is Token or type(value) is int:
        return (
            "an index is written out as a whole number or a slice; "
            "to choose by a condition write where(c, x, y)"
        )
    return "to take several positions write take(x, indices=[0, 2])"


def given_twice(name: str, line: int) -> str:
    """For a second assignment to a name."""
    return f"{quoted(name)} already names a value, in line {line}; give this one a new name"


def without_effect(statement: str, following: str) -> str:
    """For a statement that gives no name and is not the last.

    following: the character that the next one begins with.
    """
    statement = shown(" ".join(statement.split()))
    detail = f"{statement!r} has no effect: it gives nothing a name, and is not the last"
    if following in OPERATORS:
        return (
            f"{detail}; was that one formula with the {following!r} that follows? To go on in "
            "another line, put the whole in parentheses"
        )
    return f"{detail}; give it a name, as in y = 2*x, or leave it out"


def given_by_itself(name: str) -> str:
    """For x = x + 1."""
    return f"{quoted(name)} is used in its own definition; give the result a new name"


def given_too_late(name: str, line: int) -> str:
    """For a name used in a statement before the one that gives it."""
    return (
        f"{quoted(name)} is used before line {line} gives it to a value; give that one a new name"
    )


def function_hint(name: str, known: Collection[str] = ()) -> str | None:
    """What may be meant by a name that nothing defines; known: the names that are defined.

    A clause to follow "nothing is called 'sinx'", or None.
    """
    if name == "π":
        return "write pi"
    if name in WORDS:
        return "write 1 for true and 0 for false"
    if find(name) is not None:
        return f"{name} is an operation: write {name}(...)"
    for cut in range(1, min(len(name), 64)):
        first, rest = name[:cut], name[cut:]
        if find(first) is not None and (rest in known or rest in CONSTANTS or len(rest) == 1):
            return f"write {first}({rest})"
        if (first in known or first in CONSTANTS) and (
            rest in known or rest in CONSTANTS or rest.isdecimal()
        ):
            return f"write {first}*{rest}"
    return None
