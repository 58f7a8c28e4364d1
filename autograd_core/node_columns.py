"""The quick reading of an ordinary node list.

Most long lists are plain: every node has an id, an operation without attributes, and operands
that are names or numbers. Such a list is checked and turned into columns by a handful of
passes that run inside the interpreter's own C loops, at about half a microsecond a node.
Anything out of the ordinary, every fault included, is left to the careful reader.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np

from autograd_core.graph import Codes, Graph, Place
from autograd_core.limits import Limits
from autograd_core.operations import find
from autograd_core.tensors import Array

_ID, _OP, _ARGS = itemgetter("id"), itemgetter("op"), itemgetter("args")
_OPERANDS = frozenset({str, int, float})
_MEMBERS = 3
_Leaf = str | float | Array


def read_columns(nodes: Any, bound: Collection[str] | None, limits: Limits) -> Graph | None:
    """The graph of a plain list whose nodes come after their operands, else None."""
    columns = _plain(nodes, limits)
    if columns is None:
        return None
    ids, operations, arguments = columns
    codes: dict[Any, int] = dict(zip(ids, range(len(ids)), strict=True))
    if len(codes) != len(ids) or not codes.keys().isdisjoint(bound or ()):
        return None
    canonical = _canonical(operations)
    offsets = np.zeros(len(ids) + 1, dtype=np.int32)
    np.cumsum(np.fromiter(map(len, arguments), np.int32, len(ids)), out=offsets[1:])
    operands = list(chain.from_iterable(arguments))
    if (
        canonical is None
        or not _arities_fit(operations, np.diff(offsets))
        or not _OPERANDS.issuperset(map(type, operands))
    ):
        return None
    leaves = _leaves(operands, codes, bound)
    if leaves is None:
        return None
    resolved = np.fromiter(map(codes.__getitem__, operands), np.int32, len(operands))
    users = np.repeat(np.arange(len(ids), dtype=np.int32), np.diff(offsets))
    if not (resolved < users).all():
        return None
    return Graph(
        leaves=leaves,
        operations=tuple(map(canonical.__getitem__, operations)),
        offsets=offsets,
        operands=resolved,
        ids=tuple(ids),
        places=_TopLevel(len(ids)),
    )


def _plain(nodes: Any, limits: Limits) -> tuple[list[str], list[str], list[list[Any]]] | None:
    """Ids, operations and arguments, all of the right types; None for any other list."""
    if type(nodes) is not list or not 0 < len(nodes) <= limits.nodes:
        return None
    if set(map(type, nodes)) != {dict} or set(map(len, nodes)) != {_MEMBERS}:
        return None
    try:
        ids, operations = list(map(_ID, nodes)), list(map(_OP, nodes))
        arguments = list(map(_ARGS, nodes))
    except KeyError:
        return None
    if {*map(type, ids), *map(type, operations)} != {str} or set(map(type, arguments)) != {list}:
        return None
    lengths = set(map(len, ids))
    if 0 in lengths or max(lengths) > limits.name or not "".join(ids).isprintable():
        return None
    return ids, operations, arguments


def _canonical(operations: Sequence[str]) -> Mapping[str, str] | None:
    """Canonical names of the operations used; None where one is unknown or has attributes."""
    canonical = {}
    for name in set(operations):
        row = find(name)
        if row is None or row.attributes:
            return None
        canonical[name] = row.name
    return canonical


def _arities_fit(operations: Sequence[str], counts: Codes) -> bool:
    """Whether each operation has as many operands as it takes."""
    for pair in set(zip(operations, counts.tolist(), strict=True)):
        row = find(pair[0])
        if row is None or row.arity_fault(pair[1]) is not None:
            return False
    return True


def _leaves(
    operands: Sequence[Any], codes: dict[Any, int], bound: Collection[str] | None
) -> tuple[_Leaf, ...] | None:
    """The inputs and constants; `codes` learns their operand codes.

    None where a name is bound to nothing, or a number needs a closer look (-0.0, which is
    equal to 0.0, and what is too large for binary64).
    """
    leaves: list[_Leaf] = []
    missing = set(operands).difference(codes)
    for operand in sorted(missing, key=repr):
        leaf: _Leaf = operand
        if type(operand) is not str:
            if operand == 0:
                if any(str(each) == "-0.0" for each in operands if each == 0):
                    return None
            elif abs(operand) > _LARGEST_EXACT:
                return None
            leaf = float(operand)
        elif bound is not None and operand not in bound:
            return None
        leaves.append(leaf)
        codes[operand] = -len(leaves)
    return tuple(leaves)


# Integers up to here are equal to their binary64 value, and so are found under it.
_LARGEST_EXACT = 2**53


class _TopLevel(Mapping[int, Place]):
    """Places of nodes that stand in the list in the order of their numbers."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __getitem__(self, number: int) -> Place:
        return Place(("nodes", number))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        return iter(range(self._count))
