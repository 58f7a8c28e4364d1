"""Finite-difference checks of Jacobians and Hessians, at the point or points of a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from autograd_core.derivatives.calls import Call
from autograd_core.engines.arrays import sweeps as arrays
from autograd_core.finite_difference import CheckOptions, MatrixReport
from autograd_core.finite_difference.blocks import stack_matrix_reports
from autograd_core.finite_difference.checking import planned_evaluations
from autograd_core.tensors import Array

Blocks = Mapping[str, Mapping[str, Array | float]]


def check_cost_of(call: Call, rows: int, columns: int, passes: int, options: CheckOptions) -> None:
    """Raise GraphError where the check of a matrix would cost more than the limit."""
    evaluations = rows * planned_evaluations([columns], options)
    call.check_cost(passes * evaluations, "the check")


def checked_blocks(
    call: Call,
    names: Sequence[str],
    blocks: Blocks,
    judge: Callable[..., MatrixReport],
    options: CheckOptions,
) -> MatrixReport:
    """The finite-difference check, at every point of a mapped call."""
    program = call.plan.program
    slots = dict(zip(names, call.plan.target_slots, strict=True))

    def at(point: int | None, found: Blocks) -> MatrixReport:
        values = arrays.forward(program, call.arrays(point), call.deadline)
        return judge(
            program=program,
            values=values,
            slots=slots,
            blocks=found,
            options=options,
            deadline=call.deadline,
        )

    if call.points is None:
        return at(None, blocks)
    return stack_matrix_reports(
        [
            at(
                point,
                {
                    name: {other: np.asarray(block)[point] for other, block in row.items()}
                    for name, row in blocks.items()
                },
            )
            for point in range(call.points)
        ]
    )
