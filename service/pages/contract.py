"""GET /openapi.yaml, /openapi.json and /docs: the contract, for programs and for people."""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
from flask import Blueprint, Response, current_app
from flask_swagger_ui import get_swaggerui_blueprint

from service.contract import openapi

blueprint = Blueprint("contract", __name__)

swagger_ui: Blueprint = get_swaggerui_blueprint(
    "/docs",
    "/openapi.json",
    config={
        "app_name": "A service that differentiates",
        "deepLinking": True,
        "tryItOutEnabled": True,
        "oauth2RedirectUrl": "/docs/oauth2-redirect.html",
        "validatorUrl": None,
    },
)


@cache
def _yaml() -> str:
    return openapi.as_yaml(openapi.document())


@cache
def _json() -> bytes:
    return orjson.dumps(openapi.document())


@blueprint.get("/openapi.yaml")
def as_yaml() -> Response:
    """The contract, as YAML."""
    return Response(_yaml(), mimetype="application/yaml")


@blueprint.get("/openapi.json")
def as_json() -> Response:
    """The contract, as JSON."""
    return Response(_json(), mimetype="application/json")


@blueprint.get("/docs")
def docs() -> Any:
    """Swagger UI, from files of our own: it works without the internet."""
    return current_app.view_functions["swagger_ui.show"]()
