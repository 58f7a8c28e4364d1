"""A graph as columns of numbers -> Graph, and back: for programs that write graphs.

    {"inputs": ["a", "b", "c"], "operations": ["mul", "add"],
     "opcodes": [0, 1], "operands": [0, 1, 3, 2]}

is d = a*b + c. An opcode is a place in `operations`. Operands are numbered: the inputs first, then
the constants, then the nodes in their order, each before its use; a node takes as many as its
operation does at least, or as `counts` says. Each column is a list, or {"base64", "dtype"}. Nodes
are called %1, %2, ... in their order. Scalar operations without attributes only. All is checked
column by column, by NumPy.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from autograd_core.errors import Fault, GraphError
from autograd_core.graph import Codes, Graph, Operations, Place, Places
from autograd_core.limits import DEFAULT_LIMITS, Deadline, Limits, watched
from autograd_core.names import Suggestions, all_fit, name_fault, quoted, unknown_member
from autograd_core.nodes.column import Integers, constants, listed_column, whole_numbers
from autograd_core.nodes.numbered import NamedCodes, NumberedNames
from autograd_core.operations import Elementwise, Operation, find, unknown_operation
from autograd_core.tensors import name as in_words

_REQUIRED: Final = ("operations", "opcodes", "operands")
_STRINGS: Final = frozenset({str})
_MEMBERS: Final = ("inputs", "constants", *_REQUIRED, "counts")


def read_columns(
    columns: Any, bound: Collection[str] | None = None, limits: Limits = DEFAULT_LIMITS
) -> Graph:
    """Read columns. bound: as of `read_nodes`.

    Raises GraphError with paths ("columns", ...), and DeadlineExceeded if there is a current
    deadline.
    """
    try:
        return _read(columns, bound, limits)
    except GraphError as error:
        raise GraphError(fault.under("columns") for fault in error.faults) from None


def to_columns(graph: Graph) -> dict[str, list[Any]]:
    """The columns of a graph, as lists. What its nodes are called is lost.

    Raises GraphError for a graph that has attributes, tensors as constants or other operations
    than scalar ones.
    """
    opcodes: dict[str, int] = {}
    applied = [opcodes.setdefault(operation, len(opcodes)) for operation in graph.operations]
    leaves = [
        graph.defaults.get(leaf, leaf) if isinstance(leaf, str) else leaf for leaf in graph.leaves
    ]
    numbers = [leaf for leaf in leaves if not isinstance(leaf, str)]
    fits = all(isinstance(leaf, float) for leaf in numbers)
    if not fits or any(_unfit(find(operation)) for operation in opcodes):
        raise GraphError(Fault("invalid_value", _WHAT_FITS))
    places, codes = _places([isinstance(leaf, str) for leaf in leaves]), graph.operands
    operands = len(leaves) + codes
    operands[codes < 0] = places[~codes[codes < 0]]
    return {
        "inputs": [leaf for leaf in leaves if isinstance(leaf, str)],
        "constants": numbers,
        "operations": list(opcodes),
        "opcodes": applied,
        "operands": operands.tolist(),
        "counts": np.diff(graph.offsets).tolist(),
    }


_WHAT_FITS: Final = "columns hold scalar operations without attributes, of inputs and numbers"


def _unfit(row: Operation | None) -> bool:
    return not isinstance(row, Elementwise) or bool(row.attributes)


def _places(are_inputs: Sequence[bool]) -> Codes:
    """Of each leaf its number among operands: inputs first, then constants."""
    inputs = np.array(are_inputs, dtype=bool)
    numbers = np.where(inputs, np.cumsum(inputs), inputs.sum() + np.cumsum(~inputs)) - 1
    return numbers.astype(np.int32)


# Reading -----------------------------------------------------------------------------------


def _read(columns: Any, bound: Collection[str] | None, limits: Limits) -> Graph:
    _require_members(columns, limits)
    inputs = _names(columns.get("inputs", []), limits)
    numbers = constants(columns.get("constants", []), limits)
    rows = _operations(columns["operations"], limits)
    opcodes = whole_numbers(columns["opcodes"], "opcodes", limits.nodes)
    _require(opcodes < len(rows), "opcodes", opcodes, f"not one of {len(rows)} operations", limits)
    counts = _counts(columns.get("counts"), rows, opcodes, limits)
    offsets = np.zeros(len(opcodes) + 1, dtype=np.int64)
    np.cumsum(counts, dtype=np.int64, out=offsets[1:])
    operands = _operands(columns["operands"], int(offsets[-1]), limits)
    leaves = len(inputs) + len(numbers)
    users = np.repeat(np.arange(leaves, leaves + len(opcodes), dtype=np.int32), counts)
    _require(operands < users, "operands", operands, "not before its use", limits)
    _require_free(inputs, len(opcodes), bound, limits)
    codes = operands.astype(np.int32)
    numbered = NumberedNames(len(opcodes))
    return Graph(
        leaves=(*inputs, *numbers),
        operations=Operations(tuple(row.name for row in rows), opcodes.astype(np.int32)),
        offsets=offsets.astype(np.int32),
        operands=np.where(codes < leaves, ~codes, codes - leaves),
        ids=(None,) * len(opcodes),
        places=Places(range(len(opcodes)), lambda number: Place(("columns", "opcodes", number))),
        known_names=numbered,
        known_codes=NamedCodes(inputs, numbered),
    )


def _require_members(columns: Any, limits: Limits) -> None:
    if not isinstance(columns, Mapping):
        raise GraphError(Fault("wrong_type", f"an object of columns, not {in_words(columns)}"))
    unknown = (name for name in columns if name not in _MEMBERS)
    faults = [unknown_member(name, _MEMBERS) for name in islice(unknown, limits.faults)]
    faults += [
        Fault("missing_member", f"columns have {name!r}", (name,))
        for name in _REQUIRED
        if name not in columns
    ]
    if faults:
        raise GraphError(faults)


def _names(given: Any, limits: Limits) -> list[str]:
    """The inputs: fit to be names, and all different."""
    names = listed_column(given, "inputs", limits.nodes)
    are_names = _STRINGS.issuperset(map(type, names)) and all_fit(names, limits)
    if are_names and len(set(names)) == len(names):
        return names
    seen: set[Any] = set()
    faults = []
    for place, name in watched(enumerate(names), Deadline.current()):
        fault = name_fault(name, limits)
        if fault is None and name in seen:
            fault = Fault("duplicate_id", f"two inputs are called {quoted(name)}")
        if fault is not None:
            faults.append(fault.under("inputs", place))
            if len(faults) >= limits.faults:
                break
        else:
            seen.add(name)
    if faults:
        raise GraphError(faults)
    return names


def _operations(given: Any, limits: Limits) -> list[Operation]:
    rows, faults = [], []
    for place, name in watched(
        enumerate(listed_column(given, "operations", limits.nodes)), Deadline.current()
    ):
        row = find(name) if isinstance(name, str) else None
        if row is None:
            fault = (
                unknown_operation(name)
                if isinstance(name, str)
                else Fault(
                    "wrong_type", f"the name of an operation is a string, not {in_words(name)}"
                )
            )
        elif _unfit(row):
            fault = Fault("invalid_value", f"{_WHAT_FITS}, and {row.name} is none: write nodes")
        else:
            rows.append(row)
            continue
        faults.append(fault.under("operations", place))
        if len(faults) >= limits.faults:
            break
    if faults:
        raise GraphError(faults)
    return rows


def _counts(given: Any, rows: Sequence[Operation], opcodes: Integers, limits: Limits) -> Integers:
    """How many operands each node takes."""
    fewest = np.array([row.arity[0] for row in rows], dtype=np.int32)[opcodes]
    if given is None:
        return fewest
    counts = whole_numbers(given, "counts", limits.nodes)
    if len(counts) != len(opcodes):
        detail = f"{len(counts):,} counts for {len(opcodes):,} nodes"
        raise GraphError(Fault("shape_mismatch", detail, ("counts",)))
    most = np.array([limits.nodes if row.arity[1] is None else row.arity[1] for row in rows])
    fits = (fewest <= counts) & (counts <= most[opcodes])
    faults = []
    for place in np.flatnonzero(~fits)[: limits.faults].tolist():
        fault = rows[opcodes[place]].arity_fault(int(counts[place]))
        detail = f"a node has at most {limits.nodes:,} operands" if fault is None else fault.detail
        faults.append(Fault("wrong_arity", detail, ("counts", place)))
    if faults:
        raise GraphError(faults)
    return counts


def _operands(given: Any, wanted: int, limits: Limits) -> Integers:
    operands = whole_numbers(given, "operands", None)
    if len(operands) != wanted:
        detail = f"{len(operands):,} operands, and the operations take {wanted:,}"
        raise GraphError(Fault("wrong_arity", detail, ("operands",)))
    return operands


def _require(
    fits: npt.NDArray[np.bool_], column: str, found: Integers, detail: str, limits: Limits
) -> None:
    """Raise GraphError for the entries of a column that do not fit."""
    faults = [
        Fault("invalid_value", f"{int(found[place])} is {detail}", (column, place))
        for place in np.flatnonzero(~fits)[: limits.faults].tolist()
    ]
    if faults:
        raise GraphError(faults)


def _require_free(
    inputs: Sequence[str], count: int, bound: Collection[str] | None, limits: Limits
) -> None:
    """Raise GraphError for inputs that are called as a node is, or that nothing binds."""
    nodes = NumberedNames(count)
    faults = [
        Fault("name_clash", f"{quoted(name)} is a node and also an input", ("inputs", place))
        for place, name in enumerate(inputs)
        if name in nodes
    ]
    if bound is not None:
        suggestions = Suggestions(lambda: bound)
        unbound = (place for place, name in enumerate(inputs) if name not in bound)
        for place in islice(unbound, limits.faults):
            name = inputs[place]
            detail = f"nothing is called {quoted(name)}{suggestions.did_you_mean(name)}"
            faults.append(Fault("unbound_name", detail, ("inputs", place)))
    if faults:
        raise GraphError(faults[: limits.faults])
