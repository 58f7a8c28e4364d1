"""`include: ["rounding"]` on /gradient: bounds in the shapes of what they bound."""

import math
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient


def answer(client: FlaskClient, message: dict[str, Any], status: int = 200) -> Any:
    reply = client.post("/gradient", json={"include": ["rounding"], **message})
    assert reply.status_code == status, reply.text
    return reply.json


def test_it_is_the_sum_of_half_an_ulp_of_each_node_times_its_adjoint(client: FlaskClient) -> None:
    message = {"expression": "a*b + c", "bindings": {"a": 2, "b": -3, "c": 10}}
    bounds = answer(client, message)["rounding"]
    assert bounds == {"value": 2 * 2.0**-51, "gradients": {"a": 0.0, "b": 0.0, "c": 0.0}}


def test_it_is_at_least_what_cancels(client: FlaskClient) -> None:
    found = answer(client, {"expression": "1 - cos(x)", "bindings": {"x": 1e-7}})
    assert abs(found["value"] - 5e-15) <= found["rounding"]["value"] < 1e-15


def test_it_is_there_only_where_it_was_asked_for(client: FlaskClient) -> None:
    message = {"expression": "x/3", "bindings": {"x": 1}}
    assert "rounding" in answer(client, message)
    assert "rounding" not in answer(client, {**message, "include": ["cost"]})
    assert answer(client, {**message, "include": []}) == {
        key: value for key, value in answer(client, message).items() if key != "rounding"
    }


def test_every_point_has_its_own(client: FlaskClient) -> None:
    message = {"expression": "x*y", "bindings": {"x": [1.5, 3.0], "y": 0.1}, "map": ["x"]}
    bounds = answer(client, message)["rounding"]
    assert bounds["value"] == [math.ulp(1.5 * 0.1) / 2, math.ulp(3.0 * 0.1) / 2]
    assert bounds["gradients"] == {"x": [0.0, 0.0], "y": [0.0, 0.0]}


def test_tensors_have_their_shapes_in_either_form(client: FlaskClient) -> None:
    message = {"expression": "sum(tanh(A@x))", "bindings": {"A": [[0.1, 0.2]], "x": [0.3, 0.4]}}
    nested = answer(client, message)["rounding"]["gradients"]
    assert [len(row) for row in nested["A"]] == [2]
    coded = answer(client, {**message, "tensors": "base64"})["rounding"]["gradients"]
    assert coded["A"]["shape"] == [1, 2]


def test_nothing_is_known_of_what_is_not_finite(client: FlaskClient) -> None:
    found = answer(client, {"expression": "1/x", "bindings": {"x": 0.0}})
    assert found["rounding"] == {"value": "Infinity", "gradients": {"x": "Infinity"}}


@pytest.mark.parametrize("endpoint", ["evaluate", "hessian"])
def test_other_answers_have_none(client: FlaskClient, endpoint: str) -> None:
    message = {"expression": "x*x", "bindings": {"x": 1}, "include": ["rounding"]}
    reply = client.post(f"/{endpoint}", json=message)
    assert reply.status_code == 422
    (error,) = reply.json["errors"]  # type: ignore[index]  # JSON
    assert (error["pointer"], error["code"]) == ("/include/0", "invalid_value")


def test_a_line_of_a_stream_has_the_same(client: FlaskClient) -> None:
    message = {"expression": "exp(x)/3", "bindings": {"x": 1.5}, "include": ["rounding"]}
    headers = {"Content-Type": "application/x-ndjson"}
    reply = client.post("/gradient", data=orjson.dumps(message) + b"\n", headers=headers)
    assert orjson.loads(reply.get_data())["result"] == answer(client, message)


def test_what_would_cost_too_much_is_refused(client: FlaskClient) -> None:
    """Two sweeps for each of the numbers, over as many: 4e9 and more."""
    message = {"expression": "sum(sin(x)*x)", "bindings": {"x": [0.5] * 20_000}}
    (error,) = answer(client, message, 422)["errors"]
    assert error["code"] == "limit_exceeded"
    assert "rounding" in error["detail"]
