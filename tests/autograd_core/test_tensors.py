"""What a JSON value means as a tensor, and how everything that means nothing is refused."""

import base64
import math
import struct
import tracemalloc
from typing import Any

import numpy as np
import pytest

from autograd_core import Fault, Limits, TensorError, tensor
from autograd_core.tensors import OutOfRange, name

SMALL = Limits(elements=6, rank=3)


def packed(*numbers: float) -> str:
    """Little-endian binary64 in base64, by the struct module."""
    return base64.b64encode(struct.pack(f"<{len(numbers)}d", *numbers)).decode()


def nested(depth: int, inside: Any = 1.0) -> Any:
    """`inside` in so many lists of one."""
    for _ in range(depth):
        inside = [inside]
    return inside


def fault_of(value: Any, limits: Limits = SMALL) -> Fault:
    with pytest.raises(TensorError) as caught:
        tensor(value, limits)
    return caught.value.faults[0]


@pytest.mark.parametrize(
    "value, expected",
    [
        (3, 3.0),
        (-0.0, -0.0),
        (2**53, 9007199254740992.0),
        (10**308, 1e308),
        ("NaN", math.nan),
        ("Infinity", math.inf),
        ("-Infinity", -math.inf),
        ({"shape": [], "data": [2.5]}, 2.5),
        ({"shape": [], "base64": packed(-1e-300)}, -1e-300),
        (np.float64(1.5), 1.5),
        (np.float32(0.5), 0.5),
        (np.int8(-3), -3.0),
        (np.uint64(2**53), 9007199254740992.0),
        (np.array(7), 7.0),
    ],
)
def test_a_scalar_is_a_python_float(value: Any, expected: float) -> None:
    found = tensor(value)
    assert type(found) is float
    assert struct.pack("<d", found) == struct.pack("<d", expected)


@pytest.mark.parametrize(
    "value, shape, flat",
    [
        ([1, 2.5, -3], (3,), [1, 2.5, -3]),
        ([[1, 2], [3, 4], [5, 6]], (3, 2), [1, 2, 3, 4, 5, 6]),
        (((1, 2), (3, 4)), (2, 2), [1, 2, 3, 4]),
        ([(1, 2), [3, 4]], (2, 2), [1, 2, 3, 4]),
        ([["Infinity", 1], [2, "NaN"]], (2, 2), [math.inf, 1, 2, math.nan]),
        ([], (0,), []),
        ([[], []], (2, 0), []),
        ([[[]]], (1, 1, 0), []),
        (nested(8), (1,) * 8, [1.0]),
        ({"shape": [2, 2], "data": [1, 2, 3, "-Infinity"]}, (2, 2), [1, 2, 3, -math.inf]),
        ({"shape": (3,), "data": (1, 2, 3)}, (3,), [1, 2, 3]),
        ({"shape": [0, 5], "data": []}, (0, 5), []),
        ({"shape": [0], "base64": ""}, (0,), []),
        ({"shape": [2, 1], "base64": packed(0.1, math.nan)}, (2, 1), [0.1, math.nan]),
        (np.arange(6, dtype=np.float32).reshape(2, 3), (2, 3), [0, 1, 2, 3, 4, 5]),
        (np.arange(6).reshape(2, 3).T, (3, 2), [0, 3, 1, 4, 2, 5]),
        (np.arange(6.0)[::-2], (3,), [5, 3, 1]),
        (np.arange(2, dtype=">f8"), (2,), [0, 1]),
        (np.zeros((2, 0)), (2, 0), []),
    ],
)
def test_a_tensor_is_contiguous_binary64(value: Any, shape: Any, flat: list[float]) -> None:
    found = tensor(value)
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.float64
    assert found.dtype.isnative
    assert found.flags.c_contiguous
    assert found.shape == shape
    np.testing.assert_array_equal(found.ravel(), flat)


def test_base64_keeps_every_bit() -> None:
    bits = [0, 1, 2**63, 0x7FF0000000000000, 0x7FF8000000000123, 0x000FFFFFFFFFFFFF]
    raw = struct.pack("<6Q", *bits)
    found = tensor({"shape": [2, 3], "base64": base64.b64encode(raw).decode()})
    assert isinstance(found, np.ndarray)
    assert found.tobytes() == raw


@pytest.mark.parametrize(
    "value, code, path, said",
    [
        (None, "not_a_number", (), "null"),
        (True, "not_a_number", (), "true"),
        ("3", "not_a_number", (), "'3'"),
        ("nan", "not_a_number", (), "'nan'"),
        ("inf", "not_a_number", (), '"Infinity"'),
        ("x" * 1000, "not_a_number", (), "..."),
        (object(), "not_a_number", (), "object"),
        (1j, "not_a_number", (), "complex"),
        (10**309, "not_a_number", (), "too large for binary64"),
        (-(10**400), "not_a_number", (), "too large for binary64"),
        (OutOfRange(), "not_a_number", (), "too large for binary64"),
        (None, "not_a_number", (), 'if that was NaN, write "NaN", in quotes'),
        ([1, None], "not_a_number", (1,), 'found null; if that was NaN, write "NaN", in quotes'),
        ([1, False], "not_a_number", (1,), "false"),
        ([[1, 2], [3, "4"]], "not_a_number", (1, 1), "'4'"),
        ([[1, 2], [OutOfRange(), 4]], "not_a_number", (1, 0), "too large"),
        ([1, 2, 10**309], "not_a_number", (2,), "too large"),
        ([[1], {}], "not_a_number", (1,), "an object"),
        ([{}, [1]], "not_a_number", (0,), "an object"),
        ([[1, 2], [3]], "ragged_tensor", (), "[1] there is a row of 1"),
        ([[1, 2], [3, 4, 5]], "ragged_tensor", (), "where the rows before it have 2"),
        ([[1], 2], "ragged_tensor", (), "[1] there is a number"),
        ([1, [2]], "ragged_tensor", (), "[1] there is a list"),
        ([[[1], [2]], [[3], 4]], "ragged_tensor", (), "[1, 1] there is a number"),
        ([[], [1]], "ragged_tensor", (), "row of 1"),
        (nested(4), "limit_exceeded", (), "3 axes"),
        (nested(1000), "limit_exceeded", (), "3 axes"),
        ([1] * 7, "limit_exceeded", (), "7 elements"),
        ([[1, 2, 3, 4], [5, 6, 7, 8]], "limit_exceeded", (), "8 elements"),
        (np.zeros((1, 1, 1, 1)), "limit_exceeded", (), "rank 4"),
        (np.zeros(7), "limit_exceeded", (), "over the limit of 6"),
        (np.array([1j]), "not_a_number", (), "complex128"),
        (np.array([True]), "not_a_number", (), "bool"),
        (np.bool_(True), "not_a_number", (), "bool"),
        (np.array(["1"]), "not_a_number", (), "real numbers"),
        (np.array([None]), "not_a_number", (), "object"),
    ],
)
def test_what_is_not_a_tensor_of_numbers_is_refused(
    value: Any, code: str, path: tuple[int, ...], said: str
) -> None:
    fault = fault_of(value)
    assert (fault.code, fault.path) == (code, path)
    assert said in fault.detail


@pytest.mark.parametrize(
    "value, code, path",
    [
        ({}, "missing_member", ()),
        ({"shape": [1]}, "missing_member", ()),
        ({"data": [1]}, "missing_member", ()),
        ({"shape": [1], "data": [1], "base64": packed(1)}, "missing_member", ()),
        ({"shape": [1], "dada": [1]}, "unknown_member", ("dada",)),
        ({"shape": 3, "data": [1, 2, 3]}, "wrong_type", ("shape",)),
        ({"shape": [-1], "data": [1]}, "invalid_value", ("shape", 0)),
        ({"shape": [1, 2.0], "data": [1, 2]}, "invalid_value", ("shape", 1)),
        ({"shape": [True], "data": [1]}, "invalid_value", ("shape", 0)),
        ({"shape": ["1"], "data": [1]}, "invalid_value", ("shape", 0)),
        ({"shape": [1] * 4, "data": [1]}, "limit_exceeded", ()),
        ({"shape": [7], "data": [1] * 7}, "limit_exceeded", ()),
        ({"shape": [10**30, 10**30], "data": []}, "limit_exceeded", ()),
        ({"shape": [2], "data": 3}, "wrong_type", ("data",)),
        ({"shape": [1, 2], "data": [[1, 2]]}, "shape_mismatch", ("data",)),
        ({"shape": [2], "data": [[1], [2]]}, "ragged_tensor", ("data",)),
        ({"shape": [2], "data": [1, 2, 3]}, "shape_mismatch", ("data",)),
        ({"shape": [], "data": []}, "shape_mismatch", ("data",)),
        ({"shape": [2], "data": [1, "x"]}, "not_a_number", ("data", 1)),
        ({"shape": [2], "data": [1, True]}, "not_a_number", ("data", 1)),
        ({"shape": [2], "data": [1, 10**309]}, "not_a_number", ("data", 1)),
        ({"shape": [1], "base64": 3}, "wrong_type", ("base64",)),
        ({"shape": [1], "base64": "AAAAAAAA8D8"}, "invalid_value", ("base64",)),
        ({"shape": [1], "base64": "AAAA AAA8D8="}, "invalid_value", ("base64",)),
        ({"shape": [1], "base64": "AAAAAAA_8D8="}, "invalid_value", ("base64",)),
        ({"shape": [1], "base64": "é"}, "invalid_value", ("base64",)),
        ({"shape": [1], "base64": "AAAA"}, "invalid_value", ("base64",)),
        ({"shape": [2], "base64": packed(1.0)}, "shape_mismatch", ("base64",)),
        ({"shape": [], "base64": ""}, "shape_mismatch", ("base64",)),
    ],
)
def test_a_tensor_object_is_refused_at_its_member(
    value: Any, code: str, path: tuple[str | int, ...]
) -> None:
    fault = fault_of(value)
    assert (fault.code, fault.path) == (code, path)


def test_a_mistyped_member_is_suggested() -> None:
    assert "did you mean 'shape'?" in fault_of({"shpae": [1], "data": [1]}).detail


def test_rank_eight_is_read_and_rank_nine_is_not() -> None:
    assert np.shape(tensor({"shape": [1] * 8, "data": [1]})) == (1,) * 8
    for value in (nested(9), {"shape": [1] * 9, "data": [1]}, np.zeros((1,) * 9)):
        assert fault_of(value, Limits()).code == "limit_exceeded"


@pytest.mark.parametrize(
    "value",
    [
        {"shape": [2_000_000], "data": []},
        {"shape": [2_000_000], "base64": ""},
        np.broadcast_to(np.float64(0), (2_000_000,)),
        [[1.0] * 1_000] * 2_000,
        nested(100_000),
    ],
    ids=["data", "base64", "numpy", "nested", "deep"],
)
def test_too_large_is_refused_before_memory_is_taken(value: Any) -> None:
    limits = Limits(elements=1_000_000)
    tracemalloc.start()
    try:
        assert fault_of(value, limits).code == "limit_exceeded"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize(
    "value, words",
    [
        (None, "null"),
        (True, "true"),
        ("a" * 70, f"the string {'a' * 60!r}..."),
        ({}, "an object"),
        ((), "a list"),
        (1.5, "a number"),
        (b"", "a bytes"),
    ],
)
def test_a_value_in_words(value: Any, words: str) -> None:
    assert name(value) == words
