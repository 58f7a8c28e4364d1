"""A stream of lines, cut into blocks that can be answered apart from each other."""

from __future__ import annotations

from typing import Final, NamedTuple

from service.transport.bulk import Stream

# Bytes of a block, while lines come faster than they are answered; a longer line is one by itself.
SIZE: Final = 256 * 1024
_SPACE: Final = b" \t\r"


class Block(NamedTuple):
    """Whole lines. before: how many lines stood before them. relied_on: the line of those that
    these rely on, if there is one.
    """

    before: int
    relied_on: bytes | None
    text: bytes


class Blocks:
    """Takes a stream in pieces, and gives it in blocks.

    longest: bytes of a line. One that is longer is refused, so not all of it is kept, but enough
    that it is too long, and not blank if it was not.
    """

    def __init__(self, stream: Stream, longest: int) -> None:
        self._stream, self._longest = stream, longest
        self._text = bytearray()
        self._whole = 0  # bytes of the text that are whole lines
        self._before = 0
        self.relied_on: bytes | None = None
        self._is_over = False

    @property
    def has_room(self) -> bool:
        """Whether more may be put in: a block is not full, or its one line is not complete."""
        return not self._is_over and self._whole < SIZE

    @property
    def has_lines(self) -> bool:
        """Whether there is something to take."""
        return self._whole > 0

    def put(self, piece: bytes) -> None:
        """What comes next of the stream; nothing at its end, which ends its last line."""
        if not piece:
            self._is_over = True
            self._whole = len(self._text)
            return
        at = piece.rfind(b"\n") + 1
        if at:
            self._whole = len(self._text) + at
        self._text += piece
        most = self._whole + self._longest + 1
        if len(self._text) > most:
            more = self._text[most:].strip(_SPACE)[:1]
            self._text[most:] = more

    def take(self) -> Block:
        """The lines that are whole."""
        block = Block(self._before, self.relied_on, bytes(self._text[: self._whole]))
        del self._text[: self._whole]
        self._whole = 0
        self._before += block.text.count(b"\n")
        self.relied_on = self._last_relied_on(block.text) or self.relied_on
        return block

    def _last_relied_on(self, text: bytes) -> bytes | None:
        """The last line in a text that others rely on, if there is one."""
        marks = self._stream.marks
        start = len(text)
        for mark in reversed(
            [] if marks is None else [each.start() for each in marks.finditer(text)]
        ):
            if mark < start:
                start, end = text.rfind(b"\n", 0, mark) + 1, text.find(b"\n", mark)
                line = text[start:] if end < 0 else text[start:end]
                if len(line) <= self._longest and self._stream.is_relied_on(line):
                    return line
        return None
