"""Right answers in other algebraic forms are right, and wrong ones wrong: a few hundred of each.

SymPy differentiates and rewrites, and NumPy tells whether a wrong answer differs; ten thousand of
each are in the benchmarks.
"""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.grading import verdict
from benchmarks.right_answers import on_paper, right_answers, wrong_answers

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_right_answers_are_found_right(seed: int) -> None:
    found = {answer: verdict(answer) for answer in right_answers(60, seed)}
    wrongly = {each: was for each, was in found.items() if was not in {"correct", "undetermined"}}
    assert wrongly == {}
    assert Counter(found.values())["undetermined"] <= 1


def test_right_answers_on_paper_are_found_right() -> None:
    found = {each: verdict(each) for each in map(on_paper, right_answers(60, seed=6))}
    assert {each: was for each, was in found.items() if was != "correct"} == {}
    assert len({each.claim for each in found} & {each.claim for each in right_answers(60, 6)}) < 30


@pytest.mark.parametrize("seed", [4, 5])
def test_wrong_answers_are_not_found_right(seed: int) -> None:
    found = {answer: verdict(answer) for answer in wrong_answers(60, seed)}
    assert [each for each, was in found.items() if was == "correct"] == []
    assert Counter(found.values())["incorrect"] >= 57
