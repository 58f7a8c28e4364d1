"""Reports as other systems read them: asked for by `format`, or by Accept."""

from __future__ import annotations

import json
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
