"""Encodings of a tensor's numbers as text: {"shape": [2, 3], "base64": "..."}. A row each.

A row's name is the member of a tensor object that holds such a text, and what a caller names to
have tensors written so.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.errors import Fault, TensorError

_BYTES = 8  # of a binary64 number


@dataclass(frozen=True)
class Encoding:
    """read: a text -> its numbers, in one dimension; raises TensorError (invalid_value).

    write: numbers in row-major order -> their text.
    """

    name: str
    doc: str
    read: Callable[[str], npt.NDArray[np.float64]]
    write: Callable[[npt.NDArray[Any]], str]


def base64_bytes(text: str, size: int, what: str = "numbers") -> bytes:
    """The bytes of numbers of `size` bytes each. Raises TensorError (invalid_value)."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        detail = "not base64 (standard alphabet, padded)"
        raise TensorError(Fault("invalid_value", detail)) from None
    if len(raw) % size:
        detail = f"{len(raw)} bytes are not a whole number of {size}-byte {what}"
        raise TensorError(Fault("invalid_value", detail))
    return raw


def _from_base64(text: str) -> npt.NDArray[np.float64]:
    raw = base64_bytes(text, _BYTES, "binary64 values")
    return np.frombuffer(raw, dtype="<f8").astype(np.float64, copy=False)


def _to_base64(array: npt.NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f8").tobytes()).decode("ascii")


ENCODINGS: Mapping[str, Encoding] = {
    row.name: row
    for row in (
        Encoding("base64", "the base64 of little-endian binary64", _from_base64, _to_base64),
    )
}
