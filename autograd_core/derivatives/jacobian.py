"""Jacobians: the derivative of every element of some outputs by every element of some inputs.

>>> from autograd_core import jacobian, parse
>>> jacobian(parse("x**2*y"), {"x": 3.0, "y": 2.0}).blocks["value"]
{'x': 12.0, 'y': 9.0}

By rows (a reverse sweep for each element of the outputs) or by columns (a forward sweep for each
element of the inputs), whichever are fewer; of many scalars, by fewer still where the structure
allows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograd_core.derivatives.assembly import Assembly
from autograd_core.derivatives.batching import Groups
from autograd_core.derivatives.bindings import Bindings
from autograd_core.derivatives.call import Call, Cost, prepare, targets_of
from autograd_core.derivatives.checks import Blocks, checked_jacobian
from autograd_core.derivatives.dense import require_size
from autograd_core.derivatives.nonfinite import NonfiniteWarning
from autograd_core.derivatives.sparse import (
    FEW,
    SparseMatrix,
    require_alone,
    require_sweeps,
)
from autograd_core.derivatives.trace import NodeTrace, traced
from autograd_core.derivatives.warnings import explain
from autograd_core.engines.linearisation import (
    PULL_BACK,
    PUSH_FORWARD,
    Linearisation,
    Parts,
)
from autograd_core.finite_difference import CheckOptions, MatrixReport
from autograd_core.graph import Graph
from autograd_core.limits import DEFAULT_LIMITS, Deadline, Limits
from autograd_core.tensors import Array, Number

# What one more sweep costs, beside the first evaluation.
_SWEEP_PASSES = 2


@dataclass(frozen=True)
class Jacobian:
    """Values of the outputs, and blocks[output][input] in the shape of the one, then the other.

    entries: of a sparse answer, instead of blocks.
    """

    values: Mapping[str, Number]
    blocks: Blocks
    warnings: tuple[NonfiniteWarning, ...]
    cost: Cost
    check: MatrixReport | None = None
    entries: SparseMatrix | None = None
    nodes: tuple[NodeTrace, ...] | None = None


class _Way:
    """How a Jacobian is swept: by rows or columns, one by one or compressed."""

    def __init__(self, call: Call, *, sparse: bool) -> None:
        self.above, self.beside = call.plan.of_outputs, call.plan.of_targets
        height, width = self.above.length, self.beside.length
        worthwhile = (sparse or min(height, width) > FEW) and call.points is None
        self.compressed = call.plan.jacobian_compressed if worthwhile else None
        if self.compressed is None:
            self.by_rows, self.sweeps = height <= width, min(height, width)
        else:
            self.by_rows = self.compressed.by_rows
            self.sweeps = self.compressed.compression.count

    def swept(self, at: Linearisation, _: Parts) -> Groups:
        """Values; and the matrix, or the entries of the pattern."""
        if self.compressed is None:
            found = self._rows(at, np.eye(self.sweeps))
            return at.values(), [found if self.by_rows else np.swapaxes(found, -1, -2)]
        compression = self.compressed.compression
        found = compression.recovered(self._rows(at, compression.seeds()))
        return at.values(), [found]

    def _rows(self, at: Linearisation, seeds: Array) -> Array:
        return at.pull_back_rows(seeds) if self.by_rows else at.push_forward_rows(seeds)

    def require(self, call: Call, *, sparse: bool) -> int:
        """Raise GraphError for what is too large or takes too long; else say how many passes."""
        what = "the Jacobian"
        if self.compressed is None or not sparse:
            size = self.above.for_limits, self.beside.for_limits
            require_size(call, *size, what, "jacobian_products")
        passes = 1 + _SWEEP_PASSES * self.sweeps
        call.require_cost(passes, what)
        if self.compressed is not None:
            across = self.beside if self.by_rows else self.above
            require_sweeps(call, self.sweeps, across.length, what)
        return passes


def jacobian(
    graph: Graph,
    bindings: Bindings,
    *,
    outputs: Sequence[str] | None = None,
    wrt: Sequence[str] | None = None,
    mapped: Sequence[str] = (),
    check: CheckOptions | None = None,
    sparse: bool = False,
    trace: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> Jacobian:
    """The derivative of every element of the outputs by every element of the inputs.

    wrt: inputs or nodes; every bound input by default. Under `mapped` values and blocks have a
    leading axis of points. check: compare with finite differences as well. sparse: answer with
    `entries` instead of blocks. trace: report every node as well. Raises GraphError,
    ArgumentError and DeadlineExceeded.
    """
    names = targets_of(bindings, wrt)
    call = prepare(graph, bindings, outputs, mapped, limits, deadline, names)
    require_alone(sparse=sparse, mapped=mapped, check=check)
    way = _Way(call, sparse=sparse)
    passes = way.require(call, sparse=sparse)
    sweep = PULL_BACK if way.by_rows else PUSH_FORWARD
    (values, (found,)), nodes = traced(call, sweep, way.swept, trace=trace)
    labels = call.labels
    assembly = Assembly("the Jacobian", " by ", labels, way.above, way.compressed)
    matrix = assembly.of(call, np.asarray(found), sparse=sparse)
    report = None if check is None else checked_jacobian(call, matrix.blocks, check)
    mode = "reverse" if way.by_rows else "forward"
    return Jacobian(
        dict(zip(labels, values, strict=True)),
        matrix.blocks,
        explain(call, (labels, values), matrix.named),
        call.cost(passes, mode, way.sweeps),
        report,
        matrix.entries,
        nodes,
    )
