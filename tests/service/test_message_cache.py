"""What is read of a message, how often, and that remembering changes no answer."""

from __future__ import annotations

import gc
import threading
from typing import Any

import orjson
import pytest
from cachetools import LRUCache
from flask.testing import FlaskClient

from autograd_core import Graph, Limits, parse
from autograd_core.engines import compiled
from autograd_core.engines.tape import lowering
from autograd_core.nodes import sorting
from service.messages import graph_cache
from service.messages.message import MessageSchema
from service.messages.message_cache import MessageReader
from service.transport import wire

GRAPH = {
    "nodes": [
        {"id": "e", "op": "mul", "args": ["a", "b"]},
        {"id": "d", "op": "add", "args": ["e", "c"]},
    ]
}


class Counts:
    """How often some functions were called since the last look."""

    def __init__(self) -> None:
        self.of: dict[str, int] = {}

    def taken(self) -> dict[str, int]:
        taken, self.of = self.of, {}
        return taken


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    counted = Counts()

    def count(owner: Any, name: str, label: str) -> None:
        function = getattr(owner, name)

        def counting(*arguments: Any, **more: Any) -> Any:
            counted.of[label] = counted.of.get(label, 0) + 1
            return function(*arguments, **more)

        monkeypatch.setattr(owner, name, counting)

    graph_cache._graphs.clear()
    count(wire.orjson, "loads", "parse")
    count(MessageSchema, "load", "validate")
    count(graph_cache, "read_nodes", "read nodes")
    count(sorting, "evaluation_order", "sort")
    count(compiled, "lower", "compile")
    count(lowering.kernel, "order", "order")
    return counted


def ask(client: FlaskClient, name: str, **bindings: float) -> Any:
    nodes = [{**GRAPH["nodes"][0], "id": name}, {**GRAPH["nodes"][1], "args": [name, "c"]}]
    message = {"graph": {"nodes": nodes}, "bindings": bindings}
    reply = client.post("/gradient", data=orjson.dumps(message), content_type="application/json")
    assert reply.status_code == 200
    return reply.get_json()


def test_a_new_message_is_parsed_validated_read_and_sorted_once(
    client: FlaskClient, counts: Counts
) -> None:
    ask(client, "first", a=2.0, b=-3.0, c=10.0)
    assert counts.taken() == {
        "parse": 1,
        "validate": 1,
        "read nodes": 1,
        "compile": 1,
        "order": 1,
    }


def test_other_numbers_are_parsed_and_nothing_else_is_done_again(
    client: FlaskClient, counts: Counts
) -> None:
    ask(client, "second", a=2.0, b=-3.0, c=10.0)
    counts.taken()
    for a in (5.0, 7.0):
        found = ask(client, "second", a=a, b=-3.0, c=10.0)
        assert found["value"] == -3.0 * a + 10.0
        assert found["gradients"] == {"a": -3.0, "b": a, "c": 1.0}
        assert counts.taken() == {"parse": 1}


def test_other_options_validate_and_keep_the_graph(client: FlaskClient, counts: Counts) -> None:
    ask(client, "third", a=2.0, b=-3.0, c=10.0)
    counts.taken()
    nodes = [{**GRAPH["nodes"][0], "id": "third"}, {**GRAPH["nodes"][1], "args": ["third", "c"]}]
    message = {"graph": {"nodes": nodes}, "bindings": {"a": 2.0, "b": -3.0, "c": 10.0}}
    more = orjson.dumps({**message, "include": ["cost"]})
    client.post("/gradient", data=more, content_type="application/json")
    assert counts.taken() == {"parse": 1, "validate": 1}


@pytest.mark.parametrize(
    "bindings, pointer, code",
    [
        ({"x": True}, "/bindings/x", "not_a_number"),
        ({"x": [[1.0], [2.0, 3.0]]}, "/bindings/x", "ragged_tensor"),
        ({"y": 1.0}, "/expression", "unbound_name"),
        ({"x": None}, "/bindings/x", "not_a_number"),
        ([1.0], "/bindings", "wrong_type"),
    ],
)
def test_a_remembered_message_refuses_what_a_new_one_does(
    client: FlaskClient, bindings: Any, pointer: str, code: str
) -> None:
    for numbers in ({"x": 2.0}, bindings):
        reply = client.post("/gradient", json={"expression": "x*x*x*x", "bindings": numbers})
    errors = reply.get_json()["errors"]
    assert [(error["pointer"], error["code"]) for error in errors] == [(pointer, code)]


def test_shapes_may_change_under_a_remembered_message(client: FlaskClient) -> None:
    for x, value in ((3.0, 9.0), ([1.0, 2.0], 5.0), ("Infinity", "Infinity"), (2, 4.0)):
        message = {"expression": "sum(x*x)", "bindings": {"x": x}}
        assert client.post("/gradient", json=message).get_json()["value"] == value


def test_directions_are_numbers_too(client: FlaskClient, counts: Counts) -> None:
    for step in (1.0, 2.0):
        message = {"expression": "x**3", "bindings": {"x": 2.0}, "tangents": {"x": step}}
        found = client.post("/jvp", json=message).get_json()
        assert found["jvp"] == {"value": 12.0 * step}
    assert counts.taken()["validate"] == 1


def test_the_least_recently_used_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["x + 1", "x + 2", "x + 3"]
    room = 2 * graph_cache.size_of(parse(texts[0]))
    monkeypatch.setattr(graph_cache, "_graphs", LRUCache(room, getsizeof=graph_cache.size_of))
    first, second = (graph_cache.graph_of_text(text, Limits()) for text in texts[:2])
    assert graph_cache.graph_of_text(texts[0], Limits()) is first
    graph_cache.graph_of_text(texts[2], Limits())
    assert graph_cache.graph_of_text(texts[0], Limits()) is first
    assert graph_cache.graph_of_text(texts[1], Limits()) is not second


def test_what_is_remembered_has_a_bound_whatever_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    room = 1_000_000
    kept = LRUCache(room, getsizeof=graph_cache.size_of)
    monkeypatch.setattr(graph_cache, "_graphs", kept)
    for count in (2, 400):
        for k in range(100):
            names = [f"x{count}_{k}_{j}" for j in range(count)]
            graph_cache.graph_of_nodes([{"op": "add", "args": names}], names, Limits())
        assert kept.currsize <= room
    assert len(kept) < 10


def test_threads_share_what_is_remembered() -> None:
    reader = MessageReader(MessageSchema())
    wrong: list[Any] = []

    def work() -> None:
        for k in range(300):
            message = reader.load({"expression": f"x + {k % 40}", "bindings": {"x": float(k)}})
            if message.arguments["bindings"] != {"x": float(k)}:
                wrong.append(message)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(reader._known) == 40


def test_what_is_remembered_of_a_message_has_no_numbers() -> None:
    reader = MessageReader(MessageSchema())
    value = {"expression": "sum(x)", "bindings": {"x": [0.5] * 1000}}
    message = reader.load(value)
    assert message.arguments["bindings"]["x"].shape == (1000,)
    (known,) = reader._known.values()
    assert known.arguments["bindings"] == {}
    assert reader.load(value).arguments["bindings"]["x"].shape == (1000,)


def test_a_graph_with_a_long_tensor_is_not_remembered() -> None:
    graph_cache._graphs.clear()
    for length, kept in ((10, 1), (100_000, 1), (10, 1)):
        nodes = [{"id": "y", "op": "mul", "args": ["x", [0.5] * length]}]
        graph_cache.graph_of_nodes(nodes, ["x"], Limits())
        assert len(graph_cache._graphs) == kept


def test_a_large_graph_is_let_go_with_its_request(client: FlaskClient) -> None:
    nodes = [{"id": f"n{k}", "op": "neg", "args": ["x"]} for k in range(5_000)]
    body = orjson.dumps({"graph": {"nodes": nodes}, "bindings": {"x": 1}, "output": "n7"})
    gc.collect()
    gc.disable()
    try:
        assert (
            client.post("/gradient", data=body, content_type="application/json").status_code == 200
        )
        assert not [
            found for found in gc.get_objects() if type(found) is Graph and len(found) == 5_000
        ]
    finally:
        gc.enable()


@pytest.mark.slow
def test_a_refused_message_is_let_go_with_its_request(client: FlaskClient) -> None:
    body = orjson.dumps({"graph": {"nodes": [{"op": 7}] * 5_003}})
    gc.collect()
    gc.disable()
    try:
        assert (
            client.post("/gradient", data=body, content_type="application/json").status_code == 422
        )
        assert not [
            found for found in gc.get_objects() if type(found) is list and len(found) == 5_003
        ]
    finally:
        gc.enable()
