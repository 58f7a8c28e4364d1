"""GET /limits: what one request may cost."""

from __future__ import annotations

from flask import Blueprint, Response, current_app

from service.contract.limits import ANSWER, LIMITS
from service.pages import html
from service.settings import Settings
from service.transport import wire

blueprint = Blueprint("limits", __name__)


@blueprint.get("/limits")
def limits() -> Response:
    """The limits in force, and their units."""
    settings: Settings = current_app.extensions["settings"]
    written = wire.encode(ANSWER.written(settings))
    return html.either(written, "limits.html", limits=LIMITS, settings=settings)
