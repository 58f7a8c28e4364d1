"""The contract as generators of typed clients take it: /openapi-clients.json.

Many of them cannot say that a value is a number or a list, or that an answer is an object or a
text: they write code that does not compile, or that loses what was sent. Here a value of several
types is left open, what is not JSON is left out, an answer has one form, and objects may have
members that a later version adds. All other messages and answers that fit the contract fit this.
"""

from __future__ import annotations

from typing import Any, Final

from service.answers.record import Schema
from service.contract import openapi
from service.endpoints.endpoint import JSON
from service.endpoints.table import ENDPOINTS

_WORDS: Final = """\
This is the contract for generators of clients: it has what is sent and answered as JSON, and leaves
open what may be of several types (a number or a list). Everything is in `/openapi.yaml`.

"""
# Keywords of choices and conditions: without them a schema takes more.
_OPENED: Final = frozenset({"anyOf", "oneOf", "if", "then", "else", "propertyNames"})


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document for generators of clients."""
    built = openapi.document()
    built["info"]["description"] = _WORDS + built["info"]["description"]
    built["paths"] = {
        path: item
        for path, item in built["paths"].items()
        if all(_speaks_json(operation) for operation in item.values())
    }
    named = built["components"]["schemas"]
    for endpoint in ENDPOINTS:
        for member in {name for asked in endpoint.forms.values() for name in asked}:
            del named[f"{endpoint.name.capitalize()}Message"]["properties"][member]
    built["components"]["schemas"] = {name: _open(schema) for name, schema in named.items()}
    return built


def _speaks_json(operation: dict[str, Any]) -> bool:
    """Whether it answers JSON; if it does, it is left with nothing else."""
    answer = operation["responses"]["200"]
    if JSON not in answer["content"]:
        return False
    for part in (operation.get("requestBody"), answer):
        if part is not None:
            part["content"] = {JSON: part["content"][JSON]}
    # Of several forms of an answer the first is what is answered where no other is asked for.
    content = answer["content"][JSON]
    content["schema"] = content["schema"].get("anyOf", [content["schema"]])[0]
    return True


def _open(schema: Schema) -> Schema:
    """The schema and those inside it, without choices, conditions and closed objects."""
    kept = {keyword: value for keyword, value in schema.items() if keyword not in _OPENED}
    if kept.get("additionalProperties") is False:
        del kept["additionalProperties"]
    if "properties" in kept:
        kept["properties"] = {name: _open(member) for name, member in kept["properties"].items()}
    for keyword in ("items", "additionalProperties"):
        if isinstance(kept.get(keyword), dict):
            kept[keyword] = _open(kept[keyword])
    return kept
