"""What can be set from outside: one frozen value, read once from the environment.

Every setting is an environment variable: `GRADIENT_` and the field's name in capitals. Each
field says in its metadata what it is for; the table in the README and `GET /limits` are made
from the same words.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from functools import cached_property
from ipaddress import ip_network
from typing import Any

from autograd_core import Limits
from service.access.addresses import Network

PREFIX = "GRADIENT_"
_LIMITS = Limits()


class SettingError(ValueError):
    """An environment variable holds something its setting cannot be."""


def _whole(text: str) -> int:
    value = int(text.replace("_", ""))
    if value < 1:
        raise ValueError("expected a whole number, 1 or more")
    return value


def _count(text: str) -> int:
    value = int(text.replace("_", ""))
    if value < 0:
        raise ValueError("expected a whole number, 0 or more")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and value > 0):
        raise ValueError("expected a positive number of seconds")
    return value


def _switch(text: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if text.lower() not in known:
        raise ValueError("expected true or false")
    return known[text.lower()]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(word) for word in _words(text))


def _setting(default: Any, read: Callable[[str], Any], doc: str) -> Any:
    return field(default=default, metadata={"doc": doc, "read": read})


@dataclass(frozen=True)
class Settings:
    """Every setting, with the defaults the service is tuned for."""

    body_limit: int = _setting(
        32 * 1024 * 1024,
        _whole,
        "bytes of one request body, before and after decompression; in NDJSON, of one line",
    )
    gzip_ratio: int = _setting(
        100,
        _whole,
        "how many times longer than its gzip a message may be once decompressed, beyond 4 MiB",
    )
    decoded_limit: int = _setting(
        704 * 1024 * 1024,
        _whole,
        "bytes of memory that the lists, objects, strings and numbers of one message may take "
        "once decoded, as counted in its text",
    )
    answer_limit: int = _setting(
        256 * 1024 * 1024, _whole, "bytes of the text of one answer, before compression"
    )
    memory_limit: int = _setting(
        1024 * 1024 * 1024,
        _whole,
        "bytes that one worker holds for all of its requests at once, from decoding to the last "
        "byte sent; those that find no room wait as for a turn",
    )
    nodes_limit: int = _setting(_LIMITS.nodes, _whole, "nodes in one graph")
    elements_limit: int = _setting(_LIMITS.elements, _whole, "numbers in one tensor")
    total_elements_limit: int = _setting(
        _LIMITS.total_elements,
        _whole,
        "numbers one computation may hold at once, at 8 bytes each",
    )
    cost_limit: int = _setting(
        _LIMITS.cost,
        _whole,
        "elementary operations of one computation: elements computed times passes",
    )
    expression_limit: int = _setting(_LIMITS.expression, _whole, "characters of one expression")
    deadline: float = _setting(
        10.0,
        _seconds,
        "seconds from the last byte of a message to its answer; past it the answer is a 503",
    )
    concurrency: int = _setting(
        4,
        _whole,
        "long computations at the same time in one worker, and as many short ones; others wait",
    )
    patience: float = _setting(
        5.0, _seconds, "seconds a request waits for its turn, or for memory, before it gets a 503"
    )
    sending: float = _setting(
        120.0, _seconds, "seconds that sending one answer, or one batch of a stream, may take"
    )
    rate_limit: int = _setting(
        0,
        _count,
        "requests a minute that one address may make to one worker, before it gets a 429; "
        "0 is no limit; behind a proxy, set trusted_proxies, or all clients count as one",
    )
    stream_buffer: int = _setting(
        64 * 1024 * 1024,
        _whole,
        "bytes of an NDJSON request kept for a client that sends everything before it reads",
    )
    cors_origins: tuple[str, ...] = _setting(
        (),
        _words,
        "origins whose pages may call the service from a browser, separated by spaces; "
        "`*` allows all; none by default",
    )
    trusted_proxies: tuple[Network, ...] = _setting(
        (),
        _networks,
        "addresses and networks, separated by spaces, whose X-Forwarded-For and "
        "X-Forwarded-Proto are believed: those of the proxies in front; none by default",
    )
    access_log: bool = _setting(
        True, _switch, "whether each request is logged, as one line of JSON on standard error"
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """The defaults, overridden by what the environment sets; SettingError says what is wrong.

        A variable that is set but empty counts as not set, as compose files write it.
        """
        given: dict[str, Any] = {}
        for setting in fields(cls):
            name = variable(setting)
            text = environment.get(name, "").strip()
            if not text:
                continue
            try:
                given[setting.name] = setting.metadata["read"](text)
            except ValueError as error:
                raise SettingError(f"{name}={text!r}: {error}") from None
        return cls(**given)

    @cached_property
    def limits(self) -> Limits:
        """The engine's share of the settings."""
        return Limits(
            nodes=self.nodes_limit,
            elements=self.elements_limit,
            total_elements=self.total_elements_limit,
            cost=self.cost_limit,
            expression=self.expression_limit,
        )


def variable(setting: Field[Any]) -> str:
    """The environment variable a field is read from."""
    return PREFIX + setting.name.upper()


def table() -> str:
    """The settings as a Markdown table: variable, default, meaning."""
    rows = ["| variable | default | what it is |", "|---|---|---|"]
    for setting in fields(Settings):
        default = setting.default
        shown = "none" if default == () else str(default).lower()
        rows.append(f"| `{variable(setting)}` | {shown} | {setting.metadata['doc']} |")
    return "\n".join(rows)
