"""Products with derivatives, without forming the matrix: jvp, vjp and hvp.

>>> from autograd_core import hvp, parse
>>> hvp(parse("x**2*y"), {"x": 3.0, "y": 2.0}, {"x": 1.0}).products
{'x': 4.0, 'y': 6.0}

Along a direction a node counts as a variable of its own that is pushed beside its operands;
see engines/arrays/tangents.py. Under `mapped`, what belongs to a mapped input or an output has
its leading axis, or leaves it out and is the same at every point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_core.derivatives.batching import Groups
from autograd_core.derivatives.bindings import Bindings
from autograd_core.derivatives.call import Call, Cost, prepare, require_scalar, targets_of
from autograd_core.derivatives.directions import Direction, read_direction
from autograd_core.derivatives.linking import Scope
from autograd_core.derivatives.nonfinite import NonfiniteWarning
from autograd_core.derivatives.trace import NodeTrace, traced
from autograd_core.derivatives.warnings import explain
from autograd_core.engines.linearisation import (
    HESSIAN,
    PULL_BACK,
    PUSH_FORWARD,
    Linearisation,
    Parts,
)
from autograd_core.errors import ArgumentError, Fault
from autograd_core.graph import Graph
from autograd_core.limits import DEFAULT_LIMITS, Deadline, Limits
from autograd_core.tensors import Number


@dataclass(frozen=True)
class Products:
    """Values of the outputs, and the product, by name."""

    values: Mapping[str, Number]
    products: Mapping[str, Number]
    warnings: tuple[NonfiniteWarning, ...]
    cost: Cost
    nodes: tuple[NodeTrace, ...] | None = None


@dataclass(frozen=True)
class HessianProduct:
    """Value and gradient of a scalar output, and its Hessian times a vector, by name."""

    value: Number
    gradients: Mapping[str, Number]
    products: Mapping[str, Number]
    warnings: tuple[NonfiniteWarning, ...]
    cost: Cost
    nodes: tuple[NodeTrace, ...] | None = None


def jvp(
    graph: Graph,
    bindings: Bindings,
    tangents: Mapping[str, Any],
    *,
    outputs: Sequence[str] | None = None,
    wrt: Sequence[str] | None = None,
    mapped: Sequence[str] = (),
    trace: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> Products:
    """The outputs' Jacobian times the tangents, by one sweep forward.

    tangents: of inputs or nodes, each in its shape; what is absent does not move. wrt: if
    given, the names that may move; others are held. trace: report every node as well. Raises
    GraphError, ArgumentError (with paths ("tangents", name)) and DeadlineExceeded.
    """
    scope = Scope(graph, bindings, limits)
    scope.check_keys(tangents, "tangents")
    if wrt is not None:
        scope.resolve_all(wrt, "wrt")
    held = frozenset[str]() if wrt is None else tangents.keys() - set(wrt)
    free = {name: each for name, each in tangents.items() if name not in held}
    call = prepare(graph, bindings, outputs, mapped, limits, deadline, tuple(free))
    call.require_cost(PUSH_FORWARD.passes, "the product")
    direction = _of_targets(call, "tangents", free)

    def swept(at: Linearisation, seeds: Parts) -> Groups:
        products = at.push_forward(seeds)
        return at.values(), products

    (values, products), nodes = traced(call, PUSH_FORWARD, swept, direction, trace=trace)
    labels = call.labels
    return Products(
        dict(zip(labels, values, strict=True)),
        dict(zip(labels, products, strict=True)),
        explain(call, (labels, values), (labels, products), along=direction.parts),
        call.cost(PUSH_FORWARD.passes),
        nodes,
    )


def vjp(
    graph: Graph,
    bindings: Bindings,
    cotangents: Mapping[str, Any],
    *,
    outputs: Sequence[str] | None = None,
    wrt: Sequence[str] | None = None,
    mapped: Sequence[str] = (),
    trace: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> Products:
    """The cotangents times the outputs' Jacobian, by one sweep in reverse.

    cotangents: of outputs, each in its shape; absent ones are 0. outputs: whose values are
    answered; by default those that have a cotangent. trace: report every node as well. Raises
    GraphError, ArgumentError (with paths ("cotangents", name)) and DeadlineExceeded.
    """
    labels = tuple(cotangents if outputs is None else outputs)
    if outputs is None:
        Scope(graph, bindings, limits, outputs=True).check_keys(labels, "cotangents")
    elif strangers := cotangents.keys() - set(labels):
        name = next(name for name in cotangents if name in strangers)
        detail = f"{name!r} has a cotangent and is not among the outputs"
        raise ArgumentError(Fault("invalid_value", detail, ("cotangents", name)))
    names = targets_of(bindings, wrt)
    call = prepare(graph, bindings, labels, mapped, limits, deadline, names)
    call.require_cost(PULL_BACK.passes, "the product")
    places = {name: place for place, name in enumerate(labels)}
    direction = read_direction(
        "cotangents", cotangents, places, call.plan.of_outputs.shapes, call.points, limits
    )

    def swept(at: Linearisation, seeds: Parts) -> Groups:
        products = at.pull_back(seeds)
        return at.values(), products

    (values, products), nodes = traced(call, PULL_BACK, swept, direction, trace=trace)
    return Products(
        dict(zip(labels, values, strict=True)),
        dict(zip(names, products, strict=True)),
        explain(call, (labels, values), (names, products)),
        call.cost(PULL_BACK.passes),
        nodes,
    )


def hvp(
    graph: Graph,
    bindings: Bindings,
    vector: Mapping[str, Any],
    *,
    output: str | None = None,
    wrt: Sequence[str] | None = None,
    mapped: Sequence[str] = (),
    trace: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    deadline: Deadline | None = None,
) -> HessianProduct:
    """Value, gradient, and the Hessian times a vector, by forward over reverse.

    vector: of inputs or nodes, each in its shape; what is absent counts as 0. wrt: what the
    gradient and the product are by; every bound input by default. trace: report every node as
    well. Raises GraphError, ArgumentError (with paths ("vector", name), and for an output that
    is not a scalar) and DeadlineExceeded.
    """
    names = targets_of(bindings, wrt)
    Scope(graph, bindings, limits).check_keys(vector, "vector")
    both = tuple(dict.fromkeys((*names, *vector)))
    call = prepare(graph, bindings, output, mapped, limits, deadline, both)
    require_scalar(call, output)
    call.require_cost(HESSIAN.passes, "the product")
    direction = _of_targets(call, "vector", vector)

    def swept(at: Linearisation, seeds: Parts) -> Groups:
        value, gradients, products = at.hessian_product(seeds)
        return [value], gradients[: len(names)], products[: len(names)]

    (value, gradients, products), nodes = traced(call, HESSIAN, swept, direction, trace=trace)
    groups = (call.labels, value), (names, gradients), (names, products)
    return HessianProduct(
        value[0],
        dict(zip(names, gradients, strict=True)),
        dict(zip(names, products, strict=True)),
        explain(call, *groups, second_order=True),
        call.cost(HESSIAN.passes),
        nodes,
    )


def _of_targets(call: Call, argument: str, given: Mapping[str, Any]) -> Direction:
    """Tangents of targets, by name."""
    places = {name: place for place, name in enumerate(call.names)}
    return read_direction(
        argument, given, places, call.plan.of_targets.shapes, call.points, call.limits
    )
