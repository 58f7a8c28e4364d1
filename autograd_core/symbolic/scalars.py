"""What formulas are of: scalars, and operations of the table that are formulas themselves."""

from __future__ import annotations

from dataclasses import replace

from autograd_core.errors import GraphError
from autograd_core.graph import Graph
from autograd_core.names import quoted
from autograd_core.operations import TABLE, Elementwise


def refusal(graph: Graph, number: int, detail: str) -> GraphError:
    """The exception for a node that no formula can have in it."""
    name = graph.ids[number]
    where = f"node {quoted(name)}: " if name is not None else ""
    fault = graph.place_of(number).fault("invalid_value", where + detail)
    return GraphError(replace(fault, advice="numbers_of_arrays"))


def on_arrays(operation: str) -> str:
    """Why an operation is refused."""
    return f"{operation} works on arrays, and formulas are of scalars"


CONSTANT_WITH_AXES = "a constant with axes is no part of a formula of scalars"


def require_scalars(graph: Graph) -> None:
    """Raise GraphError for a node that is no elementwise operation, or has an array constant."""
    for number, operation in enumerate(graph.operations):
        if not isinstance(TABLE[operation], Elementwise):
            raise refusal(graph, number, on_arrays(operation))
    arrays = [~at for at, leaf in enumerate(graph.leaves) if not isinstance(leaf, str | float)]
    for number in range(len(graph)) if arrays else ():
        if not set(arrays).isdisjoint(graph.operands_of(number)):
            raise refusal(graph, number, CONSTANT_WITH_AXES)
