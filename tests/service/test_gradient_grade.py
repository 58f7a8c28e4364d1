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


LONG = 2000  # characters of a line


class Written:
    """A stream of lines that are made as they are read, and how many have been."""

    def __init__(self, count: int) -> None:
        self.count, self.taken = count, 0

    def read1(self, size: int) -> bytes:
        if self.taken == self.count:
            return b""
        self.taken += 1
        label = f"{self.taken:{LONG}}"
        return json.dumps({"id": label, "claims": {"gradients": {"a": -3}}}).encode() + b"\n"


class Reader:
    """Standard output, of which is kept how many lines it has, and how far the input was read."""

    def __init__(self, source: Written) -> None:
        self._source, self.at_first, self.lines, self.behind = source, 0, 0, 0

    def write(self, text: str) -> None:
        self.at_first = self.at_first or self._source.taken
        self.lines += text.count("\n")
        self.behind = max(self.behind, self._source.taken - self.lines)

    def flush(self) -> None:
        pass


def streamed(question: str, count: int, monkeypatch: pytest.MonkeyPatch) -> Reader:
    source = Written(count)
    reader = Reader(source)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=source))
    monkeypatch.setattr(sys, "stdout", reader)
    assert grade.main(["-l", "-r", question]) == 0
    assert reader.lines == count
    return reader


def test_lines_are_answered_while_they_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is held is so many bytes, however many lines there are: 1 MiB ahead, and a batch."""
    question, most = written(tmp_path, "q", QUESTION), 1.1 * 1024 * 1024 / LONG
    for count in (2_000, 8_000):
        reader = streamed(question, count, monkeypatch)
        assert reader.at_first < most
        assert reader.behind < most


def test_a_reference_at_fault_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    question = written(tmp_path, "q", {"expression": "a*("})
    assert grade.main(["-l", "-r", question, written(tmp_path, "c", "")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert json.loads(err)["errors"][0]["pointer"] == "/reference/expression"


def test_lines_have_the_bytes_that_the_service_answers(
    client: FlaskClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [json.dumps({"id": k, "claims": {"value": k}}) for k in range(9)] + ["{", '{"id": 1}']
    claims = written(tmp_path, "c", "\n".join(lines))
    assert grade.main(["-l", "-r", written(tmp_path, "q", QUESTION), claims]) == 2
    stream = "\n".join([json.dumps({"reference": QUESTION}), *lines])
    answer = client.post("/grade", data=stream, content_type="application/x-ndjson").text
    assert capsys.readouterr().out == answer.partition("\n")[2]
