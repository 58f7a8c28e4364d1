from __future__ import annotations

import gzip
import io
import zlib
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Request
from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.http.unreader import IterUnreader
from hypothesis import given, strategies as st

from service.problems import Problem
from service.transport import compression
from service.transport.body import Input, input_of, read_body
from service.transport.compression import ALLOWANCE, MOST_MEMBERS, Decompressor, compressed

LIMIT = 1000
RATIO = 100
PIECE = 256 * 1024


def request(body: bytes, *, length: int | None = None, **environ: Any) -> Request:
    terminated = {"wsgi.input_terminated": True} if length is None else {}
    announced = {} if length is None else {"CONTENT_LENGTH": str(length)}
    base = {"wsgi.input": io.BytesIO(body), "REQUEST_METHOD": "POST"}
    return Request(base | terminated | announced | environ)


def kind_of(body: Request) -> str:
    with pytest.raises(Problem) as caught:
        read_body(body, LIMIT, RATIO)
    return caught.value.kind


@pytest.mark.parametrize("size", [0, 1, LIMIT])
def test_a_body_within_the_limit(size: int) -> None:
    body = b"x" * size
    assert read_body(request(body), LIMIT, RATIO) == body
    assert read_body(request(body, length=size), LIMIT, RATIO) == body
    packed = gzip.compress(body)
    assert read_body(request(packed, HTTP_CONTENT_ENCODING="gzip"), LIMIT, RATIO) == body


def test_what_follows_the_announced_length_is_not_read() -> None:
    assert read_body(request(b"abcdef", length=3), LIMIT, RATIO) == b"abc"
    assert read_body(Request({"wsgi.input": io.BytesIO(b"abc")}), LIMIT, RATIO) == b""


@pytest.mark.parametrize("length", [None, LIMIT + 1])
def test_a_body_over_the_limit(length: int | None) -> None:
    assert kind_of(request(b"x" * (LIMIT + 1), length=length)) == "too-large"


def test_an_announced_length_is_believed_before_anything_is_read() -> None:
    source = request(b"x" * 10, length=10**12)
    assert kind_of(source) == "too-large"
    assert source.environ["wsgi.input"].tell() == 0


@pytest.mark.parametrize("size", [LIMIT + 1, 10_000_000])
def test_a_body_over_the_limit_once_decompressed(size: int) -> None:
    packed = gzip.compress(b"x" * size)[: LIMIT * 100]
    with pytest.raises(Problem) as caught:
        read_body(request(packed, HTTP_CONTENT_ENCODING="gzip"), max(LIMIT, len(packed)), RATIO)
    assert caught.value.kind == "too-large"
    assert "once decompressed" in caught.value.detail


class Starved(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise MemoryError


def test_no_memory_is_not_the_clients_fault() -> None:
    source = request(b"", **{"wsgi.input": Starved()})
    with pytest.raises(MemoryError):
        read_body(source, LIMIT, RATIO)


def test_all_who_read_a_body_share_one_input() -> None:
    environ: dict[str, Any] = {"wsgi.input": io.BytesIO(b"abc"), "wsgi.input_terminated": True}
    assert input_of(environ).read(2) == b"ab"
    assert input_of(environ).read(2) == b"c"
    assert input_of(environ).taken == 3


# --- reading what has arrived, from gunicorn


def gunicorn_input(pieces: list[bytes], length: int | None) -> tuple[Input, Body]:
    """An Input over gunicorn's own body classes, fed with these pieces."""
    if length is None:
        framed = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces if piece]
        unreader = IterUnreader(iter([*framed, b"0\r\n\r\n"]))

        class Head:
            limit_request_field_size = 8190
            max_buffer_headers = 8190

        body = Body(ChunkedReader(Head(), unreader))
    else:
        body = Body(LengthReader(IterUnreader(iter(pieces)), length))
    return Input({"wsgi.input": body, "wsgi.input_terminated": True}), body


@pytest.mark.parametrize("chunked", [False, True])
def test_each_piece_is_there_when_it_arrives(chunked: bool) -> None:
    pieces = [b"one\n", b"t", b"wo\nthree\n", b"x" * 5000]
    length = None if chunked else sum(map(len, pieces))
    source, _ = gunicorn_input(pieces, length)
    assert [source.read_available(4000) for _ in range(3)] == pieces[:3]
    assert source.read_available(4000) == b"x" * 4000
    assert source.read_available(4000) == b"x" * 1000
    assert source.read_available(4000) == b""


@given(st.lists(st.binary(max_size=50), max_size=6), st.booleans(), st.integers(2, 70))
def test_nothing_is_lost_on_the_way(pieces: list[bytes], chunked: bool, size: int) -> None:
    whole = b"".join(pieces)
    pieces = [piece for piece in pieces if piece]
    source, _ = gunicorn_input(pieces, None if chunked else len(whole))
    received = b""
    while piece := source.read_available(size):
        assert len(piece) <= size
        received += piece
    assert received == whole


def test_gunicorn_hears_of_a_broken_body() -> None:
    unreader = IterUnreader(iter([b"zz\r\n"]))
    body = Body(ChunkedReader(object(), unreader))
    source = Input({"wsgi.input": body, "wsgi.input_terminated": True})
    with pytest.raises(Problem):
        source.read_available(100)
    assert body.failed


def test_any_other_server_is_read_by_the_line() -> None:
    class Lines:
        def readline(self, size: int) -> bytes:
            return b"a\n"

    source = Input({"wsgi.input": Lines(), "wsgi.input_terminated": True})
    assert source.read_available(100) == b"a\n"


# --- gzip


def packed(text: bytes) -> Request:
    return request(gzip.compress(text), HTTP_CONTENT_ENCODING="gzip")


def refusal(body: Request, limit: int = 32 * 1024 * 1024) -> Problem:
    with pytest.raises(Problem) as caught:
        read_body(body, limit, RATIO)
    return caught.value


def test_gzip_may_not_shorten_a_message_without_bound() -> None:
    ramp = b",".join(b"%d" % k for k in range(1_000_000))  # a third of its length
    assert read_body(packed(ramp), 10**8, RATIO) == ramp
    zeros = b"0," * (ALLOWANCE // 2)
    assert read_body(packed(zeros), 10**8, RATIO) == zeros
    found = refusal(packed(zeros * 2))
    assert found.kind == "too-large"
    compressed = len(gzip.compress(zeros * 2))
    for told in (f"{ALLOWANCE + RATIO * compressed:,}", f"{compressed:,}", "uncompressed"):
        assert told in found.detail


def test_a_body_has_so_many_gzip_members() -> None:
    one = gzip.compress(b"x")
    most = request(one * MOST_MEMBERS, HTTP_CONTENT_ENCODING="gzip")
    assert read_body(most, 10**6, RATIO) == b"x" * MOST_MEMBERS
    found = refusal(request(one * (MOST_MEMBERS + 1), HTTP_CONTENT_ENCODING="gzip"))
    assert (found.kind, f"{MOST_MEMBERS:,} members" in found.detail) == ("too-large", True)


class _Counting:
    """zlib's decompressor, adding up the bytes it copies at the end of a member."""

    copied = 0

    def __init__(self, *arguments: int) -> None:
        self._inner = zlib.decompressobj(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def decompress(self, data: bytes, limit: int) -> bytes:
        found = self._inner.decompress(data, limit)
        _Counting.copied += len(self._inner.unused_data) + len(self._inner.unconsumed_tail)
        return found


def test_the_work_grows_as_the_members_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        compression, "zlib", SimpleNamespace(error=zlib.error, decompressobj=_Counting)
    )
    copied = []
    for count in (5_000, 10_000):
        _Counting.copied = 0
        Decompressor().feed(gzip.compress(b"") * count, 10**6)
        copied.append(_Counting.copied)
    assert copied[1] < 2.5 * copied[0]


@given(st.lists(st.binary(max_size=300), max_size=4), st.integers(1, 400), st.integers(1, 50))
def test_decompression_is_bounded_and_complete(members: list[bytes], limit: int, cut: int) -> None:
    packed = b"".join(map(gzip.compress, members))
    decompressor = Decompressor()
    received = b""
    for start in range(0, len(packed), cut):
        piece = decompressor.feed(packed[start : start + cut], limit)
        assert len(piece) <= limit
        received += piece
        while decompressor.pending:
            piece = decompressor.feed(b"", limit)
            assert len(piece) <= limit
            received += piece
    decompressor.finish()
    assert received == b"".join(members)


def test_a_compressed_stream_can_be_read_as_it_comes() -> None:
    decompressor = Decompressor()
    pieces = [b"one\n", b"two\n" * 1000, b"three\n"]
    stream = compressed(iter(pieces))
    for piece in pieces:
        assert decompressor.feed(next(stream), 10_000) == piece
    assert decompressor.feed(next(stream), 10_000) == b""
    decompressor.finish()
    assert list(stream) == []


def test_where_a_stream_has_nothing_to_say_its_compression_says_nothing() -> None:
    found = list(compressed(iter([b"", b"one\n", b"", b"", b"two\n"])))
    assert [not piece for piece in found] == [True, False, True, True, False, False]
    assert b"".join(found) == b"".join(compressed(iter([b"one\n", b"two\n"])))


@pytest.mark.parametrize(
    "sent, told",
    [
        (request(b"x" * 100, length=100), []),
        (request(b"x" * 2_000_000, length=2_000_000), [2_000_000]),
        (request(b"x" * 100), [2 * PIECE]),
        (request(b"x" * 2_000_000), [2 * PIECE, 6 * PIECE, 2_500_000]),
        (packed(b"0" * 2_000_000), [2 * PIECE, len(gzip.compress(b"0" * 2_000_000)) + 2_500_000]),
    ],
    ids=["short", "of known length", "chunked", "long and chunked", "gzip"],
)
def test_memory_is_told_before_a_body_takes_it(sent: Request, told: list[int]) -> None:
    found: list[int] = []
    read_body(sent, 2_500_000, RATIO, found.append)
    assert found == told
