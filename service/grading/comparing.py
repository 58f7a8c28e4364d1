"""One claimed number or tensor against the truth, entry by entry."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_core import Limits, Number, TensorError, tensor
from service.grading.model import ItemVerdict, Tolerance

# The rounding error that the truth, and what it is compared with, may have, in its shape.
Bound = Callable[[], Number]
_LONGEST_ECHO = 1000


@dataclass(frozen=True)
class Comparison:
    """The verdict on a number or a tensor. credit: the share of its entries that are right."""

    verdict: ItemVerdict
    credit: float
    reason: str | None = None


RIGHT = Comparison("correct", 1.0)
WRONG = Comparison("incorrect", 0.0)
UNDEFINED = Comparison("ungradable", 0.0, "the reference is undefined here: its result is NaN")
UNSETTLED = Comparison(
    "undetermined", 0.0, "rounding alone could make the difference: the computation cancels here"
)


def read(written: Any, limits: Limits) -> tuple[Number | None, str]:
    """A number or a tensor as JSON has it; or None, and what is wrong with it."""
    if type(written) is float:
        return written, ""
    if written is None:
        return None, "nothing was claimed here"
    try:
        return tensor(written, limits), ""
    except TensorError as error:
        return None, error.faults[0].detail


def echo(written: Any) -> Any:
    """What can be repeated of a claim that could not be read."""
    if isinstance(written, str):
        return written[:_LONGEST_ECHO]
    return written if written is None or isinstance(written, bool | int | float) else None


def compare(claimed: Number, truth: Number, tolerance: Tolerance, bound: Bound) -> Comparison:
    """Whether a claim is within atol + rtol*|truth| of the truth, or else whether rounding could
    make the difference: `bound` is asked only then.

    An infinity is right where the truth is the same one, NaN where the truth is NaN.
    """
    if type(claimed) is float and type(truth) is float:
        return _compare_numbers(claimed, truth, tolerance, bound)
    mine, true = np.asarray(claimed), np.asarray(truth)
    if mine.shape != true.shape:
        return Comparison("incorrect", 0.0, shapes_differ(mine.shape, true.shape))
    right = agree(mine, true, tolerance)
    if right.all():
        return RIGHT
    if (np.isnan(true) & ~right).any():
        return UNDEFINED
    with np.errstate(all="ignore"):
        if (~right & (np.abs(mine - true) <= bound())).any():
            return UNSETTLED
    return _partly(right)


def agree(claimed: Any, truth: Any, tolerance: Tolerance) -> Any:
    """Entry by entry, whether a claim is the truth within the tolerance."""
    with np.errstate(all="ignore"):
        near = tolerance.allows(claimed, truth)
    same = (claimed == truth) | (np.isnan(claimed) & np.isnan(truth))
    return (near & np.isfinite(truth)) | same


def _compare_numbers(
    claimed: float, truth: float, tolerance: Tolerance, bound: Bound
) -> Comparison:
    if claimed == truth:
        return RIGHT
    if math.isnan(truth):
        return RIGHT if math.isnan(claimed) else UNDEFINED
    if math.isinf(truth):
        return WRONG
    if tolerance.allows(claimed, truth):
        return RIGHT
    return UNSETTLED if abs(claimed - truth) <= bound() else WRONG


def _partly(right: Any) -> Comparison:
    """The verdict on a tensor that is not all right."""
    count = int(right.sum())
    if not count:
        return WRONG
    first = [int(axis) for axis in np.unravel_index(int(np.argmin(right)), right.shape)]
    reason = f"{count} of {right.size} entries are right; the first that is not is at {first}"
    return Comparison("partially_correct", count / right.size, reason)


def shapes_differ(claimed: tuple[int, ...], truth: tuple[int, ...]) -> str:
    """What is said of a claim of another shape."""

    def words(shape: tuple[int, ...]) -> str:
        return f"a tensor of shape {list(shape)}" if shape else "a number"

    return f"this is {words(claimed)}, and {words(truth)} was asked for"
