"""The answer of /grade: a report on claims, as grading makes it."""

from __future__ import annotations

from typing import Final, get_args

from service.answers.derivatives import TENSOR
from service.answers.record import Form, Member, Record, by_name, count, list_of, text
from service.grading.model import ItemVerdict, Verdict
from service.grading.scoring import rounded

_SHARE: Final = Form(
    {"type": "number", "minimum": 0, "description": "What could be earned."}, rounded
)
_SCORE: Final = Form(
    {
        "type": ["number", "null"],
        "minimum": 0,
        "description": "What is earned; null where that could not be told.",
    },
    lambda score: None if score is None else rounded(score),
)
_AS_WRITTEN: Final = Form({"description": "A number, a tensor, or a formula as it was written."})


def _number(doc: str) -> Form:
    return Form({"type": "number", "description": doc})


DIAGNOSIS: Final = Record(
    "Diagnosis",
    "A single slip that gives just what was claimed.",
    Member("code", text("Which slip.")),
    Member("message", text("What to tell the student.")),
    Member("node", text("Where it was made."), optional=True),
    Member("input", text("What it takes for something else."), optional=True),
    Member("factor", _number("By which factor it is wrong."), optional=True),
    Member("step", _number("With which step."), optional=True),
    Member("digits", count("How many digits are right."), optional=True),
)
_COUNTEREXAMPLE: Final = Record(
    "Counterexample",
    "A point at which a formula is wrong, and both values there.",
    Member("at", by_name(TENSOR, "The number that each variable stands for.")),
    Member("claimed", TENSOR.said("What the claimed formula gives there."), optional=True),
    Member("expected", TENSOR.said("What it should give."), optional=True),
    Member("by", text("Of a function, the variable whose derivative is wrong."), optional=True),
)
_POINTS: Final = Record(
    "Points",
    "How many points a formula was compared at.",
    Member("compared", count("At so many the claim was right or wrong.")),
    Member("skipped", count("At so many that could not be told.")),
    Member("rejected", count("So many were tried and left, as the reference is undefined there.")),
)
_ITEM: Final = Record(
    "Item",
    "The verdict on one claim.",
    Member("claim", text("Its path: gradients/a."), "judgement.claim"),
    Member(
        "verdict",
        Form(
            {
                "type": "string",
                "enum": list(get_args(ItemVerdict)),
                "description": "What is found of this claim.",
            }
        ),
        "judgement.verdict",
    ),
    Member("score", _SCORE),
    Member("max_score", _SHARE),
    Member("claimed", _AS_WRITTEN, "judgement.claimed", optional=True),
    Member(
        "expected",
        TENSOR.said("What is right, if it may be told."),
        "judgement.expected",
        optional=True,
    ),
    Member("reason", text("What stands behind it."), "judgement.reason", optional=True),
    Member(
        "understood_as",
        text("What a text was taken for."),
        "judgement.understood_as",
        optional=True,
    ),
    Member(
        "counterexample",
        _COUNTEREXAMPLE.said("Where a formula goes wrong."),
        "judgement.counterexample",
        optional=True,
    ),
    Member(
        "points",
        _POINTS.said("How a formula was compared."),
        "judgement.points",
        optional=True,
    ),
    Member(
        "diagnosis",
        list_of(DIAGNOSIS, "Slips that give just this, the simplest first."),
        "judgement.diagnosis",
    ),
)
_FIRST_ERROR: Final = Record(
    "FirstError",
    "Of a backward pass, the first claim that is wrong in the order of computing.",
    Member("claim", text("Its path.")),
    Member("node", text("The node or input that it is about.")),
)
REPORT: Final = Record(
    "GradeAnswer",
    "The verdict on all claims together, and on each.",
    Member(
        "verdict",
        Form(
            {
                "type": "string",
                "enum": list(get_args(Verdict)),
                "description": "What is found of all claims together.",
            }
        ),
    ),
    Member("score", _SCORE),
    Member("max_score", _SHARE),
    Member(
        "first_error",
        _FIRST_ERROR.said("Where a backward pass goes wrong first, if it does."),
        optional=True,
    ),
    Member("items", list_of(_ITEM, "A claim each, in the order they were made.")),
)
