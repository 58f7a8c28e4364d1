"""Whole matrices of derivatives: Jacobians and Hessians, in blocks by name.

>>> from autograd_core import hessian, parse
>>> hessian(parse("x**2*y"), {"x": 3.0, "y": 2.0}).blocks["x"]["y"]
6.0

A Jacobian is found by rows (a reverse sweep for each element of the outputs) or by columns (a
forward sweep for each element of the inputs), whichever are fewer; a Hessian by forward over
reverse, one product for each element of the inputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any

from autograd_core.derivatives.blocks import (
    Layout,
    by_tape,
    columns_of,
    joined_blocks,
    mirrored,
    rows_of,
    second_order_of,
)
from autograd_core.derivatives.calls import Bindings, Call, prepare, stacked
from autograd_core.derivatives.checks import Blocks, check_cost_of, checked_blocks
from autograd_core.derivatives.compressed import (
    FEW,
    SparseMatrix,
    Swept,
    check_sweeps,
    entries_of,
    hessian_swept,
    jacobian_swept,
)
from autograd_core.derivatives.gradient import (
    GRADIENT_PASSES,
    Cost,
    check_scalar,
    cost_of,
    output_name,
)
from autograd_core.derivatives.indeterminate import warnings_of
from autograd_core.derivatives.nonfinite import NonfiniteWarning, first_nonfinite
from autograd_core.derivatives.products import HVP_PASSES
from autograd_core.engines.arrays import sweeps as arrays
from autograd_core.engines.tape import tape
from autograd_core.errors import ArgumentError, Fault, GraphError
from autograd_core.finite_difference import (
    CheckOptions,
    MatrixReport,
    check_hessian,
    check_jacobian,
)
from autograd_core.graph import Graph
from autograd_core.limits import DEFAULT_LIMITS, Deadline, Limits
from autograd_core.tensors import Array

# What one more sweep costs, beside the first evaluation.
_SWEEP_PASSES = 2


@dataclass(frozen=True)
class Jacobian:
    """Values of the outputs, and blocks[output][input] in the shape of the one, then the other."""

    values: Mapping[str, Array | float]
    blocks: Blocks
    warnings: tuple[NonfiniteWarning, ...]
    cost: Cost
    check: MatrixReport | None = None
    entries: SparseMatrix | None = None


@dataclass(frozen=True)
class Hessian:
    """Value and gradient of a scalar output, and blocks[a][b] in the shape of a, then of b.

    blocks[b][a] is the transpose of blocks[a][b] to the last bit.
    """

    value: Array | float
    gradients: Mapping[str, Array | float]
    blocks: Blocks
    warnings: tuple[NonfiniteWarning, ...]
    cost: Cost
    check: MatrixReport | None = None
    entries: SparseMatrix | None = None


def jacobian(
    graph: Graph,
    bindings: Bindings,
    *,
    outputs: Sequence[str] | None = None,
    wrt: Sequence[str] | None = None,
    mapped: Sequence[str] = (),
    check: CheckOptions | None = None,
    sparse: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> Jacobian:
    """The derivative of every element of the outputs by every element of the inputs.

    wrt: inputs or nodes; every bound input by default. Under `mapped` values and blocks have a
    leading axis of points. check: compare with finite differences as well. sparse: answer with
    `entries` instead of blocks. Raises GraphError, ArgumentError and DeadlineExceeded.
    """
    names = tuple(bindings) if wrt is None else tuple(dict.fromkeys(wrt))
    call = prepare(graph, bindings, outputs, mapped, limits, deadline, names)
    labels = [output_name(graph)] if outputs is None else list(outputs)
    layout = Layout.of(call)
    _check_alone(sparse=sparse, mapped=mapped, check=check)
    parts = _swept_jacobian(call, layout, sparse=sparse)
    values, blocks, swept, cost = parts.values, parts.blocks, parts.swept, parts.cost
    entries = None
    if sparse:
        shapes = layout.output_shapes, layout.target_shapes
        swept = swept or Swept(None, joined_blocks(blocks, *shapes), 0)
        above = list(zip(labels, shapes[0], strict=True))
        beside = list(zip(names, shapes[1], strict=True))
        entries = entries_of(swept, above, beside)
        blocks = [[] for _ in labels]
    flat = [*values, *(block for row in blocks for block in row)]
    flat += [] if entries is None else [entries.values]

    def what() -> list[str]:
        if entries is not None:
            return [*labels, "the Jacobian"]
        return [*labels, *(f"{out} by {name}" for out in labels for name in names)]

    rows = [dict(zip(names, row, strict=True)) for row in blocks if entries is None]
    by_name = dict(zip(labels, rows, strict=entries is None))
    report = None
    if check is not None:
        check_cost_of(call, layout.height, layout.width, 1, check)
        roots = dict(zip(labels, call.plan.program.outputs, strict=True))
        report = checked_blocks(call, names, by_name, partial(check_jacobian, outputs=roots), check)
    return Jacobian(
        dict(zip(labels, values, strict=True)),
        by_name,
        warnings_of(call, flat, what),
        cost,
        report,
        entries,
    )


@dataclass(frozen=True)
class _Parts:
    """Values and blocks, row by row; swept: the same of a scalar program, by entries."""

    values: list[Any]
    blocks: list[list[Any]]
    swept: Swept | None
    cost: Cost


def _swept_jacobian(call: Call, layout: Layout, *, sparse: bool) -> _Parts:
    by_rows = layout.height <= layout.width
    sweeps = min(layout.height, layout.width)
    engine = arrays.NAME
    values: list[Any]
    code = call.plan.tape
    swept: Swept | None = None
    on_tape = code is not None and call.points is None and call.plan.moves_inputs_only
    known = call.plan.jacobian_compression if on_tape and (sparse or sweeps > FEW) else None
    if known is not None:
        *_, compression, by_rows = known
        sweeps = compression.count
    if known is None or not sparse:
        _check_size(
            call, layout.limited_height, layout.limited_width, "the Jacobian", "/jvp or /vjp"
        )
    passes = 1 + _SWEEP_PASSES * sweeps
    call.check_cost(passes, "the Jacobian")
    if code is not None and known is not None:
        check_sweeps(call, sweeps, layout.width if by_rows else layout.height, "the Jacobian")
        numbers, swept = jacobian_swept(call, code, known[:2], by_rows=by_rows)
        values, engine = list(numbers), tape.NAME
        blocks = [] if sparse else swept.dense().tolist()
    elif code is not None and call.points is None and (by_rows or on_tape):
        numbers, matrix = by_tape(call, by_rows=by_rows)
        values, blocks = list(numbers), matrix.tolist()
        swept, engine = Swept(None, matrix, sweeps), tape.NAME
    else:
        count = len(layout.outputs)

        def at_point(inputs: list[Array], _: list[Array]) -> list[Array]:
            found = arrays.forward(call.plan.program, inputs, call.deadline)
            sweep = rows_of if by_rows else columns_of
            return [*(found[slot] for slot in layout.outputs), *sweep(call, layout, found)]

        results = stacked(call, at_point, copies=2)
        values = results[:count]
        width = len(layout.targets)
        blocks = [results[count + k * width : count + (k + 1) * width] for k in range(count)]
    cost = replace(
        cost_of(call, passes, engine), mode="reverse" if by_rows else "forward", sweeps=sweeps
    )
    return _Parts(values, blocks, swept, cost)


def hessian(
    graph: Graph,
    bindings: Bindings,
    *,
    output: str | None = None,
    wrt: Sequence[str] | None = None,
    mapped: Sequence[str] = (),
    check: CheckOptions | None = None,
    sparse: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> Hessian:
    """Value, gradient and every second derivative of a scalar output.

    As `jacobian`; ArgumentError also for an output that is not a scalar.
    """
    names = tuple(bindings) if wrt is None else tuple(dict.fromkeys(wrt))
    call = prepare(graph, bindings, output, mapped, limits, deadline, names)
    check_scalar(call.plan, output)
    layout = Layout.of(call)
    _check_alone(sparse=sparse, mapped=mapped, check=check)
    code, sweeps = call.pushing_tape, layout.width
    worthwhile = code is not None and (sparse or sweeps > FEW)
    known = call.plan.hessian_compression if worthwhile else None
    if known is not None:
        sweeps = known[1].count
        check_sweeps(call, sweeps, layout.width, "the Hessian")
    if known is None or not sparse:
        _check_size(call, layout.limited_width, layout.limited_width, "the Hessian", "/hvp")
    passes = GRADIENT_PASSES + (HVP_PASSES - GRADIENT_PASSES) * sweeps
    call.check_cost(passes, "the Hessian")
    engine, count = (arrays if code is None else tape).NAME, len(names)
    swept: Swept | None = None
    if code is not None:
        value, slopes, swept = hessian_swept(call, code, known)
        found: list[Any] = [value, *slopes.tolist()]
        if known is None:
            swept = replace(swept, values=mirrored(swept.values))
        blocks = [] if sparse else swept.dense().tolist()
        at_once: Sequence[Any] = [value, slopes, swept.values]
    else:

        def at_point(inputs: list[Array], _: list[Array]) -> list[Array]:
            return second_order_of(call, layout, inputs)

        found = at_once = list(stacked(call, at_point, copies=4))
        blocks = [found[1 + (k + 1) * count : 1 + (k + 2) * count] for k in range(count)]
    label = output_name(graph) if output is None else output

    def what() -> list[str]:
        pairs = [f"{one} and {other}" for one in names for other in names if entries is None]
        return [label, *names, *pairs, "the Hessian"]

    entries, by_name = None, {}
    if sparse:
        shapes = layout.target_shapes
        swept = swept or Swept(None, joined_blocks(blocks, shapes, shapes), sweeps)
        inputs_of = list(zip(names, shapes, strict=True))
        entries = entries_of(swept, inputs_of, inputs_of)
        found = [*found[: 1 + count], entries.values]
    else:
        rows = [dict(zip(names, row, strict=True)) for row in blocks]
        by_name = dict(zip(names, rows, strict=True))
        found = [*found[: 1 + count], *chain.from_iterable(blocks)]
    suspects = [] if first_nonfinite(at_once) is None else found
    warnings = warnings_of(call, suspects, what, second_order=True)
    cost = replace(cost_of(call, passes, engine), mode="forward over reverse", sweeps=sweeps)
    report = None
    if check is not None:
        check_cost_of(call, layout.width, layout.width, GRADIENT_PASSES, check)
        report = checked_blocks(call, names, by_name, check_hessian, check)
    return Hessian(
        found[0],
        dict(zip(names, found[1 : 1 + count], strict=True)),
        by_name,
        warnings,
        cost,
        report,
        entries,
    )


def _check_alone(*, sparse: bool, mapped: Sequence[str], check: CheckOptions | None) -> None:
    """Raise ArgumentError for what does not go with a list of entries."""
    if sparse and (mapped or check is not None):
        detail = "a sparse answer is for one point, and is not checked: leave out 'map' and 'check'"
        raise ArgumentError(Fault("invalid_value", detail, ("sparse",)))


def _check_size(call: Call, height: int, width: int, what: str, instead: str) -> None:
    """Raise GraphError for a matrix of more numbers than a tensor may have, or of more at all
    points than may be held at once.
    """
    if height * width <= call.limits.elements:
        call.check_held(height * width)
        if call.deadline is not None:
            call.deadline.hold(2 * height * width)
        return
    detail = (
        f"{what} is {height:,} x {width:,}, which is {height * width:,} numbers, over the limit of "
        f"{call.limits.elements:,}; ask {instead} for products with it or, if it is sparse and the "
        'graph one of scalars, ask for "sparse": true'
    )
    raise GraphError(Fault("limit_exceeded", detail))
