"""Lines that are computed together have the bytes of lines that are answered alone."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
import pytest
from flask import Flask
from hypothesis import given, settings, strategies as st

import service.transport.lines
from autograd_core.derivatives import plan
from autograd_core.engines.tape import tape
from service.app import create_app
from service.process import metrics
from service.process.capacity import Capacity
from service.settings import Settings
from service.transport import wire
from service.transport.bulk import answer_lines
from service.transport.rows import encode_rows

NODES = [
    {"id": "e", "op": "mul", "args": ["a", "b"]},
    {"id": "d", "op": "add", "args": ["e", "c"]},
]
GRAPH = {"graph": {"nodes": NODES}, "output": "d"}
# Messages without their bindings: functions, and what may be asked beside.
FUNCTIONS: list[dict[str, Any]] = [
    GRAPH,
    {"expression": "a*b + c"},
    {"expression": "a/b + log(c)"},
    {"expression": "sqrt(a)**2 + b*c"},
    {"expression": "0*log(a) + where(b > 0, sqrt(b), 0) + c"},
    {"expression": "a*b + c", "wrt": ["c", "a", "c"]},
    {"expression": "e = a*b; tanh(e) + c", "wrt": ["e", "a"]},
    {"expression": "exp(a)*b - sin(c)"},
    {"expression": "3"},
    {"expression": "a*unbound"},
    {"expression": "sum(a) + b + c"},
]
MORE: list[dict[str, Any]] = [
    {},
    {},
    {},
    {"check": True},
    {"include": ["nodes"]},
    {"include": ["cost"]},
    {"nonfinite": "reject"},
    {"nonfinite": "null"},
    {"tensors": "base64"},
    {"map": []},
    {"unknown": 1},
]
NUMBERS = st.one_of(
    st.floats(-5, 5),
    st.sampled_from([0.0, -0.0, 1.0, 1e308, -1e-320, 0.1, 1e16, 1e-7]),
    st.integers(-3, 3),
    st.sampled_from([2**53 + 1, 2**63, 10**30]),
    st.sampled_from(["NaN", "Infinity", True, None, "1", [1.0], [[0.5, 2]]]),
)
ORDINARY = st.floats(0.1, 5)
LABELS = st.one_of(
    st.integers(-1, 10**20), st.sampled_from([None, True, 1.5, "x", 'a"%b\n', "é", {}, []])
)


@st.composite
def lines(draw: st.DrawFn) -> list[bytes]:
    """Runs of lines alike, with something odd among them."""
    found: list[bytes] = []
    for _ in range(draw(st.integers(1, 4))):
        message = draw(st.sampled_from(FUNCTIONS)) | draw(st.sampled_from(MORE))
        numbers = draw(st.sampled_from([ORDINARY, ORDINARY, NUMBERS]))
        names = draw(st.sampled_from([["a", "b", "c"], ["c", "a", "b"], ["a", "b", "c", "é%s"]]))
        for _ in range(draw(st.integers(1, 6))):
            line = {**message, "bindings": {name: draw(numbers) for name in names}}
            if draw(st.booleans()):
                line = {"id": draw(LABELS), **line}
            found.append(json.dumps(line, ensure_ascii=False).encode())
        if draw(st.booleans()):
            odd = [b"{", b"[]", b'{"id": 3}', b"\xff", b'{"id": 7, "expression": 1e999}', b""]
            found.append(draw(st.sampled_from(odd)))
    return found


def streamed(app: Flask, endpoint: str, text: bytes) -> bytes:
    reply = app.test_client().post(
        f"/{endpoint}", data=text, headers={"Content-Type": "application/x-ndjson"}
    )
    assert reply.status_code == 200
    return reply.data


def by_itself(app: Flask, endpoint: str, text: bytes) -> bytes:
    """The answers to lines, each sent in a stream of its own, after as many blank lines."""
    return b"".join(
        streamed(app, endpoint, b"\n" * number + line)
        for number, line in enumerate(text.split(b"\n"))
    )


@pytest.mark.parametrize("endpoint", ["gradient", "evaluate"])
@settings(max_examples=60)
@given(found=lines())
def test_random_mixtures(app: Flask, endpoint: str, found: list[bytes]) -> None:
    text = b"\n".join(found)
    assert streamed(app, endpoint, text) == by_itself(app, endpoint, text)


def alike(count: int, message: dict[str, Any] = GRAPH) -> list[bytes]:
    return [
        orjson.dumps({**message, "id": k, "bindings": {"a": 2.0 + k, "b": -k / 7, "c": 0.1 * k}})
        for k in range(count)
    ]


class Counted:
    """How often something is called."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        self.calls = 0
        original = getattr(owner, name)

        def counting(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            return original(*arguments, **named)

        monkeypatch.setattr(owner, name, counting)


def test_lines_alike_are_decoded_once_each_and_swept_once_in_all(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = b"\n".join([*alike(101), b""])
    streamed(app, "gradient", text)  # the function is known from now on
    loads = Counted(monkeypatch, wire, "decode")
    sweeps = Counted(monkeypatch, tape, "gradients")
    alone = Counted(monkeypatch, tape, "gradient")
    plans = Counted(monkeypatch, plan, "_link")
    places = Counted(monkeypatch, Capacity, "enter")
    assert streamed(app, "gradient", text).count(b'"status":200') == 101
    counts = [each.calls for each in (loads, sweeps, alone, plans, places)]
    assert counts == [101, 1, 0, 0, 1]


def test_a_defect_of_computing_together_costs_no_answer(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(results: Any) -> Any:
        raise RuntimeError("broken")

    text = b"\n".join(alike(5))
    expected = streamed(app, "gradient", text)
    monkeypatch.setattr(service.transport.lines, "encode_rows", broken)
    assert streamed(app, "gradient", text) == expected
    assert "lines alike could not be computed together" in caplog.messages


def test_a_line_that_is_alone_is_decoded_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = alike(2), alike(2, {"expression": "a*b - c"})
    checked = alike(2, GRAPH | {"check": True})
    text = b"\n".join([one[0], other[0], one[1], other[1], *checked])
    streamed(app, "gradient", text)
    loads = Counted(monkeypatch, wire, "decode")
    streamed(app, "gradient", text)
    assert loads.calls == 6


def test_a_line_that_has_something_to_warn_of_harms_no_other(app: Flask) -> None:
    lines = alike(9, {"expression": "a*b + log(c)"})
    lines[4] = lines[4].replace(b'"c":0.4', b'"c":-0.4')
    found = [json.loads(line) for line in streamed(app, "gradient", b"\n".join(lines)).splitlines()]
    assert [line["line"] for line in found] == list(range(1, 10))
    assert [bool(line["result"]["warnings"]) for line in found] == [
        number in {0, 4} for number in range(9)
    ]
    assert found[4]["result"]["value"] == "NaN"
    assert found[5]["result"]["value"] == 7.0 * (-5 / 7) + math.log(0.5)


def test_each_line_is_counted(app: Flask) -> None:
    def counted() -> tuple[float, ...]:
        text = metrics.exposition().decode()
        lines = [line.split(" ") for line in text.splitlines() if line.startswith("gradient_nodes")]
        return tuple(float(value) for name, value in lines if "_created" not in name)

    before = counted()
    text = b"\n".join(alike(50))
    by_itself(app, "gradient", text)
    alone = [b - a for a, b in zip(before, counted(), strict=True)]
    before = counted()
    streamed(app, "gradient", text)
    assert [b - a for a, b in zip(before, counted(), strict=True)] == alone


@pytest.mark.parametrize(
    "limits",
    [
        {"answer_limit": 300},
        {"decoded_limit": 2_000},
        {"body_limit": 160},
        {"deadline": 0.0},
        {"memory_limit": 2_000_000},
    ],
)
def test_limits_are_those_of_each_line(limits: dict[str, Any]) -> None:
    app = create_app(Settings(access_log=False, **limits))
    text = b"\n".join(alike(20))
    assert streamed(app, "gradient", text) == by_itself(app, "gradient", text)


def test_a_place_that_is_not_free_is_missed_by_each_line() -> None:
    app = create_app(Settings(access_log=False, concurrency=1, patience=0.001))
    text = b"\n".join(alike(20))
    streamed(app, "gradient", text)
    with app.extensions["exchanges"]["gradient"].budgets.new().computing(100):
        found = streamed(app, "gradient", text)
    assert found.count(b'"status":503,"problem"') == 20


def test_memory_is_given_back(app: Flask) -> None:
    memory = app.extensions["exchanges"]["gradient"].budgets.memory
    streamed(app, "gradient", b"\n".join(alike(1000)))
    assert memory.left == memory.size


def test_rows_are_written_as_each_is(app: Flask) -> None:
    numbers = np.array([0.1, -0.0, 1e16, 1e-7, 5e-324, 1.7976931348623157e308, 3.0])
    names = {'a"%b\n': numbers, "%s": numbers[::-1]}
    shared = {"warnings": [], "more": [{"n%": numbers}, "100 %", 0.1]}
    rows = encode_rows({"value": numbers, "gradients": names, **shared}, len(numbers))
    assert rows == [
        wire.encode(
            {
                "value": float(number),
                "gradients": {name: float(column[row]) for name, column in names.items()},
                **shared,
                "more": [{"n%": float(number)}, "100 %", 0.1],
            }
        )
        for row, number in enumerate(numbers)
    ]
    assert encode_rows({"100 %": ["%s"]}, 2) == [b'{"100 %":["%s"]}'] * 2


@pytest.mark.parametrize("endpoint", ["gradient", "jvp", "grade"])
def test_without_a_server_the_answers_are_the_same(app: Flask, endpoint: str) -> None:
    text = b"\n".join([*alike(30), b"", b"no JSON", *alike(3, {"expression": "a"}), b'{"id": 1}'])
    if endpoint == "grade":
        reference = {"reference": {"expression": "a*b", "bindings": {"a": 2.0, "b": 3.0}}}
        claims = b"\n".join(b'{"claims": {"value": %d}}' % k for k in range(8))
        text = orjson.dumps(reference) + b"\n" + claims
    pieces = text.splitlines(keepends=True)
    assert b"".join(answer_lines(endpoint, pieces)) == streamed(app, endpoint, text)
    assert b"".join(answer_lines(endpoint, [text])) == streamed(app, endpoint, text)


def test_without_a_server_little_is_read_ahead_and_no_thread_is_started() -> None:
    taken = []

    def endless() -> Iterator[bytes]:
        (line,) = alike(1)
        while True:
            taken.append(line)
            yield line + b"\n"

    threads = threading.active_count()
    answers = answer_lines("gradient", endless())
    first = next(answers)
    assert first.startswith(b'{"id":0,"line":1,"status":200,')
    assert len(taken) <= 1024
    assert threading.active_count() == threads
    answers.close()  # type: ignore[attr-defined] # a generator


def test_a_picture_takes_no_stream() -> None:
    with pytest.raises(KeyError):
        next(answer_lines("plot", []))
