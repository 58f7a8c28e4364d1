"""gradient-grade answers as POST /grade does, and its exit status says whether there is a score."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.commands import grade

QUESTION = {"expression": "a*b + c", "bindings": {"a": 2, "b": -3, "c": 10}}
RIGHT = {"value": 4, "gradients": {"a": -3}}


def written(folder: Path, name: str, content: Any) -> str:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


@pytest.mark.parametrize("form", ["native", "gradescope", "prairielearn"])
def test_it_writes_what_the_service_answers(
    client: FlaskClient, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    question, claims = written(tmp_path, "q", QUESTION), written(tmp_path, "c", RIGHT)
    assert grade.main(["-r", question, "-f", form, claims]) == 0
    body = json.dumps(QUESTION | {"claims": RIGHT, "format": form})
    answer = client.post("/grade", data=body, content_type="application/json")
    assert capsys.readouterr() == (answer.text + "\n", "")


@pytest.mark.parametrize(
    "claims, status",
    [
        (RIGHT, 0),
        ({"value": 5}, 0),
        ({"claims": {"value": 5}}, 0),
        ({"derivatives": {"a": "b +"}}, 1),
        ({"value": None}, 1),
        ({"velue": 4}, 2),
        ("[1]", 2),
        ("{", 2),
        ("", 2),
    ],
)
def test_the_exit_status_says_whether_there_is_a_score(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], claims: Any, status: int
) -> None:
    question = written(tmp_path, "q", QUESTION)
    assert grade.main(["-r", question, written(tmp_path, "c", claims)]) == status
    out, err = capsys.readouterr()
    assert (bool(out), bool(err)) == (status < 2, status == 2)
    assert grade.main(["-r", str(tmp_path / "nowhere"), "c"]) == 2


@pytest.mark.parametrize("form", ["gradescope", "prairielearn"])
def test_what_has_no_score_has_none_in_any_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    question = written(tmp_path, "q", QUESTION)
    claims = written(tmp_path, "c", {"value": 4, "derivatives": {"a": "b +"}})
    assert grade.main(["-r", question, "-f", form, claims]) == 1
    assert "score" not in json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    "more", [{"tolerance": {"atol": 100}}, {"bindings": {"a": 2, "b": 0, "c": 5}}, {"carry": False}]
)
def test_a_student_hands_in_claims_and_changes_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: Any
) -> None:
    question = written(tmp_path, "q", QUESTION)
    claims = written(tmp_path, "c", {"claims": {"value": 5}} | more)
    assert grade.main(["-r", question, claims]) == 0
    assert json.loads(capsys.readouterr().out)["score"] == 0


def test_lines_are_answered_each_in_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [{"id": "a", "claims": RIGHT}, {"id": "b", "claims": {"value": None}}, {"id": "c"}]
    text = "\n".join(map(json.dumps, lines)).encode()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    assert grade.main(["-l", "-r", written(tmp_path, "q", QUESTION), "-f", "gradescope"]) == 2
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", "b", "c"]
    assert [answer.get("result", {}).get("score") for answer in answers] == [1, None, None]


def test_a_reference_that_is_not_json_is_said_to_be_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claims = written(tmp_path, "c", {"claims": RIGHT})
    assert grade.main(["-l", "-r", written(tmp_path, "q", "{"), claims]) == 2
    assert "the reference is not JSON" in capsys.readouterr().err
