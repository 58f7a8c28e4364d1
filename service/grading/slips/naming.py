"""What a node is called in a sentence: by its name, or by its formula if that is short."""

from __future__ import annotations

from functools import cache
from typing import Final

from autograd_core import Graph, GraphBuilder, format_expression

_LONGEST: Final = 40
_MOST: Final = 12  # nodes in a formula


class Names:
    """Of the nodes of one graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.text = cache(self._text)

    def _text(self, name: str) -> str:
        """The node's name if its author gave it one, else its formula in terms of named ones."""
        code = self._graph.codes.get(name, -1)
        if code < 0 or self._graph.ids[code] is not None:
            return name
        part = self._part(code)
        if part is not None:
            formula = format_expression(part)
            if "\n" not in formula and len(formula) <= _LONGEST:
                return formula
        return f"{name} ({self._graph.operations[code]})"

    def _part(self, root: int) -> Graph | None:
        """A node and the unnamed ones it is made of; named ones are inputs. None if too many."""
        graph = self._graph
        needed, waiting = {root}, [root]
        while waiting:
            for code in graph.operands_of(waiting.pop()):
                if code >= 0 and graph.ids[code] is None and code not in needed:
                    needed.add(code)
                    waiting.append(code)
            if len(needed) > _MOST:
                return None
        builder = GraphBuilder()
        codes: dict[int, int] = {}
        for number in sorted(needed):
            operands = []
            for code in graph.operands_of(number):
                label = graph.label(code)
                if code in codes:
                    operands.append(codes[code])
                elif isinstance(label, str):
                    operands.append(builder.input(label))
                else:
                    operands.append(builder.constant(label))
            codes[number] = builder.apply(
                graph.operations[number], operands, graph.attributes.get(number)
            )
        return builder.build(codes[root])
