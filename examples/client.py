"""What the examples share: one request, and a URL from the command line."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import requests

URL = "http://127.0.0.1:8000"
PATIENCE = 60.0


class ProblemError(Exception):
    """The service said no, and why."""


def post(url: str, endpoint: str, message: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of an endpoint ("gradient", "hessian", ...) to a message.

    Raises ProblemError with what the service found wrong: its problem's detail and where
    in the message each fault is.
    """
    response = requests.post(f"{url}/{endpoint}", json=message, timeout=PATIENCE)
    answer: dict[str, Any] = response.json()
    if response.status_code == requests.codes.ok:
        return answer
    faults = [f"{fault['pointer']}: {fault['detail']}" for fault in answer.get("errors", [])]
    raise ProblemError("\n".join([f"{response.status_code} {answer['detail']}", *faults]))


def url_from_command_line() -> str:
    """The first argument of the program, or where `make serve` listens."""
    return sys.argv[1].rstrip("/") if len(sys.argv) > 1 else URL
