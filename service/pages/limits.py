"""GET /limits: what one request may cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Final

from flask import Blueprint, Response, current_app

from service.pages import html
from service.settings import Settings, variable
from service.transport import compression, wire

blueprint = Blueprint("limits", __name__)

_SETTINGS: Final = {field.name: field for field in fields(Settings)}
_UNITS: Final = ("KiB", "MiB", "GiB", "TiB")


@dataclass(frozen=True)
class Limit:
    """A limit: its name, what it is at, what it bounds, and the variable that sets it, if one
    does.
    """

    name: str
    get: Callable[[Settings], float]
    doc: str
    variable: str | None = None

    def shown(self, settings: Settings) -> str:
        """The number, and bytes in larger units, too."""
        value = self.get(settings)
        number = f"{value:,}" if isinstance(value, int) else f"{value:g}"
        if not self.doc.startswith("bytes"):
            return number
        for unit in _UNITS:
            value /= 1024
            if value < 1024:
                return f"{number} ({value:.4g} {unit})"
        return number


def _set(name: str, setting: str) -> Limit:
    """The limit that a setting is."""
    field = _SETTINGS[setting]
    doc = str(field.metadata["doc"])
    return Limit(name, lambda settings: _number(settings, setting), doc, variable(field))


def _number(settings: Settings, name: str) -> float:
    """A setting that is a number."""
    value: float = getattr(settings, name)
    return value


LIMITS: Final = (
    _set("body", "body_limit"),
    _set("gzip_ratio", "gzip_ratio"),
    Limit("gzip_members", lambda _: compression.MOST_MEMBERS, "members of one gzip body"),
    _set("decoded", "decoded_limit"),
    _set("answer", "answer_limit"),
    _set("memory", "memory_limit"),
    Limit("json_depth", lambda _: wire.DEEPEST, "lists and objects inside one another, in JSON"),
    _set("nodes", "nodes_limit"),
    _set("elements", "elements_limit"),
    _set("total_elements", "total_elements_limit"),
    _set("cost", "cost_limit"),
    Limit("rank", lambda settings: settings.limits.rank, "axes of a tensor"),
    _set("expression", "expression_limit"),
    Limit("name", lambda settings: settings.limits.name, "characters of a name"),
    Limit("depth", lambda settings: settings.limits.depth, "nodes written inside one another"),
    Limit("faults", lambda settings: settings.limits.faults, "faults that one answer lists"),
    Limit("drawn_values", lambda settings: settings.limits.drawn_values, "values in one drawing"),
    Limit(
        "drawn_operands", lambda settings: settings.limits.drawn_operands, "operands in one drawing"
    ),
    _set("deadline", "deadline"),
    _set("patience", "patience"),
    _set("sending", "sending"),
)


@blueprint.get("/limits")
def limits() -> Response:
    """The limits in force: bytes, counts and seconds."""
    settings: Settings = current_app.extensions["settings"]
    written = wire.encode(described(settings))
    return html.either(written, "limits.html", limits=LIMITS, settings=settings)


def described(settings: Settings) -> dict[str, float]:
    """Every limit by name."""
    return {limit.name: limit.get(settings) for limit in LIMITS}
