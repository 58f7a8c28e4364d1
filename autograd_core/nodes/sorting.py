"""Nodes in any order -> nodes after their operands, or the cycle that forbids it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

import numpy as np

from autograd_core.errors import Fault, GraphError
from autograd_core.graph import Codes, Graph, Places, evaluation_order
from autograd_core.limits import look


def sorted_graph(graph: Graph) -> Graph:
    """The graph, its nodes renumbered where an operand came after its user.

    Raises GraphError: a cycle.
    """
    if _is_sorted(graph):
        return graph
    graph = _renumbered(graph, evaluation_order(graph, range(len(graph))))
    if not _is_sorted(graph):
        raise GraphError(_cycle(graph))
    return graph


def _users(graph: Graph) -> Codes:
    """The node that each entry of `graph.operands` belongs to."""
    return np.repeat(np.arange(len(graph), dtype=np.int32), np.diff(graph.offsets))


def _is_sorted(graph: Graph) -> bool:
    return bool((graph.operands < _users(graph)).all())


def _renumbered(graph: Graph, order: Sequence[int]) -> Graph:
    """The same graph with node order[k] as number k."""
    number_of = np.empty(len(order), dtype=np.int32)
    number_of[order] = np.arange(len(order), dtype=np.int32)
    codes = graph.operands.copy()
    codes[codes >= 0] = number_of[codes[codes >= 0]]
    counts = np.diff(graph.offsets)[order]
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    places = graph.places
    starts = np.repeat(graph.offsets[:-1][order] - offsets[:-1], counts)
    return Graph(
        leaves=graph.leaves,
        operations=tuple(graph.operations[number] for number in order),
        offsets=offsets,
        operands=codes[starts + np.arange(len(codes), dtype=np.int32)],
        ids=tuple(graph.ids[number] for number in order),
        attributes={int(number_of[k]): attrs for k, attrs in graph.attributes.items()},
        places=Places(range(len(order)), lambda number: places[order[number]]),
    )


def _cycle(graph: Graph) -> Fault:
    """The shortest cycle through a node that comes before one of its operands.

    The evaluation order leaves a node early only when one of its own operands led back to
    it, so there is such a cycle; a breadth-first walk along operands finds it.
    """
    late = _users(graph)[graph.operands >= _users(graph)]
    for start in dict.fromkeys(late.tolist()):
        came_from = {start: start}
        queue = deque([start])
        while queue:
            look()
            number = queue.popleft()
            for code in graph.operands_of(number):
                if code == start:
                    return _cycle_fault(graph, start, number, came_from)
                if code >= 0 and code not in came_from:
                    came_from[code] = number
                    queue.append(code)
    raise AssertionError("an unsorted graph without a cycle")


def _cycle_fault(graph: Graph, start: int, last: int, came_from: Mapping[int, int]) -> Fault:
    cycle = [start]
    while last != start:
        cycle.append(last)
        last = came_from[last]
    cycle.append(start)
    cycle.reverse()
    names = [graph.ids[number] or "a node in place" for number in cycle]
    if len(names) > _LONGEST_CYCLE:
        names[_LONGEST_CYCLE // 2 : -_LONGEST_CYCLE // 2] = ["..."]
    return graph.place_of(start).fault("cycle", f"a cycle: {' needs '.join(names)}")


# Names shown of a cycle; a longer one is shown by its two ends.
_LONGEST_CYCLE = 12
