"""How results lie in memory, and what is written over: numbers do not depend on either."""

import math
from typing import Any

import numpy as np
import pytest

from autograd_core import gradient, parse
from autograd_core.operations import TABLE, broadcasting
from autograd_core.operations.arrays.contractions import strong_einsum, strong_matmul
from tests.tables import table

RNG = np.random.default_rng(0)


def _innermost(array: np.ndarray) -> int:
    return int(np.argmin(array.strides))


# Results --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sub", "mul", "hypot", "maximum"])
@pytest.mark.parametrize(
    "shapes, axis",
    [
        (((1000, 1, 10), (5, 10)), 0),
        (((4, 900, 1), (4, 1, 3)), 1),
        (((300, 1), (1, 300)), 1),  # rows are long
        (((1000, 5, 10), (5, 10)), 2),  # the larger operand has an order of its own
        (((20, 1, 4), (4, 4)), 2),  # few numbers
    ],
)
def test_short_rows_are_computed_along_the_long_axis(name: str, shapes: Any, axis: int) -> None:
    operands = [RNG.normal(size=shape) for shape in shapes]
    found = TABLE[name].value(operands, {})  # type: ignore[attr-defined]
    expected = {"sub": np.subtract, "mul": np.multiply}.get(name, getattr(np, name, None))
    np.testing.assert_array_equal(found, expected(*operands))
    assert _innermost(found) == axis


EQUATIONS = [
    ("kij,nkj->nki", (3, 4, 5), (60, 3, 5)),
    ("nki,kij->nkj", (60, 3, 4), (3, 4, 5)),
    ("ij,jk->ik", (4, 5), (5, 6)),
    ("ij,jk->ki", (4, 50), (50, 6)),
    ("abc,cbd->da", (2, 3, 4), (4, 3, 5)),
    ("i,i->", (7,), (7,)),
    ("ab,a->b", (7, 3), (7,)),
    ("ij,ij->", (7, 3), (7, 3)),
    ("bi,bi->b", (7, 3), (7, 3)),
    ("iij,jk->ik", (4, 4, 5), (5, 6)),  # a diagonal
    ("ijm,jk->ik", (4, 5, 2), (5, 6)),  # a letter in one operand alone
    ("i,j->ij", (4,), (5,)),  # nothing is summed over
    ("ij,jk->ik", (0, 5), (5, 6)),
    ("ij,jk->ik", (4, 0), (0, 6)),
]


@table("equation, one, other", EQUATIONS)
def test_contractions_are_those_of_numpy_however_operands_lie(
    equation: str, one: Any, other: Any
) -> None:
    a, b = RNG.normal(size=one), RNG.normal(size=other)
    expected = np.einsum(equation, a, b)
    for first in (a, np.asfortranarray(a), np.repeat(a, 2, axis=0)[::2]):
        for second in (b, np.asfortranarray(b)):
            found = strong_einsum(equation, first, second)
            np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13)


def test_a_contraction_lies_as_its_larger_operand_does() -> None:
    factor, along = RNG.normal(size=(5, 10, 10)), np.moveaxis(RNG.normal(size=(5, 10, 600)), -1, 0)
    for equation, operands in {
        "kij,nkj->nki": (factor, along),
        "nki,kij->nkj": (along, factor),
    }.items():
        assert _innermost(strong_einsum(equation, *operands)) == 0
    rows = np.ascontiguousarray(along)
    assert _innermost(strong_einsum("kij,nkj->nki", factor, rows)) == 2


# Sums -----------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["C", "F"])
@table(
    "shape, onto",
    [((70, 3), (3,)), ((70, 3), (1, 3)), ((3, 70), (3, 1)), ((70, 3), (70, 3)), ((5, 70), ()),
     ((70,), (1,)), ((1, 70), (70,)), ((4, 70, 3), (4, 1, 3)), ((6000, 2), (2,))],
)  # fmt: skip
def test_sums_of_products(order: Any, shape: Any, onto: Any) -> None:
    a, b = (np.asarray(RNG.normal(size=shape), order=order) for _ in range(2))
    for held in (False, True):
        given = b.copy(order="K")
        found = broadcasting.sum_of_products(a, given, onto, [a, given] if held else [])
        expected = broadcasting.unbroadcast(a * b, onto)
        assert np.shape(found) == onto
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
        assert not held or np.array_equal(given, b)


def test_whole_numbers_are_not_written_over() -> None:
    """The partials of relu are integers."""
    a, b = np.array([0.5, 1.5]), np.array([1, 1])
    np.testing.assert_array_equal(broadcasting.sum_of_products(a, b, (2,), []), a)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_sum_is_no_negative_zero(sign: float) -> None:
    total = broadcasting.signed_sum(np.array([[1.0, -1.0], [0.0, 0.0]]), sign, (2, 1))
    assert [math.copysign(1, x) for x in total.ravel()] == [1, 1]
    alone = broadcasting.signed_sum(np.array([0.0]), sign, (1,))
    assert math.copysign(1, alone[0]) == sign


# What is written over is nobody else's ---------------------------------------------------


def test_gradients_that_share_cotangents_stay_apart() -> None:
    """a, b and c get the same cotangent, and a then another that is added to it."""
    text = "a + b + c + a*a + a*b + where(a > 0, a, b)"
    at = {name: np.array([1.0, -2.0]) for name in "abc"}
    found = gradient(parse(f"s = {text}; sum(s)"), at).gradients
    np.testing.assert_array_equal(found["a"], [1 + 2 + 1 + 1, 1 - 4 - 2 + 0])
    np.testing.assert_array_equal(found["b"], [1 + 1 + 0, 1 - 2 + 1])
    np.testing.assert_array_equal(found["c"], [1, 1])


def test_inputs_are_left_alone() -> None:
    x = RNG.normal(size=(3, 4))
    x.flags.writeable = False
    gradient(parse("sum(exp(x)*x + x*x + x**2*exp(-x) + softmax(x)*x)"), {"x": x})
    expected = gradient(parse("sum(x*y)"), {"x": x, "y": x + 0}).gradients
    np.testing.assert_array_equal(expected["x"], x)
    np.testing.assert_array_equal(expected["y"], x)


MATRICES = [
    ((40, 1, 5), (1, 5, 6)),
    ((40, 1, 5), (5, 6)),
    ((2, 3, 4, 5), (3, 5, 6)),
    ((2, 3, 4, 5), (1, 5, 6)),
    ((5, 6), (40, 6, 1)),
    ((1, 5, 6), (3, 40, 6, 1)),
    ((40, 20, 5), (1, 5, 6)),
    ((1, 4, 5), (40, 5, 6)),
    ((0, 4, 5), (1, 5, 6)),
    ((3, 4, 0), (1, 0, 6)),
    ((3, 0, 5), (1, 5, 6)),
]


@table("one, other", MATRICES)
def test_products_of_stacks_are_those_of_numpy(one: Any, other: Any) -> None:
    a, b = RNG.normal(size=one), RNG.normal(size=other)
    repeated = np.broadcast_to(b[:1], b.shape) if b.ndim > 2 else b
    for second in (b, repeated):
        found = strong_matmul(a, second)
        np.testing.assert_allclose(found, np.matmul(a, second), rtol=1e-13, atol=1e-13)
