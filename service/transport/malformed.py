"""Texts that are not JSON: where they stop being it, and how to write what was meant.

Many encoders write what JSON has no form for: Python's and Go's NaN, JavaScript's undefined. Who
sends such a text sees a number; a hint says how it is written here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from service.problems import Problem

_WORD: Final = re.compile(r"""[-+]?(?:[^\W\d]\w{0,20}|')""")
_NAN: Final = '"NaN", in quotes'
_INFINITY: Final = '"Infinity", in quotes'
_NOTHING: Final = 'null, or "NaN", in quotes, for a number'
_WRITTEN: Final[Mapping[str, str]] = {
    "nan": _NAN,
    "-nan": _NAN,
    "na": _NAN,
    "infinity": _INFINITY,
    "inf": _INFINITY,
    "-infinity": '"-Infinity", in quotes',
    "-inf": '"-Infinity", in quotes',
    "true": "true",
    "false": "false",
    "none": _NOTHING,
    "nil": _NOTHING,
    "undefined": _NOTHING,
    "'": "text in double quotes",
}
# The first that is no part of a text is what a reader stopped at: all before it is JSON.
_CONSTANT: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|(-?Infinity|NaN)')


def malformed(error: json.JSONDecodeError) -> Problem:
    """Problem malformed-json, with the line and the column; a hint if what is there is known."""
    place = error.pos
    if error.doc[place - 1 : place] == "-":  # it was read before what it is the sign of
        place -= 1
    word = _WORD.match(error.doc, place)
    written = word and _WRITTEN.get(word[0].lower().removeprefix("+"))
    if word is None or written is None:
        return _problem(error.msg, error.lineno, error.colno)
    column = error.colno - (error.pos - place)
    return _problem(f"it has {word[0]}", error.lineno, column, f"; write {written}")


def constant(text: str) -> Problem:
    """The same for the first NaN or Infinity of a text that is JSON up to there."""
    places = (found.start(1) for found in _CONSTANT.finditer(text) if found[1])
    return malformed(json.JSONDecodeError("a constant that is not JSON", text, next(places, 0)))


def _problem(reason: str, line: int, column: int, hint: str = "") -> Problem:
    detail = f"the body is not JSON: {reason} (line {line}, column {column}){hint}"
    return Problem("malformed-json", detail, line=line, column=column)
