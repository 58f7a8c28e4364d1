"""gzip in both directions: bounded on the way in, deterministic on the way out."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator

from flask import Request, Response

from service.problems import Problem

_GZIP = 16 + zlib.MAX_WBITS
_WORTHWHILE = 1024  # bytes; less than this gains nothing
_LEVEL = 5
_PLAIN = frozenset({"", "identity"})
_COMPRESSIBLE = ("application/", "text/")


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


class Decompressor:
    """Bytes in, bytes out, at most so many a call; several gzip members may follow one another."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._waiting = b""
        self._started = False

    def feed(self, data: bytes, limit: int) -> bytes:
        """Decompress up to `limit` bytes; call again with b"" while `pending`."""
        data = self._waiting + data
        pieces: list[bytes] = []
        while data and limit > 0:
            if self._member.eof:
                self._member = zlib.decompressobj(_GZIP)
            try:
                piece = self._member.decompress(data, limit)
            except zlib.error:
                raise Problem("malformed-encoding", "the body is not gzip") from None
            self._started = True
            pieces.append(piece)
            limit -= len(piece)
            data = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        self._waiting = data
        return b"".join(pieces)

    @property
    def pending(self) -> bool:
        """Whether there is more to be had without more input."""
        return bool(self._waiting)

    def finish(self) -> None:
        """Problem 400 if the input ended in the middle of a member."""
        if self._started and not self._member.eof:
            raise Problem("malformed-encoding", "the gzip body is cut short")


def accepts_gzip(request: Request) -> bool:
    """Whether the client can read a compressed answer."""
    header = request.environ.get("HTTP_ACCEPT_ENCODING", "")
    return header not in _PLAIN and bool(request.accept_encodings.quality("gzip"))


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
    if len(payload) >= _WORTHWHILE:
        response.set_data(gzip.compress(payload, _LEVEL, mtime=0))
        headers["Content-Encoding"] = "gzip"
    return response


def compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A stream, compressed so that each piece can be read as soon as it arrives."""
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    for piece in pieces:
        yield stream.compress(piece) + stream.flush(zlib.Z_SYNC_FLUSH)
    yield stream.flush()
