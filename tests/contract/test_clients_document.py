"""/openapi-clients.json: valid, of JSON alone, and taking whatever the contract takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from service.contract import clients, openapi
from tests.contract.examples import EXAMPLE_PARAMS

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return clients.document()


def test_it_is_openapi(document: dict[str, Any]) -> None:
    validate(document)


def test_it_is_served(client: FlaskClient, document: dict[str, Any]) -> None:
    assert client.get("/openapi-clients.json").json == document


def test_what_answers_json_is_in_it_and_nothing_else(document: dict[str, Any]) -> None:
    whole = openapi.document()["paths"]
    in_json = {
        path
        for path, item in whole.items()
        for operation in item.values()
        if "application/json" in operation["responses"]["200"]["content"]
    }
    assert document["paths"].keys() == in_json
    assert {"/gradient", "/grade", "/operations", "/limits"} <= in_json
    for item in document["paths"].values():
        for operation in item.values():
            assert operation["responses"]["200"]["content"].keys() == {"application/json"}
            sent = operation.get("requestBody", {"content": {"application/json": {}}})
            assert sent["content"].keys() == {"application/json"}


def schemas_in(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and all that are in it."""
    waiting = [schema]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield each
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)


def test_it_has_neither_choices_nor_conditions(document: dict[str, Any]) -> None:
    for schema in schemas_in(document["components"]["schemas"]):
        assert schema.keys().isdisjoint({"anyOf", "oneOf", "allOf", "not", "if", "then", "else"})


def test_an_answer_has_one_form(document: dict[str, Any]) -> None:
    for item in document["paths"].values():
        for operation in item.values():
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            assert schema.keys() == {"$ref"} or schema == {"type": "object"}
    assert "format" in openapi.document()["components"]["schemas"]["GradeMessage"]["properties"]
    assert "format" not in document["components"]["schemas"]["GradeMessage"]["properties"]


@pytest.mark.parametrize("endpoint, example", EXAMPLE_PARAMS)
def test_what_fits_the_contract_fits_it(
    document: dict[str, Any], endpoint: str, example: Any
) -> None:
    later = {**example.answer, "a member of a later version": 1}
    cases = [("Message", example.message), ("Answer", example.answer), ("Answer", later)]
    for name, value in cases:
        schema = {"$ref": f"#/components/schemas/{endpoint.capitalize()}{name}"}
        whole = schema | {"components": document["components"]}
        jsonschema.Draft202012Validator(whole).validate(value)
