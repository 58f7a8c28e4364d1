"""POST /grade: verdicts on claims about a function and its derivatives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import numpy as np

from autograd_core import InvalidError, Limits
from service.answers.report import REPORT
from service.endpoints.endpoint import Endpoint, Example, Terms
from service.grading.formats import WRITERS
from service.grading.grading import grade
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
                return {"reference": True, "inputs": reference.inputs}
            report = grade(reference, claims, of_claims.options)
            terms.deadline.hold(_expected(report))
            write = WRITERS.get(message.arguments.get("format", "native"))
            return REPORT.written(report) if write is None else write(report)
        except InvalidError as error:
            if claims is None and of_claims.stream is not None:
                of_claims.stream.refused(invalid(message.faults(error)))
            raise
        finally:
            let_go(reference)


def _expected(report: Report) -> int:
    """How many numbers of the reference a report holds: a short message may ask for many."""
    known = (item.judgement.expected for item in report.items)
    return sum(each.size if isinstance(each, np.ndarray) else 1 for each in known)


ENDPOINT: Final = _Grading(
    name="grade",
    title="Verdicts on claimed values, gradients, backward passes and formulas",
    schema=GradeSchema,
    function=grade,
    record=REPORT,
    examples={
        "numbers": Example(
            "A gradient with one slip in it",
            {
                "expression": "a*b + c",
                "bindings": {"a": 2.0, "b": -3.0, "c": 10.0},
                "claims": {"value": 4.0, "gradients": {"a": -3.0, "b": 2.5}},
                "weights": {"value": 2},
            },
            {},
        ),
    },
)
