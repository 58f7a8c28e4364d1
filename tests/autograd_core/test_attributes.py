"""Attributes of operations: how JSON values are read as them, and what is wrong with the others."""

import math
from types import MappingProxyType
from typing import Any

import pytest

from autograd_core.operations import TABLE
from tests.tables import table

READ: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("relu", {}, {}),
    ("sum", {}, {"axis": None, "keepdims": False}),
    ("sum", {"axis": None}, {"axis": None, "keepdims": False}),
    ("sum", {"axis": -1, "keepdims": True}, {"axis": -1, "keepdims": True}),
    ("sum", {"axis": [0, 1]}, {"axis": (0, 1), "keepdims": False}),
    ("sum", {"axis": []}, {"axis": (), "keepdims": False}),
    ("sum", {"axis": 1.0}, {"axis": 1, "keepdims": False}),
    ("softmax", {"axis": None}, {"axis": -1}),
    ("elu", {"alpha": 2}, {"alpha": 2.0}),
    ("elu", {"alpha": -0.5}, {"alpha": -0.5}),
    ("reshape", {"shape": [2, -1]}, {"shape": (2, -1)}),
    ("reshape", {"shape": 6}, {"shape": (6,)}),
    ("reshape", {"shape": [2.0]}, {"shape": (2,)}),
    ("reshape", {"shape": []}, {"shape": ()}),
    ("transpose", {"axes": [1, 0]}, {"axes": (1, 0)}),
    ("einsum", {"equation": "i->"}, {"equation": "i->"}),
    ("take", {"indices": 3}, {"indices": 3, "axis": 0}),
    ("take", {"indices": [0, -1]}, {"indices": (0, -1), "axis": 0}),
    ("take", {"indices": []}, {"indices": (), "axis": 0}),
    ("take", {"indices": [[0, 1], [2, 3]]}, {"indices": ((0, 1), (2, 3)), "axis": 0}),
    ("take", {"indices": [[], []]}, {"indices": ((), ()), "axis": 0}),
    ("index", {"spec": [0, -1]}, {"spec": (0, -1)}),
    ("index", {"spec": [[1]]}, {"spec": (slice(1, None, None),)}),
    ("index", {"spec": [[None, 3]]}, {"spec": (slice(None, 3, None),)}),
    ("index", {"spec": [[5, None, -2], 1]}, {"spec": (slice(5, None, -2), 1)}),
)


@pytest.mark.parametrize("name, given, expected", READ)
def test_attributes_are_normalised(
    name: str, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    found, faults = TABLE[name].check_attributes(given)
    assert faults == ()
    assert dict(found) == expected
    assert {key: type(value) for key, value in found.items()} == {
        key: type(value) for key, value in expected.items()
    }
    assert isinstance(found, MappingProxyType)


def _nested(depth: int) -> Any:
    positions: Any = 0
    for _ in range(depth):
        positions = [positions]
    return positions


# Operation, attribute, value, code, what the message says of it.
REFUSED: tuple[tuple[str, str, Any, str, str], ...] = (
    # not the type
    ("sum", "axis", "0", "wrong_type", "an axis or a list of axes, not the string '0'"),
    ("sum", "axis", True, "wrong_type", "not true"),
    ("sum", "axis", 0.5, "wrong_type", "not a number"),
    ("sum", "axis", math.nan, "wrong_type", "'axis'"),
    ("sum", "axis", [0, "1"], "wrong_type", "not a list"),
    ("sum", "axis", [[0]], "wrong_type", "not a list"),
    ("sum", "axis", {}, "wrong_type", "not an object"),
    ("sum", "keepdims", 1, "wrong_type", "true or false, not a number"),
    ("sum", "keepdims", "true", "wrong_type", "not the string 'true'"),
    ("var", "ddof", 2.5, "wrong_type", "a whole number, not a number"),
    ("var", "ddof", False, "wrong_type", "not false"),
    ("var", "ddof", [1], "wrong_type", "not a list"),
    ("elu", "alpha", "1", "wrong_type", "a number, not the string '1'"),
    ("elu", "alpha", True, "wrong_type", "not true"),
    ("elu", "alpha", [1], "wrong_type", "not a list"),
    ("transpose", "axes", 0, "wrong_type", "a list of axes, not a number"),
    ("reshape", "shape", "2,3", "wrong_type", "a list of lengths"),
    ("reshape", "shape", [2, None], "wrong_type", "a list of lengths"),
    ("reshape", "shape", None, "wrong_type", "not null"),
    ("einsum", "equation", 5, "wrong_type", "a string, not a number"),
    ("einsum", "equation", None, "wrong_type", "not null"),
    ("take", "indices", None, "wrong_type", "not null"),
    ("take", "indices", 0.5, "wrong_type", "position"),
    ("take", "indices", [True], "wrong_type", "position"),
    ("index", "spec", 0, "wrong_type", "[start, stop, step]"),
    ("index", "spec", [None], "wrong_type", "[start, stop, step]"),
    ("index", "spec", ["0"], "wrong_type", "[start, stop, step]"),
    ("index", "spec", [[0, "1"]], "wrong_type", "[start, stop, step]"),
    # not a value
    ("sum", "axis", 1e300, "invalid_value", "out of range"),
    ("sum", "axis", 2**64, "invalid_value", "out of range"),
    ("elu", "alpha", math.inf, "invalid_value", "finite"),
    ("elu", "alpha", math.nan, "invalid_value", "finite"),
    ("elu", "alpha", 10**400, "invalid_value", "finite"),
    ("reshape", "shape", [-2], "invalid_value", "[-2]"),
    ("reshape", "shape", [-1, -1], "invalid_value", "at most one of them -1"),
    ("reshape", "shape", [2**63], "invalid_value", "out of range"),
    ("index", "spec", [[]], "invalid_value", "integers or [start, stop, step]"),
    ("index", "spec", [[0, 1, 2, 3]], "invalid_value", "integers or [start, stop, step]"),
    ("index", "spec", [[0, 1, 0]], "invalid_value", "step 0"),
    ("take", "indices", [[0], [1, 2]], "invalid_value", "rectangular"),
    ("take", "indices", [0, [1]], "invalid_value", "rectangular"),
    ("take", "indices", [[[0], [1]], [2, 3]], "invalid_value", "rectangular"),
    ("take", "indices", [[[0, 1]], [[0, 1, 2]]], "invalid_value", "rectangular"),
    ("take", "indices", _nested(9), "invalid_value", "deeper than 8"),
    ("take", "indices", _nested(90), "invalid_value", "deeper than 8"),
)


@table("name, attribute, value, code, words", REFUSED)
def test_what_is_not_an_attribute_is_refused(
    name: str, attribute: str, value: Any, code: str, words: str
) -> None:
    _, faults = TABLE[name].check_attributes({attribute: value})
    assert [(fault.code, fault.path) for fault in faults] == [
        *[(code, (attribute,))],
        *[
            ("missing_member", (other.name,))
            for other in TABLE[name].attributes
            if other.required and other.name != attribute
        ],
    ]
    assert repr(attribute) in faults[0].detail
    assert words in faults[0].detail


def test_a_missing_attribute() -> None:
    _, (fault,) = TABLE["reshape"].check_attributes({})
    assert (fault.code, fault.path) == ("missing_member", ("shape",))
    assert fault.detail.startswith("reshape needs the attribute 'shape'")


@pytest.mark.parametrize(
    "name, attribute, hint",
    [
        ("sum", "axs", "did you mean 'axis'?"),
        ("sum", "keepdim", "did you mean 'keepdims'?"),
        ("sum", "zzz", "it takes axis, keepdims"),
        ("sin", "axis", "it takes none"),
    ],
)
def test_an_unknown_attribute(name: str, attribute: str, hint: str) -> None:
    found, (fault,) = TABLE[name].check_attributes({attribute: 0})
    assert attribute not in found
    assert (fault.code, fault.path) == ("unknown_attribute", (attribute,))
    assert fault.detail == f"{name} has no attribute {attribute!r}; {hint}"


def test_all_faults_are_reported_together() -> None:
    _, faults = TABLE["var"].check_attributes({"axis": "x", "ddof": None, "keepdims": 0, "dof": 1})
    assert {fault.path: fault.code for fault in faults} == {
        ("axis",): "wrong_type",
        ("keepdims",): "wrong_type",
        ("dof",): "unknown_attribute",
    }


def test_what_was_given_is_left_alone() -> None:
    given = {"axis": [1, 0]}
    TABLE["sum"].check_attributes(given)
    assert given == {"axis": [1, 0]}
