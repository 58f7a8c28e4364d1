"""Sending: pieces that the client takes, and an end to waiting for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from service.transport.client import Client
from service.transport.sending import PIECE, SHORT, TooSlow, each_within, in_pieces, within

NOBODY = Client(None)


class Clock:
    """A clock that goes a second further with each look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


class Slow(Client):
    """A client that takes nothing once its time is up."""

    def writable(self, seconds: float) -> bool:
        return seconds > 0


SLOW = Slow(None)


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE + 7])
def test_pieces_are_the_whole(length: int) -> None:
    payload = bytes(range(256)) * (length // 256 + 1)
    payload = payload[:length]
    pieces = list(in_pieces(payload, PIECE))
    assert b"".join(pieces) == payload
    assert max(map(len, pieces)) <= PIECE
    assert b"".join(within([payload, payload], 60, NOBODY)) == payload * 2


def test_a_client_that_takes_too_long_is_given_up() -> None:
    pieces = within([b"x" * (20 * PIECE)], 5, SLOW, Clock())
    with pytest.raises(TooSlow):
        list(pieces)


def test_each_batch_of_a_stream_has_its_own_time() -> None:
    def batches() -> Iterator[bytes]:
        for _ in range(10):
            yield b"x" * (5 * PIECE)

    clock = Clock()
    assert sum(map(len, each_within(batches(), 20, SLOW, clock))) == 50 * PIECE
    with pytest.raises(TooSlow):
        list(each_within(batches(), 3, SLOW, Clock()))


def test_short_batches_are_sent_as_they_are() -> None:
    assert list(each_within([b"a", b"b"], 1e-9, SLOW)) == [b"a", b"b"]


def test_a_long_answer_says_how_long_it_is(client: FlaskClient) -> None:
    message = {"expression": "y = broadcast_to(x, shape=[60000]); y", "bindings": {"x": 0.1}}
    plain = client.post("/evaluate", json=message)  # in this process there is no connection
    assert int(plain.headers["Content-Length"]) == len(plain.data) > SHORT
    packed = client.post("/evaluate", json=message, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    again = client.post("/evaluate", json=message, headers={"Accept-Encoding": "gzip"})
    assert packed.data == again.data
    assert len(packed.data) < len(plain.data) / 10
