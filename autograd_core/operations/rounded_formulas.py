"""What rounding may do to a formula of the op table, found from its text alone.

The text means a running error analysis here, see rounded.py, so that every row has a bound of its
own, whichever functions it is made of. What library functions are right to is said with each: most
are within 1 ulp. It is what was measured against mpmath of NumPy, SciPy and the compiled kernel, or
what is published of the C library (V. Innocente and P. Zimmermann, "Accuracy of Mathematical
Functions in Single, Double, Extended Double and Quadruple Precision") where that is more, rounded
up.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from autograd_core.operations.formulas import (
    AUXILIARY,
    NUMPY,
    SHORT_CUTS,
    Vocabulary,
    compiled,
    short_cut,
)
from autograd_core.operations.rounded import HALF, Rounded, carried, plus, ulps
from autograd_core.tensors import Array

Function = Callable[..., Rounded]
# Of x and the value v: the derivative along x; and ulps that v is right to.
Slope = Callable[[Any, Any], Any]
Accuracy = float | Callable[[Any, Any], Any]


def _library(name: str, slope: Slope, accuracy: Accuracy) -> Function:
    function = NUMPY[name]

    def rounded(x: Rounded) -> Rounded:
        value = function(x.value)
        own = accuracy if isinstance(accuracy, int | float) else accuracy(x.value, value)
        error = None if x.error is None else carried(slope(x.value, value), x.error)
        return Rounded(value, plus(error, ulps(value, own, x.value)))

    return rounded


def _of_two(name: str, slopes: tuple[Slope, Slope], accuracy: float) -> Function:
    """As `_library`, of x and y; slopes: along each, of both."""
    function = NUMPY[name]

    def rounded(x: Rounded, y: Rounded) -> Rounded:
        value = function(x.value, y.value)
        error = plus(
            *(
                None if each.error is None else carried(slope(x.value, y.value), each.error)
                for each, slope in zip((x, y), slopes, strict=True)
            )
        )
        return Rounded(value, plus(error, ulps(value, accuracy, x.value, y.value)))

    return rounded


def _exact(name: str) -> Function:
    """A step: what it comes to is exact, as long as its operands stay on one side."""
    function = NUMPY[name]
    return lambda x: Rounded(function(x.value))


def _abs(x: Rounded) -> Rounded:
    return Rounded(np.abs(x.value), x.error)


def _copysign(x: Rounded, y: Rounded) -> Rounded:
    return Rounded(np.copysign(x.value, y.value), x.error)


def _select(condition: Any, x: Rounded, y: Rounded) -> Rounded:
    error = None
    if x.error is not None or y.error is not None:
        error = np.where(condition, *(0.0 if e is None else e for e in (x.error, y.error)))
    return Rounded(np.where(condition, x.value, y.value), error)


def _maximum(x: Rounded, y: Rounded) -> Rounded:
    return Rounded(np.maximum(x.value, y.value), _select(x >= y, x, y).error)


def _minimum(x: Rounded, y: Rounded) -> Rounded:
    return Rounded(np.minimum(x.value, y.value), _select(x <= y, x, y).error)


def _zeta(order: Rounded, x: Rounded) -> Rounded:
    zeta = NUMPY["zeta"]
    value = zeta(order.value, x.value)
    slope = order.value * zeta(order.value + 1, x.value)
    return Rounded(value, plus(carried(slope, x.error), ulps(value, 6)))


def _erfc_ulps(x: Any, v: Any) -> Any:
    """SciPy rounds x*x on the way to exp(-x*x)."""
    return 5 + 5 * np.maximum(x, 0) ** 2


def _digamma_ulps(x: Any, v: Any) -> Any:
    """The kernel's adds up terms of about 2 near the root, where they cancel."""
    return 4 + 8 / np.abs(v)


def _log_gamma_ulps(x: Any, v: Any) -> Any:
    """Below 0 by reflection, whose terms cancel where |Gamma| is 1."""
    reflected = np.abs(NUMPY["log_gamma"](1 - np.minimum(x, 0)))
    return np.where(x > 0, 32, 8 * (2 * reflected + np.abs(v) + 3) / np.abs(v))


@cache
def number(literal: float) -> Rounded:
    """A number that is written in a formula."""
    return Rounded(np.float64(literal), free=abs(math.frexp(literal)[0]) in {0, HALF})


def _inexact(constant: float) -> Rounded:
    return Rounded(np.float64(constant), np.asarray(HALF * math.ulp(constant))[()])


def _functions() -> dict[str, Any]:
    return {
        "number": number,
        "inf": Rounded(math.inf),
        "nan": Rounded(math.nan),
        **{name: _inexact(NUMPY[name]) for name in ("pi", "LN2", "LN10")},
        **{name: _exact(name) for name in ("sign", "floor", "ceil", "round")},
        "abs": _abs,
        "copysign": _copysign,
        "select": _select,
        "maximum": _maximum,
        "minimum": _minimum,
        "zeta": _zeta,
        "mod": _of_two("mod", (lambda x, y: 1, lambda x, y: np.floor(x / y)), HALF),
        "hypot": _of_two(
            "hypot", (lambda x, y: x / np.hypot(x, y), lambda x, y: y / np.hypot(x, y)), 1
        ),
        "atan2": _of_two(
            "atan2",
            (
                lambda x, y: y / np.hypot(x, y) / np.hypot(x, y),
                lambda x, y: x / np.hypot(x, y) / np.hypot(x, y),
            ),
            1,
        ),
        **{name: _library(name, slope, accuracy) for name, slope, accuracy in _OF_ONE},
    }


_OF_ONE: tuple[tuple[str, Slope, Accuracy], ...] = (
    ("sqrt", lambda x, v: 0.5 / v, HALF),
    ("cbrt", lambda x, v: 1 / (3 * v * v), 4),
    ("exp", lambda x, v: v, 1),
    ("exp2", lambda x, v: v * math.log(2), 1),
    ("expm1", lambda x, v: v + 1, 1),
    ("log", lambda x, v: 1 / x, 1),
    ("log2", lambda x, v: 1 / (x * math.log(2)), 1),
    ("log10", lambda x, v: 1 / (x * math.log(10)), 2),
    ("log1p", lambda x, v: 1 / (1 + x), 1),
    ("sin", lambda x, v: np.cos(x), 1),
    ("cos", lambda x, v: np.sin(x), 1),
    ("tan", lambda x, v: 1 + v * v, 1),
    ("asin", lambda x, v: 1 / np.sqrt((1 - x) * (1 + x)), 1),
    ("acos", lambda x, v: 1 / np.sqrt((1 - x) * (1 + x)), 1),
    ("atan", lambda x, v: 1 / (1 + x * x), 1),
    ("sinh", lambda x, v: np.cosh(x), 3),
    ("cosh", lambda x, v: np.sinh(x), 3),
    ("tanh", lambda x, v: 1 / np.cosh(x) ** 2, 3),
    ("asinh", lambda x, v: 1 / np.hypot(1, x), 3),
    ("acosh", lambda x, v: 1 / np.sqrt((x - 1) * (x + 1)), 3),
    ("atanh", lambda x, v: 1 / ((1 - x) * (1 + x)), 3),
    ("erf", lambda x, v: 2 / math.sqrt(math.pi) * np.exp(-x * x), 3),
    ("erfc", lambda x, v: 2 / math.sqrt(math.pi) * np.exp(-x * x), _erfc_ulps),
    ("erfinv", lambda x, v: math.sqrt(math.pi) / 2 * np.exp(v * v), 8),
    ("log_gamma", lambda x, v: NUMPY["psi"](x), _log_gamma_ulps),
    ("digamma", lambda x, v: NUMPY["zeta"](2, x), _digamma_ulps),
)


class _Literals(ast.NodeTransformer):
    """Numbers of a formula as calls of `number`, so that what is made of them is rounded, too."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Call(ast.Name("number"), [node], [])


def error_of(formula: str, parameters: str) -> Callable[..., Array | float]:
    """A bound of the rounding error of a formula, as a function of the comma-separated parameters
    and, after them, of the error of the last: the others are exact. 0.0 where nothing is rounded.
    """
    rounded = compiled(_with_literals(formula), parameters, ROUNDED)

    def error(*given: Any) -> Array | float:
        *exact, last, moved = given
        moved = None if isinstance(moved, float) and moved == 0 else moved
        found = rounded(*map(Rounded, exact), Rounded(last, moved)).error
        return 0.0 if found is None else found

    return error


def _with_literals(text: str) -> str:
    return ast.unparse(_Literals().visit(ast.parse(text, mode="eval")))


def _vocabulary() -> Vocabulary:
    functions = _functions()
    for name, parameters, text in AUXILIARY:
        function = compiled(_with_literals(text), parameters, functions)
        if name in SHORT_CUTS:
            test, ordinary = SHORT_CUTS[name]
            function = short_cut(_at_values(test), ordinary, function)
        functions[name] = function
    return functions


def _at_values(test: Callable[..., bool]) -> Callable[..., bool]:
    return lambda *operands: test(*(operand.value for operand in operands))


ROUNDED: Vocabulary = _vocabulary()
