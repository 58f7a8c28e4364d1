"""How far rounding may have moved a value or a gradient: bounds, to first order.

error_analysis.py says what they are made of. Numbers bound to inputs are exact. A bound is inf
where nothing is known, and where the number itself is not finite.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_core.derivatives.batching import Groups, at_each_point
from autograd_core.derivatives.bindings import Inputs
from autograd_core.derivatives.call import Call
from autograd_core.derivatives.error_analysis import Analysed
from autograd_core.engines.linearisation import HESSIAN, PULL_BACK, ROUNDING, Interior
from autograd_core.limits import within
from autograd_core.tensors import Array, Number, Shape

_PURPOSE = "a bound of every rounding error"
# Numbers in one sweep, where points and targets are taken many at a time.
_TOGETHER = 1 << 18


@dataclass(frozen=True)
class Rounding:
    """Bounds of the rounding errors of a value and of gradients, each in the shape of what it
    bounds.
    """

    value: Number
    gradients: Mapping[str, Number]


def rounding_of_values(call: Call, values: Sequence[Number]) -> Mapping[str, Number]:
    """Bounds for each output of a call, which were found.

    Raises GraphError (limit_exceeded) and DeadlineExceeded.
    """
    sweeps = call.plan.of_outputs.for_limits
    call.require_cost(ROUNDING.passes + PULL_BACK.passes * sweeps, _PURPOSE)
    (found,) = at_each_point(call, ROUNDING, lambda at, _: [_of_outputs(at, call)])
    return dict(zip(call.labels, map(_of_finite, values, found), strict=True))


def rounding_of_gradient(call: Call, value: Number, gradients: Sequence[Number]) -> Rounding:
    """The same for the output of a call, a scalar, and its derivatives by each target."""
    sweeps = call.plan.of_targets.for_limits
    call.require_cost(ROUNDING.passes + HESSIAN.passes * sweeps, _PURPOSE)
    with within(call.deadline):  # the program may be compiled here
        many_at_once = call.plan.program.is_scalar
    if many_at_once:
        bound, found = _by_lanes(call)
    else:
        (bound,), found = at_each_point(call, ROUNDING, lambda at, _: _by_elements(at, call))
    bounds = map(_of_finite, gradients, found)
    return Rounding(_of_finite(value, bound), dict(zip(call.names, bounds, strict=True)))


def _of_outputs(at: Interior, call: Call) -> Sequence[Number]:
    """A bound for each output: an element after another, or one at all points."""
    analysed = Analysed(at, call.deadline)
    found: list[Number] = []
    for output, shape in enumerate(call.plan.of_outputs.shapes):
        like = at.slots[at.program.outputs[output]]
        bounds = [
            analysed.of_value(at.cotangents({output: unit}, analysed.wanted))
            for unit in _units(shape, like)
        ]
        found.append(np.reshape(bounds, shape) if shape else _spread(bounds[0], like))
    return found


def _by_elements(at: Interior, call: Call) -> Groups:
    """The bound for the value, and for each target, an element after another."""
    analysed = Analysed(at, call.deadline)
    adjoints = at.adjoints(analysed.wanted)
    of_adjoints = analysed.of_adjoints(adjoints)
    found: list[Number] = []
    for target, shape in enumerate(call.plan.of_targets.shapes):
        bounds = [
            analysed.of_gradient({target: unit}, adjoints, of_adjoints)
            for unit in _units(shape, at.slots[at.targets[target]])
        ]
        found.append(np.reshape(bounds, shape) if shape else bounds[0])
    return [analysed.of_value(adjoints)], found


def _by_lanes(call: Call) -> tuple[Number, Sequence[Number]]:
    """The same of a program of scalars: each point is repeated for each target, and all of these
    lanes go through one sweep, or as many as can be held.
    """
    points, targets = call.points or 1, len(call.names)
    count = max(1, targets)
    lanes, step = points * count, _TOGETHER // (len(call.plan.program.shapes) + count) + 1
    if call.deadline is not None:
        call.deadline.hold(ROUNDING.copies * min(step, lanes) * len(call.plan.program.shapes))
    values, gradients = np.empty(lanes), np.empty(lanes)
    for start in range(0, lanes, step):
        here = np.arange(start, min(start + step, lanes))
        at = call.linearise(ROUNDING, _repeated(call.inputs, here // count))
        analysed = Analysed(at, call.deadline)
        adjoints = at.adjoints(analysed.wanted)
        values[here] = analysed.of_value(adjoints)
        if targets:
            seeds = {k: (here % count == k) * 1.0 for k in np.unique(here % count).tolist()}
            of_adjoints = analysed.of_adjoints(adjoints)
            gradients[here] = analysed.of_gradient(seeds, adjoints, of_adjoints)
    value, found = values[::count], np.reshape(gradients, (points, count))[:, :targets].T
    if call.points is None:
        return float(value[0]), found[:, 0].tolist()
    return value, list(found)


def _repeated(inputs: Inputs, points: Any) -> Inputs:
    """Those of some points, each as often as it is listed; without a map all points are one."""
    values = {
        name: np.asarray(value)[points] if name in inputs.mapped else value
        for name, value in inputs.values.items()
    }
    return inputs._replace(values=values, points=len(points))


def _units(shape: Shape, like: Array) -> Iterator[Array]:
    """A 1 for each element, zeros elsewhere; of a scalar, a 1 at every point."""
    if not shape:
        yield np.ones(np.shape(like))[()]
        return
    for index in np.ndindex(shape):
        unit = np.zeros(shape)
        unit[index] = 1.0
        yield unit


def _of_finite(number: Number, bound: Number) -> Number:
    if isinstance(number, float):
        return float(bound) if math.isfinite(number) else math.inf
    return np.where(np.isfinite(number), bound, np.inf)


def _spread(bound: Array, like: Array) -> Array:
    return np.broadcast_to(bound, np.shape(like))[()]
