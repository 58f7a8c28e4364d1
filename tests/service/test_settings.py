from __future__ import annotations

import dataclasses
from ipaddress import ip_network
from pathlib import Path

import pytest

from autograd_core.limits import DEFAULT_LIMITS
from service.app import create_app
from service.settings import SettingError, Settings, table, variable

README = Path(__file__).resolve().parents[2] / "README.md"
FIELDS = dataclasses.fields(Settings)


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
    "name, text",
    [
        ("BODY_LIMIT", "0"),
        ("BODY_LIMIT", "-1"),
        ("BODY_LIMIT", "32MB"),
        ("CONCURRENCY", "1.5"),
        ("RATE_LIMIT", "-1"),
        ("DEADLINE", "0"),
        ("DEADLINE", "inf"),
        ("DEADLINE", "nan"),
        ("DEADLINE", "soon"),
        ("ACCESS_LOG", "maybe"),
        ("TRUSTED_PROXIES", "proxy"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
    ],
)
def test_nonsense_stops_the_start_and_says_which(name: str, text: str) -> None:
    with pytest.raises(SettingError, match=f"GRADIENT_{name}={text!r}: "):
        Settings.from_environment({f"GRADIENT_{name}": text})


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


@pytest.mark.parametrize("setting", FIELDS, ids=lambda setting: setting.name)
def test_every_setting_is_documented(setting: dataclasses.Field[object]) -> None:
    assert setting.metadata["doc"]
    assert f"`{variable(setting)}`" in table()
    assert f"`{variable(setting)}`" in README.read_text()


def test_settings_do_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().deadline = 1.0  # type: ignore[misc]
