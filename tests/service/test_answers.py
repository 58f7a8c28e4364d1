"""Good messages and the whole of their answers, byte by byte where it matters."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from tests.contract.examples import EXAMPLE_PARAMS


@pytest.mark.parametrize("endpoint, example", EXAMPLE_PARAMS)
def test_documented_examples_are_true(client: FlaskClient, endpoint: str, example: Any) -> None:
    body = json.dumps(example.message)  # Flask's client would sort its members
    reply = client.post(f"/{endpoint}", data=body, content_type="application/json")
    assert reply.status_code == 200, reply.text
    assert reply.mimetype == "application/json"
    assert reply.json == example.answer


def gradient(client: FlaskClient, expression: str, **more: Any) -> Any:
    reply = client.post("/gradient", json={"expression": expression, **more})
    assert reply.status_code == 200, reply.text
    return reply.json


def test_members_come_in_the_documented_order(client: FlaskClient) -> None:
    included = ["cost", "rounding", "nodes"]
    everything = {"bindings": {"x": 2.0}, "include": included, "check": True}
    answer = gradient(client, "x*x", **everything)
    members = ["value", "gradients", "check", "rounding", "nodes", "cost", "warnings"]
    assert list(answer) == members
    assert list(answer["cost"]) == ["nodes", "operations", "engine"]
    assert list(answer["nodes"][-1]) == ["id", "op", "args", "value", "gradient", "partials"]


def test_the_bytes_of_an_answer(client: FlaskClient) -> None:
    reply = client.post("/gradient", json={"expression": "x/y", "bindings": {"x": -0.0, "y": 1}})
    assert reply.data == b'{"value":-0.0,"gradients":{"x":1.0,"y":0.0},"warnings":[]}'


def test_only_what_was_asked_for(client: FlaskClient) -> None:
    assert set(gradient(client, "x*y", bindings={"x": 1, "y": 2}, wrt=["y"])["gradients"]) == {"y"}
    assert gradient(client, "x*y", bindings={"x": 1, "y": 2}, wrt=[])["gradients"] == {}
    assert "check" not in gradient(client, "x", bindings={"x": 1}, check=False)


def test_bindings_may_be_absent(client: FlaskClient) -> None:
    assert gradient(client, "2 + 3") == {"value": 5.0, "gradients": {}, "warnings": []}


@pytest.mark.parametrize(
    "value, shown", [("NaN", "NaN"), ("Infinity", "Infinity"), ("-Infinity", "-Infinity")]
)
def test_what_is_not_finite_is_a_string_both_ways(
    client: FlaskClient, value: str, shown: str
) -> None:
    answer = gradient(client, "x + y", bindings={"x": value, "y": 1})
    assert answer["value"] == shown
    assert answer["gradients"] == {"x": 1.0, "y": 1.0}
    assert answer["warnings"][0]["node"]


def test_a_warning_names_node_operation_and_operands(client: FlaskClient) -> None:
    answer = gradient(client, "q = x - 2; r = 1/q; r*x", bindings={"x": 2.0})
    (warning,) = answer["warnings"]
    assert list(warning) == ["code", "node", "operation", "operands", "value", "detail"]
    assert warning["node"] == "r"
    assert warning["operation"] == "div"
    assert warning["operands"] == [1.0, 0.0]
    assert warning["value"] == "Infinity"


@pytest.mark.parametrize("endpoint", ["gradient", "evaluate"])
def test_nonfinite_may_be_refused(client: FlaskClient, endpoint: str) -> None:
    node = {"id": "r", "op": "log", "args": ["x"]}
    message = {"graph": {"nodes": [node]}, "bindings": {"x": 0}, "nonfinite": "reject"}
    reply = client.post(f"/{endpoint}", json=message)
    assert reply.status_code == 422
    (error,) = reply.json["errors"]
    assert (error["pointer"], error["code"]) == ("/graph/nodes/0", "nonfinite")
    assert "log" in error["detail"]
    fine = client.post(f"/{endpoint}", json=message | {"bindings": {"x": 1}})
    assert fine.status_code == 200


def test_base64_goes_both_ways(client: FlaskClient) -> None:
    array = np.array([[0.1, -0.0], [np.pi, 5e-324]])
    tensor = {"shape": [2, 2], "base64": base64.b64encode(array.tobytes()).decode()}
    answer = gradient(
        client, "sum(x*s)", bindings={"x": tensor, "s": 1.0}, tensors="base64", wrt=["x", "s"]
    )
    assert isinstance(answer["value"], float)
    assert answer["gradients"]["x"]["shape"] == [2, 2]
    assert base64.b64decode(answer["gradients"]["x"]["base64"]) == np.ones((2, 2)).tobytes()
    assert answer["gradients"]["s"] == array.sum()


def test_nonfinite_entries_of_tensors(client: FlaskClient) -> None:
    reply = client.post(
        "/evaluate", json={"expression": "1/x", "bindings": {"x": [[1, 0], [2, "-Infinity"]]}}
    )
    (value,) = reply.json["values"].values()
    assert value == [[1.0, "Infinity"], [0.5, -0.0]]


def test_a_trace_of_tensors_has_no_partials(client: FlaskClient) -> None:
    answer = gradient(client, "sum(x*x)", bindings={"x": [1, 2]}, include=["nodes"])
    _, square, total = answer["nodes"]
    assert square["value"] == [1.0, 4.0]
    assert square["gradient"] == [1.0, 1.0]
    assert total["value"] == 5.0
    assert "partials" not in total


def test_constants_in_a_trace_are_shown(client: FlaskClient) -> None:
    node = {"id": "f", "op": "sum", "args": [{"op": "mul", "args": ["x", [1.0, "Infinity"]]}]}
    message = {"graph": {"nodes": [node]}, "bindings": {"x": 1.0}, "include": ["nodes"]}
    answer = client.post("/gradient", json=message).json
    assert answer["nodes"][1]["args"] == ["x", [1.0, "Infinity"]]


def test_names_of_all_kinds(client: FlaskClient) -> None:
    names = ["θ", "a b", "x/y~z", "_schema", "__proto__", "\u2028", "e", "λ" * 256]
    bindings = {name: float(k) for k, name in enumerate(names)}
    nodes = [{"id": "f", "op": "add", "args": names}]
    reply = client.post("/gradient", json={"graph": {"nodes": nodes}, "bindings": bindings})
    assert reply.json["gradients"] == dict.fromkeys(names, 1.0)


def test_a_map_of_the_whole_message(client: FlaskClient) -> None:
    answer = gradient(client, "sum(w*x)", bindings={"w": [1, 2], "x": [[1, 1], [2, 0]]}, map=["x"])
    assert answer["value"] == [3.0, 2.0]
    assert answer["gradients"] == {"w": [[1.0, 1.0], [2.0, 0.0]], "x": [[1.0, 2.0], [1.0, 2.0]]}


def test_a_check_says_how_it_went(client: FlaskClient) -> None:
    answer = gradient(client, "relu(x) + y**2", bindings={"x": 0.0, "y": 3.0}, check={"rtol": 1e-5})
    check = answer["check"]
    assert list(check) == ["verdict", "method", "evaluations", "inputs"]
    assert check["verdict"] == "nondifferentiable"
    assert check["method"] == "richardson"
    assert check["inputs"]["x"]["verdict"] == "nondifferentiable"
    assert check["inputs"]["x"]["reason"]
    smooth = check["inputs"]["y"]
    assert list(smooth) == [
        "verdict",
        "numeric",
        "error_estimate",
        "absolute_error",
        "relative_error",
        "step",
    ]
    assert smooth["verdict"] == "pass"
    assert smooth["numeric"] == pytest.approx(6.0, rel=1e-8)


def test_a_check_gives_its_evaluations_where_they_are_asked_for(client: FlaskClient) -> None:
    check = {"method": "central", "step": 0.5, "evaluations": True}
    answer = gradient(client, "x**2", bindings={"x": 3}, check=check)
    assert answer["check"]["inputs"]["x"]["evaluated"] == [
        {"step": 0.0, "at": 3.0, "value": 9.0},
        {"step": 0.5, "at": 3.5, "value": 12.25},
        {"step": -0.5, "at": 2.5, "value": 6.25},
    ]
    answer = gradient(client, "sum(log(x))", bindings={"x": [0, 1]}, check=check)
    first, *_ = answer["check"]["inputs"]["x"]["evaluated"]
    assert first == {"entry": [0], "step": 0.0, "at": 0.0, "value": "-Infinity"}
    check["evaluations"] = 1
    reply = client.post("/gradient", json={"expression": "x", "bindings": {"x": 1}, "check": check})
    assert reply.json is not None
    assert reply.json["errors"][0]["pointer"] == "/check/evaluations"


def test_a_check_of_tensors_names_the_entry_that_decided(client: FlaskClient) -> None:
    answer = gradient(client, "sum(abs(x))", bindings={"x": [[1.0, 2.0], [0.0, 3.0]]}, check=True)
    entry = answer["check"]["inputs"]["x"]
    assert entry["worst"] == [1, 0]
    assert np.shape(entry["numeric"]) == (2, 2)


def test_a_check_along_directions_shows_what_it_compared(client: FlaskClient) -> None:
    x = [0.1 * k for k in range(50)]
    answer = gradient(
        client, "sum(tanh(x))", bindings={"x": x}, check={"directions": 3, "method": "central"}
    )
    entry = answer["check"]["inputs"]["x"]
    assert entry["verdict"] == "pass"
    assert len(entry["analytic"]) == len(entry["numeric"]) == 3
    assert entry["analytic"] == pytest.approx(entry["numeric"], rel=1e-5)


def test_a_step_may_be_auto(client: FlaskClient) -> None:
    answer = gradient(
        client, "x**3", bindings={"x": 2.0}, check={"method": "central", "step": "auto"}
    )
    assert answer["check"]["verdict"] == "pass"


def test_evaluate_with_everything(client: FlaskClient) -> None:
    message = {
        "expression": "e = a*b; d = e + c; unused = exp(a); d",
        "bindings": {"a": 2.0, "b": -3.0, "c": 10.0},
        "include": ["nodes", "cost"],
    }
    answer = client.post("/evaluate", json=message).json
    assert list(answer) == ["values", "nodes", "cost", "warnings"]
    assert answer["values"] == {"d": 4.0}
    assert answer["nodes"] == [
        {"id": "a", "op": "input", "args": [], "value": 2.0},
        {"id": "b", "op": "input", "args": [], "value": -3.0},
        {"id": "c", "op": "input", "args": [], "value": 10.0},
        {"id": "e", "op": "mul", "args": ["a", "b"], "value": -6.0},
        {"id": "d", "op": "add", "args": ["e", "c"], "value": 4.0},
    ]
    assert answer["cost"]["nodes"] == 2
    one = client.post("/evaluate", json=message | {"outputs": ["e", "a"]}).json
    assert one["values"] == {"e": -6.0, "a": 2.0}
    assert [node["id"] for node in one["nodes"]] == ["a", "b", "c", "e"]
    assert client.post("/evaluate", json=message | {"output": "e"}).json == {
        **one,
        "values": {"e": -6.0},
    }


COLUMNS = {"inputs": ["x"], "operations": ["square"], "opcodes": [0], "operands": [0]}


@pytest.mark.parametrize(
    "graph, pointer, code",
    [
        ({}, "/graph/nodes", "missing_member"),
        ({"columns": COLUMNS, "nodes": []}, "/graph/columns", "invalid_value"),
        ({"column": COLUMNS}, "/graph/column", "unknown_member"),
        ({"columns": COLUMNS | {"opcodes": [1]}}, "/graph/columns/opcodes/0", "invalid_value"),
        ({"columns": COLUMNS | {"inputs": ["y"]}}, "/graph/columns/inputs/0", "unbound_name"),
        ({"columns": 7}, "/graph/columns", "wrong_type"),
    ],
)
def test_a_graph_is_nodes_or_columns(
    client: FlaskClient, graph: Any, pointer: str, code: str
) -> None:
    reply = client.post("/gradient", json={"graph": graph, "bindings": {"x": 3.0}})
    assert reply.status_code == 422
    assert (pointer, code) in {(each["pointer"], each["code"]) for each in reply.json["errors"]}


@pytest.mark.parametrize("count", [1, 2_000])
def test_columns_are_differentiated_whether_they_are_kept_or_not(
    client: FlaskClient, count: int
) -> None:
    columns = {"inputs": ["x"], "operations": ["identity"], "opcodes": [0] * count}
    graph = {"columns": columns | {"operands": list(range(count))}}
    for x in (3.0, 5.0):
        reply = client.post("/gradient", json={"graph": graph, "bindings": {"x": x}})
        assert reply.json == {"value": x, "gradients": {"x": 1.0}, "warnings": []}


@pytest.mark.parametrize(
    "expression, bindings, more, value",
    [
        ("log(x)", {"x": 0}, {}, None),
        ("log(x)", {"x": [1, 0, -1]}, {"map": ["x"]}, [0.0, None, None]),
        ("1/x", {"x": [0, 1, -0.0]}, {"map": ["x"]}, [None, 1.0, None]),
    ],
)
def test_numbers_that_are_not_finite_may_be_null(
    client: FlaskClient, expression: str, bindings: Any, more: Any, value: Any
) -> None:
    message = {"expression": expression, "bindings": bindings, "include": ["nodes"], **more}
    as_text = client.post("/gradient", json=message).json
    as_null = client.post("/gradient", json=message | {"nonfinite": "null"}).json
    assert as_null["value"] == as_null["nodes"][-1]["value"] == value
    assert as_null["warnings"] == as_text["warnings"]
    assert as_text["warnings"][0]["value"] in {"-Infinity", "Infinity"}


def test_a_long_answer_has_nulls_too(client: FlaskClient) -> None:
    count = 300_000
    message = {"expression": "f = log(x); f", "bindings": {"x": [0.0, *[1.0] * count]}}
    values = client.post("/evaluate", json=message | {"nonfinite": "null"}).json["values"]
    assert values == {"f": [None, *[0.0] * count]}


def test_a_matrix_may_have_nulls_as_blocks_and_as_entries(client: FlaskClient) -> None:
    message = {"expression": "f = sqrt(x); f", "bindings": {"x": 0}, "nonfinite": "null"}
    assert client.post("/jacobian", json=message).json["jacobian"] == {"f": {"x": None}}
    found = client.post("/jacobian", json=message | {"sparse": True}).json["entries"]
    assert found["values"] == [None]
