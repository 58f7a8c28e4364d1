"""Where a formula gives a name to a part of itself, so that it is no longer than its graph.

What is used twice is written once, as a statement of its own (s1 = sin(x)), unless it is so short
that it reads better where it stands; so is what grows long or deep. Infix text, LaTeX and MathJSON
all follow the same layout.
"""

from __future__ import annotations

import itertools
from typing import Final

from autograd_core.derivatives.linking import default_output
from autograd_core.graph import Graph, evaluation_order
from autograd_core.graph_builder import GraphBuilder
from autograd_core.infix.expression import is_name
from autograd_core.infix.vocabulary import CONSTANTS, WORDS
from autograd_core.limits import Deadline, watched

# What is used again is written again up to so many tokens, and a statement is longer than this,
# or deeper, by one operation at most.
_SHORT: Final = 3
_LONG: Final = 120
_DEEP: Final = 12
# A chain of these is written without brackets, so it is not deep.
_FLAT: Final = {"add": "sum", "sub": "sum", "mul": "product"}


def laid_out(graph: Graph) -> Graph:
    """The same function with its result last, in which every node that has an id is a statement
    and every other is used once. An input or a constant alone has no node.

    Raises ArgumentError if the graph has no result.
    """
    result = default_output(graph) if graph.result is None else graph.result
    if result >= 0 and graph.operations[result] == "identity":
        (operand,) = graph.operands_of(result)
        result = operand if operand < 0 else result
    return _Layout(graph, result).graph()


class _Layout:
    def __init__(self, graph: Graph, result: int) -> None:
        self._source, self._result = graph, result
        self._order = evaluation_order(graph, [result])
        self._offsets, self._operands = graph.offsets.tolist(), graph.operands.tolist()
        self._builder = GraphBuilder(graph.defaults)
        self._codes: dict[int, int] = {}  # of statements and leaves, as they are now
        taken = {*graph.inputs, *(name for name in graph.ids if name), *WORDS, *CONSTANTS}
        self._fresh = (f"s{count}" for count in itertools.count(1) if f"s{count}" not in taken)
        self._taken = {*graph.inputs, *WORDS, *CONSTANTS}
        self._named = self._statements()

    def graph(self) -> Graph:
        for number in watched(self._order, Deadline.current()):
            if number in self._named:
                self._codes[number] = self._written(number)
                self._builder.rename(self._codes[number], self._name(number))
        if self._result < 0:
            return self._builder.build(self._leaf(self._result))
        return self._builder.build(self._written(self._result))

    def _name(self, number: int) -> str:
        own = self._source.ids[number]
        if own is not None and own not in self._taken and is_name(own):
            return own
        return next(self._fresh)

    def _of(self, number: int) -> list[int]:
        codes: list[int] = self._operands[self._offsets[number] : self._offsets[number + 1]]
        return codes

    def _statements(self) -> set[int]:
        """The nodes, but for the result, that get a name."""
        uses = dict.fromkeys(self._order, 0)
        for number in watched(self._order, Deadline.current()):
            for code in self._of(number):
                if code >= 0:
                    uses[code] += 1
        named: set[int] = set()
        tokens: dict[int, int] = {}  # of what stands for a node where it is used
        depths: dict[int, int] = {}
        operations = self._source.operations
        for number in watched(self._order, Deadline.current()):
            codes = self._of(number)
            length = 1 + sum(tokens[code] if code >= 0 else 1 for code in codes)
            depth = 1 + max((depths[code] for code in codes if code >= 0), default=0)
            kind = _FLAT.get(operations[number])
            if kind and codes[0] >= 0 and _FLAT.get(operations[codes[0]]) == kind:
                others = (depths[code] + 1 for code in codes[1:] if code >= 0)
                depth = max(depths[codes[0]], *others, 1)
            again = uses[number] > 1 and length > _SHORT
            if number != self._result and (again or length > _LONG or depth > _DEEP):
                named.add(number)
                length, depth = 1, 0
            tokens[number], depths[number] = length, depth
        return named

    def _written(self, root: int) -> int:
        """The code of a node written in full, down to statements and leaves."""
        done: list[int] = []
        waiting: list[tuple[int, bool]] = [(root, False)]
        while waiting:
            number, is_ready = waiting.pop()
            if number < 0:
                done.append(self._leaf(number))
            elif is_ready:
                count = self._offsets[number + 1] - self._offsets[number]
                operands = done[len(done) - count :]
                del done[len(done) - count :]
                attributes = self._source.attributes.get(number)
                operation = self._source.operations[number]
                done.append(self._builder.apply(operation, operands, attributes))
            elif number in self._codes:
                done.append(self._codes[number])
            else:
                waiting.append((number, True))
                waiting.extend((code, False) for code in reversed(self._of(number)))
        return done.pop()

    def _leaf(self, code: int) -> int:
        known = self._codes.get(code)
        if known is None:
            leaf = self._source.leaves[~code]
            builder = self._builder
            known = builder.input(leaf) if isinstance(leaf, str) else builder.constant(leaf)
            self._codes[code] = known
        return known
