"""What an elementwise operation makes of its operands' errors, and what first order leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import numpy as np

from autograd_core.operations import Elementwise
from autograd_core.operations.operation import Attributes
from autograd_core.operations.strong_zeros import strong_product
from autograd_core.tensors import Array

Errors = Mapping[int, Array]
Pairs = Sequence[tuple[int, int]]
# Errors and second orders that are of no account.
_HALF_OF_DIGITS, _SMALL = 1e-8, 1e-4


class Bending:
    """An elementwise operation at its operands.

    errors: how far they are off, by index; those that are exact are left out.
    """

    def __init__(
        self,
        operation: Elementwise,
        operands: Sequence[Array],
        result: Array,
        attributes: Attributes,
        errors: Errors,
    ) -> None:
        self._operation = operation
        self._operands = operands
        self._result = result
        self._attributes = attributes
        self.errors = errors
        self._pairs = [
            (row, column) for row in errors for column in errors if operation.bends(row, column)
        ]

    def carried(self) -> Array | float:
        """What the errors come to in the result, to first order."""
        total: Array | float = 0.0
        for index, error in self.errors.items():
            partial = self._operation.partial(index, self._operands, self._result, self._attributes)
            total = total + strong_product(np.abs(partial), error)
        return total

    def is_coarse(self, own: Array | float) -> bool:
        """Whether more than first order may matter: an operand has lost half of its digits, or the
        second order is of some account. own: the error of the result by its own rounding.
        """
        if not self._pairs:
            return False
        for index, error in self.errors.items():
            if not np.all(error <= _HALF_OF_DIGITS * np.minimum(np.abs(self._operands[index]), 1)):
                return True
        second = self._summed(self._seconds(self._operands, self._result))
        return not np.all(second <= _SMALL * (own + self.carried()))

    def remainder(self) -> tuple[Array | float, Mapping[int, Array | float]]:
        """What is beyond first order: of the result, and of the partial along each operand.

        The second partials are taken at their largest, and where they differ most, as the operands
        move by their errors to either side.
        """
        here = self._seconds(self._operands, self._result)
        largest = {pair: np.abs(second) for pair, second in here.items()}
        change: dict[tuple[int, int], Array] = {pair: np.zeros(()) for pair in here}
        for there in map(self._seconds, *zip(*self._corners(), strict=True)):
            for pair, second in there.items():
                largest[pair] = np.maximum(largest[pair], np.abs(second))
                change[pair] = np.maximum(change[pair], np.abs(second - here[pair]))
        partials: dict[int, Array | float] = {}
        for (row, column), most in change.items():
            partials[row] = partials.get(row, 0.0) + strong_product(most, self.errors[column])
        return self._summed(largest), partials

    def _seconds(self, operands: Sequence[Array], result: Array) -> Mapping[tuple[int, int], Array]:
        return {
            pair: self._operation.second_partial(*pair, operands, result, self._attributes)
            for pair in self._pairs
        }

    def _summed(self, seconds: Mapping[tuple[int, int], Array]) -> Array | float:
        total: Array | float = 0.0
        for (row, column), second in seconds.items():
            area = self.errors[row] * self.errors[column] / 2
            total = total + strong_product(np.abs(second), area)
        return total

    def _corners(self) -> Iterator[tuple[Sequence[Array], Array]]:
        """The operands with each moved by its error, one way or the other; and the result there."""
        for signs in product((-1.0, 1.0), repeat=len(self.errors)):
            moved = dict(zip(self.errors, signs, strict=True))
            operands = [
                operand + moved[index] * self.errors[index] if index in moved else operand
                for index, operand in enumerate(self._operands)
            ]
            yield operands, self._operation.value(operands, self._attributes)
