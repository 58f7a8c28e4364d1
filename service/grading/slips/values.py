"""Slips in values: of the function, and of each node from its operands."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

import numpy as np

from autograd_core import ArgumentError, Array, Graph, GraphBuilder, GraphError, evaluate
from service.grading.slips.arrays import evaluated
from service.grading.slips.costs import DEGREES, FACTOR, SIGN, SWAPPED, VALUE
from service.grading.slips.network import Network
from service.grading.slips.slip import VALUE_TARGET, Rows, Sheet, Slip, columns_of
from service.grading.slips.study import Study
from service.grading.slips.value_rules import VALUE_RULES
from service.grading.slips.whole import factors_of

_MANY: Final = 12  # inputs beyond which pairs of them are not exchanged


@np.errstate(all="ignore")
def value_sheet(study: Study) -> Sheet:
    """The sheet of the function's value, at one point."""
    rows = Rows()
    _whole_rows(study, study.value, rows)
    for name in filter(study.is_variable, study.variables):
        slip = Slip("value_not_gradient", "gradient", VALUE, input=name)
        rows.add(slip, study.slope(name))
    for value, _ in study.degrees[:1]:
        rows.add(Slip("degrees_for_radians", "degrees", DEGREES), value)
    _exchanged_rows(study, rows)
    network = study.network
    if network is not None:
        found = [
            (slip, slot, wrong)
            for slot in range(network.inputs, len(network.names))
            for slip, wrong in _wrong_values(network, slot)
        ]
        values = _with_wrong_nodes(study, network, [(slot, wrong) for _, slot, wrong in found])
        for (slip, _, _), value in zip(found, values, strict=True):
            rows.add(slip, np.asarray([value]))
    return rows.sheet(columns_of([VALUE_TARGET], 1), study.value)


@np.errstate(all="ignore")
def local_value_sheet(study: Study, claimed: Network, name: str) -> Sheet:
    """The sheet of a node's value, from its operands' as they were claimed."""
    slot, rows = claimed.slots[name], Rows()
    right = _value_of(claimed, slot)
    _whole_rows(study, right, rows)
    if study.network is not None:
        own = Slip("value_not_gradient", "own_gradient", VALUE, name)
        rows.add(own, study.network.adjoints[slot])
    for slip, wrong in _wrong_values(claimed, slot):
        rows.add(slip, np.asarray([wrong]))
    return rows.sheet(columns_of([VALUE_TARGET], 1), right)


def _whole_rows(study: Study, truth: Array, rows: Rows) -> None:
    rows.add(Slip("sign_flipped", "sign", SIGN), -truth)
    for factor in factors_of(study.graph):
        rows.add(Slip("constant_factor", "factor", FACTOR, factor=factor), factor * truth)


def _exchanged_rows(study: Study, rows: Rows) -> None:
    """The numbers of two inputs exchanged."""
    names = list(filter(study.is_variable, study.variables))
    pairs = list(combinations(names, 2)) if len(names) <= _MANY else []
    if not pairs:
        return
    given = {name: float(np.asarray(study.bindings[name])) for name in names}
    exchanged = {name: np.full(len(pairs), given[name]) for name in names}
    for row, (one, other) in enumerate(pairs):
        exchanged[one][row], exchanged[other][row] = given[other], given[one]
    output = study.reference.output
    try:
        found = evaluate(
            study.graph,
            {**study.bindings, **exchanged},
            outputs=None if output is None else [output],
            mapped=names,
            limits=study.reference.limits,
            deadline=study.reference.deadline,
        )
    except (ArgumentError, GraphError):
        return
    (values,) = found.values.values()
    for (one, other), value in zip(pairs, np.broadcast_to(values, len(pairs)), strict=True):
        slip = Slip("swapped_inputs", "swapped_values", SWAPPED, along=one, input=other)
        rows.add(slip, np.asarray([value]))


def _wrong_values(network: Network, slot: int) -> Iterator[tuple[Slip, float]]:
    """What the table of wrong values gives at a node, at one point."""
    bindings = _operands(network, slot)
    for rule in VALUE_RULES:
        if rule.operation == network.operations[slot]:
            wrong = evaluated(rule.value, bindings)
            if wrong is not None:
                slip = Slip(rule.code, rule.kind, rule.cost, network.names[slot], says=rule.says)
                yield slip, float(wrong)


def _operands(network: Network, slot: int) -> dict[str, Array]:
    operands = network.operands[slot]
    return {
        name: network.operand_value(operand)[0]
        for name, operand in zip(("x", "y", "w"), operands, strict=False)
    }


def _value_of(network: Network, slot: int) -> Array:
    """A node's right value at its operands' values, [1]."""
    builder = GraphBuilder()
    values = [network.operand_value(operand)[0] for operand in network.operands[slot]]
    names = [f"operand{place}" for place in range(len(values))]
    codes = [builder.input(name) for name in names]
    attributes = network.attributes[slot] or None
    graph = builder.build(builder.apply(network.operations[slot], codes, attributes))
    bindings = {name: float(value) for name, value in zip(names, values, strict=True)}
    (value,) = evaluate(graph, bindings).values.values()
    return np.asarray([value], dtype=np.float64)


def _with_wrong_nodes(study: Study, network: Network, wrong: list[tuple[int, float]]) -> Array:
    """The function's values if one node had a wrong value, for each of these at once."""
    if not wrong:
        return np.zeros(0)
    graph, which = _switched(study, network, wrong)
    found = evaluate(
        graph,
        {**study.bindings, which: np.arange(len(wrong), dtype=np.float64)},
        mapped=[which],
        limits=study.reference.limits,
        deadline=study.reference.deadline,
    )
    (values,) = found.values.values()
    return np.broadcast_to(np.asarray(values, dtype=np.float64), (len(wrong),))


def _switched(study: Study, network: Network, wrong: list[tuple[int, float]]) -> tuple[Graph, str]:
    """The function with an input more, which says the node that has a wrong value, and its name."""
    builder = GraphBuilder()
    which = "%which"
    while which in network.slots:
        which += "%"
    switch = builder.input(which)
    wrong_at: dict[int, list[tuple[int, float]]] = {}
    for number, (slot, value) in enumerate(wrong):
        wrong_at.setdefault(slot, []).append((number, value))
    codes = [builder.input(name) for name in network.names[: network.inputs]]
    for slot in range(network.inputs, len(network.names)):
        operands = [
            codes[each] if isinstance(each, int) else builder.constant(float(each))
            for each in network.operands[slot]
        ]
        attributes = network.attributes[slot] or None
        code = builder.apply(network.operations[slot], operands, attributes)
        for number, value in wrong_at.get(slot, ()):
            chosen = builder.apply("eq", [switch, builder.constant(float(number))])
            code = builder.apply("where", [chosen, builder.constant(value), code])
        codes.append(code)
    return builder.build(codes[-1]), which
