"""Bounds of rounding errors that rows on arrays share: those of sums of products.

A sum of products is off by at most the number of its roundings, times half an ulp, times the same
sum of absolute values, in whatever order it is added up (N. Higham, "Accuracy and Stability of
Numerical Algorithms", section 3.1, to first order). So the rule itself, applied to absolute
values, gives the bound; it has to be increasing in each.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograd_core.operations.array_row import (
    ErrorRule,
    Operands,
    ValueRule,
    VjpErrorRule,
    VjpRule,
)
from autograd_core.operations.operation import Attributes
from autograd_core.operations.rounded import UNIT
from autograd_core.tensors import Array

# How many roundings are on the way to an element of a value, or of the vjp along an operand.
Count = Callable[[Operands, Array, Attributes], int]
VjpCount = Callable[[int, Operands, Array, Attributes], int]


def summed_value(value: ValueRule, count: Count) -> ErrorRule:
    """The error of the value of a sum of products."""

    def error(operands: Operands, z: Array, attributes: Attributes) -> Array | float:
        roundings = count(operands, z, attributes)
        if roundings <= 0:
            return 0.0
        return roundings * UNIT * value(list(map(np.abs, operands)), attributes)

    return error


def summed_vjp(vjp: VjpRule, count: VjpCount) -> VjpErrorRule:
    """The error of a vjp that is a sum of products of the cotangent and the operands."""

    def error(
        i: int, g: Array, operands: Operands, z: Array, error: Array, attributes: Attributes
    ) -> Array | float:
        roundings = count(i, operands, z, attributes)
        if roundings <= 0:
            return 0.0
        sizes = list(map(np.abs, operands))
        return roundings * UNIT * vjp(i, np.abs(g), sizes, np.abs(z), attributes)

    return error
