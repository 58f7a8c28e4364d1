"""The text of an answer has a limit, and its length is known before it is written."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from autograd_core import ENCODINGS, Encoding
from service.app import create_app
from service.settings import Settings
from service.transport import long_text, wire

NUMBERS = st.floats() | st.integers(-(2**53), 2**53)
ARRAYS = st.lists(st.integers(0, 3), max_size=4).flatmap(
    lambda shape: st.lists(st.floats(), min_size=math.prod(shape), max_size=math.prod(shape)).map(
        lambda numbers: np.reshape(np.array(numbers, dtype=np.float64), shape)
    )
)
PARTS = st.recursive(
    NUMBERS | st.text(max_size=20) | st.none() | st.booleans() | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(st.floats(), max_size=9)
        | st.dictionaries(
            st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=9), inner, max_size=5
        )
    ),
    max_leaves=12,
)


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from("abc"), PARTS), st.sampled_from([None, *ENCODINGS.values()]))
def test_the_bound_is_one(answer: dict[str, Any], encoding: Encoding | None) -> None:
    assert len(wire.encode(answer, encoding)) <= wire.text_bound(answer)


@pytest.mark.slow
@given(st.dictionaries(st.text(max_size=3), PARTS, max_size=4))
def test_a_long_answer_is_written_in_pieces_and_to_the_same_bytes(answer: dict[str, Any]) -> None:
    looks: list[None] = []
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"PIECE": 3, "_SMALL": 2, "_TEXT": 20}.items():
            patch.setattr(long_text, name, value)
        written = long_text.encode(answer, lambda: looks.append(None))
        nulls = long_text.encode(answer, lambda: None, nulls=True)
    assert written == wire.encode(answer)
    assert nulls == wire.encode(answer, nulls=True)
    assert len(looks) > len(answer)


@pytest.mark.slow
@pytest.mark.parametrize(
    "part",
    [
        np.full(1_000_000, 1 / 3),
        np.full((2, 500_000), 1 / 3),
        np.full((500_000, 2), np.nan),
        {"x": {"y": np.full((100, 100, 100), 1 / 3)}},
        [1 / 3] * 1_000_000,
        [{"value": 1 / 3, "gradient": np.full(3, 1 / 3)} for _ in range(100_000)],
        [{"value": np.full(500_000, 1 / 3)}, {"value": np.full(500_000, 1 / 3)}],
    ],
    ids=["array", "few rows", "many rows", "deep", "list", "items", "large items"],
)
def test_no_piece_of_a_long_answer_is_long(monkeypatch: pytest.MonkeyPatch, part: Any) -> None:
    lengths: list[int] = []
    encode = wire.encode

    def measured(piece: Any, **options: Any) -> bytes:
        written = encode(piece, **options)
        lengths.append(len(written))
        return written

    monkeypatch.setattr(wire, "encode", measured)
    assert len(long_text.encode({"part": part}, lambda: None)) > 6_000_000
    assert max(lengths) < 4_000_000


@pytest.mark.parametrize("length", [60_000, 200_000])
def test_an_answer_that_is_too_long_is_refused_before_it_is_written(
    monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    client = create_app(Settings(answer_limit=1_000_000, access_log=False)).test_client()
    message = {"expression": f"y = broadcast_to(x, shape=[{length}]); y", "bindings": {"x": 0.1}}
    written: list[Any] = []
    encode = wire.encode

    def watched(answer: Any, *encoding: Any, **options: Any) -> bytes:
        written.append(answer)
        return encode(answer, *encoding, **options)

    monkeypatch.setattr(wire, "encode", watched)
    reply = client.post("/evaluate", json=message)
    assert reply.status_code == 422
    (error,) = reply.json["errors"]
    assert error["code"] == "limit_exceeded"
    assert "1,000,000" in error["detail"]
    assert "'values'" in error["detail"]
    assert not any("values" in answer for answer in written)


def test_what_fits_is_answered() -> None:
    client = create_app(Settings(answer_limit=6_000_000, access_log=False)).test_client()
    message = {"expression": "y = broadcast_to(x, shape=[200000]); y", "bindings": {"x": 0.1}}
    assert len(client.post("/evaluate", json=message).json["values"]["y"]) == 200_000


@pytest.mark.parametrize("endpoint", ["evaluate", "gradient"])
def test_memory_is_given_back_after_every_answer(endpoint: str) -> None:
    app = create_app(Settings(access_log=False))
    memory = app.extensions["exchanges"][endpoint].budgets.memory
    client = app.test_client()
    wide = "broadcast_to(x, shape=[200000])"
    for expression, status in [
        (f"sum({wide})" if endpoint == "gradient" else f"y = {wide}; y", 200),
        ("sum(x) +", 422),
        (f"sum({wide} @ {wide})*y", 422),
    ]:
        message = {"expression": expression, "bindings": {"x": 0.1}}
        reply = client.post(f"/{endpoint}", json=message)
        assert reply.status_code == status
        reply.close()
        lines = client.post(
            f"/{endpoint}",
            data=b"%b\n" % wire.encode(message) * 3,
            content_type="application/x-ndjson",
        )
        assert lines.data.count(b"\n") == 3
        assert memory.left == memory.size
