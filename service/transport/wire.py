"""Bytes to JSON values and back.

orjson does the work. It refuses a number beyond binary64 outright; to say *where* such a
number stands, the body is then read once more by the standard library's slower reader, unless
it is long: then its line and column must do.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, NoReturn

import numpy as np
import numpy.typing as npt
import orjson

from autograd_core import Encoding, Fault, OutOfRange, in_words
from service.problems import invalid
from service.transport.malformed import constant, malformed

DEEPEST: Final = 100
_NOT_STRUCTURE: Final = bytes(set(range(256)) - set(b'[]{}"'))
_STEPS: Final = bytes.maketrans(b"[]{}", b"\x01\xff\x01\xff")  # as signed bytes, 1 and -1
_BLOCK: Final = 256 * 1024  # brackets looked at together
_SHORT: Final = 4096  # bytes; counting in so few is quicker than looking for one after another
_OVERFLOW: Final = "number is infinity"
_LONGEST_READ_SLOWLY: Final = 1024 * 1024  # bytes; ten times as many take a second or two
_LONGEST_NUMBER: Final = 26  # characters of -2.2250738585072014e-308, a comma and a space
_LONGEST_LITERAL: Final = 400  # digits; an integer of more is beyond 1.8e308 for certain


def decode(body: bytes) -> Any:
    """The JSON value of a body: Problem malformed-json, or invalid-message if it is nested too
    deep. How much memory it takes, `json_size` says beforehand.

    A number literal beyond binary64 becomes an OutOfRange in the place where it stood.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if not error.msg.startswith(_OVERFLOW):
            raise malformed(error) from None
        _check_depth(body)
        if len(body) > _LONGEST_READ_SLOWLY:
            raise invalid([_out_of_range(error)]) from None
        return _decode_slowly(body)
    _check_depth(body)
    return value


def encode(answer: Any, encoding: Encoding | None = None, *, nulls: bool = False) -> bytes:
    """The bytes of an answer. Arrays become nested lists, or tensor objects in an encoding;
    numbers that are not finite become "NaN", "Infinity" and "-Infinity", or nulls.

    orjson writes what is not finite as null. So where no null came out all was finite, and a
    walk over the answer, which costs ten times as much, is spared.
    """
    form = partial(plain_form, encoding=encoding, nulls=nulls)
    option = orjson.OPT_SERIALIZE_NUMPY if encoding is None else 0
    written = orjson.dumps(answer, default=form, option=option)
    if nulls or b"null" not in written:
        return written
    return orjson.dumps(plain(answer, form), option=orjson.OPT_SERIALIZE_NUMPY)


def text_bound(answer: Any) -> int:
    """Bytes that an answer's text takes at most, found without writing it."""
    total = 0
    waiting = [answer]
    while waiting:
        value = waiting.pop()
        kind = type(value)
        if kind is float or kind is int:
            total += _LONGEST_NUMBER
        elif kind is str:
            total += _text_bound(value)
        elif isinstance(value, np.ndarray):
            total += _array_bound(value)
        elif isinstance(value, Mapping):
            total += 2 + sum(map(_text_bound, value)) + 2 * len(value)
            waiting.extend(value.values())
        elif isinstance(value, list | tuple):
            if set(map(type, value)) == {float}:
                total += 2 + _LONGEST_NUMBER * len(value)
            else:
                total += 2 + len(value)
                waiting.extend(value)
        else:
            total += _LONGEST_NUMBER  # null, true, false, a NumPy number
    return total


def _text_bound(text: str) -> int:
    """Quotes, and each character escaped or in UTF-8."""
    return 2 + (2 if text.isascii() else 4) * len(text)


def _array_bound(array: npt.NDArray[Any]) -> int:
    """Each number with its comma, and brackets around each row; an encoding takes less."""
    rows = math.prod(array.shape[:-1]) if array.ndim else 0
    return _LONGEST_NUMBER * array.size + 3 * array.ndim * (rows + 1)


def plain(value: Any, form: Callable[[Any], Any]) -> Any:
    """An answer with nothing left in it that would be written as null. `form` says what
    becomes of whatever JSON has no form for.
    """
    kind = type(value)
    if kind is float:
        return value if math.isfinite(value) else _nonfinite(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is list or kind is tuple:
        return [plain(item, form) for item in value]
    if kind is dict:
        return {name: plain(item, form) for name, item in value.items()}
    if kind is np.ndarray and value.ndim:
        return form(value)
    return plain(form(value), form)


def plain_form(value: Any, encoding: Encoding | None = None, *, nulls: bool = False) -> Any:
    """What orjson asks for everything that it does not know, and arrays in `plain`."""
    if isinstance(value, np.ndarray):
        return _array(value, encoding, nulls=nulls) if value.ndim else value.item()
    if isinstance(value, np.generic):
        number = value.item()
        return number if nulls or math.isfinite(number) else _nonfinite(number)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _array(array: npt.NDArray[Any], encoding: Encoding | None, *, nulls: bool) -> Any:
    if encoding is not None:
        return {"shape": list(array.shape), encoding.name: encoding.write(array)}
    if nulls or np.isfinite(array).all():
        return np.ascontiguousarray(array)
    boxed = array.astype(object)
    boxed[np.isnan(array)] = "NaN"
    boxed[np.isposinf(array)] = "Infinity"
    boxed[np.isneginf(array)] = "-Infinity"
    return boxed.tolist()


def _nonfinite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _check_depth(body: bytes) -> None:
    """Refuse nesting deeper than 100, at the speed of a few passes over the bytes: looking at
    the decoded value instead would cost a Python step for each of its parts.

    Only brackets and quotes matter, once escapes are gone. Dropping adjacent quotes removes
    the strings that held no brackets (and joins those that did); what is left between quotes
    is text.
    """
    if _has_few(body, b"[") and _has_few(body, b"{"):
        return
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    structure = body.translate(None, _NOT_STRUCTURE).replace(b'""', b"")
    if b'"' in structure:
        structure = b"".join(structure.split(b'"')[::2])
    steps = np.frombuffer(structure.translate(_STEPS), dtype=np.int8)
    depth = 0
    for start in range(0, steps.size, _BLOCK):
        depths = steps[start : start + _BLOCK].cumsum(dtype=np.int32)
        if depth + int(depths.max()) > DEEPEST:
            detail = f"the JSON is nested deeper than {DEEPEST} levels"
            raise invalid([Fault("limit_exceeded", detail)])
        depth += int(depths[-1])


def _has_few(body: bytes, bracket: bytes) -> bool:
    """Whether a bracket is too rare for nesting deeper than 100; most long bodies are arrays."""
    if len(body) < _SHORT:
        return body.count(bracket) <= DEEPEST // 2
    position = -1
    for _ in range(DEEPEST // 2 + 1):
        position = body.find(bracket, position + 1)
        if position < 0:
            return True
    return False


def _decode_slowly(body: bytes) -> Any:
    """The standard library's reading, as strict as orjson's, but for numbers out of range."""
    try:
        text = body.decode("utf-8")
        value = json.loads(
            text, parse_int=_integer, parse_float=_float, parse_constant=_refuse_constant
        )
        # It lets lone surrogates through, which no answer could quote.
        orjson.dumps(value, default=lambda _: None)
    except json.JSONDecodeError as error:
        raise malformed(error) from None
    except _ConstantError:
        raise constant(text) from None
    except (ValueError, TypeError, RecursionError) as error:
        raise malformed(json.JSONDecodeError(str(error), "", 0)) from None
    return value


def _out_of_range(error: orjson.JSONDecodeError) -> Fault:
    detail = f"line {error.lineno}, column {error.colno} has {in_words(OutOfRange())}"
    return Fault("not_a_number", detail)


def _integer(literal: str) -> int | float | OutOfRange:
    if len(literal) > _LONGEST_LITERAL:
        return OutOfRange()
    value = int(literal)
    return value if -(2**63) <= value < 2**64 else _float(literal)


def _float(literal: str) -> float | OutOfRange:
    value = float(literal)
    return value if math.isfinite(value) else OutOfRange()


class _ConstantError(Exception):
    """A NaN or an Infinity, which the standard library takes for JSON."""


def _refuse_constant(literal: str) -> NoReturn:
    raise _ConstantError(literal)
