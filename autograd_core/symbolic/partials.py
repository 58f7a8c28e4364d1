"""Local partials as expressions: the formulas of the op table, read as what they say.

A row's formula is our own text over its operands, its value and its attributes; here its syntax
tree is walked, and each step makes an expression. Formulas that are written for the last digit or
against overflow, where a reader expects the textbook, have a plainer one in PLAINER: the same
numbers, but for what over- or underflows on the way.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final

from autograd_core.graph import Attributes
from autograd_core.operations import Elementwise, find
from autograd_core.operations.formulas import AUXILIARY
from autograd_core.symbolic.coefficients import is_whole
from autograd_core.symbolic.simplifying import Simplifier

# First partials of rows that are said more plainly, operand by operand.
PLAINER: Final[Mapping[str, tuple[str, ...]]] = {
    "sqrt": ("1/(2*z)",),
    "relu": ("select(x > 0, 1, 0)",),
    "elu": ("select(x > 0, 1, alpha*exp(x))",),
    "maximum": (
        "select(x >= y, select(x == y, 0.5, 1), 0)",
        "select(y >= x, select(x == y, 0.5, 1), 0)",
    ),
    "minimum": (
        "select(x <= y, select(x == y, 0.5, 1), 0)",
        "select(y <= x, select(x == y, 0.5, 1), 0)",
    ),
}
# Auxiliary functions that are said more plainly; those of no operation are spelt out.
_PLAINLY: Final[Mapping[str, tuple[str, str]]] = {
    "sech": ("x", "1/cosh(x)"),
    "unit": ("x, y, z", "select(z == 0, 0, x/z)"),
    "power_dx": ("x, y, z, p", "y*p"),
    # Near 0 the difference cancels: the first terms of the series, right to 1e-13 there. Far from
    # it, pi*x would be rounded to another angle.
    "sinc1": (
        "x",
        (
            "select(abs(x) < 0.01, pi**2*x*((pi*x)**2*(1/30 - (pi*x)**2/840) - 1/3), "
            "(cos(pi*mod(x, 2)) - sinc(x))/x)"
        ),
    ),
}
_SPELT_OUT: Final[Mapping[str, tuple[str, str]]] = {
    **{
        name: (parameters, text)
        for name, parameters, text in AUXILIARY
        if name in {"normal_cdf", "normal_pdf"}
    },
    **_PLAINLY,
}
# What a formula calls a function where the catalogue has another name.
_OPERATIONS: Final[Mapping[str, str]] = {"psi": "digamma", "log_gamma": "gammaln"}
_SYMBOLS: Final[Mapping[type[ast.cmpop], str]] = {
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Eq: "eq",
    ast.NotEq: "ne",
}
Names = Mapping[str, int]


class NoFormula(Exception):
    """A partial that is made of functions which are no operations; the message says which."""


class Partials:
    """Reads formulas into a simplifier's expressions; pi: the expression to use for it."""

    def __init__(self, simplifier: Simplifier, pi: Callable[[], int]) -> None:
        self._make = simplifier
        self._pi = pi

    def partial(
        self,
        row: Elementwise,
        index: int,
        operands: Sequence[int],
        value: int,
        attributes: Attributes,
    ) -> int:
        """The partial of a row along operand `index`, of operands and a value that are
        expressions. Raises NoFormula.
        """
        names = dict(zip(row.operands, operands, strict=True))
        names["z"] = value
        for name, number in attributes.items():
            names[name] = self._make.expressions.constant(float(number))
        return self.read(formula(row, index), names)

    def read(self, text: str, names: Names) -> int:
        """A formula over names of expressions. Raises NoFormula."""
        return self._read(_tree(text), names)

    def _read(self, node: ast.expr, names: Names) -> int:
        """Formulas are ours, and short: this may recurse."""
        make = self._make
        match node:
            case ast.Constant(value=int() | float() as value):
                return make.expressions.constant(float(value))
            case ast.Name(id=name):
                return names[name] if name in names else self._constant(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return make.negated(self._read(operand, names))
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(op, self._read(left, names), self._read(right, names))
            case ast.Compare(left=left, ops=[symbol], comparators=[right]):
                operands = (self._read(left, names), self._read(right, names))
                return make.call(_SYMBOLS[type(symbol)], operands)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._call(name, [self._read(each, names) for each in arguments])
        raise TypeError(f"no meaning for {ast.unparse(node)}")

    def _binary(self, op: ast.operator, left: int, right: int) -> int:
        make = self._make
        match op:
            case ast.Add():
                return make.sum(left, right)
            case ast.Sub():
                return make.difference(left, right)
            case ast.Mult():
                return make.product(left, right)
            case ast.Div():
                return make.quotient(left, right)
            case ast.Pow():
                return self._power(left, right)
            case ast.BitAnd():
                return make.call("logical_and", (left, right))
            case ast.BitOr():
                return make.call("logical_or", (left, right))
        raise TypeError(f"no meaning for {op}")

    def _power(self, base: int, exponent: int) -> int:
        known = self._make.expressions.constants[exponent]
        if known is None or not is_whole(known):
            return self._make.call("pow", (base, exponent))
        return self._make.power(base, int(known))

    def _call(self, name: str, operands: list[int]) -> int:
        if name == "select":
            return self._make.where(*operands)
        if name in _SPELT_OUT:
            parameters, text = _SPELT_OUT[name]
            names = dict(zip(parameters.split(", "), operands, strict=True))
            return self._read(_tree(text), names)
        operation = _OPERATIONS.get(name, name)
        if find(operation) is None:
            raise NoFormula(f"it is made of {name}, which is no operation")
        return self._make.call(operation, tuple(operands))

    def _constant(self, name: str) -> int:
        if name == "pi":
            return self._pi()
        number = self._make.expressions.constant
        if name in _LOGARITHMS:
            return self._make.call("log", (number(_LOGARITHMS[name]),))
        return number(_NUMBERS[name])


_LOGARITHMS: Final[Mapping[str, float]] = {"LN2": 2.0, "LN10": 10.0}
_NUMBERS: Final[Mapping[str, float]] = {"inf": math.inf, "nan": math.nan}


def formula(row: Elementwise, index: int) -> str:
    """The formula that is read for the partial of a row along operand `index`."""
    return PLAINER.get(row.name, row.first)[index]


def chooses(row: Elementwise, index: int) -> bool:
    """Whether the partial is chosen from others by a condition."""
    match _tree(formula(row, index)):
        case ast.Call(func=ast.Name(id="select")):
            return True
    return False


@cache
def _tree(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
