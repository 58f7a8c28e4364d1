"""POST /grade: verdicts on claims about a function and its derivatives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import numpy as np

from autograd_core import Array, Flags, InvalidError, Limits
from service.answers.report import REPORT
from service.endpoints.endpoint import Endpoint, Example, Terms
from service.grading.formats import MEDIA_TYPES, WRITERS
from service.grading.grading import grade, grade_rows
from service.grading.model import Report
from service.messages.grade import GradeMessage, GradeSchema
from service.messages.message import Message
from service.messages.message_cache import MessageReader
from service.messages.references import GradeReader, let_go, reference_of
from service.problems import invalid


class _Grading(Endpoint):
    """The endpoint whose messages may go on from a reference in a line before them."""

    def reader(self, limits: Limits) -> MessageReader:
        return GradeReader(limits)

    def answer(self, message: Message, terms: Terms) -> Mapping[str, Any]:
        of_claims = cast("GradeMessage", message)
        reference = reference_of(of_claims, terms.limits)
        claims = message.arguments.get("claims")
        try:
            if claims is None:
                reference.check()
                return {"reference": True}
            report = grade(reference, claims, of_claims.options)
            terms.deadline.hold(_shown(report))
            return _written(report, message)
        except InvalidError as error:
            if claims is None and of_claims.stream is not None:
                of_claims.stream.refused(invalid(message.faults(error)))
            raise
        finally:
            let_go(of_claims, reference)

    def in_rows(
        self, message: Message, columns: Array, terms: Terms
    ) -> tuple[Mapping[str, Any], Flags] | None:
        of_claims = cast("GradeMessage", message)
        reference = reference_of(of_claims, terms.limits)
        try:
            found = grade_rows(reference, message.arguments["claims"], columns, of_claims.options)
            if found is None:
                return None
            report, right = found
            terms.deadline.hold(_shown(report) * len(right))
            return _written(report, message), right
        finally:
            let_go(of_claims, reference)


def _written(report: Report, message: Message) -> Mapping[str, Any]:
    write = WRITERS.get(message.arguments.get("format", "native"))
    return REPORT.written(report) if write is None else write(report)


def _shown(report: Report) -> int:
    """How many numbers of the reference a report holds: a short message may ask for many, and each
    counterexample has one for every variable.
    """
    shown = 0
    for item in report.items:
        point, expected = item.judgement.counterexample, item.judgement.expected
        shown += expected.size if isinstance(expected, np.ndarray) else 1
        shown += 0 if point is None else sum(map(np.size, point.at.values()))
    return shown


ENDPOINT: Final = _Grading(
    name="grade",
    title="Verdicts on claimed values, gradients, backward passes and formulas",
    schema=GradeSchema,
    function=grade,
    rows=grade_rows,
    record=REPORT,
    forms=MEDIA_TYPES,
    examples={
        "numbers": Example(
            "Numbers, one of them wrong",
            {
                "expression": "a*b + c",
                "bindings": {"a": 2.0, "b": -3.0, "c": 10.0},
                "claims": {"value": 4.0, "gradients": {"b": 2.6}},
                "weights": {"value": 3},
            },
            {
                "verdict": "partially_correct",
                "score": 0.75,
                "max_score": 1.0,
                "items": [
                    {
                        "claim": "value",
                        "verdict": "correct",
                        "score": 0.75,
                        "max_score": 0.75,
                        "claimed": 4.0,
                        "expected": 4.0,
                        "diagnosis": [],
                    },
                    {
                        "claim": "gradients/b",
                        "verdict": "incorrect",
                        "score": 0.0,
                        "max_score": 0.25,
                        "claimed": 2.6,
                        "expected": 2.0,
                        "diagnosis": [],
                    },
                ],
            },
        ),
        "backward pass": Example(
            "A value that is wrong, and one that follows from it",
            {
                "graph": {
                    "nodes": [
                        {"id": "e", "op": "mul", "args": ["a", "b"]},
                        {"id": "d", "op": "add", "args": ["e", "c"]},
                    ]
                },
                "bindings": {"a": 2.0, "b": -3.0, "c": 10.0},
                "claims": {"nodes": {"e": {"value": -5.5}, "d": {"value": 4.5}}},
            },
            {
                "verdict": "partially_correct",
                "score": 0.5,
                "max_score": 1.0,
                "first_error": {"claim": "nodes/e/value", "node": "e"},
                "items": [
                    {
                        "claim": "nodes/e/value",
                        "verdict": "incorrect",
                        "score": 0.0,
                        "max_score": 0.5,
                        "claimed": -5.5,
                        "expected": -6.0,
                        "diagnosis": [],
                    },
                    {
                        "claim": "nodes/d/value",
                        "verdict": "carried_forward",
                        "score": 0.5,
                        "max_score": 0.5,
                        "claimed": 4.5,
                        "expected": 4.0,
                        "reason": "right for the numbers that were claimed before it, one of which "
                        "is not right",
                        "diagnosis": [],
                    },
                ],
            },
        ),
        "formula": Example(
            "A formula in another form, and one that cannot be read",
            {
                "expression": "3*x**2 - 4*x + 5",
                "claims": {"derivatives": {"x": "2*(3*x - 2)"}, "function": "3*x**2 -"},
            },
            {
                "verdict": "ungradable",
                "score": None,
                "max_score": 1.0,
                "items": [
                    {
                        "claim": "derivatives/x",
                        "verdict": "correct",
                        "score": 0.5,
                        "max_score": 0.5,
                        "claimed": "2*(3*x - 2)",
                        "understood_as": "2*(3*x - 2)",
                        "points": {"compared": 36, "skipped": 0, "rejected": 0},
                        "diagnosis": [],
                    },
                    {
                        "claim": "function",
                        "verdict": "ungradable",
                        "score": None,
                        "max_score": 0.5,
                        "claimed": "3*x**2 -",
                        "reason": "something is missing after '-' (column 8)",
                        "diagnosis": [],
                    },
                ],
            },
        ),
    },
)
