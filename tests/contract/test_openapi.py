"""openapi.yaml: valid, complete, true to the code, and checked in as the code makes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from autograd_core.operations import TABLE
from service.contract import openapi
from service.endpoints.table import ENDPOINTS
from service.problem_types import CODES, KINDS

pytestmark = pytest.mark.contract

CHECKED_IN = Path(__file__).resolve().parents[2] / "openapi.yaml"
# Swagger UI's files and our own style sheet are no part of the contract.
ASSETS = {"/docs/", "/docs/<path:path>", "/static/<path:filename>"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi.document()


def test_it_is_openapi(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"] == "3.1.0"


def test_it_is_checked_in(document: dict[str, Any]) -> None:
    assert CHECKED_IN.read_text() == openapi.as_yaml(document), "run `make spec`"


def test_it_is_served(client: FlaskClient, document: dict[str, Any]) -> None:
    assert client.get("/openapi.json").json == document
    assert yaml.safe_load(client.get("/openapi.yaml").text) == document


def test_it_names_the_paths_that_are_served(app: Flask, document: dict[str, Any]) -> None:
    served = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule not in ASSETS
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    named = {(path, method) for path, item in document["paths"].items() for method in item}
    assert named == served


def test_it_lists_what_there_is(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    spellings = set(schemas["Node"]["properties"]["op"]["enum"])
    assert spellings == {name for row in TABLE.values() for name in (row.name, *row.aliases)}
    assert set(schemas["Fault"]["properties"]["code"]["enum"]) == set(CODES)
    types = schemas["Problem"]["properties"]["type"]["enum"]
    assert types == [f"/problems/{name}" for name in KINDS]


def test_bounds_are_what_they_are(document: dict[str, Any]) -> None:
    check = document["components"]["schemas"]["Check"]["properties"]
    assert check["step"]["oneOf"][0] == {"type": "number", "exclusiveMinimum": 0}
    assert check["rtol"]["minimum"] == 0
    assert document["components"]["schemas"]["GradientMessage"]["additionalProperties"] is False


def test_every_member_is_described(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        if name.endswith("Message"):
            for member, described in schema["properties"].items():
                assert described.get("description"), f"{name}.{member}"


def validator(document: dict[str, Any], name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    )


EXAMPLE_PARAMS = [
    pytest.param(endpoint.name, example, id=f"{endpoint.name}/{name}")
    for endpoint in ENDPOINTS
    for name, example in endpoint.examples.items()
]


@pytest.mark.parametrize("endpoint, example", EXAMPLE_PARAMS)
def test_examples_fit_their_schemas(document: dict[str, Any], endpoint: str, example: Any) -> None:
    validator(document, f"{endpoint.capitalize()}Message").validate(example.message)
    if example.answer:
        validator(document, f"{endpoint.capitalize()}Answer").validate(example.answer)


@pytest.mark.parametrize(
    "path, name",
    [
        ("/operations", "Catalogue"),
        ("/limits", "Limits"),
        ("/operations/add", "Operation"),
        ("/livez", "Health"),
    ],
)
def test_lists_fit_their_schemas(
    client: FlaskClient, document: dict[str, Any], path: str, name: str
) -> None:
    validator(document, name).validate(client.get(path).json)


def test_the_document_is_the_same_every_time(document: dict[str, Any]) -> None:
    assert openapi.as_yaml(openapi.document()) == openapi.as_yaml(document)
