"""Plans: what a call asks of a graph, linked once and compiled for whichever engine runs it.

The same question about the same graph is asked again and again with other numbers (a grader's
submissions, a fit's iterations). A graph therefore keeps the plans it was asked for, a few of
them, by what the question depends on: the names and shapes bound, the outputs, the targets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from autograd_core.derivatives.linking import Scope, default_output
from autograd_core.engines.compiled import Compiled
from autograd_core.graph import Graph
from autograd_core.limits import Limits
from autograd_core.tensors import Shape

# Plans kept by one graph; a caller that asks more different questions compiles again.
MOST_PLANS = 16


class Question(NamedTuple):
    """Everything but the numbers. outputs: a name, several, or None for the default."""

    names: tuple[str, ...]
    shapes: tuple[Shape, ...]
    outputs: tuple[str, ...] | str | None
    wrt: tuple[str, ...]
    limits: Limits


def plan(graph: Graph, question: Question) -> Compiled:
    """The plan for a question, new or known. Raises GraphError and ArgumentError."""
    known = graph.memo.get(question)
    if isinstance(known, Compiled):
        return known
    made = _link(graph, question)
    if len(graph.memo) >= MOST_PLANS:
        graph.memo.clear()
    graph.memo[question] = made
    return made


def _link(graph: Graph, question: Question) -> Compiled:
    shapes = dict(zip(question.names, question.shapes, strict=True))
    scope = Scope(graph, shapes, question.limits)
    scope.check()
    outputs: Sequence[int | str]
    if question.outputs is None:
        outputs = [default_output(graph)]
    else:
        named = Scope(graph, shapes, question.limits, outputs=True)
        if isinstance(question.outputs, str):
            outputs = [named.resolve(question.outputs, ("output",))]
        else:
            outputs = named.resolve_all(question.outputs, "outputs")
    targets = scope.resolve_all(question.wrt, "wrt")
    return Compiled(graph, shapes, tuple(outputs), tuple(targets), question.limits)
