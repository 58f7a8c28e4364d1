"""What a decoded message would take, told from its bytes."""

from __future__ import annotations

import sys
from typing import Any

import orjson
import pytest

from service.app import create_app
from service.problems import Problem
from service.settings import Settings
from service.transport import json_size

LIMIT = Settings().decoded_limit
BODY = Settings().body_limit


def array_of(unit: bytes, count: int) -> bytes:
    return b"[" + b",".join([unit] * count) + b"]"


def filling(unit: bytes) -> bytes:
    """As many of a unit as a body may hold."""
    return array_of(unit, (BODY - 2) // (len(unit) + 1))


@pytest.mark.parametrize(
    "body",
    [
        array_of(b'{"op":"add","args":["x","y"]}', 1_000_000),
        filling(b'{"id":"n7","op":"mul","args":["n6",0.5]}'),
        array_of(b"0", 10_000_000),
        filling(b"0.5"),
        filling(b"0.1234567890123456"),
        array_of(b"[0,0]", 5_000_000),
        array_of(b"[0,0,0,0]", 2_500_000),
        filling(b"[0.5,1.5]"),
        filling(b"[0.5]"),
        filling(b"[-0.25,0.125,1.75]"),
        b'{"x":"' + b"A" * (BODY - 8) + b'"}',
    ],
    ids=lambda body: body[:30].decode(),
)
def test_what_a_graph_or_a_tensor_needs_is_allowed(body: bytes) -> None:
    assert len(body) <= BODY
    assert json_size.decoded(body, LIMIT, cheap=0) <= LIMIT


@pytest.mark.slow
@pytest.mark.parametrize("unit", [b"[]", b"{}", b'{"":0}', b"[[]]", b'{"x":"y"}', b'["x"]'])
def test_a_body_of_little_else_than_containers_is_refused(unit: bytes) -> None:
    body = filling(unit)
    with pytest.raises(Problem) as caught:
        json_size.decoded(body, LIMIT, cheap=LIMIT)
    (fault,) = caught.value.faults
    assert fault.code == "limit_exceeded"
    needed = f"{json_size.parts(body).size:,} bytes, over the limit of {LIMIT:,}"
    assert needed in fault.detail
    assert f"{body.count(b'['):,} lists, {body.count(b'{'):,} objects" in fault.detail


def held(value: Any) -> int:
    """Bytes that a decoded value takes, by Python's own account; small integers are shared."""
    size = 0
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if type(item) is list:
            waiting.extend(item)
        elif type(item) is dict:
            waiting.extend(item.values())
        if not (type(item) is int and -5 <= item <= 256):
            size += sys.getsizeof(item)
    return size


@pytest.mark.parametrize(
    "unit",
    [
        b"[]",
        b"{}",
        b'{"":0}',
        b"[0]",
        b"[0.5]",
        b'"ab"',
        b"1000",
        b"1.5",
        b"[[]]",
        b"[{}]",
        b'{"a":[]}',
        b'{"x":"y"}',
        b'["x"]',
        b'{"id":"n12345","op":"neg","args":["n12344"]}',
        b'{"a":1000,"b":1000,"c":1000,"d":1,"e":1,"f":1,"g":1,"h":1}',
    ],
    ids=lambda unit: unit.decode(),
)
def test_the_estimate_is_seldom_below_what_is_taken_and_never_far_above(unit: bytes) -> None:
    body = array_of(unit, 1000)
    ratio = json_size.parts(body).size / held(orjson.loads(body))
    assert 0.9 < ratio < 3.2


def test_members_with_names_of_their_own_count() -> None:
    body = b"{%b}" % b",".join(b'"k%d":0' % k for k in range(1000))
    decoded = orjson.loads(body)
    names = sum(map(sys.getsizeof, decoded))
    assert 0.9 < json_size.parts(body).size / (names + held(decoded)) < 2


@pytest.mark.parametrize("length, counted", [(100_000, 0), (1_000_000, 1), (12_000_000, 1)])
def test_a_body_is_counted_once_and_one_too_short_to_matter_never(
    monkeypatch: pytest.MonkeyPatch, length: int, counted: int
) -> None:
    lengths = []
    parts = json_size.parts
    monkeypatch.setattr(json_size, "parts", lambda body: lengths.append(len(body)) or parts(body))
    client = create_app(Settings(access_log=False)).test_client()
    body = b'{"expression": "2", "bindings": {}}'.ljust(length)
    reply = client.post("/gradient", data=body, content_type="application/json")
    assert reply.status_code == 200
    assert lengths == [length] * counted


def test_what_stands_in_strings_only_adds() -> None:
    plain = json_size.parts(b'["' + b"x" * 300 + b'"]')
    odd = json_size.parts(b'["' + b'[{:,\\"' * 50 + b'"]')
    assert odd.size > plain.size
    assert min(odd.strings, odd.numbers, odd.more_members) >= 0
