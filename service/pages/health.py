"""GET /livez and /readyz: whether the process runs, and whether it should get requests."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from service.problems import Problem
from service.process import capacity, warm

blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
def livez() -> Response:
    """The process answers. Where this fails, restart it."""
    return _well()


@blueprint.get("/readyz")
def readyz() -> Response:
    """The service differentiates, and rightly. Where this fails, send requests elsewhere."""
    if capacity.stopping():
        detail = "this instance is shutting down"
        raise Problem("shutting-down", detail, headers={"Retry-After": "1"})
    if not warm.ready():
        raise RuntimeError("the gradient of a*b + c is wrong")
    return _well()


def _well() -> Response:
    """What was so a moment ago need not be so now: nobody is to keep it."""
    response = jsonify(status="ok")
    response.headers["Cache-Control"] = "no-store"
    return response
