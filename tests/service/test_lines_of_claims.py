"""Claims of a stream that are judged together have the bytes of claims that are judged alone."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import orjson
import pytest
from flask import Flask
from hypothesis import given, settings, strategies as st

import service.endpoints.grade
import service.messages.references
from service.grading.comparing import agree, compare
from service.grading.model import Tolerance
from service.process import metrics

AT = {"a": 2.0, "b": -3.0, "c": 10.0}
NODES = [
    {"id": "e", "op": "mul", "args": ["a", "b"]},
    {"id": "d", "op": "add", "args": ["e", "c"]},
]
ABC: dict[str, Any] = {"graph": {"nodes": NODES}, "bindings": AT}
# Functions at a point, and what is right there, by the path of the claim.
RIGHT = {
    "value": 4.0,
    "gradients/a": -3.0,
    "gradients/b": 2.0,
    "gradients/c": 1.0,
    "gradients/e": 1.0,
    "nodes/e/value": -6.0,
    "nodes/e/gradient": 1.0,
    "nodes/d/value": 4.0,
    "jacobian/d/a": -3.0,
    "hessian/a/b": 1.0,
    "hessian/a/a": 0.0,
}
FUNCTIONS: list[tuple[dict[str, Any], dict[str, float]]] = [
    (ABC, RIGHT),
    (ABC, {"gradients/a": -3.0, "gradients/b": 2.0, "gradients/c": 1.0}),
    ({**ABC, "output": "d"}, RIGHT),
    ({"expression": "e = a*b; d = e + c; d", "bindings": AT}, RIGHT),
    ({"expression": "e = a*b; e*1e200*1e200", "bindings": AT}, {"nodes/e/value": -6.0}),
    ({"expression": "log(a - 2) + b", "bindings": AT}, {"gradients/b": 1.0, "gradients/c": 0.0}),
    ({"expression": "sqrt(b) + c", "bindings": AT}, {"gradients/c": 1.0}),
    ({"expression": "(a + 1e16) - 1e16 + 0*b", "bindings": AT}, {"value": 2.0, "gradients/b": 0.0}),
    ({"expression": "exp(a)", "bindings": AT}, {"value": 7.38905609893065, "gradients/b": -0.0}),
    ({"expression": "sum(a*[1, 2])", "bindings": AT}, {"value": 6.0, "gradients/a": 3.0}),
    ({"expression": "sum(x)*a", "bindings": {"x": [1, 2], "a": 1}}, {"value": 3.0}),
    ({"expression": "3", "bindings": {}}, {"value": 3.0}),
    ({"expression": "a*unbound", "bindings": AT}, {}),
    ({"expression": "a*(", "bindings": AT}, {}),
]
HOW: list[dict[str, Any]] = [
    {},
    {},
    {"reveal": False},
    {"carry": False},
    {"tolerance": {"rtol": 0.1, "atol": 0}},
    {"tolerance": {"rtol": 0, "atol": 0}},
    {"tolerance": {"rtol": 1e308, "atol": 1e308}},
    {"weights": {"value": 3, "gradients/a": 0}},
    {"weights": {"value": 0.1}, "reveal": False},
    {"format": "gradescope"},
    {"format": "prairielearn", "reveal": False},
    {"notation": "strict", "deny": ["tanh"]},
    {"tensors": "base64"},
    {"unknown": 1},
]
ODD = st.sampled_from(["NaN", "Infinity", None, "6*a", True, [1.0], {"shape": 1}, {}, 10**30])
LABELS = st.sampled_from([None, True, 7, 1.5, "ada", 'é"%b\n', {}])
BROKEN = [
    b"{",
    b"[]",
    b"",
    b"\xff",
    b'{"claims": 3}',
    b'{"reference": {"expression": "a*b"',
    b'{"id": 7, "claims": {"value": 1e999}}',
    b'{"claims": {"velue": 4}}',
    b'{"claims": {"derivatives": {"a": "b", "b": 2}}}',
    b'{"claims": {"function": "a*b + c"}}',
    b'{"claims": {"derivatives": {"a": 3}}}',
    b'{"claims": {"derivatives": {"a": 3.0}}}',
]


def claims_of(numbers: dict[str, Any]) -> dict[str, Any]:
    """Claims by their paths, as a message has them."""
    claims: dict[str, Any] = {}
    for path, number in numbers.items():
        *folders, name = path.split("/")
        inside = claims
        for folder in folders:
            inside = inside.setdefault(folder, {})
        inside[name] = number
    return claims


@st.composite
def submissions(draw: st.DrawFn, right: dict[str, float]) -> list[dict[str, Any]]:
    """Claims by some students of the same numbers: right ones, and others."""
    paths = sorted(right) or ["value"]
    asked = draw(st.lists(st.sampled_from(paths), min_size=1, max_size=4, unique=True))
    asked += draw(st.sampled_from([[], [], [], ["value"], ["gradients/q"]]))
    found = []
    for _ in range(draw(st.integers(2, 9))):
        numbers: dict[str, Any] = {path: right.get(path, 1.0) for path in asked}
        changed = draw(st.sampled_from(asked))
        of = numbers[changed]
        near = [of * (1 + by) for by in (1e-12, 1e-7, 0.05, -2.0)]
        few = st.sampled_from([of, -0.0, 5, 5.0, 1e308])
        numbers[changed] = draw(
            st.one_of(st.just(of), st.sampled_from(near), few, st.floats(-9, 9), ODD)
        )
        found.append(claims_of(numbers))
    return found


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """References, claims that rely on them, whole messages, and what is none of these."""
    found: list[bytes] = []
    for _ in range(draw(st.integers(1, 3))):
        function, right = draw(st.sampled_from(FUNCTIONS))
        reference = {**function, **draw(st.sampled_from(HOW))}
        lines: list[dict[str, Any]] = []
        in_lines = draw(st.booleans())
        for _ in range(draw(st.sampled_from([1, 1, 2]))):
            for claims in draw(submissions(right)):
                line = {**reference, "claims": claims} if in_lines else {"claims": claims}
                lines.append({"id": draw(LABELS), **line} if draw(st.booleans()) else line)
        if draw(st.sampled_from([False, False, True])):
            lines = draw(st.permutations(lines))
        if not in_lines:
            found.append(json.dumps({"reference": reference}).encode())
        found += [json.dumps(line, ensure_ascii=False).encode() for line in lines]
        if draw(st.booleans()):
            found.insert(draw(st.integers(0, len(found))), draw(st.sampled_from(BROKEN)))
    return found


def streamed(app: Flask, text: bytes) -> bytes:
    text += b"\n"  # or the last line may be one that comes alone
    reply = app.test_client().post(
        "/grade", data=text, headers={"Content-Type": "application/x-ndjson"}
    )
    assert reply.status_code == 200
    return reply.data


def by_itself(app: Flask, lines: list[bytes]) -> bytes:
    """The answers to lines, each sent in a stream of its own, behind its reference alone."""
    answers, last = [], 0
    for number, line in enumerate(lines):
        before = b"\n" * number
        if number and b'"reference"' in lines[last]:
            before = b"\n" * last + lines[last] + b"\n" * (number - last)
        answers += streamed(app, before + line).splitlines(keepends=True)[-1:] if line else []
        last = number if b'"reference"' in line else last
    return b"".join(answers)


@settings(max_examples=60)
@given(lines=streams())
def test_random_mixtures(app: Flask, lines: list[bytes]) -> None:
    assert streamed(app, b"\n".join(lines)) == by_itself(app, lines)


def lines_of(numbers: list[Any]) -> list[bytes]:
    """A reference and claims of its value, line by line."""
    claims = [orjson.dumps({"id": k, "claims": {"value": x}}) for k, x in enumerate(numbers)]
    return [orjson.dumps({"reference": ABC}), *claims]


class Counted:
    """How often an endpoint's function is called."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        self.calls = 0
        original = getattr(service.endpoints.grade, name)

        def counting(*arguments: Any) -> Any:
            self.calls += 1
            return original(*arguments)

        monkeypatch.setattr(service.endpoints.grade, name, counting)


@pytest.mark.parametrize(
    "numbers, together, alone",
    [
        ([4.0] * 40, 1, 0),
        ([4.0 + k * 1e-9 for k in range(40)], 1, 0),
        ([4, 4.0] * 20, 1, 0),
        ([5.0] * 40, 1, 1),  # one mistake is explained once
        ([4.0, 5.0] * 20, 1, 1),
        ([float(k) for k in range(5, 45)], 1, 40),
        ([4.0] * 10 + ["4"] + [4.0] * 10, 2, 1),
        ([4.0, None] * 20, 0, 40),
        ([4.0] * 2, 0, 2),
    ],
)
def test_what_is_right_is_judged_together(
    app: Flask, monkeypatch: pytest.MonkeyPatch, numbers: list[Any], together: int, alone: int
) -> None:
    lines = lines_of(numbers)
    rows, each = Counted(monkeypatch, "grade_rows"), Counted(monkeypatch, "grade")
    assert streamed(app, b"\n".join(lines)).count(b'"status":200') == len(lines)
    assert (rows.calls, each.calls) == (together, alone)


@pytest.mark.parametrize(
    "claims",
    [
        [{"value": x} for x in (0.0, -0.0, 0, 4, 4.0, 5, 5.0, -0.0, 0.0, 1e16, 10**16)],
        [{"value": {"x": 4.0}}] * 4,
        [{"value": 4.0, "gradients": {"a": {"b": -3.0}}}] * 4,
        [{"gradients": {"x": 1.0}}] * 4,
        [{"gradients": {"a": 2.0}}, {"gradients": {"b": 2.0}}] * 4,
        [{"nodes": {"e": {"value": -6.0}}}, {"nodes": {"e": {"gradient": -6.0}}}] * 4,
        [{"derivatives": {"a": 3}}, {"derivatives": {"a": 3.0}}] * 4,
        [{}, {"gradients": {}}, {"nodes": {"e": {}}}] * 4,
        [{"jacobian": {"shape": 1, "rows": 2, "columns": 3, "values": 4, "row_starts": 5,
                       "column_starts": 6}}] * 4,
    ],
)  # fmt: skip
def test_what_looks_alike_is_told_apart(
    app: Flask, caplog: pytest.LogCaptureFixture, claims: list[Any]
) -> None:
    reference = {**ABC, "bindings": {**AT, "x": [1.0]}}
    lines = [orjson.dumps({"reference": reference})]
    lines += [orjson.dumps({"claims": each}) for each in claims]
    assert streamed(app, b"\n".join(lines)) == by_itself(app, lines)
    assert not caplog.messages


def test_whole_messages_are_judged_together_where_they_have_one_reference(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {**ABC, "bindings": {**AT, "c": 9.0}}
    lines = [
        orjson.dumps({**reference, "claims": {"value": 4.0}})
        for reference in (ABC, other)
        for _ in range(10)
    ]
    streamed(app, b"\n".join(lines))  # both are known from now on
    expected = by_itself(app, lines)
    rows, each = Counted(monkeypatch, "grade_rows"), Counted(monkeypatch, "grade")
    assert streamed(app, b"\n".join(lines)) == expected
    assert (rows.calls, each.calls) == (2, 1)


def test_lines_after_one_that_loses_the_reference_are_told(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To explain a wrong claim may take more than there is memory to keep."""
    each = Counted(monkeypatch, "grade")
    held = property(lambda _: 10**12 if each.calls else 0)
    monkeypatch.setattr(service.messages.references._ReferenceReader, "held", held)
    answers = streamed(app, b"\n".join(lines_of([4.0, 4.0, 5.0, 4.0, 5.0])))
    found = [json.loads(line)["status"] for line in answers.splitlines()]
    assert found == [200, 200, 200, 422, 422, 422]
    assert each.calls == 1


def test_each_line_is_counted(app: Flask) -> None:
    def counted() -> list[str]:
        text = metrics.exposition().decode().splitlines()
        return [line for line in text if line.startswith("gradient_nodes_count")]

    def added(lines: list[bytes]) -> float:
        (before,) = counted()
        streamed(app, b"\n".join(lines))
        (after,) = counted()
        return float(after.split()[1]) - float(before.split()[1])

    assert added(lines_of([4.0, 5.0, 4.0, 5.0, 5.0, 6.0, None])) == 8


@given(
    st.floats(),
    st.floats(),
    st.floats(0, allow_infinity=False),
    st.floats(0, allow_infinity=False),
)
def test_many_numbers_are_right_where_each_is(
    claimed: float, truth: float, rtol: float, atol: float
) -> None:
    tolerance = Tolerance(rtol, atol)
    alone = compare(claimed, truth, tolerance, lambda: 0.0).verdict == "correct"
    assert agree(np.array([claimed, truth]), truth, tolerance).tolist() == [alone, True]
