"""What an application needs of a request before it can begin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum


class Need(Enum):
    """What the application needs of a request's body before it can begin."""

    NOTHING = "it answers by the head alone"
    SOME = "the first bytes of a stream"
    LINE = "the first line of a stream"
    WHOLE = "all of it"


# What an application needs of a request, by its method, path and headers; their names are capitals.
Needs = Callable[[str, str, Mapping[str, str]], Need]


def whole(method: str, path: str, headers: Mapping[str, str]) -> Need:
    """What an application needs that says nothing about it."""
    return Need.WHOLE
