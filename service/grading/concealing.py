"""A report for students who are to try again: nothing in it tells what is expected."""

from __future__ import annotations

import re
from dataclasses import replace

from service.grading.model import Counterexample, Diagnosis, Judgement, Report

_DIGIT = re.compile(r"\d")


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
    """A message with a number in it would give the factor away."""
    message = diagnosis.message
    if _DIGIT.search(message):
        message = f"{diagnosis.code.replace('_', ' ').capitalize()}."
    return Diagnosis(diagnosis.code, message, diagnosis.node, diagnosis.input)
