"""GET /limits: what one request may cost."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, current_app

from service.settings import Settings
from service.transport import compression, wire

blueprint = Blueprint("limits", __name__)


@blueprint.get("/limits")
def limits() -> Response:
    """The limits in force: bytes, counts and seconds."""
    settings: Settings = current_app.extensions["settings"]
    return Response(wire.encode(described(settings)), mimetype="application/json")


def described(settings: Settings) -> dict[str, float]:
    """Every limit by name."""
    return {
        "body": settings.body_limit,
        "gzip_ratio": settings.gzip_ratio,
        "gzip_members": compression.MOST_MEMBERS,
        "decoded": settings.decoded_limit,
        "answer": settings.answer_limit,
        "memory": settings.memory_limit,
        "json_depth": wire.DEEPEST,
        **asdict(settings.limits),
        "deadline": settings.deadline,
        "patience": settings.patience,
        "sending": settings.sending,
    }
