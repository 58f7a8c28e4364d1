"""GET /: the playground, where a newcomer lands."""

from __future__ import annotations

from flask import Blueprint, Response

from service.pages import html

blueprint = Blueprint("home", __name__)

_ANSWER = '{"value": 4.0, "gradients": {"a": -3.0, "b": 2.0, "c": 1.0}, "warnings": []}'


@blueprint.get("/")
def home() -> Response:
    """The playground, one worked example for programs, and where to go from there."""
    return html.page("playground.html", address=html.address(), answer=_ANSWER)
