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

import numpy as np

from autograd_core.limits import look
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


def current_watch() -> Watch:
    """The watch that there is; if there is none, one that nobody looks at."""
    return _watch.get() or Watch()


def note_stopped(stopped: bool) -> None:  # noqa: FBT001 - it is what there is to note
    """Tell the watch, if there is one, whether a zero has stopped something not finite."""
    if stopped and (watch := _watch.get()) is not None:
        watch.stopped = True


def all_finite(array: Array | float) -> bool:
    """Whether no entry is inf or NaN. The sum alone settles it, nearly always."""
    if isinstance(array, float):  # a NumPy scalar is one, and NumPy takes twenty times as long
        return math.isfinite(array)
    return math.isfinite(np.add.reduce(array, axis=None)) or bool(np.isfinite(array).all())


def strong_product(a: Array, b: Array) -> Array:
    """a * b, where a 0 on either side wins over anything on the other."""
    product = a * b
    if all_finite(product):
        return product
    look()
    zero = np.equal(a, 0) | np.equal(b, 0)
    note_stopped(bool((zero & np.isnan(product)).any()))
    return np.where(zero, 0.0, product)
