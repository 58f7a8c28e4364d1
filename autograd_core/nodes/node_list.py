"""A list of nodes, as it comes in JSON -> Graph.

    [{"id": "e", "op": "mul", "args": ["a", "b"]}, {"id": "d", "op": "add", "args": ["e", "c"]}]

Nodes come in any order. An operand is a name (a node's id or an input), a number, a nested
list or a tensor object (a constant), or a node written in place. Every fault is collected, up
to a limit, with its path. No walk recurses: nodes in place wait in a queue.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_core.errors import Fault, GraphError, Path, TensorError
from autograd_core.graph import Attributes, Graph, Place, Places
from autograd_core.limits import DEFAULT_LIMITS, STEPS_BETWEEN_LOOKS, Deadline, Limits, watched
from autograd_core.names import name_fault, quoted, unknown_member
from autograd_core.nodes.quick_reading import read_plain
from autograd_core.nodes.sorting import sorted_graph
from autograd_core.operations import Operation, find, unknown_operation
from autograd_core.tensors import Array, name as in_words, tensor
from autograd_core.unbound import name_faults

_MEMBERS = frozenset({"id", "op", "args", "attrs"})


def read_nodes(
    nodes: Any, bound: Collection[str] | None = None, limits: Limits = DEFAULT_LIMITS
) -> Graph:
    """Read a node list. With `bound` (the names of the bindings), unbound names and ids that
    clash with a binding are faults too; without it, every free name is an input.

    Raises GraphError with paths ("nodes", k, ...), and DeadlineExceeded if there is a current
    deadline.
    """
    quickly = read_plain(nodes, bound, limits)
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
        self._free = 0  # the first number that no node has been promised yet

    def read(self, nodes: Any) -> Graph:
        if not isinstance(nodes, list | tuple):
            detail = f"a list of nodes, not {in_words(nodes)}"
            raise GraphError(Fault("wrong_type", detail, ("nodes",)))
        if len(nodes) > self._limits.nodes:
            detail = f"{len(nodes):,} nodes are over the limit of {self._limits.nodes:,}"
            raise GraphError(Fault("limit_exceeded", detail, ("nodes",)))
        self._free = len(nodes)
        try:
            for position, node in watched(enumerate(nodes), self._deadline):
                self._node(node, ("nodes", position), 0, position)
            self._nodes_in_place(len(nodes))
            graph = self._graph()
            if self._bound is not None:
                for fault in name_faults(graph, self._bound):
                    self._add(fault)
        except _TooManyFaults:
            raise GraphError(self._faults) from None
        if self._faults:
            raise GraphError(self._faults)
        return sorted_graph(graph)

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
            self._fault("wrong_type", f"a node is an object, not {in_words(node)}", path)
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
            detail = f"'args' is a list of operands, not {in_words(arguments)}"
            self._fault("wrong_type", detail, (*path, "args"))
        else:
            self._fault("missing_member", "a node has 'args', a list of operands", path)
        self._offsets.append(len(self._operands))
        if "attrs" in node or (operation is not None and operation.attributes):
            self._attrs(operation, node.get("attrs", {}), path, number)
        if not _MEMBERS.issuperset(node):
            for member in node.keys() - _MEMBERS:
                self._add(unknown_member(member, _MEMBERS, " of a node").under(*path))

    def _operation(self, node: Mapping[str, Any], path: Path) -> Operation | None:
        wanted = node.get("op")
        operation = find(wanted) if isinstance(wanted, str) else None
        if operation is not None:
            self._operations[-1] = operation.name
        elif isinstance(wanted, str):
            self._add(unknown_operation(wanted).under(*path, "op"))
        elif "op" in node:
            detail = f"'op' is the name of an operation, not {in_words(wanted)}"
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
            detail = f"the id {quoted(given)} is taken by another node"
            self._fault("duplicate_id", detail, (*path, "id"))
        else:
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
        elif not (isinstance(operand, Mapping) and ("op" in operand or "args" in operand)):
            self._constant(operand, path)
        elif depth < self._limits.depth:
            self._operands.append(self._free)
            self._free += 1
            self._waiting.append((operand, path, depth + 1))
        else:
            detail = f"nodes written in place deeper than {self._limits.depth}; give them ids"
            self._fault("limit_exceeded", detail, path)
            self._constant(0.0, path)

    def _constant(self, value: Any, path: Path) -> None:
        constant: float | Array = 0.0  # stands in, so that operands after it keep their places
        try:
            constant = tensor(value, self._limits)
        except TensorError as error:
            for fault in error.faults:
                self._add(fault.under(*path))
        self._leaves.append(constant)
        self._operands.append(-len(self._leaves))

    def _attrs(self, operation: Operation | None, attrs: Any, path: Path, number: int) -> None:
        if not isinstance(attrs, Mapping):
            detail = f"'attrs' is an object, not {in_words(attrs)}"
            self._fault("wrong_type", detail, (*path, "attrs"))
        elif operation is not None:
            attributes, faults = operation.check_attributes(attrs)
            for fault in faults:
                self._add(fault.under(*path, "attrs"))
            if attributes:
                self._attributes[number] = attributes

    def _graph(self) -> Graph:
        """The graph as it is listed, now that every id is known."""
        codes: list[int] = []
        for operand in watched(self._operands, self._deadline):
            if isinstance(operand, int):
                codes.append(operand)
            elif operand in self._numbers:
                codes.append(self._numbers[operand])
            else:
                codes.append(self._input(operand))
        paths = self._paths
        return Graph(
            leaves=tuple(self._leaves),
            operations=tuple(self._operations),
            offsets=np.array(self._offsets, dtype=np.int32),
            operands=np.array(codes, dtype=np.int32),
            ids=tuple(self._ids),
            attributes=self._attributes,
            places=Places(range(len(paths)), lambda number: Place(paths[number])),
        )

    def _input(self, name: str) -> int:
        code = self._inputs.get(name)
        if code is None:
            self._leaves.append(name)
            code = self._inputs[name] = -len(self._leaves)
        return code
