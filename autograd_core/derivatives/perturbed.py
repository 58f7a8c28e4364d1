"""What an elementwise operation makes of its operands' errors, and what first order leaves out.

First order leaves out a remainder where an error is no longer small: beside the operand, or beside
what the function bends over. And at a kink or a step it says nothing, if the operand may be on its
other side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from autograd_core.operations import Elementwise
from autograd_core.operations.strong_zeros import strong_product
from autograd_core.program import Instruction
from autograd_core.tensors import Array

Pair = tuple[int, int]
# What is left out: of the result, and of the partial along each operand.
Remainder = tuple[Array | float, Mapping[int, Array | float]]
# Errors, and second orders, that are of no account.
_HALF_OF_DIGITS, _SMALL = 1e-8, 1e-4


class Perturbed:
    """An elementwise operation whose operands may be off.

    errors: how far, by index; those that are exact are left out. Operands of one slot move as one.
    """

    def __init__(
        self,
        operation: Elementwise,
        instruction: Instruction,
        values: Sequence[Array],
        errors: Mapping[int, Array],
    ) -> None:
        self._operation = operation
        self._slots = instruction.operands
        self._attributes = instruction.attributes
        self._operands = [values[slot] for slot in instruction.operands]
        self._result = values[instruction.slot]
        self._errors = errors
        pairs = [(row, column) for row in errors for column in errors]
        self._pairs = [pair for pair in pairs if operation.is_nonlinear(*pair)]

    def carried(self) -> Array | float:
        """What the errors come to in the result, to first order."""
        total: Array | float = 0.0
        for index, error in self._errors.items():
            if self._operation.passes(index):
                partial = self._partial(index, self._operands, self._result)
                total = total + strong_product(np.abs(partial), error)
        return total

    def is_exact(self) -> Any:
        """Where the result is exact: made of exact operands, without being rounded."""
        unrounded = is_unrounded(self._operation, self._operands, self._result)
        for error in self._errors.values():
            unrounded = unrounded & np.equal(error, 0)
        return unrounded

    def is_coarse(self, own: Array | float) -> bool:
        """Whether more than first order may matter. own: the result's error by its own rounding."""
        if not self._errors:
            return False
        if self._operation.is_piecewise_linear:
            remainder, partials = self._of_decisions()
            return bool(np.any(remainder)) or any(map(np.any, partials.values()))
        for index, error in self._errors.items():
            small = _HALF_OF_DIGITS * np.minimum(np.abs(self._operands[index]), 1)
            if self._pairs and not np.all(error <= small):
                return True
        second = self._summed(self._seconds(self._operands, self._result))
        return not np.all(second <= _SMALL * (own + self.carried()))

    def remainder(self) -> Remainder:
        """What first order leaves out."""
        if self._operation.is_piecewise_linear:
            return self._of_decisions()
        return self._of_taylor_series()

    def _of_taylor_series(self) -> Remainder:
        """With the second partials at their largest, and where they differ most, as the operands
        move by their errors to either side.
        """
        here = self._seconds(self._operands, self._result)
        largest = {pair: np.abs(second) for pair, second in here.items()}
        change: dict[Pair, Array] = {pair: np.zeros(()) for pair in here}
        for operands, result in self._elsewhere():
            for pair, second in self._seconds(operands, result).items():
                largest[pair] = np.maximum(largest[pair], np.abs(second))
                change[pair] = np.maximum(change[pair], np.abs(second - here[pair]))
        partials: dict[int, Array | float] = {}
        for (row, column), most in change.items():
            partials[row] = partials.get(row, 0.0) + strong_product(most, self._errors[column])
        return self._summed(largest), partials

    def _of_decisions(self) -> Remainder:
        """How far result and partials are from those on the other side, if that can be reached."""
        passing = [k for k in range(len(self._operands)) if self._operation.passes(k)]
        here = {k: self._partial(k, self._operands, self._result) for k in passing}
        change: dict[int, Array] = {k: np.zeros(()) for k in passing}
        jump: Array = np.zeros(())
        for operands, result in self._elsewhere():
            jump = np.maximum(jump, np.abs(result - self._result))
            for k in passing:
                moved = np.abs(self._partial(k, operands, result) - here[k])
                change[k] = np.maximum(change[k], moved)
        if not passing:
            return jump, {}
        crossed = np.logical_or.reduce(
            np.broadcast_arrays(*(np.not_equal(each, 0) for each in change.values()))
        )
        return np.where(crossed, jump, 0.0), change

    def _partial(self, index: int, operands: Sequence[Array], result: Array) -> Array:
        return self._operation.partial(index, operands, result, self._attributes)

    def _seconds(self, operands: Sequence[Array], result: Array) -> Mapping[Pair, Array]:
        return {
            pair: self._operation.second_partial(*pair, operands, result, self._attributes)
            for pair in self._pairs
        }

    def _summed(self, seconds: Mapping[Pair, Array]) -> Array | float:
        total: Array | float = 0.0
        for (row, column), second in seconds.items():
            area = self._errors[row] * self._errors[column] / 2
            total = total + strong_product(np.abs(second), area)
        return total

    def _elsewhere(self) -> Iterator[tuple[Sequence[Array], Array]]:
        """The operands with each at either end of where it may be, and the results there; where
        something is decided, also as close as they come to 0 and to one another.
        """
        options: dict[int, list[Array]] = {}
        for index, error in self._errors.items():
            operand, moves = self._operands[index], np.not_equal(error, 0)
            low = np.where(moves, np.nextafter(operand - error, -np.inf), operand)
            high = np.where(moves, np.nextafter(operand + error, np.inf), operand)
            options[self._slots[index]] = [low, high]
            if self._operation.is_piecewise_linear:
                rivals = [other for k, other in enumerate(self._operands) if k != index]
                places = [np.zeros(()), *rivals]
                options[self._slots[index]] += [np.clip(at, low, high) for at in places]
        for chosen in product(*options.values()):
            moved = dict(zip(options, chosen, strict=True))
            operands = [
                moved.get(slot, operand)
                for slot, operand in zip(self._slots, self._operands, strict=True)
            ]
            yield operands, self._operation.value(operands, self._attributes)


def is_unrounded(operation: Elementwise, operands: Sequence[Array], result: Array) -> Any:
    """Where a sum, a product or a quotient of exact operands is exact.

    By the transformations that give the rounding error itself: the sum by D. E. Knuth, the product
    by T. J. Dekker (T. Ogita, S. M. Rump and S. Oishi, "Accurate sum and dot product" (2005)).
    """
    rule = _ROUNDINGS.get(operation.value_formula)
    return False if rule is None else np.equal(rule(*operands, result), 0)


def _of_sum(x: Array, y: Array, z: Array) -> Array:
    part = z - x
    return (x - (z - part)) + (y - part)


def _of_product(x: Array, y: Array, z: Array) -> Array:
    (high, low), (top, rest) = _split(x), _split(y)
    return low * rest - (((z - high * top) - low * top) - high * rest)


def _split(x: Array) -> tuple[Array, Array]:
    """Two numbers of 26 bits each, which add up to x; NaN where x is too large."""
    scaled = (2.0**27 + 1) * x
    high = scaled - (scaled - x)
    return high, x - high


def _of_quotient(x: Array, y: Array, z: Array) -> Array:
    """What is left of the dividend, and what its product with the divisor was rounded by."""
    found = z * y
    return np.abs(x - found) + np.abs(_of_product(z, y, found))


def _of_power(x: Array, y: Array, z: Array) -> Array:
    """Of a square; nothing is said of other powers."""
    return np.where(np.equal(y, 2), _of_product(x, x, z), np.nan)


_ROUNDINGS: Mapping[str, Callable[..., Array]] = {
    "x + y": _of_sum,
    "x - y": lambda x, y, z: _of_sum(x, -y, z),
    "x*y": _of_product,
    "x*x": lambda x, z: _of_product(x, x, z),
    "x/y": _of_quotient,
    "x**y": _of_power,
}
