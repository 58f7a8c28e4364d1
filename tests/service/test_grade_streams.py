"""NDJSON to /grade: a reference once, then claims, line by line."""

from __future__ import annotations

import gc
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.grading import reference as references
from service.settings import Settings

ABC = {"reference": {"expression": "a*b + c", "bindings": {"a": 2, "b": -3, "c": 10}}}
CURVE = {"reference": {"expression": "x**3 - x", "notation": "strict"}}


def lines_of(client: FlaskClient, *lines: Any) -> list[Any]:
    """The answers to lines, given as JSON or as they stand."""
    body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    reply = client.post("/grade", data=body, content_type="application/x-ndjson")
    assert reply.status_code == 200
    return [json.loads(line) for line in reply.text.splitlines()]


def verdict(answer: Any) -> Any:
    return answer["result"]["verdict"] if answer["status"] == 200 else answer["status"]


def test_a_reference_and_lines_of_claims(client: FlaskClient) -> None:
    answers = lines_of(
        client,
        {"id": "q1", **ABC},
        {"id": 1, "claims": {"value": 4}},
        {"id": 2, "claims": {"value": 5, "gradients": {"a": -3}}},
        {"id": 3, "claims": {"derivatives": {"a": "b"}}},
    )
    assert answers[0] == {"id": "q1", "line": 1, "status": 200, "result": {"reference": True}}
    assert [answer["id"] for answer in answers] == ["q1", 1, 2, 3]
    expected = ["correct", "partially_correct", "correct"]
    assert [verdict(answer) for answer in answers[1:]] == expected


def test_the_answer_is_the_one_to_a_whole_message(client: FlaskClient) -> None:
    claims = {"value": 5, "gradients": {"a": 3}, "derivatives": {"b": "a"}}
    (_, in_stream), (alone,) = (
        lines_of(client, ABC, {"claims": claims}),
        lines_of(client, {**ABC["reference"], "claims": claims}),
    )
    assert in_stream == {**alone, "line": 2}


def test_options_belong_to_the_reference(client: FlaskClient) -> None:
    options = {"weights": {"value": 3}, "tolerance": {"rtol": 0.5}, "reveal": False}
    reference = {"reference": {**ABC["reference"], **options}}
    claims = {"value": 5, "gradients": {"a": 3}}
    answers = lines_of(client, reference, {"claims": claims}, {"claims": {"gradients": {"a": -3}}})
    assert answers[1]["result"]["score"] == 0.75
    assert "expected" not in json.dumps(answers[1])
    assert answers[2]["problem"]["errors"][0]["pointer"] == "/reference/weights/value"


def test_a_new_reference_takes_the_place_of_the_old(client: FlaskClient) -> None:
    answers = lines_of(
        client,
        ABC,
        {"claims": {"value": 4}},
        CURVE,
        {"claims": {"derivatives": {"x": "3*x**2 - 1"}}},
        {"claims": {"gradients": {"a": -3}}},
    )
    assert [verdict(answers[place]) for place in (1, 3)] == ["correct", "correct"]
    assert answers[4]["status"] == 422


def test_whole_messages_stand_between(client: FlaskClient) -> None:
    whole = {"expression": "x", "bindings": {"x": 7}, "claims": {"value": 7}}
    answers = lines_of(client, whole, ABC, whole, {"claims": {"value": 4}}, whole)
    assert [verdict(answers[place]) for place in (0, 2, 3, 4)] == ["correct"] * 4


def test_claims_without_a_reference(client: FlaskClient) -> None:
    (answer,) = lines_of(client, {"id": 1, "claims": {"value": 4}})
    assert (answer["id"], answer["status"]) == (1, 422)
    assert answer["problem"]["errors"][0]["code"] == "missing_member"


def test_each_stream_has_its_own_reference(client: FlaskClient) -> None:
    lines_of(client, ABC)
    (answer,) = lines_of(client, {"claims": {"value": 4}})
    assert answer["status"] == 422


@pytest.mark.parametrize(
    "reference, pointer, code",
    [
        ({"expression": "a*("}, "/reference/expression", "syntax_error"),
        ({"expression": "x", "bindings": {"x": "3"}}, "/reference/bindings/x", "not_a_number"),
        ({"graph": {"nodes": [{"op": "neg", "args": []}]}}, "/reference/graph/nodes/0/args",
         "wrong_arity"),
        ({"expression": "x", "output": "y"}, "/reference/output", "unknown_name"),
        ({"expression": "x @ y", "bindings": {"x": [1, 2], "y": [1, 2, 3]}},
         "/reference/expression", "shape_mismatch"),
        ({"expression": "x", "domain": {"y": [0, 1]}}, "/reference/domain/y", "unknown_name"),
        ({"expression": "x", "claims": {"value": 1}}, "/reference/claims", "unknown_member"),
        ({}, "/reference", "missing_member"),
        (3, "/reference", "wrong_type"),
    ],
)  # fmt: skip
def test_a_bad_reference_answers_for_its_claims(
    client: FlaskClient, reference: Any, pointer: str, code: str
) -> None:
    claims = {"id": 1, "claims": {"value": 4}}
    first, *others = lines_of(client, {"id": 0, "reference": reference}, claims, claims)
    assert (first["id"], first["status"]) == (0, 422)
    assert (pointer, code) in [(e["pointer"], e["code"]) for e in first["problem"]["errors"]]
    for number, other in enumerate(others, 2):
        assert other["id"] == 1
        assert other["problem"] == {**first["problem"], "instance": f"#line-{number}"}


def test_a_reference_that_claims_find_to_be_bad(client: FlaskClient) -> None:
    """Without b there is no value, and yet a derivative."""
    reference = {"reference": {"expression": "a*b", "bindings": {"a": 2}}}
    answers = lines_of(
        client, reference, {"claims": {"value": 4}}, {"claims": {"derivatives": {"b": "a"}}}
    )
    assert answers[0]["status"] == 200
    (error,) = answers[1]["problem"]["errors"]
    assert (error["pointer"], error["code"]) == ("/reference/expression", "unbound_name")
    assert verdict(answers[2]) == "correct"


@pytest.mark.parametrize(
    "line, pointer, code",
    [
        ({"claims": {"gradients": {"q": 1}}}, "/claims/gradients/q", "unknown_name"),
        ({"claims": 3}, "/claims", "wrong_type"),
        ({"claims": {}}, "/claims", "missing_member"),
        ({}, "/claims", "missing_member"),
        ({"claims": {"value": 4}, "weights": {}}, "/weights", "unknown_member"),
        ({"claim": {"value": 4}}, "/claim", "unknown_member"),
        ([1], "", "wrong_type"),
    ],
)
def test_a_bad_line_of_claims_harms_no_other(
    client: FlaskClient, line: Any, pointer: str, code: str
) -> None:
    good = {"claims": {"value": 4}}
    _, bad, after = lines_of(client, ABC, line, good)
    assert (pointer, code) in [(e["pointer"], e["code"]) for e in bad["problem"]["errors"]]
    assert verdict(after) == "correct"


def test_a_reference_is_alone_in_its_line(client: FlaskClient) -> None:
    bad, claims = lines_of(client, {**ABC, "claims": {"value": 4}}, {"claims": {"value": 4}})
    assert bad["problem"]["errors"][0]["pointer"] == "/claims"
    assert claims["status"] == 422


def test_claims_are_not_judged_by_a_reference_before_a_broken_one(client: FlaskClient) -> None:
    good = {"claims": {"value": 4}}
    answers = lines_of(client, ABC, good, '{"reference": {"expression": "a - b"', good, ABC, good)
    assert [verdict(answer) for answer in answers[1:2]] == ["correct"]
    assert answers[2]["status"] == 400
    assert answers[3]["status"] == 422
    assert "could not be read" in answers[3]["problem"]["detail"]
    assert verdict(answers[5]) == "correct"


def test_a_broken_line_of_claims_leaves_the_reference(client: FlaskClient) -> None:
    good = {"claims": {"value": 4}}
    text = '{"claims": {"derivatives": {"a": "see the \\"reference\\""'
    assert verdict(lines_of(client, ABC, text, good)[2]) == "correct"


def test_the_reference_is_run_once(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    run = references.gradient
    monkeypatch.setattr(references, "gradient", lambda *a, **k: calls.append(1) or run(*a, **k))
    lines_of(client, ABC, *[{"claims": {"gradients": {"a": k}}} for k in range(50)])
    assert len(calls) == 2  # for its numbers and, as a claim is wrong, for bounds of rounding
    calls.clear()
    formulas = [{"claims": {"derivatives": {"x": f"3*x**2 - {k}"}}} for k in range(50)]
    answers = lines_of(client, CURVE, *formulas)
    found_once = len(calls)
    lines_of(client, CURVE, formulas[1])
    assert [verdict(answers[place]) for place in (1, 2, 3)] == ["incorrect", "correct", "incorrect"]
    assert found_once <= 2 * (len(calls) - found_once)


@pytest.mark.slow
def test_submissions_leave_nothing_behind(client: FlaskClient) -> None:
    def objects_after(count: int) -> int:
        formulas = (f"3*x**2 - {k}" for k in range(count))
        claims = ({"claims": {"derivatives": {"x": x}, "function": x}} for x in formulas)
        lines_of(client, CURVE, *(json.dumps(each) for each in claims))
        gc.collect()
        return len(gc.get_objects())

    objects_after(100)
    assert objects_after(300) - objects_after(100) < 100


@pytest.mark.slow
def test_a_reference_as_large_as_a_stream_keeps(client: FlaskClient) -> None:
    nodes = [
        {"id": f"n{k}", "op": "neg", "args": [f"n{k - 1}" if k else "x"]} for k in range(130_000)
    ]
    reference = {"reference": {"graph": {"nodes": nodes}, "bindings": {"x": 1}}}
    first, second = lines_of(client, reference, {"claims": {"value": 1}})
    assert first["problem"]["errors"][0]["code"] == "limit_exceeded"
    assert second["problem"]["errors"] == first["problem"]["errors"]


def test_what_a_stream_holds_counts_as_memory_until_it_ends(client: FlaskClient) -> None:
    """A reference lies between lines as long as its stream is open: by then others have it not."""
    nodes = [
        {"id": f"n{k}", "op": "neg", "args": [f"n{k - 1}" if k else "x"]} for k in range(20_000)
    ]
    reference = {"reference": {"graph": {"nodes": nodes}, "bindings": {"x": 1}}}
    memory = client.application.extensions["exchanges"]["grade"].budgets.memory
    text = "\n".join(map(json.dumps, (reference, {"claims": {"value": 1}})))
    reply = client.post("/grade", data=text, content_type="application/x-ndjson")
    batches = reply.iter_encoded()
    answered = json.loads(next(batches).splitlines()[0])
    assert answered["result"] == {"reference": True}
    assert memory.size - memory.left >= 20_000 * 600
    reply.close()
    assert memory.left == memory.size


def test_a_reference_that_cannot_be_held_is_refused_with_its_claims() -> None:
    client = create_app(Settings(access_log=False, memory_limit=10_000_000)).test_client()
    reference = {"reference": {"expression": "+".join(["x"] * 20_000), "bindings": {"x": 1}}}
    for answer in lines_of(client, reference, {"claims": {"value": 20_000}}):
        assert answer["status"] == 422
        assert answer["problem"]["errors"][0]["code"] == "limit_exceeded"


def test_what_is_large_is_found_again_for_each_line(client: FlaskClient) -> None:
    """A million numbers of one reference are not kept from line to line."""
    reference = {"reference": {"expression": "y = broadcast_to(x, shape=[1100, 1000]); sum(y*y)",
                               "bindings": {"x": 2}}}  # fmt: skip
    claims = {
        "claims": {"value": 4400000, "nodes": {"y": {"value": 2}}, "gradients": {"x": 4400000}}
    }
    answers = lines_of(client, reference, claims, claims)
    assert [verdict(answer) for answer in answers[1:]] == ["partially_correct"] * 2
    assert answers[1]["result"] == answers[2]["result"]


LONG_LIST = [{"id": "n0", "op": "neg", "args": ["x"]}] + [
    {"id": f"n{k}", "op": "neg", "args": [f"n{k - 1}"]} for k in range(1, 8_000)
]


@pytest.mark.parametrize(
    "large, limits",
    [
        ({"expression": "x", "bindings": {"x": [0.5] * 20_000}}, {"decoded_limit": 100_000}),
        ({"graph": {"nodes": LONG_LIST}, "bindings": {"x": 2}}, {"memory_limit": 1_500_000}),
    ],
)
def test_claims_are_not_judged_by_a_reference_before_one_that_is_too_much(
    large: dict[str, Any], limits: dict[str, int]
) -> None:
    client = create_app(Settings(access_log=False, **limits)).test_client()
    claims = {"claims": {"value": 4}}
    answers = lines_of(client, ABC, claims, {"reference": large}, claims)
    assert [verdict(answer) for answer in answers[1:]] == ["correct", 422, 422]
    assert "could not be read" in answers[3]["problem"]["detail"]
