"""Checks of whole matrices, entry by entry.

A Jacobian is checked by differences of the outputs, a Hessian by differences of the exact
gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from autograd_core.engines.arrays import sweeps as arrays
from autograd_core.errors import ArgumentError, Fault
from autograd_core.finite_difference.checking import (
    CheckReport,
    InputCheck,
    check_gradient,
    stack_reports,
    worst_of,
)
from autograd_core.finite_difference.functions import (
    ArrayFunction,
    ArrayLine,
    Direction,
    Function,
    Glance,
)
from autograd_core.finite_difference.options import CheckOptions
from autograd_core.finite_difference.probes import Probe
from autograd_core.limits import Deadline
from autograd_core.program import Program
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
    program: Program,
    values: Sequence[Array],
    outputs: Mapping[str, int],
    slots: Mapping[str, int],
    blocks: Blocks,
    options: CheckOptions,
    deadline: Deadline | None,
) -> MatrixReport:
    """Check blocks[output][input] at a point. values: of every slot; outputs, slots: by name."""

    def entry(root: int, index: tuple[int, ...]) -> Function:
        return ArrayFunction(program, values, slots, deadline, root, index)

    return _by_rows(program, outputs, entry, blocks, options)


def check_hessian(
    program: Program,
    values: Sequence[Array],
    slots: Mapping[str, int],
    blocks: Blocks,
    options: CheckOptions,
    deadline: Deadline | None,
) -> MatrixReport:
    """Check blocks[a][b] at a point, by differences of each entry of the gradient by a."""

    def entry(slot: int, index: tuple[int, ...]) -> Function:
        return GradientFunction(program, values, slots, slot, index, deadline)

    return _by_rows(program, slots, entry, blocks, options)


def _by_rows(
    program: Program,
    rows: Mapping[str, int],
    entry: Callable[[int, tuple[int, ...]], Function],
    blocks: Blocks,
    options: CheckOptions,
) -> MatrixReport:
    """Check each element of the slots that the rows are of, as a scalar function."""
    reports = {}
    for name, slot in rows.items():
        shape = program.shapes[slot]
        found = [
            check_gradient(entry(slot, index), _row(blocks[name], index), options)
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


class GradientFunction:
    """One entry of a program's exact gradient, as a function of its inputs.

    slot, index: the entry. values: of every slot at the point; slots: of each name.
    """

    def __init__(
        self,
        program: Program,
        values: Sequence[Array],
        slots: Mapping[str, int],
        slot: int,
        index: tuple[int, ...],
        deadline: Deadline | None,
    ) -> None:
        self._program = program
        self._values = values
        self._slots = slots
        self._entry = slot, index
        self._deadline = deadline
        self._base = self._at(list(values))

    def line(self, name: str, direction: Direction) -> Probe:
        slot = self._slots[name]
        (root,) = self._program.outputs
        line = ArrayLine(
            self._program, self._values, slot, root, direction, self._at, self._deadline
        )
        return Probe(line, line.place(self._base))

    def glances(self, claims: Mapping[str, float], options: CheckOptions) -> Mapping[str, Glance]:
        return {}

    def check_analytic(self) -> None:
        detail = "the complex step is for first derivatives; use 'richardson' for a Hessian"
        raise ArgumentError(Fault("invalid_value", detail, ("check", "method")))

    def _at(self, values: list[Array]) -> float:
        (root,), (slot, index) = self._program.outputs, self._entry
        seeds = {root: np.ones(())[()]}
        found = arrays.reverse(self._program, values, seeds, [slot], self._deadline).get(slot)
        return 0.0 if found is None else float(np.asarray(found)[index])


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
    worst = check.worst
    if worst is not None:
        worst = (*(int(axis) for axis in np.unravel_index(worst[0], shape)), *worst[1:])

    def shaped(stacked: Array | float) -> Array:
        array = np.asarray(stacked)
        return array.reshape(*shape, *array.shape[1:])

    return replace(
        check,
        worst=worst,
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
