"""Graphs that were read before.

Graders send one graph with thousands of bindings, one request each. A graph is kept under
what it was read from, so that it is read, linked and compiled once. The cache is small,
belongs to one process and changes no answer: the service stays without state in meaning.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Hashable
from typing import Any, Final

import orjson
from cachetools import LRUCache

from autograd_core import (
    Graph,
    Limits,
    NodeText,
    NotPlain,
    parse,
    read_columns,
    read_node_text,
    read_nodes,
)

# Together these bound the memory: graphs of at most this size, and so many bytes of them.
MOST_NODES_KEPT: Final = 500
_LONGEST_LIST: Final = 64 * 1024  # bytes: a node may hold a tensor
_LONGEST_TEXT: Final = 4_000
_MOST_BYTES: Final = 16 * 1024 * 1024


def size_of(graph: Graph) -> int:
    """About how many bytes a graph takes with what was compiled of it, as tracemalloc has it for
    graphs of 1 to 500 nodes or inputs.
    """
    numbers = sum(getattr(leaf, "size", 1) for leaf in graph.leaves)
    return 12_000 + 600 * (len(graph) + len(graph.leaves)) + 8 * numbers


_graphs: LRUCache[Hashable, Graph] = LRUCache(_MOST_BYTES, getsizeof=size_of)
_lock = threading.Lock()


def graph_of_nodes(nodes: Any, bound: Collection[str] | None, limits: Limits) -> Graph:
    """The graph of a node list; of any names, where what is bound is None. Raises GraphError; and
    NotPlain for one that was not decoded, and has to be.
    """
    if isinstance(nodes, NodeText):
        if bound is None:
            raise NotPlain
        return read_node_text(nodes, bound, limits)
    if type(nodes) is not list or len(nodes) > MOST_NODES_KEPT:
        return read_nodes(nodes, bound, limits)
    return _of_json(nodes, bound, limits, read_nodes)


def graph_of_columns(columns: Any, bound: Collection[str] | None, limits: Limits) -> Graph:
    """The graph of columns; of any names, where what is bound is None. Raises GraphError."""
    if type(columns) is not dict or any(map(_is_long, columns.values())):
        return read_columns(columns, bound, limits)
    return _of_json(columns, bound, limits, read_columns)


def _is_long(column: Any) -> bool:
    return type(column) is list and len(column) > MOST_NODES_KEPT


def _of_json(
    value: Any,
    bound: Collection[str] | None,
    limits: Limits,
    read: Callable[[Any, Collection[str] | None, Limits], Graph],
) -> Graph:
    try:
        written = orjson.dumps(value)
    except TypeError:  # it holds a number out of range
        return read(value, bound, limits)
    if len(written) > _LONGEST_LIST:
        return read(value, bound, limits)
    names = None if bound is None else tuple(bound)
    return _remembered((written, names, limits), lambda: read(value, bound, limits))


def graph_of_text(text: str, limits: Limits) -> Graph:
    """The graph of infix text. Raises ExpressionError."""
    if len(text) > _LONGEST_TEXT:
        return parse(text, limits)
    return _remembered((text, limits), lambda: parse(text, limits))


def let_go(graph: Graph) -> None:
    """Empty a graph that is too large to be kept. Its plans refer back to it: without this, only
    the garbage collector would free them, and the decoded message in whose memory its names lie.
    """
    if len(graph) > _LONGEST_TEXT:  # no text of that length has as many nodes
        graph.memo.clear()


def _remembered(key: Hashable, read: Callable[[], Graph]) -> Graph:
    with _lock:
        known = _graphs.get(key)
    if known is None:
        known = read()
        with _lock:
            _graphs[key] = known
    return known
