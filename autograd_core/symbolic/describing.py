"""What an operation computes, in the infix language, from its row: text that can be pasted.

>>> from autograd_core.operations import TABLE
>>> describe(TABLE["tanh"]).derivatives
{'x': '1/cosh(x)**2'}
>>> describe(TABLE["matmul"]).tangent
'dx @ y + x @ dy'

The formulas of an elementwise row are written for the last digit, over functions of their own;
here they are read as `derive` reads them, over operations alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from autograd_core.infix.formatting import format_expression
from autograd_core.operations import TABLE, ArrayOperation, Elementwise, Operation
from autograd_core.symbolic.expressions import Expressions
from autograd_core.symbolic.lowering import lowered
from autograd_core.symbolic.partials import NoFormula, Partials, formula
from autograd_core.symbolic.simplifying import Simplifier

_OPERANDS: Final = ("x", "y", "w")
# A graph has a node at least: what is but an operand comes as this.
_LONE: Final = re.compile(r"identity\((\w+)\)")


@dataclass(frozen=True)
class Description:
    """Texts over the operands x, y, w and the attributes by name; those that are not there are at
    their defaults.

    formula: the value. example: a call. derivatives: of an elementwise operation by each of its
    operands, where that is a formula of operations. tangent: of an operation on arrays, what a
    change dx of x, dy of y makes of the value; "" where only words say it, in `derivative`.
    derivative: the derivative for a reader.
    """

    formula: str
    example: str
    derivatives: Mapping[str, str]
    tangent: str
    derivative: str


def describe(operation: Operation) -> Description:
    """The description of a row of the op table."""
    return _described(operation.name)


@cache
def _described(name: str) -> Description:
    row = TABLE[name]
    example = row.example or f"{name}({', '.join(_operands(row))})"
    if isinstance(row, Elementwise):
        reader = _Reader(row)
        partials = reader.derivatives()
        words = ", ".join(f"d/d{operand}: {text}" for operand, text in partials.items())
        return Description(reader.value(), example, partials, "", row.derivative or words)
    tangent = row.tangent
    if not tangent and isinstance(row, ArrayOperation) and row.vjp_tangent_rule is None:  # linear
        tangent = re.sub(r"\b([xyw])\b", r"d\1", example)
    along = f"along dx{', dy' if 'dy' in tangent else ''}: {tangent}" if tangent else ""
    return Description(row.formula or example, example, {}, tangent, row.derivative or along)


def _operands(row: Operation) -> tuple[str, ...]:
    fewest, most = row.arity
    return _OPERANDS[: max(fewest, 2) if most is None else fewest]


class _Reader:
    """The formulas of a row of one sweep, as text."""

    def __init__(self, row: Elementwise) -> None:
        self._row = row
        self._expressions = Expressions()
        make = Simplifier(self._expressions)
        self._partials = Partials(make, lambda: self._expressions.input("pi", math.pi))
        names = (*row.operands, *(attribute.name for attribute in row.attributes))
        self._names = {name: self._expressions.input(name) for name in names}
        value = make.call(row.name, tuple(self._names[name] for name in row.operands))
        self._with_value = {**self._names, "z": value}

    def value(self) -> str:
        """The value."""
        return self._text(self._row.value_formula, self._names)

    def derivatives(self) -> Mapping[str, str]:
        """By operand, those that are made of operations."""
        found = {}
        for index, name in enumerate(self._row.operands):
            try:
                found[name] = self._text(formula(self._row, index), self._with_value)
            except NoFormula:
                continue
        return found

    def _text(self, text: str, names: Mapping[str, int]) -> str:
        root = self._partials.read(text, names)
        graph = lowered(self._expressions, root, {}, {"pi": math.pi})
        written = "; ".join(format_expression(graph).splitlines())
        lone = _LONE.fullmatch(written)
        return written if lone is None else lone[1]
