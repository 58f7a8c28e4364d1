"""Claims about a function, judged: the report on one submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from service.grading import backward, numbers, slips
from service.grading.claims import count_of, require_claims
from service.grading.concealing import conceal
from service.grading.formulas import judge_formulas
from service.grading.model import Judgement, Options, Report
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
    require_claims(reference, claims)
    if reference.deadline is not None:
        reference.deadline.hold(_HELD * count_of(claims), shown=False)
    made, first = list(numbers.claimed(reference, claims)), None
    if "nodes" in claims:
        made = [backward.placed(reference, claim) for claim in made]
        judged = backward.judge(reference, made, carry=options.carry)
        first = backward.first_error(reference, made, judged)
    else:
        judged = [numbers.judge(reference, claim) for claim in made]
    judged = _diagnosed(reference, made, judged)
    if "derivatives" in claims or "function" in claims:
        place = {kind: place for place, kind in enumerate(claims)}
        judged += judge_formulas(reference, claims, options)
        judged.sort(key=lambda each: place[each.claim.partition("/")[0]])
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
