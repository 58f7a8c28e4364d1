"""The answers of /problems for programs: each type of problem, explained."""

from __future__ import annotations

from typing import Final

from service.answers.record import Form, Member, Record, by_name, list_of, text

_STATUS: Final = Form(
    {"type": "integer", "minimum": 400, "maximum": 599, "description": "That of the answer."}
)
_EXCHANGES: Final = Record(
    "ProblemExample",
    "A request that gets the problem and one that does not, as commands, and their answers.",
    Member(
        "when",
        text("What has to be so for the first to get it, if it is not always."),
        optional=True,
    ),
    Member("wrong", text("The request that gets it.")),
    Member("problem", Form({"type": "object", "description": "Its answer."})),
    Member("right", text("The one that does not.")),
    Member("answer", Form({"description": "Its answer."}), "pair.answer"),
)
PROBLEM_TYPE: Final = Record(
    "ProblemType",
    "A type of problem, explained.",
    Member("type", text("As in a problem.")),
    Member("title", text("As in a problem."), "kind.title"),
    Member("status", _STATUS, "kind.status"),
    Member("description", text("What it means, and what to do."), "kind.description"),
    Member(
        "codes",
        by_name(Form({"type": "string"}), "What each code in `errors` says."),
        optional=True,
    ),
    Member("example", _EXCHANGES.said("How it comes about, and how it does not.")),
)
PROBLEM_TYPES: Final = Record(
    "ProblemTypes",
    "Every type of problem.",
    Member("problems", list_of(PROBLEM_TYPE, "One entry a type."), lambda types: types),
)
