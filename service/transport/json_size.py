"""How much memory a JSON text takes once it is decoded, from a look at its bytes.

Eleven million empty lists are 32 MB of text, 32 kB of gzip and 1 GB of Python. The separators
and brackets are counted before anything is decoded; what stands in strings is counted with them,
which only ever makes the estimate larger.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from autograd_core import Fault
from service.problems import invalid

# Bytes of CPython's objects as its allocator hands them out, measured with orjson 3.13: the
# estimate is within a third of what a process grows by, and seldom below it.
_SLOT: Final = 8  # a reference to a value, in a list
_LIST: Final = 80
_OBJECT: Final = 192  # with up to five members, whose names are shared
_USUAL_MEMBERS: Final = 5
_MEMBER: Final = 130  # any other, with a name of its own
_STRING: Final = 64
_NUMBER: Final = 32  # of at least three characters; smaller ones are shared
_SHORTEST_NUMBER: Final = 3
MOST_PER_BYTE: Final = 70  # of "{}," each

_BLOCK: Final = 256 * 1024  # bytes looked at together, which stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Parts:
    """What a JSON text consists of. `numbers` are those that take memory of their own; `letters`
    are no more than what stands in the strings and in them.
    """

    lists: int
    objects: int
    strings: int
    numbers: int
    commas: int
    more_members: int  # than five an object
    letters: int

    @property
    def size(self) -> int:
        """Bytes of memory that the decoded value takes."""
        return (
            _LIST * self.lists
            + _OBJECT * self.objects
            + _STRING * self.strings
            + _NUMBER * self.numbers
            + _SLOT * self.commas
            + _MEMBER * self.more_members
            + self.letters
        )


def parts(body: bytes) -> Parts:
    """Count the parts of a text that is JSON; of another text the counts mean nothing.

    A text of c commas has c + 1 - e values that are no containers, e of these being empty. So
    what is no string is a number or a word, unless it is shorter than either.
    """
    lists, objects, quotes, colons, commas = _counts(body, b'[{":,')
    strings = max(0, quotes // 2 - colons)  # without the names of members
    rest = len(body) - 2 * (lists + objects) - quotes - colons - commas
    numbers = max(0, min(commas + 1 - strings, rest // _SHORTEST_NUMBER))
    more_members = max(0, colons - _USUAL_MEMBERS * objects)
    letters = max(0, rest - _SHORTEST_NUMBER * numbers)
    return Parts(lists, objects, strings, numbers, commas, more_members, letters)


def decoded(body: bytes, limit: int, cheap: int) -> int:
    """Bytes that the decoded value takes, or more: Problem invalid-message if over `limit`.

    A text of which even the most that its length could take is at most `cheap` is not counted.
    """
    most = len(body) * MOST_PER_BYTE
    if most <= min(limit, cheap):
        return most
    found = parts(body)
    if found.size <= limit:
        return found.size
    detail = (
        f"decoded, the message would take {found.size:,} bytes, over the limit of {limit:,}: it "
        f"has {found.lists:,} lists, {found.objects:,} objects, {found.strings:,} strings and "
        f"{found.numbers:,} numbers; large tensors are smaller as base64"
    )
    raise invalid([Fault("limit_exceeded", detail)])


def _counts(body: bytes, characters: bytes) -> list[int]:
    counts = [0] * len(characters)
    view = np.frombuffer(body, dtype=np.uint8)
    for start in range(0, len(body), _BLOCK):
        block = view[start : start + _BLOCK]
        for index, character in enumerate(characters):
            counts[index] += int(np.count_nonzero(block == character))
    return counts
