"""What a row of formulas is: a value and its partials, compiled for NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from autograd_core.operations.broadcasting import broadcast_shapes, unbroadcast
from autograd_core.operations.formulas import COMPLEX, NUMPY, compiled
from autograd_core.operations.operation import Attributes, Operation
from autograd_core.operations.strong import strong_gate, strong_product
from autograd_core.tensors import Array, Shape

Function = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Elementwise(Operation):
    """A row of formulas. `second` is the upper triangle of second partials, row by row."""

    value_formula: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    gate: bool = False
    operands: tuple[str, ...] = ("x",)

    def shape(self, shapes: Sequence[Shape], attributes: Attributes) -> Shape:
        return broadcast_shapes(self.name, shapes)

    def cost(self, shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> int:
        return int(np.prod(shape, dtype=object)) * max(1, len(shapes) - 1)

    def value(self, operands: Sequence[Array], attributes: Attributes) -> Array:
        """The value, elementwise, broadcasting; complex operands have their own vocabulary."""
        if any(np.iscomplexobj(operand) for operand in operands):
            return self._complex_value(*operands, *attributes.values())
        return self._value(*operands, *attributes.values())

    def partial(
        self, index: int, operands: Sequence[Array], result: Array, attributes: Attributes
    ) -> Array:
        """Local partial along operand `index`; broadcasts to the result's shape."""
        return self._guarded(self._first[index], operands, result, attributes)

    def second_partial(
        self,
        row: int,
        column: int,
        operands: Sequence[Array],
        result: Array,
        attributes: Attributes,
    ) -> Array:
        """Second local partial along operands `row` and `column`."""
        row, column = min(row, column), max(row, column)
        count = len(self.operands)
        place = row * count - row * (row - 1) // 2 + column - row
        return self._guarded(self._second[place], operands, result, attributes)

    def passes(self, index: int) -> bool:
        """Whether anything flows along operand `index` at all."""
        return self.first[index] != "0"

    def bends(self, row: int, column: int) -> bool:
        """Whether the second partial along two operands is anything but 0."""
        row, column = min(row, column), max(row, column)
        place = row * len(self.operands) - row * (row - 1) // 2 + column - row
        return self.second[place] != "0"

    def vjp(
        self,
        index: int,
        cotangent: Array,
        operands: Sequence[Array],
        result: Array,
        attributes: Attributes,
    ) -> Array:
        """Cotangent of operand `index`, in its shape."""
        partial = self.partial(index, operands, result, attributes)
        return unbroadcast(self.weighted(cotangent, partial), np.shape(operands[index]))

    def jvp(
        self,
        tangents: Sequence[Array | None],
        operands: Sequence[Array],
        result: Array,
        attributes: Attributes,
    ) -> Array:
        """Tangent of the result; None is the tangent of an operand that does not move."""
        total: Array = np.zeros(np.shape(result))
        for index, tangent in enumerate(tangents):
            if tangent is not None and self.passes(index):
                partial = self.partial(index, operands, result, attributes)
                total = total + self.weighted(tangent, partial)
        return total

    def vjp_tangent(
        self,
        index: int,
        cotangent: Array,
        tangents: Sequence[Array | None],
        operands: Sequence[Array],
        result: Array,
        attributes: Attributes,
    ) -> Array | None:
        """Tangent of the cotangent of operand `index`, in its shape, the result's cotangent held.

        It is the cotangent times the tangent of the partial; one that is exactly 0 sends
        nothing, as it does on the tape. None where the partial is constant by its formula, or
        nothing that it depends on moves.
        """
        moved: Array | None = None
        for other, tangent in enumerate(tangents):
            if tangent is not None and self.bends(index, other):
                second = self.second_partial(index, other, operands, result, attributes)
                along = strong_product(tangent, second)
                moved = along if moved is None else moved + along
        if moved is None:
            return None
        return unbroadcast(strong_gate(cotangent, moved), np.shape(operands[index]))

    def weighted(self, moving: Array, partial: Array) -> Array:
        """A cotangent or tangent times a partial, with strong zeros."""
        return strong_gate(moving, partial) if self.gate else strong_product(moving, partial)

    def _guarded(
        self, function: Function, operands: Sequence[Array], result: Array, attributes: Attributes
    ) -> Array:
        partial = function(*operands, result, *attributes.values())
        if self.domain and np.isnan(result).any():
            return np.where(np.isnan(result), np.nan, partial)  # no value, so no derivative
        return partial

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(attribute.name for attribute in self.attributes)

    @cached_property
    def _value(self) -> Function:
        return compiled(self.value_formula, ", ".join((*self.operands, *self._names)), NUMPY)

    @cached_property
    def _complex_value(self) -> Function:
        return compiled(self.value_formula, ", ".join((*self.operands, *self._names)), COMPLEX)

    @cached_property
    def _first(self) -> tuple[Function, ...]:
        return tuple(self._of_result(text) for text in self.first)

    @cached_property
    def _second(self) -> tuple[Function, ...]:
        return tuple(self._of_result(text) for text in self.second)

    def _of_result(self, text: str) -> Function:
        return compiled(text, ", ".join((*self.operands, "z", *self._names)), NUMPY)


@dataclass(frozen=True, kw_only=True)
class Chain(Elementwise):
    """add and mul, of two operands or more; programs chain them two at a time."""

    def value(self, operands: Sequence[Array], attributes: Attributes) -> Array:
        result = operands[0]
        for operand in operands[1:]:
            result = self._value(result, operand)
        return result

    def partial(
        self, index: int, operands: Sequence[Array], result: Array, attributes: Attributes
    ) -> Array:
        if self.name == "add":
            return np.float64(1.0)  # type: ignore[return-value]  # a scalar broadcasts as well
        return self.value([*operands[:index], *operands[index + 1 :]], attributes)

    def second_partial(
        self,
        row: int,
        column: int,
        operands: Sequence[Array],
        result: Array,
        attributes: Attributes,
    ) -> Array:
        if row == column or self.name == "add":
            return np.float64(0.0)  # type: ignore[return-value]  # a scalar broadcasts as well
        others = [operand for at, operand in enumerate(operands) if at not in (row, column)]
        return self.value([np.float64(1.0), *others], attributes)  # type: ignore[list-item]

    def passes(self, index: int) -> bool:
        return True

    def bends(self, row: int, column: int) -> bool:
        return self.name == "mul" and row != column

    def partials(self, operands: Sequence[Array]) -> list[Array]:
        """Local partials of the whole chain along each operand, in linear time."""
        if self.name == "add":
            return [np.ones(np.shape(operand)) for operand in operands]
        before, after = [np.ones(())], [np.ones(())]
        for operand in operands[:-1]:
            before.append(before[-1] * operand)
        for operand in operands[:0:-1]:
            after.append(after[-1] * operand)
        return [left * right for left, right in zip(before, reversed(after), strict=True)]
