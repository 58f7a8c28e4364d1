"""The expression graph: immutable, in static single assignment, ordered.

A graph is kept in columns, one entry a node, because graphs of a million nodes are ordinary
here. What a node operates on is an *operand code*: a code c >= 0 is node number c, a code
c < 0 is leaf number ~c. Leaves are inputs (a name) and constants (a number or an array).
Nodes are numbered so that every operand comes before the node that uses it.

The graph knows operations by name only; what they mean is the op table's business.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.errors import Fault, Path
from autograd_core.limits import STEPS_BETWEEN_LOOKS, look
from autograd_core.tensors import Array

Attributes = Mapping[str, Any]
Codes = npt.NDArray[np.int32]
NO_ATTRIBUTES: Attributes = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node was written: a path into a node list, or a position in infix text."""

    path: Path = ()
    line: int | None = None
    column: int | None = None

    def fault(self, code: str, detail: str, *inside: str | int) -> Fault:
        """A fault here; inside: where in what was written, if it was in a node list."""
        path = (*self.path, *inside) if self.path else ()
        return Fault(code, detail, path, self.line, self.column)


NOWHERE = Place()


class Places(Mapping[int, Place]):
    """Places by number of node or leaf, made as they are asked for."""

    def __init__(self, numbers: Collection[int], place_of: Callable[[int], Place]) -> None:
        self._numbers = numbers
        self._place_of = place_of

    def __getitem__(self, number: int) -> Place:
        return self._place_of(number)

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbers)


@dataclass(frozen=True, slots=True)
class Node:
    """One node as a reader sees it: `args` are ids, input names, or constants."""

    id: str | None
    op: str
    args: tuple[str | float | Array, ...]
    attrs: Attributes = field(default_factory=lambda: NO_ATTRIBUTES)


class Operations(Sequence[str]):
    """Each node's operation as a column: node k has names[codes[k]]."""

    def __init__(self, names: tuple[str, ...], codes: Codes) -> None:
        self.names, self.codes = names, codes

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return Operations(self.names, self.codes[number])
        return self.names[self.codes[number]]

    def __iter__(self) -> Iterator[str]:
        return map(self.names.__getitem__, self.codes.tolist())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


@dataclass(frozen=True, eq=False)
class Graph:
    """A function as data.

    leaves: an input's name (str), a float, or an array each. operations: each node's
    operation, by canonical name. operands[offsets[k]:offsets[k + 1]] are the operand codes of
    node k. attributes, places: by node number, where there is something to say. result: the
    operand code of what the graph computes when nobody names an output, or None. defaults:
    values of names that may be left unbound (pi, e, inf in infix text). known_codes,
    known_names: `codes` and `names`, where a reader has them already. memo: what later stages
    made of the graph, by what they were asked for; it goes when the graph does, and a changed
    copy begins without.
    """

    leaves: tuple[str | float | Array, ...]
    operations: Sequence[str]
    offsets: Codes
    operands: Codes
    ids: Sequence[str | None]
    attributes: Mapping[int, Attributes] = field(default_factory=dict)
    places: Mapping[int, Place] = field(default_factory=dict)
    leaf_places: Mapping[int, Place] = field(default_factory=dict)
    result: int | None = None
    defaults: Mapping[str, float] = field(default_factory=dict)
    known_codes: Mapping[str, int] | None = field(default=None, repr=False)
    known_names: Sequence[str] | None = field(default=None, repr=False)
    memo: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.operations)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The free names, in order of first use."""
        return tuple(leaf for leaf in self.leaves if isinstance(leaf, str))

    @cached_property
    def applied(self) -> Operations:
        """The operations as a column."""
        if isinstance(self.operations, Operations):
            return self.operations
        numbers: dict[str, int] = {}
        codes = [numbers.setdefault(name, len(numbers)) for name in self.operations]
        return Operations(tuple(numbers), np.array(codes, dtype=np.int32))

    @cached_property
    def names(self) -> Sequence[str]:
        """What each node is called: its id, or %1, %2, ... for those without one, as far as no
        other node and no input is called so.
        """
        if self.known_names is not None:
            return self.known_names
        if None not in self.ids:
            return self.ids  # type: ignore[return-value]  # none of them is None
        names = list(self.ids)
        given = itertools.chain(names, self.inputs)
        taken = {name for name in given if name is not None and name.startswith("%")}
        fresh = (f"%{count}" for count in itertools.count(1) if f"%{count}" not in taken)
        roots = self.sinks if self.result is None else (self.result, *self.sinks)
        for number in evaluation_order(self, roots):
            if names[number] is None:
                names[number] = next(fresh)
        return tuple(str(name) for name in names)

    @cached_property
    def codes(self) -> Mapping[str, int]:
        """Operand code of every node id and input name."""
        if self.known_codes is not None:
            return self.known_codes
        codes = {leaf: ~number for number, leaf in enumerate(self.leaves) if isinstance(leaf, str)}
        codes.update((name, number) for number, name in enumerate(self.names))
        return codes

    @cached_property
    def sinks(self) -> tuple[int, ...]:
        """The nodes that no other node uses."""
        used = np.zeros(len(self) + len(self.leaves), dtype=bool)
        used[self.operands] = True  # a leaf's code, which is below 0, counts from the end
        return tuple(np.flatnonzero(~used[: len(self)]).tolist())

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes as a reader sees them."""
        return tuple(
            Node(
                name,
                operation,
                tuple(self.label(code) for code in self.operands_of(number)),
                self.attributes.get(number, NO_ATTRIBUTES),
            )
            for number, (name, operation) in enumerate(zip(self.ids, self.operations, strict=True))
        )

    def operands_of(self, number: int) -> list[int]:
        """Operand codes of one node."""
        codes: list[int] = self.operands[self.offsets[number] : self.offsets[number + 1]].tolist()
        return codes

    def label(self, code: int) -> str | float | Array:
        """What an operand code stands for, as it would be written: a name or a constant."""
        return self.names[code] if code >= 0 else self.leaves[~code]

    def place_of(self, number: int) -> Place:
        """Where a node was written, as well as is known."""
        return self.places.get(number, NOWHERE)


def evaluation_order(graph: Graph, roots: Iterable[int]) -> list[int]:
    """The nodes that the roots (operand codes) need, operands first, each once.

    A depth-first post-order that follows operands from left to right. It depends on the
    roots and the graph's edges alone, never on the order in which nodes were listed, so that
    permuting a node list changes no bit of any result. Raises DeadlineExceeded if there is a
    current deadline.
    """
    offsets, operands = graph.offsets.tolist(), graph.operands.tolist()
    state = bytearray(len(graph))  # 0, then _ENTERED, then _LEFT
    order: list[int] = []
    stack = list(roots)[::-1]
    while stack:
        look()
        for _ in range(STEPS_BETWEEN_LOOKS):
            if not stack:
                break
            code = stack.pop()
            if code < 0 or state[code] == _LEFT:
                continue
            if state[code] == _ENTERED:
                state[code] = _LEFT
                order.append(code)
            else:
                state[code] = _ENTERED
                stack.append(code)
                stack.extend(operands[offsets[code] : offsets[code + 1]][::-1])
    return order


_ENTERED, _LEFT = 1, 2
