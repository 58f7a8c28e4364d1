"""The finite-difference check that a request may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, post_load

from autograd_core import in_words
from autograd_core.finite_difference import METHODS, MOST_GIVEN, CheckOptions
from service.answers.record import Schema, ref
from service.messages.fields import (
    Choice,
    Count,
    MessageField,
    Number,
    Step,
    Switch,
    refusal,
    refuse,
)
from service.messages.message import StrictSchema
from service.problems import faults_of


class CheckSchema(StrictSchema):
    """How to check."""

    method = Choice("How derivatives are estimated.", METHODS)
    step = Step("The step, used as written; `auto` picks it.")
    rtol = Number("Relative tolerance.")
    atol = Number("Absolute tolerance.")
    directions = Count(
        "Instead of every element, this many random directions (always the same ones).",
        most=1_000_000,
    )
    evaluations = Switch(
        "Whether to answer, as `evaluated`, the function's values that each estimate is made of; "
        f"of {MOST_GIVEN} derivatives at most."
    )

    @post_load
    def _made(self, data: Mapping[str, Any], **_: Any) -> CheckOptions:
        return CheckOptions(**data)


class CheckField(MessageField[CheckOptions | None]):
    """true, false, or an object that says how."""

    def json_schema(self) -> Schema:
        return {"oneOf": [{"type": "boolean"}, ref("Check").schema]}

    def read(self, value: Any, message: Any) -> CheckOptions | None:
        if isinstance(value, bool):
            return CheckOptions() if value else None
        if not isinstance(value, dict):
            raise refuse(
                "wrong_type", f"expected true, false or an object, found {in_words(value)}"
            )
        try:
            options: CheckOptions = CheckSchema(self.limits).load(value)
        except ValidationError as error:
            raise refusal(*faults_of(error)) from None
        return options
