"""The field that says where functions are looked at: `domain`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_core import Fault, OutOfRange, in_words, name_fault
from service.answers.record import Schema, ref
from service.messages.fields import MessageField, refusal, refuse

Domain = Mapping[str, tuple[float, float]]


class DomainField(MessageField[Domain]):
    """Name of a variable -> the ends of an interval."""

    def json_schema(self) -> Schema:
        ends = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
        return {
            "type": "object",
            "propertyNames": ref("Name").schema,
            "additionalProperties": ends,
        }

    def read(self, value: Any, message: Any) -> Domain:
        if not isinstance(value, dict):
            detail = f"expected an object of intervals by name, found {in_words(value)}"
            raise refuse("wrong_type", detail)
        faults: list[Fault] = []
        for name, ends in value.items():
            fault = name_fault(name, self.limits) or _interval_fault(ends)
            if fault is not None and len(faults) < self.limits.faults:
                faults.append(fault.under(name))
        if faults:
            raise refusal(*faults)
        return {name: (float(low), float(high)) for name, (low, high) in value.items()}


def _interval_fault(ends: Any) -> Fault | None:
    if not isinstance(ends, list) or len(ends) != 2:
        return Fault("wrong_type", f"expected [low, high], found {in_words(ends)}")
    for place, end in enumerate(ends):
        if isinstance(end, OutOfRange) or (type(end) is not int and type(end) is not float):
            return Fault("wrong_type", f"expected a number, found {in_words(end)}", (place,))
    low, high = map(float, ends)
    if not low < high:
        return Fault("invalid_value", f"[{low:g}, {high:g}] has nothing between its ends")
    return None
