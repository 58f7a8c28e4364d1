"""Expressions -> Graph: sums and products as the operations that a reader would write.

6*x - 4, -x/y**2, 1/(2*sqrt(x)): a sum begins with what is added, a product with its sign and its
coefficient, and what is divided by stands below one line.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping

from autograd_core.graph import NO_ATTRIBUTES, Attributes, Graph
from autograd_core.graph_builder import GraphBuilder
from autograd_core.limits import STEPS_BETWEEN_LOOKS, Deadline, look, watched
from autograd_core.symbolic.coefficients import Coefficient
from autograd_core.symbolic.expressions import CONSTANT, INPUT, PRODUCT, SUM, Expressions


def lowered(
    expressions: Expressions, root: int, ids: Mapping[int, str], defaults: Mapping[str, float]
) -> Graph:
    """The graph of one expression; it has a node at least, its result is one, and nothing in it
    is there twice.

    ids: what expressions are called that come from a node. defaults: of names that are constants.
    """
    writer = _Writer(expressions, ids, defaults)
    for number in watched(_needed(expressions, root), Deadline.current()):
        writer.add(number)
    return writer.graph(root)


def _needed(expressions: Expressions, root: int) -> list[int]:
    """What an expression is made of, in the order of its making."""
    seen, waiting = {root}, [root]
    while waiting:
        look()
        for _ in range(min(len(waiting), STEPS_BETWEEN_LOOKS)):
            for operand in _parts(expressions, waiting.pop()):
                if operand not in seen:
                    seen.add(operand)
                    waiting.append(operand)
    return sorted(seen)


def _parts(expressions: Expressions, number: int) -> Iterator[int]:
    """What an expression is written with: of a term with a coefficient, its factors."""
    operands = expressions.operands[number]
    if expressions.operations[number] != SUM:
        yield from operands
        return
    for coefficient, term in zip(expressions.data[number][1], operands, strict=True):
        if _is_merged(expressions, coefficient, term):
            yield from expressions.operands[term]
        else:
            yield term


def _is_merged(expressions: Expressions, coefficient: Coefficient, term: int) -> bool:
    """Whether a coefficient becomes that of the product which is the term: 4*x*y, not 4*(x*y)."""
    return expressions.operations[term] == PRODUCT and abs(coefficient.value) != 1


class _Writer:
    def __init__(
        self, expressions: Expressions, ids: Mapping[int, str], defaults: Mapping[str, float]
    ) -> None:
        self._expressions = expressions
        self._ids = ids
        self._builder = GraphBuilder(defaults)
        self._codes: dict[int, int] = {}
        self._known: dict[Hashable, int] = {}

    def add(self, number: int) -> None:
        """Write an expression whose operands have been written."""
        expressions = self._expressions
        operation, data = expressions.operations[number], expressions.data[number]
        parts = expressions.operands[number]
        if operation == CONSTANT:
            code = self._builder.constant(data)
        elif operation == INPUT:
            code = self._builder.input(data)
        elif operation == SUM:
            constant, coefficients = data
            code = self._sum(constant, coefficients, parts)
        elif operation == PRODUCT:
            coefficient, exponents = data
            code = self._product(coefficient, exponents, parts)
        else:
            codes = [self._codes[each] for each in parts]
            code = self._apply(operation, *codes, attributes=data)
        self._codes[number] = code
        name = self._ids.get(number)
        if name is not None and code >= 0 and self._builder.id_of(code) is None:
            self._builder.rename(code, name)

    def graph(self, root: int) -> Graph:
        """The graph whose result is an expression: a node of its own, if it is a leaf."""
        code = self._codes[root]
        if code < 0:
            code = self._builder.apply("identity", (code,))
        return self._builder.build(code)

    def _apply(self, operation: str, *codes: int, attributes: Attributes = NO_ATTRIBUTES) -> int:
        key = (operation, codes, tuple(sorted(attributes.items())) if attributes else ())
        code = self._known.get(key)
        if code is None:
            code = self._builder.apply(operation, codes, attributes)
            self._known[key] = code
        return code

    def _sum(
        self, constant: Coefficient, coefficients: tuple[Coefficient, ...], terms: tuple[int, ...]
    ) -> int:
        parts = list(zip(coefficients, terms, strict=True))
        first = next((part for part in parts if part[0].numerator > 0), None)
        if first is not None:
            parts.remove(first)
            total = self._scaled(*first)
        elif constant.numerator > 0:
            total, constant = self._number(constant), Coefficient(0.0)
        else:
            total = self._scaled(*parts.pop(0))
        for coefficient, term in parts:
            total = self._plus(total, coefficient, self._scaled(_size(coefficient), term))
        if constant.numerator:
            total = self._plus(total, constant, self._number(_size(constant)))
        return total

    def _plus(self, total: int, sign: Coefficient, part: int) -> int:
        return self._apply("sub" if sign.numerator < 0 else "add", total, part)

    def _scaled(self, coefficient: Coefficient, term: int) -> int:
        """A term with its coefficient in front, or above and below it."""
        expressions = self._expressions
        if _is_merged(expressions, coefficient, term):
            exponents = expressions.data[term][1]
            return self._product(coefficient, exponents, expressions.operands[term])
        return self._product(coefficient, (1,), (term,))

    def _product(
        self, coefficient: Coefficient, exponents: tuple[int, ...], bases: tuple[int, ...]
    ) -> int:
        above, below = list[int](), list[int]()
        for exponent, base in zip(exponents, bases, strict=True):
            (above if exponent > 0 else below).append(self._power(self._codes[base], abs(exponent)))
        number, divisor = coefficient
        if number == -1 and above:
            above[0] = self._apply("neg", above[0])
        elif number != 1 or not above:
            above.insert(0, self._builder.constant(number))
        if divisor != 1:
            below.insert(0, self._builder.constant(divisor))
        product = self._times(above)
        return self._apply("div", product, self._times(below)) if below else product

    def _times(self, factors: list[int]) -> int:
        product = factors[0]
        for factor in factors[1:]:
            product = self._apply("mul", product, factor)
        return product

    def _power(self, base: int, exponent: int) -> int:
        if exponent == 1:
            return base
        return self._apply("pow", base, self._builder.constant(float(exponent)))

    def _number(self, coefficient: Coefficient) -> int:
        return self._product(coefficient, (), ())


def _size(coefficient: Coefficient) -> Coefficient:
    return Coefficient(abs(coefficient.numerator), coefficient.denominator)
