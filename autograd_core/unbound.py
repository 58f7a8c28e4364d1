"""Names of a graph that nothing defines, and ids that a binding has as well.

They are found once, for a reader that knows what is bound and for a call that binds it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial

import numpy as np

from autograd_core.errors import Fault
from autograd_core.graph import NOWHERE, Graph
from autograd_core.infix.semantic_errors import function_hint
from autograd_core.names import Suggestions, quoted


def names_in(graph: Graph, bound: Collection[str]) -> Iterator[str]:
    """The names that mean something: those of what is bound, and of the graph's nodes."""
    yield from bound
    yield from (name for name in graph.ids if name is not None)


def name_faults(graph: Graph, bound: Collection[str]) -> Iterator[Fault]:
    """name_clash and unbound_name, found as they are asked for: there may be any number.

    An unbound name is a fault wherever a node list uses it; in infix text, where it is first used.
    """
    codes = graph.codes
    if any(codes.get(name, -1) >= 0 for name in bound):
        for number, name in enumerate(graph.ids):
            if name is not None and name in bound:
                detail = f"{quoted(name)} names a node and is also the name of a binding"
                yield graph.place_of(number).fault("name_clash", detail, "id")
    unbound = [
        leaf
        for leaf, name in enumerate(graph.leaves)
        if isinstance(name, str) and name not in bound and name not in graph.defaults
    ]
    if unbound:
        yield from _unbound(graph, bound, unbound)


def _unbound(graph: Graph, bound: Collection[str], leaves: list[int]) -> Iterator[Fault]:
    """The faults of these leaves, in the order of their uses."""
    known = frozenset(names_in(graph, bound))
    suggestions = Suggestions(partial(names_in, graph, bound))

    def fault(leaf: int, user: int | None = None, at: int = 0) -> Fault:
        name, place = str(graph.leaves[leaf]), NOWHERE if user is None else graph.place_of(user)
        if place.path:
            hint = suggestions.did_you_mean(name)
        else:  # in infix text two names may have run together
            place = graph.leaf_places.get(leaf, place)
            together = function_hint(name, known)
            hint = suggestions.did_you_mean(name) if together is None else f"; {together}"
        detail = f"nothing is called {quoted(name)}{hint}"
        return place.fault("unbound_name", detail, "args", at)

    seen: set[int] = set()
    for position in np.flatnonzero(np.isin(graph.operands, [~leaf for leaf in leaves])):
        leaf = ~int(graph.operands[position])
        user = int(np.searchsorted(graph.offsets, position, side="right")) - 1
        if leaf not in seen or graph.place_of(user).path:
            yield fault(leaf, user, int(position - graph.offsets[user]))
        seen.add(leaf)
    for leaf in leaves:  # the graph may be nothing but the name
        if leaf not in seen:
            yield fault(leaf)
