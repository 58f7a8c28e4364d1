"""What a row of formulas is: a value and its partials, compiled for NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from autograd_core.limits import Deadline, watched
from autograd_core.operations import broadcasting
from autograd_core.operations.formulas import COMPLEX, NUMPY, calls_something, compiled, names_in
from autograd_core.operations.operation import Attributes, Operation
from autograd_core.operations.pieces import in_pieces
from autograd_core.operations.rounded_formulas import error_of
from autograd_core.operations.strong_zeros import all_finite, strong_product
from autograd_core.tensors import Array, Shape

Function = Callable[..., Any]
_LARGEST = np.finfo(np.float64).max
# Partials that are constants, with which products are exact.
_FREE = frozenset({"0", "1", "-1"})


@dataclass(frozen=True, kw_only=True)
class Elementwise(Operation):
    """A row of formulas. `second` is the upper triangle of second partials, row by row.

    gate: whether the partials are chosen from constants, so that a 0 is no number that was
    computed. A row of two operands that takes any number of them is a chain: f(f(x, y), ...).

    Two members are for the tape, which has partials along two operands and no more. links: the
    rows, by name, of two operands that this one of three is a chain of. if_constant: the rows
    that say the same for less where the last of two operands is a constant: any number (None),
    or one in particular, which come after it.
    """

    value_formula: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    gate: bool = False
    operands: tuple[str, ...] = ("x",)
    links: tuple[str, ...] = ()
    if_constant: tuple[tuple[float | None, str], ...] = ()

    def shape(self, shapes: Sequence[Shape], attributes: Attributes) -> Shape:
        return broadcasting.broadcast_shapes(self.name, shapes)

    def cost(self, shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> int:
        return math.prod(shape) * max(1, len(shapes) - 1)

    def value(self, operands: Sequence[Array], attributes: Attributes) -> Array:
        """The value, elementwise, broadcasting; complex operands have their own vocabulary."""
        for operand in operands:
            if operand.dtype.kind == "c":
                return self._complex_value(*operands, *attributes.values())
        if len(operands) == 1:
            return self._value(*operands, *attributes.values())
        return broadcasting.computed(self._value, operands, attributes.values())

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
        second = self._second[self.place_of_second(row, column)]
        return self._guarded(second, operands, result, attributes)

    def passes(self, index: int) -> bool:
        """Whether anything flows along operand `index` at all."""
        return self.first[index] != "0"

    def is_nonlinear(self, row: int, column: int) -> bool:
        """Whether the second partial along two operands is anything but 0 by its formula."""
        return self.second[self.place_of_second(row, column)] != "0"

    @cached_property
    def is_piecewise_linear(self) -> bool:
        """Whether it is made of straight pieces that meet in kinks or steps."""
        return not self.analytic and not any(second != "0" for second in self.second)

    def place_of_second(self, row: int, column: int) -> int:
        """Where the second partial along two operands is in `second`."""
        row, column = min(row, column), max(row, column)
        return row * len(self.operands) - row * (row - 1) // 2 + column - row

    @property
    def chained(self) -> bool:
        """Whether it takes any number of operands; programs chain them two at a time."""
        return self.arity[1] is None

    @property
    def formulas(self) -> tuple[str, ...]:
        """All of them: the value, the partials, the second partials."""
        return (self.value_formula, *self.first, *self.second)

    def read_by_partial(self, index: int) -> tuple[int, ...]:
        """The operands that the partial along operand `index` is computed from."""
        names = names_in(self.first[index])
        everything = "z" in names
        return tuple(at for at, name in enumerate(self.operands) if everything or name in names)

    def chain_partials(self, operands: Sequence[Array], attributes: Attributes) -> list[Array]:
        """Local partials of a whole chain along each operand, in linear time.

        Along the last operand of a link it is that link's own, times those of all later links
        along what came before.
        """
        results = [operands[0]]
        deadline = Deadline.current()
        for operand in watched(operands[1:], deadline):
            results.append(self.value([results[-1], operand], attributes))
        partials: list[Array] = []
        after: Array = np.ones(np.shape(results[-1]))
        for link in watched(range(len(operands) - 1, 0, -1), deadline):
            pair, result = [results[link - 1], operands[link]], results[link]
            partials.append(strong_product(after, self.partial(1, pair, result, attributes)))
            after = strong_product(after, self.partial(0, pair, result, attributes))
        return [after, *reversed(partials)]

    def vjp(
        self,
        index: int,
        cotangent: Array,
        operands: Sequence[Array],
        result: Array,
        attributes: Attributes,
        shape: Shape | None = None,
    ) -> Array:
        """Cotangent of operand `index`, in its shape, or in one that broadcasts to the result's."""
        shape = np.shape(operands[index]) if shape is None else shape
        if self._signs[index]:
            return broadcasting.signed_sum(cotangent, self._signs[index], shape)
        partial = self.partial(index, operands, result, attributes)
        sent = broadcasting.sum_of_products(cotangent, partial, shape, (*operands, result))
        if all_finite(sent):  # a sum with a product that is not finite is not finite
            return sent
        partial = self.partial(index, operands, result, attributes)
        return broadcasting.unbroadcast(strong_product(cotangent, partial), shape)

    def jvp(
        self,
        tangents: Sequence[Array | None],
        operands: Sequence[Array],
        result: Array,
        attributes: Attributes,
    ) -> Array:
        """Tangent of the result; None is the tangent of an operand that is held."""
        parts = []
        for index, tangent in enumerate(tangents):
            if tangent is not None and self._signs[index]:
                parts.append(self._signs[index] * tangent)
            elif tangent is not None and self.passes(index):
                partial = self.partial(index, operands, result, attributes)
                parts.append(strong_product(tangent, partial))
        return broadcasting.total_of(parts, np.shape(result))

    def vjp_tangent(
        self,
        index: int,
        cotangent: Array,
        tangents: Sequence[Array | None],
        operands: Sequence[Array],
        result: Array,
        attributes: Attributes,
        shape: Shape | None = None,
    ) -> Array | None:
        """Tangent of the cotangent of operand `index`, the result's held; in a shape as for `vjp`.

        The cotangent times the tangent of the partial; a 0 sends nothing, as on the tape. None
        where the partial is constant by its formula, or everything that it depends on is held.
        """
        total: Array | None = None
        for other, tangent in enumerate(tangents):
            if tangent is not None and self.is_nonlinear(index, other):
                second = self.second_partial(index, other, operands, result, attributes)
                along = strong_product(tangent, second)
                total = along if total is None else total + along
        if total is None:
            return None
        shape = np.shape(operands[index]) if shape is None else shape
        return broadcasting.unbroadcast(strong_product(cotangent, total), shape)

    def value_error(
        self, operands: Sequence[Array], result: Array, attributes: Attributes
    ) -> Array | float:
        """A bound of the rounding error of the result, which it broadcasts to; 0.0: exact.

        An operand that has overflowed may be any number from the largest on.
        """
        error = self._value_error(*attributes.values(), *operands, 0.0)
        if self.gate or all(map(all_finite, operands)):
            return error
        limited = [np.clip(operand, -_LARGEST, _LARGEST) for operand in operands]
        return error + np.abs(result - self.value(limited, attributes))

    def partial_error(
        self,
        index: int,
        operands: Sequence[Array],
        result: Array,
        error: Array | float,
        attributes: Attributes,
    ) -> Array | float:
        """A bound of the rounding error of the partial along operand `index`; as `value_error`.

        error: of the result, which the partial may be computed from. The operands are exact.
        """
        found = self._partial_errors[index](*attributes.values(), *operands, result, error)
        if self.gate or all(map(all_finite, operands)):
            return found
        read = [np.isfinite(operands[at]) for at in self.read_by_partial(index)]
        return np.where(np.logical_and.reduce(np.broadcast_arrays(np.True_, *read)), found, np.inf)

    def is_free(self, index: int) -> bool:
        """Whether a product with the partial along operand `index` is never rounded."""
        return self.first[index] in _FREE or (self.gate and not self.attributes)

    def _guarded(
        self, function: Function, operands: Sequence[Array], result: Array, attributes: Attributes
    ) -> Array:
        partial = function(*operands, result, *attributes.values())
        if self.domain and np.isnan(result).any():
            return np.where(np.isnan(result), np.nan, partial)  # no value, so no derivative
        return partial

    @cached_property
    def _signs(self) -> tuple[float, ...]:
        """For each partial that is 1 or -1 by its formula everywhere, which it is; else 0."""
        known = {} if self.domain else {"1": 1.0, "-1": -1.0}
        return tuple(known.get(text, 0.0) for text in self.first)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(attribute.name for attribute in self.attributes)

    @cached_property
    def _value(self) -> Function:
        value = self._compiled(self.value_formula, self.operands, NUMPY)
        if names_in(self.value_formula).issuperset(self.operands):
            return value

        def broadcast(*given: Any) -> Array:
            shape = np.broadcast_shapes(*map(np.shape, given[: len(self.operands)]))
            return np.broadcast_to(np.float64(value(*given)), shape)[()]

        return broadcast

    @cached_property
    def _complex_value(self) -> Function:
        return self._compiled(self.value_formula, self.operands, COMPLEX)

    @cached_property
    def _first(self) -> tuple[Function, ...]:
        return tuple(self._of_result(text) for text in self.first)

    @cached_property
    def _second(self) -> tuple[Function, ...]:
        return tuple(self._of_result(text) for text in self.second)

    @cached_property
    def _value_error(self) -> Function:
        return self._error(self.value_formula, self.operands)

    @cached_property
    def _partial_errors(self) -> tuple[Function, ...]:
        return tuple(self._error(text, (*self.operands, "z")) for text in self.first)

    def _error(self, text: str, arrays: tuple[str, ...]) -> Function:
        """The error of a formula, of the attributes, the arrays, and the error of the last."""
        function = error_of(text, ", ".join((*self._names, *arrays)))
        return in_pieces(function, range(len(self._names), len(self._names) + len(arrays) + 1))

    def _of_result(self, text: str) -> Function:
        return self._compiled(text, (*self.operands, "z"), NUMPY)

    def _compiled(
        self, text: str, arrays: tuple[str, ...], vocabulary: Mapping[str, Any]
    ) -> Function:
        """A formula as a function of arrays and the attributes.

        One that calls functions may take long, and goes in pieces; arithmetic does not.
        """
        function = compiled(text, ", ".join((*arrays, *self._names)), vocabulary)
        names = names_in(text)
        read = tuple(at for at, name in enumerate(arrays) if name in names)
        return in_pieces(function, read) if read and calls_something(text) else function
