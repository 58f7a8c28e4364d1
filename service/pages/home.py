"""GET /: the playground, where a newcomer lands."""

from __future__ import annotations

from flask import Blueprint, render_template, request

blueprint = Blueprint("home", __name__)

_ANSWER = '{"value": 4.0, "gradients": {"a": -3.0, "b": 2.0, "c": 1.0}, "warnings": []}'


@blueprint.get("/")
def home() -> str:
    """The playground, one worked example for programs, and where to go from there."""
    # Not `request.host`, which is empty for names with an underscore.
    host = request.environ.get("HTTP_HOST", request.host)
    address = f"{request.scheme}://{host}"
    return render_template("playground.html", address=address, answer=_ANSWER)
