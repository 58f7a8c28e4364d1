"""Every wrong answer that a single slip gives, for authors of questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from autograd_core import Array, Gradient, NonfiniteWarning
from service.grading.model import Number
from service.grading.reference import Reference
from service.grading.slips.matching import says_something
from service.grading.slips.messages import diagnosis
from service.grading.slips.naming import Names
from service.grading.slips.proposals import candidates
from service.grading.slips.sheets import sheet_of
from service.grading.slips.slip import Sheet, Slip
from service.grading.slips.study import Study

MOST: Final = 200  # slips that are listed, the simplest ones
_CANDIDATES: Final = 31
_DIGITS: Final = 8  # to which wrong answers that agree are one
_EACH: Final = frozenset({"sign", "value", "variable"})
_TOGETHER: Final = frozenset({"sign", "factor", "degrees", "twice", "integrated", "inner_value"})


@dataclass(frozen=True)
class MadeSlip:
    """A slip and the wrong gradients that come of it, with which others it agrees here."""

    code: str
    message: str
    node: str | None
    gradients: Mapping[str, Number]
    coincides_with: Sequence[int] = ()


@dataclass(frozen=True)
class AllSlips:
    """The right answer, the wrong ones, and bindings that tell the most of these apart."""

    value: Number
    gradients: Mapping[str, Number]
    slips: Sequence[MadeSlip]
    bindings: Mapping[str, Number]
    warnings: Sequence[NonfiniteWarning] = ()


def all_slips(reference: Reference) -> AllSlips:
    """Of a function and its bindings. Raises what running it raises."""
    right = reference.gradient
    looked = _Looked(reference)
    return AllSlips(
        right.value, right.gradients, looked.listed(), looked.bindings(), right.warnings
    )
