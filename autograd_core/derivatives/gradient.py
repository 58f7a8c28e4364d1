"""Values and gradients of graphs.

>>> from autograd_core import gradient, parse
>>> gradient(parse("3*x**2 - 4*x + 5"), {"x": 3.0}).gradients["x"]
14.0
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograd_core.derivatives.batching import Groups, at_each_point
from autograd_core.derivatives.bindings import Bindings
from autograd_core.derivatives.call import Cost, prepare, require_scalar, targets_of
from autograd_core.derivatives.checks import checked_gradient
from autograd_core.derivatives.nonfinite import NonfiniteWarning
from autograd_core.derivatives.rounding import (
    Rounding,
    rounding_of_gradient,
    rounding_of_values,
)
from autograd_core.derivatives.trace import NodeTrace, gradient_at, traced, traces
from autograd_core.derivatives.warnings import explain
from autograd_core.engines.linearisation import (
    GRADIENT,
    TRACE,
    VALUES,
    Linearisation,
    Parts,
)
from autograd_core.finite_difference import CheckOptions, CheckReport
from autograd_core.graph import Graph
from autograd_core.limits import DEFAULT_LIMITS, Deadline, Limits
from autograd_core.tensors import Number


@dataclass(frozen=True)
class Gradient:
    """A scalar value and its gradient, each gradient in the shape of its input."""

    value: Number
    gradients: Mapping[str, Number]
    warnings: tuple[NonfiniteWarning, ...]
    cost: Cost
    nodes: tuple[NodeTrace, ...] | None = None
    check: CheckReport | None = None
    rounding: Rounding | None = None


@dataclass(frozen=True)
class Evaluation:
    """Values by name; rounding: bounds of their rounding errors."""

    values: Mapping[str, Number]
    warnings: tuple[NonfiniteWarning, ...]
    cost: Cost
    nodes: tuple[NodeTrace, ...] | None = None
    rounding: Mapping[str, Number] | None = None


def evaluate(
    graph: Graph,
    bindings: Bindings,
    *,
    outputs: Sequence[str] | None = None,
    mapped: Sequence[str] = (),
    trace: bool = False,
    rounding: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> Evaluation:
    """Values of `outputs` (node ids or inputs; by default what the graph computes).

    With `mapped`, the named inputs have a leading axis and so has every value. trace: report
    every node as well. rounding: bound the rounding errors as well.
    Raises GraphError, ArgumentError and DeadlineExceeded.
    """
    call = prepare(graph, bindings, outputs, mapped, limits, deadline)
    call.require_cost(VALUES.passes, "the evaluation")
    (values,), nodes = traced(call, VALUES, lambda at, _: [at.values()], trace=trace)
    labels = call.labels
    return Evaluation(
        dict(zip(labels, values, strict=True)),
        explain(call, (labels, values)),
        call.cost(VALUES.passes),
        nodes,
        rounding_of_values(call, values) if rounding else None,
    )


def gradient(
    graph: Graph,
    bindings: Bindings,
    *,
    output: str | None = None,
    wrt: Sequence[str] | None = None,
    mapped: Sequence[str] = (),
    check: CheckOptions | None = None,
    trace: bool = False,
    rounding: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> Gradient:
    """The value of a scalar output and its gradient, by one reverse sweep.

    wrt: inputs or nodes; by default every bound input. mapped: inputs with a leading axis of
    points, at each of which the function is differentiated; every result then has that axis.
    check: compare with finite differences as well. trace: report every node. rounding: bound the
    rounding errors as well; that is two sweeps for each element of `wrt`.
    Raises GraphError, ArgumentError (also for an output that is not a scalar) and
    DeadlineExceeded.
    """
    names = targets_of(bindings, wrt)
    call = prepare(graph, bindings, output, mapped, limits, deadline, names)
    require_scalar(call, output)
    call.require_cost(GRADIENT.passes, "the gradient")
    nodes = None
    if trace:
        value, found, *inside = at_each_point(call, TRACE, lambda at, _: gradient_at(at, deadline))
        nodes = traces(call.plan.program, deadline, *inside)
    else:
        value, found = at_each_point(call, GRADIENT, _swept)
    warnings = explain(call, (call.labels, value), (names, found))
    gradients = dict(zip(names, found, strict=True))
    report = None if check is None else checked_gradient(call, gradients, check)
    cost = call.cost(GRADIENT.passes)
    bounds = rounding_of_gradient(call, value[0], found) if rounding else None
    return Gradient(value[0], gradients, warnings, cost, nodes, report, bounds)


def _swept(at: Linearisation, _: Parts) -> Groups:
    value, gradients = at.gradient()
    return [value], gradients
