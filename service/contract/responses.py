"""What answers have in common: their headers, and every error with its examples."""

from __future__ import annotations

from typing import Final

from service.answers.record import Schema
from service.contract.exchanges import PAIRS
from service.problem_types import KINDS
from service.problems import MEDIA_TYPE, PROBLEM

REQUEST_ID: Final = {
    "description": "The id of this request: the caller's `X-Request-Id`, or a new one.",
    "schema": {"type": "string"},
}
RETRY_AFTER: Final = {
    "description": "Seconds to wait before trying again.",
    "schema": {"type": "integer", "minimum": 0},
}
API_VERSION: Final = {
    "description": "The version of this contract that the service keeps to, as in `info.version`.",
    "schema": {"type": "string"},
}
HEADERS: Final = {
    "X-Request-Id": {"$ref": "#/components/headers/RequestId"},
    "API-Version": {"$ref": "#/components/headers/ApiVersion"},
}
# The request id of an example.
_EXAMPLE_ID: Final = "5f0c2a9e"


def problem_ref(status: int) -> Schema:
    """The response of the components for errors of this status."""
    return {"$ref": f"#/components/responses/Problem{status}"}


def problem(status: int) -> Schema:
    """The response itself: an example for each type of problem."""
    kinds = {name: kind for name, kind in KINDS.items() if kind.status == status}
    headers: Schema = dict(HEADERS)
    if status in {429, 503}:
        headers["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    examples = {
        name: {"summary": kind.title, "value": PAIRS[name].problem.body(_EXAMPLE_ID)}
        for name, kind in kinds.items()
    }
    return {
        "description": "; or: ".join(kind.title for kind in kinds.values()),
        "headers": headers,
        "content": {MEDIA_TYPE: {"schema": PROBLEM.schema, "examples": examples}},
    }
