"""The blocks of a stream, answered apart from each other, have the answers of the whole."""

from __future__ import annotations

import json
from collections import deque

import pytest
from hypothesis import given, settings, strategies as st

from service.commands import blocks
from service.commands.blocks import Block, Blocks
from service.settings import Settings
from service.transport.bulk import STREAMED, Stream, answer_lines
from tests.service.test_lines_of_claims import ABC, streams

GRADE = STREAMED["grade"]
LIMITS = Settings(body_limit=2_000)


def cut(text: bytes, sizes: list[int]) -> list[Block]:
    """The blocks of a text that comes in pieces of such sizes, each taken as soon as it can be."""
    found, cutting = [], Blocks(Stream(GRADE, LIMITS), LIMITS.body_limit)
    while text:
        size = sizes[len(found) % len(sizes)]
        piece, text = text[:size], text[size:]
        cutting.put(piece)
        if cutting.has_lines:
            found.append(cutting.take())
    cutting.put(b"")
    return [*found, cutting.take()] if cutting.has_lines else found


def answered(block: Block) -> bytes:
    stream = Stream(GRADE, LIMITS)
    if block.relied_on is not None:
        deque(stream.answers([block.relied_on]), maxlen=0)
    return b"".join(stream.answers([block.text], block.before))


@settings(max_examples=40)
@given(lines=streams(), sizes=st.lists(st.sampled_from([1, 7, 100, 700, 5_000]), min_size=1))
def test_random_streams_in_random_blocks(lines: list[bytes], sizes: list[int]) -> None:
    text = b"\n".join(lines)
    whole = b"".join(answer_lines("grade", [text], LIMITS))
    assert b"".join(map(answered, cut(text, sizes))) == whole


@pytest.mark.parametrize(
    "line",
    [
        b'{"id": {}, "reference": {"expression": "a"}}',  # it is refused before it is read
        b'{"reference": {"expression": "a"}, "id": 1}',
        b'{"reference": {"expression": "a*("}}',
        b'{"ref\\u0065rence": {"expression": "a", "bindings": {"a": 4}}}',
        b'{"reference": {"expression": "a"',
        b'{"claims": {"gradients": {"reference": 1}}}',
        b'{"claims": {"value": "\\"reference\\""}}',
        b'{"expression": "a", "bindings": {"a": 1}, "claims": {"value": 1}}',
        b'["reference"]',
        b'"reference"',
        b'{"reference": {"expression": "' + b"a" * 2_000 + b'"}}',
        b" " * 3_000,
        b" " * 3_000 + b"\t\r x" + b" " * 3_000,
        b'{"reference": ' + b"[" * 101 + b"]" * 101 + b"}",
        b'{"reference": {"expression": "a", "bindings": {"a": 1e999}}}',
    ],
)
@pytest.mark.parametrize("size", [1, 64, 2_500, 100_000])
def test_a_block_goes_on_from_the_line_that_it_relies_on(line: bytes, size: int) -> None:
    claims = b'{"claims": {"value": 4}}\n' * 3
    reference = json.dumps({"reference": ABC}).encode()
    text = b"\n".join([reference, claims, line, claims, reference, b"", line, line, b" ", claims])
    whole = b"".join(answer_lines("grade", [text], LIMITS))
    assert b"".join(map(answered, cut(text, [size]))) == whole


def test_little_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    cutting = Blocks(Stream(GRADE, LIMITS), LIMITS.body_limit)
    for _ in range(1_000):
        cutting.put(b"x" * 1_000)
    assert len(cutting._text) <= 2_002
    cutting.put(b"\n")
    monkeypatch.setattr(blocks, "SIZE", 10_000)
    while cutting.has_room:
        cutting.put(b"[]\n" * 100)
    assert cutting.has_lines
    assert len(cutting.take().text) < 13_000
    assert cutting.has_room
