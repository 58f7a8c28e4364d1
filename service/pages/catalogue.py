"""GET /operations and /operations/<name>: the catalogue, from the op table."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from flask import Blueprint, Response

from autograd_core.operations import TABLE, Operation, find, unknown_operation
from service.answers.catalogue import CATALOGUE, OPERATION
from service.pages import html
from service.problems import Problem
from service.transport import wire

blueprint = Blueprint("operations", __name__)


@dataclass(frozen=True)
class Entry:
    """An operation as a page shows it. operands: how many it takes, in words. derivatives: its
    partials, each on a line. example: a call of it in infix text, if that needs no attributes.
    """

    row: Operation
    operands: str
    derivatives: tuple[str, ...]
    example: str | None

    @property
    def words(self) -> str:
        """What a search looks in."""
        row = self.row
        return " ".join((row.name, *row.aliases, row.category, row.doc, row.formula)).lower()


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
    needs = any(attribute.required for attribute in row.attributes)
    names = ", ".join(itertools.islice(_operand_names(), fewest))
    partials = tuple(row.derivative.replace(", d/d", "\nd/d").split("\n"))
    return Entry(row, operands, partials, None if needs else f"{row.name}({names})")


def _operand_names() -> Iterable[str]:
    """x, y, w, as formulas call them, then others."""
    return itertools.chain("xyw", (f"v{count}" for count in itertools.count(4)))


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
