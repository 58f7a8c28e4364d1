"""A long list of nodes, read from the text of a message without being decoded.

    {"graph": {"nodes": [{"id": "e", "op": "mul", "args": ["a", "b"]}, ...]}, "bindings": ...}

Its tokens are found first (`scan_nodes`), so that whoever has the message can decode the rest of
it; then, with what is bound, they become columns (`read_node_text`), a few operations of NumPy for
all nodes. Names and constants become Python's only where they are asked for. Whatever is out of the
ordinary, every fault included, is NotPlain, and left to those who read a decoded list.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, Final

import numpy as np

from autograd_core.graph import Codes, Graph, Operations, Place, Places
from autograd_core.limits import DEFAULT_LIMITS, Limits, look
from autograd_core.nodes.numbered import NamedCodes
from autograd_core.nodes.scanning import QUOTES, intern, number, scan
from autograd_core.nodes.sorting import sorted_graph
from autograd_core.operations import find

# For the hash table of `intern`, so that nobody can choose texts that have one hash.
_SEED: Final = secrets.randbits(63)
# Bytes of memory for each token until the graph is there: what `scan` and `intern` return or hold.
_BYTES_A_TOKEN: Final = 40
_LONGEST: Final = 2**30  # bytes: with the names that are bound, places in it fit into 32 bits
# Names that are searched for before a dictionary of all is made, which takes as long as some ten.
_SEARCHES: Final = 8


class NotPlain(Exception):
    """A list is no plain one."""


@dataclass(frozen=True, eq=False)
class NodeText:
    """A plain list of nodes in a text. text: from where the list begins; end: where it ends there.

    firsts: of each node its first token, and how many there are. starts, ends: of each token.
    """

    text: bytes
    end: int
    firsts: Codes
    starts: Codes
    ends: Codes

    def __len__(self) -> int:
        return len(self.firsts) - 1

    @property
    def size(self) -> int:
        """Bytes of memory that reading it takes, beside the text."""
        return _BYTES_A_TOKEN * len(self.starts)


def scan_nodes(text: bytes, start: int, limits: Limits = DEFAULT_LIMITS) -> NodeText:
    """The list of nodes that begins at a place in a text, in UTF-8. Raises NotPlain."""
    if len(text) > _LONGEST:
        raise NotPlain
    bytes_of_text = np.frombuffer(text, dtype=np.uint8)
    end, firsts, starts, ends = scan(bytes_of_text, start, limits.name + QUOTES)
    if end < 0:
        raise NotPlain
    return NodeText(text, end, firsts, starts, ends)


def read_node_text(
    nodes: NodeText, bound: Collection[str], limits: Limits = DEFAULT_LIMITS
) -> Graph:
    """The graph of a list of nodes, as of `read_nodes`.

    Raises NotPlain, GraphError for a cycle, and DeadlineExceeded if there is a current deadline.
    """
    if not 0 < len(nodes) <= limits.nodes:
        raise NotPlain
    symbols = _Symbols(nodes, bound)
    look()
    offsets, operands, others, operations, applied = number(
        symbols.of_tokens, nodes.firsts, len(symbols)
    )
    if not len(offsets):
        raise NotPlain  # two have one name
    heads = nodes.firsts[:-1]
    ids = NamesInText(nodes.text, nodes.starts[heads], nodes.ends[heads])
    graph = Graph(
        leaves=(*bound, *_constants([symbols[other] for other in others.tolist()])),
        operations=_operations(
            [symbols[each] for each in operations.tolist()], applied, np.diff(offsets), limits
        ),
        offsets=offsets,
        operands=operands,
        ids=ids,
        places=Places(range(len(nodes)), lambda node: Place(("nodes", node))),
        known_names=ids,
        known_codes=NamedCodes(bound, ids),
    )
    return sorted_graph(graph)


class _Symbols:
    """The symbols of a list's tokens, and of the names that are bound. of_tokens: of the tokens,
    then of the names.
    """

    def __init__(self, nodes: NodeText, bound: Collection[str]) -> None:
        names = [f'"{name}"'.encode("utf-8", "surrogatepass") for name in bound]
        ends = np.array([*accumulate(map(len, names), initial=len(nodes.text))], dtype=np.int32)
        self._text = b"".join((nodes.text, *names))
        self._starts = np.concatenate((nodes.starts, ends[:-1]))
        self._ends = np.concatenate((nodes.ends, ends[1:]))
        text = np.frombuffer(self._text, dtype=np.uint8)
        self.of_tokens, self._firsts = intern(text, self._starts, self._ends, _SEED)
        if not len(self._firsts):
            raise NotPlain

    def __len__(self) -> int:
        return len(self._firsts)

    def __getitem__(self, symbol: int) -> str:
        """A symbol as it is written."""
        token = self._firsts[symbol]
        return self._text[self._starts[token] : self._ends[token]].decode()


def _constants(written: Sequence[str]) -> list[float]:
    if any(text.startswith('"') for text in written):
        raise NotPlain  # a name that nothing has
    numbers = [float(text) for text in written]
    if not all(map(math.isfinite, numbers)):
        raise NotPlain
    return numbers


def _operations(
    written: Sequence[str], applied: Codes, counts: Codes, limits: Limits
) -> Operations:
    """The operations, each known, without attributes, and applied to as many operands as fit."""
    rows = [find(text[1:-1]) for text in written]
    known = [row for row in rows if row is not None and not row.attributes]
    if len(known) < len(rows):
        raise NotPlain
    fewest = np.array([row.arity[0] for row in known])
    most = np.array([limits.nodes if row.arity[1] is None else row.arity[1] for row in known])
    if (counts < fewest[applied]).any() or (counts > most[applied]).any():
        raise NotPlain
    return Operations(tuple(row.name for row in known), applied)


class NamesInText(Sequence[str]):
    """Strings in a text, from `starts` to `ends` with their quotes: made as they are asked for."""

    def __init__(self, text: bytes, starts: Codes, ends: Codes) -> None:
        self._text = text
        self._starts, self._ends = starts + 1, ends - 1
        self._searches = 0

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return tuple(self[k] for k in range(len(self))[number])
        return self._text[self._starts[number] : self._ends[number]].decode()

    def __iter__(self) -> Iterator[str]:
        places = zip(self._starts.tolist(), self._ends.tolist(), strict=True)
        return (self._text[start:end].decode() for start, end in places)

    def __contains__(self, name: object) -> bool:
        return self.number_of(name) is not None

    def number_of(self, name: object) -> int | None:
        """The number of what is called so."""
        if self._searches == _SEARCHES:
            return self._numbers.get(name)
        if not isinstance(name, str) or not name.isascii():
            return None
        self._searches += 1
        return self._searched(name.encode())

    def _searched(self, name: bytes) -> int | None:
        """The number of a name, found by looking at all, a character at a time."""
        found = np.flatnonzero(self._ends - self._starts == len(name))
        text = np.frombuffer(self._text, dtype=np.uint8)
        for place, character in enumerate(name):
            found = found[text[self._starts[found] + place] == character]
        return int(found[0]) if len(found) else None

    @cached_property
    def _numbers(self) -> Mapping[object, int]:
        return {name: number for number, name in enumerate(self)}
