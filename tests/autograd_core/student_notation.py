"""What the tests of student notation share."""

from __future__ import annotations

import re

import pytest

from autograd_core import ExpressionError, Fault, Graph, parse

NAMES = frozenset({"x", "y", "a", "t", "n", "ω", "alpha"})


def student(text: str, names: frozenset[str] | None = NAMES) -> Graph:
    """The graph of a text in student notation."""
    return parse(text, notation="student", names=names)


def fault(text: str, names: frozenset[str] | None = NAMES) -> Fault:
    """The one fault of a text that is not read."""
    with pytest.raises(ExpressionError) as caught:
        student(text, names)
    (only,) = caught.value.faults
    return only


def readings(found: Fault) -> list[str]:
    """The readings that a fault tells."""
    match = re.search(r" ways, as (.*): write the one that is meant", found.detail)
    assert match is not None, found.detail
    return re.split(", as | or as ", match[1])
