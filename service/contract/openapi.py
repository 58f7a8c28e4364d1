"""openapi.yaml, from the code: `python -m service.contract.openapi` prints it.

Messages, answers and examples come from the endpoints, operations from the op table, errors from
the table of problems. What is written here is what those cannot know: the words around them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import yaml
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from service import __version__
from service.answers.catalogue import CATALOGUE, OPERATION
from service.answers.problem_types import PROBLEM_TYPE, PROBLEM_TYPES
from service.answers.record import Schema, ref
from service.contract.components import components
from service.endpoints.endpoint import JSON, NDJSON, Endpoint, Picture
from service.endpoints.table import ENDPOINTS
from service.messages.check import CheckSchema
from service.messages.fields import MessageField
from service.messages.grade import ToleranceSchema
from service.problem_types import KINDS
from service.problems import MEDIA_TYPE, PROBLEM

_DESCRIPTION: Final = """\
Post a function, as infix text or as a graph of operations, and the numbers to bind to its
inputs; the answer is its value and its exact gradient, by reverse-mode automatic
differentiation, and on request an honest finite-difference check of it.

All arithmetic is IEEE 754 binary64. Numbers that are not finite are written `"NaN"`,
`"Infinity"` and `"-Infinity"`. The same request gets the same bytes. Every error is
`application/problem+json` (RFC 9457); browsers, which ask for `text/html`, get it as a page.

Every POST endpoint but /plot also takes `application/x-ndjson`: one message a line in, one
line of answer each out, in order, while the rest is still being sent. A line may carry an `id`,
which is echoed: `{"id": 7, "line": 3, "status": 200, "result": {...}}`, or, where a line is wrong,
`{"id": 7, "line": 3, "status": 422, "problem": {...}}`. A wrong line harms no other. `line` counts
the lines as they were sent, from 1, blank ones too; those have no answer. A line that is not JSON
keeps its `id` if that comes first in it.

A stream to /grade may give its reference once: a line `{"reference": {...}}`, which has all
members of a message but `claims`, and after it lines `{"id": ..., "claims": {...}}`.
"""
_TAGS: Final = {
    "differentiate": "Functions in, values and derivatives out.",
    "look up": "What a function may be made of, and what it may cost.",
    "operate": "For whoever runs the service.",
    "read": "Pages for people, and the contract for programs.",
}
_POST_STATUSES: Final = (400, 405, 406, 408, 413, 415, 422, 429, 500, 503)


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: "")
    spec = APISpec(
        title="A service that differentiates",
        version=__version__,
        openapi_version="3.1.0",
        plugins=[plugin],
        info={"description": _DESCRIPTION, "license": {"name": "MIT", "identifier": "MIT"}},
        servers=[{"url": "/"}],
        tags=[{"name": name, "description": words} for name, words in _TAGS.items()],
    )
    converter: Any = plugin.converter
    converter.add_attribute_function(_own_schema)
    for endpoint in ENDPOINTS:
        spec.components.schema(_message_name(endpoint), schema=endpoint.schema)
        spec.path(f"/{endpoint.name}", operations={"post": _post(endpoint)})
    spec.components.schema("Check", schema=CheckSchema)
    spec.components.schema("Tolerance", schema=ToleranceSchema)
    for name, component in components().items():
        spec.components.schema(name, component)
    for status in sorted({kind.status for kind in KINDS.values()}):
        spec.components.response(f"Problem{status}", _problem(status))
    spec.components.header("RequestId", _REQUEST_ID)
    spec.components.header("ApiVersion", _API_VERSION)
    spec.components.header("RetryAfter", _RETRY_AFTER)
    for path, (tag, title, media_type, schema) in _GETS.items():
        spec.path(path, operations={"get": _get(path, tag, title, media_type, schema)})
    # apispec puts the version of OpenAPI last; readers look for it first.
    built: dict[str, Any] = {"openapi": "3.1.0"} | spec.to_dict()
    for endpoint in ENDPOINTS:
        message = built["components"]["schemas"][_message_name(endpoint)]
        message["oneOf"] = [{"required": ["graph"]}, {"required": ["expression"]}]
    return built


def as_yaml(built: Mapping[str, Any]) -> str:
    """The document as YAML, in the order it was built."""
    text: str = yaml.dump(
        dict(built), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=96
    )
    return f"# Made by `python -m service.contract.openapi`; edit the code, not this file.\n{text}"


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as a block, and everything in full, without anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def _own_schema(converter: Any, field: Any, **_: Any) -> dict[str, Any]:
    """What apispec asks each field: ours know their JSON Schema."""
    return field.json_schema() if isinstance(field, MessageField) else {}


def _message_name(endpoint: Endpoint) -> str:
    return f"{endpoint.name.capitalize()}Message"


_LINES: Final = {"type": "string", "description": "One JSON text a line."}
_REQUEST_ID: Final = {
    "description": "The id of this request: the caller's `X-Request-Id`, or a new one.",
    "schema": {"type": "string"},
}
_RETRY_AFTER: Final = {
    "description": "Seconds to wait before trying again.",
    "schema": {"type": "integer", "minimum": 0},
}
_API_VERSION: Final = {
    "description": "The version of this contract that the service keeps to, as in `info.version`.",
    "schema": {"type": "string"},
}
_HEADERS: Final = {
    "X-Request-Id": {"$ref": "#/components/headers/RequestId"},
    "API-Version": {"$ref": "#/components/headers/ApiVersion"},
}
_REQUEST_ID_PARAMETER: Final = {
    "name": "X-Request-Id",
    "in": "header",
    "description": "An id to find this request by, in the answer and in the log: up to 128 "
    "letters, digits and `_.:/+=@-`. Any other is replaced.",
    "schema": {"type": "string"},
}


def _post(endpoint: Endpoint) -> Schema:
    requests: Schema = {
        JSON: {
            "schema": ref(_message_name(endpoint)).schema,
            "examples": {
                name: {"summary": example.summary, "value": dict(example.message)}
                for name, example in endpoint.examples.items()
            },
        }
    }
    if NDJSON in endpoint.takes:
        requests[NDJSON] = {"schema": _LINES}
    statuses = (*_POST_STATUSES, *([501] if endpoint.record is None else []))
    return {
        "tags": ["differentiate"],
        "operationId": endpoint.name,
        "summary": endpoint.title,
        "parameters": [_REQUEST_ID_PARAMETER],
        "requestBody": {"required": True, "content": requests},
        "responses": {
            "200": {
                "description": "A picture, by Accept."
                if endpoint.record is None
                else "The answer; for a stream, one line for each of its lines.",
                "headers": _HEADERS,
                "content": _answers(endpoint) | dict(map(_picture, endpoint.pictures)),
            },
            **{str(status): _problem_ref(status) for status in sorted(statuses)},
        },
    }


def _answers(endpoint: Endpoint) -> Schema:
    if endpoint.record is None:
        return {}
    examples = {
        name: {"summary": example.summary, "value": dict(example.answer)}
        for name, example in endpoint.examples.items()
    }
    return {
        JSON: {"schema": endpoint.record.schema, "examples": examples},
        **{kind: {"schema": {"type": "object"}} for kind in endpoint.forms},
        NDJSON: {"schema": _LINES},
    }


def _picture(picture: Picture) -> tuple[str, Schema]:
    is_text = not picture.media_type.endswith("png")
    form = {"type": "string"} if is_text else {"contentMediaType": picture.media_type}
    return picture.media_type, {"schema": form | {"description": picture.doc}}


def _get(path: str, tag: str, title: str, media_type: str, schema: Schema) -> Schema:
    operation: Schema = {
        "tags": [tag],
        "operationId": path.strip("/").replace("/{name}", "_by_name").replace(".", "_") or "home",
        "summary": title,
        "responses": {
            "200": {
                "description": "OK",
                "headers": _HEADERS,
                "content": {media_type: {"schema": schema}} | (_PAGE if path in _READABLE else {}),
            },
            "405": _problem_ref(405),
            "500": _problem_ref(500),
        },
    }
    if "{name}" in path:
        name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
        operation["parameters"] = [name]
        operation["responses"]["404"] = _problem_ref(404)
    if path == "/readyz":
        operation["responses"]["503"] = _problem_ref(503)
    return operation


def _problem_ref(status: int) -> Schema:
    return {"$ref": f"#/components/responses/Problem{status}"}


def _problem(status: int) -> Schema:
    kinds = [kind for kind in KINDS.values() if kind.status == status]
    headers: Schema = dict(_HEADERS)
    if status in {429, 503}:
        headers["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    return {
        "description": "; or: ".join(kind.title for kind in kinds),
        "headers": headers,
        "content": {MEDIA_TYPE: {"schema": PROBLEM.schema}},
    }


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
_GETS: Final[Mapping[str, tuple[str, str, str, Schema]]] = {
    "/operations": ("look up", "The catalogue of operations", JSON, CATALOGUE.schema),
    "/operations/{name}": ("look up", "One operation", JSON, OPERATION.schema),
    "/limits": ("look up", "The limits in force", JSON, ref("Limits").schema),
    "/livez": ("operate", "Whether the process runs", *_STATUS),
    "/readyz": ("operate", "Whether the service differentiates, and rightly", *_STATUS),
    "/metrics": ("operate", "For Prometheus", "text/plain", {"type": "string"}),
    "/": ("read", "Where a newcomer lands", *_HTML),
    "/docs": ("read", "This contract, to read and to try", *_HTML),
    "/openapi.yaml": ("read", "This contract as YAML", "application/yaml", {"type": "object"}),
    "/openapi.json": ("read", "This contract as JSON", JSON, {"type": "object"}),
    "/problems": ("read", "Every type of problem", JSON, PROBLEM_TYPES.schema),
    "/problems/{name}": ("read", "One type of problem, explained", JSON, PROBLEM_TYPE.schema),
}


if __name__ == "__main__":
    print(as_yaml(document()), end="")
