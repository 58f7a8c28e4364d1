"""gzip in both directions: bounded on the way in, deterministic on the way out."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from flask import Request, Response

from service.problems import Problem

_GZIP = 16 + zlib.MAX_WBITS
WORTHWHILE: Final = 1024  # bytes; less than this gains nothing
_LEVEL = 5
_AT_ONCE = 256 * 1024  # bytes
_PIECE = 8 * 1024
MOST_MEMBERS: Final = 10_000  # in one body; BGZF, which makes many, cuts 32 MiB into 512
# Bytes that zlib takes for a stream, by its manual (zconf.h) with windows of 2**15 bytes.
COMPRESSING: Final = (1 << 17) + (1 << 17) + 8 * 1024
DECOMPRESSING: Final = (1 << 15) + 8 * 1024
ALLOWANCE: Final = 4 * 1024 * 1024  # decompressed bytes that any gzip body may have
PLAIN: Final = frozenset({"", "identity"})  # codings that leave a body as it is
_COMPRESSIBLE = ("application/", "text/", "image/svg+xml")


def is_gzip(request: Request) -> bool:
    """Whether the body is compressed; Problem 415 if in a way that is not understood."""
    coding = request.environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
    if coding in {"", "identity"}:
        return False
    if coding in {"gzip", "x-gzip"}:
        return True
    raise Problem(
        "unsupported-media-type",
        f"Content-Encoding {coding!r} is not understood; send gzip or plain",
        headers={"Accept-Encoding": "gzip"},
    )


def longest(compressed: int, ratio: int) -> int:
    """How many bytes a message may have that came in so many of gzip: `ratio` times as many,
    and ALLOWANCE. DEFLATE itself goes to 1,032 times: 32 kB of it can hold 32 MB of zeros.
    """
    return ALLOWANCE + ratio * compressed


def over_ratio(compressed: int, ratio: int, what: str = "body") -> Problem:
    """The problem of a message that is longer than `longest`."""
    return Problem(
        "too-large",
        f"the {what} is over {longest(compressed, ratio):,} bytes once decompressed: "
        f"{ratio} times the {compressed:,} bytes of gzip that came, and {ALLOWANCE:,} more; "
        "send it uncompressed",
    )


class Decompressor:
    """Bytes in, bytes out, at most so many a call; several gzip members may follow one another.

    More than `members` of them are refused: an empty one is 20 bytes that cost as much as 400
    bytes of text. A stream without an end has no such limit (None).
    """

    def __init__(self, members: int | None = None) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._most_members = members
        self._members = 1
        self._piece: bytes | memoryview = b""  # zlib has seen this, and has not used it
        self._rest = memoryview(b"")
        self._started = False
        self.fed = 0  # bytes

    def feed(self, data: bytes, limit: int) -> bytes:
        """Decompress up to `limit` bytes; call again with b"" while `pending`.

        zlib is given small pieces: at the end of a member it copies what is left of a piece.
        """
        self.fed += len(data)
        self._rest = memoryview(bytes(self._rest) + data if self._rest else data)
        pieces: list[bytes] = []
        while limit > 0 and self.pending:
            if not self._piece:
                self._piece, self._rest = self._rest[:_PIECE], self._rest[_PIECE:]
            if self._member.eof:
                self._next_member()
            try:
                piece = self._member.decompress(self._piece, limit)
            except zlib.error:
                raise Problem("malformed-encoding", "the body is not gzip") from None
            self._started = True
            pieces.append(piece)
            limit -= len(piece)
            member = self._member
            self._piece = member.unused_data if member.eof else member.unconsumed_tail
        return b"".join(pieces)

    def _next_member(self) -> None:
        self._members += 1
        if self._most_members is not None and self._members > self._most_members:
            detail = f"the gzip body has over {self._most_members:,} members; join them into one"
            raise Problem("too-large", detail)
        self._member = zlib.decompressobj(_GZIP)

    @property
    def pending(self) -> bool:
        """Whether there is more to be had without more input."""
        return bool(self._piece) or bool(self._rest)

    def finish(self) -> None:
        """Problem 400 if the input ended in the middle of a member."""
        if self._started and not self._member.eof:
            raise Problem("malformed-encoding", "the gzip body is cut short")


def accepts_gzip(request: Request) -> bool:
    """Whether the client can read a compressed answer."""
    header = request.environ.get("HTTP_ACCEPT_ENCODING", "")
    return header not in PLAIN and bool(request.accept_encodings.quality("gzip"))


def load(response: Response) -> None:
    """Read the file that an answer is, so that it can be compressed: those served are short.

    Compressed or not it is the same file, but not the same bytes: its tag becomes a weak one.
    """
    response.direct_passthrough = False
    response.make_sequence()
    tag, _ = response.get_etag()
    if tag is not None:
        response.set_etag(tag, weak=True)


def compress(response: Response, request: Request) -> Response:
    """A finished answer, compressed if the client likes it and it is worth it.

    The gzip header carries no time, so that the same answer is the same bytes.
    """
    kind = response.mimetype or ""
    if response.is_streamed or response.direct_passthrough or not kind.startswith(_COMPRESSIBLE):
        return response
    headers = response.headers
    if "Vary" in headers:
        response.vary.add("Accept-Encoding")
    else:
        headers["Vary"] = "Accept-Encoding"
    if "Content-Encoding" in headers or not accepts_gzip(request):
        return response
    payload = response.get_data()
    if len(payload) > _AT_ONCE:  # the rest while it is being sent
        response.response = compressed(in_pieces(payload, _AT_ONCE))
        headers["Content-Encoding"] = "gzip"
        headers.pop("Content-Length", None)
    elif len(payload) >= WORTHWHILE:
        response.set_data(gzip.compress(payload, _LEVEL, mtime=0))
        headers["Content-Encoding"] = "gzip"
    return response


def compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A stream, compressed so that each piece can be read as soon as it arrives; b"" stays so."""
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    for piece in pieces:
        yield stream.compress(piece) + stream.flush(zlib.Z_SYNC_FLUSH) if piece else b""
    yield stream.flush()


def in_pieces(payload: bytes, size: int) -> Iterator[bytes]:
    """Bytes, so many at a time."""
    if len(payload) <= size:
        return iter((payload,))
    view = memoryview(payload)
    return (bytes(view[start : start + size]) for start in range(0, len(payload), size))
