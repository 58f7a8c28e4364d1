"""Values and gradients of graphs.

>>> from autograd_core import gradient, parse
>>> gradient(parse("3*x**2 - 4*x + 5"), {"x": 3.0}).gradients["x"]
14.0
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograd_core.calls import Bindings, Call, prepare, stacked
from autograd_core.engines import arrays
from autograd_core.errors import ArgumentError, Fault
from autograd_core.finite_difference import CheckOptions, CheckReport, check_gradient
from autograd_core.finite_difference.checking import planned_evaluations, stack_reports
from autograd_core.graph import Graph
from autograd_core.limits import DEFAULT_LIMITS, Deadline, Limits
from autograd_core.linking import default_output
from autograd_core.nonfinite import NonfiniteWarning, diagnose
from autograd_core.operations import elementwise
from autograd_core.program import Program
from autograd_core.tensors import Array

# A gradient costs at most this many evaluations: one forward, and in reverse a multiplication
# and an addition for each partial (Griewank & Walther, "Evaluating Derivatives", section 3.3).
GRADIENT_PASSES = 3


@dataclass(frozen=True)
class Cost:
    """What a call took: nodes evaluated, elementary operations, and the engine that ran."""

    nodes: int
    operations: int
    engine: str


@dataclass(frozen=True)
class NodeTrace:
    """One node as the reverse pass saw it.

    gradient: the adjoint of the output at the node, in the value's shape. partials: the local
    partial along each argument, for scalar elementwise operations; else None.
    """

    id: str
    op: str
    args: tuple[str | float | Array, ...]
    value: Array
    gradient: Array
    partials: tuple[Array, ...] | None


@dataclass(frozen=True)
class Gradient:
    """A scalar value and its gradient, each gradient in the shape of its input."""

    value: Array
    gradients: Mapping[str, Array]
    warnings: tuple[NonfiniteWarning, ...]
    cost: Cost
    nodes: tuple[NodeTrace, ...] | None = None
    check: CheckReport | None = None


@dataclass(frozen=True)
class Evaluation:
    """Values by name."""

    values: Mapping[str, Array]
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
    call, _ = prepare(graph, bindings, outputs, mapped, limits, deadline)
    call.check_cost(1, "the evaluation")
    warnings: list[NonfiniteWarning] = []
    program = call.program

    def at_point(inputs: list[Array]) -> list[Array]:
        values = arrays.forward(program, inputs, deadline)
        _note(warnings, diagnose(program, values, {}))
        return [values[slot] for slot in program.outputs]

    results = stacked(call, at_point)
    names = [output_name(graph)] if outputs is None else list(outputs)
    return Evaluation(dict(zip(names, results, strict=True)), tuple(warnings), _cost(call, 1))


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
    names = list(bindings) if wrt is None else list(dict.fromkeys(wrt))
    call, targets = prepare(graph, bindings, output, mapped, limits, deadline, names)
    program = call.program
    check_scalar(program, output)
    call.check_cost(GRADIENT_PASSES, "the gradient")
    slots = [program.slot_of(target) for target in targets]
    traced = list(program.node_slots.items()) if trace else []
    warnings: list[NonfiniteWarning] = []

    def at_point(inputs: list[Array]) -> list[Array]:
        values = arrays.forward(program, inputs, deadline)
        (root,) = program.outputs
        seeds = {root: np.ones(np.shape(values[root]))[()]}
        sources = range(len(program.shapes)) if trace else slots
        cotangents = arrays.reverse(program, values, seeds, sources, deadline)
        _note(warnings, diagnose(program, values, cotangents, slots))
        results = [values[root], *(_cotangent(cotangents, values, slot) for slot in slots)]
        for number, slot in traced:
            results += [values[slot], _cotangent(cotangents, values, slot)]
            results += _partials(program, number, values)
        return results

    results = iter(stacked(call, at_point))
    value = next(results)
    gradients = {name: next(results) for name in names}
    nodes = _traces(program, results) if trace else None
    report = None
    if check is not None:
        report = _checked(call, dict(zip(names, slots, strict=True)), gradients, check)
    return Gradient(value, gradients, tuple(warnings), _cost(call, GRADIENT_PASSES), nodes, report)


def _checked(
    call: Call, slots: Mapping[str, int], gradients: Mapping[str, Array], options: CheckOptions
) -> CheckReport:
    """The finite-difference check, at every point of a mapped call."""
    program = call.program
    sizes = [math.prod(program.shapes[slot]) for slot in slots.values()]
    call.check_cost(planned_evaluations(sizes, options), "the check")

    def at(inputs: list[Array], there: Mapping[str, Array]) -> CheckReport:
        values = arrays.forward(program, inputs, call.deadline)
        return check_gradient(program, values, slots, there, options, call.deadline)

    if call.points is None:
        return at(list(call.inputs), gradients)
    reports = [
        at(call.at(point), {name: array[point] for name, array in gradients.items()})
        for point in range(call.points)
    ]
    return stack_reports(reports)


def _cotangent(cotangents: Mapping[int, Array], values: Sequence[Array], slot: int) -> Array:
    """The cotangent of a slot; zeros where nothing flowed."""
    found = cotangents.get(slot)
    return np.zeros(np.shape(values[slot]))[()] if found is None else found


def _scalar_elementwise(program: Program, number: int) -> bool:
    """Whether a node is an elementwise operation on scalars, so that its partials are numbers."""
    is_elementwise = program.graph.operations[number] in elementwise.TABLE
    return is_elementwise and not program.shapes[program.node_slots[number]]


def _partials(program: Program, number: int, values: Sequence[Array]) -> list[Array]:
    if not _scalar_elementwise(program, number):
        return []
    graph, slot = program.graph, program.node_slots[number]
    instruction = program.producers[slot]
    operands = [values[each] for each in instruction.operands]
    row = elementwise.TABLE[graph.operations[number]]
    with np.errstate(all="ignore"):
        partials = [
            row.partial(index, operands, values[slot], instruction.attributes)
            for index in range(len(operands))
        ]
    return [np.broadcast_to(each, np.shape(values[slot]))[()] for each in partials]


def _traces(program: Program, results: Iterator[Array]) -> tuple[NodeTrace, ...]:
    graph = program.graph
    traces = []
    for number in program.node_slots:
        codes = graph.operands_of(number)
        value, adjoint = next(results), next(results)
        partials = None
        if _scalar_elementwise(program, number):
            partials = tuple(next(results) for _ in codes)
        labels = tuple(graph.label(code) for code in codes)
        traces.append(
            NodeTrace(
                graph.names[number], graph.operations[number], labels, value, adjoint, partials
            )
        )
    return tuple(traces)


def _note(warnings: list[NonfiniteWarning], found: NonfiniteWarning | None) -> None:
    """Keep the first warning: later points of a mapped call repeat it more often than not."""
    if found is not None and not warnings:
        warnings.append(found)


def _cost(call: Call, passes: int) -> Cost:
    program = call.program
    operations = program.cost * passes * (call.points or 1)
    return Cost(len(program.node_slots), operations, arrays.NAME)


def check_scalar(program: Program, output: str | None) -> None:
    """Raise ArgumentError if the program's output has a shape."""
    shape = program.shapes[program.outputs[0]]
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
