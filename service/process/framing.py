"""The framing of one request (RFC 9112): where its head ends, and what of its body has come.

Bytes go in as they arrive, in pieces of any length; nothing here waits. Heads are read by
gunicorn's parser, which knows all that is not allowed in one, and so are chunk extensions and
trailers. A request is never told from the next by anything but what that parser has understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, Protocol

from gunicorn.http import body
from gunicorn.http.body import ChunkedReader
from gunicorn.http.errors import (
    ChunkMissingTerminator,
    InvalidChunkExtension,
    InvalidChunkSize,
    InvalidRequestLine,
    LimitRequestHeaders,
    LimitRequestLine,
    NoMoreData,
)

_END: Final = b"\r\n\r\n"
_BARE_LF: Final = re.compile(rb"(?<!\r)\n")
_EXTENSION: Final = body.CHUNK_EXT_RE  # type: ignore[attr-defined]  # newer than its types
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,16})(?:[ \t]*(;[^\r]*))?")


class Framing:
    """One request, as far as it has arrived.

    read_head: what parses a head; it raises gunicorn's errors, of which NoMoreData says that the
    head has not come to its end. `message` is what it returned; `payload` is what has come of the
    body, without its framing, and may be taken away; `received` counts all of it. `failure` is
    what is wrong, and ends it all.
    """

    def __init__(self, read_head: Callable[[bytes], Any], *, line: int, head: int) -> None:
        self._read_head = read_head
        self._longest_line, self._longest_head = line, head
        self._raw = bytearray()
        self._searched = 0
        self._look_at = 1  # bytes of a head that has not ended, when it is next looked at
        self._body: _Body | None = None
        self.message: Any = None
        self.payload = bytearray()
        self.received = 0
        self.complete = False
        self.failure: Exception | None = None

    @property
    def begun(self) -> bool:
        """Whether anything has arrived."""
        return bool(self._raw) or self.message is not None

    @property
    def buffered(self) -> int:
        """Bytes that are held."""
        return len(self._raw) + len(self.payload)

    @property
    def rest(self) -> bytes:
        """What came after the end of the request."""
        return bytes(self._raw) if self.complete else b""

    @property
    def length(self) -> int | None:
        """Bytes of the body, if the head says it; a chunked one has no length."""
        return self._body.length if self._body is not None else None

    def feed(self, data: bytes) -> None:
        """More has arrived."""
        self._raw += data
        if self.failure is not None or self.complete:
            return
        try:
            if self.message is None:
                self._read()
            if self._body is not None:
                before = len(self.payload)
                self.complete = self._body.decode(self._raw, self.payload)
                self.received += len(self.payload) - before
        except Exception as error:  # noqa: BLE001 - whatever it is, this request has no next
            self.failure = error

    def _read(self) -> None:
        raw = self._raw
        end = raw.find(_END, max(0, self._searched - 3))
        if end < 0:
            self._look_at_the_beginning()
            return
        head = bytes(raw[: end + len(_END)])
        try:
            self.message = self._read_head(head)
        except NoMoreData:
            raise InvalidRequestLine("the head ends too early") from None
        del raw[: len(head)]
        reader = self.message.body.reader
        if isinstance(reader, ChunkedReader):
            self._body = _Chunks(self.message)
        else:
            self._body = _Length(reader.length)

    def _look_at_the_beginning(self) -> None:
        """Raise what is wrong with a head that has not ended: no need to wait for its end."""
        raw, searched = self._raw, self._searched
        self._searched = len(raw)
        if searched <= self._longest_line and len(raw) > self._longest_line:
            line = raw.find(b"\r\n", 2, self._longest_line + 4)
            if line < 0:
                raise LimitRequestLine(len(raw), self._longest_line)
        if len(raw) > self._longest_head:
            raise LimitRequestHeaders("max buffer headers")
        bare = _BARE_LF.search(raw, max(0, searched - 1))
        if bare is None and len(raw) < self._look_at:
            return
        self._look_at = 2 * len(raw)  # twice as many: each byte is looked at twice, on average
        try:
            self._read_head(bytes(raw))
        except NoMoreData:
            if bare is not None:
                raise InvalidRequestLine("bare LF as line terminator") from None


class _Body(Protocol):
    length: int | None

    def decode(self, raw: bytearray, payload: bytearray) -> bool:
        """Move what has come from `raw` to `payload`; whether that was the end of it."""


class _Length:
    def __init__(self, length: int) -> None:
        self.length: int | None = length
        self._left = length

    def decode(self, raw: bytearray, payload: bytearray) -> bool:
        if self._left:
            part = raw[: self._left]
            del raw[: len(part)]
            payload += part
            self._left -= len(part)
        return not self._left


class _Chunks:
    """RFC 9112, section 7.1."""

    length: int | None = None

    def __init__(self, message: Any) -> None:
        self._message = message
        self._longest_line = message.limit_request_field_size
        self._longest_trailers = message.max_buffer_headers
        self._left = 0  # of a chunk
        self._ends = False  # whether a chunk is to be followed by its CRLF
        self._was_last = False
        self._searched = 0  # bytes of `raw` in which there is no end of a line, or of the trailers

    def decode(self, raw: bytearray, payload: bytearray) -> bool:
        at = 0
        while not self._was_last:
            if self._left:
                part = raw[at : at + self._left]
                payload += part
                at += len(part)
                self._left -= len(part)
            if self._left or (self._ends and len(raw) < at + 2):
                break
            if self._ends:
                if raw[at : at + 2] != b"\r\n":
                    raise ChunkMissingTerminator(bytes(raw[at : at + 2]))
                at, self._ends = at + 2, False
            end = raw.find(b"\r\n", max(at, self._searched - 1))
            self._searched = 0
            if end < 0:
                self._searched = len(raw) - at
                if self._searched > self._longest_line:
                    raise InvalidChunkSize(b"a line without an end")
                break
            self._left = _size(bytes(raw[at:end]))
            self._ends, self._was_last = self._left > 0, self._left == 0
            at = end if self._was_last else end + 2
        del raw[:at]
        return self._was_last and self._trailers(raw)

    def _trailers(self, raw: bytearray) -> bool:
        """What follows the size of the last chunk: the end of its line, fields, an empty line."""
        end = raw.find(_END, max(0, self._searched - 3))
        if end < 0:
            if len(raw) > self._longest_trailers:
                raise LimitRequestHeaders("limit request trailer section size")
            if _BARE_LF.search(raw, max(0, self._searched - 1)):
                raise InvalidRequestLine("bare LF as line terminator")
            self._searched = len(raw)
            return False
        if end > 0:
            fields = bytes(raw[2:end])
            self._message.trailers = self._message.parse_headers(fields, from_trailer=True)
        del raw[: end + len(_END)]
        return True


def _size(line: bytes) -> int:
    """The size that a chunk begins with."""
    found = _SIZE.fullmatch(line)
    if found is None:
        raise InvalidChunkSize(line[:100])
    size, extension = found.groups()
    if extension is not None and not _EXTENSION.fullmatch(extension):
        raise InvalidChunkExtension("invalid chunk extension")
    return int(size, 16)
