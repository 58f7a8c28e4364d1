"""The table of wrong rules: what an operation's local derivative is taken for.

The formulas are infix text over the operands x, y and w, the result z, and the operation's
attributes; of `add` and `mul`, which take any number of operands, x is the one that is
differentiated by and y what the others come to. A row whose partial happens to be right at the
numbers in hand, as 2*x is of x**2, gives no wrong answer there and is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from service.grading.slips.costs import (
    DEGREES_AT_NODE,
    EDGE_INTEGRATED,
    GATE,
    KNOWN_RULE,
    ODD_RULE,
    RULE,
)

ANY: Final = -1


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. partials: wrong ones, by the number of the operand (ANY: the same along each);
    along the others they are right. says: what is told of it, in words. of_quotient: whether it
    is the quotient rule but for signs.
    """

    operation: str
    partials: Mapping[int, str]
    says: str
    code: str = "wrong_rule"
    cost: float = RULE
    of_quotient: bool = False

    @property
    def of_any(self) -> bool:
        """Whether it holds along any operand alike."""
        return ANY in self.partials


def _wrong(operation: str, partial: str, says: str) -> Rule:
    return Rule(operation, {0: partial}, says)


def _unary(
    operation: str, function: str, rule: str, *wrong: str | tuple[str, str], z: str = ""
) -> tuple[Rule, ...]:
    """Rows of a function of u, whose derivative is `rule`. wrong: the partials; or pairs, of a
    partial and how it reads. z: how the result reads in them, the function itself by default.
    """

    def read(partial: str) -> str:
        return re.sub(r"\bx\b", "u", re.sub(r"\bz\b", z or function, partial))

    pairs = ((each, read(each)) if isinstance(each, str) else each for each in wrong)
    where = f" with {z} = {function}" if z else ""
    return tuple(
        _wrong(operation, partial, f"the derivative of {function} is {rule}, not {taken}{where}")
        for partial, taken in pairs
    )


def _gate(operation: str, partials: Mapping[int, str], says: str) -> Rule:
    return Rule(operation, partials, says, "gate_ignored", GATE)


def _larger(operation: str, sign: str) -> tuple[Rule, ...]:
    """Rows of what passes on the larger, or smaller, of two."""
    passes = f"{operation} passes the gradient to the side it takes"
    taken = f"where(x {sign} y, 1, where(x == y, 0.5, 0))"  # the partial along x
    return (
        _gate(operation, {0: "1", 1: "1"}, f"{passes}, not to both"),
        _gate(operation, {0: f"1 - {taken}", 1: taken}, f"{passes}, not to the other"),
        _gate(operation, {0: "1"}, f"{passes} only"),
        _gate(operation, {1: "1"}, f"{passes} only"),
    )


def _degrees(operation: str, derivative: str) -> tuple[Rule, ...]:
    """A function of an angle: its derivative at x degrees, without and with the factor."""
    says = f"the angle of {operation} is in radians, not in degrees"
    return tuple(
        Rule(
            operation,
            {0: f"{factor}({derivative})"},
            says,
            "degrees_for_radians",
            DEGREES_AT_NODE,
        )
        for factor in ("", "pi/180*")
    )


def _to_degrees(operation: str, derivative: str) -> Rule:
    says = f"the angle that {operation} gives is in radians, not in degrees"
    return Rule(
        operation, {0: f"180/pi*({derivative})"}, says, "degrees_for_radians", DEGREES_AT_NODE
    )


def _integrated(operation: str, partial: str) -> Rule:
    says = "it was integrated where it is to be differentiated"
    return Rule(operation, {0: partial}, says, "integrated_instead", EDGE_INTEGRATED)


_POWER = "the power rule gives n*u**(n - 1)"
_EXPONENTIAL = "the exponent varies, so the derivative is a**u*log(a)"
_PRODUCT = "the derivative of a product by one factor is the product of the others"
_QUOTIENT = "the quotient rule gives (f'*g - f*g')/g**2"
_LOGADDEXP = "the derivative of log(exp(u) + exp(v)) by u is exp(u)/(exp(u) + exp(v))"
_HYPOT = "the derivative of sqrt(u**2 + v**2) by u is u/sqrt(u**2 + v**2)"

# fmt: off
RULES: Final[tuple[Rule, ...]] = (
    # powers and roots
    _wrong("pow", "y*x**y", f"{_POWER}: the exponent has to go down by one"),
    _wrong("pow", "x**(y - 1)", f"{_POWER}: the exponent has to come down as a factor"),
    _wrong("pow", "y*x**(y + 1)", f"{_POWER}: the exponent goes down by one, not up"),
    _wrong("pow", "(y - 1)*x**(y - 1)", f"{_POWER}: the factor is the exponent itself"),
    _wrong("pow", "y*x", f"{_POWER}: the exponent does not vanish, it goes down by one"),
    _wrong("pow", "x**y*log(x)", f"{_POWER}: the base varies here, not the exponent"),
    Rule("pow", {1: "x**y"}, f"{_EXPONENTIAL}: the factor log(a) is missing"),
    Rule("pow", {1: "y*x**(y - 1)"}, f"{_EXPONENTIAL}: the power rule is for a base that varies"),
    Rule("pow", {1: "x**y/log(x)"}, f"{_EXPONENTIAL}: log(a) is a factor, not a divisor"),
    *_unary("square", "u**2", "2*u", "2*x**2", "x", "x**2"),
    *_unary("sqrt", "sqrt(u)", "1/(2*sqrt(u))", "1/z", "z/2", "1/(2*x)", "-1/(2*x*z)"),
    *_unary("cbrt", "cbrt(u)", "1/(3*cbrt(u)**2)", "1/z**2", "1/(3*z)", "z/3"),
    # products, quotients, sums
    Rule("mul", {ANY: "x"}, f"{_PRODUCT}, not that factor"),
    Rule("mul", {ANY: "z"}, f"{_PRODUCT}, without that factor", cost=ODD_RULE),
    Rule("add", {ANY: "y"}, "the derivative of a sum by one term is 1, not the other terms"),
    Rule("div", {0: "1", 1: "-z"}, f"{_QUOTIENT}: the denominator has to be squared"),
    Rule("div", {1: "-z"}, f"{_QUOTIENT}: the denominator has to be squared"),
    Rule("div", {0: "1/y", 1: "z/y"}, f"{_QUOTIENT}: the second term is subtracted, not added",
         of_quotient=True),
    Rule("div", {0: "-1/y", 1: "z/y"}, f"{_QUOTIENT}: the two terms are the other way round",
         of_quotient=True),
    Rule("div", {0: "-y/x**2", 1: "1/x"}, f"{_QUOTIENT}: the quotient is turned upside down"),
    Rule("div", {0: "y", 1: "-x"}, f"{_QUOTIENT}: the denominator is missing"),
    Rule("div", {0: "1/y**2"}, f"{_QUOTIENT}: f' has to be multiplied by g"),
    Rule("div", {1: "-1/y**2"}, f"{_QUOTIENT}: g' has to be multiplied by f"),
    *_unary("reciprocal", "1/u", "-1/u**2", ("z**2", "1/u**2"), ("-z", "-1/u"), "log(abs(x))",
            ("-z**3", "-1/u**3")),
    # exponentials and logarithms
    *_unary("exp", "exp(u)", "exp(u)", "x*exp(x - 1)", "x*z", "exp(x - 1)"),
    *_unary("exp2", "2**u", "2**u*log(2)", "z", "x*2**(x - 1)", "z/log(2)"),
    *_unary("expm1", "exp(u) - 1", "exp(u)", "z", "x*exp(x - 1)"),
    *_unary("log", "log(u)", "1/u", "log(x)/x", "1/z", "1/x**2", "-1/x**2", "exp(x)",
            "1/(x*log(10))", "x"),
    *_unary("log2", "log2(u)", "1/(u*log(2))", "1/x", "log(2)/x"),
    *_unary("log10", "log10(u)", "1/(u*log(10))", "1/x", "log(10)/x"),
    *_unary("log1p", "log(1 + u)", "1/(1 + u)", "1/x", "1/(1 + x)**2"),
    # trigonometry
    *_unary("sin", "sin(u)", "cos(u)", "-cos(x)", "z", "-z"),
    Rule("cos", {0: "sin(x)"}, "the derivative of cos(u) is -sin(u), not sin(u)", cost=KNOWN_RULE),
    *_unary("cos", "cos(u)", "-sin(u)", "z", "-z"),
    *_unary("tan", "tan(u)", "1/cos(u)**2", "1/cos(x)", "1 - z**2", "-1/cos(x)**2", "z/cos(x)",
            "1/sin(x)**2", "1 + x**2", "1/(1 + x**2)", "z**2"),
    *_unary("asin", "asin(u)", "1/sqrt(1 - u**2)", "1/sqrt(1 + x**2)", "1/(1 - x**2)",
            "-1/sqrt(1 - x**2)", "1/(1 + x**2)", "sqrt(1 - x**2)", "acos(x)",
            ("-cos(x)/sin(x)**2", "that of 1/sin(u)")),
    *_unary("acos", "acos(u)", "-1/sqrt(1 - u**2)", "1/sqrt(1 - x**2)", "-1/sqrt(1 + x**2)",
            "-1/(1 - x**2)", "-asin(x)", ("sin(x)/cos(x)**2", "that of 1/cos(u)")),
    *_unary("atan", "atan(u)", "1/(1 + u**2)", "1/sqrt(1 + x**2)", "1/(1 - x**2)",
            "1/sqrt(1 - x**2)", "1/(1 + x)**2", "1/(1 + x)", "1 + x**2", "-1/(1 + x**2)",
            ("-1/sin(x)**2", "that of 1/tan(u)")),
    *_unary("sinc", "sinc(u)", "(cos(pi*u) - sinc(u))/u", "cos(pi*x)", "pi*cos(pi*x)"),
    *_unary("deg2rad", "deg2rad(u)", "pi/180", "180/pi"),
    *_unary("rad2deg", "rad2deg(u)", "180/pi", "pi/180"),
    # hyperbolic functions
    *_unary("sinh", "sinh(u)", "cosh(u)", "-cosh(x)", "z", "cos(x)"),
    *_unary("cosh", "cosh(u)", "sinh(u)", "-sinh(x)", "z", "-sin(x)"),
    *_unary("tanh", "tanh(u)", "1 - tanh(u)**2", "1 - x**2", "1 - z", "1 + z**2", "z*(1 - z)",
            "1/cosh(x)", "-1/cosh(x)**2", "1/cos(x)**2", "(1 - z)**2", "z**2", "z"),
    *_unary("asinh", "asinh(u)", "1/sqrt(u**2 + 1)", "1/sqrt(1 - x**2)", "1/sqrt(x**2 - 1)",
            "1/(1 + x**2)"),
    *_unary("acosh", "acosh(u)", "1/sqrt(u**2 - 1)", "1/sqrt(x**2 + 1)", "-1/sqrt(x**2 - 1)",
            "1/(x**2 - 1)"),
    *_unary("atanh", "atanh(u)", "1/(1 - u**2)", "1/(1 + x**2)", "1/sqrt(1 - x**2)",
            "-1/(1 - x**2)"),
    # activations
    *_unary("sigmoid", "sigmoid(u)", "s*(1 - s)", "z", "1 - z", "z*(1 + z)", "x*(1 - x)", "z**2",
            "1 - z**2", "z*(z - 1)", "z*(1 - x)", z="s"),
    *_unary("logit", "log(u/(1 - u))", "1/(u*(1 - u))", "x*(1 - x)", "(1 - x)/x", "1/x",
            "1/(1 - x)", "1/x - 1/(1 - x)"),
    *_unary("softplus", "log(1 + exp(u))", "sigmoid(u)", "1/(1 + exp(x))", "exp(x)", "z",
            "sigmoid(x)*(1 - sigmoid(x))"),
    *_unary("silu", "u*sigmoid(u)", "s + u*s*(1 - s), where s = sigmoid(u)",
            ("sigmoid(x)", "s"), ("x*sigmoid(x)*(1 - sigmoid(x))", "u*s*(1 - s)"),
            ("sigmoid(x)*(1 - sigmoid(x))", "s*(1 - s)"), ("sigmoid(x)*(1 + x)", "s*(1 + u)")),
    *_unary("gelu", "u*P(u)", "P + u*P', where P is the normal distribution's",
            ("0.5*(1 + erf(x/sqrt(2)))", "P"), ("x*exp(-x*x/2)/sqrt(2*pi)", "u*P'"),
            ("exp(-x*x/2)/sqrt(2*pi)", "P'")),
    _wrong("leaky_relu", "where(x > 0, 1, 0)", "the slope below 0 is alpha, not 0"),
    _wrong("leaky_relu", "where(x > 0, 1, -alpha)", "the slope below 0 is alpha, not -alpha"),
    _wrong("relu", "x", "the derivative of relu is 1 where it passes on its operand, not that"),
    _wrong("elu", "where(x > 0, 1, alpha)", "the slope below 0 is alpha*exp(u), not alpha"),
    _wrong("elu", "where(x > 0, 1, z)", "the slope below 0 is alpha*exp(u), not the value"),
    _wrong("elu", "where(x > 0, 1, 0)", "the slope below 0 is alpha*exp(u), not 0"),
    # special functions
    *_unary("erf", "erf(u)", "2/sqrt(pi)*exp(-u**2)", "exp(-x**2)", "2/sqrt(pi)*exp(x**2)",
            "exp(-x**2/2)/sqrt(2*pi)"),
    *_unary("erfc", "1 - erf(u)", "-2/sqrt(pi)*exp(-u**2)", "2/sqrt(pi)*exp(-x**2)",
            "-exp(-x**2)"),
    *(_wrong(operation, "1", f"{operation} is level between its jumps, so its derivative is 0")
      for operation in ("floor", "ceil", "round", "sign")),
    # two operands
    *(Rule("hypot", {place: wrong}, f"{_HYPOT}, not {taken}")
      for place, own in ((0, "x"), (1, "y"))
      for wrong, taken in (
          ("1/(2*z)", "1/(2*sqrt(u**2 + v**2))"), (own, "u"), (f"2*{own}", "2*u"))),
    Rule("atan2", {0: "x/(x*x + y*y)", 1: "-y/(x*x + y*y)"},
         "the derivatives of atan2 by its two operands were exchanged"),
    Rule("atan2", {0: "y*y/(x*x + y*y)"}, "atan(v/u) has the inner derivative 1/u by v"),
    Rule("logaddexp", {0: "exp(x)", 1: "exp(y)"}, f"{_LOGADDEXP}, not exp(u)"),
    Rule("logaddexp", {0: "sigmoid(y - x)", 1: "sigmoid(x - y)"},
         f"{_LOGADDEXP}, not exp(v)/(exp(u) + exp(v))"),
    # gates
    _gate("relu", {0: "1"}, "relu passes no gradient on where its operand is negative"),
    _gate("leaky_relu", {0: "1"}, "where its operand is negative, leaky_relu passes on alpha times"
          " the gradient"),
    _gate("elu", {0: "1"}, "where its operand is negative, elu does not pass the gradient on"
          " unchanged"),
    _gate("abs", {0: "1"}, "the derivative of |u| is -1 where u is negative"),
    _gate("clip", {0: "1"}, "clip passes no gradient on outside of its bounds"),
    *_larger("maximum", ">"), *_larger("minimum", "<"),
    _gate("where", {1: "1", 2: "1"}, "where passes the gradient to the branch taken, not to both"),
    _gate("where", {1: "where(x == 0, 1, 0)", 2: "where(x == 0, 0, 1)"},
          "where passes the gradient to the branch taken, not to the other"),
    *(_gate("where", {place: "1"}, "where passes the gradient to the branch taken only")
      for place in (1, 2)),
    # angles in degrees
    *_degrees("sin", "cos(pi/180*x)"), *_degrees("cos", "-sin(pi/180*x)"),
    *_degrees("tan", "1/cos(pi/180*x)**2"),
    _to_degrees("asin", "1/sqrt(1 - x*x)"), _to_degrees("acos", "-1/sqrt(1 - x*x)"),
    _to_degrees("atan", "1/(1 + x*x)"),
    # antiderivatives
    _integrated("pow", "where(y == -1, log(abs(x)), x**(y + 1)/(y + 1))"),
    _integrated("square", "x**3/3"), _integrated("sqrt", "2/3*x*z"), _integrated("cbrt", "3/4*x*z"),
    _integrated("reciprocal", "log(abs(x))"), _integrated("exp2", "z/log(2)"),
    _integrated("log", "x*z - x"), _integrated("sin", "-cos(x)"), _integrated("cos", "sin(x)"),
    _integrated("tan", "-log(abs(cos(x)))"), _integrated("sinh", "cosh(x)"),
    _integrated("cosh", "sinh(x)"), _integrated("tanh", "log(cosh(x))"),
    _integrated("sigmoid", "softplus(x)"), _integrated("atan", "x*z - log(1 + x*x)/2"),
    _integrated("asin", "x*z + sqrt(1 - x*x)"), _integrated("acos", "x*z - sqrt(1 - x*x)"),
)
# fmt: on
