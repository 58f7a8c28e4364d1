"""The tables of wrong rules: each wrong, and each calling right what is right."""

import re

import numpy as np
import pytest

from autograd_core import GraphBuilder, catalogue, evaluate, gradient, parse
from service.grading.slips.array_rules import ARRAY_RULES
from service.grading.slips.messages import MESSAGES
from service.grading.slips.rules import ANY, RULES
from service.grading.slips.value_rules import VALUE_RULES
from tests.tables import table

NAMES = ("x", "y", "w")
# Where each operation is defined, curved, and shut if it is a gate.
AT = {
    "acosh": (1.7,),
    "relu": (-0.7,),
    "leaky_relu": (-0.7,),
    "elu": (-0.7,),
    "abs": (-0.7,),
    "clip": (3.1, -1.0, 2.0),
    "where": (0.0, 0.37, 0.83),
}
GENERIC = (0.37, 1.83, 0.6)
BEYOND = (1.7, 2.9, 2.3)  # where 1/sqrt(x**2 - 1) is a number
# Shut on one side only; or differentiated and integrated alike.
RIGHT_HERE = frozenset({"maximum", "minimum", "where"})
ALIKE = frozenset({"cosh(x)", "sinh(x)"})


def at(operation):
    row = catalogue[operation]
    return AT.get(operation, GENERIC[: row.arity[0]])


def node(operation, values):
    builder = GraphBuilder()
    codes = [builder.input(name) for name, _ in zip(NAMES, values, strict=False)]
    attributes = {each.name: each.default for each in catalogue[operation].attributes}
    return builder.build(builder.apply(operation, codes, attributes))


def value(formula, bindings):
    graph = parse(formula)
    used = {name: bindings[name] for name in graph.inputs if name in bindings}
    return float(next(iter(evaluate(graph, used).values.values())))


@table("rule", RULES, ids=lambda rule: f"{rule.operation} {rule.partials}")
def test_a_wrong_rule_is_wrong(rule):
    off = [each for each in (off_by(rule, at(rule.operation)), off_by(rule, BEYOND)) if each]
    assert off
    if rule.operation not in RIGHT_HERE and ALIKE.isdisjoint(rule.partials.values()):
        assert any(max(map(abs, each)) > 1e-6 for each in off)


def off_by(rule, values):
    """How far its partials are from the right ones; None where they, or those, are undefined."""
    values = values[: catalogue[rule.operation].arity[0]]
    bindings = dict(zip(NAMES, values, strict=False))
    found = gradient(node(rule.operation, values), bindings)
    right = [found.gradients[name] for name in bindings]
    bindings["z"] = float(found.value)
    for attribute in catalogue[rule.operation].attributes:
        bindings[attribute.name] = attribute.default
    off = [value(text, bindings) - right[max(place, 0)] for place, text in rule.partials.items()]
    return off if np.isfinite(off).all() else None


def test_every_rule_is_about_operands_that_there_are():
    for rule in RULES:
        fewest, most = catalogue[rule.operation].arity
        for place in rule.partials:
            assert place == ANY or 0 <= place < fewest
            assert (place == ANY) == (most is None)


def _is_formula(text):
    try:
        names = set(parse(text).inputs)
    except ValueError:
        return False
    return names <= {"u", "v", "s", "pi"}


def stated():
    """What rules call a function and its derivative, where both can be read."""
    found = (
        re.match(r"the derivative of (\S.*) is (.+?), not ", says)
        for says in sorted({rule.says for rule in RULES})
    )
    pairs = {(each[1], each[2]) for each in found if each}
    return sorted(pair for pair in pairs if all(map(_is_formula, pair)))


@pytest.mark.parametrize("function, derivative", stated())
def test_what_is_called_the_derivative_is_the_derivative(function, derivative):
    inside = {"u": 1.4 if "acosh" in function else 0.37, "v": 0.6, "s": 1 / (1 + np.exp(-0.37))}
    slope = gradient(parse(function), inside, wrt=["u"]).gradients["u"]
    (given,) = evaluate(parse(derivative), inside).values.values()
    assert given == pytest.approx(slope, rel=1e-12)


@pytest.mark.parametrize("rule", VALUE_RULES, ids=lambda rule: f"{rule.operation} {rule.value}")
def test_a_wrong_value_is_wrong(rule):
    values = at(rule.operation)
    bindings = dict(zip(NAMES, values, strict=False))
    (right,) = evaluate(node(rule.operation, values), bindings).values.values()
    assert abs(value(rule.value, bindings) - right) > 1e-6


def test_array_rules_can_be_read_and_worded():
    for rule in ARRAY_RULES:
        assert set(parse(rule.passed).inputs) <= {"x", "y", "w", "z", "g", "c", "n"}
        assert rule.operation in catalogue
    assert {rule.kind for rule in VALUE_RULES} <= MESSAGES.keys()


def test_messages_are_one_sentence_each():
    for message in MESSAGES.values():
        assert message.endswith(".")
        assert message.count(". ") == 0
    for rule in (*RULES, *ARRAY_RULES, *VALUE_RULES):
        assert not rule.says.endswith(".")
