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
from service.answers.record import Schema, exactly_one, ref
from service.contract import lookups
from service.contract.components import STREAMED, components
from service.contract.responses import (
    API_VERSION,
    HEADERS,
    REQUEST_ID,
    RETRY_AFTER,
    problem,
    problem_ref,
)
from service.endpoints.endpoint import JSON, NDJSON, Endpoint, Picture
from service.endpoints.table import ENDPOINTS
from service.messages.check import CheckSchema
from service.messages.fields import MessageField
from service.messages.grade import ToleranceSchema
from service.problem_types import KINDS

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

This contract is `/openapi.yaml` and `/openapi.json`: for people, for whoever validates messages,
and for generators that know unions of types, such as openapi-typescript. The others take
`/openapi-clients.json`, which is made of it: JSON alone, and a value that may be of several types
is left open there.
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
        info={
            "description": _DESCRIPTION,
            "contact": {"name": "The gradient service authors"},
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        servers=[{"url": "/", "description": "Where this document is served."}],
        security=[],
        tags=[{"name": name, "description": words} for name, words in _TAGS.items()],
    )
    converter: Any = plugin.converter
    converter.add_attribute_function(_own_schema)
    for endpoint in ENDPOINTS:
        words = {"description": f"A message to /{endpoint.name}."}
        spec.components.schema(_message_name(endpoint), words, schema=endpoint.schema)
        spec.path(f"/{endpoint.name}", operations={"post": _post(endpoint)})
    for schema in (CheckSchema, ToleranceSchema):
        name = schema.__name__.removesuffix("Schema")
        spec.components.schema(name, {"description": schema.__doc__}, schema=schema)
    for name, component in components().items():
        spec.components.schema(name, component)
    for status in sorted({kind.status for kind in KINDS.values()}):
        spec.components.response(f"Problem{status}", problem(status))
    spec.components.header("RequestId", REQUEST_ID)
    spec.components.header("ApiVersion", API_VERSION)
    spec.components.header("RetryAfter", RETRY_AFTER)
    for path in lookups.PATHS:
        spec.path(path, operations={"get": lookups.operation_of(path)})
    # apispec puts the version of OpenAPI last; readers look for it first.
    built: dict[str, Any] = {"openapi": "3.1.0"} | spec.to_dict()
    for endpoint in ENDPOINTS:
        message = built["components"]["schemas"][_message_name(endpoint)]
        message.update(exactly_one("graph", "expression"))
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


_LINES: Final = {"type": "string", "description": "A message a line, each one JSON text."}
_ANSWERED_LINES: Final = {
    "type": "string",
    "description": f"One JSON text a line, each a `{STREAMED.name}`.",
    "contentMediaType": NDJSON,
    "contentSchema": STREAMED.schema,
}
_OTHER_RESULTS: Final = {
    "type": "object",
    "description": "The report as another program reads it, where `format` or Accept asks for it.",
    "required": ["tests"],
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
        "description": _described(endpoint),
        "parameters": [_REQUEST_ID_PARAMETER],
        "requestBody": {"required": True, "content": requests},
        "responses": {
            "200": {
                "description": "A picture, by Accept."
                if endpoint.record is None
                else "The answer; for a stream, one line for each of its lines.",
                "headers": HEADERS,
                "content": _answers(endpoint) | dict(map(_picture, endpoint.pictures)),
            },
            **{str(status): problem_ref(status) for status in sorted(statuses)},
        },
    }


def _described(endpoint: Endpoint) -> str:
    if endpoint.record is None:
        return "Answers with a picture, in the first of its media types that Accept has."
    answer = f"Answers with a `{endpoint.record.name}`: {_first_lower(endpoint.record.doc)}"
    return f"{answer} A stream of messages is answered line by line, each a `{STREAMED.name}`."


def _first_lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _answers(endpoint: Endpoint) -> Schema:
    if endpoint.record is None:
        return {}
    examples = {
        name: {"summary": example.summary, "value": dict(example.answer)}
        for name, example in endpoint.examples.items()
    }
    schema = endpoint.record.schema
    if endpoint.forms:
        # The answer that the table describes comes first.
        schema = {"anyOf": [schema, _OTHER_RESULTS]}
    return {
        JSON: {"schema": schema, "examples": examples},
        **{kind: {"schema": _OTHER_RESULTS} for kind in endpoint.forms},
        NDJSON: {"schema": _ANSWERED_LINES},
    }


def _picture(picture: Picture) -> tuple[str, Schema]:
    is_text = not picture.media_type.endswith("png")
    form = {"type": "string"} if is_text else {"contentMediaType": picture.media_type}
    return picture.media_type, {"schema": form | {"description": picture.doc}}


if __name__ == "__main__":
    print(as_yaml(document()), end="")
