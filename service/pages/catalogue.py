"""GET /operations and /operations/<name>: the catalogue, from the op table."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Blueprint, Response

from autograd_core.operations import TABLE, Operation, find, unknown_operation
from service.problems import Problem
from service.transport import wire

blueprint = Blueprint("operations", __name__)


@cache
def _rows() -> bytes:
    return wire.encode({"operations": [described(row) for row in TABLE.values()]})


@blueprint.get("/operations")
def catalogue() -> Response:
    """Every operation."""
    return Response(_rows(), mimetype="application/json")


@blueprint.get("/operations/<name>")
def one(name: str) -> Response:
    """One operation, by its name or an alias."""
    operation = find(name)
    if operation is None:
        raise Problem("not-found", unknown_operation(name).detail)
    return Response(wire.encode(described(operation)), mimetype="application/json")


def described(operation: Operation) -> dict[str, Any]:
    """A row of the op table as JSON."""
    fewest, most = operation.arity
    return {
        "name": operation.name,
        "aliases": list(operation.aliases),
        "category": operation.category,
        "description": operation.doc,
        "arity": {"min": fewest, "max": most},
        "attributes": [
            {
                "name": attribute.name,
                "description": attribute.doc,
                "required": attribute.required,
                "default": attribute.default,
                "schema": attribute.kind.schema,
            }
            for attribute in operation.attributes
        ],
        "formula": operation.formula,
        "derivative": operation.derivative,
        "domain": operation.domain,
        "conventions": operation.conventions,
    }
