"""Weights, shares of the whole, and the verdict on all claims together."""

from __future__ import annotations

from typing import Any

import pytest

from autograd_core import ArgumentError, Deadline
from autograd_core.limits import within
from service.grading.model import Judgement
from service.grading.scoring import report, rounded
from tests.service.grading.graded import graded

ABC = {"a": 2.0, "b": -3.0, "c": 10.0}
RIGHT = {"value": 4, "gradients": {"a": -3, "b": 2, "c": 1}}


def judged(**verdicts: str) -> list[Judgement]:
    credits = {"correct": 1.0, "carried_forward": 1.0, "partially_correct": 0.5}
    return [
        Judgement(claim, verdict, credits.get(verdict, 0.0), None)  # type: ignore[arg-type]
        for claim, verdict in verdicts.items()
    ]


@pytest.mark.parametrize(
    "verdicts, weights, verdict, score",
    [
        ({"a": "correct", "b": "correct"}, {}, "correct", 1.0),
        ({"a": "correct", "b": "incorrect"}, {}, "partially_correct", 0.5),
        ({"a": "incorrect", "b": "incorrect"}, {}, "incorrect", 0.0),
        ({"a": "carried_forward", "b": "correct"}, {}, "correct", 1.0),
        ({"a": "partially_correct"}, {}, "partially_correct", 0.5),
        ({"a": "partially_correct", "b": "incorrect"}, {"a": 3}, "partially_correct", 0.375),
        ({"a": "incorrect", "b": "correct"}, {"a": 3}, "partially_correct", 0.25),
        ({"a": "incorrect", "b": "correct"}, {"a": 0.5, "b": 0.5}, "partially_correct", 0.5),
        # what counts for nothing decides nothing
        ({"a": "incorrect", "b": "correct"}, {"a": 0}, "correct", 1.0),
        # an open one leaves the whole open, whatever its weight
        ({"a": "ungradable", "b": "correct"}, {}, "ungradable", None),
        ({"a": "undetermined", "b": "correct"}, {}, "ungradable", None),
        ({"a": "ungradable", "b": "incorrect"}, {"a": 0}, "ungradable", None),
    ],
)
def test_the_whole(verdicts: Any, weights: Any, verdict: str, score: float | None) -> None:
    whole = report(judged(**verdicts), weights)
    assert whole.verdict == verdict
    assert whole.score == (score if score is None else pytest.approx(score, abs=1e-15))
    assert whole.max_score == 1.0


def test_each_item_has_its_share_and_open_ones_no_score() -> None:
    items = report(judged(a="correct", b="ungradable", c="incorrect"), {"a": 2}).items
    assert [item.max_score for item in items] == [0.5, 0.25, 0.25]
    assert [item.score for item in items] == [0.5, None, 0.0]


def test_scores_are_rounded_at_the_border_only() -> None:
    """Ten tenths make a whole, and three thirds."""
    for count in (3, 6, 7, 10, 49):
        whole = report(judged(**{f"c{k}": "correct" for k in range(count)}), {})
        assert whole.score is not None
        assert rounded(whole.score) == 1.0
    third = report(judged(a="correct", b="incorrect", c="incorrect"), {}).score
    assert third == 1 / 3
    assert rounded(1 / 3) == 0.333333333333


def test_weights_by_path() -> None:
    weights = {"gradients/a": 2}
    items = graded("a*b + c", ABC, RIGHT, weights=weights).items
    assert [item.max_score for item in items] == [0.2, 0.4, 0.2, 0.2]


@pytest.mark.parametrize(
    "weights, path, code",
    [
        ({"gradients/q": 2}, ("weights", "gradients/q"), "unknown_name"),
        ({"gradients": 2}, ("weights", "gradients"), "unknown_name"),
        ({"value": 0, "gradients/a": 0, "gradients/b": 0, "gradients/c": 0}, ("weights",),
         "invalid_value"),
        ({"value": 1e308, "gradients/a": 1e308}, ("weights",), "invalid_value"),
    ],
)  # fmt: skip
def test_weights_that_do_not_fit_the_claims(weights: Any, path: Any, code: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        graded("a*b + c", ABC, RIGHT, weights=weights)
    (fault,) = caught.value.faults
    assert (fault.path, fault.code) == (path, code)


class Watched(Deadline):
    """A deadline far away that remembers what it was told."""

    def __init__(self) -> None:
        super().__init__(60)
        self.held: list[int] = []

    def hold(self, numbers: int, *, shown: bool = True) -> None:
        if not shown:
            self.held.append(numbers)


@pytest.mark.parametrize(
    "claims, count",
    [
        ({"value": 4}, 1),
        ({"gradients": {"a": 1, "b": 2}, "function": "a*b"}, 3),
        ({"nodes": {"e": {"value": 1, "gradient": 2}, "d": {"value": 3}}}, 3),
        ({"hessian": {"a": {"a": 0, "b": 1}, "b": {"a": 1}}, "derivatives": {"a": "b"}}, 4),
    ],
)
def test_memory_is_asked_for_each_claim(claims: dict[str, Any], count: int) -> None:
    watched = Watched()
    with within(watched):
        report = graded("e = a*b; d = e + c; d", {"a": 2, "b": -3, "c": 10}, claims)
    assert len(report.items) == count
    assert watched.held == [200 * count]
