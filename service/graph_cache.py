"""Graphs that were read before.

Graders send one graph with thousands of bindings, one request each. A graph is kept under
what it was read from, so that it is read, linked and compiled once. The cache is small,
belongs to one process and changes no answer: the service stays without state in meaning.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final

import orjson

from autograd_core.expression import parse
from autograd_core.graph import Graph
from autograd_core.limits import Limits
from autograd_core.node_list import read_nodes

# Together these bound the memory: graphs of at most this size, and so many of them.
_MOST_NODES: Final = 500
_LONGEST_TEXT: Final = 4_000
_ENTRIES: Final = 128


def graph_of_nodes(nodes: Any, bound: Collection[str] | None, limits: Limits) -> Graph:
    """The graph of a node list. Raises GraphError."""
    if type(nodes) is not list or len(nodes) > _MOST_NODES or bound is None:
        return read_nodes(nodes, bound, limits)
    try:
        key = orjson.dumps(nodes)
    except TypeError:  # it holds a number out of range
        return read_nodes(nodes, bound, limits)
    return _of_nodes(key, tuple(bound), limits)


def graph_of_text(text: str, limits: Limits) -> Graph:
    """The graph of infix text. Raises ExpressionError."""
    return _of_text(text, limits) if len(text) <= _LONGEST_TEXT else parse(text, limits)


@lru_cache(maxsize=_ENTRIES)
def _of_nodes(key: bytes, bound: tuple[str, ...], limits: Limits) -> Graph:
    return read_nodes(orjson.loads(key), bound, limits)


@lru_cache(maxsize=_ENTRIES)
def _of_text(text: str, limits: Limits) -> Graph:
    return parse(text, limits)
