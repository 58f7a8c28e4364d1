"""A list of nodes, as it comes in JSON -> Graph.

    [{"id": "e", "op": "mul", "args": ["a", "b"]}, {"id": "d", "op": "add", "args": ["e", "c"]}]

Nodes come in any order. An operand is a name (a node's id or an input), a number, a nested
list or a tensor object (a constant), or a node written in place. Every fault is collected, up
to a limit, with its path. No walk recurses: nodes in place wait in a queue.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from autograd_core.errors import Fault, GraphError, Path, TensorError
from autograd_core.graph import Attributes, Codes, Graph, Place, evaluation_order
from autograd_core.limits import DEFAULT_LIMITS, STEPS_BETWEEN_LOOKS, Deadline, Limits, watched
from autograd_core.names import name_fault
from autograd_core.nodes.quick_reading import read_columns
from autograd_core.operations import Operation, find, unknown_operation
from autograd_core.suggestions import Suggestions, did_you_mean
from autograd_core.tensors import Array, name, tensor

_MEMBERS = frozenset({"id", "op", "args", "attrs"})


def read_nodes(
    nodes: Any, bound: Collection[str] | None = None, limits: Limits = DEFAULT_LIMITS
) -> Graph:
    """Read a node list. With `bound` (the names of the bindings), unbound names and ids that
    clash with a binding are faults too; without it, every free name is an input.

    Raises GraphError with paths ("nodes", k, ...), and DeadlineExceeded if there is a current
    deadline.
    """
    quickly = read_columns(nodes, bound, limits)
    return _Reader(bound, limits).read(nodes) if quickly is None else quickly


class _TooManyFaults(Exception):
    """Enough has been found to answer with."""


class _Reader:
    """One pass over the list; columns grow as it goes."""

    def __init__(self, bound: Collection[str] | None, limits: Limits) -> None:
        self._bound = bound
        self._limits = limits
        self._deadline = Deadline.current()
        self._faults: list[Fault] = []
        self._operations: list[str] = []
        self._ids: list[str | None] = []
        self._numbers: dict[str, int] = {}  # node id -> node number
        self._operands: list[int | str] = []  # names stay names until every id is known
        self._offsets: list[int] = [0]
        self._attributes: dict[int, Attributes] = {}
        self._paths: list[Path] = []
        self._leaves: list[str | float | Array] = []
        self._inputs: dict[str, int] = {}
        self._waiting: deque[tuple[Any, Path, int]] = deque()  # nodes in place, and their depth
        self._suggestions = Suggestions(partial(chain, bound or (), self._numbers))
        self._free = 0  # the first number that no node has been promised yet

    def read(self, nodes: Any) -> Graph:
        if not isinstance(nodes, list | tuple):
            raise GraphError(Fault("wrong_type", f"a list of nodes, not {name(nodes)}", ("nodes",)))
        if len(nodes) > self._limits.nodes:
            detail = f"{len(nodes):,} nodes are over the limit of {self._limits.nodes:,}"
            raise GraphError(Fault("limit_exceeded", detail, ("nodes",)))
        self._free = len(nodes)
        try:
            for position, node in watched(enumerate(nodes), self._deadline):
                self._node(node, ("nodes", position), 0, position)
            self._nodes_in_place(len(nodes))
            codes = self._resolved()
        except _TooManyFaults:
            raise GraphError(self._faults) from None
        if self._faults:
            raise GraphError(self._faults)
        return self._sorted(codes)

    def _fault(self, code: str, detail: str, path: Path) -> None:
        self._add(Fault(code, detail, path))

    def _add(self, fault: Fault) -> None:
        self._faults.append(fault)
        if len(self._faults) >= self._limits.faults:
            raise _TooManyFaults

    def _nodes_in_place(self, first: int) -> None:
        """The nodes written inside operands, in the order they were met; first: their number."""
        number = first
        while self._waiting:
            node, path, depth = self._waiting.popleft()
            self._node(node, path, depth, number)
            number += 1
            if self._deadline is not None and number % STEPS_BETWEEN_LOOKS == 0:
                self._deadline.check()
            if number > self._limits.nodes:
                detail = f"more than the limit of {self._limits.nodes:,} nodes"
                raise GraphError(Fault("limit_exceeded", detail, ("nodes",)))

    def _node(self, node: Any, path: Path, depth: int, number: int) -> None:
        self._paths.append(path)
        self._ids.append(None)
        self._operations.append("identity")
        if not isinstance(node, Mapping):
            self._offsets.append(len(self._operands))
            self._fault("wrong_type", f"a node is an object, not {name(node)}", path)
            return
        operation = self._operation(node, path)
        self._id(node, path, number)
        arguments = node.get("args")
        if isinstance(arguments, list | tuple):
            self._arity(operation, arguments, path)
            few_enough = self._few_enough(arguments, path)
            for position, operand in enumerate(watched(few_enough, self._deadline)):
                self._operand(operand, (*path, "args", position), depth)
        elif "args" in node:
            detail = f"'args' is a list of operands, not {name(arguments)}"
            self._fault("wrong_type", detail, (*path, "args"))
        else:
            self._fault("missing_member", "a node has 'args', a list of operands", path)
        self._offsets.append(len(self._operands))
        if "attrs" in node or (operation is not None and operation.attributes):
            self._attrs(operation, node.get("attrs", {}), path, number)
        if not _MEMBERS.issuperset(node):
            for member in node.keys() - _MEMBERS:
                detail = f"unknown member {member!r} of a node{did_you_mean(member, _MEMBERS)}"
                self._fault("unknown_member", detail, (*path, member))

    def _operation(self, node: Mapping[str, Any], path: Path) -> Operation | None:
        wanted = node.get("op")
        operation = find(wanted) if isinstance(wanted, str) else None
        if operation is not None:
            self._operations[-1] = operation.name
        elif isinstance(wanted, str):
            self._add(unknown_operation(wanted).under(*path, "op"))
        elif "op" in node:
            detail = f"'op' is the name of an operation, not {name(wanted)}"
            self._fault("wrong_type", detail, (*path, "op"))
        else:
            self._fault("missing_member", "a node has an 'op', the name of an operation", path)
        return operation

    def _id(self, node: Mapping[str, Any], path: Path, number: int) -> None:
        if "id" not in node:
            return
        given = node["id"]
        fault = name_fault(given, self._limits)
        if fault is not None:
            self._add(fault.under(*path, "id"))
        elif given in self._numbers:
            detail = f"the id {given!r} is taken by another node"
            self._fault("duplicate_id", detail, (*path, "id"))
        else:
            if self._bound is not None and given in self._bound:
                detail = f"the id {given!r} is also the name of a binding"
                self._fault("name_clash", detail, (*path, "id"))
            self._numbers[given] = number
            self._ids[-1] = given

    def _arity(self, operation: Operation | None, arguments: Sequence[Any], path: Path) -> None:
        fault = None if operation is None else operation.arity_fault(len(arguments))
        if fault is not None:
            self._add(fault.under(*path, "args"))

    def _few_enough(self, arguments: Sequence[Any], path: Path) -> Sequence[Any]:
        """The operands of a node, or none of them and a fault: a node has no more than a graph
        may have nodes.
        """
        if len(arguments) <= self._limits.nodes:
            return arguments
        detail = f"{len(arguments):,} operands are over the limit of {self._limits.nodes:,}"
        self._fault("limit_exceeded", detail, (*path, "args"))
        return ()

    def _operand(self, operand: Any, path: Path, depth: int) -> None:
        if isinstance(operand, str):
            self._operands.append(operand)
        elif isinstance(operand, Mapping) and ("op" in operand or "args" in operand):
            if depth >= self._limits.depth:
                detail = f"nodes written in place deeper than {self._limits.depth}; give them ids"
                self._fault("limit_exceeded", detail, path)
                return
            self._operands.append(self._free)
            self._free += 1
            self._waiting.append((operand, path, depth + 1))
        else:
            self._constant(operand, path)

    def _constant(self, value: Any, path: Path) -> None:
        try:
            self._leaves.append(tensor(value, self._limits))
        except TensorError as error:
            for fault in error.faults:
                self._add(fault.under(*path))
            return
        self._operands.append(-len(self._leaves))

    def _attrs(self, operation: Operation | None, attrs: Any, path: Path, number: int) -> None:
        if not isinstance(attrs, Mapping):
            detail = f"'attrs' is an object, not {name(attrs)}"
            self._fault("wrong_type", detail, (*path, "attrs"))
        elif operation is not None:
            attributes, faults = operation.check_attributes(attrs)
            for fault in faults:
                self._add(fault.under(*path, "attrs"))
            if attributes:
                self._attributes[number] = attributes

    def _resolved(self) -> list[int]:
        """Every operand as a code, now that every id is known."""
        codes: list[int] = []
        for position, operand in watched(enumerate(self._operands), self._deadline):
            if isinstance(operand, int):
                codes.append(operand)
            elif operand in self._numbers and not (self._bound and operand in self._bound):
                codes.append(self._numbers[operand])
            else:
                codes.append(self._input(operand, position))
        return codes

    def _input(self, wanted: str, position: int) -> int:
        code = self._inputs.get(wanted)
        if self._bound is not None and wanted not in self._bound:
            self._unbound(wanted, position)
        if code is None:
            self._leaves.append(wanted)
            code = self._inputs[wanted] = -len(self._leaves)
        return code

    def _unbound(self, wanted: str, position: int) -> None:
        number = int(np.searchsorted(self._offsets, position, side="right")) - 1
        detail = f"nothing is called {wanted!r}{self._suggestions.did_you_mean(wanted)}"
        path = (*self._paths[number], "args", position - self._offsets[number])
        self._fault("unbound_name", detail, path)

    def _sorted(self, codes: list[int]) -> Graph:
        """The graph, its nodes renumbered where an operand came after its user."""
        graph = Graph(
            leaves=tuple(self._leaves),
            operations=tuple(self._operations),
            offsets=np.array(self._offsets, dtype=np.int32),
            operands=np.array(codes, dtype=np.int32),
            ids=tuple(self._ids),
            attributes=self._attributes,
            places=_Places(self._paths),
        )
        if _is_sorted(graph):
            return graph
        order = evaluation_order(graph, range(len(graph)))
        graph = _renumbered(graph, order, self._paths)
        if not _is_sorted(graph):
            raise GraphError(_cycle(graph))
        return graph


class _Places(Mapping[int, Place]):
    """Places of nodes from their paths, made as they are asked for."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths

    def __getitem__(self, number: int) -> Place:
        return Place(self._paths[number])

    def __len__(self) -> int:
        return len(self._paths)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self._paths)))


def _users(graph: Graph) -> Codes:
    """The node that each entry of `graph.operands` belongs to."""
    return np.repeat(np.arange(len(graph), dtype=np.int32), np.diff(graph.offsets))


def _is_sorted(graph: Graph) -> bool:
    return bool((graph.operands < _users(graph)).all())


def _renumbered(graph: Graph, order: Sequence[int], paths: Sequence[Path]) -> Graph:
    """The same graph with node order[k] as number k."""
    number_of = np.empty(len(order), dtype=np.int32)
    number_of[order] = np.arange(len(order), dtype=np.int32)
    codes = graph.operands.copy()
    codes[codes >= 0] = number_of[codes[codes >= 0]]
    counts = np.diff(graph.offsets)[order]
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    starts = np.repeat(graph.offsets[:-1][order] - offsets[:-1], counts)
    return Graph(
        leaves=graph.leaves,
        operations=tuple(graph.operations[number] for number in order),
        offsets=offsets,
        operands=codes[starts + np.arange(len(codes), dtype=np.int32)],
        ids=tuple(graph.ids[number] for number in order),
        attributes={int(number_of[k]): attrs for k, attrs in graph.attributes.items()},
        places=_Places([paths[number] for number in order]),
    )


def _cycle(graph: Graph) -> Fault:
    """The shortest cycle through a node that comes before one of its operands.

    The evaluation order leaves a node early only when one of its own operands led back to
    it, so there is such a cycle; a breadth-first walk along operands finds it.
    """
    late = _users(graph)[graph.operands >= _users(graph)]
    for start in watched(dict.fromkeys(late.tolist()), Deadline.current(), 1):
        came_from = {start: start}
        queue = deque([start])
        while queue:
            number = queue.popleft()
            for code in graph.operands_of(number):
                if code == start:
                    return _cycle_fault(graph, start, number, came_from)
                if code >= 0 and code not in came_from:
                    came_from[code] = number
                    queue.append(code)
    raise AssertionError("an unsorted graph without a cycle")


def _cycle_fault(graph: Graph, start: int, last: int, came_from: Mapping[int, int]) -> Fault:
    cycle = [start]
    while last != start:
        cycle.append(last)
        last = came_from[last]
    cycle.append(start)
    cycle.reverse()
    names = [graph.ids[number] or "a node in place" for number in cycle]
    if len(names) > _LONGEST_CYCLE:
        names[_LONGEST_CYCLE // 2 : -_LONGEST_CYCLE // 2] = ["..."]
    detail = f"a cycle: {' needs '.join(names)}"
    return Fault("cycle", detail, graph.place_of(start).path)


# Names shown of a cycle; a longer one is shown by its two ends.
_LONGEST_CYCLE = 12
