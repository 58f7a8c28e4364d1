"""Where a request ends: however its bytes arrive, and as gunicorn has it."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http import errors
from gunicorn.http.parser import RequestParser
from hypothesis import given, strategies as st

from service.process.framing import Framing
from service.process.heads import read_head
from tests.tables import table

SETTINGS = Config()
CLIENT = ("127.0.0.1", 1)
LINE, HEAD = 4094, 20_000
CHUNKED = b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
FIVE = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def framing(*pieces: bytes) -> Framing:
    """What has been made of these pieces."""
    made = Framing(partial(read_head, SETTINGS, CLIENT), line=LINE, head=HEAD)
    for piece in pieces:
        made.feed(piece)
    return made


def gunicorns(sent: bytes) -> tuple[bytes, bytes] | str:
    """Body and rest of a request as gunicorn's own readers find them; how it ended otherwise."""
    parser = RequestParser(SETTINGS, [sent], CLIENT)
    try:
        message: Any = next(parser)
        body = message.body.read()
    except (errors.NoMoreData, StopIteration):
        return "more is to come"
    except Exception:  # noqa: BLE001 - of many kinds
        return "wrong"
    if getattr(message.body.reader, "length", 0):
        return "more is to come"
    return body, parser.unreader.take_buffered()


def ours(made: Framing) -> tuple[bytes, bytes] | str:
    if made.failure is not None:
        return "wrong"
    return (bytes(made.payload), made.rest) if made.complete else "more is to come"


PARTS = st.sampled_from(
    [
        b"5\r\nabcde\r\n",
        b"0\r\n\r\n",
        b"0\r\nA: b\r\n\r\n",
        b"a;x=y\r\n0123456789\r\n",
        b'3 ;q="z"\r\nabc\r\n',
        b"0\r\nHost: q\r\n\r\n",
        b"0;\r\n\r\n",
        b"3\r\nabcd",
        b"-1\r\n",
        b"00\r\n\r\n",
        b"\r\n",
        b"\n",
        b"5",
        b" ",
        b"x",
        GET,
    ]
)
STARTS = st.sampled_from([CHUNKED, CHUNKED, FIVE, GET, b"\r\n" + GET, b"\r\n\r\n" + GET])


@given(STARTS, st.lists(PARTS, max_size=6), st.lists(st.integers(1, 200), max_size=8))
def test_requests_are_told_apart_as_gunicorn_tells_them_apart(
    start: bytes, parts: list[bytes], cuts: list[int]
) -> None:
    sent = start + b"".join(parts)
    places = [0, *sorted(cut for cut in set(cuts) if cut < len(sent)), len(sent)]
    pieces = [sent[a:b] for a, b in pairwise(places)]
    found, expected = ours(framing(*pieces)), gunicorns(sent)
    if found == "more is to come":  # gunicorn is told that nothing does
        assert not isinstance(expected, tuple) or framing(sent).length is not None
    else:
        assert found == expected


@given(st.binary(max_size=300), st.integers(1, 40), st.integers(1, 7))
def test_a_body_in_chunks_is_its_payload(body: bytes, size: int, step: int) -> None:
    chunks = [body[k : k + size] for k in range(0, len(body), size)]
    sent = CHUNKED + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    sent += b"0\r\n\r\n" + GET
    made = framing(*(sent[k : k + step] for k in range(0, len(sent), step)))
    assert made.complete
    assert bytes(made.payload) == body
    assert made.rest == GET
    assert made.received == len(body)


@table(
    "sent, kind",
    [
        (b"GET / HTTP/1.1\nHost: a", errors.InvalidRequestLine),
        (b"GET / HTTP/1.1\r\nHost: a\n", errors.InvalidHeader),
        (b"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", errors.ObsoleteFolding),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", errors.InvalidHeaderName),
        (b"this is not HTTP\r\n\r\n", errors.InvalidRequestMethod),
        (b"GET /" + b"long" * 2000, errors.LimitRequestLine),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 4000, errors.LimitRequestHeaders),
        (FIVE[:-2] + b"Content-Length: 5\r\n\r\n", errors.InvalidHeader),
        (FIVE[:-2] + b"Transfer-Encoding: chunked\r\n\r\n", errors.InvalidHeader),
        (FIVE.replace(b"5", b"+5"), errors.InvalidHeader),
        (FIVE.replace(b"5", b"5, 5"), errors.InvalidHeader),
        (CHUNKED.replace(b"1.1", b"1.0"), errors.InvalidHeader),
        (CHUNKED.replace(b"chunked", b"none"), errors.UnsupportedTransferCoding),
        (CHUNKED.replace(b"chunked", b"gzip, chunked"), errors.UnsupportedTransferCoding),
        (CHUNKED.replace(b"chunked", b"identity,chunked"), errors.UnsupportedTransferCoding),
        (CHUNKED.replace(b"chunked", b"gzip"), errors.InvalidHeader),
        (CHUNKED.replace(b"chunked", b"chunked, chunked"), errors.InvalidHeader),
        (CHUNKED + b"zz\r\n", errors.InvalidChunkSize),
        (CHUNKED + b"5 \r\nabcde", errors.InvalidChunkSize),
        (CHUNKED + b"0x5\r\nabcde", errors.InvalidChunkSize),
        (CHUNKED + b"5" + b" " * 9000, errors.InvalidChunkSize),
        (CHUNKED + b"5;=\r\n", errors.InvalidChunkExtension),
        (CHUNKED + b"2\r\nabXX", errors.ChunkMissingTerminator),
        (CHUNKED + b"0\r\nContent-Length: 5\r\n\r\n", errors.InvalidHeaderName),
        (CHUNKED + b"0\r\nA: b\n", errors.InvalidRequestLine),
    ],
)
def test_what_is_wrong_is_known_as_soon_as_it_has_come(sent: bytes, kind: type[Exception]) -> None:
    assert isinstance(framing(sent).failure, kind)
    half = len(sent) // 2
    assert isinstance(framing(sent[:half], sent[half:]).failure, kind)


def test_trailers_have_a_longest() -> None:
    made = framing(CHUNKED + b"0\r\n", *(b"A: b\r\n" for _ in range(200_000)))
    assert isinstance(made.failure, errors.LimitRequestHeaders)


@pytest.mark.parametrize("part", [b"", b"GET", b"GET / HTTP/1.1\r\n", GET[:-1]])
def test_a_head_that_has_not_ended_is_waited_for(part: bytes) -> None:
    made = framing(*(bytes([byte]) for byte in part))
    assert made.failure is made.message is None
    assert made.begun == bool(part)
    made.feed(GET[len(part) :])
    assert made.complete


def test_a_head_that_drips_is_not_parsed_for_each_byte() -> None:
    parsed: list[int] = []

    def counting(head: bytes) -> Any:
        parsed.append(len(head))
        return read_head(SETTINGS, CLIENT, head)

    made = Framing(counting, line=LINE, head=HEAD)
    sent = GET[:-2] + b"A: b\r\n" * 80 + b"\r\n"
    for byte in sent:
        made.feed(bytes([byte]))
    assert made.complete
    assert sum(parsed) < 4 * len(sent)
