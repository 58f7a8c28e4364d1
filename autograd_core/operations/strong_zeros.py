"""Strong zeros: what is exactly 0 contributes nothing, whatever it is multiplied with.

Derivatives are sums of products along paths. A factor that is exactly 0 cuts its path: a
cotangent (or, going forward, a tangent) of 0 says that nothing depends on this value, a partial
of 0 that this operation passes nothing on, and then it is of no consequence that another factor
is inf or NaN. 0 * inf is 0 here, not NaN, on either side. It is the "absolute zero"
multiplication of CppAD (`azmul`), and because it is symmetric, sweeps in both directions give
the same matrix. IEEE arithmetic is right wherever everything is finite, so each function tries
that first and looks closer only where its result is not finite.

A zero that was computed, met by something that is not finite, may hide a derivative that is
anything: a `Watch` notes that it has happened, for indeterminate.py to find out where.
"""

from __future__ import annotations

import math
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd_core.tensors import Array


class Watch:
    """Whether a zero has stopped something that was not finite."""

    __slots__ = ("stopped",)

    def __init__(self) -> None:
        self.stopped = False


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


def start_watch() -> Watch:
    """A new watch over the strong products of this thread, until another is started."""
    watch = Watch()
    _watch.set(watch)
    return watch


def note_stopped(stopped: bool) -> None:  # noqa: FBT001 - it is what there is to note
    """Tell the watch, if there is one, whether a zero has stopped something not finite."""
    if stopped and (watch := _watch.get()) is not None:
        watch.stopped = True


def all_finite(array: Array | float) -> bool:
    """Whether no entry is inf or NaN. The sum alone settles it, nearly always."""
    if isinstance(array, float):  # a NumPy scalar is one, and NumPy takes twenty times as long
        return math.isfinite(array)
    return bool(np.isfinite(np.sum(array))) or bool(np.isfinite(array).all())


def strong_product(a: Array, b: Array) -> Array:
    """a * b, where a 0 on either side wins over anything on the other."""
    product = a * b
    if all_finite(product):
        return product
    zero = np.equal(a, 0) | np.equal(b, 0)
    note_stopped(bool((zero & np.isnan(product)).any()))
    return np.where(zero, 0.0, product)


def strong_matmul(a: Array, b: Array) -> Array:
    """a @ b for stacks of matrices, zeros being strong in each of the products."""
    product: Array = np.matmul(a, b)
    if all_finite(product):
        return product
    return strong_einsum("...ij,...jk->...ik", a, b)


def strong_einsum(equation: str, *operands: Array) -> Array:
    """np.einsum in which a term with a factor of 0 is no term, whatever the others are."""
    result: Array = np.einsum(equation, *operands, optimize=len(operands) > 1)
    if all_finite(result):
        return result
    return _by_kinds(equation, operands)


def _by_kinds(equation: str, factors: tuple[Array, ...]) -> Array:
    """The sum of the finite terms, and for the others a count of each kind.

    A term with a 0 is dropped. One with a NaN is NaN; one with an inf is an infinity with the
    product of the signs. Kinds are counted by contracting 0/1 masks, so that no array of all
    terms is ever made.
    """

    def count(*masks: Any) -> Array:
        numbers = [np.asarray(mask, dtype=np.float64) for mask in masks]
        total: Array = np.einsum(equation, *numbers, optimize=len(numbers) > 1)
        return total

    live = [np.not_equal(factor, 0) for factor in factors]
    known = [~np.isnan(factor) for factor in factors]
    finite = [np.isfinite(factor) for factor in factors]
    signs = [np.where(np.isnan(factor), 0.0, np.sign(factor)) for factor in factors]
    without_nan = count(*map(np.logical_and, live, known))
    within_range = count(*map(np.logical_and, live, finite))
    nan, infinite = count(*live) - without_nan, without_nan - within_range
    every = [np.ones(np.shape(factor)) for factor in factors]
    note_stopped(bool(np.any(count(*every) - count(*finite) > nan + infinite)))
    balance = count(*signs) - count(*map(np.multiply, signs, finite))
    upward, downward = infinite + balance > 0, infinite - balance > 0
    total = count(*(np.where(f, x, 0.0) for f, x in zip(finite, factors, strict=True)))
    total = np.where(upward, np.inf, np.where(downward, -np.inf, total))
    return np.where((nan > 0) | (upward & downward), np.nan, total)
