"""How exactly a claimed number was written, and so how exactly a slip has to give it."""

from __future__ import annotations

from typing import Final

import numpy as np

from autograd_core import Array
from service.grading.slips.costs import ROUNDED
from service.grading.slips.slip import Slip

_LARGEST: Final = 1_000


def resolution(claim: Array) -> float:
    """Half a unit of the last decimal that any entry was written with; 0 for large arrays, which
    nobody writes by hand.
    """
    if claim.size > _LARGEST:
        return 0.0
    return 0.5 * 10.0 ** -max(map(decimals, claim.tolist()), default=0)


def decimals(number: float) -> int:
    """How many decimals the shortest text of a number has; fewer than 0 where it ends in zeros
    before the point only by an exponent, as 3e20 does.
    """
    mantissa, _, exponent = repr(number).partition("e")
    fraction = mantissa.partition(".")[2]
    written = 0 if fraction in {"", "0"} else len(fraction)
    return written - int(exponent or 0)


def significant(number: float) -> int:
    """How many digits the shortest text of a number has, from the first that is not 0."""
    mantissa = repr(abs(number)).partition("e")[0]
    whole, _, fraction = mantissa.partition(".")
    return len((whole + ("" if fraction == "0" else fraction)).lstrip("0"))


def rounded_slip(claim: Array, truth: Array) -> Slip | None:
    """Rounding, or cutting off, to three digits or more; None where a claim is something else.

    Of several entries all have as many decimals as the one with the most.
    """
    if claim.size > _LARGEST:
        return None
    digits = max(map(significant, claim.tolist()), default=0)
    if digits < 3:
        return None
    unit = 2 * resolution(claim)
    with np.errstate(all="ignore"):
        off = (np.abs(truth) - np.abs(claim)) * (1 - 1e-9)
        same_side = (claim * truth > 0) | (claim == 0)
        rounded = (off >= -0.5 * unit) & (off < unit)
    if not np.all(rounded & same_side):
        return None
    return Slip("rounded", "rounded", ROUNDED, digits=digits)
