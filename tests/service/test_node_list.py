"""Long messages whose list of nodes is not decoded: answered as if it were."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings, strategies as st

from service.transport import node_list, wire
from tests.contract.messages import MEMBERS, messages

COUNT = 600
NODES = [{"id": "n0", "op": "mul", "args": ["a", "b"]}] + [
    {"id": f"n{k}", "op": "add", "args": [f"n{k - 1}", 0.5]} for k in range(1, COUNT)
]
LONG: dict[str, Any] = {"graph": {"nodes": NODES}, "bindings": {"a": 2, "b": -3}}


class Decoded:
    """Lengths of what was decoded."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lengths: list[int] = []
        decode = wire.decode

        def counting(body: bytes) -> Any:
            self.lengths.append(len(body))
            return decode(body)

        monkeypatch.setattr(wire, "decode", counting)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Decoded:
    return Decoded(monkeypatch)


def posted(client: FlaskClient, endpoint: str, body: bytes) -> tuple[int, bytes]:
    headers = {"Content-Type": "application/json", "X-Request-Id": "the-same"}
    reply = client.post(f"/{endpoint}", data=body, headers=headers)
    return reply.status_code, reply.data


def both_ways(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, endpoint: str, body: bytes
) -> tuple[tuple[int, bytes], tuple[int, bytes]]:
    """The answer, and the answer where everything is decoded."""
    found = posted(client, endpoint, body)
    with monkeypatch.context() as patch:
        patch.setattr(node_list, "is_long", lambda _: False)
        return found, posted(client, endpoint, body)


def change(**members: Any) -> dict[str, Any]:
    return {**LONG, **members}


def with_nodes(*more: Any) -> dict[str, Any]:
    return change(graph={"nodes": [*NODES, *more]})


def listed(**members: Any) -> dict[str, Any]:
    return {"id": "last", "op": "neg", "args": ["n5"], **members}


BODIES: dict[str, str | dict[str, Any]] = {
    "plain": LONG,
    "an output by name": change(output="n7"),
    "by a node": change(wrt=["n3", "a"]),
    "with a trace": change(include=["nodes", "cost"]),
    "with a check": change(check=True),
    "mapped": change(bindings={"a": [1, 2, 3], "b": 2}, map=["a"]),
    "of tensors": change(bindings={"a": [1, 2, 3], "b": 2}),
    "in any order": change(graph={"nodes": NODES[::-1]}),
    "another member before": {"bindings": LONG["bindings"], "wrt": ["b"], "graph": LONG["graph"]},
    # Left to the decoder:
    "attributes": with_nodes({"id": "s", "op": "sum", "args": ["n1"], "attrs": {"axis": None}}),
    "a name not of ASCII": with_nodes(listed(id="é")),
    "unbound": with_nodes(listed(args=["nn"])),
    "unknown operation": with_nodes(listed(op="nge")),
    "too many operands": with_nodes(listed(args=["n1", "n2"])),
    "no id": with_nodes({"op": "neg", "args": ["n4"]}),
    "an id taken": with_nodes(listed(id="n9")),
    "a name clash": with_nodes(listed(id="a")),
    "a cycle": with_nodes(listed(args=["also"]), {"id": "also", "op": "neg", "args": ["last"]}),
    "two sinks": with_nodes(listed()),
    "a number beyond binary64": with_nodes(listed(args=[10**400])),
    "an unknown member": change(outptu="n1"),
    "a bad binding": change(bindings={"a": "two", "b": -3}),
    "no bindings": {"graph": LONG["graph"]},
    "bindings that are a list": change(bindings=[1]),
    "two functions": change(expression="a*b"),
    "columns as well": change(graph={"nodes": NODES, "columns": {}}),
    "another member of the graph": change(graph={"nodes": NODES, "edges": []}),
    "nodes elsewhere": {"nodes": NODES, "bindings": {}},
    "nodes deeper": change(graph={"graph": {"nodes": NODES}}),
    "nodes elsewhere first": {"other": {"nodes": NODES}, **LONG},
    "graph is a list": change(graph=[{"nodes": NODES}]),
    "twice": json.dumps(LONG)[:-1] + ', "graph": {"nodes": []}}',
    "nodes twice": '{"graph": {"nodes": %s, "nodes": []}, "bindings": {}}' % json.dumps(NODES),  # noqa: UP031 - braces
    "broken after the list": json.dumps(LONG)[:-1] + ",}",
    "broken in the list": json.dumps(LONG).replace('"n77"', '"n77', 1),
    "a bracket too few": json.dumps(LONG)[:-2],
    "not UTF-8": json.dumps(LONG, ensure_ascii=False).replace("n0", "n\udcff"),
    "deep": json.dumps(LONG)[:-1] + ', "wrt": ' + "[" * 200 + "]" * 200 + "}",
}


@pytest.mark.parametrize("what", BODIES)
@pytest.mark.parametrize("endpoint", ["gradient", "evaluate", "derive"])
def test_the_answer_is_the_same_to_the_byte(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, endpoint: str, what: str
) -> None:
    body = BODIES[what]
    text = body if isinstance(body, str) else json.dumps(body)
    raw = text.encode("utf-8", "surrogateescape")
    assert node_list.is_long(raw)
    found, expected = both_ways(client, monkeypatch, endpoint, raw)
    assert found == expected


def test_the_list_is_not_decoded(client: FlaskClient, decoded: Decoded) -> None:
    status, answer = posted(client, "gradient", orjson.dumps(LONG))
    assert (status, orjson.loads(answer)["gradients"]) == (200, {"a": -3.0, "b": 2.0})
    assert len(decoded.lengths) == 1
    assert decoded.lengths[0] < 100


@pytest.mark.parametrize(
    "body",
    [
        {"graph": {"nodes": NODES[:400]}, "bindings": {"a": 2, "b": -3}},  # it is remembered
        with_nodes(listed(op="nge")),
    ],
)
def test_others_are_decoded_whole(
    client: FlaskClient, decoded: Decoded, body: dict[str, Any]
) -> None:
    raw = orjson.dumps(body)
    posted(client, "gradient", raw)
    assert decoded.lengths[-1] == len(raw)


def test_a_line_of_a_stream_is_read_alike(client: FlaskClient, decoded: Decoded) -> None:
    line = orjson.dumps({"id": 1, **LONG})
    kind = {"Content-Type": "application/x-ndjson"}
    reply = client.post("/gradient", data=b"%b\n%b\n" % (line, line), headers=kind)
    answers = [orjson.loads(each) for each in reply.data.splitlines()]
    assert [(each["id"], each["status"]) for each in answers] == [(1, 200), (1, 200)]
    assert max(decoded.lengths) < 100


# Whole messages ----------------------------------------------------------------------------


@pytest.mark.contract
@pytest.mark.slow
@pytest.mark.parametrize("endpoint", sorted(MEMBERS))
def test_any_message_is_answered_the_same(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    """As in the tests of whole messages, but with short lists scanned, too."""
    cut = node_list.cut
    monkeypatch.setattr(node_list, "cut", lambda body, limits, _: cut(body, limits, 0))
    monkeypatch.setattr(node_list, "is_long", lambda _: True)

    @settings(max_examples=30, suppress_health_check=list(HealthCheck))
    @given(messages(endpoint), st.sampled_from([json.dumps, orjson.dumps]))
    def holds(message: Any, form: Callable[[Any], Any]) -> None:
        try:
            written = form(message)
        except (TypeError, ValueError):  # orjson has no integers of more than 64 bits
            written = json.dumps(message)
        raw = written if isinstance(written, bytes) else written.encode()
        found, expected = both_ways(client, monkeypatch, endpoint, raw)
        assert found == expected

    holds()
