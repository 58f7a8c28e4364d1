"""Names -> meanings: every name of a graph or a call is bound, or a fault says which is not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from autograd_core.errors import ArgumentError, Fault, GraphError, Path
from autograd_core.graph import Graph, Place
from autograd_core.infix.hints import function_hint
from autograd_core.limits import Limits
from autograd_core.suggestions import did_you_mean


def check_names(graph: Graph, bound: Collection[str], limits: Limits) -> None:
    """Raise GraphError for names that nothing defines and ids that are also bindings."""
    unbound = {name for name in graph.inputs if name not in bound and name not in graph.defaults}
    clashing = {name for name in graph.ids if name is not None and name in bound}
    if not unbound and not clashing:
        return
    faults = [*_clashes(graph, clashing), *_unbound(graph, unbound, bound)]
    raise GraphError(faults[: limits.faults])


def _fault(code: str, detail: str, place: Place, *path: str | int) -> Fault:
    full = (*place.path, *path) if place.path else ()
    return Fault(code, detail, full, place.line, place.column)


def _clashes(graph: Graph, clashing: Collection[str]) -> Iterable[Fault]:
    for number, name in enumerate(graph.ids):
        if name in clashing:
            detail = f"{name!r} names a node and is also the name of a binding"
            yield _fault("name_clash", detail, graph.place_of(number), "id")


def _unbound(graph: Graph, unbound: set[str], bound: Collection[str]) -> Iterable[Fault]:
    """A fault for every place an unbound name is used; in infix text, for its first use."""
    if not unbound:
        return
    known = [*bound, *(name for name in graph.ids if name is not None)]
    details = {name: f"nothing is called {name!r}{_hint(name, known)}" for name in sorted(unbound)}
    seen: set[str] = set()
    for number in range(len(graph)):
        place = graph.place_of(number)
        for position, code in enumerate(graph.operands_of(number)):
            name = graph.leaves[~code] if code < 0 else None
            if not isinstance(name, str) or name not in unbound:
                continue
            if place.path:
                seen.add(name)
                yield _fault("unbound_name", details[name], place, "args", position)
            elif name not in seen:
                seen.add(name)
                yield _fault("unbound_name", details[name], graph.leaf_places.get(~code, place))
    for leaf, name in enumerate(graph.leaves):  # the graph may be nothing but the name
        if isinstance(name, str) and name in unbound and name not in seen:
            yield _fault("unbound_name", details[name], graph.leaf_places.get(leaf, Place()))


def _hint(name: str, known: Collection[str]) -> str:
    """What may have been meant: two names run together, or one that was mistyped."""
    together = function_hint(name, known)
    return did_you_mean(name, known) if together is None else f"; {together}"


def resolve(graph: Graph, bound: Collection[str], name: str, path: Path) -> int | str:
    """Operand code of a node or a used input; the name itself of an input nobody uses.

    Raises ArgumentError (unknown_name) at `path`.
    """
    code = graph.codes.get(name)
    if code is not None and (code >= 0 or name in bound):
        return code
    if name in bound:
        return name
    raise ArgumentError(unknown_name(graph, bound, name, path))


def unknown_name(graph: Graph, bound: Collection[str], name: str, path: Path) -> Fault:
    """The fault of a name that is neither a node nor an input."""
    known = [*bound, *(each for each in graph.ids if each is not None)]
    detail = f"no node or input is called {name!r}{did_you_mean(name, known)}"
    return Fault("unknown_name", detail, path)


def resolve_all(
    graph: Graph, bound: Collection[str], names: Sequence[str], argument: str
) -> list[int | str]:
    """`resolve` for a list-valued argument, every fault collected."""
    targets: list[int | str] = []
    faults: list[Fault] = []
    for position, name in enumerate(names):
        try:
            targets.append(resolve(graph, bound, name, (argument, position)))
        except ArgumentError as error:
            faults.extend(error.faults)
    if faults:
        raise ArgumentError(faults)
    return targets


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
