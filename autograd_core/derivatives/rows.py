"""One program at many points at once, where every point has no more to say than numbers.

For a caller with thousands of calls of `evaluate` or `gradient` that differ in their numbers:
results are those of each call, to the bit. What is not a sweep of scalars on the tape, and what a
call would warn of, is left to those.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from autograd_core.derivatives.call import Call, prepare, require_scalar, targets_of
from autograd_core.derivatives.gradient import Evaluation, Gradient
from autograd_core.engines.linearisation import GRADIENT, VALUES, Linearisation, Sweep
from autograd_core.graph import Graph
from autograd_core.limits import DEFAULT_LIMITS, Deadline, Limits
from autograd_core.tensors import Array, Flags, Number

Columns = Mapping[str, Array]
T = TypeVar("T")


def evaluate_rows(
    graph: Graph,
    columns: Columns,
    *,
    outputs: Sequence[str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> tuple[Evaluation, Flags] | None:
    """`evaluate` at each of many points, and at which of them all is finite: elsewhere call it.

    columns: of each input its numbers, one a point. None where that is no single sweep, or where
    there is something to warn of. Raises what `evaluate` does.
    """
    call = prepare(graph, columns, outputs, tuple(columns), limits, deadline)
    values = _swept(call, VALUES, lambda at: at.values())
    if values is None:
        return None
    named = dict(zip(call.labels, values, strict=True))
    return Evaluation(named, (), call.cost(VALUES.passes)), _finite(values)


def gradient_rows(
    graph: Graph,
    columns: Columns,
    *,
    output: str | None = None,
    wrt: Sequence[str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> tuple[Gradient, Flags] | None:
    """`gradient` at each of many points, as `evaluate_rows`."""
    names = targets_of(columns, wrt)
    call = prepare(graph, columns, output, tuple(columns), limits, deadline, names)
    require_scalar(call, output)
    found = _swept(call, GRADIENT, lambda at: at.gradient())
    if found is None:
        return None
    value, gradients = found
    named = dict(zip(names, gradients, strict=True))
    return Gradient(value, named, (), call.cost(GRADIENT.passes)), _finite([value, *gradients])


def _swept(call: Call, sweep: Sweep[Linearisation], run: Callable[[Linearisation], T]) -> T | None:
    """What one sweep over all points finds, if there is one, and nothing that it hides."""
    call.require_cost(sweep.passes, "the rows")
    engine = call.ran = call.engine(sweep, call.points)
    if not engine.loops:
        return None
    call.require_held(len(call.inputs.values) + len(call.names or call.labels))
    found = run(call.linearise(sweep))
    return None if call.watch.stopped else found


def _finite(columns: Sequence[Number]) -> Flags:
    """For each point, whether all of its numbers are finite."""
    finite: Flags = np.isfinite(np.array(columns)).all(axis=0)
    return finite
