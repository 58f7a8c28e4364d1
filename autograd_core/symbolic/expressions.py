"""Expressions, each kept once: what is built twice is the same number twice (hash-consing).

An expression is a number into columns. It is a constant, an input, an operation applied to
others, or one of two forms that operations alone would not show: a sum (constant + coefficients
times terms) and a product (coefficient times bases to whole powers), in which like terms and like
factors have been put together.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final

from autograd_core.graph import NO_ATTRIBUTES, Attributes
from autograd_core.symbolic.coefficients import Coefficient

CONSTANT: Final = "constant"
INPUT: Final = "input"
SUM: Final = "a sum"  # no names of operations
PRODUCT: Final = "a product"
# Weights are counted up to here: what is heavier is heavy.
_HEAVY: Final = 1_000_000
# Finite wherever their operands are, but for overflow.
_TOTAL: Final = frozenset(
    {"neg", "abs", "sign", "square", "cbrt", "exp", "exp2", "expm1", "sin", "cos", "atan", "sinc"}
    | {"sinh", "cosh", "tanh", "asinh", "sigmoid", "softplus", "relu", "leaky_relu", "elu", "gelu"}
    | {"silu", "erf", "erfc", "stop_gradient", "add", "sub", "mul", "maximum", "minimum", "hypot"}
    | {"atan2", "logaddexp", "copysign", "gt", "ge", "lt", "le", "eq", "ne", "logical_and"}
    | {"logical_or", "logical_not", "where", "clip", "floor", "ceil", "round", "deg2rad", "rad2deg"}
)


class Expressions:
    """Columns, an entry an expression; operands come before what is made of them.

    operations: their names, or what they are otherwise. operands: the expressions they are made
    of. data: of a constant its number, of an input its name, of a sum its constant and its
    coefficients, of a product its coefficient and its exponents, of an operation its attributes.
    weights: about how many tokens it takes to write it in full. constants: the number that it
    always is, where that is known. total: whether it is finite wherever its inputs are.
    """

    def __init__(self) -> None:
        self.operations: list[str] = []
        self.operands: list[tuple[int, ...]] = []
        self.data: list[Any] = []
        self.weights: list[int] = []
        self.constants: list[float | None] = []
        self.total: list[bool] = []
        self._known: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return len(self.operations)

    def constant(self, value: float) -> int:
        """A number; 0.0 and -0.0 are two."""
        key = (CONSTANT, value.hex())
        known = self._known.get(key)
        if known is not None:
            return known
        return self._new(key, CONSTANT, (), value, constant=value, total=math.isfinite(value))

    def input(self, name: str, value: float | None = None) -> int:
        """An input; value: of a name that is a constant (pi)."""
        key = (INPUT, name)
        known = self._known.get(key)
        return self._new(key, INPUT, (), name, constant=value) if known is None else known

    def apply(
        self,
        operation: str,
        operands: Sequence[int],
        attributes: Attributes = NO_ATTRIBUTES,
        constant: float | None = None,
    ) -> int:
        """An operation as it stands."""
        operands = tuple(operands)
        key = (operation, operands, _frozen(attributes))
        known = self._known.get(key)
        if known is not None:
            return known
        return self._new(key, operation, operands, attributes, constant, operation in _TOTAL)

    def sum(self, constant: Coefficient, terms: Mapping[int, Coefficient]) -> int:
        """constant + coefficients times terms, in the order in which they first came."""
        key = (SUM, constant, frozenset(terms.items()))
        known = self._known.get(key)
        if known is not None:
            return known
        return self._new(key, SUM, tuple(terms), (constant, tuple(terms.values())))

    def product(self, coefficient: Coefficient, powers: Mapping[int, int]) -> int:
        """coefficient times bases to whole powers other than 0: pi first, and then in the order of
        their making, inputs before what is made of them.
        """
        constants = self.constants
        bases = tuple(sorted(powers, key=lambda base: (constants[base] is None, base)))
        exponents = tuple(powers[base] for base in bases)
        key = (PRODUCT, coefficient, bases, exponents)
        known = self._known.get(key)
        if known is not None:
            return known
        constant = None if bases else coefficient.value
        total = min(exponents, default=1) > 0
        return self._new(key, PRODUCT, bases, (coefficient, exponents), constant, total)

    def _new(
        self,
        key: Hashable,
        operation: str,
        operands: tuple[int, ...],
        data: Any,
        constant: float | None = None,
        total: bool = True,  # noqa: FBT001, FBT002 - one more column
    ) -> int:
        number = self._known[key] = len(self.operations)
        self.operations.append(operation)
        self.operands.append(operands)
        self.data.append(data)
        self.constants.append(constant)
        weights, finite = self.weights, self.total
        weights.append(min(_HEAVY, 1 + sum(weights[each] for each in operands)))
        finite.append(total and all(finite[each] for each in operands))
        return number


def _frozen(attributes: Attributes) -> Hashable:
    return tuple(sorted(attributes.items())) if attributes else ()
