"""Values and gradients of graphs.

>>> from autograd_core import gradient, parse
>>> gradient(parse("3*x**2 - 4*x + 5"), {"x": 3.0}).gradients["x"]
14.0
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograd_core.derivatives.calls import Bindings, Call, prepare, stacked
from autograd_core.derivatives.indeterminate import noted
from autograd_core.derivatives.linking import default_output
from autograd_core.derivatives.nonfinite import NonfiniteWarning, diagnose, diagnosed
from autograd_core.derivatives.plan import Plan
from autograd_core.derivatives.trace import NodeTrace, cotangent_of, traced, traces
from autograd_core.engines.arrays import sweeps as arrays
from autograd_core.engines.tape import tape
from autograd_core.errors import ArgumentError, Fault
from autograd_core.finite_difference import CheckOptions, CheckReport, check_gradient
from autograd_core.finite_difference.checking import planned_evaluations, stack_reports
from autograd_core.finite_difference.functions import ArrayFunction, Function, TapeFunction
from autograd_core.graph import Graph
from autograd_core.limits import DEFAULT_LIMITS, Deadline, Limits, within
from autograd_core.tensors import Array

DEFAULT_CHECK = CheckOptions()
# A gradient costs at most this many evaluations: one forward, and in reverse a multiplication
# and an addition for each partial (Griewank & Walther, "Evaluating Derivatives", section 3.3).
GRADIENT_PASSES = 3


@dataclass(frozen=True)
class Cost:
    """What a call took: nodes evaluated, elementary operations, and the engine that ran.

    mode, sweeps: of a whole matrix, how it was swept, and how often.
    """

    nodes: int
    operations: int
    engine: str
    mode: str | None = None
    sweeps: int | None = None


@dataclass(frozen=True)
class Gradient:
    """A scalar value and its gradient, each gradient in the shape of its input."""

    value: Array | float
    gradients: Mapping[str, Array | float]
    warnings: tuple[NonfiniteWarning, ...]
    cost: Cost
    nodes: tuple[NodeTrace, ...] | None = None
    check: CheckReport | None = None


@dataclass(frozen=True)
class Evaluation:
    """Values by name."""

    values: Mapping[str, Array | float]
    warnings: tuple[NonfiniteWarning, ...]
    cost: Cost


def evaluate(
    graph: Graph,
    bindings: Bindings,
    *,
    outputs: Sequence[str] | None = None,
    mapped: Sequence[str] = (),
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> Evaluation:
    """Values of `outputs` (node ids or inputs; by default what the graph computes).

    With `mapped`, the named inputs have a leading axis and so has every value. Raises
    GraphError, ArgumentError and DeadlineExceeded.
    """
    call = prepare(graph, bindings, outputs, mapped, limits, deadline)
    call.check_cost(1, "the evaluation")
    names = [output_name(graph)] if outputs is None else list(outputs)
    results, warnings = _values_by_tape(call) or _values_by_arrays(call)
    return Evaluation(dict(zip(names, results, strict=True)), warnings, cost_of(call, 1))


def gradient(
    graph: Graph,
    bindings: Bindings,
    *,
    output: str | None = None,
    wrt: Sequence[str] | None = None,
    mapped: Sequence[str] = (),
    check: CheckOptions | None = None,
    trace: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> Gradient:
    """The value of a scalar output and its gradient, by one reverse sweep.

    wrt: inputs or nodes; by default every bound input. mapped: inputs with a leading axis of
    points, at each of which the function is differentiated; every result then has that axis.
    check: compare with finite differences as well. trace: report every node.
    Raises GraphError, ArgumentError (also for an output that is not a scalar) and
    DeadlineExceeded.
    """
    names = tuple(bindings) if wrt is None else tuple(dict.fromkeys(wrt))
    call = prepare(graph, bindings, output, mapped, limits, deadline, names)
    check_scalar(call.plan, output)
    call.check_cost(GRADIENT_PASSES, "the gradient")
    swept = None if trace else _swept_by_tape(call)
    if swept is None:
        swept = _swept_by_arrays(call, trace=trace)
    gradients = dict(zip(names, swept.slopes, strict=True))
    report = None if check is None else _checked(call, gradients, swept.slots, check)
    engine = arrays.NAME if trace else None
    cost = cost_of(call, GRADIENT_PASSES, engine)
    warnings = noted(call, swept.warnings)
    return Gradient(swept.value, gradients, warnings, cost, swept.nodes, report)


_Values = tuple[Sequence[Array | float], tuple[NonfiniteWarning, ...]]


def check(
    graph: Graph,
    bindings: Bindings,
    claims: Mapping[str, Array | float] | None = None,
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
    names = tuple(bindings) if claims is None else tuple(claims)
    call = prepare(graph, bindings, output, (), limits, deadline, names)
    check_scalar(call.plan, output)
    exact = gradient(graph, bindings, output=output, wrt=names, limits=limits, deadline=deadline)
    judged = exact.gradients if claims is None else claims
    for name, claim in judged.items():
        shape = np.shape(exact.gradients[name])
        if np.shape(claim) != shape:
            detail = f"the claim has shape {list(np.shape(claim))}, not {list(shape)}"
            raise ArgumentError(Fault("shape_mismatch", detail, ("claims", name)))
    return _checked(call, judged, None, options)


@dataclass(frozen=True)
class _Swept:
    """What one reverse sweep found; slots: the value of every slot of the tape."""

    value: Array | float
    slopes: Sequence[Array | float]
    warnings: tuple[NonfiniteWarning, ...]
    nodes: tuple[NodeTrace, ...] | None = None
    slots: Array | None = None


def _swept_by_tape(call: Call) -> _Swept | None:
    """Value and slopes of a scalar program, else None."""
    plan, code = call.plan, call.plan.tape
    if code is None:
        return None
    root, targets = plan.scalar_root, plan.scalar_targets
    if call.points is None:
        values, adjoints = tape.gradient(code, call.numbers(), root, call.deadline)
        value, slopes = float(values[root]), adjoints[targets]
        if math.isfinite(value) and np.isfinite(slopes).all():
            return _Swept(value, slopes.tolist(), (), slots=values)
        return _Swept(value, slopes.tolist(), _diagnosed(call, None), slots=values)
    call.check_held(len(call.inputs) + len(targets))
    many, slopes = tape.gradients(code, call.matrix(), root, targets, call.deadline)
    broken = ~(np.isfinite(many) & np.isfinite(slopes).all(axis=1))
    warnings = _diagnosed(call, int(np.argmax(broken))) if broken.any() else ()
    return _Swept(many, list(slopes.T), warnings)


def _swept_by_arrays(call: Call, *, trace: bool) -> _Swept:
    deadline = call.deadline
    with within(deadline):
        program = call.plan.program  # compiled here, where the tape might have run
    slots = call.plan.target_slots
    warnings: list[NonfiniteWarning] = []

    def at_point(inputs: list[Array], _: list[Array]) -> list[Array]:
        wanted = range(len(program.shapes)) if trace else slots
        values, cotangents = arrays.reversed_at(program, inputs, wanted, deadline)
        _note(warnings, diagnose(program, values, cotangents, slots))
        results = [values[program.outputs[0]]]
        results += [cotangent_of(cotangents, values, slot) for slot in slots]
        if trace:
            with within(deadline):
                results += traced(program, values, cotangents, deadline)
        return results

    if trace:
        call.check_held(4 * len(program.shapes))
    results = iter(stacked(call, at_point, copies=3 if trace else 2))
    value = next(results)
    slopes = [next(results) for _ in slots]
    nodes = traces(program, results, deadline) if trace else None
    return _Swept(value, slopes, tuple(warnings), nodes)


def _values_by_tape(
    call: Call,
) -> tuple[Sequence[Array | float], tuple[NonfiniteWarning, ...]] | None:
    """Values of a scalar program's outputs, else None."""
    plan, code = call.plan, call.plan.tape
    if code is None:
        return None
    slots = plan.scalar_roots
    if call.points is None:
        everything = tape.evaluate(code, call.numbers(), call.deadline)
        values = everything[slots]
        finite = bool(np.isfinite(values).all())
        return values.tolist(), () if finite else _diagnosed(call, None)
    call.check_held(len(call.inputs) + len(slots))
    matrix = call.matrix()
    columns = tape.evaluations(code, matrix, slots, call.deadline)
    broken = ~np.isfinite(columns).all(axis=1)
    warnings = _diagnosed(call, int(np.argmax(broken))) if broken.any() else ()
    return list(columns.T), warnings


def _values_by_arrays(call: Call) -> _Values:
    program = call.plan.program
    warnings: list[NonfiniteWarning] = []

    def at_point(inputs: list[Array], _: list[Array]) -> list[Array]:
        values = arrays.forward(program, inputs, call.deadline)
        _note(warnings, diagnose(program, values, {}))
        return [values[slot] for slot in program.outputs]

    return stacked(call, at_point, copies=1), tuple(warnings)


def _diagnosed(call: Call, point: int | None) -> tuple[NonfiniteWarning, ...]:
    """The cause of what the tape found not to be finite, by the array engine's closer look."""
    plan = call.plan
    found = diagnosed(plan.program, call.arrays(point), plan.target_slots, call.deadline)
    return () if found is None else (found,)


def _checked(
    call: Call,
    gradients: Mapping[str, Array | float],
    known: Array | None,
    options: CheckOptions,
) -> CheckReport:
    """The finite-difference check, at every point of a mapped call."""
    sizes = [np.size(gradient) // (call.points or 1) for gradient in gradients.values()]
    call.check_cost(planned_evaluations(sizes, options), "the check")
    if call.points is None:
        return check_gradient(_function(call, None, options, known), gradients, options)
    return stack_reports(
        [
            check_gradient(
                _function(call, point, options),
                {name: array[point] for name, array in gradients.items()},  # type: ignore[index]  # mapped results are arrays
                options,
            )
            for point in range(call.points)
        ]
    )


def _function(
    call: Call,
    point: int | None,
    options: CheckOptions,
    known: Array | None = None,
) -> Function:
    """The output as a function of each target, for finite differences.

    known: the value of every slot of the tape, if it has run.
    """
    plan, names = call.plan, call.plan.target_names
    if plan.tape is not None and options.method != "complex":
        if known is None:
            inputs = [float(value) for value in call.arrays(point)]
            known = tape.evaluate(plan.tape, inputs, call.deadline)
        slots = dict(zip(names, plan.scalar_targets.tolist(), strict=True))
        return TapeFunction(plan.tape, known, plan.scalar_root, slots, call.deadline)
    program = plan.program
    values = arrays.forward(program, call.arrays(point), call.deadline)
    slots = {
        name: program.slot_of(target) for name, target in zip(names, plan.targets, strict=True)
    }
    return ArrayFunction(program, values, slots, call.deadline)


def _note(warnings: list[NonfiniteWarning], found: NonfiniteWarning | None) -> None:
    """Keep the first warning: later points of a mapped call repeat it more often than not."""
    if found is not None and not warnings:
        warnings.append(found)


def cost_of(call: Call, passes: int, engine: str | None = None) -> Cost:
    """What a call took, in so many passes over its program."""
    code = call.plan.tape
    points = call.points or 1
    if code is not None and engine != arrays.NAME:
        return Cost(code.nodes, len(code) * passes * points, tape.NAME)
    program = call.plan.program
    return Cost(len(program.node_slots), program.cost * passes * points, arrays.NAME)


def check_scalar(plan: Plan, output: str | None) -> None:
    """Raise ArgumentError if the output has a shape."""
    if plan.tape is not None:
        return
    shape = plan.program.shapes[plan.program.outputs[0]]
    if shape:
        detail = (
            f"the output has shape {list(shape)}, and a gradient is of a scalar: reduce it (sum, "
            "mean, ...), or ask /jacobian for all of its derivatives or /vjp for a combination"
        )
        path = () if output is None else ("output",)
        raise ArgumentError(Fault("non_scalar_output", detail, path))


def output_name(graph: Graph) -> str:
    """What the default output is called."""
    return str(graph.label(default_output(graph)))
