"""Many answers of one form, written from arrays: the bytes that `wire.encode` has for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from autograd_core import Array


def encode_rows(answer: Mapping[str, Any], count: int) -> Sequence[bytes]:
    """The texts of answers, one a row, so many. answer: of all of them together, an object in which
    every array is a number of each; what else is in it they share, and the numbers are finite. What
    is written of a row with others is nobody's answer.
    """
    columns: list[Array] = []
    form = _form(answer, columns)
    if not columns:
        return [form % ()] * count
    numbers = np.ascontiguousarray(np.array(columns).T)
    # "[[1.0,2.0],[3.0,4.0]]": orjson writes an array's numbers as it writes any.
    written = orjson.dumps(numbers, option=orjson.OPT_SERIALIZE_NUMPY)[2:-2]
    return [form % tuple(row.split(b",")) for row in written.split(b"],[")]


def _form(answer: Any, columns: list[Array]) -> bytes:
    """The text with a place for each number, whose columns are added in this order. It calls
    itself for what is in a list or an object: a table of members is three deep.
    """
    if isinstance(answer, np.ndarray):
        columns.append(answer)
        return b"%b"
    if isinstance(answer, list):
        return b"[%b]" % b",".join(_form(part, columns) for part in answer)
    if not isinstance(answer, Mapping):
        return orjson.dumps(answer).replace(b"%", b"%%")
    members = (
        b"%b:%b" % (orjson.dumps(name).replace(b"%", b"%%"), _form(part, columns))
        for name, part in answer.items()
    )
    return b"{%b}" % b",".join(members)
