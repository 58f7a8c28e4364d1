"""Wrong derivatives as text: parsed, they give just the wrong gradients that they stand for."""

import random

import pytest

from autograd_core import catalogue, evaluate, gradient, parse, read_nodes
from benchmarks.slip_injection import random_tape
from service.grading.reference import Reference
from service.grading.slips import all_slips
from service.grading.slips.partials import LEVEL, PARTIALS
from service.grading.slips.rules import ANY
from service.grading.slips.terms import applied, filled, name, number, text_of
from tests.service.grading.test_slips_tables import NAMES, at, node, value


def formulas(reference):
    """Each slip's code, the name it is by, its number and its text."""
    for slip in all_slips(reference).slips:
        for by, text in (slip.derivatives or {}).items():
            yield slip.code, by, float(slip.gradients[by]), text


def value_at(text, bindings):
    graph = parse(text)
    (found,) = evaluate(
        graph, {each: bindings[each] for each in graph.inputs if each in bindings}
    ).values.values()
    return float(found)


@pytest.mark.parametrize("seed", range(12))
def test_the_text_gives_the_number(seed):
    rng = random.Random(seed)
    tape = random_tape(rng, lambda: round(rng.uniform(0.3, 2.5), 1), 1 + seed % 6)
    found = list(formulas(Reference(read_nodes(tape.nodes()), tape.bindings)))
    assert found
    for _, _, wrong, text in found:
        assert value_at(text, tape.bindings) == pytest.approx(wrong, rel=1e-8, abs=1e-12), text


@pytest.mark.parametrize(
    "expression, bindings, code, text",
    [
        ("3*x**2 - 4*x + 5", {"x": 3.0}, "sign_flipped", "6*x + 4"),
        ("3*x**2 - 4*x + 5", {"x": 3.0}, "dropped_path", "6*x"),
        ("3*x**2 - 4*x + 5", {"x": 3.0}, "wrong_rule", "6*x**2 - 4"),
        ("3*x**2 - 4*x + 5", {"x": 3.0}, "differentiated_twice", "6"),
        ("3*x**2", {"x": 2.0}, "integrated_instead", "3*(x**3/3)"),
        ("sin(2*x)", {"x": 0.4}, "integrated_instead", "-(cos(2*x)/2)"),
        ("exp(x) + 2", {"x": 0.4}, "integrated_instead", "exp(x) + 2*x"),
        ("sin(3*x)", {"x": 0.4}, "missing_chain_factor", "cos(3*x)"),
        ("sin(3*x)", {"x": 0.4}, "local_not_total", "3"),
        ("sin(3*x)", {"x": 0.4}, "degrees_for_radians", "3*cos(pi/180*(3*x))"),
        ("sin(3*x)", {"x": 0.4}, "value_not_gradient", "sin(3*x)"),
        ("x*sin(x)", {"x": 0.4}, "wrong_rule", "cos(x)"),
        ("tanh(x)", {"x": 0.4}, "wrong_rule", "1 - x**2"),
        ("x**2*y", {"x": 3.1, "y": 2.3}, "wrong_variable", "x**2"),
        ("x*y + 3", {"x": 3.1, "y": 2.3}, "swapped_inputs", "x"),
        ("relu(x)*y", {"x": -1.0, "y": 2.0}, "gate_ignored", "y"),
        ("x*x", {"x": 3.1}, "overwritten_not_accumulated", "x"),
        ("log(x)", {"x": 3.1}, "constant_factor", "2*(1/x)"),
    ],
)
def test_a_formula_as_an_author_would_write_it(expression, bindings, code, text):
    found = formulas(Reference(parse(expression), bindings))
    assert text in [given for given_code, _, _, given in found if given_code == code]


def test_what_cannot_be_written_has_no_formula():
    codes = {code for code, *_ in formulas(Reference(parse("gammaln(x)*x"), {"x": 2.5}))}
    assert codes == {"value_not_gradient"}  # the function itself can be
    long = "\n".join(f"x{k + 1} = sin(x{k})" for k in range(80))
    assert not list(formulas(Reference(parse(long), {"x0": 0.3})))
    graph = read_nodes([{"id": "s", "op": "sin", "args": ["the angle"]}])
    assert not list(formulas(Reference(graph, {"the angle": 0.3})))


@pytest.mark.parametrize("operation", sorted(PARTIALS))
def test_right_partials_are_right(operation):
    values = at(operation) if operation != "where" else (1.0, 0.37, 0.83)
    values = values if PARTIALS[operation].keys() != {ANY} else (0.37, 1.83)
    bindings = dict(zip(NAMES, values, strict=False))
    found = gradient(node(operation, values), bindings)
    bindings["z"] = float(found.value)
    for attribute in catalogue[operation].attributes:
        bindings[attribute.name] = attribute.default
    for place, text in PARTIALS[operation].items():
        right = found.gradients[NAMES[max(place, 0)]]
        assert value(text, bindings) == pytest.approx(right, rel=1e-12)


def test_what_is_level_has_no_slope():
    for operation in LEVEL:
        values = (0.37, 1.83)[: catalogue[operation].arity[0]]
        found = gradient(node(operation, values), dict(zip(NAMES, values, strict=False)))
        assert not any(found.gradients.values())


@pytest.mark.parametrize(
    "formula, written",
    [
        ("0*a + 1*b", "b"),
        ("a - (0 - b)", "a + b"),
        ("-(2*a)", "-2*a"),
        ("3*(2*a)", "6*a"),
        ("(-a)*(-b)", "a*b"),
        ("a**1 + b**0", "a + 1"),
        ("(-a)/b", "-(a/b)"),
        ("a + -3", "a - 3"),
    ],
)
def test_terms_are_simplified_as_one_would_on_paper(formula, written):
    assert text_of(filled(formula, {"a": name("a"), "b": name("b")})) == written


def test_a_number_or_a_name_alone_is_text_too():
    assert text_of(number(2.0)) == "2"
    assert text_of(name("x")) == "x"
    assert text_of(applied("neg", [number(2.0)])) == "-2"
