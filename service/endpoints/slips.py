"""POST /slips: the wrong gradients that single slips would give, for authors of questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from autograd_core import Deadline, Graph, Limits, Number
from service.answers.derivatives import GRADIENTS, LAST, TENSOR, VALUE
from service.answers.record import Member, Record, by_name, count, list_of, text
from service.endpoints.endpoint import Endpoint, Example
from service.grading.reference import Reference
from service.grading.slips import AllSlips, all_slips
from service.messages.grade import DomainField
from service.messages.members import OUTPUT
from service.messages.message import FunctionSchema


class SlipsSchema(FunctionSchema):
    """A function and its numbers, with an output and a domain."""

    output = OUTPUT
    domain = DomainField("By variable, the interval that proposed bindings stay in.")


def _slips(
    graph: Graph,
    *,
    bindings: Mapping[str, Number],
    output: str | None = None,
    domain: Mapping[str, tuple[float, float]] | None = None,
    limits: Limits,
    deadline: Deadline,
) -> AllSlips:
    return all_slips(
        Reference(graph, bindings, output, domain=domain, limits=limits, deadline=deadline)
    )


SLIP: Final = Record(
    "Slip",
    "A wrong gradient, and the one slip that it comes of.",
    Member("code", text("The kind of slip, as diagnoses name it.")),
    Member("node", text("Where it was made."), optional=True),
    Member("message", text("What a student who made it would be told.")),
    Member("gradients", by_name(TENSOR, "What it makes of the gradient, input by input.")),
    Member(
        "derivatives",
        by_name(text("Infix text."), "The same as formulas, where there are any."),
        optional=True,
    ),
    Member(
        "coincides_with",
        list_of(count("A place in the list."), "The slips that give the same at these numbers."),
    ),
)
ENDPOINT: Final = Endpoint(
    name="slips",
    title="The wrong gradients that single slips would give",
    schema=SlipsSchema,
    function=_slips,
    record=Record(
        "SlipsAnswer",
        "The right gradient, the wrong ones, and better numbers to ask for.",
        VALUE,
        GRADIENTS,
        Member("slips", list_of(SLIP, "One entry a slip, the simplest first.")),
        Member(
            "bindings",
            by_name(TENSOR, "Numbers near the given ones that tell the most slips apart."),
        ),
        LAST[-1],
    ),
    examples={
        "square": Example(
            "A square, at a number where several slips agree",
            {"expression": "x**2", "bindings": {"x": 2.0}},
            {
                "value": 4.0,
                "gradients": {"x": 4.0},
                "slips": [
                    {
                        "code": "sign_flipped",
                        "message": "The size is right, the sign is not.",
                        "gradients": {"x": -4.0},
                        "derivatives": {"x": "-2*x"},
                        "coincides_with": [],
                    },
                    {
                        "code": "integrated_instead",
                        "message": "This is an antiderivative: the function was integrated, "
                        "not differentiated.",
                        "gradients": {"x": 2.6666666666666665},
                        "derivatives": {"x": "x**3/3"},
                        "coincides_with": [],
                    },
                    {
                        "code": "wrong_rule",
                        "node": "%1",
                        "message": "At x**2: the power rule gives n*u**(n - 1): the exponent "
                        "has to go down by one.",
                        "gradients": {"x": 8.0},
                        "derivatives": {"x": "2*x**2"},
                        "coincides_with": [8],
                    },
                    {
                        "code": "wrong_rule",
                        "node": "%1",
                        "message": "At x**2: the power rule gives n*u**(n - 1): the exponent "
                        "has to come down as a factor.",
                        "gradients": {"x": 2.0},
                        "derivatives": {"x": "x"},
                        "coincides_with": [7, 9],
                    },
                    {
                        "code": "wrong_rule",
                        "node": "%1",
                        "message": "At x**2: the power rule gives n*u**(n - 1): the exponent "
                        "goes down by one, not up.",
                        "gradients": {"x": 16.0},
                        "derivatives": {"x": "2*x**3"},
                        "coincides_with": [],
                    },
                    {
                        "code": "wrong_rule",
                        "node": "%1",
                        "message": "At x**2: the power rule gives n*u**(n - 1): the base "
                        "varies here, not the exponent.",
                        "gradients": {"x": 2.772588722239781},
                        "derivatives": {"x": "x**2*log(x)"},
                        "coincides_with": [],
                    },
                    {
                        "code": "missing_chain_factor",
                        "node": "%1",
                        "message": "At x**2: a factor of the chain rule is missing, the derivative "
                        "by x.",
                        "gradients": {"x": 1.0},
                        "derivatives": {"x": "1"},
                        "coincides_with": [],
                    },
                    {
                        "code": "differentiated_twice",
                        "message": "This is the second derivative: it was differentiated once "
                        "too often.",
                        "gradients": {"x": 2.0},
                        "derivatives": {"x": "2"},
                        "coincides_with": [3, 9],
                    },
                    {
                        "code": "constant_factor",
                        "message": "The answer is right but for a constant factor.",
                        "gradients": {"x": 8.0},
                        "derivatives": {"x": "4*x"},
                        "coincides_with": [2],
                    },
                    {
                        "code": "constant_factor",
                        "message": "The answer is right but for a constant factor.",
                        "gradients": {"x": 2.0},
                        "derivatives": {"x": "x"},
                        "coincides_with": [3, 7],
                    },
                    {
                        "code": "constant_factor",
                        "message": "The answer is right but for a constant factor.",
                        "gradients": {"x": -2.0},
                        "derivatives": {"x": "-x"},
                        "coincides_with": [],
                    },
                ],
                "bindings": {"x": 1.9},
                "warnings": [],
            },
        ),
    },
)
