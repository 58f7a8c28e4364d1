"""What the catalogue says of each operation, read back by the parser and held to the operation.

The formulas are pasted as a user would: parsed as they stand, over the operands and the
attributes by name.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from autograd_core import Description, Graph, describe, evaluate, gradient, jvp, parse
from autograd_core.operations import TABLE, Elementwise, Operation

POINTS = (-2.3, -0.6, 0.0, 0.3, 0.55, 0.8, 1.4, 1.8, 3.0)
ALPHA = 0.3
ELEMENTWISE = [row for row in TABLE.values() if isinstance(row, Elementwise)]
ON_ARRAYS = [row for row in TABLE.values() if not isinstance(row, Elementwise)]
# Its derivative is a function that the catalogue has not.
NO_FORMULA = {"digamma"}


def each(rows: list[Operation] | list[Elementwise]) -> Any:
    return pytest.mark.parametrize("row", rows, ids=lambda row: row.name)


def call_of(row: Operation) -> Graph:
    """The operation itself, with its attributes as the points have them."""
    alpha = f", alpha={ALPHA}" if row.attributes else ""
    names = ", ".join(row.operands) if isinstance(row, Elementwise) else ""
    return parse(f"{row.name}({names}{alpha})")


def value_of(graph: Graph, bindings: Mapping[str, Any]) -> Any:
    (value,) = evaluate(graph, bindings).values.values()
    return value


def points(row: Elementwise) -> dict[str, Any]:
    """Points at which the operation has a value, a column of numbers an operand."""
    grid = np.array(list(itertools.product(POINTS, repeat=len(row.operands)))).T
    columns = dict(zip(row.operands, grid, strict=True))
    there = np.isfinite(value_of(call_of(row), columns))
    assert there.sum() >= 3
    return {name: column[there] for name, column in columns.items()}


def parameters(row: Operation) -> dict[str, float]:
    return {attribute.name: ALPHA for attribute in row.attributes}


@each(ELEMENTWISE)
def test_the_formula_of_an_elementwise_operation_has_its_value(row: Elementwise) -> None:
    at = points(row)
    value = value_of(parse(describe(row).formula), at | parameters(row))
    np.testing.assert_allclose(value, value_of(call_of(row), at), rtol=1e-12, atol=1e-15)


@each(ELEMENTWISE)
def test_the_derivatives_of_an_elementwise_operation_are_its_gradient(row: Elementwise) -> None:
    described, at = describe(row), points(row)
    assert list(described.derivatives) == ([] if row.name in NO_FORMULA else [*row.operands])
    gradients = gradient(call_of(row), at, mapped=[*at]).gradients
    for name, text in described.derivatives.items():
        expected = gradients[name]
        there = np.isfinite(expected)
        assert np.sum(there) >= 3
        found = np.broadcast_to(value_of(parse(text), at | parameters(row)), np.shape(expected))
        np.testing.assert_allclose(found[there], expected[there], rtol=1e-11, atol=1e-13)


SQUARE = np.array([[2.0, 0.5], [0.4, 1.5]])
VECTOR = np.array([0.7, -1.2, 2.0])
MATRIX = np.array([[0.7, -1.2, 2.0], [1.5, 0.3, -0.4]])
# Operands of operations on arrays; of the others, x is the matrix.
OPERANDS: Mapping[str, Mapping[str, Any]] = {
    **{name: {"x": SQUARE} for name in ("det", "logdet", "inv", "cholesky", "trace", "diagonal")},
    "solve": {"x": SQUARE, "y": SQUARE + 1},
    "matmul": {"x": SQUARE, "y": MATRIX},
    "einsum": {"x": SQUARE, "y": MATRIX},
    "dot": {"x": VECTOR, "y": VECTOR + 1},
    "outer": {"x": VECTOR, "y": VECTOR[:2]},
    "concat": {"x": VECTOR, "y": VECTOR[:2]},
    "stack": {"x": VECTOR, "y": VECTOR + 1},
    "mse": {"x": MATRIX, "y": MATRIX + 1},
    "binary_cross_entropy": {"x": MATRIX, "y": np.abs(np.sin(MATRIX))},
    "cross_entropy": {"x": MATRIX, "y": np.array([2.0, 0.0])},
    "broadcast_to": {"x": VECTOR},
    "squeeze": {"x": MATRIX[None]},
}


def operands(row: Operation) -> Mapping[str, Any]:
    return OPERANDS.get(row.name, {"x": MATRIX})


@each(ON_ARRAYS)
def test_the_formula_of_an_operation_on_arrays_has_its_value(row: Operation) -> None:
    described, at = describe(row), operands(row)
    value, expected = value_of(parse(described.formula), at), value_of(parse(described.example), at)
    assert np.shape(value) == np.shape(expected)
    np.testing.assert_allclose(value, expected, rtol=1e-12)


@each(ON_ARRAYS)
def test_the_tangent_of_an_operation_on_arrays_is_its_jvp(row: Operation) -> None:
    described, at = describe(row), operands(row)
    moving = {name: value for name, value in at.items() if f"d{name}" in described.tangent}
    tangents = {name: np.cos(7 * value + 1) for name, value in moving.items()}
    assert moving.keys() == {name for index, name in enumerate(at) if passes(row, index)}
    (expected,) = jvp(parse(described.example), at, tangents).products.values()
    changes = {f"d{name}": tangent for name, tangent in tangents.items()}
    found = value_of(parse(described.tangent), {**at, **changes})
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-14)


def passes(row: Operation, index: int) -> bool:
    return row.name != "cross_entropy" or index == 0


@each([*TABLE.values()])
def test_nothing_internal_is_shown(row: Operation) -> None:
    described = describe(row)
    attributes = {attribute.name for attribute in row.attributes}
    for text in texts(described):
        names = {*parse(text).inputs} - attributes
        assert names <= {"x", "y", "w", "dx", "dy", "pi"}, text


def texts(described: Description) -> list[str]:
    shown = [described.formula, described.example, described.tangent]
    return [text for text in (*shown, *described.derivatives.values()) if text]


@each([*TABLE.values()])
def test_words_of_derivatives_name_nothing_internal(row: Operation) -> None:
    words = describe(row).derivative
    assert words
    assert not re.search(r"\b(z|g|LN2|LN10|sech|select|delta\w*|onehot|T)\b", words)


@pytest.mark.parametrize(
    "name, formula, derivative",
    [
        ("tanh", "tanh(x)", "1/cosh(x)**2"),
        ("exp2", "exp2(x)", "exp2(x)*log(2)"),
        ("relu", "where(x <= 0, 0, x)", "where(x > 0, 1, 0)"),
        ("mul", "x*y", "y"),
        ("leaky_relu", "where(x > 0, x, x*alpha)", "where(x > 0, 1, alpha)"),
    ],
)
def test_what_is_shown(name: str, formula: str, derivative: str) -> None:
    described = describe(TABLE[name])
    assert (described.formula, described.derivatives["x"]) == (formula, derivative)
