"""Right local derivatives, as one writes them: infix text over the operands and the result.

The names are those of rules.RULES. The op table's own formulas are made for accuracy, and have
functions in them that nobody writes by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.grading.slips.rules import ANY

# Level wherever they have a derivative.
LEVEL: Final = frozenset(
    {
        *("sign", "floor", "ceil", "round", "stop_gradient", "logical_not", "logical_and"),
        *("logical_or", "gt", "ge", "lt", "le", "eq", "ne"),
    }
)
# fmt: off
PARTIALS: Final[Mapping[str, Mapping[int, str]]] = {
    "add": {ANY: "1"}, "mul": {ANY: "y"}, "sub": {0: "1", 1: "-1"}, "neg": {0: "-1"},
    "div": {0: "1/y", 1: "-x/y**2"}, "pow": {0: "y*x**(y - 1)", 1: "x**y*log(x)"},
    "identity": {0: "1"}, "abs": {0: "sign(x)"}, "reciprocal": {0: "-1/x**2"},
    "square": {0: "2*x"}, "sqrt": {0: "1/(2*sqrt(x))"}, "cbrt": {0: "1/(3*cbrt(x)**2)"},
    "exp": {0: "exp(x)"}, "exp2": {0: "2**x*log(2)"}, "expm1": {0: "exp(x)"},
    "log": {0: "1/x"}, "log2": {0: "1/(x*log(2))"}, "log10": {0: "1/(x*log(10))"},
    "log1p": {0: "1/(1 + x)"},
    "sin": {0: "cos(x)"}, "cos": {0: "-sin(x)"}, "tan": {0: "1/cos(x)**2"},
    "asin": {0: "1/sqrt(1 - x**2)"}, "acos": {0: "-1/sqrt(1 - x**2)"}, "atan": {0: "1/(1 + x**2)"},
    "sinh": {0: "cosh(x)"}, "cosh": {0: "sinh(x)"}, "tanh": {0: "1 - tanh(x)**2"},
    "asinh": {0: "1/sqrt(x**2 + 1)"}, "acosh": {0: "1/sqrt(x**2 - 1)"},
    "atanh": {0: "1/(1 - x**2)"},
    "sigmoid": {0: "sigmoid(x)*(1 - sigmoid(x))"}, "softplus": {0: "sigmoid(x)"},
    "silu": {0: "sigmoid(x) + x*sigmoid(x)*(1 - sigmoid(x))"},
    "relu": {0: "where(x > 0, 1, 0)"}, "leaky_relu": {0: "where(x > 0, 1, alpha)"},
    "erf": {0: "2/sqrt(pi)*exp(-x**2)"}, "erfc": {0: "-2/sqrt(pi)*exp(-x**2)"},
    "deg2rad": {0: "pi/180"}, "rad2deg": {0: "180/pi"},
    "maximum": {0: "where(x > y, 1, where(x == y, 0.5, 0))",
                1: "where(y > x, 1, where(x == y, 0.5, 0))"},
    "minimum": {0: "where(x < y, 1, where(x == y, 0.5, 0))",
                1: "where(y < x, 1, where(x == y, 0.5, 0))"},
    "where": {1: "where(x, 1, 0)", 2: "where(x, 0, 1)"},
    "atan2": {0: "y/(x**2 + y**2)", 1: "-x/(x**2 + y**2)"},
    "hypot": {0: "x/hypot(x, y)", 1: "y/hypot(x, y)"},
    "logaddexp": {0: "sigmoid(x - y)", 1: "sigmoid(y - x)"},
}
# fmt: on
