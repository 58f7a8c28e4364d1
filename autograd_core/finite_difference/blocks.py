"""Checks of whole matrices, entry by entry.

A Jacobian is checked by differences of the outputs, a Hessian by differences of the exact
gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from autograd_core.engines.linearisation import Interior
from autograd_core.errors import ArgumentError, Fault
from autograd_core.finite_difference.checking import (
    CheckReport,
    InputCheck,
    check_gradient,
    stack_reports,
    worst_of,
)
from autograd_core.finite_difference.functions import Function, of_gradient, of_output
from autograd_core.finite_difference.options import CheckOptions
from autograd_core.tensors import Array, Shape

Blocks = Mapping[str, Mapping[str, Array | float]]


@dataclass(frozen=True)
class MatrixReport:
    """The check of a matrix: the worst verdict, and blocks[row][column], each in its shape."""

    verdict: str
    method: str
    evaluations: int
    blocks: Mapping[str, Mapping[str, InputCheck]]


def check_jacobian(
    at: Interior,
    outputs: Mapping[str, int],
    places: Mapping[str, int],
    blocks: Blocks,
    options: CheckOptions,
) -> MatrixReport:
    """Check blocks[output][input] at a point. outputs, places: of each name, among the outputs
    and the targets.
    """
    slots = {name: at.program.outputs[output] for name, output in outputs.items()}

    def entry(name: str, index: tuple[int, ...]) -> Function:
        return of_output(at, places, outputs[name], index)

    return _by_rows(at, slots, entry, blocks, options)


def check_hessian(
    at: Interior, places: Mapping[str, int], blocks: Blocks, options: CheckOptions
) -> MatrixReport:
    """Check blocks[a][b] at a point, by differences of each entry of the gradient by a.

    Raises ArgumentError (invalid_value, at check/method) for the complex step.
    """
    if options.method == "complex":
        detail = "the complex step is for first derivatives; use 'richardson' for a Hessian"
        raise ArgumentError(Fault("invalid_value", detail, ("check", "method")))
    slots = {name: at.targets[place] for name, place in places.items()}

    def entry(name: str, index: tuple[int, ...]) -> Function:
        return of_gradient(at, places, places[name], index)

    return _by_rows(at, slots, entry, blocks, options)


def _by_rows(
    at: Interior,
    rows: Mapping[str, int],
    entry: Callable[[str, tuple[int, ...]], Function],
    blocks: Blocks,
    options: CheckOptions,
) -> MatrixReport:
    """Check each element of the slots that the rows are of, as a scalar function."""
    reports = {}
    for name, slot in rows.items():
        shape = at.program.shapes[slot]
        found = [
            check_gradient(entry(name, index), _row(blocks[name], index), options)
            for index in np.ndindex(shape)
        ]
        reports[name] = _over(shape, found)
    return _whole(reports, options)


def stack_matrix_reports(reports: Sequence[MatrixReport]) -> MatrixReport:
    """The reports of several points as one, every array with a leading axis of points."""
    first = reports[0]
    rows = {
        name: stack_reports(
            [CheckReport(each.verdict, each.method, 0, each.blocks[name]) for each in reports]
        ).inputs
        for name in first.blocks
    }
    verdict = worst_of([each.verdict for each in reports])
    return MatrixReport(verdict, first.method, sum(each.evaluations for each in reports), rows)


def _row(blocks: Mapping[str, Array | float], index: tuple[int, ...]) -> dict[str, Array | float]:
    """What a row of blocks has for one element of what the row is of."""
    return {name: np.asarray(block)[index] if index else block for name, block in blocks.items()}


def _over(shape: Shape, reports: Sequence[CheckReport]) -> CheckReport:
    """The reports of every element of `shape` as one, whose arrays have these axes first."""
    if not shape:
        return reports[0]
    if not reports:
        return CheckReport("pass", "", 0, {})
    joined = stack_reports(reports)
    return replace(joined, inputs={k: _shaped(each, shape) for k, each in joined.inputs.items()})


def _shaped(check: InputCheck, shape: Shape) -> InputCheck:

    def placed(index: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if index is None:
            return None
        return (*(int(axis) for axis in np.unravel_index(index[0], shape)), *index[1:])

    evaluated = check.evaluated
    if evaluated is not None:
        evaluated = tuple(replace(each, entry=placed(each.entry)) for each in evaluated)

    def shaped(stacked: Array | float) -> Array:
        array = np.asarray(stacked)
        return array.reshape(*shape, *array.shape[1:])

    return replace(
        check,
        worst=placed(check.worst),
        evaluated=evaluated,
        numeric=shaped(check.numeric),
        analytic=shaped(check.analytic),
        error_estimate=shaped(check.error_estimate),
        absolute_error=shaped(check.absolute_error),
        relative_error=shaped(check.relative_error),
        step=shaped(check.step),
    )


def _whole(reports: Mapping[str, CheckReport], options: CheckOptions) -> MatrixReport:
    verdict = worst_of([each.verdict for each in reports.values()])
    evaluations = sum(each.evaluations for each in reports.values())
    blocks = {name: each.inputs for name, each in reports.items()}
    return MatrixReport(verdict, options.method, evaluations, blocks)
