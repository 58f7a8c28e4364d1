"""What can be set from outside: frozen values, read once from the environment.

`Settings` are the application's: each is `GRADIENT_` and the field's name in capitals.
`ProcessSettings` are those of the processes that gunicorn starts. docs/settings.md has both as
tables, made from the words below.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import ClassVar

from autograd_core import Limits
from service import environment as env
from service.access.addresses import Network
from service.environment import SettingError, setting

__all__ = ["ProcessSettings", "SettingError", "Settings", "names", "table"]

_LIMITS = Limits()
_whole = env.whole(1)


@dataclass(frozen=True)
class Settings:
    """Every setting of the application, with the defaults the service is tuned for."""

    prefix: ClassVar[str] = "GRADIENT_"

    body_limit: int = setting(
        32 * 1024 * 1024,
        _whole,
        "of one request body, before and after decompression; in NDJSON, of one line",
        "bytes",
        limit="body",
    )
    gzip_ratio: int = setting(
        100,
        _whole,
        "longer than its gzip a message may be once decompressed, beyond 4 MiB",
        "times",
        limit="gzip_ratio",
    )
    decoded_limit: int = setting(
        704 * 1024 * 1024,
        _whole,
        "of memory that the lists, objects, strings and numbers of one message may take once "
        "decoded, as counted in its text",
        "bytes",
        limit="decoded",
    )
    answer_limit: int = setting(
        256 * 1024 * 1024,
        _whole,
        "of the text of one answer, before compression",
        "bytes",
        limit="answer",
    )
    memory_limit: int = setting(
        1024 * 1024 * 1024,
        _whole,
        "that one worker holds for all of its requests at once, from decoding to the last byte "
        "sent; those that find no room wait as for a turn",
        "bytes",
        limit="memory",
    )
    nodes_limit: int = setting(_LIMITS.nodes, _whole, "in one graph", "nodes", limit="nodes")
    elements_limit: int = setting(
        _LIMITS.elements, _whole, "in one tensor", "numbers", limit="elements"
    )
    total_elements_limit: int = setting(
        _LIMITS.total_elements,
        _whole,
        "that one computation may hold at once, at 8 bytes each",
        "numbers",
        limit="total_elements",
    )
    cost_limit: int = setting(
        _LIMITS.cost,
        _whole,
        "of one computation, elementary ones: elements computed times passes",
        "operations",
        limit="cost",
    )
    expression_limit: int = setting(
        _LIMITS.expression, _whole, "of one expression", "characters", limit="expression"
    )
    deadline: float = setting(
        10.0,
        env.seconds,
        "from the last byte of a message to its answer; past it the answer is a 503",
        "seconds",
        limit="deadline",
    )
    concurrency: int = setting(
        4,
        env.whole(1, 1024),
        "at the same time in one worker, and as many short ones; others wait",
        "long computations",
    )
    patience: float = setting(
        5.0,
        env.seconds,
        "that a request waits for its turn, or for memory, before it gets a 503",
        "seconds",
        limit="patience",
    )
    sending: float = setting(
        120.0,
        env.seconds,
        "that sending one answer, or one batch of a stream, may take",
        "seconds",
        limit="sending",
    )
    rate_limit: int = setting(
        0,
        env.whole(0),
        "a minute that one address may make to one worker, before it gets a 429; 0 is no limit; "
        "behind a proxy, set GRADIENT_TRUSTED_PROXIES, or all clients count as one",
        "requests",
    )
    stream_buffer: int = setting(
        64 * 1024 * 1024,
        _whole,
        "of an NDJSON request kept for a client that sends everything before it reads",
        "bytes",
    )
    cors_origins: tuple[str, ...] = setting(
        (),
        env.origins,
        "origins whose pages may call the service from a browser, separated by spaces; "
        "`*` allows all",
    )
    trusted_proxies: tuple[Network, ...] = setting(
        (),
        env.networks,
        "addresses and networks, separated by spaces, whose X-Forwarded-For and "
        "X-Forwarded-Proto are believed: those of the proxies in front",
    )
    access_log: bool = setting(
        True, env.switch, "whether each request is logged, as one line of JSON on standard error"
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """The defaults, overridden by what the environment sets; SettingError says what is wrong,
        a misspelled GRADIENT_ variable included.
        """
        # GRADIENT_PORT is docker-compose.yml's.
        env.refuse_misspelled(environment, cls.prefix, {*names()} - {"HOST", "PORT"})
        return cls(**env.read(cls, environment))

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


@dataclass(frozen=True)
class ProcessSettings:
    """The settings of `gunicorn.conf.py`, and where files are kept."""

    prefix: ClassVar[str] = ""

    host: str = setting("127.0.0.1", env.host, "where to listen; `0.0.0.0` is every address")
    port: int = setting(8000, env.whole(0, 65535), "where to listen; 0 takes a free one")
    workers: int | None = setting(
        None,
        env.whole(1, 1024),
        "processes that answer; by default one for each core, and at least two",
    )
    threads: int = setting(
        32,
        env.whole(1, 1024),
        "of each worker; most of them wait for clients, or for one of the turns that "
        "`GRADIENT_CONCURRENCY` gives",
        "threads",
    )
    log_level: str = setting(
        "info", env.level, f"the least that is logged about the processes: {', '.join(env.LEVELS)}"
    )
    prometheus_multiproc_dir: str | None = setting(
        None,
        str,
        "the folder where workers keep their counts for `/metrics`, emptied at the start; by "
        "default a temporary one",
    )
    kernel_cache: str | None = setting(
        None,
        str,
        "the folder where the compiled kernel is kept, which nobody else may write; by default "
        "`gradient-service/kernel` in the user's cache folder",
        variable="GRADIENT_KERNEL_CACHE",
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> ProcessSettings:
        """The defaults, overridden by what the environment sets, as for Settings."""
        return cls(**env.read(cls, environment))


def names() -> Iterator[str]:
    """The variable of every setting."""
    for cls in (ProcessSettings, Settings):
        for each in fields(cls):
            yield env.variable(cls, each)


def table(cls: type[Settings | ProcessSettings]) -> str:
    """The settings as a Markdown table: variable, default, meaning."""
    rows = ["| variable | default | what it is |", "|---|---|---|"]
    for each in fields(cls):
        shown = "none" if each.default in {(), None} else str(each.default).lower()
        default = f"{shown} {each.metadata['unit']}".strip()
        rows.append(f"| `{env.variable(cls, each)}` | {default} | {each.metadata['doc']} |")
    return "\n".join(rows)
