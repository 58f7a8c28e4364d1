"""POST /evaluate: values of any nodes, no derivatives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_core.derivatives import Evaluation, evaluate
from autograd_core.graph import evaluation_order
from autograd_core.linking import default_output
from service.exchange import Endpoint, Terms
from service.reports import cost_of, warnings_of
from service.schemas.evaluate import EvaluateMessage, EvaluateSchema


def answer(message: EvaluateMessage, terms: Terms) -> Mapping[str, Any]:
    """Values of the outputs, of any shape."""
    result = _evaluated(message, message.wanted, terms)
    body: dict[str, Any] = {"values": result.values}
    if "nodes" in message.include:
        body["nodes"] = _trace(message, terms)
    if "cost" in message.include:
        body["cost"] = cost_of(result.cost)
    return body | {"warnings": warnings_of(result.warnings, message)}


def _evaluated(
    message: EvaluateMessage, outputs: tuple[str, ...] | None, terms: Terms
) -> Evaluation:
    return evaluate(
        message.graph,
        message.bindings,
        outputs=outputs,
        mapped=message.mapped,
        limits=terms.limits,
        deadline=terms.deadline,
    )


def _trace(message: EvaluateMessage, terms: Terms) -> list[dict[str, Any]]:
    """Every node that the outputs need, in the order evaluated, with its value."""
    graph = message.graph
    if message.wanted is None:
        roots = [default_output(graph)]
    else:
        roots = [graph.codes[name] for name in message.wanted if name in graph.codes]
    needed = evaluation_order(graph, roots)
    names = tuple(graph.names[number] for number in needed)
    values = _evaluated(message, names, terms).values
    nodes = [graph.nodes[number] for number in needed]
    return [
        {"id": name, "op": node.op, "args": node.args, "value": values[name]}
        for name, node in zip(names, nodes, strict=True)
    ]


ENDPOINT = Endpoint(
    name="evaluate",
    title="Values of nodes, without derivatives",
    schema=EvaluateSchema,
    answer=answer,
)
