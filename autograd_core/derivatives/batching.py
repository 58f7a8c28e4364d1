"""One point or many: a sweep is written for one, and made at each point of a mapped call.

A program that one loop or vectors can take through all points runs once; any other once a
point, its results stacked along a leading axis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from autograd_core.derivatives.call import Call
from autograd_core.derivatives.directions import Direction
from autograd_core.engines.linearisation import L, Sweep
from autograd_core.tensors import Number, size_for_limits

# What a sweep finds: some lists of numbers and arrays.
Groups = Sequence[Sequence[Number]]
Run = Callable[[L, Mapping[int, Number]], Groups]
NOWHERE = Direction({})


def at_each_point(
    call: Call, sweep: Sweep[L], run: Run[L], direction: Direction = NOWHERE
) -> Groups:
    """What `run` finds from the linearisation at the point, or points, and the direction there.

    Raises GraphError (limit_exceeded) and DeadlineExceeded.
    """
    call.ran = call.engine(sweep, call.points)
    loops = call.ran.loops
    if not loops:
        call.require_copies(sweep.copies)
    if call.points is None:
        return run(call.linearise(sweep), direction.parts)
    if loops:
        found = call.names or call.labels
        call.require_held(len(call.inputs.values) + len(found))
        return run(call.linearise(sweep), {})
    program = call.plan.program
    call.require_held(sum(map(size_for_limits, program.shapes)))
    if program.is_scalar:
        return run(call.linearise(sweep), direction.spread(call.points))
    results: list[Groups] = []
    for point in range(call.points):
        at = call.linearise(sweep, call.inputs.at(point))
        results.append(run(at, direction.at(point)))
        if not point:  # an output may be listed any number of times
            sizes = (size_for_limits(np.shape(each)) for group in results[0] for each in group)
            call.require_held(sum(sizes))
    return [_stacked(groups) for groups in zip(*results, strict=True)]


def _stacked(groups: Sequence[Sequence[Number]]) -> Sequence[Number]:
    """The same group of each point as one, whose arrays have a leading axis of points."""
    return [np.stack(column) for column in zip(*groups, strict=True)]
