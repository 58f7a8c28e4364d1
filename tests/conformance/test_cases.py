"""Every case of tests/conformance/cases against the service as it is really run.

A case is a request and what its answer must contain. The expected numbers come from mpmath at
50 digits, from PyTorch and from pencil and paper, never from this project; they hold to 12 digits
where a case does not say otherwise.
"""

from __future__ import annotations

import json
from math import isclose
from pathlib import Path
from typing import Any

import pytest
import requests

FOLDER = Path(__file__).parent / "cases"
# Cases for endpoints that are not there yet.
LATER = {"grade"}
TOLERANCES = 1e-12, 0.0  # relative, absolute


def cases() -> list[Any]:
    return [
        pytest.param(case, id=case["name"])
        for file in sorted(FOLDER.glob("*.json"))
        if file.stem not in LATER
        for case in json.loads(file.read_text())
    ]


def body_of(case: dict[str, Any]) -> bytes:
    """The bytes to post: given in hexadecimal, as text, or as JSON, in this order."""
    if "raw_bytes_hex" in case:
        return bytes.fromhex(case["raw_bytes_hex"])
    if "raw" in case:
        return str(case["raw"]).encode()
    return json.dumps(case["request"]).encode()


def holds(expected: Any, found: Any, rtol: float, atol: float) -> bool:
    """Whether an answer contains what is expected of it.

    Objects may have further members. In a list of objects each expected one must be somewhere;
    other lists agree entry by entry. Numbers agree within the tolerances, and true is no 1.
    """
    match expected:
        case None | bool() | str():
            return type(expected) is type(found) and expected == found
        case int() | float():
            number = isinstance(found, int | float) and not isinstance(found, bool)
            return number and isclose(expected, found, rel_tol=rtol, abs_tol=atol)
        case dict():
            return isinstance(found, dict) and all(
                name in found and holds(value, found[name], rtol, atol)
                for name, value in expected.items()
            )
    if not isinstance(found, list):
        return False
    if expected and all(isinstance(entry, dict) for entry in expected):
        return all(any(holds(want, got, rtol, atol) for got in found) for want in expected)
    return len(expected) == len(found) and all(
        holds(want, got, rtol, atol) for want, got in zip(expected, found, strict=True)
    )


@pytest.fixture(scope="module")
def session() -> requests.Session:
    with requests.Session() as kept_alive:
        yield kept_alive


@pytest.mark.live
@pytest.mark.parametrize("case", cases())
def test_case(case: dict[str, Any], server: Any, session: requests.Session) -> None:
    kind = case.get("content_type", "application/json")
    reply = session.post(
        server.url + case["endpoint"],
        data=body_of(case),
        headers={"Content-Type": kind},
        timeout=60,
    )
    wanted = case.get("status", 200)
    assert reply.status_code in (wanted if isinstance(wanted, list) else [wanted]), reply.text[:500]
    if reply.status_code >= 400:
        assert reply.headers["Content-Type"] == "application/problem+json"
    rtol, atol = TOLERANCES
    tolerances = case.get("rtol", rtol), case.get("atol", atol)
    assert holds(case["expect"], reply.json(), *tolerances), reply.text[:500]


@pytest.mark.parametrize(
    "expected, found, verdict",
    [
        (1, 1.0, True),
        (1.0, True, False),
        (True, 1, False),
        (0.0, None, False),
        (2.0, 2.0 + 1e-12, True),
        (2.0, 2.0 + 1e-11, False),
        (1e-300, 0.0, False),
        ("NaN", "NaN", True),
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1}, {"b": 2}, False),
        ([1, 2], [1, 2, 3], False),
        ([{"a": 1}], [{"b": 2}, {"a": 1, "c": 3}], True),
        ([{"a": 1}], [{"a": 2}], False),
        ([], [1], False),
        ([1], {"0": 1}, False),
    ],
)
def test_matching(expected: Any, found: Any, verdict: bool) -> None:
    assert holds(expected, found, *TOLERANCES) is verdict
