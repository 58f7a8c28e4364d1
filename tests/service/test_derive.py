"""POST /derive: formulas that can be posted again, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.settings import Settings

JSON = {"Content-Type": "application/json"}
FORMS = {"expression", "graph", "output", "latex", "mathjson"}


def post(client: FlaskClient, address: str, message: Mapping[str, Any]) -> Any:
    reply = client.post(address, data=orjson.dumps(message), headers=JSON)
    assert reply.status_code == 200, reply.get_data(as_text=True)
    return orjson.loads(reply.get_data())


def derived(client: FlaskClient, **message: Any) -> Any:
    return post(client, "/derive", message)["derivatives"]


def errors(client: FlaskClient, **message: Any) -> list[dict[str, Any]]:
    reply = client.post("/derive", data=orjson.dumps(message), headers=JSON)
    assert reply.status_code == 422, reply.get_data(as_text=True)
    assert reply.mimetype == "application/problem+json"
    found: list[dict[str, Any]] = orjson.loads(reply.get_data())["errors"]
    return found


# --- answers ----------------------------------------------------------------------------


def test_a_polynomial(client: FlaskClient) -> None:
    assert post(client, "/derive", {"expression": "3*x**2 - 4*x + 5"}) == {
        "derivatives": {
            "x": {
                "expression": "6*x - 4",
                "graph": {
                    "nodes": [
                        {"id": "%1", "op": "mul", "args": [6.0, "x"]},
                        {"id": "%2", "op": "sub", "args": ["%1", 4.0]},
                    ]
                },
                "output": "%2",
                "latex": "6 x - 4",
                "mathjson": ["Subtract", ["Multiply", 6, "x"], 4],
            }
        }
    }


def test_second_derivatives_are_by_two_names(client: FlaskClient) -> None:
    found = derived(client, expression="x**3*y", order=2)
    texts = {a: {b: form["expression"] for b, form in row.items()} for a, row in found.items()}
    assert texts == {"x": {"x": "6*x*y", "y": "3*x**2"}, "y": {"x": "3*x**2", "y": "0"}}
    assert all(form.keys() == FORMS for row in found.values() for form in row.values())


NODES = [
    {"id": "e", "op": "mul", "args": ["a", "b"]},
    {"id": "d", "op": "tanh", "args": [{"op": "add", "args": ["e", "c"]}]},
]


@pytest.mark.parametrize(
    "function, names",
    [
        ({"expression": "3*x**2 - 4*x + 5"}, "x"),
        ({"expression": "x*y + 3"}, "xy"),  # an input alone
        ({"expression": "2*x + pi*y"}, "xy"),  # constants
        ({"expression": "x*sin(x*sin(x*sin(x)))"}, "x"),
        ({"expression": "where(x > 0, sqrt(x), 0)*2"}, "x"),
        ({"expression": "e**x*gelu(y)*clip(x, y, 2)"}, "xy"),
        ({"graph": {"nodes": NODES}, "output": "d"}, "abc"),
        ({"graph": {"nodes": [{"op": "exp", "args": ["50% {a}_b"]}]}}, ["50% {a}_b"]),
    ],
)
def test_each_form_can_be_posted_again(
    client: FlaskClient, function: dict[str, Any], names: Any
) -> None:
    """To /evaluate, where both have the value that /gradient has."""
    bindings = {name: 0.7 + 0.4 * place for place, name in enumerate(names)}
    gradients = post(client, "/gradient", function | {"bindings": bindings})["gradients"]
    for name, form in derived(client, **function).items():
        nodes = {"graph": form["graph"], "output": form["output"], "bindings": bindings}
        (of_nodes,) = post(client, "/evaluate", nodes)["values"].values()
        assert of_nodes == pytest.approx(gradients[name], rel=1e-12)
        if not form["expression"].startswith("#"):  # a name that text cannot spell
            text = {"expression": form["expression"], "bindings": bindings}
            (of_text,) = post(client, "/evaluate", text)["values"].values()
            assert of_text == pytest.approx(gradients[name], rel=1e-12)


@pytest.mark.parametrize("name", ["x", "y"])
def test_what_is_answered_can_be_derived_again(client: FlaskClient, name: str) -> None:
    function = {"expression": "x**3*y + sin(x*y)", "wrt": [name]}
    once = derived(client, **function)[name]
    again = derived(client, graph=once["graph"], output=once["output"], wrt=[name])[name]
    assert again["expression"] == derived(client, **function, order=2)[name][name]["expression"]


def test_of_bindings_only_the_names_matter(client: FlaskClient) -> None:
    answers = [
        derived(client, expression="a*x**2", bindings=bindings)
        for bindings in ({"x": 1}, {"x": -3.5}, {"x": [1, 2]}, {"x": "NaN"})
    ]
    assert answers == [answers[0]] * 4
    assert {name: form["expression"] for name, form in answers[0].items()} == {"x": "2*a*x"}
    assert derived(client, expression="a*x**2").keys() == {"a", "x"}
    assert derived(client, expression="a*x**2", bindings={"x": 1}, wrt=["a"]).keys() == {"a"}


def test_a_stream_has_an_answer_for_each_line(client: FlaskClient) -> None:
    lines = [{"id": 1, "expression": "x**2"}, {"id": 2, "expression": "sum(x)"}]
    body = b"\n".join(map(orjson.dumps, lines))
    reply = client.post("/derive", data=body, headers={"Content-Type": "application/x-ndjson"})
    good, bad = map(orjson.loads, reply.get_data().splitlines())
    assert good["result"]["derivatives"]["x"]["expression"] == "2*x"
    assert (bad["id"], bad["status"]) == (2, 422)


# --- what is refused --------------------------------------------------------------------


def test_operations_on_arrays_are_refused_where_they_stand(client: FlaskClient) -> None:
    nodes = [{"id": "s", "op": "exp", "args": [{"op": "norm", "args": ["x"]}]}]
    assert errors(client, graph={"nodes": nodes}) == [
        {
            "pointer": "/graph/nodes/0/args/0",
            "code": "invalid_value",
            "detail": "norm works on arrays, and formulas are of scalars; ask /gradient or "
            "/jacobian for its numbers instead",
        }
    ]
    columns = {
        "operations": ["exp", "digamma"],
        "opcodes": [0, 1],
        "operands": [0, 1],
        "inputs": ["x"],
    }
    (error,) = errors(client, graph={"columns": columns | {"constants": []}})
    assert error["pointer"] == "/graph/columns/opcodes/1"
    (error,) = errors(client, expression="1 + norm(x)")
    assert (error["pointer"], error["line"], error["column"]) == ("/expression", 1, 5)


@pytest.mark.parametrize(
    "message, pointer, code",
    [
        ({"expression": "x", "wrt": ["y"]}, "/wrt/0", "unknown_name"),
        ({"expression": "x", "output": "y"}, "/output", "unknown_name"),
        ({"expression": "x", "order": 3}, "/order", "invalid_value"),
        ({"expression": "x", "order": "1"}, "/order", "wrong_type"),
        ({"expression": "x", "ordre": 1}, "/ordre", "unknown_member"),
        ({"expression": "x*[1, 2]"}, "/expression", "invalid_value"),
        ({"expression": "digamma(x)"}, "/expression", "invalid_value"),
        ({"expression": "u = x*x; u", "wrt": ["u"], "order": 2}, "/wrt/0", "invalid_value"),
        ({"graph": {"nodes": NODES}, "bindings": {"e": 1}}, "/graph/nodes/0/id", "name_clash"),
        (
            {"graph": {"nodes": [NODES[0], NODES[0] | {"id": "f"}]}},
            "",
            "ambiguous_output",
        ),
    ],
)
def test_faults_have_their_place(
    client: FlaskClient, message: dict[str, Any], pointer: str, code: str
) -> None:
    (error,) = errors(client, **message)
    assert (error["pointer"], error["code"]) == (pointer, code)


@pytest.mark.parametrize(
    "limit, function",
    [
        ({"nodes_limit": 200}, "*".join(f"x{k}" for k in range(30))),
        ({"expression_limit": 50}, "tanh(x*y)*sin(x)*exp(y)"),
    ],
)
def test_limits_refuse_what_would_be_too_large(limit: dict[str, int], function: str) -> None:
    roomy = create_app(Settings(access_log=False)).test_client()
    assert derived(roomy, expression=function)
    small = create_app(Settings(access_log=False, **limit)).test_client()  # type: ignore[arg-type]
    (error,) = errors(small, expression=function)
    assert error["code"] == "limit_exceeded"
    assert f"{next(iter(limit.values())):,}" in error["detail"]


def test_a_long_chain_is_refused_for_the_length_of_its_formula(client: FlaskClient) -> None:
    nodes = [{"id": f"n{k}", "op": "sin", "args": [f"n{k - 1}" if k else "x"]} for k in range(4500)]
    (error,) = errors(client, graph={"nodes": nodes})
    assert error["code"] == "limit_exceeded"
    assert "100,000 characters" in error["detail"]
