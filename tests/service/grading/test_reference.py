"""What a reference keeps of what was found of it, and what it forgets."""

from __future__ import annotations

import numpy as np
import pytest

from autograd_core import Deadline
from service.grading import reference as module
from tests.service.grading.graded import reference_of


def test_what_was_asked_for_last_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REMEMBERED", 3)
    reference, made = reference_of("x"), []

    def ask(key: str) -> None:
        reference.remembered(key, lambda: made.append(key) or key)

    for key in ("a", "b", "c", "a", "d", "a", "b"):
        ask(key)
    assert made == ["a", "b", "c", "d", "b"]


def test_what_is_held_is_counted_and_can_be_forgotten() -> None:
    reference = reference_of("y = x*x; sum(y)", {"x": np.ones(1000)})
    assert reference.held == 0
    first = reference.nodes["y"]
    held = reference.held
    assert held >= 2000
    reference.jacobian_of("y", ["x"])
    assert reference.held == held + 1000 * 1000
    reference.forget()
    assert reference.held == 0
    assert reference.nodes["y"] is not first
    assert reference.held == held


def test_the_deadline_is_that_of_whoever_asks() -> None:
    reference, deadline = reference_of("x"), Deadline(10)
    assert reference.deadline is None
    with deadline.ambient():
        assert reference.deadline is deadline
    assert reference.deadline is None
