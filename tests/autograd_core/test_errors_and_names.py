"""Faults and exceptions, names, and suggestions."""

import unicodedata
from typing import Any

import pytest

from autograd_core import (
    ArgumentError,
    AutogradError,
    DeadlineExceeded,
    ExpressionError,
    Fault,
    GraphError,
    InvalidError,
    Limits,
    TensorError,
    names,
)
from autograd_core.infix.expression import parse
from autograd_core.limits import DEFAULT_LIMITS, Deadline
from autograd_core.names import did_you_mean, name_fault, normalized


@pytest.mark.parametrize(
    "error, parent",
    [
        (InvalidError, AutogradError),
        (InvalidError, ValueError),
        (GraphError, InvalidError),
        (ExpressionError, GraphError),
        (TensorError, InvalidError),
        (ArgumentError, InvalidError),
        (DeadlineExceeded, AutogradError),
        (DeadlineExceeded, TimeoutError),
    ],
)
def test_the_family_of_errors(error: type[Exception], parent: type[Exception]) -> None:
    assert issubclass(error, parent)


def test_an_error_says_all_of_its_faults() -> None:
    error = GraphError([Fault("cycle", "a needs a"), Fault("wrong_type", "not a list")])
    assert str(error) == "a needs a; not a list"
    assert [fault.code for fault in error.faults] == ["cycle", "wrong_type"]
    assert InvalidError(Fault("cycle", "one")).faults == (Fault("cycle", "one"),)


def test_a_fault_seen_from_further_out_keeps_everything_else() -> None:
    fault = Fault("not_a_number", "found null", (0, 2), 3, 4)
    expected = Fault("not_a_number", "found null", ("bindings", "x", 0, 2), 3, 4)
    assert fault.under("bindings", "x") == expected


@pytest.mark.parametrize(
    "name", ["x", "θ", "a b", "0", "%1", "x" * 256, "名前", "👍", "a/b~c", "è", "e\u0301"]
)
def test_any_text_without_control_characters_is_a_name(name: str) -> None:
    assert name_fault(name) is None


@pytest.mark.parametrize(
    "name, code",
    [
        ("", "invalid_value"),
        ("x" * 257, "invalid_value"),
        ("a\nb", "invalid_value"),
        ("\x00", "invalid_value"),
        ("tab\t", "invalid_value"),
        ("\x7f", "invalid_value"),
        ("θ\x85", "invalid_value"),
        ("\ud800", "invalid_value"),
        (3, "wrong_type"),
        (None, "wrong_type"),
        (True, "wrong_type"),
        (["x"], "wrong_type"),
    ],
)
def test_what_is_not_a_name(name: Any, code: str) -> None:
    fault = name_fault(name)
    assert fault is not None
    assert fault.code == code
    fault.detail.encode()  # even of a name that cannot be written as UTF-8


def test_the_length_of_a_name_is_a_limit() -> None:
    assert name_fault("abcd", Limits(name=3)) is not None
    assert name_fault("abc", Limits(name=3)) is None


LONGEST = "\u1f82" * 256  # the most a name may hold, each of four characters when decomposed


@pytest.mark.parametrize(
    "name", ["x", "é", "\u1112\u1161\u11ab" * 85, LONGEST, unicodedata.normalize("NFD", LONGEST)]
)
def test_a_name_is_compared_in_normal_form_c(name: str) -> None:
    assert normalized(name) == unicodedata.normalize("NFC", name)
    assert name_fault(normalized(name)) is None


@pytest.mark.parametrize("text", ["{}", "{} = 1; 2", "{}(1)", "reshape(x, {}=1)", "1 + {} * 2"])
def test_what_is_too_long_to_be_a_name_is_never_sorted(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = []

    def recording(form: str, name: str) -> str:
        lengths.append(len(name))
        return name

    monkeypatch.setattr(names.unicodedata, "normalize", recording)
    marks = "a" + "\u0316\u0301" * 40_000
    with pytest.raises(ExpressionError) as caught:
        parse(text.format(marks))
    assert caught.value.faults
    assert max(lengths, default=0) <= 4 * DEFAULT_LIMITS.name


def test_suggestions_within_one_deadline_have_one_budget() -> None:
    """However many of them there are, each with names of its own to choose from."""
    known = [f"{k:02d}".ljust(60, "abcdefgh"[k % 8]) for k in range(90)]

    def made() -> int:
        return sum(bool(did_you_mean(f"{name[:-1]}x", known)) for name in known)

    assert made() == len(known)
    with Deadline(60).ambient():
        assert 1 <= made() <= 5
    with Deadline(60).ambient():
        assert did_you_mean(known[0][:-1], known), "the next has its own"
