"""Bounds of rounding errors in graphs of tensors are at least the errors that mpmath finds."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import pytest

from autograd_core import evaluate, gradient, parse, read_nodes
from tests.tables import table

BITS, STEP = 420, 120
_exp, _log, _log1p, _sqrt, _tanh = (
    np.vectorize(function, otypes=[object])
    for function in (mp.exp, mp.log, mp.log1p, mp.sqrt, mp.tanh)
)
Exact = Any  # an array of mpmath's numbers


def _softmax(x: Exact) -> Exact:
    terms = _exp(x - x.max(axis=-1, keepdims=True))
    return terms / terms.sum(axis=-1, keepdims=True)


def _var(x: Exact) -> Exact:
    deviations = x - x.sum(axis=-1, keepdims=True) / x.shape[-1]
    return (deviations * deviations).sum(axis=-1) / x.shape[-1]


def _matrix(x: Exact) -> Any:
    return mp.matrix(x.tolist())


def _array(matrix: Any) -> Exact:
    return np.array(matrix.tolist(), dtype=object)


def _det(x: Exact) -> Exact:
    return np.array(mp.det(_matrix(x)), dtype=object)


def _solve(x: Exact, y: Exact) -> Exact:
    return _array(_matrix(x) ** -1) @ y


def _cross_entropy(x: Exact, y: Exact) -> Exact:
    chosen = [_softmax(x)[row, int(column)] for row, column in enumerate(y)]
    return -sum(map(mp.log, chosen)) / len(y)


def _cholesky(x: Exact) -> Exact:
    return _array(mp.cholesky(_matrix((x + x.T) / 2)))


# Formula: its numbers come from POINTS, by the kind of operand; and what it is without rounding.
CASES: dict[str, tuple[str, Callable[..., Exact]]] = {
    "sum(x)": ("rows", lambda x: x.sum()),
    "sum(x, axis=0)": ("rows", lambda x: x.sum(axis=0)),
    "mean(x, axis=1)": ("rows", lambda x: x.sum(axis=1) / x.shape[1]),
    "prod(x, axis=1)": ("rows", lambda x: x.prod(axis=1)),
    "max(x, axis=1)": ("rows", lambda x: x.max(axis=1)),
    "cumsum(x, axis=1)": ("rows", lambda x: x.cumsum(axis=1)),
    "var(x, axis=1)": ("rows", _var),
    "std(x, axis=1)": ("rows", lambda x: _sqrt(_var(x))),
    "norm(x, axis=1)": ("rows", lambda x: _sqrt((x * x).sum(axis=1))),
    "logsumexp(x, axis=1)": ("rows", lambda x: _log(_exp(x).sum(axis=1))),
    "softmax(x)": ("rows", _softmax),
    "log_softmax(x)": ("rows", lambda x: _log(_softmax(x))),
    "take(x, indices=[0, 0, 1], axis=1)": ("rows", lambda x: x[:, [0, 0, 1]]),
    "x[0, 1:]": ("rows", lambda x: x[0, 1:]),
    "broadcast_to(mean(x, axis=0), shape=[4, 5])": (
        "rows",
        lambda x: np.broadcast_to(x.sum(axis=0) / x.shape[0], (4, 5)),
    ),
    "concat(x, x)*mean(x)": ("rows", lambda x: np.concatenate([x, x]) * x.sum() / x.size),
    "cross_entropy(x, y)": ("classes", _cross_entropy),
    "x@y": ("product", lambda x, y: x @ y),
    "tanh(x@y + z)": ("layer", lambda x, y, z: _tanh(x @ y + z)),
    'einsum(x, y, equation="ij,jk->k")': ("product", lambda x, y: (x @ y).sum(axis=0)),
    'einsum(x, x, y, equation="ij,ij,jk->ik")': ("product", lambda x, y: (x * x) @ y),
    "det(x)": ("matrix", _det),
    "logdet(x)": ("matrix", lambda x: np.array(mp.log(_det(x).item()), dtype=object)),
    "inv(x)": ("matrix", lambda x: _array(_matrix(x) ** -1)),
    "solve(x, y)": ("system", _solve),
    "cholesky(x)": ("positive", _cholesky),
}


def _rows(source: np.random.Generator) -> list[Any]:
    """Of ordinary size, spread far apart, or close to one another and far from 0."""
    offset, scale = [(0.0, 1.0), (0.0, 12.0), (1e3, 1e-3)][source.integers(3)]
    return [offset + scale * source.normal(size=(3, 5))]


def _square(source: np.random.Generator) -> Any:
    """With a positive determinant, and close to singular now and then."""
    a = source.normal(size=(4, 4))
    u, s, v = np.linalg.svd(a)
    a = u @ np.diag(s * 10.0 ** source.uniform(-3, 0, size=4)) @ v
    return a if np.linalg.det(a) > 0 else a[[1, 0, 2, 3]]


def _positive(source: np.random.Generator) -> Any:
    a = _square(source)
    return a @ a.T + 1e-3 * np.eye(4)


POINTS: dict[str, Callable[[np.random.Generator], list[Any]]] = {
    "rows": _rows,
    "classes": lambda source: [*_rows(source), np.array([0.0, 3.0, 4.0])],
    "product": lambda source: [source.normal(size=(3, 4)), source.normal(size=(4, 2))],
    "layer": lambda source: [source.normal(size=shape) for shape in ((3, 4), (4, 2), (2,))],
    "matrix": lambda source: [_square(source)],
    "system": lambda source: [_square(source), source.normal(size=4)],
    "positive": lambda source: [_positive(source)],
}
RECORDED = json.loads(
    (Path(__file__).parent.parent / "oracles" / "arrays.json").read_text(encoding="utf-8")
)
each_case = table("formula", CASES)
seeds = table("seed", range(3))


def exactly(numbers: Any) -> Exact:
    return np.vectorize(mp.mpf, otypes=[object])(np.asarray(numbers))


def at_least(bound: Any, found: Any, exact: Exact) -> bool:
    """Whether a bound is no smaller than the error, entry by entry."""
    errors = np.asarray(abs(exactly(found) - exact), dtype=float)
    assert np.shape(bound) == np.shape(found)
    return bool(np.all(np.asarray(bound) >= errors))


@each_case
@seeds
def test_the_bound_of_a_value_is_at_least_its_error(formula: str, seed: int) -> None:
    kind, function = CASES[formula]
    numbers = POINTS[kind](np.random.default_rng(seed))
    bindings = dict(zip("xyz", numbers, strict=False))
    result = evaluate(parse(formula), bindings, rounding=True)
    assert result.rounding is not None
    ((name, found),) = result.values.items()
    with mp.workprec(BITS):
        exact = function(*map(exactly, numbers))
        assert at_least(result.rounding[name], found, exact)
    assert np.all(result.rounding[name] < 1e-6 * np.max(np.abs(found)))


@pytest.mark.slow
@each_case
@seeds
def test_the_bound_of_a_gradient_is_at_least_its_error(formula: str, seed: int) -> None:
    kind, function = CASES[formula]
    source = np.random.default_rng(seed)
    numbers = POINTS[kind](source)
    bindings = dict(zip("xyz", numbers, strict=False))
    (result,) = evaluate(parse(formula), bindings).values.values()
    weights = source.normal(size=np.shape(result))
    wrt = ["x"] if kind == "classes" else list(bindings)
    result = gradient(
        parse(f"sum(w*({formula})**2)"), {**bindings, "w": weights}, wrt=wrt, rounding=True
    )
    assert result.rounding is not None

    def value(*operands: Exact) -> Exact:
        return np.sum(exactly(weights) * function(*operands) ** 2)

    with mp.workprec(BITS):
        operands = list(map(exactly, numbers))
        assert at_least(result.rounding.value, result.value, value(*operands))
        for at, name in enumerate(wrt):
            exact = np.empty(np.shape(numbers[at]), dtype=object)
            for index in np.ndindex(exact.shape):
                h = mp.ldexp(1, -STEP)
                sides = []
                for step in (h, -h):
                    moved = operands[at].copy()
                    moved[index] += step
                    sides.append(value(*operands[:at], moved, *operands[at + 1 :]))
                exact[index] = (sides[0] - sides[1]) / (2 * h)
            found, bound = result.gradients[name], result.rounding.gradients[name]
            assert at_least(bound, found, exact)
            assert np.all(bound < 1e-6 * np.max(np.abs(found)))


@pytest.mark.slow
@table("case", RECORDED, ids=lambda case: case["name"])
def test_bounds_have_the_shapes_of_numbers_and_are_known_where_those_are(case: Any) -> None:
    """On programs of every array operation, singular matrices in dead branches included."""
    graph = read_nodes(case["graph"]["nodes"], case["bindings"])
    found = gradient(graph, case["bindings"], output=case.get("output"), rounding=True)
    assert found.rounding is not None
    pairs = [(found.value, found.rounding.value)]
    pairs += [(number, found.rounding.gradients[name]) for name, number in found.gradients.items()]
    for number, bound in pairs:
        assert np.shape(number) == np.shape(bound)
        assert np.array_equal(np.isfinite(number), np.isfinite(bound))
        assert np.all(np.asarray(bound) >= 0)
