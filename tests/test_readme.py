"""What README.md and docs/ show is run as it stands, and their tables are what the code says."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service import __version__

ROOT = Path(__file__).parent.parent
# docs/grading.md has tests of its own, in tests/examples.
PAGES = {
    path.name: path.read_text()
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    if path.name != "grading.md"
}
BLOCKS = [
    block
    for text in PAGES.values()
    for block in re.findall(r"^```(\w+)\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)
]
# A command and, in the block after it, what it prints.
SHOWN = [
    (command, following, answer)
    for (kind, command), (following, answer) in pairwise(BLOCKS)
    if kind == "sh" and command.startswith("curl ")
]
EXCHANGES = [(command, answer) for command, kind, answer in SHOWN if kind == "json"]
HEADERS = [(command, answer) for command, kind, answer in SHOWN if kind == "text"]
PROGRAMS = [text for kind, text in BLOCKS if kind == "python"]
HERE = "localhost:8000"
# curl's own --json came in 7.82.
CURL = shutil.which("curl")


def posted(client: FlaskClient, command: str) -> str:
    words = shlex.split(command)
    address = next(word for word in words if word.startswith(HERE))
    given = {flag: words[words.index(flag) + 1] for flag in words if flag.startswith("-")}
    kind = given.get("-H", "Content-Type: application/json").removeprefix("Content-Type: ")
    body = given.get("--json") or given["--data-binary"]
    return client.post(address.removeprefix(HERE), data=body, content_type=kind).text


def shown(text: str) -> list[Any]:
    """The JSON texts one after another; a problem has an id, new each time."""
    found, decoder = [], json.JSONDecoder()
    while text := text.strip():
        value, end = decoder.raw_decode(text)
        found.append({name: each for name, each in value.items() if name != "instance"})
        text = text[end:]
    return found


def test_there_are_examples_to_check() -> None:
    assert len(EXCHANGES) >= 8
    assert HEADERS
    assert PROGRAMS


def test_every_command_is_checked_or_starts_something() -> None:
    commands = [text for kind, text in BLOCKS if kind == "sh"]
    starting = [command for command in commands if command.startswith("make ")]
    assert len(EXCHANGES) + len(HEADERS) + len(starting) == len(commands)


@pytest.mark.parametrize("command, answer", EXCHANGES)
def test_a_curl_gets_the_answer_it_shows(client: FlaskClient, command: str, answer: str) -> None:
    assert shown(posted(client, command)) == shown(answer)


@pytest.mark.live
@pytest.mark.skipif(CURL is None, reason="needs curl")
@pytest.mark.parametrize("command, answer", EXCHANGES)
def test_a_curl_runs_as_it_stands_from_anywhere(
    server: Any, tmp_path: Path, command: str, answer: str
) -> None:
    asked = command.replace(HERE, f"127.0.0.1:{server.port}")
    run = subprocess.run(["sh", "-c", asked], cwd=tmp_path, capture_output=True, check=False)
    if b"option --json: is unknown" in run.stderr:
        pytest.skip("needs curl 7.82")
    assert run.returncode == 0
    assert shown(run.stdout.decode()) == shown(answer)


@pytest.mark.live
@pytest.mark.skipif(CURL is None, reason="needs curl")
@pytest.mark.parametrize("command, answer", HEADERS)
def test_a_header_is_what_is_shown(server: Any, command: str, answer: str) -> None:
    asked = command.replace(HERE, f"127.0.0.1:{server.port}")
    run = subprocess.run(["sh", "-c", asked], capture_output=True, text=True, check=True)
    assert run.stdout.split() == answer.split()


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_python_example_runs(program: str) -> None:
    exec(program, {})


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    folder = ROOT if page == "README.md" else ROOT / "docs"
    for link in re.findall(r"\]\(([^)]*)\)", PAGES[page]):
        if not link.startswith("http"):
            assert (folder / link.partition("#")[0]).exists(), link


@pytest.mark.parametrize(
    "page, name", [("README.md", "address"), ("contract.md", "method and path")]
)
def test_every_address_of_the_table_is_served(client: FlaskClient, page: str, name: str) -> None:
    (table,) = re.findall(rf"^\| {name} \|.*?\n\n", PAGES[page], re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"`(?:(?:GET|POST) )?(/[^`]*)`", table))
    rules = {rule.rule for rule in client.application.url_map.iter_rules()}
    assert {"/gradient", "/limits"} <= named <= rules


# Versions -----------------------------------------------------------------------------

CHANGELOG = (ROOT / "CHANGELOG.md").read_text()


def test_the_changelog_is_kept_as_it_says() -> None:
    """As keepachangelog.com has it: what is to come first, then releases, the newest first."""
    versions = re.findall(r"^## \[(.*?)\](?: - (\d{4}-\d\d-\d\d))?$", CHANGELOG, re.MULTILINE)
    assert versions[0] == ("Unreleased", "")
    assert len(versions) == CHANGELOG.count("\n## ")
    assert all(date for _, date in versions[1:])
    assert [date for _, date in versions[1:]] == sorted((d for _, d in versions[1:]), reverse=True)
    kinds = re.findall(r"^### (.*)$", CHANGELOG, re.MULTILINE)
    assert set(kinds) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_version_is_that_of_the_latest_release() -> None:
    released = re.findall(r"^## \[(\d.*?)\]", CHANGELOG, re.MULTILINE)
    assert released[0] == __version__


@pytest.mark.parametrize(
    "path, text",
    [
        ("pyproject.toml", 'path = "service/__init__.py"'),
        ("openapi.yaml", "  version: {version}\n"),
        ("Dockerfile", 'org.opencontainers.image.version="{version}"'),
        ("docker-compose.yml", "gradient-service:{version}}}"),
        ("deploy/build-image", "gradient-service:{version}}}"),
        ("docs/compatibility.md", "API-Version: {version}\n"),
    ],
)
def test_what_names_the_version_names_this_one(path: str, text: str) -> None:
    assert text.replace("{version}", __version__).replace("}}", "}") in (ROOT / path).read_text()
