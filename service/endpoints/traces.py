"""Functions that give no trace of their own: every node that the outputs need, with its value."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from autograd_core import Deadline, Graph, evaluate
from autograd_core.derivatives.linking import default_output
from autograd_core.graph import evaluation_order
from autograd_core.limits import watched


def traced(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with an argument `trace`, and `nodes` in what it returns."""

    def tracing(graph: Graph, *, trace: bool, deadline: Deadline, **arguments: Any) -> Any:
        result = function(graph, deadline=deadline, **arguments)
        nodes = None
        if trace:
            nodes = _nodes(graph, _outputs(result, arguments), deadline, arguments)
        return SimpleNamespace(**vars(result), nodes=nodes)

    return tracing


def _outputs(result: Any, arguments: dict[str, Any]) -> tuple[str, ...] | None:
    """The names of the outputs; None for the default."""
    if "cotangents" in arguments:
        return tuple(result.values)
    output = arguments.get("output")
    return arguments.get("outputs") if output is None else (output,)


def _nodes(
    graph: Graph, outputs: tuple[str, ...] | None, deadline: Deadline, arguments: dict[str, Any]
) -> list[SimpleNamespace]:
    if outputs is None:
        roots = [default_output(graph)]
    else:
        roots = [graph.codes[name] for name in outputs if name in graph.codes]
    needed = evaluation_order(graph, roots)
    names = tuple(graph.names[number] for number in needed)
    common = {
        name: arguments[name] for name in ("bindings", "mapped", "limits") if name in arguments
    }
    values = evaluate(graph, **common, outputs=names, deadline=deadline).values
    nodes = [graph.nodes[number] for number in watched(needed, deadline)]
    return [
        SimpleNamespace(
            id=name, op=node.op, args=node.args, value=values[name], gradient=None, partials=None
        )
        for name, node in zip(names, nodes, strict=True)
    ]
