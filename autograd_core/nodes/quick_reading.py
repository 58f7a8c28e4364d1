"""The quick reading of an ordinary node list.

Most long lists are plain: every node has an id, an operation without attributes, and operands
that are numbers or names of what came before. Such a list is checked and turned into columns
a few hundred nodes at a time, each step of it one call into C over all of them: few enough
that what decoding has just brought to the processor's cache is still there. Anything out of
the ordinary, every fault included, is left to the careful reader.

Where nobody says what is bound, a name that nothing before has is taken for an input. If it turns
out to be a later node's, the list is not plain.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain
from typing import Any

import numpy as np

from autograd_core.graph import Codes, Graph, Operations, Place, Places
from autograd_core.limits import Deadline, Limits, watched
from autograd_core.names import all_fit
from autograd_core.operations import find
from autograd_core.tensors import Array

_THREE_MEMBERS = {3}
_LISTS = {list}
_NUMBERS = frozenset({int, float})
_AT_ONCE = 256  # nodes; they and their strings are some 100 kB
_TAKES_BETWEEN_LOOKS = 16


def read_plain(nodes: Any, bound: Collection[str] | None, limits: Limits) -> Graph | None:
    """The graph of a plain list whose nodes come after their operands, else None."""
    if type(nodes) is not list or not 0 < len(nodes) <= limits.nodes:
        return None
    columns = _Columns(bound, limits)
    starts = range(0, len(nodes), _AT_ONCE)
    for start in watched(starts, Deadline.current(), _TAKES_BETWEEN_LOOKS):
        if not columns.take(nodes[start : start + _AT_ONCE]):
            return None
    return columns.graph()


class _Columns:
    """The columns of a graph, growing; `take` says whether all was plain so far."""

    def __init__(self, bound: Collection[str] | None, limits: Limits) -> None:
        self._limits = limits
        self._leaves: list[str | float | Array] = [] if bound is None else list(bound)
        self._codes = {name: ~leaf for leaf, name in enumerate(bound or ())}
        self._inputs = len(self._leaves)
        self._any_inputs = bound is None
        self._constants: dict[float, int] = {}
        self._operations: dict[str, int] = {}  # by canonical name, their numbers
        self._numbers: dict[str, int] = {}  # by any name
        self._applied: set[tuple[str, int]] = set()  # and the numbers of operands met with them
        self._ids: list[str] = []
        # For each take an array of the nodes' operations, of their operands, and of how many.
        self._columns: tuple[list[Codes], list[Codes], list[Codes]] = ([], [], [])

    def take(self, nodes: list[Any]) -> bool:
        """Add the next nodes of the list."""
        try:
            return self._take(nodes)
        except (KeyError, TypeError):  # a member is missing, or is no string, no list, ...
            return False

    def _take(self, nodes: list[Any]) -> bool:
        if set(map(len, nodes)) != _THREE_MEMBERS:
            return False
        ids = [node["id"] for node in nodes]
        operations = [node["op"] for node in nodes]
        arguments = [node["args"] for node in nodes]
        if set(map(type, arguments)) != _LISTS:
            return False
        counts = list(map(len, arguments))
        applied = set(zip(operations, counts, strict=True))
        if not (all_fit(ids, self._limits) and self._know(applied)):
            return False
        first = len(self._ids)
        self._codes.update(zip(ids, range(first, first + len(ids)), strict=True))
        operands = list(chain.from_iterable(arguments))
        codes = list(map(self._codes.get, operands))
        if None in codes and not self._fill_leaves(codes, operands):
            return False
        self._ids += ids
        rows = [self._numbers[name] for name in operations]
        for column, numbers in zip(self._columns, (rows, codes, counts), strict=True):
            column.append(np.array(numbers, dtype=np.int32))
        return True

    def graph(self) -> Graph | None:
        """The graph; None where an id is taken, or an operand comes later."""
        count, inputs = len(self._ids), len(self._codes) - len(self._ids)
        applied, operands, counts = map(np.concatenate, self._columns)
        users = np.repeat(np.arange(count, dtype=np.int32), counts)
        if inputs != self._inputs or (operands >= users).any():
            return None
        offsets = np.zeros(count + 1, dtype=np.int32)
        np.cumsum(counts, out=offsets[1:])
        return Graph(
            leaves=tuple(self._leaves),
            operations=Operations(tuple(self._operations), applied),
            offsets=offsets,
            operands=operands,
            ids=tuple(self._ids),
            places=Places(range(count), lambda number: Place(("nodes", number))),
            known_codes=self._codes,
        )

    def _know(self, applied: set[tuple[str, int]]) -> bool:
        """Look up what is applied, to how many operands; False for an operation that is
        unknown, has attributes, or takes another number of operands.
        """
        for name, count in applied - self._applied:
            row = find(name)
            if row is None or row.attributes or row.arity_fault(count) is not None:
                return False
            if count > self._limits.nodes:
                return False
            self._numbers[name] = self._operations.setdefault(row.name, len(self._operations))
            self._applied.add((name, count))
        return True

    def _fill_leaves(self, codes: list[int | None], operands: Sequence[Any]) -> bool:
        """Give each number among the operands a leaf, and each input that is new; False for a name
        that is neither bound nor an earlier node's.
        """
        position = -1
        for _ in range(codes.count(None)):
            position = codes.index(None, position + 1)
            operand = operands[position]
            if type(operand) is str and self._any_inputs:
                known: dict[Any, int] = self._codes
            elif type(operand) in _NUMBERS and abs(operand) < _LARGE:
                known = self._constants
            else:
                return False
            code = known.get(operand)
            if code is None:
                is_name = known is self._codes
                self._leaves.append(operand if is_name else float(operand))
                self._inputs += is_name
                code = -len(self._leaves)
                if operand or is_name:  # 0.0 and -0.0 are equal, and two numbers
                    known[operand] = code
            codes[position] = code
        return True


# A number of this size is left to the reader that knows what is too large for binary64.
_LARGE = 1e300
