"""A report for students who are to try again: nothing in it tells what is expected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from service.grading.model import Counterexample, Diagnosis, Judgement, Report

_DIGIT: Final = re.compile(r"\d")
# Their messages may state the right rule, which may be the answer.
_OF_RULES: Final = frozenset({"wrong_rule", "gate_ignored", "integrated_instead", "transposed"})
# What to look at, by code; {at}: " at e", where the slip was made at a node with a name.
HINTS: Final[Mapping[str, str]] = {
    "sign_flipped": "Look at the signs{at}: one of them is wrong.",
    "constant_factor": "A constant factor is wrong.",
    "swapped_inputs": "Two of the inputs, or operands, were exchanged{at}.",
    "value_not_gradient": "A value stands where a derivative belongs, or the other way round.",
    "overwritten_not_accumulated": (
        "Something is used more than once{at}, but what comes back was not added up (+=, not =)."
    ),
    "missing_chain_factor": "A factor of the chain rule is missing{at}.",
    "local_not_total": (
        "A local derivative{at} has to be multiplied by the gradient that arrives there."
    ),
    "dropped_path": "Follow all paths{at}: what comes back along one of them is missing.",
    "gate_ignored": "Look{at} at what lets a gradient through and what does not.",
    "wrong_rule": "Look up the rule for the derivative{at}.",
    "integrated_instead": "Something was integrated{at} where it is to be differentiated.",
    "differentiated_twice": "This was differentiated once too often.",
    "wrong_variable": "This is the derivative by another variable.",
    "degrees_for_radians": "Angles are in radians, not in degrees.",
    "transposed": "Look at the order of rows and columns{at}: something is transposed.",
    "missing_broadcast_sum": "What was broadcast{at} has to be summed on the way back.",
    "finite_difference_estimate": "This is close, but not the exact derivative.",
    "rounded": "This was rounded too early.",
}


def conceal(report: Report) -> Report:
    """The report without expected values, the values at counterexamples, and the numbers of
    diagnoses; verdicts, scores, points and the kinds of slips stay.
    """
    items = [replace(item, judgement=_without_numbers(item.judgement)) for item in report.items]
    return replace(report, items=items)


def _without_numbers(judgement: Judgement) -> Judgement:
    shown = judgement.counterexample
    return replace(
        judgement,
        expected=None,
        counterexample=None if shown is None else Counterexample(shown.at, by=shown.by),
        diagnosis=[_in_words(each) for each in judgement.diagnosis],
    )


def _in_words(diagnosis: Diagnosis) -> Diagnosis:
    """A diagnosis whose message has no number in it, and no rule."""
    message, node = diagnosis.message, diagnosis.node
    if diagnosis.code in _OF_RULES or _DIGIT.search(message):
        has_name = node is not None and not node.startswith("%")
        message = HINTS[diagnosis.code].format(at=f" at {node}" if has_name else "")
    return Diagnosis(diagnosis.code, message, node, diagnosis.input)
