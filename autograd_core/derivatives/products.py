"""Products with derivatives, without forming the matrix: jvp, vjp and hvp.

>>> from autograd_core import hvp, parse
>>> hvp(parse("x**2*y"), {"x": 3.0, "y": 2.0}, {"x": 1.0}).products
{'x': 4.0, 'y': 6.0}

Along a direction a node counts as a variable of its own that is pushed beside its operands;
see engines/array_tangents.py. Under `mapped`, what belongs to a mapped input or an output has
its leading axis, or leaves it out and is the same at every point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_core.derivatives.calls import Bindings, prepare, read_direction, read_scalars, stacked
from autograd_core.derivatives.gradient import Cost, check_scalar, cost_of, output_name
from autograd_core.derivatives.indeterminate import warnings_of
from autograd_core.derivatives.linking import Scope
from autograd_core.derivatives.nonfinite import NonfiniteWarning
from autograd_core.derivatives.trace import cotangent_of
from autograd_core.engines.arrays import sweeps as arrays, tangents as array_tangents
from autograd_core.engines.tape import tape
from autograd_core.engines.tape.linearised import Linearised, hessian_products
from autograd_core.errors import ArgumentError, Fault
from autograd_core.graph import Graph
from autograd_core.limits import DEFAULT_LIMITS, Deadline, Limits
from autograd_core.tensors import Array

# How many evaluations each costs at most (Griewank & Walther, sections 3.2, 3.3 and 5.1).
JVP_PASSES, VJP_PASSES, HVP_PASSES = 3, 3, 8


@dataclass(frozen=True)
class Products:
    """Values of the outputs, and the product, by name."""

    values: Mapping[str, Array | float]
    products: Mapping[str, Array | float]
    warnings: tuple[NonfiniteWarning, ...]
    cost: Cost


@dataclass(frozen=True)
class HessianProduct:
    """Value and gradient of a scalar output, and its Hessian times a vector, by name."""

    value: Array | float
    gradients: Mapping[str, Array | float]
    products: Mapping[str, Array | float]
    warnings: tuple[NonfiniteWarning, ...]
    cost: Cost


def jvp(
    graph: Graph,
    bindings: Bindings,
    tangents: Mapping[str, Any],
    *,
    outputs: Sequence[str] | None = None,
    wrt: Sequence[str] | None = None,
    mapped: Sequence[str] = (),
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> Products:
    """The outputs' Jacobian times the tangents, by one sweep forward.

    tangents: of inputs or nodes, each in its shape; what is absent does not move. wrt: if
    given, the names that may move; others are held. Raises GraphError, ArgumentError (with
    paths ("tangents", name)) and DeadlineExceeded.
    """
    scope = Scope(graph, bindings, limits)
    scope.check_keys(tangents, "tangents")
    if wrt is not None:
        scope.resolve_all(wrt, "wrt")
    held = None if wrt is None else frozenset(wrt)
    names = tuple(name for name in tangents if held is None or name in held)
    call = prepare(graph, bindings, outputs, mapped, limits, deadline, names)
    call.check_cost(JVP_PASSES, "the product")
    labels = [output_name(graph)] if outputs is None else list(outputs)
    code, engine = call.pushing_tape, arrays.NAME
    if code is not None:
        engine = tape.NAME
        at = Linearised(code, call.numbers(), deadline)
        direction = read_scalars(call, "tangents", {name: tangents[name] for name in names})
        moved = at.push_forward(call.plan.scalar_targets, np.array(direction))
        roots = call.plan.scalar_roots
        values, products = at.values[roots].tolist(), moved[roots].tolist()
    else:
        program, slots = call.plan.program, call.plan.target_slots
        directions = [
            read_direction(call, ("tangents", name), tangents[name], program.shapes[slot], name)
            for name, slot in zip(names, slots, strict=True)
        ]

        def at_point(inputs: list[Array], pushes: list[Array]) -> list[Array]:
            found = arrays.forward(program, inputs, deadline)
            pushed = array_tangents.push_forward(
                program, found, dict(zip(slots, pushes, strict=True)), deadline
            )
            return [
                *(found[slot] for slot in program.outputs),
                *(cotangent_of(pushed, found, slot) for slot in program.outputs),
            ]

        results = stacked(call, at_point, directions, copies=2)
        values, products = results[: len(labels)], results[len(labels) :]
    warnings = warnings_of(call, [*values, *products], lambda: labels * 2, along=tangents)
    by_name = dict(zip(labels, values, strict=True)), dict(zip(labels, products, strict=True))
    return Products(*by_name, warnings, cost_of(call, JVP_PASSES, engine))


def vjp(
    graph: Graph,
    bindings: Bindings,
    cotangents: Mapping[str, Any],
    *,
    outputs: Sequence[str] | None = None,
    wrt: Sequence[str] | None = None,
    mapped: Sequence[str] = (),
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> Products:
    """The cotangents times the outputs' Jacobian, by one sweep in reverse.

    cotangents: of outputs, each in its shape; absent ones are 0. outputs: whose values are
    answered; by default those that have a cotangent. Raises GraphError, ArgumentError (with
    paths ("cotangents", name)) and DeadlineExceeded.
    """
    labels = list(cotangents) if outputs is None else list(outputs)
    for name in cotangents:
        if name not in labels:
            detail = f"{name!r} has a cotangent and is not among the outputs"
            raise ArgumentError(Fault("invalid_value", detail, ("cotangents", name)))
    names = tuple(bindings) if wrt is None else tuple(dict.fromkeys(wrt))
    if outputs is None:
        known = {**graph.defaults, **bindings}
        Scope(graph, known, limits).check_keys(labels, "cotangents")
    call = prepare(graph, bindings, labels, mapped, limits, deadline, names)
    call.check_cost(VJP_PASSES, "the product")
    code, engine = call.plan.tape, arrays.NAME
    if code is not None and call.points is None:
        engine = tape.NAME
        at = Linearised(code, call.numbers(), deadline)
        roots = dict(zip(labels, call.plan.scalar_roots.tolist(), strict=True))
        seeds = np.array([roots[name] for name in cotangents], dtype=np.int64)
        weights = np.array(read_scalars(call, "cotangents", cotangents))
        adjoints = at.pull_back(seeds, weights)
        values = at.values[call.plan.scalar_roots].tolist()
        products = adjoints[call.plan.scalar_targets].tolist()
    else:
        program, slots = call.plan.program, call.plan.target_slots
        slot_of = dict(zip(labels, program.outputs, strict=True))
        seeded = [slot_of[name] for name in cotangents]  # once, however often it is an output
        directions = [
            read_direction(call, ("cotangents", name), cotangents[name], program.shapes[slot], None)
            for name, slot in zip(cotangents, seeded, strict=True)
        ]

        def at_point(inputs: list[Array], pulls: list[Array]) -> list[Array]:
            found = arrays.forward(program, inputs, deadline)
            sent: dict[int, Array] = {}
            for slot, pull in zip(seeded, pulls, strict=True):
                sent[slot] = sent[slot] + pull if slot in sent else pull
            pulled = arrays.reverse(program, found, sent, slots, deadline)
            return [
                *(found[slot] for slot in program.outputs),
                *(cotangent_of(pulled, found, slot) for slot in slots),
            ]

        results = stacked(call, at_point, directions, copies=2)
        values, products = results[: len(labels)], results[len(labels) :]
    warnings = warnings_of(call, [*values, *products], lambda: [*labels, *names])
    by_name = dict(zip(labels, values, strict=True)), dict(zip(names, products, strict=True))
    return Products(*by_name, warnings, cost_of(call, VJP_PASSES, engine))


def hvp(
    graph: Graph,
    bindings: Bindings,
    vector: Mapping[str, Any],
    *,
    output: str | None = None,
    wrt: Sequence[str] | None = None,
    mapped: Sequence[str] = (),
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> HessianProduct:
    """Value, gradient, and the Hessian times a vector, by forward over reverse.

    vector: of inputs or nodes, each in its shape; what is absent counts as 0. wrt: what the
    gradient and the product are by; every bound input by default. Raises GraphError,
    ArgumentError (with paths ("vector", name), and for an output that is not a scalar) and
    DeadlineExceeded.
    """
    names = tuple(bindings) if wrt is None else tuple(dict.fromkeys(wrt))
    Scope(graph, bindings, limits).check_keys(vector, "vector")
    both = tuple(dict.fromkeys((*names, *vector)))
    call = prepare(graph, bindings, output, mapped, limits, deadline, both)
    check_scalar(call.plan, output)
    call.check_cost(HVP_PASSES, "the product")
    found: list[Any]
    code, engine = call.pushing_tape, arrays.NAME
    if code is not None:
        engine = tape.NAME
        given = dict(zip(vector, read_scalars(call, "vector", vector), strict=True))
        direction = np.array([[given.get(name, 0.0) for name in both]])
        value, slopes, rows = hessian_products(
            code,
            call.numbers(),
            call.plan.scalar_root,
            call.plan.scalar_targets,
            direction,
            deadline,
        )
        found = [value, *slopes[: len(names)].tolist(), *rows[0][: len(names)].tolist()]
    else:
        program, slots = call.plan.program, call.plan.target_slots
        slot_of = dict(zip(both, slots, strict=True))
        directions = [
            read_direction(call, ("vector", name), value, program.shapes[slot_of[name]], name)
            for name, value in vector.items()
        ]
        wanted = slots[: len(names)]

        def at_point(inputs: list[Array], pushes: list[Array]) -> list[Array]:
            values, cotangents = arrays.reversed_at(program, inputs, slots, deadline)
            moved = {slot_of[name]: push for name, push in zip(vector, pushes, strict=True)}
            tangents = array_tangents.push_forward(program, values, moved, deadline)
            moving = array_tangents.reverse_tangents(
                program, values, cotangents, tangents, wanted, deadline
            )
            return [
                values[program.outputs[0]],
                *(cotangent_of(cotangents, values, slot) for slot in wanted),
                *(cotangent_of(moving, values, slot) for slot in wanted),
            ]

        found = list(stacked(call, at_point, directions, copies=4))
    label = output_name(graph) if output is None else output
    warnings = warnings_of(call, found, lambda: [label, *names, *names], second_order=True)
    value, slopes_found, products = found[0], found[1 : 1 + len(names)], found[1 + len(names) :]
    return HessianProduct(
        value,
        dict(zip(names, slopes_found, strict=True)),
        dict(zip(names, products, strict=True)),
        warnings,
        cost_of(call, HVP_PASSES, engine),
    )
