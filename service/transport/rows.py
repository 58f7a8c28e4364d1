"""Many answers of one form, written from arrays: the bytes that `wire.encode` has for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from autograd_core import Array


def encode_rows(answer: Mapping[str, Any]) -> Sequence[bytes]:
    """The texts of answers, one a row. answer: of all of them together, an object in which every
    number is an array with an entry for each row. There is one, at least, of finite numbers; what
    is written of a row with others is nobody's answer.
    """
    columns: list[Array] = []
    form = _form(answer, columns)
    numbers = np.ascontiguousarray(np.array(columns).T)
    # "[[1.0,2.0],[3.0,4.0]]": orjson writes an array's numbers as it writes any.
    written = orjson.dumps(numbers, option=orjson.OPT_SERIALIZE_NUMPY)[2:-2]
    return [form % tuple(row.split(b",")) for row in written.split(b"],[")]


def _form(answer: Any, columns: list[Array]) -> bytes:
    """The text with a place for each number, whose columns are added in this order. It calls
    itself for an object in an object: a table of members is two deep.
    """
    if isinstance(answer, np.ndarray):
        columns.append(answer)
        return b"%b"
    if not isinstance(answer, Mapping):
        return orjson.dumps(answer).replace(b"%", b"%%")
    members = (
        b"%b:%b" % (orjson.dumps(name).replace(b"%", b"%%"), _form(part, columns))
        for name, part in answer.items()
    )
    return b"{%b}" % b",".join(members)
