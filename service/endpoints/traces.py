"""The trace of an answer without adjoints: every node that the outputs need, with its value."""

from __future__ import annotations

from typing import Any

from autograd_core.derivatives.gradient import evaluate
from autograd_core.derivatives.linking import default_output
from autograd_core.graph import evaluation_order
from autograd_core.limits import watched
from service.messages.message import Message
from service.transport.exchange import Terms


def values_of_nodes(
    message: Message, outputs: tuple[str, ...] | None, terms: Terms
) -> list[dict[str, Any]]:
    """The nodes in the order evaluated. outputs: None for the default."""
    graph = message.graph
    if outputs is None:
        roots = [default_output(graph)]
    else:
        roots = [graph.codes[name] for name in outputs if name in graph.codes]
    needed = evaluation_order(graph, roots)
    names = tuple(graph.names[number] for number in needed)
    values = evaluate(
        graph,
        message.bindings,
        outputs=names,
        mapped=message.mapped,
        limits=terms.limits,
        deadline=terms.deadline,
    ).values
    nodes = [graph.nodes[number] for number in watched(needed, terms.deadline)]
    return [
        {"id": name, "op": node.op, "args": node.args, "value": values[name]}
        for name, node in zip(names, nodes, strict=True)
    ]
