from __future__ import annotations

import json
import math
from types import MappingProxyType
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, strategies as st

from autograd_core import ENCODINGS, OutOfRange
from service.problems import Problem
from service.transport import wire


@pytest.mark.parametrize(
    "body, line, column",
    [
        (b"", 1, 1),
        (b"{", 1, 2),
        (b"[1,]", 1, 3),
        (b'{\n "x": NaN}', 2, 7),
        (b'{"x": Infinity}', 1, 7),
        (b'{"x": 1} {}', 1, 10),
        (b"\xff{}", 1, 1),
        (b"\xef\xbb\xbf{}", 1, 1),
        (b'"\\ud800"', 1, 2),
        (b"{'x': 1}", 1, 2),
        (b"[" * 100_000, 1, 1026),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(body: bytes, line: int, column: int) -> None:
    with pytest.raises(Problem) as caught:
        wire.decode(body)
    assert caught.value.kind == "malformed-json"
    assert (caught.value.line, caught.value.column) == (line, column)
    assert f"line {line}, column {column}" in caught.value.detail


@pytest.mark.parametrize(
    "value, found",
    [
        ("NaN", 'it has NaN (line 2, column 3); write "NaN", in quotes'),
        ("-NaN", 'it has -NaN (line 2, column 3); write "NaN", in quotes'),
        ("nan", 'it has nan (line 2, column 3); write "NaN", in quotes'),
        ("Infinity", 'it has Infinity (line 2, column 3); write "Infinity", in quotes'),
        ("+Inf", 'it has +Inf (line 2, column 3); write "Infinity", in quotes'),
        ("-Infinity", 'it has -Infinity (line 2, column 3); write "-Infinity", in quotes'),
        ("-inf", 'it has -inf (line 2, column 3); write "-Infinity", in quotes'),
        ("1e999, -Infinity", 'it has -Infinity (line 2, column 10); write "-Infinity", in quotes'),
        (
            '"NaN", "\\"Infinity", 1e999, NaN',
            'it has NaN (line 2, column 31); write "NaN", in quotes',
        ),
        ("True", "it has True (line 2, column 3); write true"),
        (
            "None",
            'it has None (line 2, column 3); write null, or "NaN", in quotes, for a number',
        ),
        ("'a'", "it has ' (line 2, column 3); write text in double quotes"),
        ("NaNs", "unexpected character, expected a JSON value (line 2, column 3)"),
        ("-x", "no digit after sign (line 2, column 4)"),
        ("?", "unexpected character, expected a JSON value (line 2, column 3)"),
    ],
)
def test_what_other_languages_write_gets_a_hint(value: str, found: str) -> None:
    with pytest.raises(Problem) as caught:
        wire.decode(f"[\n  {value}]".encode())
    assert caught.value.detail == f"the body is not JSON: {found}"
    assert f"(line {caught.value.line}, column {caught.value.column})" in found


@pytest.mark.parametrize(
    "literal", ["1e400", "-1e400", "1" + "0" * 309, "-1" + "0" * 309, "1" * 5_000, "1" * 100_000]
)
def test_a_number_beyond_binary64_keeps_its_place(literal: str) -> None:
    decoded = wire.decode(b'{"a": [1, %b], "b": 123456789012345678901}' % literal.encode())
    assert isinstance(decoded["a"][1], OutOfRange)
    assert decoded["a"][0] == 1
    assert decoded["b"] == 123456789012345678901.0
    assert type(decoded["b"]) is float


def test_of_a_long_body_the_line_and_column_of_such_a_number_must_do() -> None:
    body = b"[0,\n 1e400," + b"0," * 1_000_000 + b"0]"
    with pytest.raises(Problem) as caught:
        wire.decode(body)
    (fault,) = caught.value.faults
    assert fault.code == "not_a_number"
    assert fault.detail.startswith("line 2, column 2 has a number too large for binary64")


@pytest.mark.parametrize(
    "body",
    [
        b"[1e400, NaN]",
        b"[1e400, Infinity]",
        b"[1e400",
        b'[1e400, "\\ud800"]',
        b'[1e400, "\xff"]',
        b"[1e400, 01]",
        b'[1e400, "' + b"[" * 100_000,
    ],
)
def test_the_slow_reader_is_as_strict(body: bytes) -> None:
    with pytest.raises(Problem) as caught:
        wire.decode(body)
    assert caught.value.kind == "malformed-json"


def nested(depth: int, inside: str = "") -> bytes:
    return ("[" * depth + inside + "]" * depth).encode()


@pytest.mark.parametrize(
    "body, refused",
    [
        (nested(100), False),
        (nested(101), True),
        (nested(900), True),
        (b'{"a":' * 101 + b"1" + b"}" * 101, True),
        (b"[" + b",".join([nested(99)] * 50) + b"]", False),
        (b"[" + b",".join([nested(100)] * 50) + b"]", True),
        (nested(99, '"' + "[" * 500 + '"'), False),
        (nested(99, '"' + "]" * 500 + '", "[", "]", "{", ""'), False),
        (nested(99, '"\\"' + "[" * 500 + '\\\\", "x"'), False),
        (nested(99, '"\\\\", [["\\\\\\""]]'), True),
        (nested(100, "1e400"), False),
        (nested(101, "1e400"), True),
    ],
)
def test_nesting_has_a_limit(body: bytes, refused: bool) -> None:
    if not refused:
        wire.decode(body)
        return
    with pytest.raises(Problem) as caught:
        wire.decode(body)
    assert caught.value.status == 422
    assert caught.value.faults[0].code == "limit_exceeded"


def depth_of(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


brackets = st.text('[]{}"\\ab\n', max_size=8)
values = st.recursive(
    brackets | st.integers(0, 9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(brackets, inner, max_size=3),
    max_leaves=30,
)


@pytest.mark.slow
@given(values, st.integers(1, 12))
def test_depth_is_counted_as_a_walk_over_the_value_counts_it(value: Any, limit: int) -> None:
    wrapped = value
    for _ in range(101 - limit):
        wrapped = [wrapped]
    body = orjson.dumps([wrapped, *(["[", "{"] * 60)])
    try:
        wire.decode(body)
        refused = False
    except Problem:
        refused = True
    assert refused is (depth_of(json.loads(body)) > 100)


@pytest.mark.parametrize(
    "value, text",
    [
        (4.0, "4.0"),
        (-0.0, "-0.0"),
        (5e-324, "5e-324"),
        (math.nan, '"NaN"'),
        (math.inf, '"Infinity"'),
        (-math.inf, '"-Infinity"'),
        (np.float64(2.5), "2.5"),
        (np.float64("nan"), '"NaN"'),
        (np.int64(3), "3"),
        (np.bool_(True), "true"),
        (np.array(7.0), "7.0"),
        (np.array(np.inf), '"Infinity"'),
        (np.array([1.0, -0.0]), "[1.0,-0.0]"),
        (np.array([[1.0, np.nan], [np.inf, -np.inf]]), '[[1.0,"NaN"],["Infinity","-Infinity"]]'),
        (np.arange(6.0).reshape(2, 3).T, "[[0.0,3.0],[1.0,4.0],[2.0,5.0]]"),
        (np.zeros((2, 0)), "[[],[]]"),
        (np.zeros(0), "[]"),
        (np.full((2, 0, 3), np.nan), "[[],[]]"),
        (np.array([[1.0, 2.0]]).T, "[[1.0],[2.0]]"),
        (MappingProxyType({"a": np.float64(1)}), '{"a":1.0}'),
        (MappingProxyType({"a": np.float64("inf")}), '{"a":"Infinity"}'),
        ({"null": np.array([1.0])}, '{"null":[1.0]}'),
        ([np.arange(3.0)[::2], None, np.float64(0.5)], "[[0.0,2.0],null,0.5]"),
        ({"a": (1, None, True, "x")}, '{"a":[1,null,true,"x"]}'),
    ],
)
def test_answers_are_exact_and_never_null(value: Any, text: str) -> None:
    assert wire.encode(value).decode() == text


@pytest.mark.parametrize("shape", [(1,), (2, 3), (0,), (2, 0), (1,) * 16])
def test_base64_tensors_come_back_bit_for_bit(shape: tuple[int, ...]) -> None:
    array = np.full(shape, np.nan)
    array[...] = -0.0
    answer = orjson.loads(wire.encode({"x": array, "y": 1.5}, ENCODINGS["base64"]))
    assert answer["y"] == 1.5
    assert answer["x"]["shape"] == list(shape)
    import base64

    raw = base64.b64decode(answer["x"]["base64"])
    assert raw == array.astype("<f8").tobytes()


def test_what_has_no_form_is_a_defect_not_a_null() -> None:
    for beside in (1.0, np.nan):
        with pytest.raises(TypeError):
            wire.encode({"x": object(), "y": beside})


@given(st.floats())
def test_every_float_survives(value: float) -> None:
    back = orjson.loads(wire.encode(value))
    again = float(back.replace("Infinity", "inf")) if isinstance(back, str) else back
    assert again == value or (math.isnan(value) and math.isnan(again))
