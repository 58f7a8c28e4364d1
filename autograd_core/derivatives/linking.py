"""Names -> meanings: every name of a graph or a call is bound, or a fault says which is not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property, partial
from itertools import islice

from autograd_core.errors import ArgumentError, Fault, GraphError, Path
from autograd_core.graph import Graph
from autograd_core.limits import Limits
from autograd_core.names import Suggestions, quoted
from autograd_core.unbound import name_faults, names_in

# What an output without a name of its own is called: unlike %5, it outlasts changes of the graph.
UNNAMED = "value"


class Scope:
    """The names that mean something in a call: those of the graph's nodes and of what is bound.

    outputs: of results, which may be constants with a name, or UNNAMED.

    What is asked of it is answered in a time that does not grow with how much is wrong: faults
    end at the limit, the names are read once, and suggestions have one budget.
    """

    def __init__(
        self, graph: Graph, bound: Collection[str], limits: Limits, *, outputs: bool = False
    ) -> None:
        self._graph = graph
        self._bound = {*graph.defaults, *bound} if outputs else bound
        self._result = sole_output(graph) if outputs else None
        self._limits = limits

    def check(self) -> None:
        """Raise GraphError for names that nothing defines and ids that are also bindings."""
        faults = list(islice(name_faults(self._graph, self._bound), self._limits.faults))
        if faults:
            raise GraphError(faults)

    def resolve(self, name: str, path: Path) -> int | str:
        """Operand code of a node or a used input; the name itself of an input nobody uses, though
        a node without an id may be called so.

        Raises ArgumentError (unknown_name) at `path`.
        """
        graph, is_bound = self._graph, name in self._bound
        code = graph.codes.get(name)
        if code is not None and (is_bound if code < 0 else graph.ids[code] or not is_bound):
            return code
        if is_bound:
            return name
        if name == UNNAMED and self._result is not None:
            return self._result
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

    def check_keys(self, names: Collection[str], argument: str) -> None:
        """Raise ArgumentError for names that nothing has, at (argument, name)."""
        bound, codes = self._bound, self._graph.codes
        if all(map(bound.__contains__, names)):
            return
        also = UNNAMED if self._result is not None else None
        unknown = (
            name for name in names if name not in bound and codes.get(name, -1) < 0 and name != also
        )
        faults = [
            self.unknown(name, (argument, name)) for name in islice(unknown, self._limits.faults)
        ]
        if faults:
            raise ArgumentError(faults)

    def unknown(self, name: str, path: Path) -> Fault:
        """The fault of a name that is neither a node nor an input."""
        detail = f"no node or input is called {quoted(name)}{self._suggestions.did_you_mean(name)}"
        return Fault("unknown_name", detail, path)

    @cached_property
    def _suggestions(self) -> Suggestions:
        # No reference to the scope itself: a large graph goes with its last reference.
        return Suggestions(partial(names_in, self._graph, self._bound))


def sole_output(graph: Graph) -> int | None:
    """What a graph computes when nobody says: its result, or its only sink; or None."""
    if graph.result is not None:
        return graph.result
    return graph.sinks[0] if len(graph.sinks) == 1 else None


def default_output(graph: Graph) -> int:
    """What a graph computes when nobody says.

    Raises ArgumentError (ambiguous_output).
    """
    output, sinks = sole_output(graph), graph.sinks
    if output is not None:
        return output
    if not sinks:
        detail = "the graph has no node: name an output"
    else:
        listed = ", ".join(quoted(graph.names[number]) for number in sinks[:_SINKS_LISTED])
        more = "" if len(sinks) <= _SINKS_LISTED else f" and {len(sinks) - _SINKS_LISTED} more"
        detail = f"{len(sinks)} nodes are used by no other ({listed}{more}): name an output"
    raise ArgumentError(Fault("ambiguous_output", detail))


_SINKS_LISTED = 5
