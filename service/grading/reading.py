"""A claimed formula as its author wrote it -> a graph, or what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any, Final

from autograd_core import (
    ArgumentError,
    Fault,
    Graph,
    GraphBuilder,
    InvalidError,
    Limits,
    catalogue,
    did_you_mean,
    format_expression,
    in_words,
    parse,
    read_nodes,
)
from service.grading.graphs import splice
from service.grading.model import Options
from service.grading.reference import Reference

# What a claim may cost at all points together: some hundredths of a second.
_COST: Final = 20_000_000
_ELEMENTS: Final = 1_000_000
_LONGEST_ECHO: Final = 4_000
# Always allowed, unless denied: signs, and what is written with operators.
_ARITHMETIC: Final = frozenset({"neg", "add", "sub", "mul", "div", "pow", "identity"})
_NAMES: Final = {alias: row.name for row in catalogue.values() for alias in row.aliases} | {
    name: name for name in catalogue
}
_MOST_NAMED: Final = 3


class Unreadable(Exception):
    """A claim that cannot be judged; its text is for whoever made it."""


@dataclass(frozen=True)
class Formula:
    """A claim that was read. understood_as: what a text was taken for."""

    graph: Graph
    understood_as: str | None = None


@dataclass(frozen=True)
class Allowed:
    """The operations that claims may use."""

    allow: frozenset[str] | None
    deny: frozenset[str]

    def forbidden(self, graph: Graph) -> Sequence[str]:
        """What a graph uses and may not, in the order of use."""
        used = dict.fromkeys(graph.operations)
        return [op for op in used if op in self.deny or not self._is_allowed(op)]

    def _is_allowed(self, operation: str) -> bool:
        return self.allow is None or operation in self.allow or operation in _ARITHMETIC


def allowed_by(options: Options, most: int) -> Allowed:
    """The operations that the options allow. Raises ArgumentError for names that none has, for so
    many of them at most, with paths ("allow", k) and ("deny", k).
    """
    lists = {"allow": options.allow or (), "deny": options.deny}
    unknown = (
        (name, (member, place))
        for member, names in lists.items()
        for place, name in enumerate(names)
        if name not in _NAMES
    )
    faults = [
        Fault("unknown_operation", f"unknown operation {name!r}{did_you_mean(name, _NAMES)}", path)
        for name, path in islice(unknown, most)
    ]
    if faults:
        raise ArgumentError(faults)
    allow, deny = (frozenset(_NAMES[name] for name in names) for names in lists.values())
    return Allowed(None if options.allow is None else allow, deny)


def limits_of_claims(limits: Limits) -> Limits:
    """What one claim may cost: a student's bad text harms nobody else's."""
    return replace(
        limits,
        cost=min(limits.cost, _COST),
        elements=min(limits.elements, _ELEMENTS),
        total_elements=min(limits.total_elements, _COST),
    )


def read_formula(
    reference: Reference, written: Any, options: Options, allowed: Allowed, *, nodes: bool
) -> Formula:
    """The formula: a text, a number, a list of nodes, or an object with `expression`, or with
    `graph` or `nodes` and perhaps an `output`. nodes: whether it may use the reference's nodes by
    their names.

    Raises Unreadable.
    """
    limits = limits_of_claims(reference.limits)
    names = reference.all_names if nodes else reference.input_names

    def read_text(text: str) -> Graph:
        return parse(text, limits, options.notation, names)

    try:
        formula = _read(written, read_text, limits)
    except InvalidError as error:
        raise Unreadable(_in_words(error.faults[0])) from None
    forbidden = allowed.forbidden(formula.graph)
    if forbidden:
        listed = ", ".join(map(repr, forbidden[:_MOST_NAMED]))
        raise Unreadable(f"this uses {listed}, which may not be used here")
    return replace(formula, graph=_known(reference, formula.graph, nodes=nodes))


def _read(written: Any, read_text: Callable[[str], Graph], limits: Limits) -> Formula:
    if isinstance(written, Mapping) and written.keys() == {"expression"}:
        written = written["expression"]
        if not isinstance(written, str):
            raise Unreadable(f"an expression is a text, not {in_words(written)}")
    if isinstance(written, str):
        graph = read_text(written)
        return Formula(graph, _shortened(format_expression(graph)))
    if isinstance(written, int | float) and not isinstance(written, bool):
        if not math.isfinite(written):
            raise Unreadable("a formula is a text, not a number that is not finite")
        return Formula(parse(repr(float(written)), limits))
    if isinstance(written, list):
        return Formula(_settled(read_nodes(written, None, limits), None))
    if isinstance(written, Mapping):
        return Formula(_of_object(written, limits))
    if written is None:
        raise Unreadable("nothing was claimed here")
    raise Unreadable(f"a formula is a text or a list of nodes, not {in_words(written)}")


def _of_object(written: Mapping[str, Any], limits: Limits) -> Graph:
    """A graph as messages have it: {"graph": {"nodes": [...]}, "output"}; or its nodes alone."""
    graph, output = written, written.get("output")
    inside = written.get("graph")
    if isinstance(inside, Mapping) and written.keys() <= {"graph", "output"}:
        graph = inside
    if "nodes" not in graph or not graph.keys() <= {"nodes", "output"}:
        raise Unreadable("a formula that is an object has 'nodes', and perhaps an 'output'")
    if not (output is None or isinstance(output, str)):
        raise Unreadable(f"an output is the name of a node, not {in_words(output)}")
    return _settled(read_nodes(graph["nodes"], None, limits), output)


def _settled(graph: Graph, output: str | None) -> Graph:
    """A graph of nodes, with the result that its output is."""
    if output is not None and output in graph.codes:
        return replace(graph, result=graph.codes[output])
    if output is not None:
        raise Unreadable(f"no node is called {output!r}{did_you_mean(output, graph.codes)}")
    if len(graph.sinks) != 1:
        raise Unreadable(
            f"{len(graph.sinks)} nodes are used by no other: which one is meant is not clear"
        )
    return graph


def _known(reference: Reference, graph: Graph, *, nodes: bool) -> Graph:
    """The graph, if all of its names are the reference's; nodes of that put in place."""
    free = [name for name in graph.inputs if name not in graph.defaults]
    known = reference.all_names if nodes else reference.input_names
    inner = [name for name in free if name in known and name not in reference.input_names]
    unknown = [name for name in free if name not in known]
    if unknown:
        listed = (
            f"nothing is called {name!r} here{did_you_mean(name, chain(reference.inputs, inner))}"
            for name in unknown[:_MOST_NAMED]
        )
        raise Unreadable(" ".join(listed))
    if not inner:
        return graph
    builder = GraphBuilder({**reference.graph.defaults, **graph.defaults})
    became = splice(builder, reference.graph, {})
    codes = {name: became[reference.graph.codes[name]] for name in inner}
    result = graph.sinks[0] if graph.result is None else graph.result
    return builder.build(splice(builder, graph, codes)[result])


def _in_words(fault: Fault) -> str:
    if fault.column is None:
        return fault.detail
    where = f"column {fault.column}" if fault.line == 1 else f"line {fault.line}, {fault.column}"
    return f"{fault.detail} ({where})"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_ECHO else f"{text[:_LONGEST_ECHO]}…"
