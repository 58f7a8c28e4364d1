"""What GET answers, in the contract: a row a path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.answers.catalogue import CATALOGUE, OPERATION
from service.answers.problem_types import PROBLEM_TYPE, PROBLEM_TYPES
from service.answers.record import Schema, ref
from service.contract.responses import HEADERS, problem_ref
from service.endpoints.endpoint import JSON

_HTML: Final = ("text/html", {"type": "string"})
_PAGE: Final = {"text/html": {"schema": {"type": "string", "description": "The same to read."}}}
_READABLE: Final = {
    "/operations",
    "/operations/{name}",
    "/limits",
    "/problems",
    "/problems/{name}",
}
_STATUS: Final = (JSON, ref("Health").schema)
# Of each path: its tag, a summary, a description, the media type of its answer and its schema.
PATHS: Final[Mapping[str, tuple[str, str, str, str, Schema]]] = {
    "/operations": (
        "look up",
        "The catalogue of operations",
        "Each operation with its aliases, operands, attributes, formula, derivative and domain.",
        JSON,
        CATALOGUE.schema,
    ),
    "/operations/{name}": (
        "look up",
        "One operation",
        "The entry of the catalogue, by name or alias.",
        JSON,
        OPERATION.schema,
    ),
    "/limits": (
        "look up",
        "The limits in force",
        "What one request may cost, and how large it may be.",
        JSON,
        ref("Limits").schema,
    ),
    "/livez": (
        "operate",
        "Whether the process runs",
        "Always ok, where there is an answer at all.",
        *_STATUS,
    ),
    "/readyz": (
        "operate",
        "Whether the service differentiates, and rightly",
        "Computes a small gradient and looks whether it is right.",
        *_STATUS,
    ),
    "/metrics": (
        "operate",
        "For Prometheus",
        "Counts and times of requests, in the text format of Prometheus.",
        "text/plain",
        {"type": "string"},
    ),
    "/": ("read", "Where a newcomer lands", "The playground, where functions are tried.", *_HTML),
    "/docs": ("read", "This contract, to read and to try", "Swagger UI.", *_HTML),
    "/openapi.yaml": (
        "read",
        "This contract as YAML",
        "All of it.",
        "application/yaml",
        {"type": "object"},
    ),
    "/openapi.json": ("read", "This contract as JSON", "All of it.", JSON, {"type": "object"}),
    "/openapi-clients.json": (
        "read",
        "This contract as generators of typed clients take it",
        "What is sent and answered as JSON; a value that may be of several types is left open.",
        JSON,
        {"type": "object"},
    ),
    "/problems": (
        "read",
        "Every type of problem",
        "What each `type` stands for.",
        JSON,
        PROBLEM_TYPES.schema,
    ),
    "/problems/{name}": (
        "read",
        "One type of problem, explained",
        "What it means, an example, and what to do about it.",
        JSON,
        PROBLEM_TYPE.schema,
    ),
}
_UNDERSCORES: Final = str.maketrans(".-", "__")


def operation_of(path: str) -> Schema:
    """The GET of a path of the table."""
    tag, title, description, media_type, schema = PATHS[path]
    operation: Schema = {
        "tags": [tag],
        "operationId": path.strip("/").replace("/{name}", "_by_name").translate(_UNDERSCORES)
        or "home",
        "summary": title,
        "description": description,
        "responses": {
            "200": {
                "description": "OK",
                "headers": HEADERS,
                "content": {media_type: {"schema": schema}} | (_PAGE if path in _READABLE else {}),
            },
            "405": problem_ref(405),
            "500": problem_ref(500),
        },
    }
    if "{name}" in path:
        name = {
            "name": "name",
            "in": "path",
            "required": True,
            "description": "Which one.",
            "schema": {"type": "string"},
        }
        operation["parameters"] = [name]
        operation["responses"]["404"] = problem_ref(404)
    if path == "/readyz":
        operation["responses"]["503"] = problem_ref(503)
    return operation
