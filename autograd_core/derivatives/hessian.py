"""Hessians: every second derivative of a scalar output, by forward over reverse.

>>> from autograd_core import hessian, parse
>>> hessian(parse("x**2*y"), {"x": 3.0, "y": 2.0}).blocks["x"]["y"]
6.0

One product for each element of the inputs, on arrays many in one sweep; of many scalars, by fewer
where the structure allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograd_core.derivatives.assembly import Assembly
from autograd_core.derivatives.batching import Groups
from autograd_core.derivatives.bindings import Bindings
from autograd_core.derivatives.call import Call, Cost, prepare, require_scalar, targets_of
from autograd_core.derivatives.checks import Blocks, checked_hessian
from autograd_core.derivatives.dense import mirrored, require_size
from autograd_core.derivatives.nonfinite import NonfiniteWarning
from autograd_core.derivatives.sparse import (
    FEW,
    SparseMatrix,
    require_alone,
    require_sweeps,
)
from autograd_core.derivatives.trace import NodeTrace, traced
from autograd_core.derivatives.warnings import explain
from autograd_core.engines.linearisation import GRADIENT, HESSIAN, Linearisation, Parts
from autograd_core.finite_difference import CheckOptions, MatrixReport
from autograd_core.graph import Graph
from autograd_core.limits import DEFAULT_LIMITS, Deadline, Limits
from autograd_core.tensors import Number


@dataclass(frozen=True)
class Hessian:
    """Value and gradient of a scalar output, and blocks[a][b] in the shape of a, then of b.

    blocks[b][a] is the transpose of blocks[a][b] to the last bit. entries: of a sparse answer,
    instead of blocks.
    """

    value: Number
    gradients: Mapping[str, Number]
    blocks: Blocks
    warnings: tuple[NonfiniteWarning, ...]
    cost: Cost
    check: MatrixReport | None = None
    entries: SparseMatrix | None = None
    nodes: tuple[NodeTrace, ...] | None = None


class _Way:
    """How a Hessian is swept: column by column, or compressed."""

    def __init__(self, call: Call, *, sparse: bool) -> None:
        self.side = call.plan.of_targets
        worthwhile = (sparse or self.side.length > FEW) and call.points is None
        self.compressed = call.plan.hessian_compressed if worthwhile else None
        self.sweeps = self.side.length
        if self.compressed is not None:
            self.sweeps = self.compressed.compression.count

    def swept(self, at: Linearisation, _: Parts) -> Groups:
        """The value; the gradients; and the matrix, or the entries of the pattern."""
        if self.compressed is None:
            value, gradients, found = at.hessian_rows(np.eye(self.sweeps), upper=True)
            return [value], gradients, [mirrored(found)]
        compression = self.compressed.compression
        value, gradients, found = at.hessian_rows(compression.seeds())
        return [value], gradients, [compression.recovered(found)]

    def require(self, call: Call, *, sparse: bool) -> int:
        """Raise GraphError for what is too large or takes too long; else say how many passes."""
        what = "the Hessian"
        if self.compressed is not None:
            require_sweeps(call, self.sweeps, self.side.length, what)
        if self.compressed is None or not sparse:
            require_size(call, self.side.for_limits, self.side.for_limits, what, "hessian_products")
        passes = GRADIENT.passes + (HESSIAN.passes - GRADIENT.passes) * self.sweeps
        call.require_cost(passes, what)
        return passes


def hessian(
    graph: Graph,
    bindings: Bindings,
    *,
    output: str | None = None,
    wrt: Sequence[str] | None = None,
    mapped: Sequence[str] = (),
    check: CheckOptions | None = None,
    sparse: bool = False,
    trace: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> Hessian:
    """Value, gradient and every second derivative of a scalar output.

    As `jacobian`; ArgumentError also for an output that is not a scalar.
    """
    names = targets_of(bindings, wrt)
    call = prepare(graph, bindings, output, mapped, limits, deadline, names)
    require_scalar(call, output)
    require_alone(sparse=sparse, mapped=mapped, check=check)
    way = _Way(call, sparse=sparse)
    passes = way.require(call, sparse=sparse)
    (value, gradients, (found,)), nodes = traced(call, HESSIAN, way.swept, trace=trace)
    assembly = Assembly("the Hessian", " and ", names, way.side, way.compressed)
    matrix = assembly.of(call, np.asarray(found), sparse=sparse)
    report = None if check is None else checked_hessian(call, matrix.blocks, check)
    groups = (call.labels, value), (names, gradients), matrix.named
    return Hessian(
        value[0],
        dict(zip(names, gradients, strict=True)),
        matrix.blocks,
        explain(call, *groups, second_order=True),
        call.cost(passes, "forward over reverse", way.sweeps),
        report,
        matrix.entries,
        nodes,
    )
