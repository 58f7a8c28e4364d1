"""Graphs made of other graphs."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from autograd_core import Graph, GraphBuilder


def splice(builder: GraphBuilder, graph: Graph, known: Mapping[str, int]) -> Mapping[int, int]:
    """Append a graph's nodes to what is being built, without their ids: its operand codes, and
    what they have become. known: codes of names that stand for something built already.
    """
    became: dict[int, int] = {}
    for number, leaf in enumerate(graph.leaves):
        if not isinstance(leaf, str):
            became[~number] = builder.constant(leaf)
        else:
            became[~number] = known[leaf] if leaf in known else builder.input(leaf)
    offsets, operands = graph.offsets.tolist(), graph.operands.tolist()
    for number, operation in enumerate(graph.operations):
        codes = operands[offsets[number] : offsets[number + 1]]
        attributes = graph.attributes.get(number)
        became[number] = builder.apply(operation, [became[code] for code in codes], attributes)
    return became


def splice_result(builder: GraphBuilder, graph: Graph, known: Mapping[str, int]) -> int:
    """The code of what a graph with a result computes, once it is appended."""
    became = splice(builder, graph, known)
    return became[len(graph) - 1 if graph.result is None else graph.result]


def needed(graph: Graph, root: int) -> list[bool]:
    """Of each node, whether a node or input (a code) is computed from it."""
    offsets, operands = graph.offsets.tolist(), graph.operands.tolist()
    found = [False] * len(graph)
    waiting = [root]
    while waiting:
        code = waiting.pop()
        if code >= 0 and not found[code]:
            found[code] = True
            waiting.extend(operands[offsets[code] : offsets[code + 1]])
    return found


def moved_by(graph: Graph, names: Collection[str]) -> Collection[int]:
    """The codes of some inputs, and of every node that is computed from one of them."""
    offsets, operands = graph.offsets.tolist(), graph.operands.tolist()
    leaves = enumerate(graph.leaves)
    found = {~number for number, leaf in leaves if isinstance(leaf, str) and leaf in names}
    for number in range(len(graph)):
        if not found.isdisjoint(operands[offsets[number] : offsets[number + 1]]):
            found.add(number)
    return found
