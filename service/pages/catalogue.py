"""GET /operations and /operations/<name>: the catalogue, from the op table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from flask import Blueprint, Response

from autograd_core import Description, describe
from autograd_core.operations import TABLE, Operation, find, unknown_operation
from service.answers.catalogue import CATALOGUE, OPERATION
from service.pages import html
from service.problems import Problem
from service.transport import wire

blueprint = Blueprint("operations", __name__)


@dataclass(frozen=True)
class Entry:
    """An operation as a page shows it. operands: how many it takes, in words. derivatives: its
    partials, each on a line, or what its row says in words. arguments: of the tangent.
    """

    row: Operation
    operands: str
    described: Description
    derivatives: tuple[str, ...]
    arguments: str

    @property
    def words(self) -> str:
        """What a search looks in."""
        row = self.row
        return " ".join(
            (row.name, *row.aliases, row.category, row.doc, self.described.formula)
        ).lower()


@cache
def _rows() -> bytes:
    return wire.encode(CATALOGUE.written(TABLE))


@cache
def _entries() -> Mapping[str, tuple[Entry, ...]]:
    """By category, in the order of the table."""
    groups = dict.fromkeys(row.category for row in TABLE.values())
    return {
        group: tuple(_entry(row) for row in TABLE.values() if row.category == group)
        for group in groups
    }


def _entry(row: Operation) -> Entry:
    fewest, most = row.arity
    few = "operand" if fewest == 1 else "operands"
    if most is None:
        operands = f"{fewest} {few} or more"
    else:
        operands = f"{fewest} {few}" if fewest == most else f"{fewest} to {most} operands"
    found = describe(row)
    partials = tuple(f"d/d{name}: {text}" for name, text in found.derivatives.items())
    arguments = " and ".join(name for name in ("dx", "dy") if name in found.tangent)
    words = (row.derivative,) if row.derivative else ()
    return Entry(row, operands, found, partials or words, arguments)


@blueprint.get("/operations")
def catalogue() -> Response:
    """Every operation."""
    groups, count, address = _entries(), len(TABLE), html.address()
    return html.either(_rows(), "operations.html", groups=groups, count=count, address=address)


@blueprint.get("/operations/<name>")
def one(name: str) -> Response:
    """One operation, by its name or an alias."""
    operation = find(name)
    if operation is None:
        raise Problem("not-found", unknown_operation(name).detail)
    written = wire.encode(OPERATION.written(operation))
    return html.either(written, "operation.html", entry=_entry(operation), address=html.address())
