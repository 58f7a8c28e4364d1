"""GET /operations and /operations/<name>: the catalogue, from the op table."""

from __future__ import annotations

from functools import cache

from flask import Blueprint, Response

from autograd_core.operations import TABLE, find, unknown_operation
from service.answers.catalogue import CATALOGUE, OPERATION
from service.problems import Problem
from service.transport import wire

blueprint = Blueprint("operations", __name__)


@cache
def _rows() -> bytes:
    return wire.encode(CATALOGUE.written(TABLE))


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
    return Response(wire.encode(OPERATION.written(operation)), mimetype="application/json")
