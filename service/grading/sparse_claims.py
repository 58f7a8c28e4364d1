"""Claims of whole matrices as the `entries` that /jacobian and /hessian answer, block by block."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from autograd_core import ArgumentError, Array, Fault, Limits, Number, TensorError, tensor

KINDS: Final = ("jacobian", "hessian")
_MEMBERS: Final = frozenset({"shape", "rows", "columns", "values", "row_starts", "column_starts"})
_MOST_BLOCKS: Final = 10_000  # each is an item of the report
_LARGEST: Final = 1 << 32


def in_blocks(claims: Mapping[str, Any], limits: Limits) -> Mapping[str, Any]:
    """The claims, those of sparse matrices as blocks: {"x": {"y": entries}}.

    Raises ArgumentError, with paths ("claims", kind, member), for what is no such matrix.
    """
    found = dict(claims)
    for kind in KINDS:
        written = claims.get(kind)
        if isinstance(written, Mapping) and written.keys() == _MEMBERS:
            try:
                found[kind] = _blocks(limits, written)
            except ArgumentError as error:
                faults = [fault.under("claims", kind) for fault in error.faults]
                raise ArgumentError(faults) from None
    return found


def shaped(block: Any, truth: Number) -> Any:
    """A block of a matrix in the shape of the truth, if it has as many entries; what else was
    claimed as it is.
    """
    if not isinstance(block, np.ndarray) or block.size != np.size(truth):
        return block
    return block.reshape(np.shape(truth)) if np.ndim(truth) else float(block.item())


def _blocks(limits: Limits, written: Mapping[str, Any]) -> Mapping[str, Any]:
    """The blocks of a matrix. Raises ArgumentError, with paths (member, ...)."""
    sizes = [int(size) for size in np.ravel(_counts(limits, written, "shape", _LARGEST))]
    if len(sizes) != 2 or math.prod(sizes) > limits.elements:
        raise _fault("shape", f"expected two sizes, of up to {limits.elements:,} entries together")
    rows = _counts(limits, written, "rows", sizes[0])
    columns = _counts(limits, written, "columns", sizes[1])
    values = _numbers(limits, written, "values")
    if not rows.shape == columns.shape == values.shape or rows.ndim != 1:
        raise _fault("values", "expected as many values as rows and columns")
    matrix = np.zeros(sizes)
    matrix[rows, columns] = values
    above = _slices(written, "row_starts", sizes[0])
    beside = _slices(written, "column_starts", sizes[1])
    if len(above) * len(beside) > _MOST_BLOCKS:
        raise _fault("row_starts", f"there are more than {_MOST_BLOCKS:,} blocks")
    return {
        row: {column: matrix[part, place] for column, place in beside.items()}
        for row, part in above.items()
    }


def _numbers(limits: Limits, written: Mapping[str, Any], member: str) -> Array:
    try:
        return np.asarray(tensor(written[member], limits))
    except TensorError as error:
        raise ArgumentError(fault.under(member) for fault in error.faults) from None


def _counts(limits: Limits, written: Mapping[str, Any], member: str, below: int) -> Array:
    """Whole numbers from 0 on."""
    found = _numbers(limits, written, member)
    if not ((found >= 0) & (found < below) & (found == np.floor(found))).all():
        raise _fault(member, "expected whole numbers from 0 on, inside the matrix")
    return found.astype(np.intp)


def _slices(written: Mapping[str, Any], member: str, end: int) -> Mapping[str, slice]:
    """Of each name its part of the rows, or of the columns."""
    starts = written[member]
    if not isinstance(starts, Mapping) or not all(
        type(start) is int and 0 <= start <= end for start in starts.values()
    ):
        raise _fault(member, "expected an object of names, and where in the matrix each begins")
    names: Sequence[str] = sorted(starts, key=lambda name: starts[name])
    ends = [*(starts[name] for name in names[1:]), end]
    return {name: slice(starts[name], stop) for name, stop in zip(names, ends, strict=True)}


def _fault(member: str, detail: str) -> ArgumentError:
    return ArgumentError([Fault("invalid_value", detail, (member,))])
