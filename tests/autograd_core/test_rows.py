"""Rows have the numbers of single calls, to the bit, and leave to those what has more to say."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from autograd_core import (
    ArgumentError,
    Array,
    GraphError,
    Limits,
    catalogue,
    evaluate_rows,
    gradient,
    gradient_rows,
    parse,
)
from autograd_core.operations import Elementwise
from tests.tables import table

SCALAR = [name for name, row in catalogue.items() if isinstance(row, Elementwise)]
# Twice as many points as a widened tape of two instructions has lanes for, and an odd number.
POINTS = 1_501


def columns(count: int) -> Mapping[str, Array]:
    """Numbers of all sizes for so many operands, with zeros of both signs among them."""
    generator = np.random.default_rng(7)
    found = {}
    for name in "abcdef"[:count]:
        numbers = generator.normal(size=POINTS) * 10.0 ** generator.integers(-3, 3, POINTS)
        numbers[:50] = generator.choice([0.0, -0.0, 0.5, 1.0, -1.0, 2.0], 50)
        found[name] = numbers
    return found


def bits(*numbers: object) -> list[bytes]:
    return [np.float64(each).tobytes() for each in numbers]  # type: ignore[arg-type]


@table("name", SCALAR)
def test_every_operation_is_the_same_in_rows_and_alone(name: str) -> None:
    count = catalogue[name].arity[0]
    given = columns(count)
    graph = parse(f"{name}({', '.join(given)})")
    few = {input_name: column[:200] for input_name, column in given.items()}
    singles = []
    for point in range(200):
        bindings = {each: float(column[point]) for each, column in few.items()}
        singles.append(gradient(graph, bindings))
    plain = [k for k, each in enumerate(singles) if not each.warnings]
    rows = gradient_rows(graph, {each: column[plain] for each, column in few.items()})
    assert rows is not None
    found, finite = rows
    assert finite.all()
    for place, point in enumerate(plain):
        alone = singles[point]
        assert bits(found.value[place], *(g[place] for g in found.gradients.values())) == bits(  # type: ignore[index]
            alone.value, *alone.gradients.values()
        )


def test_more_points_than_lanes() -> None:
    graph, given = parse("tanh(a*b + c)*a"), columns(3)
    rows = gradient_rows(graph, given, wrt=["c", "a"])
    assert rows is not None
    found, finite = rows
    assert finite.all()
    assert list(found.gradients) == ["c", "a"]
    for point in (0, 1, 700, POINTS - 1):
        bindings = {name: float(column[point]) for name, column in given.items()}
        alone = gradient(graph, bindings, wrt=["c", "a"])
        assert bits(*(g[point] for g in found.gradients.values())) == bits(  # type: ignore[index]
            *alone.gradients.values()
        )


def test_values_in_rows() -> None:
    graph, given = parse("e = a*b; d = exp(e); d"), columns(2)
    rows = evaluate_rows(graph, given, outputs=["d", "e", "a"])
    assert rows is not None
    found, finite = rows
    with np.errstate(over="ignore"):
        assert (finite == np.isfinite(np.exp(given["a"] * given["b"]))).all()
    assert (found.values["e"] == given["a"] * given["b"]).all()
    assert (found.values["a"] == given["a"]).all()


def test_a_row_that_is_not_finite_is_told() -> None:
    rows = gradient_rows(parse("log(a)"), {"a": np.array([1.0, -1.0, 0.0, 2.0])})
    assert rows is not None
    assert rows[1].tolist() == [True, False, False, True]


@pytest.mark.parametrize("text", ["sum(a)", "a @ a", "sqrt(a)**2"])
def test_what_has_more_to_say_is_left_to_single_calls(text: str) -> None:
    """Arrays' operations, and a zero that has stopped something not finite."""
    given = {"a": np.array([1.0, 0.0, 2.0])}
    try:
        assert gradient_rows(parse(text), given) is None
    except (GraphError, ArgumentError):  # as a single call would
        assert text == "a @ a"


def test_limits_hold_for_all_rows_together() -> None:
    with pytest.raises(GraphError, match="over the limit"):
        gradient_rows(parse("a*a"), {"a": np.ones(100)}, limits=Limits(cost=200))
