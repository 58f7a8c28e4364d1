"""A function of one or two numbers on a grid, with its gradient: what a plot shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from autograd_core import (
    ArgumentError,
    Array,
    Deadline,
    Fault,
    Graph,
    GraphError,
    Limits,
    NonfiniteWarning,
    did_you_mean,
    format_expression,
    gradient,
)

Intervals = Mapping[str, tuple[float, float]]
# By the number of inputs: points along each, if nobody says how many, and at most.
POINTS: Final[Mapping[int, int]] = {1: 201, 2: 61}
MOST_POINTS: Final[Mapping[int, int]] = {1: 1_000, 2: 150}
_LARGEST_WRITTEN: Final = 50  # nodes of a function that is written out
_LONGEST: Final = 60  # characters of it


@dataclass(frozen=True)
class Samples:
    """Values and derivatives at the points of a grid.

    names: the inputs it is over, one or two. axes: the numbers along each. values: for one input
    in the shape of its axis; for two a row for each number of the second. slopes: for each
    input, its partial derivative, in the shape of the values. output: the name of the function,
    if it has one. formula: the function as text, if that is short.
    """

    names: tuple[str, ...]
    axes: tuple[Array, ...]
    values: Array
    slopes: tuple[Array, ...]
    output: str | None
    formula: str | None
    warnings: tuple[NonfiniteWarning, ...]


def sample(
    graph: Graph,
    bindings: Mapping[str, Any],
    over: Intervals,
    *,
    output: str | None = None,
    points: int | None = None,
    limits: Limits,
    deadline: Deadline,
) -> Samples:
    """The function and its gradient at `points` equal steps along each interval, ends included.

    Numbers bound to the names in `over` are of no interest. Raises GraphError, ArgumentError with
    paths ("over", name) among others, and DeadlineExceeded.
    """
    names = tuple(over)
    for name in names:
        _require_number(graph, bindings, name)
    count = POINTS[len(names)] if points is None else points
    axes = tuple(np.linspace(low, high, count) for low, high in over.values())
    grid = np.meshgrid(*axes)
    bound = {**bindings, **{name: each.ravel() for name, each in zip(names, grid, strict=True)}}
    try:
        found = gradient(
            graph,
            bound,
            output=output,
            wrt=names,
            mapped=names,
            limits=limits,
            deadline=deadline,
        )
    except GraphError as error:
        raise GraphError(map(_worded, error.faults)) from None
    shape = grid[0].shape
    return Samples(
        names,
        axes,
        np.reshape(found.value, shape),
        tuple(np.reshape(found.gradients[name], shape) for name in names),
        output or _name(graph),
        _formula(graph, output),
        found.warnings,
    )


def _require_number(graph: Graph, bindings: Mapping[str, Any], name: str) -> None:
    if name not in bindings and name not in graph.inputs:
        known = [*bindings, *graph.inputs]
        detail = f"nothing is called {name!r}{did_you_mean(name, known)}"
        raise ArgumentError(Fault("unknown_name", detail, ("over", name)))
    if np.ndim(bindings.get(name, 0.0)):
        detail = f"{name!r} is bound to a tensor, and a plot is over numbers"
        raise ArgumentError(Fault("shape_mismatch", detail, ("over", name)))


def _worded(fault: Fault) -> Fault:
    if fault.advice != "fewer_points":
        return fault
    return replace(fault, detail=f"{fault.detail}; ask for fewer points", advice=None)


def _name(graph: Graph) -> str | None:
    """The name of what the graph computes, if it has one of its own."""
    code = graph.result if graph.result is not None else (*graph.sinks, None)[0]
    if code is None:
        return None
    label = graph.ids[code] if code >= 0 else graph.label(code)
    return label if isinstance(label, str) else None


def _formula(graph: Graph, output: str | None) -> str | None:
    if output is not None or len(graph) > _LARGEST_WRITTEN:
        return None
    text = format_expression(graph)
    return text if len(text) <= _LONGEST and "\n" not in text else None
