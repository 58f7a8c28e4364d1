"""Where a zero meets something that is not finite: what loops send, and what they say of it."""

import math

import numpy as np
import pytest

from autograd_core.engines import kernel
from autograd_core.engines.kernel.loops import functions
from autograd_core.engines.kernel.rules import OPCODES

INF, NAN = math.inf, math.nan
BIG = 1e200  # its square is not a number that fits


def columns(*, alike: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """A tape of an instruction whose operands are two slots, or one in both places, and of one on
    either side of it, with a slot of their own.
    """
    a, b = np.array([2, 0, 2], np.uint32), np.array([2, 0 if alike else 1, 2], np.uint32)
    return np.array([0, 3], np.uint32), a, b, 3


def between(number: float, others: float = 97.0) -> np.ndarray:
    """A number of the instruction, and those of the others."""
    return np.array([others, number, others])


@pytest.mark.parametrize(
    "adjoint, p, q, to_a, to_b, stopped",
    [
        (0.0, 1.0, 1.0, 0.0, 0.0, False),
        (0.0, INF, 1.0, 0.0, 0.0, True),
        (0.0, 1.0, NAN, 0.0, 0.0, True),
        (-0.0, 1.0, -INF, 0.0, 0.0, True),
        (INF, 0.0, 1.0, 0.0, INF, True),
        (INF, 1.0, 0.0, INF, 0.0, True),
        (INF, 1.0, -2.0, INF, -INF, False),
        (NAN, 0.0, 1.0, 0.0, NAN, True),
        (NAN, 1.0, 0.0, NAN, 0.0, True),
        (2.0, 0.0, INF, 0.0, INF, False),
        (2.0, INF, 3.0, INF, 6.0, False),
        (2.0, 3.0, NAN, 6.0, NAN, False),
        (BIG, BIG, 3.0, INF, 3e200, False),
        (BIG, 0.0, BIG, 0.0, INF, False),
    ],
)
def test_zeros_in_reverse(
    adjoint: float, p: float, q: float, to_a: float, to_b: float, stopped: bool
) -> None:
    adjoints = np.array([5.0, 7.0, 0.0, *between(adjoint, 0.0)])
    found = kernel.reverse(*columns(alike=False), between(p), between(q), adjoints, 0, 1)
    np.testing.assert_array_equal(adjoints[:2], [5 + to_a, 7 + to_b])
    assert found is stopped


@pytest.mark.parametrize("adjoint, p, stopped", [(INF, 2.0, False), (INF, 0.0, True)])
def test_an_operation_of_one_operand_has_no_zero_beside_it(
    adjoint: float, p: float, stopped: bool
) -> None:
    """Its operand is in both slots, and the partial along the second is the number 0."""
    one, zero = columns(alike=True), between(0.0)
    adjoints = np.array([0.0, 0.0, 0.0, *between(adjoint, 0.0)])
    assert kernel.reverse(*one, between(p), zero, adjoints, 0, 1) is stopped
    tangents = np.array([adjoint, *np.zeros(5)])
    assert kernel.push_forward(*one, between(p), zero, tangents, 0, 1) is stopped
    assert tangents[4] == adjoints[0] == (0.0 if stopped else INF)
    second = (zero,) * 3
    held, twice = np.zeros(6), np.array([0.0, 0.0, 0.0, *between(adjoint, 0.0)])
    again = kernel.reverse_twice(*one, between(p), zero, *second, held, twice, np.zeros(6), 0, 1)
    assert again is stopped


@pytest.mark.parametrize(
    "from_a, p, from_b, q, tangent, stopped",
    [
        (1.0, 2.0, 3.0, 4.0, 14.0, False),
        (0.0, INF, 1.0, 2.0, 2.0, True),
        (1.0, 2.0, 0.0, NAN, 2.0, True),
        (INF, 0.0, 1.0, 2.0, 2.0, True),
        (1.0, 2.0, NAN, 0.0, 2.0, True),
        (INF, 1.0, 1.0, 2.0, INF, False),
        (1.0, INF, 1.0, -INF, NAN, False),
        (BIG, BIG, 0.0, 1.0, INF, False),
        (0.0, -1.0, 0.0, -1.0, 0.0, False),
    ],
)
def test_zeros_going_forward(
    from_a: float, p: float, from_b: float, q: float, tangent: float, stopped: bool
) -> None:
    tangents = np.array([from_a, from_b, 0.0, NAN, NAN, NAN])
    found = kernel.push_forward(*columns(alike=False), between(p), between(q), tangents, 0, 1)
    np.testing.assert_array_equal(tangents[3:], between(tangent, 0.0))
    assert str(float(tangents[4])) != "-0.0"
    assert found is stopped


@pytest.mark.parametrize(
    "g, h, tangents, partials, second, sent, stopped",
    [
        # g, h: the adjoint and its tangent. sent: to the two adjoints, and to their tangents.
        (1.0, 2.0, (3.0, 5.0), (7.0, 11.0), (1.0, 10.0, 100.0), (7, 11, 14 + 53, 22 + 530), False),
        # nothing depends on it: its second partials may be anything
        (0.0, 2.0, (3.0, 5.0), (7.0, 11.0), (INF, 1.0, 1.0), (0, 0, 14, 22), True),
        (0.0, 2.0, (3.0, 5.0), (7.0, 11.0), (1.0, NAN, 1.0), (0, 0, 14, 22), True),
        (0.0, 2.0, (3.0, 5.0), (7.0, 11.0), (1.0, 1.0, INF), (0, 0, 14, 22), True),
        (0.0, 2.0, (3.0, 5.0), (INF, 11.0), (1.0, 1.0, 1.0), (0, 0, INF, 22), True),
        (0.0, 0.0, (3.0, 5.0), (7.0, NAN), (1.0, 1.0, 1.0), (0, 0, 0, 0), True),
        # operands that are held
        (1.0, 0.0, (0.0, 5.0), (7.0, 11.0), (INF, 1.0, 2.0), (7, 11, 5, 10), False),
        (1.0, 0.0, (3.0, 0.0), (7.0, 11.0), (1.0, 2.0, NAN), (7, 11, 3, 6), False),
        # partials of 0, met by what is not finite
        (INF, 0.0, (0.0, 0.0), (0.0, 11.0), (1.0, 1.0, 1.0), (0, INF, 0, 0), True),
        (INF, 0.0, (0.0, 0.0), (7.0, 0.0), (1.0, 1.0, 1.0), (INF, 0, 0, 0), True),
        (INF, 0.0, (1.0, 0.0), (7.0, 11.0), (0.0, 2.0, 1.0), (INF, INF, 0, INF), False),
        (1.0, INF, (0.0, 0.0), (0.0, 11.0), (1.0, 1.0, 1.0), (0, 11, 0, INF), False),
        (1.0, NAN, (0.0, 0.0), (7.0, 0.0), (1.0, 1.0, 1.0), (7, 0, NAN, 0), False),
        # products that do not fit
        (BIG, 1.0, (1.0, 1.0), (BIG, 1.0), (0.0, 0.0, 0.0), (INF, BIG, BIG, 1), False),
        (1.0, BIG, (1.0, 1.0), (BIG, 1.0), (0.0, 0.0, 0.0), (BIG, 1, INF, BIG), False),
    ],
)  # fmt: skip
def test_zeros_in_reverse_twice(
    g: float,
    h: float,
    tangents: tuple[float, float],
    partials: tuple[float, float],
    second: tuple[float, float, float],
    sent: tuple[float, float, float, float],
    stopped: bool,
) -> None:
    adjoints = np.array([5.0, 7.0, 0.0, *between(g, 0.0)])
    adjoint_tangents = np.array([-5.0, -7.0, 0.0, *between(h, 0.0)])
    found = kernel.reverse_twice(
        *columns(alike=False), *map(between, (*partials, *second)),
        np.array([*tangents, *np.zeros(4)]), adjoints, adjoint_tangents, 0, 1,
    )  # fmt: skip
    np.testing.assert_array_equal(adjoints[:2], np.add([5.0, 7.0], sent[:2]))
    np.testing.assert_array_equal(adjoint_tangents[:2], np.add([-5.0, -7.0], sent[2:]))
    assert found is stopped


@pytest.mark.parametrize("x, stopped", [(0.0, True), (4.0, False)])
def test_a_hessian_product_says_where_a_tangent_of_zero_stopped_something(
    x: float, stopped: bool
) -> None:
    """sqrt(x) + y*y along y: the derivative of the root at 0 is infinite, and x is held."""
    steps = [("sqrt", 0, 0), ("square", 1, 1), ("add", 2, 3)]
    opcodes = np.array([OPCODES[name] for name, *_ in steps], np.uint8)
    a, b = (np.array(slots, np.uint32) for slots in zip(*(each[1:] for each in steps), strict=True))
    starts, values = np.arange(4, dtype=np.uint32), np.array([x, 3.0, 0.0, 0.0, 0.0])
    varied, gradient, product = np.array([0, 1]), np.empty(2), np.empty((1, 2))
    found = kernel.hessian_products(
        opcodes, starts, a, b, b, 2, values, varied, np.array([[0.0, 1.0]]), 4, varied, gradient,
        product,
    )  # fmt: skip
    assert found is stopped
    assert gradient.tolist() == [INF if stopped else 0.25, 6.0]
    assert product.tolist() == [[0.0, 2.0]]


def test_the_sign_of_minus_zero_is_zero() -> None:
    assert str(functions.sign(-0.0)) == "0.0"
    assert math.isnan(functions.sign(NAN))
