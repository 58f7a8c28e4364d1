"""The quick reading of an ordinary node list.

Most long lists are plain: every node has an id, an operation without attributes, and operands
that are numbers or names of what came before. Such a list is checked and turned into columns
in one pass that touches each node once: what costs here is not Python's steps so much as
bringing every node's memory to the processor, which decoding has just done. Anything out of
the ordinary, every fault included, is left to the careful reader.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_core.graph import Codes, Graph, Place
from autograd_core.limits import Limits
from autograd_core.operations import find
from autograd_core.tensors import Array

_MEMBERS = 3
_PLAIN_NUMBERS = frozenset({int, float})


def read_columns(nodes: Any, bound: Collection[str] | None, limits: Limits) -> Graph | None:
    """The graph of a plain list whose nodes come after their operands, else None."""
    if type(nodes) is not list or bound is None or not 0 < len(nodes) <= limits.nodes:
        return None
    leaves: list[str | float | Array] = list(bound)
    codes = {name: ~leaf for leaf, name in enumerate(bound)}
    columns = _columns(nodes, codes, leaves)
    if columns is None:
        return None
    ids, operations, operands, offsets = columns
    canonical = _canonical(operations, np.diff(offsets))
    lengths = set(map(len, ids))
    names_fit = 0 not in lengths and max(lengths) <= limits.name and "".join(ids).isprintable()
    if canonical is None or not names_fit:
        return None
    graph = Graph(
        leaves=tuple(leaves),
        operations=tuple(map(canonical.__getitem__, operations)),
        offsets=offsets,
        operands=np.array(operands, dtype=np.int32),
        ids=tuple(ids),
        places=_TopLevel(len(ids)),
    )
    graph.know_codes(codes)
    return graph


def _columns(
    nodes: list[Any], codes: dict[str, int], leaves: list[str | float | Array]
) -> tuple[list[str], list[str], list[int], Any] | None:
    """Ids, operations, operand codes and offsets; None at the first thing not plain.

    codes: operand codes of the inputs. leaves: the inputs; learns the constants.
    """
    inputs = tuple(codes)
    code_of = codes.get
    ids: list[str] = []
    operations: list[str] = []
    operands: list[int] = []
    offsets: list[int] = [0]
    for number, node in enumerate(nodes):
        if type(node) is not dict or len(node) != _MEMBERS:
            return None
        name, operation, arguments = node.get("id"), node.get("op"), node.get("args")
        if type(name) is not str or type(operation) is not str or type(arguments) is not list:
            return None
        for operand in arguments:
            if type(operand) is str:
                code = code_of(operand)
                if code is None:
                    return None
            elif type(operand) in _PLAIN_NUMBERS and abs(operand) < _LARGE:
                leaves.append(float(operand))
                code = -len(leaves)
            else:
                return None
            operands.append(code)
        codes[name] = number
        ids.append(name)
        operations.append(operation)
        offsets.append(len(operands))
    if len(codes) != len(inputs) + len(ids):  # an id that is taken, or is an input's name
        return None
    return ids, operations, operands, np.array(offsets, dtype=np.int32)


# A number of this size is left to the reader that knows what is too large for binary64.
_LARGE = 1e300


def _canonical(operations: Sequence[str], counts: Codes) -> Mapping[str, str] | None:
    """Canonical names of the operations used; counts: of operands, a node each.

    None where an operation is unknown, has attributes, or takes another number of operands.
    """
    canonical = {}
    for name, count in set(zip(operations, counts.tolist(), strict=True)):
        row = find(name)
        if row is None or row.attributes or row.arity_fault(count) is not None:
            return None
        canonical[name] = row.name
    return canonical


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
