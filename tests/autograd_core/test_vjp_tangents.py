"""How the vjp of an operation changes as its operands move: the rules behind second derivatives.

Against differences of the vjp, which has its own tests; against expansions written out (Leibniz,
products of what is left over); and in the tails against mpmath.
"""

import itertools
import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from autograd_core.operations import TABLE, ArrayOperation, elementwise
from tests.autograd_core.array_case import Case
from tests.autograd_core.array_cases import CASES
from tests.autograd_core.linearised import Linearised
from tests.tables import table

ROWS = {name: row for name, row in TABLE.items() if isinstance(row, ArrayOperation)}
BENDING = {name for name, row in ROWS.items() if row.vjp_tangent_rule is not None}
PRIMITIVE = [case for case in CASES if case.op in ROWS]
each_case = table("case", PRIMITIVE, ids=str)


def _directions(case: Case, seed: int) -> list[Any]:
    """A tangent for each operand; classes do not move."""
    rng = np.random.default_rng(seed)
    row = ROWS[case.op]
    return [
        rng.normal(size=np.shape(operand)) if row.passes(index) else None
        for index, operand in enumerate(case.drawn())
    ]


def _cotangent(linear: Linearised) -> np.ndarray:
    return np.random.default_rng(5).normal(size=np.shape(linear.value))


def _moved(case: Case, tangents: list[Any], step: float) -> Linearised:
    pairs = zip(case.drawn(), tangents, strict=True)
    return Linearised(
        case.op, [x if t is None else x + step * t for x, t in pairs], case.attributes
    )


# Against the vjp ----------------------------------------------------------------------


@each_case
def test_it_is_the_slope_of_the_vjp(case: Case) -> None:
    whole, linear, h = _directions(case, 1), _moved(case, _directions(case, 1), 0), 1e-4
    g = _cotangent(linear)
    alone = [[t if i == k else None for i, t in enumerate(whole)] for k in range(len(whole))]
    for tangents in (whole, *alone):
        sent = {k: _moved(case, tangents, k * h).vjp(g) for k in (-2, -1, 0, 1, 2)}
        for index, found in enumerate(linear.vjp_tangents(g, tangents)):
            if sent[0][index] is None:
                continue
            ahead, behind, far, back = (sent[k][index] for k in (1, -1, 2, -2))
            expected = (8 * (ahead - behind) - (far - back)) / (12 * h)
            if found is None:
                found = np.zeros(np.shape(expected))
            assert np.shape(found) == np.shape(sent[0][index])
            size = 1e-9 * np.max(np.abs(sent[0][index]), initial=1.0)
            np.testing.assert_allclose(found, expected, rtol=1e-7, atol=size)


@each_case
def test_second_derivatives_are_symmetric(case: Case) -> None:
    one, other = _directions(case, 1), _directions(case, 2)
    linear = _moved(case, one, 0)
    g = _cotangent(linear)

    def product(left: list[Any], right: list[Any]) -> float:
        moved = linear.vjp_tangents(g, right)
        return sum(float(np.sum(t * m)) for t, m in zip(left, moved, strict=True) if m is not None)

    assert product(one, other) == pytest.approx(product(other, one), rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("name", sorted(set(ROWS) - BENDING))
def test_a_row_without_the_rule_is_linear(name: str) -> None:
    """So nobody forgets it: the vjp does not depend on where the operands are (max: nearby)."""
    for case in (case for case in PRIMITIVE if case.op == name):
        tangents = _directions(case, 1)
        here, near = _moved(case, tangents, 0), _moved(case, tangents, 1e-7)
        g = _cotangent(here)
        for sent, again in zip(here.vjp(g), near.vjp(g), strict=True):
            np.testing.assert_array_equal(sent, again)
        assert not any(m is not None for m in here.vjp_tangents(g, tangents))


@pytest.mark.parametrize("name", sorted(BENDING))
def test_a_row_with_the_rule_is_not(name: str) -> None:
    moved = []
    for case in (case for case in PRIMITIVE if case.op == name):
        tangents = _directions(case, 1)
        linear = _moved(case, tangents, 0)
        moved += linear.vjp_tangents(_cotangent(linear), tangents)
    assert any(m is not None and np.any(m) for m in moved)


@each_case
def test_nothing_that_moves_is_no_change(case: Case) -> None:
    linear = _moved(case, _directions(case, 1), 0)
    still = [None] * len(case.operands)
    assert linear.vjp_tangents(_cotangent(linear), still) == still


@each_case
def test_operands_are_left_alone(case: Case) -> None:
    operands, tangents = case.drawn(), _directions(case, 1)
    linear = Linearised(case.op, operands, case.attributes)
    g = _cotangent(linear)
    for array in (*operands, *tangents, g):
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    linear.vjp_tangents(g, tangents)


# Elementwise ones, whose second partials have tests of their own ----------------------

SHAPES: list[tuple[str, tuple[tuple[int, ...], ...]]] = [
    *((name, ((3,),)) for name in ("exp", "sqrt", "tanh", "neg", "elu")),
    *(
        (name, shapes)
        for name in ("mul", "div", "pow", "hypot", "atan2", "logaddexp", "sub", "maximum")
        for shapes in (((2, 3), (3,)), ((), (2, 1)), ((2, 1), (1, 3)))
    ),
    ("add", ((2, 3), (3,))),
    ("where", ((2, 1), (3,), ())),
]


@pytest.mark.parametrize("name, shapes", SHAPES)
def test_elementwise_operations_bend_in_the_shape_of_the_operand(name: str, shapes: Any) -> None:
    rng, h = np.random.default_rng(4), 1e-4
    operands = [rng.uniform(0.3, 0.9, size=shape) for shape in shapes]
    tangents = [rng.normal(size=shape) for shape in shapes]
    linear = Linearised(name, operands)
    g = _cotangent(linear)
    sent = {
        k: Linearised(name, [x + k * h * t for x, t in zip(operands, tangents, strict=True)]).vjp(g)
        for k in (-2, -1, 1, 2)
    }
    for index, found in enumerate(linear.vjp_tangents(g, tangents)):
        if sent[1][index] is None:
            continue
        ahead, behind, far, back = (sent[k][index] for k in (1, -1, 2, -2))
        expected = (8 * (ahead - behind) - (far - back)) / (12 * h)
        assert found is None or np.shape(found) == shapes[index]
        found = np.zeros(shapes[index]) if found is None else found
        np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


@table("name", sorted(elementwise.TABLE))
def test_a_formula_that_does_not_bend_has_a_constant_partial(name: str) -> None:
    row = elementwise.TABLE[name]
    rng, count = np.random.default_rng(6), len(row.operands)
    operands, tangents = rng.uniform(0.2, 0.8, (count, 9)), rng.normal(size=(count, 9))
    here, near = (Linearised(name, list(operands + h * tangents)) for h in (0, 1e-7))
    g = _cotangent(here)
    moved = here.vjp_tangents(g, list(tangents))
    for sent, again, bent in zip(here.vjp(g), near.vjp(g), moved, strict=True):
        if bent is None and sent is not None:
            np.testing.assert_array_equal(sent, again)


# Hessians element by element ----------------------------------------------------------


def hessian(name: str, x: Any, attributes: dict[str, Any] | None = None) -> np.ndarray:
    """Of the sum of an operation's results, by its only operand: a row for each element."""
    x = np.array(x, dtype=float)
    linear = Linearised(name, [x], attributes)
    g = np.ones(np.shape(linear.value))
    columns = []
    for place in np.ndindex(x.shape):
        direction = np.zeros(x.shape)
        direction[place] = 1
        (moved,) = linear.vjp_tangents(g, [direction])
        columns.append(np.ravel(np.zeros(x.shape) if moved is None else moved))
    return np.array(columns).reshape(x.size, x.size).T


@pytest.mark.parametrize(
    "x",
    [
        [2, 3, 5, 7],
        [2, 0, 5, 7],
        [2, 0, 0, 7],
        [0, 0, 0, 7],
        [0, 0],
        [3],
        [-1, 2, 0, 4, 0.5, -3, 2],
        [1e-200, 1e-200, 3],
        [1e200, 1e200, 1e-200],
    ],
)
def test_prod_bends_by_the_product_of_the_elements_that_are_left(x: list[float]) -> None:
    places = range(len(x))
    expected = [
        [0 if i == j else math.prod(x[k] for k in places if k not in (i, j)) for j in places]
        for i in places
    ]
    np.testing.assert_allclose(hessian("prod", x), expected, rtol=1e-14)


def test_prod_bends_by_what_is_finite_beside_an_infinity() -> None:
    found = hessian("prod", [math.inf, 2, 3])
    np.testing.assert_array_equal(found, [[0, 3, 2], [3, 0, math.inf], [2, math.inf, 0]])


def _leibniz(a: np.ndarray) -> np.ndarray:
    """Second partials of a determinant, from the sum over all permutations."""
    n = len(a)
    result = np.zeros((n, n, n, n))
    for columns in itertools.permutations(range(n)):
        sign = round(float(np.linalg.det(np.eye(n)[list(columns)])))
        for i, k in itertools.permutations(range(n), 2):
            rest = math.prod(a[row, columns[row]] for row in range(n) if row not in (i, k))
            result[i, columns[i], k, columns[k]] += sign * rest
    return result.reshape(n * n, n * n)


RANDOM = np.random.default_rng(11).normal(size=(4, 4))
DETERMINANTS = {
    "1x1": np.array([[3.0]]),
    "2x2": RANDOM[:2, :2],
    "4x4": RANDOM,
    "rank 3 of 4": RANDOM[:, :3] @ RANDOM[:3],
    "rank 2 of 4": RANDOM[:, :2] @ RANDOM[:2],
    "rank 1 of 4": np.outer(RANDOM[0], RANDOM[1]),
    "zero": np.zeros((3, 3)),
    "zero row": np.array([[1.0, 2, 3], [0, 0, 0], [4, 5, 7]]),
    "zero row and column": np.array([[1.0, 0, 3], [0, 0, 0], [4, 0, 7]]),
    "nearly singular": np.array([[1.0, 2], [2, 4 + 1e-12]]),
    "reflection": np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, 1]]),
}


@pytest.mark.parametrize("name", DETERMINANTS)
def test_det_bends_by_its_leibniz_expansion(name: str) -> None:
    a = DETERMINANTS[name]
    np.testing.assert_allclose(hessian("det", a), _leibniz(a), rtol=1e-12, atol=1e-13)


def test_det_bends_whatever_the_sizes_of_rows_and_columns() -> None:
    rows, columns = np.array([1e40, 1e-40, 1.0]), np.array([1e-50, 1.0, 1e50])
    sizes = np.outer(rows, columns).ravel()
    scaled = RANDOM[:3, :3] * np.outer(rows, columns)
    # the sizes of all rows and columns have the product 1: a second partial lacks two of each
    error = np.abs(hessian("det", scaled) - _leibniz(scaled)) * np.outer(sizes, sizes)
    assert error.max() < 1e-13


def _exactly(function: Callable[..., Any], x: list[float]) -> list[list[float]]:
    """The Hessian of a function of several numbers by mpmath, at 80 digits and more."""
    with mpmath.workdps(1000 if max(map(abs, x)) > 1e3 else 200):
        at = [mpmath.mpf(each) for each in x]
        h = mpmath.mpf(10) ** -60 * max(1, *map(abs, at))

        def moved(*steps: tuple[int, int]) -> Any:
            point = list(at)
            for index, sign in steps:
                point[index] += sign * h
            return function(*point)

        return [
            [
                float(
                    sum(s * t * moved((i, s), (j, t)) for s in (1, -1) for t in (1, -1))
                    / (4 * h * h)
                )
                for j in range(len(x))
            ]
            for i in range(len(x))
        ]


def _mp_logsumexp(*x: Any) -> Any:
    return mpmath.log(sum(map(mpmath.exp, x)))


def _mp_norm(*x: Any) -> Any:
    return mpmath.sqrt(sum(each * each for each in x))


def _mp_std(*x: Any) -> Any:
    mean = sum(x) / len(x)
    return mpmath.sqrt(sum((each - mean) ** 2 for each in x) / len(x))


TAILS: tuple[tuple[str, Callable[..., Any], list[float]], ...] = (
    ("logsumexp", _mp_logsumexp, [1000, -1000]),
    ("logsumexp", _mp_logsumexp, [0, -40]),
    ("logsumexp", _mp_logsumexp, [-40, 0, -41]),
    ("logsumexp", _mp_logsumexp, [1000, 1000.5, 999]),
    ("logsumexp", _mp_logsumexp, [-1000, -1001]),
    ("norm", _mp_norm, [3, 4]),
    ("norm", _mp_norm, [1, 1e-10]),
    ("norm", _mp_norm, [1e-10, 1, 2e-12]),
    ("norm", _mp_norm, [3e300, 4e300]),
    ("norm", _mp_norm, [-7]),
    ("std", _mp_std, [1, 2, 4]),
    ("std", _mp_std, [1e6, 1e6 + 1, 1e6 + 3]),
    ("std", _mp_std, [3e150, 4e150, 5e150]),
)


@pytest.mark.parametrize("name, function, x", TAILS)
def test_tails_keep_their_digits(name: str, function: Callable[..., Any], x: list[float]) -> None:
    expected = np.array(_exactly(function, x))
    smallest = 1e-15 * np.abs(expected).max() if name == "std" else 1e-300
    np.testing.assert_allclose(hessian(name, x), expected, rtol=1e-11, atol=smallest)


def test_a_tiny_norm_bends_by_its_reciprocal() -> None:
    found = hessian("norm", [3e-300, 4e-300])
    expected = np.array([[0.64, -0.48], [-0.48, 0.36]]) / 5e-300
    np.testing.assert_allclose(found, expected, rtol=1e-13)


@pytest.mark.parametrize("name", ["norm", "std", "var"])
@pytest.mark.parametrize("x", [[0, 0], [2, 2, 2], 7])
def test_where_norm_and_std_are_0_nothing_bends(name: str, x: Any) -> None:
    if name == "norm":
        x = 0 * np.array(x)
    expected = np.zeros((np.size(x), np.size(x)))
    if name == "var":
        expected = 2 * (np.eye(np.size(x)) - 1 / np.size(x)) / np.size(x)
    np.testing.assert_allclose(hessian(name, x), expected, rtol=1e-15, atol=1e-16)


@pytest.mark.parametrize("name", ["max", "min"])
@pytest.mark.parametrize("x", [[3, 1, 3], [1, 1, 1], [1, 2, 3]])
def test_max_and_min_do_not_bend(name: str, x: list[float]) -> None:
    assert not hessian(name, x).any()


@pytest.mark.parametrize(
    "x, chosen", [([1000, -1000], 0), ([1000, -1000], 1), ([0, -40], 0), ([0.5, -1, 2], 1)]
)
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "cross_entropy"])
def test_one_entry_of_a_softmax(name: str, x: list[float], chosen: int) -> None:
    """softmax(x)[chosen], log(softmax(x))[chosen], and minus that."""

    def chance(*x: Any) -> Any:
        return mpmath.exp(x[chosen]) / sum(map(mpmath.exp, x))

    functions: dict[str, Callable[..., Any]] = {
        "softmax": chance,
        "log_softmax": lambda *x: mpmath.log(chance(*x)),
        "cross_entropy": lambda *x: -mpmath.log(chance(*x)),
    }
    operands: list[Any] = [np.array(x, dtype=float)]
    if name == "cross_entropy":
        operands.append(np.float64(chosen))
    linear = Linearised(name, operands)
    g = np.float64(1) if name == "cross_entropy" else np.eye(len(x))[chosen]
    found = [linear.vjp_tangents(g, [t, None][: len(operands)])[0] for t in np.eye(len(x))]
    # with 1000 digits exp(-2000) is seen beside 1
    expected = _exactly(functions[name], [float(each) for each in x])
    np.testing.assert_allclose(np.transpose(found), expected, rtol=1e-12, atol=1e-300)


def test_the_tangent_of_log_softmax_keeps_the_digits_of_what_is_nearly_1() -> None:
    linear = Linearised("log_softmax", [np.array([0.0, -40.0])])
    small = 4.248354255291589e-18
    np.testing.assert_allclose(linear.jvp(np.array([1.0, 0.0])), [small, -1], rtol=1e-13)


@pytest.mark.parametrize(
    "name, shape, attributes",
    [
        ("prod", (0,), {}),
        ("prod", (2, 0), {"axis": 1}),
        ("norm", (0, 3), {"axis": 0}),
        ("var", (0,), {}),
        ("std", (0,), {}),
        ("logsumexp", (0, 3), {"axis": 1}),
        ("softmax", (0, 3), {}),
        ("det", (0, 0), {}),
        ("det", (0, 2, 2), {}),
        ("logdet", (0, 0), {}),
        ("inv", (0, 2, 2), {}),
        ("cholesky", (0, 0), {}),
    ],
)
def test_nothing_bends_to_nothing(name: str, shape: Any, attributes: dict[str, Any]) -> None:
    linear = Linearised(name, [np.zeros(shape)], attributes)
    (moved,) = linear.vjp_tangents(np.ones(np.shape(linear.value)), [np.zeros(shape)])
    assert moved is not None
    assert np.shape(moved) == shape


# Singular matrices --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["inv", "logdet", "cholesky"])
def test_without_an_inverse_or_a_factor_there_is_no_second_derivative(name: str) -> None:
    linear = Linearised(name, [-np.ones((2, 2))])
    g = np.ones(np.shape(linear.value))
    (moved,) = linear.vjp_tangents(g, [np.array([[1.0, 2], [3, 5]])])
    assert np.isnan(moved).all()


@pytest.mark.parametrize("name", ["det", "logdet", "inv", "solve", "cholesky"])
def test_a_stack_is_its_matrices_one_by_one(name: str) -> None:
    rng = np.random.default_rng(3)
    stack = rng.normal(size=(3, 2, 2)) / 4 + 2 * np.eye(2)
    more = [rng.normal(size=(3, 2, 2))] if name == "solve" else []
    whole = Linearised(name, [stack, *more])
    g = rng.normal(size=np.shape(whole.value))
    tangents = [rng.normal(size=np.shape(each)) for each in (stack, *more)]
    found = whole.vjp_tangents(g, tangents)
    for place in range(3):
        alone = Linearised(name, [stack[place], *(each[place] for each in more)])
        expected = alone.vjp_tangents(g[place], [t[place] for t in tangents])
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one[place], other, rtol=1e-12, atol=1e-14)
