"""Rules of operations along many directions at once.

Tangents and cotangents that move have a leading axis, with a place for each direction, before the
axes that they have along one; operands, results, and cotangents that are held have not. What NumPy
does once for an array of all directions it would otherwise begin anew for each, and what depends
on the operands alone is computed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from autograd_core.operations import Primitive
from autograd_core.operations.array_row import ArrayOperation, Operands, Stack, Tangents
from autograd_core.operations.elementwise_row import Elementwise
from autograd_core.operations.operation import Attributes
from autograd_core.tensors import Array, Shape


class Rules(Protocol):
    """What sweeps ask of an operation, along one direction or many."""

    def jvp(
        self, tangents: Tangents, operands: Operands, result: Array, attributes: Attributes
    ) -> Array:
        """Tangents of the result; None is the tangent of an operand that does not move."""

    def vjps(
        self,
        indices: Sequence[int],
        cotangent: Array,
        operands: Operands,
        result: Array,
        attributes: Attributes,
    ) -> Iterable[tuple[int, Array]]:
        """Cotangents of several operands, each with its index, one after another."""

    def vjp_tangent(
        self,
        index: int,
        cotangent: Array,
        tangents: Tangents,
        operands: Operands,
        result: Array,
        attributes: Attributes,
    ) -> Array | None:
        """Tangents of the cotangent of operand `index`, the result's held; None: no change."""


def along(operation: Primitive, count: int | None) -> Rules:
    """The rules of an operation along so many directions; None: along one, without an axis."""
    if count is None:
        return operation
    if isinstance(operation, Elementwise):
        return _ByFormulas(operation, count)
    if operation.stack_rule is None:
        return _OneByOne(operation, count)
    return _InStacks(operation, count)


@dataclass(frozen=True)
class _ByFormulas:
    """Partials are numbers for each element, and broadcast against any number of directions."""

    operation: Elementwise
    count: int

    def jvp(
        self, tangents: Tangents, operands: Operands, result: Array, attributes: Attributes
    ) -> Array:
        moving = self._padded(tangents, np.ndim(result))
        return self.operation.jvp(moving, operands, result, attributes)

    def vjps(
        self,
        indices: Sequence[int],
        cotangent: Array,
        operands: Operands,
        result: Array,
        attributes: Attributes,
    ) -> Iterator[tuple[int, Array]]:
        for index in indices:
            shape = self._shape(np.shape(operands[index]), np.ndim(result))
            vjp = self.operation.vjp
            sent = vjp(index, cotangent, operands, result, attributes, shape)
            yield index, _reshaped(sent, (self.count, *np.shape(operands[index])))

    def vjp_tangent(
        self,
        index: int,
        cotangent: Array,
        tangents: Tangents,
        operands: Operands,
        result: Array,
        attributes: Attributes,
    ) -> Array | None:
        shape = self._shape(np.shape(operands[index]), np.ndim(result))
        moving = self._padded(tangents, np.ndim(result))
        vjp_tangent = self.operation.vjp_tangent
        sent = vjp_tangent(index, cotangent, moving, operands, result, attributes, shape)
        if sent is None:
            return None
        return _reshaped(sent, (self.count, *np.shape(operands[index])))

    def _shape(self, shape: Shape, rank: int) -> Shape:
        """The shape of an operand's tangents, with the operand's axes where broadcasting has them
        in a result of this rank.
        """
        return (self.count, *(1,) * (rank - len(shape)), *shape)

    def _padded(self, tangents: Tangents, rank: int) -> Tangents:
        return [
            each if each is None else _reshaped(each, self._shape(np.shape(each)[1:], rank))
            for each in tangents
        ]


@dataclass(frozen=True)
class _OneByOne:
    """One direction after another: of a row that says nothing about more."""

    operation: ArrayOperation
    count: int

    def jvp(
        self, tangents: Tangents, operands: Operands, result: Array, attributes: Attributes
    ) -> Array:
        jvp = self.operation.jvp
        return np.stack([jvp(each, operands, result, attributes) for each in self._each(tangents)])

    def vjps(
        self,
        indices: Sequence[int],
        cotangent: Array,
        operands: Operands,
        result: Array,
        attributes: Attributes,
    ) -> Iterator[tuple[int, Array]]:
        for index in indices:
            vjp = self.operation.vjp
            sent = [vjp(index, each, operands, result, attributes) for each in cotangent]
            yield index, np.stack(sent)

    def vjp_tangent(
        self,
        index: int,
        cotangent: Array,
        tangents: Tangents,
        operands: Operands,
        result: Array,
        attributes: Attributes,
    ) -> Array | None:
        sent = []
        for each in self._each(tangents):
            found = self.operation.vjp_tangent(index, cotangent, each, operands, result, attributes)
            if found is None:  # whatever the numbers, and so along all
                return None
            sent.append(found)
        return np.stack(sent)

    def _each(self, tangents: Tangents) -> Iterator[Tangents]:
        for place in range(self.count):
            yield [each if each is None else each[place] for each in tangents]


class _InStacks(_OneByOne):
    """The operation done to a stack of operands; by its `stack_rule`."""

    def jvp(
        self, tangents: Tangents, operands: Operands, result: Array, attributes: Attributes
    ) -> Array:
        stack = self._stack(operands, result, attributes)
        if stack is None:
            return super().jvp(tangents, operands, result, attributes)
        given, z = self._given(stack, operands, result, None)
        moving = self._moving(stack, tangents)
        found = self.operation.jvp(moving, given, z, stack.attributes)
        return _reshaped(found, (self.count, *np.shape(result)))

    def vjps(
        self,
        indices: Sequence[int],
        cotangent: Array,
        operands: Operands,
        result: Array,
        attributes: Attributes,
    ) -> Iterator[tuple[int, Array]]:
        stack = self._stack(operands, result, attributes)
        if stack is None:
            yield from super().vjps(indices, cotangent, operands, result, attributes)
            return
        g = _reshaped(cotangent, (self.count, *stack.shape))
        one_at_a_time = self.operation.repeats == "own"
        for some in [[index] for index in indices] if one_at_a_time else [indices]:
            given, z = self._given(stack, operands, result, some[0])
            for index, sent in self.operation.vjps(some, g, given, z, stack.attributes):
                yield index, _reshaped(sent, (self.count, *np.shape(operands[index])))

    def vjp_tangent(
        self,
        index: int,
        cotangent: Array,
        tangents: Tangents,
        operands: Operands,
        result: Array,
        attributes: Attributes,
    ) -> Array | None:
        if self.operation.vjp_tangent_rule is None:
            return None
        stack = self._stack(operands, result, attributes)
        if stack is None:
            return super().vjp_tangent(index, cotangent, tangents, operands, result, attributes)
        given, z = self._given(stack, operands, result, index)
        g = self._placed(cotangent, stack.shape, repeated=self.operation.repeats == "all")
        moving = self._moving(stack, tangents)
        sent = self.operation.vjp_tangent(index, g, moving, given, z, stack.attributes)
        return sent if sent is None else _reshaped(sent, (self.count, *np.shape(operands[index])))

    def _stack(self, operands: Operands, result: Array, attributes: Attributes) -> Stack | None:
        rule = self.operation.stack_rule
        shapes = [np.shape(operand) for operand in operands]
        return rule and rule(self.count, shapes, np.shape(result), attributes)

    def _given(
        self, stack: Stack, operands: Operands, result: Array, own: int | None
    ) -> tuple[Operands, Array]:
        """Operands and result with the leading axis; own: whose cotangent is asked for."""
        repeats = self.operation.repeats
        given = [
            self._placed(x, shape, repeated=repeats == "all" or (repeats == "own" and at == own))
            for at, (x, shape) in enumerate(zip(operands, stack.shapes, strict=True))
        ]
        return given, self._placed(result, stack.shape, repeated=repeats == "all")

    def _placed(self, array: Array, shape: Shape, *, repeated: bool) -> Array:
        one = np.reshape(array, (1, *shape))
        return np.broadcast_to(one, (self.count, *shape)) if repeated else one

    def _moving(self, stack: Stack, tangents: Tangents) -> Tangents:
        return [
            each if each is None else _reshaped(each, (self.count, *shape))
            for each, shape in zip(tangents, stack.shapes, strict=True)
        ]


def _reshaped(array: Array, shape: Shape) -> Array:
    return array if np.shape(array) == shape else np.reshape(array, shape)
