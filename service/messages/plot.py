"""The message of /plot: a function, its numbers, and the intervals that are seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import ValidationError, validates_schema

from autograd_core import Fault
from service.answers.record import Schema
from service.messages.fields import Choice, Count, refusal, refuse
from service.messages.function import GraphField
from service.messages.grade import DomainField
from service.messages.members import OUTPUT
from service.messages.message import FunctionSchema
from service.pictures.sampling import MOST_POINTS, POINTS
from service.pictures.themes import THEMES
from service.problems import Path

# Axes go no further, and are no narrower as a share of where they are: ticks need digits.
_FARTHEST: Final = 1e100
_NARROWEST: Final = 1e-9


class OverField(DomainField):
    """The names of one input or two -> the ends of its axis."""

    def json_schema(self) -> Schema:
        return super().json_schema() | {"minProperties": 1, "maxProperties": 2}

    def read(self, value: Any, message: Any) -> Mapping[str, tuple[float, float]]:
        intervals = super().read(value, message)
        if not 1 <= len(intervals) <= 2:
            detail = f"a plot is over one input or two, not {len(intervals)}"
            raise refuse("invalid_value", detail)
        faults = [
            Fault("invalid_value", f"[{low:g}, {high:g}] is more than an axis can show", (name,))
            for name, (low, high) in intervals.items()
            if not _fits(low, high)
        ]
        if faults:
            raise refusal(*faults)
        return intervals


def _fits(low: float, high: float) -> bool:
    farthest = max(abs(low), abs(high))
    return 1 / _FARTHEST <= farthest <= _FARTHEST and high - low >= _NARROWEST * farthest


class PlotSchema(FunctionSchema):
    """A function of one number or two, and what of it is to be seen."""

    class Meta(FunctionSchema.Meta):
        exclude = ("tensors",)

    graph = GraphField(
        "The function as a list of nodes, in any order. Exactly one of `graph` and `expression`.",
        free=True,  # what the plot is over need not be bound
    )
    output = OUTPUT
    over = OverField(
        "The input that the curves are over, or the two that the contours are over, each with the "
        "ends of its axis. What is bound to them is of no interest.",
        required=True,
        error_messages={
            "required": [
                Fault("missing_member", "a plot has 'over', as {\"x\": [-5, 5]}"),
            ]
        },
    )
    points = Count(
        f"How many points along each axis: {POINTS[1]} if left out, of two inputs {POINTS[2]}; at "
        f"most {MOST_POINTS[1]:,}, of two inputs {MOST_POINTS[2]}.",
        least=2,
        most=MOST_POINTS[1],
    )
    theme = Choice("The colours: light, if left out.", list(THEMES))

    @validates_schema(skip_on_field_errors=True)
    def _few_points(self, data: Mapping[str, Any], **_: Any) -> None:
        most = MOST_POINTS[len(data["over"])]
        if data.get("points", 1) > most:
            detail = f"over two inputs there are at most {most} points along each"
            raise ValidationError({"points": [Fault("invalid_value", detail)]})

    def renamed(self, arguments: dict[str, Any]) -> Mapping[Path, Path]:
        names = enumerate(arguments.get("over", ()))
        mapped: dict[Path, Path] = {("mapped", place): ("over", name) for place, name in names}
        return {**super().renamed(arguments), **mapped}
