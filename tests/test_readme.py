"""The README's examples are run as they stand, and its tables are what the code says."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service import settings

README = (Path(__file__).parent.parent / "README.md").read_text()
EXCHANGES = re.findall(r"```console\n\$ (curl .*?)\n```\n\n```json\n(.*?)```", README, re.DOTALL)
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def posted(client: FlaskClient, command: str) -> object:
    words = shlex.split(command)
    address = next(word for word in words if word.startswith("localhost:8000"))
    body = words[words.index("-d") + 1]
    answer = client.post(
        address.removeprefix("localhost:8000"), data=body, content_type="application/json"
    )
    return answer.get_json(force=True)


def without_id(answer: object) -> object:
    """A problem carries the id of its request, which is new each time."""
    return {k: v for k, v in answer.items() if k != "instance"} if isinstance(answer, dict) else 0


def test_there_are_examples_to_check() -> None:
    assert len(EXCHANGES) >= 4
    assert PROGRAMS


@pytest.mark.parametrize("command, answer", EXCHANGES)
def test_a_curl_gets_the_answer_it_shows(client: FlaskClient, command: str, answer: str) -> None:
    assert without_id(posted(client, command)) == without_id(json.loads(answer))


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_python_example_runs(program: str) -> None:
    exec(program, {})


def test_every_setting_is_in_the_table() -> None:
    assert settings.table() in README


def test_every_address_of_the_table_is_served(client: FlaskClient) -> None:
    table = README[README.index("| method and path") : README.index("**A function**")]
    named = set(re.findall(r"`(?:\w+ )?(/[^`]*)`", table))
    rules = {rule.rule for rule in client.application.url_map.iter_rules()}
    assert {"/gradient", "/livez", "/problems/<name>"} <= named <= rules
