"""One interface, two engines: whatever a linearisation is asked for, both give the same numbers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from autograd_core import parse, read_nodes
from autograd_core.derivatives.call import Call, prepare
from autograd_core.engines import linearisation
from autograd_core.engines.arrays.linearised import Linearised
from autograd_core.engines.compiled import Compiled
from autograd_core.engines.tape.linearised import AtPoint, AtPoints
from autograd_core.limits import DEFAULT_LIMITS
from tests.autograd_core.sparse_cases import named, random_nodes

NEAR = {"rtol": 1e-9, "atol": 1e-9}


def called(text: str, bindings: Mapping[str, Any], outputs: list[str] | None = None) -> Call:
    names = tuple(bindings)
    return prepare(parse(text), bindings, outputs, (), DEFAULT_LIMITS, None, names)


def both(call: Call) -> tuple[AtPoint, Linearised]:
    return AtPoint(call.plan, call.inputs, None), Linearised(call.plan, call.inputs, None)


TEXT = "p = x*y + sin(x); q = exp(y)/x; r = p*q + z**3"
POINT = {"x": 0.7, "y": -1.3, "z": 2.0}
OUTPUTS = ["p", "r", "q"]


@pytest.fixture
def engines() -> tuple[AtPoint, Linearised]:
    return both(called(TEXT, POINT, OUTPUTS))


def test_values_are_the_same(engines: tuple[AtPoint, Linearised]) -> None:
    tape, arrays = engines
    np.testing.assert_allclose(tape.values(), arrays.values(), rtol=1e-15)
    np.testing.assert_allclose(tape.targets_at(), arrays.targets_at(), rtol=0)


@pytest.mark.parametrize("seeds", [{}, {0: 1.0}, {1: -2.0, 2: 0.5}, {0: 1.0, 1: 1.0, 2: 1.0}])
def test_products_are_the_same_and_a_seed_that_is_absent_is_0(
    engines: tuple[AtPoint, Linearised], seeds: dict[int, float]
) -> None:
    tape, arrays = engines
    np.testing.assert_allclose(tape.pull_back(seeds), arrays.pull_back(seeds), **NEAR)
    np.testing.assert_allclose(tape.push_forward(seeds), arrays.push_forward(seeds), **NEAR)
    for one, other in zip(tape.hessian_product(seeds), arrays.hessian_product(seeds), strict=True):
        np.testing.assert_allclose(one, other, **NEAR)
    if not seeds:
        assert set(tape.pull_back(seeds)) == set(tape.push_forward(seeds)) == {0.0}


def test_rows_are_the_products_of_each_row(engines: tuple[AtPoint, Linearised]) -> None:
    seeds = np.array([[1.0, 0.0, 0.0], [0.0, -1.0, 2.0], [0.0, 0.0, 0.0]])
    for at in engines:
        for rows, product in (
            (at.pull_back_rows, at.pull_back),
            (at.push_forward_rows, at.push_forward),
            (lambda s, at=at: at.hessian_rows(s)[2], lambda p, at=at: at.hessian_product(p)[2]),
        ):
            each = [product({k: x for k, x in enumerate(row) if x}) for row in seeds.tolist()]
            np.testing.assert_allclose(rows(seeds), each, **NEAR)
            assert rows(np.empty((0, 3))).shape == (0, 3)


def test_an_output_listed_twice_takes_both_seeds() -> None:
    for at in both(called("y = x**2; y", {"x": 3.0}, ["y", "y"])):
        np.testing.assert_allclose(at.pull_back({0: 1.0, 1: 10.0}), [66.0])


def test_products_do_not_depend_on_what_was_asked_before(
    engines: tuple[AtPoint, Linearised],
) -> None:
    for at in engines:
        first = at.pull_back({1: 1.0})
        at.push_forward({0: 1.0})
        at.gradient()
        at.hessian_product({2: 1.0})
        assert list(at.pull_back({1: 1.0})) == list(first)


@pytest.mark.slow
@given(random_nodes(), st.lists(st.floats(-3, 3), min_size=15, max_size=15))
def test_both_engines_agree_on_random_graphs(
    nodes: list[dict[str, Any]], numbers: list[float]
) -> None:
    point, seed = dict(zip(named(5), numbers, strict=False)), dict(enumerate(numbers[5:10]))
    graph = read_nodes(nodes, point)
    call = prepare(graph, point, nodes[-1]["id"], (), DEFAULT_LIMITS, None, tuple(point))
    tape, arrays = both(call)
    for one, other in (
        (tape.values(), arrays.values()),
        (tape.gradient()[1], arrays.gradient()[1]),
        (tape.pull_back({0: numbers[10]}), arrays.pull_back({0: numbers[10]})),
        (tape.push_forward(seed), arrays.push_forward(seed)),
    ):
        a, b = np.array(one), np.array(other)
        if (np.abs(b) < 1e100).all():  # beyond, an ulp in between decides what overflows
            np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-7 * (1 + np.abs(b).max()))


# Which engine ------------------------------------------------------------------------


def compiled(text: str, wrt: tuple[str, ...], **bindings: Any) -> Compiled:
    return prepare(parse(text), bindings, None, (), DEFAULT_LIMITS, None, wrt).plan


SWEEPS = ("VALUES", "GRADIENT", "PULL_BACK", "PUSH_FORWARD", "HESSIAN", "INTERIOR", "TRACE")


@pytest.mark.parametrize(
    "text, wrt, bindings, many, on_tape",
    [
        ("p = x*x; p*y", ("x", "y"), {"x": 1.0, "y": 2.0}, False,
         {"VALUES", "GRADIENT", "PULL_BACK", "PUSH_FORWARD", "HESSIAN"}),
        # tangents cannot be pushed at a node of a tape
        ("p = x*x; p*y", ("p",), {"x": 1.0, "y": 2.0}, False, {"VALUES", "GRADIENT", "PULL_BACK"}),
        ("p = x*x; p*y", ("x",), {"x": 1.0, "y": 2.0}, True, {"VALUES", "GRADIENT"}),
        ("sum(x)", ("x",), {"x": [1.0, 2.0]}, False, set()),
    ],
)  # fmt: skip
def test_the_tape_makes_the_sweeps_it_has_loops_for(
    text: str, wrt: tuple[str, ...], bindings: Any, many: bool, on_tape: set[str]
) -> None:
    plan = compiled(text, wrt, **bindings)
    chosen = {
        name: linearisation.engine_of(plan, getattr(linearisation, name), many=many)
        for name in SWEEPS
    }
    assert {name for name, engine in chosen.items() if engine.name == "tape"} == on_tape
    kinds = {(True, False): AtPoint, (True, True): AtPoints}
    for name, engine in chosen.items():
        assert engine.at is kinds.get((name in on_tape, many), Linearised)
