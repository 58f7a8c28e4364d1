"""openapi.yaml: valid, complete, true to the code, and checked in as the code makes it."""

from __future__ import annotations

import json
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
from service.endpoints.endpoint import NDJSON
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
    spellings = set(schemas["GraphNode"]["properties"]["op"]["x-extensible-enum"])
    assert spellings == {name for row in TABLE.values() for name in (row.name, *row.aliases)}
    assert set(schemas["Fault"]["properties"]["code"]["x-extensible-enum"]) == set(CODES)
    types = schemas["Problem"]["properties"]["type"]["x-extensible-enum"]
    assert types == [f"/problems/{name}" for name in KINDS]


def test_bounds_are_what_they_are(document: dict[str, Any]) -> None:
    check = document["components"]["schemas"]["Check"]["properties"]
    assert check["step"]["oneOf"][0] == {"type": "number", "exclusiveMinimum": 0}
    assert check["rtol"]["minimum"] == 0
    assert document["components"]["schemas"]["GradientMessage"]["additionalProperties"] is False


def test_everything_is_described(document: dict[str, Any]) -> None:
    silent = [
        f"{name}.{member}" if member else name
        for name, schema in document["components"]["schemas"].items()
        for member, described in {"": schema, **schema.get("properties", {})}.items()
        if not described.get("description")
    ]
    operations = [o for item in document["paths"].values() for o in item.values()]
    silent += [o["operationId"] for o in operations if not (o["summary"] and o["description"])]
    assert silent == []


def test_every_error_has_an_example_of_its_own(document: dict[str, Any]) -> None:
    responses = document["components"]["responses"]
    for item in document["paths"].values():
        for operation in item.values():
            for status, response in operation["responses"].items():
                if int(status) < 400:
                    continue
                named = responses[response["$ref"].rpartition("/")[2]]
                examples = named["content"]["application/problem+json"]["examples"]
                assert {each["value"]["status"] for each in examples.values()} == {int(status)}


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_a_problem_fits_its_schema(document: dict[str, Any], kind: str) -> None:
    response = document["components"]["responses"][f"Problem{KINDS[kind].status}"]
    example = response["content"]["application/problem+json"]["examples"][kind]["value"]
    assert example["type"] == f"/problems/{kind}"
    validator(document, "Problem").validate(example)


BUILTINS = {"Number", "Warning", "Error", "Object", "String", "List", "Map", "Node", "Exception"}


def test_no_component_is_called_as_a_class_that_languages_have(document: dict[str, Any]) -> None:
    assert BUILTINS.isdisjoint(document["components"]["schemas"])


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


HALF = {"bindings": {"x": 1.0}}
NODES, COLUMNS = {"nodes": []}, {"columns": {"operations": [], "opcodes": [], "operands": []}}


@pytest.mark.parametrize(
    "name, value, fits",
    [
        ("GradientMessage", HALF | {"expression": "x"}, True),
        ("GradientMessage", HALF | {"graph": NODES}, True),
        ("GradientMessage", HALF, False),
        ("GradientMessage", HALF | {"expression": "x", "graph": NODES}, False),
        ("Graph", NODES, True),
        ("Graph", COLUMNS, True),
        ("Graph", {}, False),
        ("Graph", NODES | COLUMNS, False),
        ("TensorObject", {"shape": [1], "data": [1.0]}, True),
        ("TensorObject", {"shape": [0], "base64": ""}, True),
        ("TensorObject", {"shape": [1]}, False),
        ("TensorObject", {"shape": [0], "data": [], "base64": ""}, False),
        ("Tensor", [[1.0, "NaN"], [2.0, 3.0]], True),
        ("Tensor", "nan", False),
        ("Tensor", True, False),
    ],
)
def test_one_of_two_members_is_given(
    document: dict[str, Any], name: str, value: Any, fits: bool
) -> None:
    assert validator(document, name).is_valid(value) is fits


@pytest.mark.parametrize("form", [{}, {"format": "prairielearn"}, {"format": "gradescope"}])
def test_a_report_in_any_format_fits_its_schema(
    client: FlaskClient, document: dict[str, Any], form: dict[str, str]
) -> None:
    operation = document["paths"]["/grade"]["post"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    message = {"expression": "x*x", "bindings": {"x": 2}, "claims": {"value": 4}} | form
    report = client.post("/grade", json=message).json
    whole = schema | {"components": document["components"]}
    jsonschema.Draft202012Validator(whole).validate(report)


@pytest.mark.parametrize(
    "line",
    ['{"id": 7, "expression": "x", "bindings": {"x": 2}}', '{"expression": "x y"}', "[", "7"],
)
def test_a_line_of_a_stream_fits_its_schema(
    client: FlaskClient, document: dict[str, Any], line: str
) -> None:
    reply = client.post("/gradient", data=line, content_type=NDJSON)
    validator(document, "StreamedAnswer").validate(json.loads(reply.data))


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
