"""Formulas of the elementwise table, read as SymPy expressions at a point.

Wherever a formula selects, the branch that is taken at the point is followed: what remains is
smooth, and SymPy differentiates it in closed form.
"""

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy as sp

from autograd_core.operations.formulas import AUXILIARY

Point = Mapping[sp.Symbol, sp.Rational]
DIGITS = 50

CONSTANTS = {"inf": sp.oo, "pi": sp.pi, "LN2": sp.log(2), "LN10": sp.log(10)}


def sinc_taylor1(u: sp.Expr) -> sp.Expr:
    return (sp.cos(sp.sqrt(u)) - sp.sin(sp.sqrt(u)) / sp.sqrt(u)) / u


def sinc_taylor2(u: sp.Expr) -> sp.Expr:
    return -sp.sin(sp.sqrt(u)) / sp.sqrt(u) - 2 * sinc_taylor1(u)


def _zeta(order: sp.Integer, x: sp.Expr) -> sp.Expr:
    """Hurwitz's zeta of a whole order: polygamma but for sign and factorial (DLMF 25.11.12)."""
    return (-1) ** order * sp.polygamma(order - 1, x) / sp.factorial(order - 1)


_OF_THE_SAME_NAME = (
    (sp.exp, sp.log, sp.erf, sp.erfc, sp.erfinv),
    (sp.sin, sp.cos, sp.tan, sp.asin, sp.acos, sp.atan, sp.atan2),
    (sp.sinh, sp.cosh, sp.tanh, sp.asinh, sp.acosh, sp.atanh),
)
# What SymPy differentiates as it stands. The Taylor polynomials are taken for what they are
# polynomials of; `test_taylor_polynomials_of_sinc` compares the coefficients.
SMOOTH: dict[str, Callable[..., sp.Expr]] = {
    **{function.__name__: function for functions in _OF_THE_SAME_NAME for function in functions},
    "sqrt": sp.sqrt,
    "digamma": sp.digamma,
    "exp2": lambda x: sp.Integer(2) ** x,
    "expm1": lambda x: sp.exp(x) - 1,
    "log2": lambda x: sp.log(x) / sp.log(2),
    "log10": lambda x: sp.log(x) / sp.log(10),
    "log1p": lambda x: sp.log(1 + x),
    "hypot": lambda x, y: sp.sqrt(x**2 + y**2),
    "zeta": _zeta,
    "sinc_taylor1": sinc_taylor1,
    "sinc_taylor2": sinc_taylor2,
}
EXPANDED = {name: (parameters.split(", "), text) for name, parameters, text in AUXILIARY}
ARITHMETIC = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
}
COMPARISONS = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class Reader:
    """Reads formulas as SymPy expressions, on the branches that are taken at a point.

    `taken` collects (text of the formula, text of a condition, outcome).
    """

    def __init__(self, point: Point) -> None:
        self.point = point
        self.taken: set[tuple[str, str, bool]] = set()
        self._text = ""
        self._names: Mapping[str, sp.Expr] = {}

    def read(self, text: str, names: Mapping[str, sp.Expr]) -> sp.Expr:
        outer, self._text, self._names = (self._text, self._names), text, names
        try:
            return self._visit(ast.parse(text, mode="eval").body)
        finally:
            self._text, self._names = outer

    def number(self, expression: sp.Expr) -> sp.Expr:
        return sp.sympify(expression).xreplace(dict(self.point)).evalf(DIGITS)

    def _visit(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value):
                return sp.Rational(str(value))
            case ast.Name(id=name):
                return self._names[name] if name in self._names else CONSTANTS[name]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self._visit(operand)
            case ast.BinOp(left=left, op=op, right=right):
                return ARITHMETIC[type(op)](self._visit(left), self._visit(right))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                one, other = self._visit(left), self._visit(right)
                if other is sp.oo:
                    return bool(COMPARISONS[type(op)](self.number(one), other))
                return bool(COMPARISONS[type(op)](self.number(one - other), 0))
            case ast.Call(func=ast.Name(id="select"), args=[condition, yes, no]):
                outcome = self._visit(condition)
                self.taken.add((self._text, ast.unparse(condition), outcome))
                return self._visit(yes if outcome else no)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._call(name, [self._visit(argument) for argument in arguments])
        raise NotImplementedError(ast.dump(node))

    def _call(self, name: str, arguments: Sequence[sp.Expr]) -> sp.Expr:
        if name in SMOOTH:
            return SMOOTH[name](*arguments)
        if name in EXPANDED:
            parameters, text = EXPANDED[name]
            return self.read(text, dict(zip(parameters, arguments, strict=True)))
        return getattr(self, f"_{name}")(*arguments)

    # What is smooth on either side of a kink or a step: the side that the point is on.

    def _sign(self, x: sp.Expr) -> sp.Expr:
        return sp.sign(self.number(x))

    def _abs(self, x: sp.Expr) -> sp.Expr:
        if not self.number(x).is_real:  # log(x) at x < 0
            return sp.Abs(x)
        return self._sign(x) * x

    def _copysign(self, x: sp.Expr, y: sp.Expr) -> sp.Expr:
        return self._sign(y) * self._abs(x)

    def _maximum(self, x: sp.Expr, y: sp.Expr) -> sp.Expr:
        return x if self.number(x - y) > 0 else y

    def _minimum(self, x: sp.Expr, y: sp.Expr) -> sp.Expr:
        return x if self.number(x - y) < 0 else y

    def _floor(self, x: sp.Expr) -> sp.Expr:
        return sp.floor(self.number(x))

    def _ceil(self, x: sp.Expr) -> sp.Expr:
        return sp.ceiling(self.number(x))

    def _round(self, x: sp.Expr) -> sp.Expr:
        return sp.floor(self.number(x) + sp.Rational(1, 2))

    def _mod(self, x: sp.Expr, y: sp.Expr) -> sp.Expr:
        return x - y * self._floor(x / y)

    def _cbrt(self, x: sp.Expr) -> sp.Expr:
        return self._sign(x) * self._abs(x) ** sp.Rational(1, 3)

    def _log_gamma(self, x: sp.Expr) -> sp.Expr:
        return sp.log(self._sign(sp.gamma(x)) * sp.gamma(x))
