"""POST /gradient: the value of a scalar function and its exact gradient."""

from __future__ import annotations

from typing import Final

from autograd_core import gradient
from service.answers.derivatives import CHECK_REPORT, GRADIENTS, LAST, VALUE
from service.answers.record import Member, Record
from service.endpoints.endpoint import Endpoint
from service.messages.check import CheckField
from service.messages.fields import Name
from service.messages.members import WRT
from service.messages.message import MessageSchema


class GradientSchema(MessageSchema):
    """The graph message, with an output, `wrt` and `check`."""

    output = Name(
        "The node or input to differentiate. It may be left out where exactly one node is used "
        "by no other."
    )
    wrt = WRT
    check = CheckField("Whether, and how, to check the gradient by finite differences.")


ENDPOINT: Final = Endpoint(
    name="gradient",
    title="Value and exact gradient of a scalar function",
    schema=GradientSchema,
    function=gradient,
    record=Record(
        "GradientAnswer",
        "A value and its gradient.",
        VALUE,
        GRADIENTS,
        Member("check", CHECK_REPORT, optional=True),
        *LAST,
    ),
)
