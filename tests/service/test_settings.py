from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from autograd_core.jit import folders
from autograd_core.limits import DEFAULT_LIMITS
from service import environment
from service.app import create_app
from service.commands import grade
from service.settings import ProcessSettings, SettingError, Settings, names, table

ROOT = Path(__file__).resolve().parents[2]
FIELDS = [(cls, field) for cls in (ProcessSettings, Settings) for field in dataclasses.fields(cls)]


def test_without_an_environment_there_are_defaults() -> None:
    assert Settings.from_environment({}) == Settings()
    assert Settings().limits == DEFAULT_LIMITS


@pytest.mark.parametrize(
    "name, text, value",
    [
        ("body_limit", "1_000", 1000),
        ("body_limit", " 5 ", 5),
        ("nodes_limit", "7", 7),
        ("rate_limit", "0", 0),
        ("deadline", "0.5", 0.5),
        ("deadline", "", 10.0),
        ("access_log", "false", False),
        ("access_log", "YES", True),
        (
            "cors_origins",
            "https://a.example, https://b.example",
            ("https://a.example", "https://b.example"),
        ),
        ("cors_origins", "*", ("*",)),
        (
            "trusted_proxies",
            "10.0.0.0/8 ::1",
            (ip_network("10.0.0.0/8"), ip_network("::1")),
        ),
    ],
)
def test_a_setting_is_read(name: str, text: str, value: object) -> None:
    settings = Settings.from_environment({f"GRADIENT_{name.upper()}": text})
    assert getattr(settings, name) == value


@pytest.mark.parametrize(
    "name, text, value",
    [
        ("HOST", "localhost", "localhost"),
        ("HOST", "::1", "[::1]"),
        ("HOST", "[::1]", "[::1]"),
        ("HOST", "", "127.0.0.1"),
        ("PORT", "0", 0),
        ("WORKERS", " 3 ", 3),
        ("WORKERS", "", None),
        ("THREADS", "8", 8),
        ("LOG_LEVEL", "Warning", "warning"),
        ("PROMETHEUS_MULTIPROC_DIR", "/tmp/counts", "/tmp/counts"),
    ],
)
def test_a_setting_of_the_processes_is_read(name: str, text: str, value: object) -> None:
    settings = ProcessSettings.from_environment({name: text})
    assert getattr(settings, name.lower()) == value


WHOLE = "expected a whole number from 1 to 9,007,199,254,740,991"
SECONDS = "expected a number of seconds, more than 0 and at most 86400"
NONSENSE = [
    ("GRADIENT_BODY_LIMIT", "0", WHOLE),
    ("GRADIENT_BODY_LIMIT", "-1", WHOLE),
    ("GRADIENT_BODY_LIMIT", "32MB", WHOLE),
    ("GRADIENT_BODY_LIMIT", "1.5", WHOLE),
    ("GRADIENT_BODY_LIMIT", "9007199254740992", WHOLE),
    ("GRADIENT_BODY_LIMIT", "1" * 10_000, WHOLE),
    ("GRADIENT_CONCURRENCY", "1025", "expected a whole number from 1 to 1,024"),
    ("GRADIENT_RATE_LIMIT", "-1", "expected a whole number from 0 to 9,007,199,254,740,991"),
    ("GRADIENT_DEADLINE", "0", SECONDS),
    ("GRADIENT_DEADLINE", "inf", SECONDS),
    ("GRADIENT_DEADLINE", "nan", SECONDS),
    ("GRADIENT_DEADLINE", "soon", SECONDS),
    ("GRADIENT_PATIENCE", "86401", SECONDS),
    ("GRADIENT_ACCESS_LOG", "maybe", "expected true or false"),
    ("GRADIENT_TRUSTED_PROXIES", "proxy", "'proxy' does not appear to be an IPv4 or IPv6 network"),
    ("GRADIENT_TRUSTED_PROXIES", "10.0.0.1/8", "10.0.0.1/8 has host bits set"),
    (
        "GRADIENT_CORS_ORIGINS",
        "https://a.example b.example",
        "expected origins like https://example.org or *, not 'b.example'",
    ),
    (
        "GRADIENT_CORS_ORIGINS",
        "https://a.example/",
        "expected origins like https://example.org or *, not 'https://a.example/'",
    ),
    ("WORKERS", "two", "expected a whole number from 1 to 1,024"),
    ("WORKERS", "0", "expected a whole number from 1 to 1,024"),
    ("THREADS", "-1", "expected a whole number from 1 to 1,024"),
    ("PORT", "abc", "expected a whole number from 0 to 65,535"),
    ("PORT", "65536", "expected a whole number from 0 to 65,535"),
    ("HOST", "a b", "expected a host name or an address, without a port"),
    ("HOST", "127.0.0.1:80", "expected a host name or an address, without a port"),
    (
        "LOG_LEVEL",
        "loud",
        "expected one of debug, info, warning, error, critical",
    ),
]


@pytest.mark.parametrize("name, text, expected", NONSENSE)
def test_nonsense_is_answered_by_one_sentence(name: str, text: str, expected: str) -> None:
    cls = Settings if name.startswith("GRADIENT_") else ProcessSettings
    with pytest.raises(SettingError) as caught:
        cls.from_environment({name: text})
    assert str(caught.value) == f"{name}={text!r}: {expected}"


@pytest.mark.parametrize(
    "given, meant",
    [
        ("GRADIENT_TIME_LIMIT", "GRADIENT_RATE_LIMIT"),
        ("GRADIENT_DEADLINES", "GRADIENT_DEADLINE"),
        ("GRADIENT_NODE_LIMIT", "GRADIENT_NODES_LIMIT"),
        ("GRADIENT_WORKERS", "WORKERS"),
        ("GRADIENT_LOGLEVEL", "LOG_LEVEL"),
    ],
)
def test_a_misspelled_setting_is_not_passed_over(given: str, meant: str) -> None:
    with pytest.raises(SettingError, match=f"^{given}: .* is {meant} meant"):
        Settings.from_environment({given: "1"})


@pytest.mark.parametrize(
    "name",
    [
        *("GRADIENT_SCRATCH", "GRADIENT_KERNEL_CACHE", "GRADIENT_URL"),
        *("GRADIENT_IMAGE", "GRADIENT_PORT"),  # of docker-compose.yml
        *("GRADIENT_SERVICE_HOST", "GRADIENT_SERVICE_PORT_HTTP", "GRADIENT_PORT_8000_TCP_ADDR"),
        *("TIME_LIMIT", "DEADLINES"),
    ],
)
def test_what_others_call_theirs_is_let_be(name: str) -> None:
    assert Settings.from_environment({name: "soon"}) == Settings()


@pytest.mark.live
@pytest.mark.parametrize(
    "name, text",
    [
        ("WORKERS", "two"),
        ("PORT", "abc"),
        ("LOG_LEVEL", "loud"),
        ("GRADIENT_DEADLINE", "soon"),
        ("GRADIENT_TIME_LIMIT", "soon"),
        ("PROMETHEUS_MULTIPROC_DIR", "/dev/null/counts"),
    ],
)
def test_a_bad_setting_stops_the_start_with_a_sentence(name: str, text: str) -> None:
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py"]
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("GRADIENT_")}
    run = subprocess.run(
        command,
        cwd=ROOT,
        env=inherited | {"PORT": "0", name: text},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 1
    assert run.stdout == ""
    (line,) = run.stderr.splitlines()
    assert line.startswith(name)


def test_gradient_grade_refuses_a_bad_setting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GRADIENT_DEADLINE", "soon")
    with pytest.raises(SystemExit) as caught:
        grade.main([])
    assert caught.value.code == grade.REFUSED
    assert capsys.readouterr().err.endswith(f"error: GRADIENT_DEADLINE='soon': {SECONDS}\n")


def test_limits_reach_the_engine() -> None:
    settings = Settings(
        nodes_limit=1, elements_limit=2, total_elements_limit=3, cost_limit=4, expression_limit=5
    )
    limits = settings.limits
    assert (limits.nodes, limits.elements, limits.total_elements) == (1, 2, 3)
    assert (limits.cost, limits.expression) == (4, 5)


@pytest.mark.parametrize(
    "settings, message, place",
    [
        (Settings(expression_limit=4), {"expression": "x + x"}, "/expression"),
        (
            Settings(elements_limit=2),
            {"expression": "x", "bindings": {"x": [1] * 3}},
            "/bindings/x",
        ),
        (Settings(cost_limit=1), {"expression": "x*x + x"}, "/expression"),
        (
            Settings(nodes_limit=1),
            {"graph": {"nodes": [{"op": "neg", "args": ["x"]}] * 2}},
            "/graph/nodes",
        ),
    ],
)
def test_limits_are_limits(settings: Settings, message: dict[str, object], place: str) -> None:
    client = create_app(dataclasses.replace(settings, access_log=False)).test_client()
    reply = client.post("/gradient", json={"bindings": {"x": 1.0}} | message)
    assert reply.status_code == 422
    (error,) = reply.json["errors"]
    assert (error["pointer"], error["code"]) == (place, "limit_exceeded")


@pytest.mark.parametrize("cls, field", FIELDS)
def test_every_setting_is_documented(cls: Any, field: dataclasses.Field[object]) -> None:
    assert field.metadata["doc"]
    assert f"| `{environment.variable(cls, field)}` | " in table(cls)


def test_the_page_of_settings_has_their_tables() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    assert table(ProcessSettings) in page
    assert table(Settings) in page


def test_the_kernel_is_kept_where_its_setting_says() -> None:
    assert folders.VARIABLE in names()


def test_compose_passes_every_setting_on() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    passed = compose["services"]["gradient"]["environment"]
    assert set(passed) == set(names())
    # Where a container listens is its own matter: outside there is GRADIENT_PORT.
    fixed = {"HOST": "0.0.0.0", "PORT": 8000}
    assert {name: value for name, value in passed.items() if name in fixed} == fixed
    for name in passed.keys() - fixed:
        assert passed[name].startswith(f"${{{name}:-")


def test_settings_do_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().deadline = 1.0  # type: ignore[misc]
