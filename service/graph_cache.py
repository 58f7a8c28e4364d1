"""Graphs that were read before.

Graders send one graph with thousands of bindings, one request each. A graph is kept under
what it was read from, so that it is read, linked and compiled once. The cache is small,
belongs to one process and changes no answer: the service stays without state in meaning.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import orjson

from autograd_core.expression import parse
from autograd_core.graph import Graph
from autograd_core.limits import Limits
from autograd_core.node_list import read_nodes
from service.recent import Recent

# Together these bound the memory: graphs of at most this size, and so many of them.
_MOST_NODES: Final = 500
_LONGEST_TEXT: Final = 4_000
_ENTRIES: Final = 256


def graph_of_nodes(nodes: Any, bound: Collection[str] | None, limits: Limits) -> Graph:
    """The graph of a node list. Raises GraphError."""
    if type(nodes) is not list or len(nodes) > _MOST_NODES or bound is None:
        return read_nodes(nodes, bound, limits)
    try:
        key = orjson.dumps(nodes), tuple(bound), limits
    except TypeError:  # it holds a number out of range
        return read_nodes(nodes, bound, limits)
    return _graphs.find(key) or _graphs.keep(key, read_nodes(nodes, bound, limits))


def graph_of_text(text: str, limits: Limits) -> Graph:
    """The graph of infix text. Raises ExpressionError."""
    if len(text) > _LONGEST_TEXT:
        return parse(text, limits)
    return _graphs.find((text, limits)) or _graphs.keep((text, limits), parse(text, limits))


_graphs: Recent[Graph] = Recent(_ENTRIES)
