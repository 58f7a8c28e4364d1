"""Each step of a computation on its own: what it gives for any numbers before it.

All steps of a function stand in one graph whose inputs are the numbers before each step: so one
evaluation takes every node one step forward, and one reverse sweep every gradient one step back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

from autograd_core import Graph, GraphBuilder, NodeTrace, Number, evaluate, parse, vjp
from service.grading.graphs import splice_result
from service.grading.reference import Reference

# Rules that use the result, as on paper: the linear function of the operands x and y that has the
# partials of an operation, written with its operands X and Y and its result Z. Whoever has claimed
# a result uses it, and does not compute it again.
_WITH_RESULT: Final[Mapping[str, Graph]] = {
    operation: parse(formula)
    for operation, formula in {
        "exp": "Z*x",
        "exp2": "Z*log(2)*x",
        "expm1": "(Z + 1)*x",
        "reciprocal": "-Z**2*x",
        "sqrt": "x/(2*Z)",
        "cbrt": "x/(3*Z**2)",
        "tan": "(1 + Z**2)*x",
        "tanh": "(1 - Z**2)*x",
        "sigmoid": "Z*(1 - Z)*x",
        "relu": "(Z > 0)*x",
        "div": "x/Y - Z/Y*y",
    }.items()
}


def steps_of(reference: Reference) -> Steps:
    """The steps of a reference, made once."""
    return reference.remembered("steps", lambda: Steps(reference))


class Steps:
    """The steps from inputs to output, and what they give for other numbers than the true ones.

    Numbers are by the name of an input or a node; where one is left out, the true one stands.
    """

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        graph, nodes = reference.graph, reference.nodes
        used = [arg for node in nodes.values() for arg in node.args if isinstance(arg, str)]
        inputs = [name for name in dict.fromkeys(used) if name not in nodes]
        constants = {name: graph.defaults[name] for name in inputs if name in graph.defaults}
        self._values: dict[str, Number] = {
            **constants,
            **{name: reference.value_of(name) for name in inputs if name in reference.bindings},
            **{name: node.value for name, node in nodes.items()},
        }
        # Names of their own, as any name may be an input's.
        self._live = {name: f"live {place}" for place, name in enumerate(self._values)}
        self._held = {name: f"held {place}" for place, name in enumerate(self._values)}
        self._steps = {name: f"step {place}" for place, name in enumerate(nodes)}

    def values(self, values: Mapping[str, Number]) -> Mapping[str, Number]:
        """The value that each node has for these values of its operands."""
        found = evaluate(
            self._one_step,
            self._bound(values, self._live),
            outputs=list(self._steps.values()),
            limits=self._reference.limits,
            deadline=self._reference.deadline,
        ).values
        return {name: found[step] for name, step in self._steps.items()}

    def gradients(
        self, values: Mapping[str, Number], gradients: Mapping[str, Number]
    ) -> Sequence[Mapping[str, Number]]:
        """The gradient that each input and node has for these values, and these gradients of the
        nodes that use it: by rules that use operands, and by rules that use results.
        """
        nodes = self._reference.nodes
        if not nodes:
            return []
        cotangents = {
            step: gradients.get(name, self._reference.gradient_of(name))
            for name, step in self._steps.items()
        }
        live, held = self._bound(values, self._live), self._bound(values, self._held)
        output = self._reference.output_name
        found = []
        for graph, bindings in ((self._one_step, live), (self._by_results, {**live, **held})):
            products = vjp(
                graph,
                bindings,
                cotangents,
                wrt=list(self._live.values()),
                limits=self._reference.limits,
                deadline=self._reference.deadline,
            ).products
            found.append({name: products[live] for name, live in self._live.items()})
            found[-1][output] = 1.0  # whatever uses it, the output is not reached through it
        return found

    @cached_property
    def _one_step(self) -> Graph:
        builder = GraphBuilder()
        for name, node in self._reference.nodes.items():
            self._apply(builder, name, node)
        return builder.build()

    @cached_property
    def _by_results(self) -> Graph:
        builder = GraphBuilder()
        for name, node in self._reference.nodes.items():
            formula = _WITH_RESULT.get(node.op)
            if formula is None:
                self._apply(builder, name, node)
                continue
            known = {"Z": builder.input(self._held[name])}
            for small, large, arg in zip("xy", "XY", node.args, strict=False):
                known[small] = self._operand(builder, arg, self._live)
                known[large] = self._operand(builder, arg, self._held)
            builder.rename(splice_result(builder, formula, known), self._steps[name])
        return builder.build()

    def _apply(self, builder: GraphBuilder, name: str, node: NodeTrace) -> None:
        graph = self._reference.graph
        operands = [self._operand(builder, arg, self._live) for arg in node.args]
        attributes = graph.attributes.get(graph.codes[name])
        builder.apply(node.op, operands, attributes, name=self._steps[name])

    def _operand(self, builder: GraphBuilder, arg: object, names: Mapping[str, str]) -> int:
        if isinstance(arg, str):
            return builder.input(names[arg])
        return builder.constant(arg)  # type: ignore[arg-type]  # a float or an array

    def _bound(
        self, values: Mapping[str, Number], names: Mapping[str, str]
    ) -> Mapping[str, Number]:
        return {other: values.get(name, self._values[name]) for name, other in names.items()}
