"""The limits, as a table: what `GET /limits` answers, its page shows and openapi.yaml documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, dataclass, fields
from functools import partial
from typing import Any, Final

from service import environment
from service.answers.record import Form, Member, Record, by_name, text
from service.settings import Settings
from service.transport import compression, wire

_LARGER_UNITS: Final = ("KiB", "MiB", "GiB", "TiB")


@dataclass(frozen=True)
class Limit:
    """A limit: its name, what it is at, in what unit, what it bounds (going on from the unit), and
    the variable that sets it, if one does.
    """

    name: str
    get: Callable[[Settings], float]
    unit: str
    doc: str
    variable: str | None = None

    def shown(self, settings: Settings) -> str:
        """The number with its unit, and bytes in larger units, too."""
        value = self.get(settings)
        number = f"{value:,}" if isinstance(value, int) else f"{value:g}"
        counted = f"{number} {self.unit}"
        if self.unit != "bytes":
            return counted
        for unit in _LARGER_UNITS:
            value /= 1024
            if value < 1024:
                return f"{counted} ({value:.4g} {unit})"
        return counted

    @property
    def member(self) -> Member:
        """The limit in the answer."""
        number = {"type": "integer" if self.unit != "seconds" else "number", "minimum": 0}
        return Member(
            self.name, Form(number | {"description": f"{self.unit} {self.doc}"}), self.get
        )


def _set(field: Field[Any]) -> Limit:
    """The limit that a setting is."""
    about = field.metadata
    variable = environment.variable(Settings, field)
    return Limit(
        about["limit"], partial(_number, field.name), about["unit"], about["doc"], variable
    )


def _number(name: str, settings: Settings) -> float:
    """A setting that is a number."""
    value: float = getattr(settings, name)
    return value


LIMITS: Final = (
    *(_set(field) for field in fields(Settings) if field.metadata["limit"]),
    Limit("gzip_members", lambda _: compression.MOST_MEMBERS, "members", "of one gzip body"),
    Limit("json_depth", lambda _: wire.DEEPEST, "lists and objects", "inside one another, in JSON"),
    Limit("rank", lambda settings: settings.limits.rank, "axes", "of a tensor"),
    Limit("name", lambda settings: settings.limits.name, "characters", "of a name"),
    Limit("depth", lambda settings: settings.limits.depth, "nodes", "written inside one another"),
    Limit("faults", lambda settings: settings.limits.faults, "faults", "that one answer lists"),
    Limit(
        "drawn_values", lambda settings: settings.limits.drawn_values, "values", "in one drawing"
    ),
    Limit(
        "drawn_operands",
        lambda settings: settings.limits.drawn_operands,
        "operands",
        "in one drawing",
    ),
)


def _units(_: Any) -> dict[str, str]:
    return {limit.name: limit.unit for limit in LIMITS}


ANSWER: Final = Record(
    "Limits",
    "What one request may cost: each limit by name.",
    *(limit.member for limit in LIMITS),
    Member("units", by_name(text("A unit."), "What each of them counts, by name."), _units),
)
