"""Every operation on arrays, in the shapes and attributes that matter."""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg
import scipy.special

from tests.autograd_core.array_case import Case, Shape, cases
from tests.autograd_core.shaping_cases import SHAPING


def _reduction(op: str, function: Callable[..., Any], *more: tuple[Any, ...]) -> list[Case]:
    """A reduction in its usual combinations; function(x, axis, keepdims)."""
    usual = (
        ((), None, False),
        ((4,), None, False),
        ((3, 4), None, True),
        ((3, 4), 0, False),
        ((3, 4), -1, True),
        ((2, 3, 4), 1, False),
        ((2, 3, 4), [0, -1], False),
        ((2, 3, 4), [2, 1], True),
        ((2, 3, 4), [], False),
        ((1, 1), 0, False),
        ((0, 3), 1, False),
    )
    return [
        Case(
            op,
            (shape,),
            {"axis": axis, "keepdims": keepdims},
            lambda x, axis=axis, keepdims=keepdims: function(
                x, tuple(axis) if isinstance(axis, list) else axis, keepdims
            ),
        )
        for shape, axis, keepdims in usual
    ] + cases(op, *more)


def _numpy(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis, keepdims: function(x, axis=axis, keepdims=keepdims)


def _length(x: Any, axis: Any, keepdims: Any) -> Any:
    return np.sqrt(np.sum(np.abs(x) ** 2, axis=axis, keepdims=keepdims))


def _standard(lost: int) -> Callable[..., Any]:
    return lambda x: np.sqrt(np.sum((x - x.mean(0)) ** 2, axis=0) / (len(x) - lost))


REDUCTIONS = [
    *_reduction("sum", _numpy(np.sum), (((0, 3),), {"axis": 0}, lambda x: np.zeros(3))),
    *_reduction("mean", _numpy(np.mean)),
    *_reduction(
        "prod",
        _numpy(np.prod),
        ((np.array([[2, 0, 3.0], [0, 5, 0]]),), {"axis": 1}, lambda x: np.zeros(2)),
        (((0, 3),), {"axis": 0}, lambda x: np.ones(3)),
    ),
    *_reduction("max", _numpy(np.max)),
    *_reduction("min", _numpy(np.min)),
    *_reduction(
        "var",
        _numpy(np.var),
        (((5, 2),), {"axis": 0, "ddof": 2}, lambda x: np.sum((x - x.mean(0)) ** 2, axis=0) / 3),
    ),
    *_reduction("std", _numpy(np.std), (((5, 2),), {"axis": 0, "ddof": 1}, _standard(1))),
    *_reduction("norm", _length),
    *_reduction("logsumexp", _numpy(scipy.special.logsumexp)),
    *cases(
        "cumsum",
        (((4,),), {}, np.cumsum),
        (((2, 3),), {}, lambda x: np.cumsum(x, axis=0)),
        (((2, 3, 2),), {"axis": -2}, lambda x: np.cumsum(x, axis=1)),
        (((0, 3),), {"axis": 0}, lambda x: x),
    ),
]

SOFTMAXES = [
    case
    for op, function in (
        ("softmax", scipy.special.softmax),
        ("log_softmax", scipy.special.log_softmax),
    )
    for case in cases(
        op,
        (((4,),), {}, function),
        (((3, 4),), {}, lambda x, f=function: f(x, axis=1)),
        (((3, 4),), {"axis": 0}, lambda x, f=function: f(x, axis=0)),
        (((2, 3, 4),), {"axis": [0, 2]}, lambda x, f=function: f(x, axis=(0, 2))),
        (((3, 1),), {}, lambda x, f=function: f(x, axis=1)),
        (((0, 3),), {}, lambda x, f=function: x),
    )
]


def _einsum(equation: str, *shapes: Shape) -> tuple[Any, ...]:
    return shapes, {"equation": equation}, lambda *operands: np.einsum(equation, *operands)


CONTRACTIONS = [
    *cases(
        "matmul",
        *(
            (shapes, {}, np.matmul)
            for shapes in (
                ((3,), (3,)),
                ((3,), (3, 2)),
                ((2, 3), (3,)),
                ((2, 3), (3, 4)),
                ((5, 2, 3), (3, 4)),
                ((2, 3), (5, 3, 4)),
                ((5, 1, 2, 3), (4, 3, 2)),
                ((1, 2, 3), (4, 3, 2)),
                ((3,), (5, 3, 2)),
                ((5, 2, 3), (3,)),
                ((2, 0), (0, 3)),
                ((2, 1), (1, 2)),
            )
        ),
    ),
    *cases(
        "dot",
        *(
            (shapes, {}, np.dot)
            for shapes in (
                ((), (2, 3)),
                ((3,), ()),
                ((3,), (3,)),
                ((2, 3), (3,)),
                ((2, 3), (3, 4)),
                ((2, 4, 3), (3,)),
                ((3,), (5, 3, 2)),
                ((2, 4, 3), (5, 3, 2)),
            )
        ),
    ),
    *cases(
        "outer",
        *((shapes, {}, np.outer) for shapes in (((3,), (4,)), ((), (2,)), ((2, 2), (3,)))),
    ),
    *cases(
        "einsum",
        _einsum("ij,jk->ik", (2, 3), (3, 4)),
        _einsum("ij,jk", (2, 3), (3, 4)),
        _einsum("i,ij,j->", (2,), (2, 3), (3,)),
        _einsum("i,i,i->i", (4,), (4,), (4,)),
        _einsum("ii->", (3, 3)),
        _einsum("ii->i", (3, 3)),
        _einsum("iij,i->j", (2, 2, 3), (2,)),
        _einsum("iii->i", (2, 2, 2)),
        _einsum("ij->ji", (2, 3)),
        _einsum("ij->", (2, 3)),
        _einsum("ij,k->i", (2, 3), (4,)),
        _einsum("i,j->ij", (2,), (3,)),
        _einsum(" b i j , b j k -> b i k ", (2, 3, 2), (2, 2, 3)),
        _einsum("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)),
        _einsum(",i->i", (), (3,)),
        _einsum("...ij,...j->...i", (2, 3, 4), (4,)),
        _einsum("...ij,...jk", (2, 1, 2, 3), (4, 3, 2)),
        _einsum("...i,...i->...", (3, 2), (4, 1, 2)),
        _einsum("i...,i...->i...", (2, 3), (2, 1)),
        _einsum("...,...", (3, 1), (2, 1, 4)),
        _einsum("...ii->...i", (2, 3, 3)),
        _einsum("...->...", (2, 3)),
        _einsum("i...->...", (2, 3)),
        _einsum("b...a", (2, 3, 4)),
        _einsum("...ij->ij", (2, 3)),
        _einsum("ij->...ij", (2, 3)),
        _einsum("i,...,k->k...i", (2,), (3, 2), (2,)),
        _einsum("...a,...a,a->...", (2, 1, 2), (3, 2), (2,)),
        _einsum("ij,j->i", (3, 1), (4,)),
        _einsum("ij,j->ij", (3, 1), (4,)),
        _einsum("ij,jk->ik", (3, 4), (1, 2)),
        _einsum("ij,jk,kl->il", (2, 1), (3, 1), (4, 2)),
        _einsum("ii,i->i", (1, 1), (3,)),
        _einsum("i,i->i", (1,), (1,)),
        _einsum("i,i->", (1,), (3,)),
        _einsum("iij,i->j", (2, 2, 1), (1,)),
        _einsum("...i,i->...i", (2, 1), (3,)),
        _einsum("...ij,...jk->...ik", (1, 2, 1), (3, 4, 2)),
        _einsum("aB,Bc->ac", (2, 3), (3, 2)),
    ),
]


def _classes(x: np.ndarray, y: np.ndarray) -> float:
    """The mean of -log of each row's probability of its class."""
    rows = x.reshape(-1, x.shape[-1])
    chances = np.exp(rows) / np.exp(rows).sum(axis=1, keepdims=True)
    return -float(np.mean([np.log(p[int(c)]) for p, c in zip(chances, y.ravel(), strict=True)]))


def _cross_entropy(x: np.ndarray, y: np.ndarray) -> float:
    chance = 1 / (1 + np.exp(-x))
    return -float(np.mean(y * np.log(chance) + (1 - y) * np.log(1 - chance)))


LOSSES = [
    *cases(
        "mse",
        *(
            (shapes, {}, lambda x, y: np.mean((x - y) ** 2))
            for shapes in (((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)))
        ),
    ),
    *cases(
        "binary_cross_entropy",
        *(
            (shapes, {}, _cross_entropy)
            for shapes in (((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)))
        ),
    ),
    *cases(
        "cross_entropy",
        (((3,), np.array(2)), {}, _classes),
        (((2, 3), np.array([0, 2])), {}, _classes),
        (((2, 2, 3), np.array([[0, 1], [2, 2]])), {}, _classes),
    ),
]


def _determinant(x: np.ndarray) -> Any:
    return np.prod(np.linalg.eigvals(x), axis=-1).real


def _solution(x: np.ndarray, y: np.ndarray) -> Any:
    return np.linalg.inv(x) @ y


def _inverse(x: np.ndarray) -> Any:
    u, s, vh = np.linalg.svd(x)
    return np.swapaxes(vh, -1, -2) @ (np.swapaxes(u, -1, -2) / s[..., None])


def _factor(x: np.ndarray) -> Any:
    """The Cholesky factor, matrix by matrix, of the symmetric part."""
    flat = x.reshape(-1, *x.shape[-2:])
    return np.stack([scipy.linalg.cholesky((m + m.T) / 2, lower=True) for m in flat]).reshape(
        x.shape
    )


_SQUARE: tuple[Shape, ...] = ((1, 1), (3, 3), (2, 2, 2), (2, 1, 3, 3))
LINEAR_ALGEBRA = [
    *cases("det", *(((shape,), {}, _determinant) for shape in _SQUARE)),
    *cases(
        "logdet",
        *(((shape,), {}, lambda x: np.log(_determinant(x))) for shape in _SQUARE),
        kind="invertible",
    ),
    *cases("inv", *(((shape,), {}, _inverse) for shape in _SQUARE), kind="invertible"),
    *cases(
        "solve",
        *(
            (shapes, {}, _solution)
            for shapes in (
                ((3, 3), (3,)),
                ((3, 3), (3, 2)),
                ((2, 3, 3), (3,)),
                ((2, 3, 3), (3, 2)),
                ((3, 3), (2, 3, 1)),
                ((2, 1, 3, 3), (4, 3, 2)),
            )
        ),
        kind="invertible",
    ),
    *cases("cholesky", *(((shape,), {}, _factor) for shape in _SQUARE), kind="positive"),
]

CASES: tuple[Case, ...] = (
    *SHAPING,
    *REDUCTIONS,
    *SOFTMAXES,
    *CONTRACTIONS,
    *LOSSES,
    *LINEAR_ALGEBRA,
)
