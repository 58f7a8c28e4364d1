"""GET /openapi.yaml, .json, /openapi-clients.json and /docs: for programs and for people."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import flask_swagger_ui
import orjson
from flask import Blueprint, Response, send_from_directory

from service.contract import clients, openapi
from service.pages import html

blueprint = Blueprint("contract", __name__)

_SWAGGER_UI: Final = Path(flask_swagger_ui.__file__).parent / "dist"


@cache
def _yaml() -> str:
    return openapi.as_yaml(openapi.document())


@cache
def _json() -> bytes:
    return orjson.dumps(openapi.document())


@cache
def _json_for_clients() -> bytes:
    return orjson.dumps(clients.document())


@blueprint.get("/openapi.yaml")
def as_yaml() -> Response:
    """The contract, as YAML."""
    return html.kept(Response(_yaml(), mimetype="application/yaml"))


@blueprint.get("/openapi.json")
def as_json() -> Response:
    """The contract, as JSON."""
    return html.kept(Response(_json(), mimetype="application/json"))


@blueprint.get("/openapi-clients.json")
def for_clients() -> Response:
    """The contract for generators of clients, as JSON."""
    return html.kept(Response(_json_for_clients(), mimetype="application/json"))


@blueprint.get("/docs")
@blueprint.get("/docs/")
def docs() -> Response:
    """Swagger UI, from files of our own: it works without the internet."""
    return html.page("docs.html")


@blueprint.get("/docs/<path:path>")
def file_of_swagger_ui(path: str) -> Response:
    """What the page of /docs loads."""
    return send_from_directory(_SWAGGER_UI, path)
