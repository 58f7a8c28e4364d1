"""A function whose angles are taken in degrees, as by a calculator in the wrong mode."""

from __future__ import annotations

from typing import Final

from autograd_core import Graph, GraphBuilder

_OF_ANGLES: Final = frozenset({"sin", "cos", "tan"})
_TO_ANGLES: Final = frozenset({"asin", "acos", "atan", "atan2"})


def in_degrees(graph: Graph, output: str | None, *, of_degrees: bool) -> Graph | None:
    """The same graph, its result the output, with angles in degrees; None if it has no angles.

    of_degrees: whether the factor pi/180 is differentiated as well, as of a function of degrees.
    Without it only the numbers are those of degrees: a calculator is in the wrong mode while the
    formula is right.
    """
    if _OF_ANGLES.isdisjoint(graph.operations) and _TO_ANGLES.isdisjoint(graph.operations):
        return None
    builder = GraphBuilder(graph.defaults)
    leaves = [
        builder.input(leaf) if isinstance(leaf, str) else builder.constant(leaf)
        for leaf in graph.leaves
    ]
    codes: list[int] = []

    def converted(operation: str, code: int) -> int:
        angle = builder.apply(operation, [code])
        if of_degrees:
            return angle
        shift = builder.apply("stop_gradient", [builder.apply("sub", [angle, code])])
        return builder.apply("add", [code, shift])

    for number, operation in enumerate(graph.operations):
        operands = [
            codes[code] if code >= 0 else leaves[~code] for code in graph.operands_of(number)
        ]
        if operation in _OF_ANGLES:
            operands = [converted("deg2rad", code) for code in operands]
        code = builder.apply(operation, operands, graph.attributes.get(number))
        codes.append(converted("rad2deg", code) if operation in _TO_ANGLES else code)
    end = graph.result if output is None else graph.codes[output]
    if end is None:
        end = graph.sinks[0]
    return builder.build(codes[end] if end >= 0 else leaves[~end])
