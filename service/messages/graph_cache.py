"""Graphs that were read before.

Graders send one graph with thousands of bindings, one request each. A graph is kept under
what it was read from, so that it is read, linked and compiled once. The cache is small,
belongs to one process and changes no answer: the service stays without state in meaning.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import orjson

from autograd_core.graph import Graph
from autograd_core.infix.expression import parse
from autograd_core.limits import Limits
from autograd_core.nodes.node_list import read_nodes
from service.messages.recent import Recent

# Together these bound the memory: graphs of at most this size, and so many of them.
_MOST_NODES: Final = 500
_LONGEST_LIST: Final = 64 * 1024  # bytes: a node may hold a tensor
_LONGEST_TEXT: Final = 4_000
_ENTRIES: Final = 256


def graph_of_nodes(nodes: Any, bound: Collection[str] | None, limits: Limits) -> Graph:
    """The graph of a node list. Raises GraphError."""
    if type(nodes) is not list or len(nodes) > _MOST_NODES or bound is None:
        return read_nodes(nodes, bound, limits)
    try:
        written = orjson.dumps(nodes)
    except TypeError:  # it holds a number out of range
        return read_nodes(nodes, bound, limits)
    if len(written) > _LONGEST_LIST:
        return read_nodes(nodes, bound, limits)
    key = written, tuple(bound), limits
    return _graphs.find(key) or _graphs.keep(key, read_nodes(nodes, bound, limits))


def graph_of_text(text: str, limits: Limits) -> Graph:
    """The graph of infix text. Raises ExpressionError."""
    if len(text) > _LONGEST_TEXT:
        return parse(text, limits)
    return _graphs.find((text, limits)) or _graphs.keep((text, limits), parse(text, limits))


def let_go(graph: Graph) -> None:
    """Empty a graph that is too large to be kept. Its plans refer back to it: without this, only
    the garbage collector would free them, and the decoded message in whose memory its names lie.
    """
    if len(graph) > _LONGEST_TEXT:  # no text of that length has as many nodes
        graph.plans.clear()


_graphs: Recent[Graph] = Recent(_ENTRIES)
