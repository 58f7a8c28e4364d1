"""How settings are read from environment variables, and what is said of one that cannot be.

A setting is a field of a frozen dataclass that has a `prefix`; the field's metadata has how it is
read, its unit and what it is for. Tables of settings and `GET /limits` are made of the same words.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, field, fields
from ipaddress import IPv6Address, ip_network
from typing import Any, Final

from service.access.addresses import Network

# The largest whole number that JSON carries to every language.
LARGEST: Final = 2**53 - 1
DAY: Final = 86_400.0
LEVELS: Final = ("debug", "info", "warning", "error", "critical")
# How alike two names are when one is taken for a misspelling of the other.
_ALIKE: Final = 0.7
_ORIGIN: Final = re.compile(r"\*|null|[a-z][a-z0-9+.-]*://[^/\s]+", re.IGNORECASE)
_HOST: Final = re.compile(r"[\w.-]+")


class SettingError(ValueError):
    """An environment variable holds something its setting cannot be; the text is one sentence."""


def setting(
    default: Any,
    read: Callable[[str], Any],
    doc: str,
    unit: str = "",
    *,
    limit: str = "",
    variable: str = "",
) -> Any:
    """A field that is a setting. doc: what it is, going on from the number and its unit. limit: its
    name in `GET /limits`, if it is one. variable: the one it is read from, if that is not its name.
    """
    metadata = {"doc": doc, "read": read, "unit": unit, "limit": limit, "variable": variable}
    return field(default=default, metadata=metadata)


def read(cls: type[Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """What the environment sets of a dataclass of settings; SettingError says what is wrong.

    A variable that is set but empty counts as not set, as compose files write it.
    """
    given: dict[str, Any] = {}
    for each in fields(cls):
        name = variable(cls, each)
        text = environment.get(name, "").strip()
        if text:
            try:
                given[each.name] = each.metadata["read"](text)
            except ValueError as error:
                raise SettingError(f"{name}={text!r}: {error}") from None
    return given


def variable(cls: type[Any], each: Field[Any]) -> str:
    """The environment variable that a field of a class of settings is read from."""
    own: str = each.metadata["variable"]
    return own or f"{cls.prefix}{each.name.upper()}"


def refuse_misspelled(environment: Mapping[str, str], prefix: str, known: Iterable[str]) -> None:
    """Raise SettingError for a variable that is a setting's name but for some letters.

    Others with the prefix are let be: a cluster sets GRADIENT_SERVICE_HOST for whom it calls
    `gradient`.
    """
    short = {name.removeprefix(prefix): name for name in known}
    for name in environment:
        if name.startswith(prefix) and name not in short.values():
            given = name.removeprefix(prefix)
            matches = difflib.get_close_matches(given, short, n=1, cutoff=_ALIKE)
            if matches:
                raise SettingError(
                    f"{name}: there is no such setting; is {short[matches[0]]} meant?"
                )


# What a text may be -------------------------------------------------------------------


def whole(least: int, most: int = LARGEST) -> Callable[[str], int]:
    """Reads a whole number; digits may be grouped by `_`."""

    def read_whole(text: str) -> int:
        digits = text.replace("_", "")
        if not re.fullmatch(r"\+?[0-9]{1,16}", digits) or not least <= int(digits) <= most:
            raise ValueError(f"expected a whole number from {least} to {most:,}")
        return int(digits)

    return read_whole


def seconds(text: str) -> float:
    """Reads a time."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= DAY:
        raise ValueError(f"expected a number of seconds, more than 0 and at most {DAY:g}")
    return value


def switch(text: str) -> bool:
    """Reads true or false."""
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if text.lower() not in known:
        raise ValueError("expected true or false")
    return known[text.lower()]


def level(text: str) -> str:
    """Reads the name of a level of logging."""
    if text.lower() not in LEVELS:
        raise ValueError(f"expected one of {', '.join(LEVELS)}")
    return text.lower()


def host(text: str) -> str:
    """Reads a name or an address; one of IPv6 gets its brackets."""
    if _HOST.fullmatch(text):
        return text
    try:
        return f"[{IPv6Address(text.removeprefix('[').removesuffix(']'))}]"
    except ValueError:
        raise ValueError("expected a host name or an address, without a port") from None


def origins(text: str) -> tuple[str, ...]:
    """Reads origins as browsers send them, without a path."""
    found = _words(text)
    for word in found:
        if not _ORIGIN.fullmatch(word):
            raise ValueError(f"expected origins like https://example.org or *, not {word!r}")
    return found


def networks(text: str) -> tuple[Network, ...]:
    """Reads addresses and networks."""
    return tuple(ip_network(word) for word in _words(text))


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())
