"""Numbers as they are written in JSON -> binary64 scalars and arrays.

Accepted: a number; a nested list of numbers, rectangular; {"shape": [...], "data": [...]} in
row-major order; {"shape": [...], "base64": "..."} holding little-endian binary64. Non-finite
numbers are the strings "NaN", "Infinity" and "-Infinity". Booleans and numeric strings are
refused: a JSON `true` is not a number, whatever Python thinks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.encodings import ENCODINGS, Encoding
from autograd_core.errors import Fault, Path, TensorError
from autograd_core.limits import DEFAULT_LIMITS, Deadline, Limits, watched
from autograd_core.names import quoted, unknown_member

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Shape = tuple[int, ...]
Number = float | Array  # a scalar, or numbers in a shape
# From 1 to the next larger number.
EPSILON = 2.0**-52

NONFINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_NUMBERS = frozenset({int, float})
_LISTS = frozenset({list, tuple})
_NUMBERS_IN = ("data", *ENCODINGS)
_MEMBERS = ("shape", *_NUMBERS_IN)


class OutOfRange:
    """Stands for a number literal whose magnitude is beyond binary64.

    A decoder puts it where such a literal stood, so that the fault is reported at its place.
    """


def tensor(value: Any, limits: Limits = DEFAULT_LIMITS) -> float | Array:
    """A float for a scalar, else a C-contiguous float64 array of rank 1 or more.

    NumPy arrays and numbers are taken too, so that the library is pleasant from Python.
    Raises TensorError with codes not_a_number, ragged_tensor, invalid_value, wrong_type,
    missing_member, unknown_member or limit_exceeded.
    """
    kind = type(value)
    if kind is float or kind is int:
        return _scalar(value)
    if kind is list or kind is tuple:
        return _from_nested(value, limits)
    if kind is str:
        return _nonfinite(value, ())
    if isinstance(value, np.ndarray | np.generic):
        return _from_numpy(value, limits)
    if isinstance(value, Mapping):
        return _from_object(value, limits)
    if isinstance(value, float):
        return float(value)
    raise _not_a_number(value, ())


def name(value: Any) -> str:
    """A JSON value in words, short enough for a message."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the string {quoted(value)}"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, OutOfRange):
        return 'a number too large for binary64 (infinity is written "Infinity")'
    if isinstance(value, int | float):
        return "a number"
    return f"a {type(value).__name__}"


def size_for_limits(shape: Iterable[int]) -> int:
    """What limits count of a shape, as an exact integer: the product of the lengths that are not
    0. An array without elements has a row to write, and a step to take, for each of the others.
    """
    return math.prod(length for length in shape if length)


def size_in_words(shape: Shape) -> str:
    """What limits count of a shape, for a message that it is too much."""
    counted = f"{size_for_limits(shape):,} elements"
    return counted if all(shape) else f"{counted}, lengths of 0 not counted"


def check_size(shape: Shape, limits: Limits, what: str = "a tensor") -> None:
    """Raise TensorError where a shape has too many axes or elements."""
    if len(shape) > limits.rank:
        detail = f"{what} of rank {len(shape)} is over the limit of {limits.rank} axes"
        raise TensorError(Fault("limit_exceeded", detail))
    if size_for_limits(shape) > limits.elements:
        detail = (
            f"{what} of shape {list(shape)} has {size_in_words(shape)}, "
            f"over the limit of {limits.elements:,}"
        )
        raise TensorError(Fault("limit_exceeded", detail))


def _scalar(value: float, path: Path = ()) -> float:
    try:
        return float(value)
    except OverflowError:
        raise _not_a_number(OutOfRange(), path) from None


def _nonfinite(text: str, path: Path) -> float:
    number = NONFINITE.get(text)
    if number is None:
        detail = (
            f"expected a number, found {name(text)}; "
            'strings are read only as "NaN", "Infinity" and "-Infinity"'
        )
        raise TensorError(Fault("not_a_number", detail, path))
    return number


def _not_a_number(value: Any, path: Path) -> TensorError:
    detail = f"expected a number, found {name(value)}"
    if value is None:  # what many encoders of JSON make of a NaN, or of a missing number
        detail += '; if that was NaN, write "NaN", in quotes'
    return TensorError(Fault("not_a_number", detail, path))


def _from_nested(value: Any, limits: Limits) -> Array:
    """Flatten level by level, so that the depth of the nesting costs no recursion."""
    shape: tuple[int, ...] = ()
    level: list[Any] = [value]
    while level and type(level[0]) in _LISTS:
        length = len(level[0])
        if len(shape) == limits.rank:
            detail = f"a tensor nested deeper than {limits.rank} axes"
            raise TensorError(Fault("limit_exceeded", detail))
        for position, row in watched(enumerate(level), Deadline.current()):
            if type(row) not in _LISTS:
                raise _ragged(row, _unravel(position, shape))
            if len(row) != length:
                raise _ragged(row, _unravel(position, shape), length)
        shape = (*shape, length)
        check_size(shape, limits)
        level = list(chain.from_iterable(level))
    return _filled(level, shape)


def _filled(flat: Sequence[Any], shape: Shape) -> Array:
    """The array of `shape` with these row-major entries, each checked to be a number."""
    if not _NUMBERS.issuperset(map(type, flat)):
        flat = _entries(flat, shape)
    try:
        return np.array(flat, dtype=np.float64).reshape(shape)
    except OverflowError:  # an int beyond binary64: go through again to say which
        return np.array(_entries(flat, shape), dtype=np.float64).reshape(shape)


def _entries(flat: Sequence[Any], shape: Shape) -> list[float]:
    numbered = watched(enumerate(flat), Deadline.current())
    return [_entry(entry, position, shape) for position, entry in numbered]


def _entry(entry: Any, position: int, shape: Shape) -> float:
    kind = type(entry)
    path = _unravel(position, shape)
    if kind in _NUMBERS:
        return _scalar(entry, path)
    if kind is str:
        return _nonfinite(entry, path)
    if kind in _LISTS:
        raise _ragged(entry, path)
    raise _not_a_number(entry, path)


def _ragged(entry: Any, place: Path, length: int | None = None) -> TensorError:
    """The fault of rows that differ; it is the whole tensor's, and says where it shows."""
    where = f"at {list(place)} there is "
    if type(entry) in _LISTS and length is not None:
        detail = f"{where}a row of {len(entry)}, where the rows before it have {length}"
    elif type(entry) in _LISTS:
        detail = f"{where}a list, where its neighbours are numbers"
    elif type(entry) in _NUMBERS:
        detail = f"{where}a number, where its neighbours are lists"
    else:
        return _not_a_number(entry, place)
    return TensorError(Fault("ragged_tensor", f"the tensor is not rectangular: {detail}"))


def _unravel(position: int, shape: Shape) -> Path:
    """Row-major position -> indices, in Python integers of any size."""
    indices: list[int] = []
    for length in reversed(shape):
        position, index = divmod(position, length)
        indices.append(index)
    return tuple(reversed(indices))


def _from_numpy(value: npt.NDArray[Any] | np.generic, limits: Limits) -> float | Array:
    if value.dtype.kind not in "fiu":
        detail = f"expected an array of real numbers, found one of {value.dtype}"
        raise TensorError(Fault("not_a_number", detail))
    check_size(value.shape, limits)
    if value.ndim == 0:
        return float(value)
    return np.ascontiguousarray(value, dtype=np.float64)


def _from_object(value: Mapping[str, Any], limits: Limits) -> float | Array:
    unknown = (key for key in value if key not in _MEMBERS)
    faults = [unknown_member(key, _MEMBERS) for key in islice(unknown, limits.faults)]
    if faults:
        raise TensorError(faults)
    given = [member for member in _NUMBERS_IN if member in value]
    if "shape" not in value or len(given) != 1:
        detail = f"a tensor object has a 'shape' and one of {' and '.join(map(repr, _NUMBERS_IN))}"
        raise TensorError(Fault("missing_member", detail))
    shape, (member,) = _shape(value["shape"], limits), given
    if member == "data":
        return _from_flat(value[member], shape)
    return _from_text(value[member], shape, ENCODINGS[member])


def _shape(value: Any, limits: Limits) -> Shape:
    if type(value) not in _LISTS:
        detail = f"'shape' is a list of lengths, found {name(value)}"
        raise TensorError(Fault("wrong_type", detail, ("shape",)))
    for axis, length in enumerate(value):
        if type(length) is not int or length < 0:
            detail = f"a length is a whole number, 0 or more, found {name(length)}"
            raise TensorError(Fault("invalid_value", detail, ("shape", axis)))
    check_size(tuple(value), limits)
    return tuple(value)


def _from_flat(data: Any, shape: Shape) -> float | Array:
    if type(data) not in _LISTS:
        detail = f"'data' is a flat list of numbers, found {name(data)}"
        raise TensorError(Fault("wrong_type", detail, ("data",)))
    _check_count(len(data), shape, "data")
    try:
        array = _filled(data, (len(data),))
    except TensorError as error:
        raise TensorError(fault.under("data") for fault in error.faults) from None
    return array.reshape(shape) if shape else float(array[0])


def _from_text(text: Any, shape: Shape, encoding: Encoding) -> float | Array:
    member = encoding.name
    if type(text) is not str:
        detail = f"{member!r} is a string, found {name(text)}"
        raise TensorError(Fault("wrong_type", detail, (member,)))
    try:
        array = encoding.read(text)
    except TensorError as error:
        raise TensorError(fault.under(member) for fault in error.faults) from None
    _check_count(len(array), shape, member)
    return array.reshape(shape) if shape else float(array[0])


def _check_count(count: int, shape: Shape, member: str) -> None:
    if count != math.prod(shape):
        detail = f"{count} values do not fill shape {list(shape)}, which holds {math.prod(shape)}"
        raise TensorError(Fault("shape_mismatch", detail, (member,)))
