"""Whatever the bytes, the answer is an answer or a problem, and never the service's fault."""

from __future__ import annotations

import gzip
import json
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings, strategies as st

from autograd_core.operations import TABLE
from service.problem_types import CODES

pytestmark = pytest.mark.contract
many = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])

more = settings(many, max_examples=160)

NAMES = st.sampled_from(["x", "y", "f", "g", "%1", "pi", "", "θ", "_schema", "a/b"])
NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**70), 2**70),
    st.sampled_from([0, 1, -1, 2, 0.5, "NaN", "Infinity", "-Infinity", 10**400, True, None, "1"]),
)
TENSORS = st.recursive(NUMBERS, lambda inner: st.lists(inner, max_size=3), max_leaves=6) | (
    st.fixed_dictionaries(
        {"shape": st.lists(st.integers(-1, 3), max_size=3)},
        optional={
            "data": st.lists(NUMBERS, max_size=4),
            "base64": st.sampled_from(["", "AAAAAAAA8D8=", "AAAAAAAA8D8", "!"]),
        },
    )
)
JUNK = st.recursive(
    NUMBERS | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
NODES = st.recursive(
    NAMES | TENSORS,
    lambda inner: st.fixed_dictionaries(
        {"op": st.sampled_from([*TABLE, "*", "mull"]), "args": st.lists(inner, max_size=3)},
        optional={
            "id": NAMES,
            "attrs": st.dictionaries(
                st.sampled_from(["axis", "keepdims", "shape", "equation", "indices", "alpha"]),
                JUNK | st.sampled_from([0, -1, [0], True, [1, -1], "ij->i", "i,i->"]),
                max_size=2,
            ),
        },
    ),
    max_leaves=6,
)
TEXTS = st.text("xyf0123456789.+-*/^@()[]{}=<>,;:!e\n \"'", max_size=25) | st.sampled_from(
    ["x*y", "sum(x, axis=0)", "where(x > 0, sqrt(x), 0)", "x @ y", "x[0]", "f = x*y; f/x"]
)
CHECKS = st.booleans() | st.fixed_dictionaries(
    {},
    optional={
        "method": st.sampled_from(["richardson", "central", "forward", "backward", "complex", ""]),
        "step": st.sampled_from([1e-3, 5e-324, 1e308, 0, "auto", "x"]),
        "rtol": NUMBERS,
        "atol": NUMBERS,
        "directions": st.sampled_from([1, 2, 0, 1.5]),
    },
)
MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "graph": st.fixed_dictionaries({"nodes": st.lists(NODES, max_size=4)}) | JUNK,
        "expression": TEXTS | JUNK,
        "bindings": st.dictionaries(NAMES, TENSORS, max_size=3) | JUNK,
        "output": NAMES,
        "outputs": st.lists(NAMES, max_size=3),
        "wrt": st.lists(NAMES, max_size=3),
        "map": st.lists(NAMES, max_size=2),
        "check": CHECKS | JUNK,
        "include": st.lists(st.sampled_from(["nodes", "cost", "x"]), max_size=2),
        "tensors": st.sampled_from(["base64", "nested", "x"]),
        "nonfinite": st.sampled_from(["report", "reject", "null", 1]),
        "extra": JUNK,
    },
)


def assert_sound(reply: Any) -> None:
    """An answer, or a problem that is the caller's."""
    assert reply.status_code in {200, 400, 422}, reply.text
    body = orjson.loads(reply.data)
    if reply.status_code != 200:
        assert reply.mimetype == "application/problem+json"
        assert body["status"] == reply.status_code
        assert {error["code"] for error in body.get("errors", [])} <= CODES.keys()
        assert len(body.get("errors", [])) <= 50


@many
@given(st.binary(max_size=60))
@example(b"")
@example(b"\x00")
@example(b"1e999")
@example(b'"\\ud800"')
@example(b'{"expression": "\\u0000"}')
@example(b"[" * 5000)
def test_bytes(client: FlaskClient, body: bytes) -> None:
    for path in ("/gradient", "/evaluate"):
        assert_sound(client.post(path, data=body, content_type="application/json"))


@many
@given(st.binary(max_size=60))
def test_bytes_as_gzip(client: FlaskClient, body: bytes) -> None:
    for data in (body, gzip.compress(body), gzip.compress(b"{}") + body):
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        assert_sound(client.post("/gradient", data=data, headers=headers))


@many
@given(st.binary(max_size=60) | st.text('{}[]"\n:,id1ex ', max_size=40).map(str.encode))
def test_bytes_as_a_stream(client: FlaskClient, body: bytes) -> None:
    reply = client.post("/gradient", data=body, content_type="application/x-ndjson")
    assert reply.status_code == 200
    for line in reply.data.split(b"\n")[:-1]:
        answer = orjson.loads(line)
        assert list(answer)[:3] == ["id", "line", "status"]
        assert answer["status"] in {200, 400, 422}


@pytest.mark.slow
@more
@given(MESSAGES)
def test_messages(client: FlaskClient, message: dict[str, Any]) -> None:
    body = json.dumps(message)
    for path in ("/gradient", "/evaluate"):
        assert_sound(client.post(path, data=body, content_type="application/json"))


@pytest.mark.slow
@more
@given(
    st.lists(NODES, min_size=1, max_size=3),
    st.dictionaries(st.sampled_from(["x", "y"]), TENSORS, min_size=2),
    CHECKS,
)
def test_messages_that_are_nearly_right(
    client: FlaskClient, nodes: list[Any], bindings: dict[str, Any], check: Any
) -> None:
    message = {
        "graph": {"nodes": nodes},
        "bindings": bindings,
        "check": check,
        "include": ["nodes", "cost"],
    }
    reply = client.post("/gradient", data=json.dumps(message), content_type="application/json")
    assert_sound(reply)


@many
@given(JUNK)
def test_any_json(client: FlaskClient, value: Any) -> None:
    assert_sound(client.post("/gradient", data=json.dumps(value), content_type="application/json"))
