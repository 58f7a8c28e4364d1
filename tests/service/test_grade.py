"""POST /grade: messages in, reports out, and what a report keeps back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

ABC = {"a": 2.0, "b": -3.0, "c": 10.0}
NODES = [
    {"id": "e", "op": "mul", "args": ["a", "b"]},
    {"id": "d", "op": "add", "args": ["e", "c"]},
]


def grade(client: FlaskClient, **message: Any) -> Any:
    reply = client.post("/grade", json=message)
    assert reply.status_code == 200, reply.text
    return reply.json


def items(answer: Any) -> dict[str, Any]:
    """The items by claim: Flask's client sorts the members that it posts."""
    return {item["claim"]: item for item in answer["items"]}


def problem(client: FlaskClient, **message: Any) -> Any:
    reply = client.post("/grade", json=message)
    assert reply.status_code == 422, reply.text
    return reply.json


def test_a_report_of_numbers(client: FlaskClient) -> None:
    answer = grade(
        client,
        expression="a*b + c",
        bindings=ABC,
        claims={"value": 4, "gradients": {"a": -3, "b": 2.6}},
        weights={"gradients/a": 2},
    )
    assert list(answer) == ["verdict", "score", "max_score", "items"]
    assert (answer["verdict"], answer["score"], answer["max_score"]) == (
        "partially_correct",
        0.75,
        1.0,
    )
    assert items(answer)["value"] == {
        "claim": "value",
        "verdict": "correct",
        "score": 0.25,
        "max_score": 0.25,
        "claimed": 4.0,
        "expected": 4.0,
        "diagnosis": [],
    }
    wrong = items(answer)["gradients/b"]
    assert (wrong["verdict"], wrong["claimed"], wrong["expected"]) == ("incorrect", 2.6, 2.0)


def test_a_report_of_a_backward_pass(client: FlaskClient) -> None:
    answer = grade(
        client,
        graph={"nodes": NODES},
        bindings=ABC,
        claims={"nodes": {"e": {"value": -5}, "d": {"value": 5}}},
    )
    assert answer["first_error"] == {"claim": "nodes/e/value", "node": "e"}
    assert {claim: item["verdict"] for claim, item in items(answer).items()} == {
        "nodes/e/value": "incorrect",
        "nodes/d/value": "carried_forward",
    }


def test_a_report_of_formulas(client: FlaskClient) -> None:
    claims = {"derivatives": {"x": "6*x + 7"}, "function": "5 + x*(3*x - 4)"}
    answer = grade(client, expression="3*x**2 - 4*x + 5", claims=claims)
    wrong, right = answer["items"]
    assert wrong["understood_as"] == "6*x + 7"
    assert wrong["counterexample"] == {"at": {"x": 2.0}, "claimed": 19.0, "expected": 8.0}
    assert wrong["points"] == {"compared": 36, "skipped": 0, "rejected": 0}
    assert "expected" not in wrong
    assert right["verdict"] == "correct"


def test_numbers_that_are_not_finite(client: FlaskClient) -> None:
    answer = grade(client, expression="1/x", bindings={"x": 0}, claims={"value": "Infinity"})
    assert (answer["items"][0]["claimed"], answer["items"][0]["expected"]) == (
        "Infinity",
        "Infinity",
    )
    answer = grade(client, expression="x**2", claims={"derivatives": {"x": "2*sqrt(x)**2"}})
    assert answer["items"][0]["counterexample"]["claimed"] == "NaN"


def test_tensors_in_either_form(client: FlaskClient) -> None:
    message = {
        "expression": "sum(x*x)",
        "bindings": {"x": [1, 2]},
        "claims": {"gradients": {"x": {"shape": [2], "data": [2, 5]}}},
    }
    (item,) = grade(client, **message)["items"]
    assert (item["claimed"], item["expected"]) == ([2.0, 5.0], [2.0, 4.0])
    (item,) = grade(client, **message, tensors="base64")["items"]
    assert item["expected"] == {"shape": [2], "base64": "AAAAAAAAAEAAAAAAAAAQQA=="}


def test_an_open_score_is_null(client: FlaskClient) -> None:
    answer = grade(client, expression="x", bindings={"x": 1}, claims={"value": "one"})
    assert (answer["verdict"], answer["score"]) == ("ungradable", None)
    assert answer["items"][0]["claimed"] == "one"
    assert answer["items"][0]["score"] is None


def test_every_option(client: FlaskClient) -> None:
    message = {"expression": "sqrt(x**2)", "claims": {"derivatives": {"x": "1.05"}}}
    kept = {"tolerance": {"rtol": 0.1, "atol": 0}, "domain": {"x": [0.5, 4]}}
    assert grade(client, **message, **kept)["verdict"] == "correct"
    assert grade(client, **message, domain={"x": [0.5, 4]})["verdict"] == "incorrect"
    assert grade(client, **message, **kept, allow=["exp"])["verdict"] == "correct"
    strict = {"derivatives": {"x": "2x"}}
    answer = grade(client, expression="x**2", claims=strict, notation="strict")
    assert answer["verdict"] == "ungradable"
    denied = {"derivatives": {"x": "exp(x)"}}
    answer = grade(client, expression="exp(x)", claims=denied, deny=["exp"])
    assert answer["verdict"] == "ungradable"


@pytest.mark.parametrize(
    "message, pointer, code",
    [
        ({"expression": "a*(", "claims": {"value": 1}}, "/expression", "syntax_error"),
        ({"expression": "a*b", "claims": {"value": 1}}, "/expression", "unbound_name"),
        ({"graph": {"nodes": NODES}, "claims": {"value": 1}}, "/graph/nodes/0/args/0",
         "unbound_name"),
        ({"graph": {"nodes": NODES}, "output": "q", "claims": {"derivatives": {"a": "b"}}},
         "/output", "unknown_name"),
        ({"expression": "x", "bindings": {"x": [1, 2]}, "claims": {"gradients": {"x": 1}}}, "",
         "non_scalar_output"),
        ({"expression": "x"}, "/claims", "missing_member"),
        ({"claims": {"value": 1}}, "", "missing_member"),
        ({"expression": "x", "claims": None}, "/claims", "wrong_type"),
        ({"expression": "x", "claims": [1]}, "/claims", "wrong_type"),
        ({"expression": "x", "claims": {}}, "/claims", "missing_member"),
        ({"expression": "x", "claims": {"values": 1}}, "/claims/values", "unknown_member"),
        ({"expression": "x", "bindings": {"x": 1}, "claims": {"gradients": {"y": 1}}},
         "/claims/gradients/y", "unknown_name"),
        ({"expression": "x", "claims": {"derivatives": {"y": "1"}}}, "/claims/derivatives/y",
         "unknown_name"),
        ({"expression": "x", "bindings": {"x": 1}, "claims": {"value": 1},
          "weights": {"gradients/x": 2}}, "/weights/gradients~1x", "unknown_name"),
        ({"expression": "x", "claims": {"value": 1}, "weights": {"value": -1}}, "/weights/value",
         "invalid_value"),
        ({"expression": "x", "claims": {"value": 1}, "weights": {"value": "1"}}, "/weights/value",
         "wrong_type"),
        ({"expression": "x", "claims": {"value": 1}, "weights": [1]}, "/weights", "wrong_type"),
        ({"expression": "x", "claims": {"value": 1}, "domain": {"x": [1, 1]}}, "/domain/x",
         "invalid_value"),
        ({"expression": "x", "claims": {"value": 1}, "domain": {"x": [1]}}, "/domain/x",
         "wrong_type"),
        ({"expression": "x", "claims": {"value": 1}, "domain": {"x": [0, "1"]}}, "/domain/x/1",
         "wrong_type"),
        ({"expression": "x", "claims": {"value": 1}, "domain": {"y": [0, 1]}}, "/domain/y",
         "unknown_name"),
        ({"expression": "x", "claims": {"value": 1}, "tolerance": {"rtol": -1}},
         "/tolerance/rtol", "invalid_value"),
        ({"expression": "x", "claims": {"value": 1}, "tolerance": {"tol": 1}}, "/tolerance/tol",
         "unknown_member"),
        ({"expression": "x", "claims": {"value": 1}, "tolerance": 1e-6}, "/tolerance",
         "wrong_type"),
        ({"expression": "x", "claims": {"derivatives": {"x": "1"}}, "allow": ["nope"]},
         "/allow/0", "unknown_operation"),
        ({"expression": "x", "claims": {"value": 1}, "notation": "loose"}, "/notation",
         "invalid_value"),
        ({"expression": "x", "claims": {"value": 1}, "carry": 1}, "/carry", "wrong_type"),
        ({"expression": "x", "claims": {"value": 1}, "map": ["x"]}, "/map", "unknown_member"),
        ({"reference": {"expression": "x"}}, "/reference", "unknown_member"),
    ],
)  # fmt: skip
def test_an_author_s_faults_have_pointers(
    client: FlaskClient, message: Any, pointer: str, code: str
) -> None:
    found = problem(client, **message)["errors"]
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in found]


@pytest.mark.parametrize(
    "claims",
    [
        {"derivatives": {"x": "2x +"}},
        {"derivatives": {"x": ["2", "x"]}},
        {"derivatives": {"x": "(" * 100_000 + ")" * 100_000}},
        {"derivatives": {"x": {"nodes": [{"op": "add", "args": [1e999]}]}}},
        {"function": {"expression": 3}},
        {"gradients": {"x": [[1], [2, 3]]}},
        {"gradients": {"x": {"shape": [10**12], "data": []}}},
        {"value": "NAN"},
        {"value": {"op": "add"}},
        {"nodes": {"y": {"value": None, "gradient": []}}},
        {"hessian": {"x": {"x": "no"}}},
        {"jacobian": {"y": {"x": False}}},
    ],
)
def test_a_student_s_bad_answer_never_fails_the_request(client: FlaskClient, claims: Any) -> None:
    message = {"expression": "y = x**2; y", "bindings": {"x": 3.0}, "claims": claims}
    text = json.dumps(message).replace("Infinity", "1e999")
    reply = client.post("/grade", data=text, content_type="application/json")
    assert reply.status_code == 200, reply.text
    assert reply.json is not None
    assert {item["verdict"] for item in reply.json["items"]} <= {"ungradable", "incorrect"}
    assert all(item.get("reason") for item in reply.json["items"])


def test_the_same_message_gets_the_same_bytes(client: FlaskClient) -> None:
    """Whether the reference is known or not, and whatever was bound before."""
    claims = {"derivatives": {"x": "1/(x - a) + 1"}}
    message = {"expression": "log(x - a)", "bindings": {"a": 3.0}, "claims": claims}
    first = client.post("/grade", json=message).data
    for a in (-0.0, 0.0, 20.0):
        client.post("/grade", json={**message, "bindings": {"a": a}})
    assert client.post("/grade", json=message).data == first


def test_references_that_differ_in_the_sign_of_zero_are_two(client: FlaskClient) -> None:
    for zero, infinity in ((0.0, "Infinity"), (-0.0, "-Infinity")):
        message = {"expression": "1/x", "bindings": {"x": zero}, "claims": {"value": infinity}}
        assert grade(client, **message)["verdict"] == "correct"


# Kept back ---------------------------------------------------------------------------------------

# The answers of these hold numbers that nobody claimed and that must not be told.
SECRETS = [
    (
        {"expression": "a*b + c", "bindings": {"a": 2.125, "b": -3.375, "c": 10},
         "claims": {"value": 4.5, "gradients": {"a": 3.25, "b": 4}}},
        ["2.828", "-3.375", "3.375", "2.125"],
    ),
    (
        {"expression": "sum(x*x)", "bindings": {"x": [1.5, 2.25, 4.125]},
         "claims": {"gradients": {"x": [3, 4.75, 8]}}},
        ["4.5", "8.25"],
    ),
    (
        {"expression": "sum(x*x)", "bindings": {"x": [1.5, 2.25, 4.125]},
         "claims": {"gradients": {"x": 3}}},
        ["4.5", "8.25"],
    ),
    (
        {"expression": "e = a*b; d = e*e; d", "bindings": {"a": 2.125, "b": -3.375},
         "claims": {"nodes": {"e": {"value": -7, "gradient": -14}, "d": {"value": 49}},
                    "gradients": {"a": 47.25}}},
        ["7.17", "14.3", "51.4", "48.4"],
    ),
    (
        {"expression": "x**2*y", "bindings": {"x": 3.125, "y": 2.0625},
         "claims": {"hessian": {"x": {"x": 5, "y": 6}}}},
        ["4.125", "6.25"],
    ),
    (
        {"expression": "3*x**2 - 4.0625*x + 5", "claims": {"derivatives": {"x": "6*x + 4"}}},
        ["7.9375", "4.0625"],
    ),
    (
        {"expression": "3*x**2 - 4.0625*x + 5", "claims": {"function": "3*x**2"}},
        ["8.875", "4.0625"],
    ),
    (
        {"expression": "log(x)", "bindings": {"x": -1.375}, "claims": {"value": 3}},
        ["1.375"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("message, secrets", SECRETS)
def test_a_report_tells_no_expected_number(
    client: FlaskClient, message: Any, secrets: list[str]
) -> None:
    told = client.post("/grade", json=message).text
    assert any(secret in told for secret in secrets) or "NaN" in told
    kept = client.post("/grade", json={**message, "reveal": False}).text
    assert "expected" not in kept
    assert [secret for secret in secrets if secret in kept] == []
    verdicts = [item["verdict"] for item in json.loads(kept)["items"]]
    assert verdicts == [item["verdict"] for item in json.loads(told)["items"]]


def test_a_counterexample_without_its_values(client: FlaskClient) -> None:
    claims = {"derivatives": {"x": "6*x + 4"}}
    answer = grade(client, expression="3*x**2 - 4*x + 5", claims=claims, reveal=False)
    assert answer["items"][0]["counterexample"] == {"at": {"x": 2.0}}


@pytest.mark.parametrize(
    "message, pointer",
    [
        ({"expression": "31.25*secret +* 1"}, "/expression"),
        ({"expression": "31.25*secret", "bindings": {"x": 1}}, "/expression"),
        ({"expression": "sqare(31.25*x)"}, "/expression"),
        ({"graph": {"nodes": [{"op": "mul", "args": [31.25, "secret"]}]}},
         "/graph/nodes/0/args/1"),
        ({"graph": {"nodes": [{"op": "secret", "args": [31.25]}]}}, "/graph/nodes/0/op"),
        ({"expression": "x*[31.25, 1]", "bindings": {"x": [1, 2, 3]}}, "/expression"),
        ({"expression": "x", "bindings": {"x": "31.25"}}, "/bindings/x"),
        ({"expression": "x", "bindings": {"x": 1}, "output": "secret"}, "/output"),
        ({"expression": "x", "bindings": {"x": 1}, "domain": {"x": [31.25, 31.25]}}, "/domain/x"),
    ],
)  # fmt: skip
def test_an_error_in_the_reference_tells_nothing_of_it(
    client: FlaskClient, message: Any, pointer: str
) -> None:
    claims = {"value": 1}
    for posted in (
        client.post("/grade", json={**message, "claims": claims, "reveal": False}).text,
        client.post(
            "/grade",
            data="\n".join(
                json.dumps(line)
                for line in ({"reference": {**message, "reveal": False}}, {"claims": claims})
            ),
            content_type="application/x-ndjson",
        ).text,
    ):
        assert pointer in posted
        assert "31.25" not in posted
        assert "secret" not in posted.replace("/bindings/secret", "")
        assert "kept back" in posted


def test_a_fault_of_claims_is_told_all_the_same(client: FlaskClient) -> None:
    message = {"expression": "a*b", "bindings": {"a": 1, "b": 2}, "reveal": False}
    found = problem(client, **message, claims={"gradients": {"q": 1}})
    assert "'q'" in found["errors"][0]["detail"]
