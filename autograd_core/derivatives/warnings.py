"""What is said of a call's results: which are not finite and why, and what a zero may hide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from autograd_core.derivatives import indeterminate
from autograd_core.derivatives.call import Call
from autograd_core.derivatives.nonfinite import (
    Named,
    NonfiniteWarning,
    all_finite,
    diagnose,
    first_nonfinite,
    of_derivatives,
    sweeps,
)
from autograd_core.engines.linearisation import INTERIOR, Interior, Parts

# Points of a mapped call that are looked at together.
_CHUNK = 4096


def explain(
    call: Call,
    *groups: Named,
    second_order: bool = False,
    along: Parts | None = None,
) -> tuple[NonfiniteWarning, ...]:
    """The warnings of a call: at most one of each code.

    groups: results, each with its name. second_order: whether second derivatives are answered
    as well. along: the tangents of a product, by target. Raises DeadlineExceeded.
    """
    found = _nonfinite(call, groups)
    if not call.watch.stopped:
        return found
    known = {warning.node for warning in found}
    for at in _points(call):
        hidden = indeterminate.find(at, call.deadline, second_order=second_order)
        if hidden is not None:
            return (*found, *(() if hidden.node in known else (hidden,)))
    if found or along is None:
        return found
    return _cancelled(call, along)


def _nonfinite(call: Call, groups: Sequence[Named]) -> tuple[NonfiniteWarning, ...]:
    """What is not finite: its cause where it can be told, else where it shows."""
    broken = [group for group in groups if not all_finite(group[1])]
    if not broken:
        return ()
    name, value, point = first_nonfinite(broken, call.points)
    inputs = call.inputs if call.points is None else call.inputs.at(point)
    cause = diagnose(call.linearise(INTERIOR, inputs))
    if cause is not None:
        return (cause,)
    detail = f"the derivative of {name!r} is {value:g}"
    return (NonfiniteWarning(name, None, (), value, detail),)


def _cancelled(call: Call, along: Parts) -> tuple[NonfiniteWarning, ...]:
    """Of a tangent that cancelled to 0, as in sqrt(x - x), before it met an infinite partial: the
    derivative that is not finite by which it was moved.
    """
    for at in _points(call):
        moved = [at.targets[place] for place, part in along.items() if np.any(part)]
        for root in at.program.outputs[: sweeps(at.program)]:
            found = of_derivatives(at, at.adjoints(moved, root), moved)
            if found is not None:
                detail = found.detail + indeterminate.MAY_DIFFER
                return (replace(found, detail=detail, code=indeterminate.CODE),)
    return ()


def _points(call: Call) -> Iterator[Interior]:
    """Each point, or many points of a scalar program at once; the first of them, where there are
    too many to look at.
    """
    program = call.plan.program
    most = max(1, sweeps(program) // len(program.outputs))
    if call.points is None:
        yield call.linearise(INTERIOR)
        return
    together = _CHUNK if program.is_scalar else 1
    for start in range(0, call.points, together)[:most]:
        several = call.inputs.between(start, start + together)
        yield call.linearise(INTERIOR, several if program.is_scalar else call.inputs.at(start))
