"""Graph -> a list of nodes, as it goes into JSON, which `read_nodes` reads back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_core.graph import NO_ATTRIBUTES, Graph
from autograd_core.limits import Deadline, watched
from autograd_core.tensors import Array


def write_nodes(graph: Graph) -> list[dict[str, Any]]:
    """The nodes, operands first, each with an id: %1, %2, ... for those without one.

    A name that is a constant (pi) is written as its number, as node lists know no such names.
    """
    names, leaves = graph.names, [_leaf(leaf, graph) for leaf in graph.leaves]
    offsets, operands = graph.offsets.tolist(), graph.operands.tolist()
    nodes: list[dict[str, Any]] = []
    for number in watched(range(len(graph)), Deadline.current()):
        codes = operands[offsets[number] : offsets[number + 1]]
        args = [names[code] if code >= 0 else leaves[~code] for code in codes]
        node: dict[str, Any] = {"id": names[number], "op": graph.operations[number], "args": args}
        attributes = graph.attributes.get(number, NO_ATTRIBUTES)
        if attributes:
            node["attrs"] = {name: _attribute(value) for name, value in attributes.items()}
        nodes.append(node)
    return nodes


def _leaf(leaf: str | float | Array, graph: Graph) -> Any:
    if isinstance(leaf, str):
        if leaf not in graph.defaults:
            return leaf
        leaf = graph.defaults[leaf]
    if isinstance(leaf, float):
        return leaf if math.isfinite(leaf) else {"shape": [], "data": [_number(leaf)]}
    return {"shape": list(leaf.shape), "data": [_number(each) for each in leaf.ravel().tolist()]}


def _number(number: float) -> float | str:
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _attribute(value: Any) -> Any:
    if isinstance(value, slice):
        return [value.start, value.stop, value.step]
    if isinstance(value, list | tuple):
        return [_attribute(each) for each in value]
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value
