"""From judgements to scores: weights, shares of the whole, and the verdict on all together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum, isfinite

from autograd_core import ArgumentError, Fault
from service.grading.model import OPEN, FirstError, Item, Judgement, Report, Verdict

# Decimals of a score in an answer. Scores are rounded there and nowhere before, so that ten
# tenths make a whole.
_DECIMALS = 12


def rounded(score: float) -> float:
    """A score as it is shown."""
    return round(score, _DECIMALS)


def require_weights(weights: Mapping[str, float], paths: Sequence[str]) -> None:
    """Raise ArgumentError for weights of claims that were not made, and for none left at all."""
    made = set(paths)
    faults = [
        Fault("unknown_name", f"nothing is claimed at {path!r}", ("weights", path))
        for path in weights
        if path not in made
    ]
    if not faults and not 0 < _total(weights, paths) < float("inf"):
        detail = "the weights of all claims together are 0 or too large: there is nothing to share"
        faults = [Fault("invalid_value", detail, ("weights",))]
    if faults:
        raise ArgumentError(faults)


def report(
    judgements: Sequence[Judgement],
    weights: Mapping[str, float],
    first_error: FirstError | None = None,
) -> Report:
    """Each judgement with its share, and the score of all; open where one of them is."""
    total = _total(weights, [each.claim for each in judgements])
    items = []
    for each in judgements:
        share = weights.get(each.claim, 1.0) / total
        score = None if each.verdict in OPEN else share * each.credit
        items.append(Item(each, score, share))
    scores = [item.score for item in items if item.score is not None]
    if len(scores) < len(items):
        return Report("ungradable", None, items, first_error=first_error)
    return Report(_verdict(items), fsum(scores), items, first_error=first_error)


def _verdict(items: Sequence[Item]) -> Verdict:
    """Of claims that count for nothing, none decides."""
    credits = {item.judgement.credit for item in items if item.max_score}
    if credits == {1.0}:
        return "correct"
    return "incorrect" if credits == {0.0} else "partially_correct"


def _total(weights: Mapping[str, float], paths: Sequence[str]) -> float:
    if not weights:
        return float(len(paths))
    total = sum(weights.get(path, 1.0) for path in paths)
    return total if isfinite(total) else float("inf")
