"""Claims about a function, judged: the report on one submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd_core import Array, Flags
from service.grading import backward, numbers, slips
from service.grading.claims import count_of, require_claims
from service.grading.concealing import conceal
from service.grading.formulas import judge_formulas
from service.grading.model import FirstError, Judgement, Options, Report
from service.grading.numbers import Claim
from service.grading.reference import Reference
from service.grading.scoring import report, require_weights
from service.grading.sparse_claims import in_blocks

_WRONG = frozenset({"incorrect", "partially_correct"})
DEFAULTS = Options()
# What is held for each claim, in numbers of 8 bytes: what was read, its judgement, its item.
_HELD = 200


def grade(reference: Reference, claims: Mapping[str, Any], options: Options = DEFAULTS) -> Report:
    """The report on claims as JSON has them: {"value": 4, "gradients": {"a": 3}}.

    Raises GraphError and ArgumentError where the reference is at fault; ArgumentError with paths
    ("claims", ...), ("weights", path), ("allow", k) and ("deny", k) where the claims do not fit
    it; and DeadlineExceeded. A claim that cannot be read is an item of the report.
    """
    claims = in_blocks(claims, reference.limits)
    made, first = _made(reference, claims), None
    if "nodes" in claims:
        judged = backward.judge(reference, made, carry=options.carry)
        first = backward.first_error(reference, made, judged)
    else:
        judged = [numbers.judge(reference, claim) for claim in made]
    judged = _diagnosed(reference, made, judged)
    if "derivatives" in claims or "function" in claims:
        place = {kind: place for place, kind in enumerate(claims)}
        judged += judge_formulas(reference, claims, options)
        judged.sort(key=lambda each: place[each.claim.partition("/")[0]])
    return _reported(judged, first, options)


def grade_rows(
    reference: Reference, claims: Mapping[str, Any], columns: Array, options: Options = DEFAULTS
) -> tuple[Report, Flags] | None:
    """`grade` for many submissions that differ in their numbers alone: the report on those that
    are right in all, with arrays for what was claimed; and which of them are. Elsewhere call it.

    claims: of one of them. columns: for each of its numbers, in their order, that of each
    submission. None where these are not all there is to judge. Raises what `grade` does.
    """
    claims = in_blocks(claims, reference.limits)
    made = _made(reference, claims)
    if len(made) != len(columns):
        return None
    judged: list[Judgement] = []
    right: Flags = np.ones(columns.shape[1], dtype=bool)
    for claim, column in zip(made, columns, strict=True):
        found = numbers.judge_right(reference, claim, column)
        if found is None:
            return None
        judged.append(found[0])
        right &= found[1]
    return _reported(judged, None, options), right


def _made(reference: Reference, claims: Mapping[str, Any]) -> list[Claim]:
    """The numbers that are claimed."""
    require_claims(reference, claims)
    if reference.deadline is not None:
        reference.deadline.hold(_HELD * count_of(claims), shown=False)
    made = list(numbers.claimed(reference, claims))
    return [backward.placed(reference, claim) for claim in made] if "nodes" in claims else made


def _reported(judged: Sequence[Judgement], first: FirstError | None, options: Options) -> Report:
    if options.weights:
        require_weights(options.weights, [each.claim for each in judged])
    whole = report(judged, options.weights, first)
    return whole if options.reveal else conceal(whole)


def _diagnosed(
    reference: Reference, made: Sequence[Claim], judged: list[Judgement]
) -> list[Judgement]:
    """The judgements of numbers, those of wrong ones with the slips that give them."""
    wrong = [each.claim for each in judged if each.verdict in _WRONG]
    if not wrong:
        return judged
    readable = {claim.path: claim.number for claim in made if claim.number is not None}
    found = slips.diagnose_numbers(reference, readable, wrong)
    return [
        replace(each, diagnosis=found[each.claim]) if found.get(each.claim) else each
        for each in judged
    ]
