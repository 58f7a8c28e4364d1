"""Expressions from expressions, simplified lightly as they are made.

Zeros, ones and constants fold, like terms and like factors come together, signs meet. Nothing is
multiplied out, and what is shared stays shared: a product or a sum of many parts is taken apart
only if it is small. 0 times anything is 0, as everywhere here (strong zeros), and 0/0 of like
factors is taken for 1.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from autograd_core.limits import Deadline, watched
from autograd_core.symbolic.coefficients import (
    MINUS_ONE,
    ONE,
    ZERO,
    Coefficient,
    fraction,
    is_whole,
)
from autograd_core.symbolic.expressions import CONSTANT, PRODUCT, SUM, Expressions

Powers = dict[int, int]
Product = tuple[Coefficient, Powers]
Terms = list[tuple[int, Coefficient]]
# What is taken apart again: so many factors or terms, or more of them that are written shortly.
_FEW: Final = 6
_SHORT: Final = 32
_NESTED: Final = 3
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    name: getattr(operator, name) for name in ("gt", "ge", "lt", "le", "eq", "ne")
}
_CONNECTIVES: Final = frozenset({"logical_and", "logical_or"})
# What is 0 or 1.
_CONDITIONS: Final = frozenset({*_COMPARISONS, *_CONNECTIVES, "logical_not"})


class Simplifier:
    """Makes expressions in `expressions`; each method returns the number of one."""

    def __init__(self, expressions: Expressions) -> None:
        self.expressions = expressions
        self.zero, self.one = expressions.constant(0.0), expressions.constant(1.0)

    # --- products -----------------------------------------------------------------------

    def product(self, *factors: int) -> int:
        """The product of all factors."""
        product: Product = (ONE, {})
        for factor in factors:
            product = self._joined(product, factor)
        return self._product(*product)

    def quotient(self, dividend: int, divisor: int) -> int:
        """dividend/divisor."""
        return self.product(dividend, self.power(divisor, -1))

    def negated(self, operand: int) -> int:
        """-operand."""
        return self.scaled(MINUS_ONE, operand)

    def scaled(self, coefficient: Coefficient, operand: int) -> int:
        """coefficient times operand."""
        own, powers = self._factors(operand)
        scale = coefficient.times(own)
        if scale is None:
            powers = {**powers, self.expressions.constant(own.value): 1}
            scale = coefficient
        return self._product(scale, powers)

    def power(self, base: int, exponent: int) -> int:
        """base to a whole power: that of a product of one factor is that factor's."""
        coefficient, powers = self._factors(base)
        if exponent == 0:
            return self.one
        if exponent == -1 and is_whole(coefficient.numerator) and coefficient.numerator:
            inverse = fraction(coefficient.denominator, coefficient.numerator)
            return self._product(inverse, {each: -n for each, n in powers.items()})
        if coefficient == ONE and len(powers) == 1:
            ((only, own),) = powers.items()
            if is_whole(own * exponent):
                return self._product(ONE, {only: own * exponent})
        return self._product(ONE, {base: exponent})

    def _joined(self, product: tuple[Coefficient, Powers], factor: int) -> Product:
        """A product with one more factor, which is taken apart unless that makes it long."""
        before, powers = product
        coefficient, more = self._factors(factor)
        scale = before.times(coefficient)
        if scale is None:
            more = {**more, self.expressions.constant(coefficient.value): 1}
            scale = before
        joined = _with(powers, more)
        if len(joined) > max(_FEW, len(powers), len(more)) and not self._is_short(joined):
            joined = _with({self._product(ONE, powers): 1}, {self._product(ONE, more): 1})
        return scale, joined

    def _product(self, coefficient: Coefficient, powers: Powers) -> int:
        if not coefficient.numerator:
            return self.zero
        if not powers and coefficient.denominator == 1:
            return self.expressions.constant(coefficient.numerator)
        if coefficient == ONE and len(powers) == 1:
            ((base, exponent),) = powers.items()
            if exponent == 1:
                return base
        if coefficient == MINUS_ONE and list(powers.values()) == [1]:
            return self.expressions.apply("neg", tuple(powers))
        return self.expressions.product(coefficient, powers)

    def _factors(self, number: int, nested: int = _NESTED) -> Product:
        """What an expression is a product of, as far as it is worth while."""
        expressions = self.expressions
        operation, operands = expressions.operations[number], expressions.operands[number]
        if operation == CONSTANT:
            value = expressions.data[number]
            return (Coefficient(value), {}) if math.isfinite(value) else (ONE, {number: 1})
        if operation == PRODUCT:
            coefficient, exponents = expressions.data[number]
            return coefficient, dict(zip(operands, exponents, strict=True))
        if operation in {"add", "sub"} and all(
            expressions.operations[each] == CONSTANT for each in operands
        ):
            return Coefficient(expressions.constants[number] or 0.0), {}
        if nested and operation in _FACTORED and len(operands) <= 2:
            found = self._factors_of(operation, operands, nested - 1)
            if found is not None and (len(found[1]) <= _FEW or self._is_short(found[1])):
                return found
        return ONE, {number: 1}

    def _factors_of(self, operation: str, operands: tuple[int, ...], nested: int) -> Product | None:
        """Of an operation of the function itself, which has been left as it was written."""
        coefficient, powers = self._factors(operands[0], nested)
        if operation == "neg":
            scale = coefficient.times(MINUS_ONE)
            return None if scale is None else (scale, powers)
        if operation == "square":
            return ONE, {operands[0]: 2}
        if operation == "reciprocal":
            return ONE, {operands[0]: -1}
        if operation == "pow":
            exponent = self.expressions.constants[operands[1]]
            if exponent is None or not is_whole(exponent) or not exponent:
                return None
            return ONE, {operands[0]: int(exponent)}
        other, more = self._factors(operands[1], nested)
        if operation == "div":
            if not other.numerator:
                return None
            other = fraction(other.denominator, other.numerator)
            more = {base: -exponent for base, exponent in more.items()}
        scale = coefficient.times(other)
        return None if scale is None else (scale, _with(powers, more))

    def _is_short(self, parts: Iterable[int]) -> bool:
        weights = self.expressions.weights
        total = 0
        for part in parts:
            total += weights[part] + 1
            if total > _SHORT:
                return False
        return True

    # --- sums ---------------------------------------------------------------------------

    def sum(self, *parts: int) -> int:
        """The sum of all parts, their terms in the order in which they come."""
        constant, terms = ZERO, dict[int, Coefficient]()
        for part in watched(parts, Deadline.current()):
            more, found = self._terms(part)
            constant = constant.plus(more)
            for term, coefficient in found:
                before = terms.get(term)
                terms[term] = coefficient if before is None else before.plus(coefficient)
        terms = {term: coefficient for term, coefficient in terms.items() if coefficient.numerator}
        if not terms:
            return self._product(constant, {})
        if len(terms) == 1 and not constant.numerator:
            ((term, coefficient),) = terms.items()
            return self.scaled(coefficient, term)
        return self.expressions.sum(constant, terms)

    def difference(self, left: int, right: int) -> int:
        """left - right."""
        return self.sum(left, self.negated(right))

    def _terms(self, number: int, nested: int = _NESTED) -> tuple[Coefficient, Terms]:
        """What an expression is a sum of, as far as it is worth while."""
        expressions = self.expressions
        operation, operands = expressions.operations[number], expressions.operands[number]
        if operation == SUM and (len(operands) <= _FEW or expressions.weights[number] <= _SHORT):
            constant, coefficients = expressions.data[number]
            return constant, list(zip(operands, coefficients, strict=True))
        small = nested and len(operands) == 2 and expressions.weights[number] <= _SHORT
        if small and operation in {"add", "sub"}:
            constant, terms = self._terms(operands[0], nested - 1)
            more, others = self._terms(operands[1], nested - 1)
            if operation == "sub":
                more = Coefficient(-more.numerator, more.denominator)
                others = [(term, Coefficient(-c.numerator, c.denominator)) for term, c in others]
            return constant.plus(more), terms + others
        coefficient, powers = self._factors(number)
        if not powers:
            return coefficient, []
        term = number if coefficient == ONE else self._product(ONE, powers)
        return ZERO, [(term, coefficient)]

    # --- what chooses -------------------------------------------------------------------

    def where(self, condition: int, chosen: int, other: int) -> int:
        """chosen where the condition is not 0, else other."""
        known = self.expressions.constants[condition]
        if known is not None:
            return chosen if known else other
        if chosen == other:
            return chosen
        condition = self._truth(condition)
        if self.expressions.operations[condition] == "logical_not":
            condition, chosen, other = self.expressions.operands[condition][0], other, chosen
        return self.expressions.apply("where", (condition, chosen, other))

    def _truth(self, condition: int) -> int:
        """A condition without a test for what a condition is anyway: (x > 0) != 0 is x > 0."""
        expressions = self.expressions
        if expressions.operations[condition] == "ne":
            tested, other = expressions.operands[condition]
            if other == self.zero and expressions.operations[tested] in _CONDITIONS:
                return tested
        return condition

    def both(self, left: int, right: int) -> int:
        """1 where both are, of conditions, which are 0 or 1."""
        return self.call("logical_and", (left, right))

    def call(self, operation: str, operands: tuple[int, ...]) -> int:
        """An operation; comparisons of constants are known, and log(e) is 1."""
        expressions = self.expressions
        if operation in _COMPARISONS:
            return self._compared(operation, *operands)
        if operation in _CONNECTIVES:
            return self._connected(operation, *operands)
        if operation == "log" and expressions.constants[operands[0]] == math.e:
            return self.one
        if operation == "neg":
            return self.negated(*operands)
        return expressions.apply(operation, operands)

    def _compared(self, operation: str, left: int, right: int) -> int:
        expressions = self.expressions
        if right == self.zero:
            constant, terms = self._terms(left)
            if constant.numerator and len(terms) == 1 and terms[0][1] == ONE:
                # y - 1 >= 0 where y >= 1, and only there, rounded or not.
                left, right = terms[0][0], expressions.constant(-constant.value)
        one, other = expressions.constants[left], expressions.constants[right]
        if one is None or other is None:
            return expressions.apply(operation, (left, right))
        return self.one if _COMPARISONS[operation](one, other) else self.zero

    def _connected(self, operation: str, left: int, right: int) -> int:
        constants, idle = self.expressions.constants, operation == "logical_and"
        for one, other in ((left, right), (right, left)):
            if constants[one] is not None:  # x & 1 is x, x & 0 is 0; x | 0 is x, x | 1 is 1
                return other if bool(constants[one]) == idle else one
            if one == other or (idle and self._implies(one, other)):
                return one
        return self.expressions.apply(operation, (left, right))

    def _implies(self, one: int, other: int) -> bool:
        """Whether one condition holds only where the other does: x == y and x >= y."""
        expressions = self.expressions
        return (
            expressions.operations[one] == "eq"
            and expressions.operations[other] in {"ge", "le"}
            and expressions.operands[one] == expressions.operands[other]
        )


_FACTORED: Final = frozenset({"neg", "square", "reciprocal", "pow", "mul", "div"})


def _with(powers: Powers, more: Powers) -> Powers:
    """Like factors put together; what cancels is gone."""
    joined = dict(powers)
    for base, exponent in more.items():
        total = joined.get(base, 0) + exponent
        if total:
            joined[base] = total
        else:
            del joined[base]
    return joined
