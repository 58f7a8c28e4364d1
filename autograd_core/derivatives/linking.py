"""Names -> meanings: every name of a graph or a call is bound, or a fault says which is not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain, islice

import numpy as np

from autograd_core.errors import ArgumentError, Fault, GraphError, Path
from autograd_core.graph import Graph, Place
from autograd_core.infix.semantic_errors import function_hint
from autograd_core.limits import Limits
from autograd_core.suggestions import Suggestions


class Scope:
    """The names that mean something in a call: those of the graph's nodes and of what is bound.

    What is asked of it is answered in a time that does not grow with how much is wrong: faults
    end at the limit, the names are read once, and suggestions have one budget.
    """

    def __init__(self, graph: Graph, bound: Collection[str], limits: Limits) -> None:
        self._graph = graph
        self._bound = bound
        self._limits = limits
        # No reference to the scope itself: a large graph goes with its last reference.
        self._suggestions = Suggestions(partial(_names, graph, bound))

    def check(self) -> None:
        """Raise GraphError for names that nothing defines and ids that are also bindings."""
        graph, bound = self._graph, self._bound
        unbound = {
            ~code
            for name, code in self._inputs.items()
            if name not in bound and name not in graph.defaults
        }
        clashing = {name for name in graph.ids if name is not None and name in bound}
        if unbound or clashing:
            faults = chain(self._clashes(clashing), self._unbound(unbound))
            raise GraphError(islice(faults, self._limits.faults))

    def resolve(self, name: str, path: Path) -> int | str:
        """Operand code of a node or a used input; the name itself of an input nobody uses.

        Raises ArgumentError (unknown_name) at `path`.
        """
        code = self._graph.codes.get(name)
        if code is not None and (code >= 0 or name in self._bound):
            return code
        if name in self._bound:
            return name
        raise ArgumentError(self.unknown(name, path))

    def resolve_all(self, names: Sequence[str], argument: str) -> list[int | str]:
        """`resolve` for a list-valued argument, its faults collected."""
        targets: list[int | str] = []
        faults: list[Fault] = []
        for position, name in enumerate(names):
            try:
                targets.append(self.resolve(name, (argument, position)))
            except ArgumentError as error:
                faults.extend(error.faults)
                if len(faults) >= self._limits.faults:
                    break
        if faults:
            raise ArgumentError(faults)
        return targets

    def check_keys(self, names: Iterable[str], argument: str) -> None:
        """Raise ArgumentError for names that nothing has, at (argument, name)."""
        bound, codes = self._bound, self._graph.codes
        unknown = (name for name in names if name not in bound and codes.get(name, -1) < 0)
        faults = [
            self.unknown(name, (argument, name)) for name in islice(unknown, self._limits.faults)
        ]
        if faults:
            raise ArgumentError(faults)

    def unknown(self, name: str, path: Path) -> Fault:
        """The fault of a name that is neither a node nor an input."""
        detail = f"no node or input is called {name!r}{self._suggestions.did_you_mean(name)}"
        return Fault("unknown_name", detail, path)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(_names(self._graph, self._bound))

    @cached_property
    def _inputs(self) -> Mapping[str, int]:
        """The code of each free name's leaf."""
        leaves = enumerate(self._graph.leaves)
        return {leaf: ~number for number, leaf in leaves if isinstance(leaf, str)}

    def _clashes(self, clashing: Collection[str]) -> Iterator[Fault]:
        for number, name in enumerate(self._graph.ids):
            if name in clashing:
                detail = f"{name!r} names a node and is also the name of a binding"
                yield _fault("name_clash", detail, self._graph.place_of(number), "id")

    def _unbound(self, leaves: Collection[int]) -> Iterator[Fault]:
        """A fault for every place an unbound name is used; in infix text, for its first use.

        leaves: numbers of the leaves that are unbound names.
        """
        graph, seen = self._graph, set[int]()
        wanted = np.isin(graph.operands, [~leaf for leaf in leaves])
        for position in np.flatnonzero(wanted):
            leaf = ~int(graph.operands[position])
            number = int(np.searchsorted(graph.offsets, position, side="right")) - 1
            place = graph.place_of(number)
            if place.path:
                at = int(position - graph.offsets[number])
                yield _fault("unbound_name", self._nothing(leaf), place, "args", at)
            elif leaf not in seen:
                place = graph.leaf_places.get(leaf, place)
                yield _fault("unbound_name", self._nothing(leaf), place)
            seen.add(leaf)
        for leaf in sorted(set(leaves) - seen):  # the graph may be nothing but the name
            place = graph.leaf_places.get(leaf, Place())
            yield _fault("unbound_name", self._nothing(leaf), place)

    def _nothing(self, leaf: int) -> str:
        """That nothing has a leaf's name, and what may have been meant: two names run together,
        or one that was mistyped.
        """
        name = str(self._graph.leaves[leaf])
        together = function_hint(name, self._known)
        hint = self._suggestions.did_you_mean(name) if together is None else f"; {together}"
        return f"nothing is called {name!r}{hint}"


def _names(graph: Graph, bound: Collection[str]) -> Iterator[str]:
    yield from bound
    yield from (name for name in graph.ids if name is not None)


def _fault(code: str, detail: str, place: Place, *path: str | int) -> Fault:
    full = (*place.path, *path) if place.path else ()
    return Fault(code, detail, full, place.line, place.column)


def default_output(graph: Graph) -> int:
    """What a graph computes when nobody says: its result, or its only sink.

    Raises ArgumentError (ambiguous_output).
    """
    if graph.result is not None:
        return graph.result
    sinks = graph.sinks
    if len(sinks) == 1:
        return sinks[0]
    if not sinks:
        detail = "the graph has no node: name an output"
    else:
        listed = ", ".join(repr(graph.names[number]) for number in sinks[:_SINKS_LISTED])
        more = "" if len(sinks) <= _SINKS_LISTED else f" and {len(sinks) - _SINKS_LISTED} more"
        detail = f"{len(sinks)} nodes are used by no other ({listed}{more}): name an output"
    raise ArgumentError(Fault("ambiguous_output", detail))


_SINKS_LISTED = 5
