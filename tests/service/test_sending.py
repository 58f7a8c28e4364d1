"""Finished answers that are long: what their heads say, and the pieces they are cut into."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from service.transport.compression import in_pieces

PIECE = 64 * 1024


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE + 7])
def test_pieces_are_the_whole(length: int) -> None:
    payload = (bytes(range(256)) * (length // 256 + 1))[:length]
    pieces = list(in_pieces(payload, PIECE))
    assert b"".join(pieces) == payload
    assert max(map(len, pieces)) <= PIECE


def test_a_long_answer_says_how_long_it_is(client: FlaskClient) -> None:
    message = {"expression": "y = broadcast_to(x, shape=[60000]); y", "bindings": {"x": 0.1}}
    plain = client.post("/evaluate", json=message)  # in this process there is no connection
    assert int(plain.headers["Content-Length"]) == len(plain.data) > 64 * 1024
    packed = client.post("/evaluate", json=message, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    again = client.post("/evaluate", json=message, headers={"Accept-Encoding": "gzip"})
    assert packed.data == again.data
    assert len(packed.data) < len(plain.data) / 10
