"""What a row for an operation on whole arrays holds: its rules, as functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from autograd_core.operations.operation import Attributes, Operation
from autograd_core.operations.rounded import UNIT
from autograd_core.tensors import Array, Shape, size_for_limits

Operands = Sequence[Array]
Tangents = Sequence[Array | None]
ShapeRule = Callable[[Sequence[Shape], Attributes], Shape]
ValueRule = Callable[[Operands, Attributes], Array]
VjpRule = Callable[[int, Array, Operands, Array, Attributes], Array]
JvpRule = Callable[[Tangents, Operands, Array, Attributes], Array]
VjpTangentRule = Callable[[int, Array, Tangents, Operands, Array, Attributes], Array | None]
SplitRule = Callable[[Array, Operands, Attributes], Sequence[Array]]
CountRule = Callable[[Sequence[Shape], Shape, Attributes], int]
# How many roundings are on the way to an element of a value, or of the vjp along an operand.
RoundingsRule = Callable[[Operands, Array, Attributes], int]
VjpRoundingsRule = Callable[[int, Operands, Array, Attributes], int]
ErrorRule = Callable[[Operands, Array, Attributes], Array | float]
VjpErrorRule = Callable[[int, Array, Operands, Array, Array, Attributes], Array | float]


class Stack(NamedTuple):
    """How an operation is done to many at once, along a new first axis.

    attributes: that do so. shapes, shape: of each operand and of the result, before which that axis
    goes: their own, or with axes of length 1 where without them the others would not be aligned.
    """

    attributes: Attributes
    shapes: Sequence[Shape]
    shape: Shape


# Of how many, and of the shapes of operands and result; None where it cannot be said.
StackRule = Callable[[int, Sequence[Shape], Shape, Attributes], Stack | None]


def size(shape: Shape) -> int:
    """Elements of an array of this shape, as an exact integer."""
    return math.prod(shape)


def elements_touched(shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> int:
    """The cost of most operations: every element read or written once."""
    return max(map(size_for_limits, {shape, *shapes}))


@dataclass(frozen=True, kw_only=True)
class ArrayOperation(Operation):
    """Rules of one operation on arrays.

    value(operands, attributes) -> result
    vjp(index, cotangent, operands, result, attributes) -> cotangent of operand `index`
    jvp(tangents, operands, result, attributes) -> tangent of the result
    vjp_tangent(index, cotangent, tangents, operands, result, attributes) -> what the vjp along
    `index` changes by as the operands move; no rule: the operation is linear in each operand
    and in all of them together (or is so piece by piece), and nothing changes.
    value_error(operands, result, attributes) -> bound of the rounding error of the result, in its
    shape or one that broadcasts to it; vjp_error(index, cotangent, operands, result, error,
    attributes) -> the same of the vjp, the result's error given, operands and cotangent exact. 0.0:
    nothing is rounded; no rule: nothing is known.
    roundings(operands, result, attributes), vjp_roundings(index, operands, result, attributes) ->
    in place of these, for sums of products: how many roundings are on the way to an element. Such a
    sum is off by at most their number, times half an ulp, times the same sum of absolute values, in
    whatever order it is added up (N. Higham, "Accuracy and Stability of Numerical Algorithms",
    section 3.1, to first order).
    An operand listed in `constant_operands` has no derivative (class labels).
    split(cotangent, operands, attributes) -> the cotangents of all operands at once, for rows of
    many operands whose vjp would have to look at all of them for each.
    stack(count, shapes, shape, attributes) -> how the rules take many tangents or cotangents at
    once; no rule: one after another. repeats: which operands then have as many places along the
    first axis, and not a single one against which the rules broadcast: all, and the result with
    them; only the one whose cotangent is asked for (own); or none.
    """

    shape_rule: ShapeRule
    value_rule: ValueRule
    vjp_rule: VjpRule
    jvp_rule: JvpRule
    vjp_tangent_rule: VjpTangentRule | None = None
    cost_rule: CountRule = elements_touched
    workspace_rule: CountRule | None = None
    constant_operands: tuple[int, ...] = ()
    split_rule: SplitRule | None = None
    stack_rule: StackRule | None = None
    repeats: Literal["all", "own", "none"] = "all"
    value_error_rule: ErrorRule | None = None
    vjp_error_rule: VjpErrorRule | None = None
    roundings_rule: RoundingsRule | None = None
    vjp_roundings_rule: VjpRoundingsRule | None = None

    def shape(self, shapes: Sequence[Shape], attributes: Attributes) -> Shape:
        return self.shape_rule(shapes, attributes)

    def cost(self, shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> int:
        return self.cost_rule(shapes, shape, attributes)

    def workspace(self, shapes: Sequence[Shape], shape: Shape, attributes: Attributes) -> int:
        """Elements of the largest array made on the way, the result included."""
        if self.workspace_rule is None:
            return size_for_limits(shape)
        return self.workspace_rule(shapes, shape, attributes)

    def passes(self, index: int) -> bool:
        """Whether anything flows along operand `index` at all."""
        return index not in self.constant_operands

    def value(self, operands: Operands, attributes: Attributes) -> Array:
        return self.value_rule(operands, attributes)

    def vjp(
        self,
        index: int,
        cotangent: Array,
        operands: Operands,
        result: Array,
        attributes: Attributes,
    ) -> Array:
        """Cotangent of operand `index`, in its shape."""
        return self.vjp_rule(index, cotangent, operands, result, attributes)

    def vjps(
        self,
        indices: Iterable[int],
        cotangent: Array,
        operands: Operands,
        result: Array,
        attributes: Attributes,
    ) -> Iterator[tuple[int, Array]]:
        """Cotangents of several operands, each with its index, one after another."""
        if self.split_rule is None:
            return super().vjps(indices, cotangent, operands, result, attributes)
        pieces = self.split_rule(cotangent, operands, attributes)
        return ((index, pieces[index]) for index in indices)

    def jvp(
        self, tangents: Tangents, operands: Operands, result: Array, attributes: Attributes
    ) -> Array:
        """Tangent of the result; None is the tangent of an operand that does not move."""
        return self.jvp_rule(tangents, operands, result, attributes)

    def vjp_tangent(
        self,
        index: int,
        cotangent: Array,
        tangents: Tangents,
        operands: Operands,
        result: Array,
        attributes: Attributes,
    ) -> Array | None:
        """Tangent of the cotangent of operand `index`, in its shape, the result's cotangent held.

        A vjp is linear in the cotangent, so its whole tangent is vjp(tangent of the cotangent)
        and this. tangents: of the operands, None where one does not move. None: no change,
        whatever the numbers.
        """
        if self.vjp_tangent_rule is None:
            return None
        return self.vjp_tangent_rule(index, cotangent, tangents, operands, result, attributes)

    def value_error(
        self, operands: Operands, result: Array, attributes: Attributes
    ) -> Array | float:
        """A bound of the rounding error of the result, which it broadcasts to; 0.0: exact."""
        if self.value_error_rule is not None:
            return self.value_error_rule(operands, result, attributes)
        if self.roundings_rule is None:
            return np.inf
        roundings = self.roundings_rule(operands, result, attributes)
        if roundings <= 0:
            return 0.0
        return roundings * UNIT * self.value(list(map(np.abs, operands)), attributes)

    def vjp_error(
        self,
        index: int,
        cotangent: Array,
        operands: Operands,
        result: Array,
        error: Array | float,
        attributes: Attributes,
    ) -> Array | float:
        """A bound of the rounding error of a vjp; as `value_error`. error: of the result."""
        if self.vjp_error_rule is not None:
            error = np.broadcast_to(error, np.shape(result))
            return self.vjp_error_rule(index, cotangent, operands, result, error, attributes)
        if self.vjp_roundings_rule is None:
            return np.inf
        roundings = self.vjp_roundings_rule(index, operands, result, attributes)
        if roundings <= 0:
            return 0.0
        sizes = [np.abs(operand) for operand in operands]
        sent = self.vjp(index, np.abs(cotangent), sizes, np.abs(result), attributes)
        return roundings * UNIT * sent
