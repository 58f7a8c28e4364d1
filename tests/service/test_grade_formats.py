"""Reports as other systems read them: asked for by `format`, or by Accept."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from flask.testing import FlaskClient

FORMATS = ["native", "gradescope", "prairielearn"]
QUESTION = {"expression": "a*b + c", "bindings": {"a": 2, "b": -3, "c": 10}}
MESSAGE = QUESTION | {"claims": {"gradients": {"a": 3, "b": 2}}}
GRADESCOPE = "application/vnd.gradescope.results+json"
PRAIRIELEARN = "application/vnd.prairielearn.results+json"


def asked(client: FlaskClient, accept: str, **more: Any) -> Any:
    return client.post("/grade", json=MESSAGE | more, headers={"Accept": accept})


@pytest.mark.parametrize("kind, form", [(GRADESCOPE, "gradescope"), (PRAIRIELEARN, "prairielearn")])
def test_accept_asks_for_what_format_does(client: FlaskClient, kind: str, form: str) -> None:
    by_format = client.post("/grade", json=MESSAGE | {"format": form})
    by_accept = asked(client, kind)
    assert (by_accept.status_code, by_accept.mimetype) == (200, kind)
    assert by_accept.data == by_format.data
    assert by_format.mimetype == "application/json"
    assert asked(client, kind, format=form).data == by_format.data


@pytest.mark.parametrize(
    "accept, kind",
    [
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        (f"{GRADESCOPE}, */*;q=0.1", GRADESCOPE),
        (f"{GRADESCOPE};q=0.5, application/json", "application/json"),
        (f"{GRADESCOPE}, {PRAIRIELEARN};q=0.9", GRADESCOPE),
    ],
)
def test_the_client_gets_what_it_wants_most(client: FlaskClient, accept: str, kind: str) -> None:
    assert asked(client, accept).mimetype == kind


@pytest.mark.parametrize("form", ["native", "prairielearn", 7])
def test_accept_and_format_may_not_contradict(client: FlaskClient, form: Any) -> None:
    answer = asked(client, GRADESCOPE, format=form)
    assert answer.status_code == 422
    (error,) = answer.json["errors"]
    assert (error["pointer"], error["code"]) == ("/format", "invalid_value")
    assert "'gradescope'" in error["detail"]


def test_who_accepts_nothing_of_it_is_told_what_there_is(client: FlaskClient) -> None:
    answer = asked(client, "text/html")
    assert answer.status_code == 406
    for kind in ("application/json", GRADESCOPE, PRAIRIELEARN):
        assert kind in answer.json["detail"]


def test_a_stream_has_one_media_type(client: FlaskClient) -> None:
    """Its reports are members of lines; `format` says in which form they are."""
    lines = json.dumps(MESSAGE | {"format": "gradescope"})
    headers = {"Accept": GRADESCOPE}
    kind = "application/x-ndjson"
    refused = client.post("/grade", data=lines, content_type=kind, headers=headers)
    assert refused.status_code == 406
    answer = client.post("/grade", data=lines, content_type=kind)
    assert json.loads(answer.text)["result"]["score"] == 0.5


def test_other_endpoints_have_no_such_reports(client: FlaskClient) -> None:
    answer = client.post("/gradient", json=QUESTION, headers={"Accept": GRADESCOPE})
    assert answer.status_code == 406


# Bad input, in every form ----------------------------------------------------------------------

PARABOLA = {"expression": "3*x**2 - 4*x + 5"}
LINEAR = {"expression": "sum(W*x)", "bindings": {"W": [[1, 2], [3, 4]], "x": [1, 2]}}
DEEP = "(" * 10**5 + "x" + ")" * 10**5


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "message, claim, reason",
    [
        (PARABOLA | {"claims": {"derivatives": {"x": "6*x -"}}}, "derivatives/x", "missing"),
        (PARABOLA | {"claims": {"derivatives": {"x": "6*y"}}}, "derivatives/x", "'y'"),
        (PARABOLA | {"claims": {"derivatives": {"x": DEEP}}}, "derivatives/x", "100,000"),
        (PARABOLA | {"claims": {"function": DEEP}}, "function", "100,000"),
        (LINEAR | {"claims": {"gradients": {"W": [[1], [2, 3]]}}}, "gradients/W", "rectangular"),
        (
            {"expression": "log(-1 - x**2)", "claims": {"derivatives": {"x": "1/x"}}},
            "derivatives/x",
            "no point",
        ),
        (
            {"expression": "log(x)", "bindings": {"x": -1}, "claims": {"value": 1}},
            "value",
            "undefined",
        ),
    ],
)
def test_what_cannot_be_graded_is_said_in_every_form(
    client: FlaskClient, message: dict[str, Any], claim: str, reason: str, form: str
) -> None:
    answer = client.post("/grade", json=message | {"format": form})
    assert answer.status_code == 200
    report = answer.json
    assert report.get("score") is None
    if form == "native":
        (item,) = report["items"]
        assert (item["claim"], item["verdict"]) == (claim, "ungradable")
        assert reason in item["reason"]
    elif form == "gradescope":
        (test,) = report["tests"]
        assert (test["name"], "score" in test) == (claim, False)
        assert reason in test["output"].lower()
    else:
        assert report["gradable"] is False
        (error,) = report["format_errors"]
        assert error.startswith(f"{claim}: ")
        assert reason in error.lower()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "message",
    [
        MESSAGE | {"claims": {"value": "NaN", "gradients": {"a": "NaN", "b": "-Infinity"}}},
        LINEAR | {"claims": {"gradients": {"W": [1, 2, 3], "x": 7}}},
        PARABOLA | {"claims": {"derivatives": {"x": "0/0"}}},
    ],
)
def test_what_is_wrong_has_no_points_in_any_form(
    client: FlaskClient, message: dict[str, Any], form: str
) -> None:
    report = client.post("/grade", json=message | {"format": form}).json
    assert report["score"] == 0


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "change, pointer",
    [
        ({"weights": {"gradients/c": 2}}, "/weights/gradients~1c"),
        ({"weights": {"gradients/a": -1}}, "/weights/gradients~1a"),
        ({"weights": {"gradients/a": 0, "gradients/b": 0}}, "/weights"),
        ({"claims": {"gradients": {"q": 1}}}, "/claims/gradients/q"),
        ({"expression": "a*(b"}, "/expression"),
        ({"domain": {"a": [5, -5]}}, "/domain/a"),
        ({"domain": {"a": [5, 5]}}, "/domain/a"),
        ({"tolerance": {"rtol": -1}}, "/tolerance/rtol"),
    ],
)
def test_an_author_s_fault_is_a_problem_whatever_the_form(
    client: FlaskClient, change: dict[str, Any], pointer: str, form: str
) -> None:
    answer = client.post("/grade", json=MESSAGE | change | {"format": form})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


@pytest.mark.parametrize("form", FORMATS)
def test_reveal_false_leaks_nothing_in_any_form(client: FlaskClient, form: str) -> None:
    """Of a number, a tensor and a formula that are wrong: neither what is right, nor a factor."""
    claims = {
        "value": 1,
        "gradients": {"w": [2, 3], "x": [2 * 4116, 1]},
        "nodes": {"s": {"value": 2}},
    }
    message = {
        "expression": "s = sum(w*x); y = 7*s**2; y",
        "bindings": {"w": [3, 5], "x": [11, 13]},
        "claims": claims,
    }
    shown = client.post("/grade", json=message | {"format": form}).text
    kept = client.post("/grade", json=message | {"format": form, "reveal": False}).text
    for hidden in ("67228", "98", "15092", "17836", "4116", "6860"):
        assert hidden in shown
        assert hidden not in kept


@pytest.mark.parametrize("count", [3, 7, 10, 13])
def test_scores_sum_to_the_whole(client: FlaskClient, count: int) -> None:
    names = [f"x{k}" for k in range(count)]
    message = {
        "expression": " + ".join(names),
        "bindings": dict.fromkeys(names, 1.0),
        "claims": {"gradients": dict.fromkeys(names, 1.0)},
    }
    report = client.post("/grade", json=message).json
    assert report["score"] == report["max_score"] == 1
    assert math.fsum(item["score"] for item in report["items"]) == pytest.approx(1, abs=1e-10)
