"""Strong zeros: a cotangent, a tangent or a partial that is exactly 0 contributes exactly 0.

Whatever it is multiplied with: inf and NaN included, in products, contractions and the rules of
every operation, in both directions. What is not 0 follows IEEE 754.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from autograd_core.operations.arrays.contractions import strong_einsum
from autograd_core.operations.elementwise import TABLE as ELEMENTWISE
from autograd_core.operations.strong_zeros import (
    all_finite,
    start_watch,
    strong_product,
)
from tests.autograd_core.array_case import Case
from tests.autograd_core.array_cases import CASES
from tests.autograd_core.linearised import Linearised, attributes_of
from tests.tables import table

NAN, INF = math.nan, math.inf
NUMBERS = (0.0, -0.0, 1.0, -2.0, 0.5, INF, -INF, NAN)
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


# Products ---------------------------------------------------------------------------


@pytest.mark.parametrize("other", NUMBERS)
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_a_zero_on_either_side_wins(zero: float, other: float) -> None:
    assert strong_product(np.float64(zero), np.float64(other)) == 0
    assert strong_product(np.float64(other), np.float64(zero)) == 0


@pytest.mark.parametrize("a, b", list(itertools.product(NUMBERS[2:], NUMBERS[2:])))
def test_other_products_are_those_of_ieee(a: float, b: float) -> None:
    found = strong_product(np.float64(a), np.float64(b))
    np.testing.assert_array_equal(found, a * b)


def test_products_go_entry_by_entry() -> None:
    moving = np.array([0, 1, 0, 2.0, INF])
    partial = np.array([NAN, NAN, INF, INF, 0])
    np.testing.assert_array_equal(strong_product(moving, partial), [0, NAN, 0, INF, 0])


@pytest.mark.parametrize(
    "a, b, stopped",
    [
        ([0.0, 2.0], [3.0, 4.0], False),
        ([0.0, 2.0], [3.0, INF], False),
        ([0.0, 2.0], [INF, 4.0], True),
        ([NAN, 2.0], [0.0, 4.0], True),
    ],
)
def test_a_watch_notes_what_a_zero_has_stopped(
    a: list[float], b: list[float], stopped: bool
) -> None:
    products = start_watch()
    strong_product(np.array(a), np.array(b))
    contraction = start_watch()
    strong_einsum("i,i->", np.array(a), np.array(b))
    assert products.stopped is contraction.stopped is stopped


@pytest.mark.parametrize(
    "numbers, finite",
    [([], True), ([1e308, 1e308], True), ([1, NAN], False), ([INF, -INF], False), ([INF], False)],
)
def test_all_finite(numbers: list[float], finite: bool) -> None:
    assert all_finite(np.array(numbers)) is finite


# Contractions -----------------------------------------------------------------------

EQUATIONS = (
    "i->i",
    "ij->j",
    "i,i->",
    "i,i->i",
    "i,j->ij",
    "ij,j->i",
    "ij,kj->ik",
    "i,i,i->",
    "i,ij,j->",
    "ij,jk,k->i",
    "ij,ij,ij->j",
    "a,b,ab->",
)


def _term_by_term(equation: str, operands: Sequence[np.ndarray], lengths: Any) -> np.ndarray:
    """The sum over every assignment of the letters, one product after another."""
    left, right = equation.split("->")
    subscripts = left.split(",")
    result = np.zeros([lengths[letter] for letter in right])
    for places in itertools.product(*(range(length) for length in lengths.values())):
        at = dict(zip(lengths, places, strict=True))
        factors = [
            float(operand[tuple(at[letter] for letter in subscript)])
            for operand, subscript in zip(operands, subscripts, strict=True)
        ]
        if all(factors):  # what is absent is no term
            result[tuple(at[letter] for letter in right)] += math.prod(factors)
    return result


@given(st.sampled_from(EQUATIONS), st.data())
def test_contractions_equal_the_sum_of_their_terms(equation: str, data: st.DataObject) -> None:
    left = equation.split("->", maxsplit=1)[0]
    letters = sorted(set(left) - {","})
    lengths = {letter: data.draw(st.integers(1, 3), label=letter) for letter in letters}
    operands = []
    for subscript in left.split(","):
        shape = [lengths[letter] for letter in subscript]
        count = math.prod(shape)
        entries = st.lists(st.sampled_from(NUMBERS), min_size=count, max_size=count)
        operands.append(np.reshape(data.draw(entries, label=subscript), shape))
    found = strong_einsum(equation, *operands)
    np.testing.assert_allclose(found, _term_by_term(equation, operands, lengths), rtol=1e-14)


def test_a_finite_contraction_is_numpys_own() -> None:
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(3, 4)), rng.normal(size=(4, 5)), rng.normal(size=5)
    found = strong_einsum("ij,jk,k->i", a, b, c)
    np.testing.assert_allclose(found, a @ b @ c, rtol=1e-13)


# Rules ------------------------------------------------------------------------------


def _poisoned(case: Case, poison: float) -> Linearised:
    operands = case.drawn()
    for place, operand in enumerate(operands):
        if operand.size and (case.op, place) != ("cross_entropy", 1):
            operand[(0,) * operand.ndim] = poison
    return Linearised(case.op, operands, case.attributes)


@pytest.mark.slow
@table("poison", [NAN, INF, -INF, 0.0])
@table("case", CASES, ids=str)
def test_zeros_stay_zeros_through_every_operation(case: Case, poison: float) -> None:
    linear = _poisoned(case, poison)
    for gradient in linear.vjp(np.zeros(np.shape(linear.value))):
        if gradient is not None:
            np.testing.assert_array_equal(gradient, np.zeros(np.shape(gradient)))
    still = [np.zeros(np.shape(operand)) for operand in case.drawn()]
    moved = linear.jvp(*still)
    np.testing.assert_array_equal(moved, np.zeros(np.shape(moved)))
    rng = np.random.default_rng(0)
    moving = [rng.normal(size=np.shape(operand)) for operand in still]
    for bent in (
        *linear.vjp_tangents(np.zeros(np.shape(linear.value)), moving),
        *linear.vjp_tangents(rng.normal(size=np.shape(linear.value)), still),
        *linear.vjp_tangents(np.full(np.shape(linear.value), INF), still),
    ):
        if bent is not None:
            np.testing.assert_array_equal(bent, np.zeros(np.shape(bent)))


@table("name", sorted(ELEMENTWISE))
def test_zeros_stay_zeros_through_every_formula(name: str) -> None:
    row = ELEMENTWISE[name]
    points = list(itertools.product(NUMBERS, repeat=len(row.operands)))
    operands = [np.array(column) for column in zip(*points, strict=True)]
    attributes = attributes_of(name, {})
    value = row.value(operands, attributes)
    still = np.zeros(len(points))
    np.testing.assert_array_equal(row.jvp([still] * len(operands), operands, value, attributes), 0)
    for index in range(len(operands)):
        if row.passes(index):
            np.testing.assert_array_equal(row.vjp(index, still, operands, value, attributes), 0)
        for cotangent, tangent in ((still, still + 1), (still + 1, still), (still + INF, still)):
            tangents = [tangent] * len(operands)
            bent = row.vjp_tangent(index, cotangent, tangents, operands, value, attributes)
            assert bent is None or not np.any(bent)


# In each of these the first of two rows (or matrices) is dead, and full of `poison`; the other
# is as good as if it were alone.
ROWS = np.array([[1.0, 2.0, 4.0], [0.5, -1.0, 2.0]])
MATRICES = np.array([np.eye(3), [[4, 1, 0.5], [1, 3, 0.25], [0.5, 0.25, 2]]])
REDUCING = ("sum", "mean", "prod", "max", "min", "var", "std", "norm", "logsumexp")
DEAD_ROWS: list[tuple[str, list[np.ndarray], dict[str, Any]]] = [
    *((name, [ROWS], {"axis": -1}) for name in REDUCING),
    *((name, [ROWS], {"axis": -1}) for name in ("softmax", "log_softmax")),
    ("cumsum", [ROWS], {"axis": 1}),
    *((name, [MATRICES], {}) for name in ("det", "logdet", "inv", "cholesky", "trace", "triu")),
    ("matmul", [ROWS, MATRICES[1]], {}),
    ("matmul", [MATRICES, MATRICES[1]], {}),
    ("matmul", [MATRICES, ROWS[1]], {}),
    ("solve", [MATRICES, ROWS[1]], {}),
    ("solve", [MATRICES, MATRICES[::-1].copy()], {}),
    ("einsum", [ROWS, MATRICES[1]], {"equation": "ij,jk->ik"}),
    ("einsum", [ROWS, MATRICES[1], ROWS[1]], {"equation": "ij,jk,k->i"}),
    ("einsum", [ROWS], {"equation": "ij->i"}),
]


@table("poison", [NAN, INF, 0.0])
@table("name, operands, attributes", DEAD_ROWS)
def test_a_dead_row_harms_no_other(
    name: str, operands: list[np.ndarray], attributes: dict[str, Any], poison: float
) -> None:
    clean = Linearised(name, operands, attributes)
    bad = operands[0].copy()
    bad[0] = poison
    dirty = Linearised(name, [bad, *operands[1:]], attributes)
    cotangent = np.random.default_rng(0).normal(size=np.shape(clean.value))
    cotangent[0] = 0
    for found, expected in zip(dirty.vjp(cotangent), clean.vjp(cotangent), strict=True):
        assert found is not None
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)
    tangent = np.random.default_rng(1).normal(size=np.shape(bad))
    tangent[0] = 0
    others = [None] * (len(operands) - 1)
    found, expected = dirty.jvp(tangent, *others), clean.jvp(tangent, *others)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


@table("dead", ["cotangent", "tangent"])
@table("poison", [NAN, INF, 0.0])
@table("name, operands, attributes", DEAD_ROWS)
def test_a_dead_row_harms_no_other_at_second_order(
    name: str, operands: list[np.ndarray], attributes: dict[str, Any], poison: float, dead: str
) -> None:
    """No cotangent arrives at the row, however it moves; or nothing moves in it, nor elsewhere."""
    clean = Linearised(name, operands, attributes)
    bad = operands[0].copy()
    bad[0] = poison
    dirty = Linearised(name, [bad, *operands[1:]], attributes)
    rng = np.random.default_rng(0)
    cotangent = rng.normal(size=np.shape(clean.value))
    tangents: list[Any] = [rng.normal(size=np.shape(operand)) for operand in operands]
    if dead == "cotangent":
        cotangent[0] = 0
        wild = tangents[0].copy()
        wild[0] = poison
        found = dirty.vjp_tangents(cotangent, [wild, *tangents[1:]])
    else:
        tangents = [tangents[0], *(None for _ in tangents[1:])]
        tangents[0][0] = 0
        found = dirty.vjp_tangents(cotangent, tangents)
    for one, other in zip(found, clean.vjp_tangents(cotangent, tangents), strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


def test_where_stops_an_infinite_cotangent() -> None:
    where = Linearised("where", [np.array([1, 0.0]), np.array([3, NAN]), np.array([NAN, 4])])
    _, taken, other = where.vjp(np.array([INF, NAN]))
    np.testing.assert_array_equal(taken, [INF, 0])
    np.testing.assert_array_equal(other, [0, NAN])


def test_a_live_infinity_is_not_hidden() -> None:
    product = Linearised("matmul", [np.ones((1, 2)), np.array([[INF, 1], [NAN, 1]])])
    left, _ = product.vjp(np.array([[1.0, 0.0]]))
    np.testing.assert_array_equal(left, [[INF, NAN]])


# Directions -------------------------------------------------------------------------


def _unit(shape: tuple[int, ...], place: tuple[int, ...], size: float) -> np.ndarray:
    unit = np.zeros(shape)
    unit[place] = size
    return unit


def _both_ways(linear: Linearised, operands: Sequence[np.ndarray], size: float) -> Any:
    """Entries of size * Jacobian by each operand, from sweeps in reverse and forward."""
    shape = np.shape(linear.value)
    rows = [linear.vjp(_unit(shape, place, size)) for place in np.ndindex(shape)]
    for index, operand in enumerate(operands):
        if not rows or rows[0][index] is None:
            continue
        reverse = [np.ravel(row[index]) for row in rows]
        forward = []
        for place in np.ndindex(operand.shape):
            tangents: list[Any] = [None] * len(operands)
            tangents[index] = _unit(operand.shape, place, size)
            forward.append(np.ravel(linear.jvp(*tangents)))
        sides = len(rows), operand.size
        yield np.reshape(reverse, sides), np.reshape(forward, sides[::-1]).T


@pytest.mark.slow
@table("size", [1.0, INF])
@table("poison", [NAN, INF, 0.0])
@table("case", CASES, ids=str)
def test_forward_and_reverse_give_the_same_jacobian(case: Case, poison: float, size: float) -> None:
    """Whatever is infinite or absent inside; and times infinity, which is IEEE but for zeros."""
    operands = case.drawn()
    for place, operand in enumerate(operands):
        if operand.size and (case.op, place) != ("cross_entropy", 1):
            operand[(0,) * operand.ndim] = poison
            operand[(-1,) * operand.ndim] = 0
    linear = Linearised(case.op, operands, case.attributes)
    for reverse, forward in _both_ways(linear, operands, size):
        np.testing.assert_allclose(reverse, forward, rtol=1e-9, atol=1e-12)
