"""The grammar of a plain list of nodes, as the table of a finite automaton.

    [{"id": "e", "op": "mul", "args": ["a", "b"]}, {"id": "d", "op": "add", "args": ["e", 2]}]

Strings have one character or more, of printable ASCII and without escapes; operands are strings and
numbers. Members come in any order: that each is there, and once, is left to who runs the automaton.
At anything else, and at the number -0, which as an integer of JSON is 0, it fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

_BLANK: Final = " \t\r\n"
_PLAIN: Final = "".join(
    chr(code) for code in range(ord(" "), ord("~") + 1) if chr(code) not in '"\\'
)
_DIGIT: Final = "0123456789"

# What may come where a node, a member, or an operand is awaited, and after each.
_NODE = {_BLANK: "node", "{": "member"}
_MEMBER = {_BLANK: "member", '"': "name"}
_OPERAND = {
    _BLANK: "operand",
    '"': "operand begins",
    "-": "minus begins",
    "0": "zero begins",
    "123456789": "digits begin",
}
_AFTER_OPERAND = {_BLANK: "after operand", ",": "operand", "]": "after member"}
_AFTER_MEMBER = {_BLANK: "after member", ",": "member", "}": "node ends"}
_AFTER_NODE = {_BLANK: "after node", ",": "node", "]": "list ends"}
# What comes after a number ends it (RFC 8259, section 6).
_NUMBER_ENDS = {_BLANK: "number ends", ",": "number ends, operand", "]": "number ends, last"}
_AFTER_ZERO = {".": "point", "eE": "exponent"}
_AFTER_DIGIT = {_DIGIT: "digits", **_AFTER_ZERO, **_NUMBER_ENDS}

# Of each state, the states that characters lead to. The beginning and the end of a token, of the
# operands, of a node and of the list are states of their own, so that they are told by the state.
_RULES: Final[Mapping[str, Mapping[str, str]]] = {
    "list": {_BLANK: "list", "[": "node"},
    "node": _NODE,
    "name": {"i": "i", "o": "o", "a": "a"},
    "i": {"d": "id"},
    "id": {'"': "after id"},
    "after id": {_BLANK: "after id", ":": "value of id"},
    "value of id": {_BLANK: "value of id", '"': "id begins"},
    "in id": {_PLAIN: "in id", '"': "id ends"},
    "o": {"p": "op"},
    "op": {'"': "after op"},
    "after op": {_BLANK: "after op", ":": "value of op"},
    "value of op": {_BLANK: "value of op", '"': "op begins"},
    "in op": {_PLAIN: "in op", '"': "op ends"},
    "a": {"r": "ar"},
    "ar": {"g": "arg"},
    "arg": {"s": "args"},
    "args": {'"': "after args"},
    "after args": {_BLANK: "after args", ":": "value of args"},
    "value of args": {_BLANK: "value of args", "[": "args begin"},
    "operand": _OPERAND,
    "first operand": {**_OPERAND, _BLANK: "first operand", "]": "after member"},
    "in operand": {_PLAIN: "in operand", '"': "operand ends"},
    "minus zero": _AFTER_ZERO,
    "digits": _AFTER_DIGIT,
    "point": {_DIGIT: "fraction"},
    "fraction": {_DIGIT: "fraction", "eE": "exponent", **_NUMBER_ENDS},
    "exponent": {"+-": "sign of exponent", _DIGIT: "digits of exponent"},
    "sign of exponent": {_DIGIT: "digits of exponent"},
    "digits of exponent": {_DIGIT: "digits of exponent", **_NUMBER_ENDS},
    "after operand": _AFTER_OPERAND,
    "after member": _AFTER_MEMBER,
    "after node": _AFTER_NODE,
    # A token begins:
    "id begins": {_PLAIN: "in id"},
    "op begins": {_PLAIN: "in op"},
    "operand begins": {_PLAIN: "in operand"},
    "minus begins": {"0": "minus zero", "123456789": "digits"},
    "zero begins": {**_AFTER_ZERO, **_NUMBER_ENDS},
    "digits begin": _AFTER_DIGIT,
    # A string ends:
    "id ends": _AFTER_MEMBER,
    "op ends": _AFTER_MEMBER,
    "operand ends": _AFTER_OPERAND,
    # A number has ended:
    "number ends": _AFTER_OPERAND,
    "number ends, operand": _OPERAND,
    "number ends, last": _AFTER_MEMBER,
    # Other things that are noted:
    "member": _MEMBER,
    "args begin": {**_OPERAND, _BLANK: "first operand", "]": "after member"},
    "node ends": _AFTER_NODE,
    "list ends": {},
    "failed": {},
}
_STATES: Final = {name: number for number, name in enumerate(_RULES)}

BEGINNING: Final = _STATES["list"]
ID_BEGINS: Final = _STATES["id begins"]
VALUE_OF_ID, VALUE_OF_OP, VALUE_OF_ARGS = (
    _STATES[f"value of {name}"] for name in ("id", "op", "args")
)
# The first of each kind of state in which something is noted, in this order.
TOKEN_BEGINS: Final = ID_BEGINS
OPERAND_BEGINS: Final = _STATES["operand begins"]
STRING_ENDS: Final = _STATES["id ends"]
NUMBER_ENDS: Final = _STATES["number ends"]
MEMBER: Final = _STATES["member"]
ARGS_BEGIN: Final = _STATES["args begin"]
NODE_ENDS: Final = _STATES["node ends"]
LIST_ENDS: Final = _STATES["list ends"]
FAILED: Final = _STATES["failed"]


def _table() -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """The state that follows each state with each byte."""
    table = np.full((len(_RULES), 256), FAILED, dtype=np.uint8)
    for state, rules in _RULES.items():
        for characters, following in rules.items():
            table[_STATES[state], list(characters.encode())] = _STATES[following]
    return table


FOLLOWING: Final = _table()
