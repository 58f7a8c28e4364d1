"""docs/grading.md shows what the service answers: each request of it is posted, and compared."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.commands import grade

GUIDE = (Path(__file__).parents[2] / "docs" / "grading.md").read_text()
EXCHANGES = re.findall(r"```console\n\$ (curl .*?)\n```\n\n```json\n(.*?)```", GUIDE, re.DOTALL)
PROGRAMS = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
SESSIONS = re.findall(r"```console\n(\$ cat .*?)```", GUIDE, re.DOTALL)
DIAGNOSIS = GUIDE[GUIDE.index("## Diagnosis") : GUIDE.index("## Rounding")]
ROWS = re.findall(
    r"^\| `(\w+)` \| .* \| `(.*)` \| (?:`(.*)`)? ?\| `(.*)` \|$", DIAGNOSIS, re.MULTILINE
)
CODES = re.findall(r"^\| `(\w+)`", DIAGNOSIS, re.MULTILINE)


def posted(client: FlaskClient, command: str) -> list[Any]:
    """The answers to a curl: one, or of a stream one a line."""
    words = shlex.split(command)
    address = next(word for word in words if word.startswith("localhost:8000"))
    body = next(words[words.index(w) + 1] for w in ("-d", "--data-binary") if w in words)
    kind = words[words.index("-H") + 1].removeprefix("Content-Type: ")
    text = client.post(
        address.removeprefix("localhost:8000"), data=body, content_type=kind
    ).get_data(as_text=True)
    return [json.loads(line) for line in text.splitlines()]


def shown(text: str) -> list[Any]:
    """The JSON texts one after another."""
    found, decoder = [], json.JSONDecoder()
    while text := text.strip():
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


@pytest.mark.parametrize("command, answers", EXCHANGES)
def test_a_curl_gets_the_answer_it_shows(client: FlaskClient, command: str, answers: str) -> None:
    assert posted(client, command) == shown(answers)


@pytest.mark.parametrize("session", SESSIONS)
def test_a_session_prints_what_it_shows(
    session: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    status: int | None = None
    for step in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
        command, _, output = step.partition("\n")
        program, *arguments = shlex.split(command)
        if program == "cat":
            Path(arguments[0]).write_text(output)
        elif program == "gradient-grade":
            status = grade.main(arguments)
            assert capsys.readouterr() == (output, "")
        else:
            assert (command, output) == ("echo $?", f"{status}\n")


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(
    "answers, gradable",
    [({"a": "-3", "dx": "c"}, True), ({"a": "nan"}, False)],
)
def test_the_grader_for_prairielearn_grades(
    tmp_path: Path, program: str, answers: dict[str, str], gradable: bool
) -> None:
    for folder in ("data", "tests", "results"):
        (tmp_path / folder).mkdir()
    question = {"expression": "a*b + c*x", "bindings": {"a": 2, "b": -3, "c": 10, "x": 1}}
    (tmp_path / "tests/question.json").write_text(json.dumps(question))
    (tmp_path / "data/data.json").write_text(json.dumps({"submitted_answers": answers}))
    here = f'"{sys.executable}", "-m", "service.commands.grade"'
    exec(program.replace('"/grade"', repr(str(tmp_path))).replace('"gradient-grade"', here), {})
    results = json.loads((tmp_path / "results/results.json").read_text())
    assert results["gradable"] is gradable
    assert results.get("score") == (1 if gradable else None)


@pytest.mark.parametrize("code, function, bindings, claims", ROWS)
def test_a_slip_has_the_code_of_its_row(
    client: FlaskClient, code: str, function: str, bindings: str, claims: str
) -> None:
    message = {"expression": function, "claims": json.loads(claims)}
    if bindings:
        message["bindings"] = json.loads(bindings)
    items = client.post("/grade", json=message).get_json()["items"]
    assert {item["verdict"] for item in items} <= {"incorrect", "partially_correct"}
    for item in items:
        assert code in [diagnosis["code"] for diagnosis in item["diagnosis"]]


def test_the_guide_has_examples_of_everything() -> None:
    assert len(EXCHANGES) >= 8
    assert SESSIONS
    assert PROGRAMS
    assert [row[0] for row in ROWS] == CODES
    assert len(set(CODES)) == 18
