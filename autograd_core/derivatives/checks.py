"""Finite-difference checks of what a call found, at its point or at each of its points."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from autograd_core.derivatives.bindings import Bindings, Inputs
from autograd_core.derivatives.call import Call, prepare, require_scalar
from autograd_core.engines.compiled import Layout
from autograd_core.engines.linearisation import (
    GRADIENT,
    INTERIOR,
    VALUES,
    Interior,
    Linearisation,
)
from autograd_core.errors import ArgumentError, Fault
from autograd_core.finite_difference import (
    MOST_OF_ONE,
    CheckOptions,
    CheckReport,
    MatrixReport,
    check_gradient,
    check_hessian,
    check_jacobian,
    of_output,
    planned_evaluations,
    require_analytic,
    require_few,
    stack_matrix_reports,
    stack_reports,
)
from autograd_core.graph import Graph
from autograd_core.limits import DEFAULT_LIMITS, Deadline, Limits
from autograd_core.tensors import Number

Blocks = Mapping[str, Mapping[str, Number]]
DEFAULT_CHECK = CheckOptions()


def checked_gradient(
    call: Call, gradients: Mapping[str, Number], options: CheckOptions
) -> CheckReport:
    """The check of a gradient. Raises GraphError for what costs too much, and ArgumentError for
    a method that does not fit.
    """
    sizes = [
        1 if type(gradient) is float else np.size(gradient) // (call.points or 1)
        for gradient in gradients.values()
    ]
    call.require_cost(planned_evaluations(sizes, options), "the check")
    _require_given(call, 1, sizes, options)
    places = _places(call.names)
    at: Linearisation
    reports = []
    for point, inputs in enumerate(_each(call)):
        if options.method == "complex":
            require_analytic(at := call.linearise(INTERIOR, inputs))
        else:
            at = call.linearise(VALUES, inputs)
        claims = gradients
        if call.points is not None:
            claims = {name: np.asarray(each)[point] for name, each in gradients.items()}
        reports.append(check_gradient(of_output(at, places), claims, options))
    return reports[0] if call.points is None else stack_reports(reports)


def checked_jacobian(call: Call, blocks: Blocks, options: CheckOptions) -> MatrixReport:
    """The check of blocks[output][target]; raises as `checked_gradient` does."""

    def judge(at: Interior, found: Blocks) -> MatrixReport:
        if options.method == "complex":
            require_analytic(at)
        return check_jacobian(at, _places(call.labels), _places(call.names), found, options)

    _require_cost(call, call.plan.of_outputs, VALUES.passes, options)
    return _checked_blocks(call, blocks, judge)


def checked_hessian(call: Call, blocks: Blocks, options: CheckOptions) -> MatrixReport:
    """The check of blocks[target][target]; raises as `checked_gradient` does."""

    def judge(at: Interior, found: Blocks) -> MatrixReport:
        return check_hessian(at, _places(call.names), found, options)

    _require_cost(call, call.plan.of_targets, GRADIENT.passes, options)
    return _checked_blocks(call, blocks, judge)


def _checked_blocks(
    call: Call, blocks: Blocks, judge: Callable[[Interior, Blocks], MatrixReport]
) -> MatrixReport:
    reports = []
    for point, inputs in enumerate(_each(call)):
        found = blocks
        if call.points is not None:
            found = {
                name: {other: np.asarray(block)[point] for other, block in row.items()}
                for name, row in blocks.items()
            }
        reports.append(judge(call.linearise(INTERIOR, inputs), found))
    return reports[0] if call.points is None else stack_matrix_reports(reports)


def _require_cost(call: Call, rows: Layout, passes: float, options: CheckOptions) -> None:
    """Raise GraphError where the check of a matrix costs more than the limit; passes: of one
    evaluation of a row.
    """
    columns = call.plan.of_targets.length
    evaluations = rows.length * planned_evaluations([columns], options)
    call.require_cost(passes * evaluations, "the check")
    _require_given(call, rows.length, [columns], options)


def _require_given(call: Call, rows: int, sizes: Sequence[int], options: CheckOptions) -> None:
    """Raise ArgumentError where more evaluations are asked for than are given; have room for
    those, four numbers each.
    """
    if not options.evaluations:
        return
    most = math.inf if options.directions is None else options.directions
    derivatives = (call.points or 1) * rows * int(sum(min(size, most) for size in sizes))
    require_few(derivatives)
    if call.deadline is not None:
        call.deadline.hold(4 * MOST_OF_ONE * derivatives)


def check(
    graph: Graph,
    bindings: Bindings,
    claims: Mapping[str, Number] | None = None,
    *,
    options: CheckOptions = DEFAULT_CHECK,
    output: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> CheckReport:
    """Compare gradients with finite differences.

    claims: the gradients to judge, by name, each in the shape of its input; by default the
    exact ones. Raises as `gradient` does, and ArgumentError for a claim of another shape.
    """
    names = tuple(bindings if claims is None else claims)
    call = prepare(graph, bindings, output, (), limits, deadline, names)
    require_scalar(call, output)
    if claims is None:
        call.require_cost(GRADIENT.passes, "the gradient")
        claims = dict(zip(names, call.linearise(GRADIENT).gradient()[1], strict=True))
    for (name, claim), shape in zip(claims.items(), call.plan.of_targets.shapes, strict=True):
        if np.shape(claim) != shape:
            detail = f"the claim has shape {list(np.shape(claim))}, not {list(shape)}"
            raise ArgumentError(Fault("shape_mismatch", detail, ("claims", name)))
    return checked_gradient(call, claims, options)


def _each(call: Call) -> Iterator[Inputs]:
    """The inputs at each point."""
    if call.points is None:
        yield call.inputs
    else:
        yield from map(call.inputs.at, range(call.points))


def _places(names: Sequence[str]) -> Mapping[str, int]:
    return {name: place for place, name in enumerate(names)}
