"""One column of a graph: a list, or {"base64", "dtype"} -> an array of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from autograd_core.encodings import base64_bytes
from autograd_core.errors import Fault, GraphError, TensorError
from autograd_core.limits import Limits
from autograd_core.tensors import name as in_words, tensor

_DTYPES: Final = {"uint8": "<u1", "uint32": "<u4", "float64": "<f8"}
_WHOLE_NUMBERS: Final = frozenset({int})
Integers = npt.NDArray[np.integer[Any]]


def constants(given: Any, limits: Limits) -> list[float]:
    """A column of numbers. Raises GraphError."""
    if isinstance(given, Mapping):
        return cast("list[float]", _from_base64(given, "constants", ("float64",)).tolist())
    numbers = listed_column(given, "constants", limits.nodes)
    try:
        array = np.asarray(tensor(numbers, limits))
    except TensorError as error:
        raise GraphError(fault.under("constants") for fault in error.faults) from None
    if array.ndim > 1:
        detail = "a constant is a number: tensors are bindings, or have a graph of nodes"
        raise GraphError(Fault("not_a_number", detail, ("constants",)))
    return cast("list[float]", array.tolist())


def whole_numbers(given: Any, column: str, most: int | None) -> Integers:
    """A column of whole numbers, 0 or more, in the type that it came in."""
    if isinstance(given, Mapping):
        array = _from_base64(given, column, ("uint8", "uint32"))
    else:
        entries = listed_column(given, column, most)
        if not _WHOLE_NUMBERS.issuperset(map(type, entries)):
            place = next(k for k, entry in enumerate(entries) if type(entry) is not int)
            raise GraphError(_no_number(entries[place], column, place))
        try:
            array = np.array(entries, dtype=np.int64)
        except OverflowError:
            place = next(k for k, entry in enumerate(entries) if not -_LARGE < entry < _LARGE)
            raise GraphError(_no_number(entries[place], column, place)) from None
        if len(array) and array.min() < 0:
            place = int(np.argmin(array))
            raise GraphError(_no_number(entries[place], column, place))
    if most is not None and len(array) > most:
        raise GraphError(_too_long(len(array), column, most))
    return array


_LARGE: Final = 2**63


def _no_number(found: Any, column: str, place: int) -> Fault:
    shown = found if type(found) is int and abs(found) < _LARGE else in_words(found)
    detail = f"expected a whole number, 0 or more, found {shown}"
    return Fault("invalid_value" if type(found) is int else "wrong_type", detail, (column, place))


def listed_column(given: Any, column: str, most: int | None) -> list[Any]:
    """A column that is a list of at most so many entries. Raises GraphError."""
    if not isinstance(given, list | tuple):
        detail = f"a column is a list, or an object of 'base64' and 'dtype', not {in_words(given)}"
        raise GraphError(Fault("wrong_type", detail, (column,)))
    if most is not None and len(given) > most:
        raise GraphError(_too_long(len(given), column, most))
    return list(given)


def _too_long(length: int, column: str, most: int) -> Fault:
    return Fault("limit_exceeded", f"{length:,} entries are over the limit of {most:,}", (column,))


def _from_base64(given: Mapping[str, Any], column: str, dtypes: Sequence[str]) -> npt.NDArray[Any]:
    """{"base64": ..., "dtype": ...}: little-endian numbers of one of these types."""
    if set(given) != {"base64", "dtype"} or not isinstance(given["base64"], str):
        detail = "a column is a list, or an object of 'base64', a string, and 'dtype'"
        raise GraphError(Fault("wrong_type", detail, (column,)))
    if given["dtype"] not in dtypes:
        detail = f"the dtype of {column} is {' or '.join(map(repr, dtypes))}"
        raise GraphError(Fault("invalid_value", detail, (column, "dtype")))
    dtype = np.dtype(_DTYPES[given["dtype"]])
    try:
        return np.frombuffer(base64_bytes(given["base64"], dtype.itemsize), dtype=dtype)
    except TensorError as error:
        raise GraphError(fault.under(column, "base64") for fault in error.faults) from None
