"""POST /jacobian, /hessian, /jvp, /vjp and /hvp: whole answers, and what is refused."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.settings import Settings
from tests.tables import table

JSON = {"Content-Type": "application/json"}
# What each endpoint takes beside the function, where that is p = x*y**2, scalars all.
SCALAR = {"expression": "p = x*y**2; p", "bindings": {"x": 2.0, "y": 3.0}}
DIRECTIONS: dict[str, dict[str, Any]] = {
    "jacobian": {},
    "hessian": {},
    "jvp": {"tangents": {"x": 1.0}},
    "vjp": {"cotangents": {"p": 1.0}},
    "hvp": {"vector": {"x": 1.0}},
}
ENDPOINTS = list(DIRECTIONS)
MEMBER = {"jvp": "tangents", "vjp": "cotangents", "hvp": "vector"}
each_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS)
each_product = pytest.mark.parametrize("endpoint, member", list(MEMBER.items()))


def answer(client: FlaskClient, endpoint: str, message: Mapping[str, Any]) -> Any:
    """The answer to a message whose members keep their order."""
    reply = client.post(f"/{endpoint}", data=orjson.dumps(message), headers=JSON)
    assert reply.status_code == 200, reply.get_data(as_text=True)
    assert reply.mimetype == "application/json"
    return orjson.loads(reply.get_data())


def errors(client: FlaskClient, endpoint: str, message: Mapping[str, Any]) -> list[dict[str, Any]]:
    reply = client.post(f"/{endpoint}", data=orjson.dumps(message), headers=JSON)
    assert reply.status_code == 422, reply.get_data(as_text=True)
    assert reply.mimetype == "application/problem+json"
    body = orjson.loads(reply.get_data())
    assert body["type"] == "/problems/invalid-message"
    found: list[dict[str, Any]] = body["errors"]
    return found


# --- answers ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "endpoint, body",
    [
        ("jacobian", {"values": {"p": 18.0}, "jacobian": {"p": {"x": 9.0, "y": 12.0}}}),
        (
            "hessian",
            {
                "value": 18.0,
                "gradients": {"x": 9.0, "y": 12.0},
                "hessian": {"x": {"x": 0.0, "y": 6.0}, "y": {"x": 6.0, "y": 4.0}},
            },
        ),
        ("jvp", {"values": {"p": 18.0}, "jvp": {"p": 9.0}}),
        ("vjp", {"values": {"p": 18.0}, "vjp": {"x": 9.0, "y": 12.0}}),
        (
            "hvp",
            {"value": 18.0, "gradients": {"x": 9.0, "y": 12.0}, "hvp": {"x": 0.0, "y": 6.0}},
        ),
    ],
)
def test_the_bytes_of_an_answer(client: FlaskClient, endpoint: str, body: Any) -> None:
    message = orjson.dumps(SCALAR | DIRECTIONS[endpoint])
    reply = client.post(f"/{endpoint}", data=message, headers=JSON)
    assert reply.data == orjson.dumps(body | {"warnings": []})
    assert client.post(f"/{endpoint}", data=message, headers=JSON).data == reply.data


LAYER = {
    "expression": "h = A @ v; s = h @ h; s",
    "bindings": {"A": [[1.0, 2.0], [0.0, -1.0]], "v": [1.0, 1.0]},  # h = [3, -1], s = 10
}


@pytest.mark.parametrize(
    "endpoint, more, body",
    [
        (
            "jacobian",
            {"outputs": ["h", "s"], "wrt": ["v"]},
            {
                "values": {"h": [3.0, -1.0], "s": 10.0},
                "jacobian": {
                    "h": {"v": [[1.0, 2.0], [0.0, -1.0]]},
                    "s": {"v": [6.0, 14.0]},
                },
            },
        ),
        (
            "jacobian",
            {"output": "h"},
            {
                "values": {"h": [3.0, -1.0]},
                "jacobian": {
                    "h": {
                        "A": [[[1.0, 1.0], [0.0, 0.0]], [[0.0, 0.0], [1.0, 1.0]]],
                        "v": [[1.0, 2.0], [0.0, -1.0]],
                    }
                },
            },
        ),
        (
            "hessian",
            {"wrt": ["v"]},
            {
                "value": 10.0,
                "gradients": {"v": [6.0, 14.0]},
                "hessian": {"v": {"v": [[2.0, 4.0], [4.0, 10.0]]}},
            },
        ),
        (
            "hessian",
            {"wrt": ["h"]},
            {
                "value": 10.0,
                "gradients": {"h": [6.0, -2.0]},
                "hessian": {"h": {"h": [[2.0, 0.0], [0.0, 2.0]]}},
            },
        ),
        (
            "jvp",
            {"tangents": {"v": [1.0, -1.0]}, "outputs": ["h", "s"]},
            {"values": {"h": [3.0, -1.0], "s": 10.0}, "jvp": {"h": [-1.0, 1.0], "s": -8.0}},
        ),
        (
            "jvp",
            {"tangents": {"v": [1.0, -1.0], "A": [[5.0, 5.0], [5.0, 5.0]]}, "wrt": ["v"]},
            {"values": {"s": 10.0}, "jvp": {"s": -8.0}},
        ),
        (
            "vjp",
            {"cotangents": {"h": [1.0, 2.0]}},
            {
                "values": {"h": [3.0, -1.0]},
                "vjp": {"A": [[1.0, 1.0], [2.0, 2.0]], "v": [1.0, 0.0]},
            },
        ),
        (
            "vjp",
            {"cotangents": {"s": 0.5}, "outputs": ["h", "s"], "wrt": ["h", "v"]},
            {
                "values": {"h": [3.0, -1.0], "s": 10.0},
                "vjp": {"h": [3.0, -1.0], "v": [3.0, 7.0]},
            },
        ),
        (
            "hvp",
            {"vector": {"v": [1.0, -1.0]}, "wrt": ["v"]},
            {"value": 10.0, "gradients": {"v": [6.0, 14.0]}, "hvp": {"v": [-2.0, -6.0]}},
        ),
        (
            "hvp",
            {"vector": {}, "wrt": ["v"]},
            {"value": 10.0, "gradients": {"v": [6.0, 14.0]}, "hvp": {"v": [0.0, 0.0]}},
        ),
    ],
)
def test_answers_of_any_shape(client: FlaskClient, endpoint: str, more: Any, body: Any) -> None:
    found = answer(client, endpoint, LAYER | more)
    assert found == body | {"warnings": []}
    assert list(found) == [*body, "warnings"]


@pytest.mark.parametrize(
    "endpoint, more, body",
    [
        ("jacobian", {}, {"values": {"p": [8.0, 27.0]}, "jacobian": {"p": {"x": [12.0, 27.0]}}}),
        (
            "hessian",
            {},
            {
                "value": [8.0, 27.0],
                "gradients": {"x": [12.0, 27.0]},
                "hessian": {"x": {"x": [12.0, 18.0]}},
            },
        ),
        ("jvp", {"tangents": {"x": 2.0}}, {"jvp": {"p": [24.0, 54.0]}}),
        ("jvp", {"tangents": {"x": [1.0, -1.0]}}, {"jvp": {"p": [12.0, -27.0]}}),
        ("vjp", {"cotangents": {"p": 2.0}}, {"vjp": {"x": [24.0, 54.0]}}),
        ("vjp", {"cotangents": {"p": [1.0, -1.0]}}, {"vjp": {"x": [12.0, -27.0]}}),
        ("hvp", {"vector": {"x": 2.0}}, {"hvp": {"x": [24.0, 36.0]}}),
        ("hvp", {"vector": {"x": [1.0, -1.0]}}, {"hvp": {"x": [12.0, -18.0]}}),
    ],
)
def test_a_map_of_the_whole_message(
    client: FlaskClient, endpoint: str, more: Any, body: Any
) -> None:
    message = {"expression": "p = x**3; p", "bindings": {"x": [2.0, 3.0]}, "map": ["x"]}
    found = answer(client, endpoint, message | more)
    assert {name: found[name] for name in body} == body
    assert found["warnings"] == []


@pytest.mark.parametrize(
    "endpoint, more, path, expected",
    [
        ("jacobian", {"outputs": ["h"]}, ["jacobian", "h", "v"], [[1.0, 2.0], [0.0, -1.0]]),
        ("hessian", {}, ["hessian", "v", "v"], [[2.0, 4.0], [4.0, 10.0]]),
        ("jvp", {"output": "h", "tangents": {"v": [1.0, -1.0]}}, ["jvp", "h"], [-1.0, 1.0]),
        ("vjp", {"cotangents": {"h": [1.0, 2.0]}}, ["vjp", "A"], [[1.0, 1.0], [2.0, 2.0]]),
        ("hvp", {"vector": {"v": [1.0, -1.0]}}, ["hvp", "v"], [-2.0, -6.0]),
    ],
)
def test_base64_goes_both_ways(
    client: FlaskClient, endpoint: str, more: Any, path: list[str], expected: Any
) -> None:
    def packed(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        data = base64.b64encode(np.array(value, dtype="<f8").tobytes()).decode()
        return {"shape": list(np.shape(value)), "base64": data}

    if endpoint in MEMBER:
        given = {name: packed(value) for name, value in more[MEMBER[endpoint]].items()}
        more = more | {MEMBER[endpoint]: given}
    found = answer(client, endpoint, LAYER | more | {"tensors": "base64"})
    for step in path:
        found = found[step]
    assert found == packed(expected)


COSTS: dict[str, dict[str, Any]] = {
    "jacobian": {"mode": "reverse", "sweeps": 1},
    "hessian": {"mode": "forward over reverse", "sweeps": 2},
    "jvp": {},
    "vjp": {},
    "hvp": {},
}


@each_endpoint
def test_nodes_and_cost_are_included_in_the_documented_order(
    client: FlaskClient, endpoint: str
) -> None:
    message = {"expression": "e = x*y; p = e*y; unused = exp(x); p"}
    message = SCALAR | message | DIRECTIONS[endpoint] | {"include": ["cost", "nodes"]}
    found = answer(client, endpoint, message)
    assert list(found)[-3:] == ["nodes", "cost", "warnings"]
    assert found["nodes"] == [
        {"id": "x", "op": "input", "args": [], "value": 2.0},
        {"id": "y", "op": "input", "args": [], "value": 3.0},
        {"id": "e", "op": "mul", "args": ["x", "y"], "value": 6.0},
        {"id": "p", "op": "mul", "args": ["e", "y"], "value": 18.0},
    ]
    cost = found["cost"]
    assert list(cost) == ["nodes", "operations", "engine", *COSTS[endpoint]]
    assert (cost["nodes"], cost["engine"]) == (2, "tape")
    assert {name: cost[name] for name in COSTS[endpoint]} == COSTS[endpoint]


@pytest.mark.parametrize(
    "more, mode, sweeps",
    [
        ({"outputs": ["s"]}, "reverse", 1),
        ({"outputs": ["h", "s"]}, "reverse", 3),
        ({"outputs": ["h", "s"], "wrt": ["v"]}, "forward", 2),
        ({"outputs": ["h", "s"], "wrt": []}, "forward", 0),
    ],
)
def test_a_jacobian_says_how_it_was_swept(
    client: FlaskClient, more: Any, mode: str, sweeps: int
) -> None:
    cost = answer(client, "jacobian", LAYER | more | {"include": ["cost"]})["cost"]
    assert (cost["mode"], cost["sweeps"]) == (mode, sweeps)


@each_endpoint
def test_nodes_of_a_map_have_the_axis(client: FlaskClient, endpoint: str) -> None:
    message = SCALAR | DIRECTIONS[endpoint] | {"include": ["nodes"], "map": ["x"]}
    found = answer(client, endpoint, message | {"bindings": {"x": [2.0, 3.0], "y": 1.0}})
    assert [node["value"] for node in found["nodes"] if node["id"] == "p"] == [[2.0, 3.0]]


@each_endpoint
def test_nonfinite_is_reported_with_its_cause_or_refused(
    client: FlaskClient, endpoint: str
) -> None:
    nodes = [
        {"id": "q", "op": "div", "args": [1, "x"]},
        {"id": "p", "op": "mul", "args": ["q", "y"]},
    ]
    message = {"graph": {"nodes": nodes}, "bindings": {"x": 0.0, "y": 1.0}} | DIRECTIONS[endpoint]
    found = answer(client, endpoint, message)
    (warning,) = found["warnings"]
    assert list(warning) == ["code", "node", "operation", "operands", "value", "detail"]
    assert (warning["node"], warning["operation"]) == ("q", "div")
    assert (warning["operands"], warning["value"]) == ([1.0, 0.0], "Infinity")
    value = found["value"] if "value" in found else found["values"]["p"]
    assert value == "Infinity"

    (error,) = errors(client, endpoint, message | {"nonfinite": "reject"})
    assert (error["pointer"], error["code"]) == ("/graph/nodes/0", "nonfinite")
    assert "div" in error["detail"]
    fine = message | {"nonfinite": "reject", "bindings": {"x": 2.0, "y": 1.0}}
    assert answer(client, endpoint, fine)["warnings"] == []


@pytest.mark.parametrize("endpoint", ["hessian", "hvp"])
def test_curvature_that_is_infinite_alone_is_reported_or_refused(
    client: FlaskClient, endpoint: str
) -> None:
    message = {"expression": "x**1.5", "bindings": {"x": 0.0}} | DIRECTIONS[endpoint]
    found = answer(client, endpoint, message)
    assert (found["value"], found["gradients"]) == (0.0, {"x": 0.0})
    assert found[endpoint]["x"] in ("Infinity", {"x": "Infinity"})
    assert found["warnings"][0]["value"] == "Infinity"
    (error,) = errors(client, endpoint, message | {"nonfinite": "reject"})
    assert (error["pointer"], error["code"]) == ("/expression", "nonfinite")


@each_endpoint
def test_a_branch_not_taken_is_no_warning(client: FlaskClient, endpoint: str) -> None:
    message = {"expression": "p = where(x > 0, sqrt(x), 0); p", "bindings": {"x": -1.0}}
    found = answer(client, endpoint, message | DIRECTIONS[endpoint] | {"nonfinite": "reject"})
    assert found["warnings"] == []


@each_endpoint
def test_a_bad_line_harms_no_other(client: FlaskClient, endpoint: str) -> None:
    good = SCALAR | DIRECTIONS[endpoint]
    lines: list[bytes] = [
        orjson.dumps({"id": 1} | good),
        orjson.dumps({"id": "two"} | good | {"wrt": ["z"]}),
        b"{",
        orjson.dumps({"id": 4} | good | {"bindings": {"x": 1.0, "y": 1.0}}),
    ]
    reply = client.post(
        f"/{endpoint}",
        data=b"\n".join(lines),
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert reply.status_code == 200
    first, second, third, fourth = map(orjson.loads, reply.get_data().splitlines())
    assert first == {"id": 1, "line": 1, "status": 200, "result": answer(client, endpoint, good)}
    assert (second["id"], second["status"]) == ("two", 422)
    (error,) = second["problem"]["errors"]
    assert (error["pointer"], error["code"]) == ("/wrt/0", "unknown_name")
    assert third["status"] == 400
    assert (fourth["id"], fourth["status"]) == (4, 200)


# --- what is refused ------------------------------------------------------------------------


@each_product
def test_a_direction_is_asked_for(client: FlaskClient, endpoint: str, member: str) -> None:
    (error,) = errors(client, endpoint, SCALAR)
    assert (error["pointer"], error["code"]) == (f"/{member}", "missing_member")
    assert repr(member) in error["detail"]


@each_product
@pytest.mark.parametrize("value", [None, [1.0], 1.0, "x"])
def test_a_direction_is_an_object(
    client: FlaskClient, endpoint: str, member: str, value: Any
) -> None:
    (error,) = errors(client, endpoint, SCALAR | {member: value})
    assert (error["pointer"], error["code"]) == (f"/{member}", "wrong_type")
    assert "object" in error["detail"]


NAMED = {"jvp": "alpha", "vjp": "beta", "hvp": "alpha"}
GRAPH = {
    "expression": "beta = alpha*alpha; gamma = beta + v; beta",
    "bindings": {"alpha": 2.0, "v": [1.0, 2.0]},
}


@each_product
@pytest.mark.parametrize(
    "slip, pointer, code, said",
    [
        (lambda name: {name + "x": 1.0}, "/{name}x", "unknown_name", "did you mean '{name}'?"),
        (lambda name: {name: [1.0, 2.0, 3.0]}, "/{name}", "shape_mismatch", "[3]"),
        (lambda name: {name: [1.0, 2.0, 3.0]}, "/{name}", "shape_mismatch", "shape [],"),
        (lambda name: {name: [[1.0], []]}, "/{name}", "ragged_tensor", ""),
        (lambda name: {name: "one"}, "/{name}", "not_a_number", "'one'"),
        (lambda name: {name: None}, "/{name}", "not_a_number", "null"),
        (lambda name: {name: True}, "/{name}", "not_a_number", ""),
        (lambda name: {name: [1.0, "?"]}, "/{name}/1", "not_a_number", "'?'"),
        (lambda name: {"": 1.0}, "/", "invalid_value", ""),
    ],
)
def test_a_direction_has_known_names_numbers_and_shapes(
    client: FlaskClient, endpoint: str, member: str, slip: Any, pointer: str, code: str, said: str
) -> None:
    name = NAMED[endpoint]
    (error, *_) = errors(client, endpoint, GRAPH | {member: slip(name)})
    expected = f"/{member}{pointer.format(name=name)}"
    assert (error["pointer"], error["code"]) == (expected, code)
    assert said.format(name=name) in error["detail"]


def test_every_unknown_name_of_a_direction_is_reported(client: FlaskClient) -> None:
    found = errors(client, "jvp", GRAPH | {"tangents": {"alpa": 1.0, "bet": 1.0, "v": [0, 0]}})
    assert [error["pointer"] for error in found] == ["/tangents/alpa", "/tangents/bet"]


def test_names_in_pointers_are_escaped(client: FlaskClient) -> None:
    (error,) = errors(client, "jvp", GRAPH | {"tangents": {"a/b~c": 1.0}})
    assert error["pointer"] == "/tangents/a~1b~0c"


@each_product
def test_a_mapped_direction_that_fits_no_point_names_all_shapes(
    client: FlaskClient, endpoint: str, member: str
) -> None:
    name = NAMED[endpoint]
    bindings = {"alpha": [1.0, 2.0], "v": [1.0, 2.0]}
    message = GRAPH | {"bindings": bindings, "map": ["alpha"], member: {name: [1.0, 2.0, 3.0]}}
    (error,) = errors(client, endpoint, message)
    assert (error["pointer"], error["code"]) == (f"/{member}/{name}", "shape_mismatch")
    for said in ("[]", "[2]", "[3]"):
        assert said in error["detail"]


@table(
    "endpoint, more, pointer, code, said",
    [
        ("jacobian", {"wrt": ["alpha", "alpa"]}, "/wrt/1", "unknown_name", "'alpha'"),
        ("hessian", {"wrt": ["alpa"]}, "/wrt/0", "unknown_name", "'alpha'"),
        ("jvp", {"wrt": ["alpa"]}, "/wrt/0", "unknown_name", "'alpha'"),
        ("vjp", {"wrt": ["alpa"]}, "/wrt/0", "unknown_name", "'alpha'"),
        ("hvp", {"wrt": ["alpa"]}, "/wrt/0", "unknown_name", "'alpha'"),
        ("jacobian", {"wrt": "alpha"}, "/wrt", "wrong_type", "list"),
        ("jacobian", {"outputs": ["beta", "betta"]}, "/outputs/1", "unknown_name", "'beta'"),
        ("jacobian", {"outputs": []}, "/outputs", "invalid_value", "at least one"),
        ("hessian", {"output": "betta"}, "/output", "unknown_name", "'beta'"),
        ("jacobian", {"output": "betta"}, "/output", "unknown_name", "'beta'"),
        ("jvp", {"output": "betta"}, "/output", "unknown_name", "'beta'"),
        ("hvp", {"output": "betta"}, "/output", "unknown_name", "'beta'"),
        ("jvp", {"outputs": ["betta"]}, "/outputs/0", "unknown_name", "'beta'"),
        ("vjp", {"outputs": ["beta", "betta"]}, "/outputs/1", "unknown_name", "'beta'"),
        ("jacobian", {"map": ["alpa"]}, "/map/0", "unknown_name", "'alpha'"),
        ("hessian", {"map": ["beta"]}, "/map/0", "unknown_name", "not a bound input"),
        ("jvp", {"map": ["alpha"]}, "/map/0", "shape_mismatch", "scalar"),
        ("jacobian", {"output": "beta", "outputs": ["beta"]}, "", "invalid_value", "not both"),
        ("jvp", {"output": "beta", "outputs": ["beta"]}, "", "invalid_value", "not both"),
        ("vjp", {"output": "beta", "outputs": ["beta"]}, "", "invalid_value", "not both"),
        ("hessian", {"output": "gamma"}, "/output", "non_scalar_output", "[2]"),
        ("hvp", {"output": "gamma"}, "/output", "non_scalar_output", "[2]"),
        ("vjp", {"outputs": ["gamma"]}, "/cotangents/beta", "invalid_value", "not among"),
        ("vjp", {"output": "gamma"}, "/cotangents/beta", "invalid_value", "not among"),
        ("jacobian", {"output": ["beta"]}, "/output", "wrong_type", ""),
        ("jacobian", {"tangents": {}}, "/tangents", "unknown_member", ""),
        ("jacobian", {"outpus": ["beta"]}, "/outpus", "unknown_member", "'outputs'"),
        ("hessian", {"outputs": ["beta"]}, "/outputs", "unknown_member", "'output'"),
        ("hvp", {"check": True}, "/check", "unknown_member", ""),
        ("hessian", {"sparse": 1}, "/sparse", "wrong_type", "true or false"),
        ("hessian", {"sparse": True, "check": True}, "/sparse", "invalid_value", "leave out"),
        ("jacobian", {"check": {"methd": "central"}}, "/check/methd", "unknown_member", "'method'"),
        ("jvp", {"tangent": {}}, "/tangent", "unknown_member", "'tangents'"),
        ("vjp", {"cotangent": {}}, "/cotangent", "unknown_member", "'cotangents'"),
        ("hvp", {"vectr": {}}, "/vectr", "unknown_member", "'vector'"),
        ("hvp", {"outputs": ["beta"]}, "/outputs", "unknown_member", "'output'"),
        ("jacobian", {"nonfinite": "rejct"}, "/nonfinite", "invalid_value", "'reject'"),
        ("hvp", {"include": ["node"]}, "/include/0", "invalid_value", "'nodes'"),
        ("hessian", {"tensors": "base46"}, "/tensors", "invalid_value", "'base64'"),
        ("jacobian", {"bindings": {"v": [1.0]}}, "/expression", "unbound_name", "'alpha'"),
    ],
)
def test_what_is_refused(
    client: FlaskClient, endpoint: str, more: Any, pointer: str, code: str, said: str
) -> None:
    given = {MEMBER[endpoint]: {NAMED[endpoint]: 1.0}} if endpoint in MEMBER else {}
    (error, *_) = errors(client, endpoint, GRAPH | given | more)
    assert (error["pointer"], error["code"]) == (pointer, code)
    assert said in error["detail"]


@pytest.mark.parametrize("endpoint", ["hessian", "hvp"])
def test_a_default_output_has_to_be_a_scalar_too(client: FlaskClient, endpoint: str) -> None:
    message = {"expression": "v*x", "bindings": {"v": [1.0, 2.0], "x": 1.0}}
    (error,) = errors(client, endpoint, message | DIRECTIONS[endpoint])
    assert (error["pointer"], error["code"]) == ("", "non_scalar_output")
    assert "[2]" in error["detail"]


@pytest.mark.parametrize(
    "endpoint, expression, instead",
    [("hessian", "sum(v*v)", "/hvp"), ("jacobian", "v*v", "/jvp or /vjp")],
)
def test_a_matrix_over_the_limit_is_refused_naming_its_size_and_the_way_out(
    client: FlaskClient, endpoint: str, expression: str, instead: str
) -> None:
    message = {"expression": expression, "bindings": {"v": [1.0] * 4_000}}
    (error,) = errors(client, endpoint, message)
    assert (error["pointer"], error["code"]) == ("/expression", "limit_exceeded")
    for said in ("4,000 x 4,000", "16,000,000", "10,000,000", instead):
        assert said in error["detail"]


@each_endpoint
def test_the_deadline_of_the_settings_holds(endpoint: str) -> None:
    client = create_app(Settings(deadline=1e-6, access_log=False)).test_client()
    nodes = [{"id": "n0", "op": "tanh", "args": ["x"]}]
    nodes += [{"id": f"n{k}", "op": "tanh", "args": [f"n{k - 1}"]} for k in range(1, 2_000)]
    nodes += [{"id": "p", "op": "sum", "args": ["n1999"]}]
    message = {"graph": {"nodes": nodes}, "bindings": {"x": [0.5] * 100}, "output": "p"}
    more = {"tangents": {"x": [1.0] * 100}, "vector": {"x": [1.0] * 100}, "cotangents": {"p": 1.0}}
    given = {MEMBER[endpoint]: more[MEMBER[endpoint]]} if endpoint in MEMBER else {}
    reply = client.post(f"/{endpoint}", json=message | given)
    assert reply.status_code == 503
    assert reply.json["type"] == "/problems/deadline-exceeded"
    assert int(reply.headers["Retry-After"]) > 0


# --- coordinates and checks -------------------------------------------------------------


def test_a_sparse_hessian_is_coordinates_and_values(client: FlaskClient) -> None:
    message = {"expression": "x**2*y + z", "bindings": {"x": 3, "y": 2, "z": 1}, "sparse": True}
    found = answer(client, "hessian", message)
    assert "hessian" not in found
    assert found["entries"] == {
        "shape": [3, 3],
        "rows": [0, 0, 1],
        "columns": [0, 1, 0],
        "values": [4.0, 6.0, 6.0],
        "row_starts": {"x": 0, "y": 1, "z": 2},
        "column_starts": {"x": 0, "y": 1, "z": 2},
    }


@pytest.mark.parametrize("endpoint", ["jacobian", "hessian"])
def test_a_matrix_is_answered_in_blocks_or_as_entries(client: FlaskClient, endpoint: str) -> None:
    message = {"expression": "f = x**2*y", "bindings": {"x": 3, "y": 2}}
    dense = answer(client, endpoint, message | {"sparse": False})
    sparse = answer(client, endpoint, message | {"sparse": True})
    assert dense.keys() - sparse.keys() == {endpoint}
    assert sparse.keys() - dense.keys() == {"entries"}
    assert isinstance(sparse["entries"]["values"], list)


@pytest.mark.parametrize("endpoint", ["jacobian", "hessian"])
def test_a_check_has_a_verdict_for_each_block(client: FlaskClient, endpoint: str) -> None:
    message = {"expression": "f = x**2*y", "bindings": {"x": 3, "y": 2}, "check": True}
    check = answer(client, endpoint, message)["check"]
    assert check["verdict"] == "pass"
    row = check["blocks"]["f" if endpoint == "jacobian" else "x"]
    assert row["y"]["verdict"] == "pass"
    assert row["y"]["numeric"] == pytest.approx(9.0 if endpoint == "jacobian" else 6.0)
