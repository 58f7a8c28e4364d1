"""Elementwise operations: a row each, its value and its partials as formulas.

A row reads: name, value, first partials, second partials, what it is. With one operand `x` the
second partial is d2/dx2; with two, `x` and `y`, they are d2/dx2, d2/dxdy, d2/dy2. `z` is the
value, already computed. The formulas are chosen so that value and partials keep full relative
accuracy over the whole domain and do not overflow on the way to an answer that fits (so tanh'
is (1/cosh(x))**2, not 1 - z*z, which is 0 already at x = 20).

A partial that is the text "0" is no edge at all: nothing flows along it. `gate` marks rows
whose partials are chosen from constants (relu, where, maximum, ...): a 0 of theirs is exact,
never the rounded or computed value of something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autograd_core.operations.attributes import NUMBER, Attribute
from autograd_core.operations.elementwise_row import Elementwise

OPERAND_NAMES = ("x", "y", "w")


def _row(operands: tuple[str, ...]) -> Callable[..., Elementwise]:
    def row(name: str, value: str, first: Any, second: Any, doc: str, **more: Any) -> Elementwise:
        first = (first,) if isinstance(first, str) else tuple(first)
        second = (second,) if isinstance(second, str) else tuple(second)
        arity = more.pop("arity", (len(operands), len(operands)))
        more.setdefault("category", "elementwise")
        return Elementwise(
            name=name,
            value_formula=value,
            first=first,
            second=second,
            doc=doc,
            operands=operands,
            arity=arity,
            **more,
        )

    return row


_one, _two, _three = (_row(OPERAND_NAMES[:count]) for count in (1, 2, 3))


def _alpha(default: float, doc: str) -> tuple[Attribute, ...]:
    return (Attribute("alpha", NUMBER, doc, default),)


# fmt: off
ROWS: tuple[Elementwise, ...] = (
    # arithmetic
    _one("neg", "-x", "-1", "0", "Negation.", aliases=("negative",)),
    _one("abs", "abs(x)", "sign(x)", "0", "Absolute value.",
         aliases=("absolute",), analytic=False, conventions="derivative 0 at 0"),
    _one("sign", "sign(x)", "0", "0", "-1, 0 or 1.", analytic=False, conventions="derivative 0"),
    _one("reciprocal", "1/x", "-z*z", "2*z*z*z", "One over x.", conventions="1/0 is inf"),
    _one("square", "x*x", "2*x", "2", "x times x."),
    _one("sqrt", "sqrt(x)", "0.5/z", "-0.25/x/z", "Square root.", domain="x >= 0"),
    _one("cbrt", "cbrt(x)", "1/(3*z*z)", "-2/9/x/(z*z)", "Cube root, of negative numbers too."),
    # exponentials and logarithms
    _one("exp", "exp(x)", "z", "z", "e to the power x."),
    _one("exp2", "exp2(x)", "z*LN2", "z*LN2*LN2", "2 to the power x."),
    _one("expm1", "expm1(x)", "exp(x)", "exp(x)", "exp(x) - 1, accurate near 0."),
    _one("log", "log(x)", "1/x", "-1/x/x", "Natural logarithm.", domain="x > 0"),
    _one("log2", "log2(x)", "1/x/LN2", "-1/x/x/LN2", "Logarithm to base 2.", domain="x > 0"),
    _one("log10", "log10(x)", "1/x/LN10", "-1/x/x/LN10", "Logarithm to base 10.", domain="x > 0"),
    _one("log1p", "log1p(x)", "1/(1 + x)", "-1/(1 + x)**2",
         "log(1 + x), accurate near 0.", domain="x > -1"),
    # trigonometry
    _one("sin", "sin(x)", "cos(x)", "-z", "Sine of x radians."),
    _one("cos", "cos(x)", "-sin(x)", "-z", "Cosine of x radians."),
    _one("tan", "tan(x)", "1 + z*z", "2*z*(1 + z*z)", "Tangent of x radians."),
    _one("asin", "asin(x)", "1/sqrt((1 - x)*(1 + x))", "x/((1 - x)*(1 + x))**1.5",
         "Inverse sine, in radians.", aliases=("arcsin",), domain="-1 <= x <= 1"),
    _one("acos", "acos(x)", "-1/sqrt((1 - x)*(1 + x))", "-x/((1 - x)*(1 + x))**1.5",
         "Inverse cosine, in radians.", aliases=("arccos",), domain="-1 <= x <= 1"),
    _one("atan", "atan(x)", "1/(1 + x*x)", "-2/(1 + x*x)*x/(1 + x*x)",
         "Inverse tangent, in radians.", aliases=("arctan",)),
    _one("sinc", "sinc(x)", "sinc1(x)", "sinc2(x)", "sin(pi*x)/(pi*x), and 1 at 0.",
         conventions="derivative 0 at 0"),
    _one("deg2rad", "x*(pi/180)", "pi/180", "0", "Degrees to radians.", aliases=("radians",)),
    _one("rad2deg", "x*(180/pi)", "180/pi", "0", "Radians to degrees.", aliases=("degrees",)),
    # hyperbolic functions
    _one("sinh", "sinh(x)", "cosh(x)", "z", "Hyperbolic sine."),
    _one("cosh", "cosh(x)", "sinh(x)", "z", "Hyperbolic cosine."),
    _one("tanh", "tanh(x)", "sech(x)**2", "-2*z*sech(x)**2", "Hyperbolic tangent."),
    _one("asinh", "asinh(x)", "1/hypot(1, x)", "-x/hypot(1, x)/hypot(1, x)/hypot(1, x)",
         "Inverse hyperbolic sine.", aliases=("arcsinh",)),
    _one("acosh", "acosh(x)", "1/(sqrt(x - 1)*sqrt(x + 1))",
         "-x/(x - 1)/(x + 1)/(sqrt(x - 1)*sqrt(x + 1))",
         "Inverse hyperbolic cosine.", aliases=("arccosh",), domain="x >= 1"),
    _one("atanh", "atanh(x)", "1/((1 - x)*(1 + x))", "2*x/((1 - x)*(1 + x))**2",
         "Inverse hyperbolic tangent.", aliases=("arctanh",), domain="-1 < x < 1"),
    # rounding
    _one("floor", "floor(x)", "0", "0", "Largest whole number not above x.",
         analytic=False, conventions="derivative 0"),
    _one("ceil", "ceil(x)", "0", "0", "Smallest whole number not below x.",
         analytic=False, conventions="derivative 0"),
    _one("round", "round(x)", "0", "0", "Nearest whole number, halves to even.",
         aliases=("rint",), analytic=False, conventions="half to even; derivative 0"),
    # activations
    _one("sigmoid", "sigmoid(x)", "z*sigmoid(-x)", "-z*sigmoid(-x)*tanh(x/2)",
         "1/(1 + exp(-x)).", aliases=("expit", "logistic"), category="activation"),
    _one("logit", "select(abs(x - 0.5) < 0.25, 2*atanh(2*x - 1), log(x) - log1p(-x))",
         "1/x/(1 - x)", "(2*x - 1)/x/x/(1 - x)/(1 - x)",
         "log(x/(1 - x)), the inverse of sigmoid.", domain="0 < x < 1", category="activation"),
    _one("softplus", "softplus(x)", "sigmoid(x)", "sigmoid(x)*sigmoid(-x)",
         "log(1 + exp(x)).", category="activation"),
    _one("relu", "select(x <= 0, 0, x)", "select(z > 0, 1, 0)", "0", "x where positive, else 0.",
         gate=True, analytic=False, conventions="derivative 0 at 0", category="activation"),
    _one("leaky_relu", "select(x > 0, x, alpha*x)", "select(x > 0, 1, alpha)", "0",
         "x where positive, else alpha*x.", attributes=_alpha(0.01, "slope for x < 0"), gate=True,
         analytic=False, conventions="derivative alpha at 0", category="activation"),
    _one("elu", "select(x > 0, x, alpha*expm1(minimum(x, 0)))",
         "select(x > 0, 1, alpha*exp(minimum(x, 0)))", "select(x > 0, 0, alpha*exp(minimum(x, 0)))",
         "x where positive, else alpha*(exp(x) - 1).",
         attributes=_alpha(1.0, "limit at -inf, negated"), analytic=False,
         conventions="derivative alpha at 0", category="activation"),
    _one("gelu", "x*normal_cdf(x)", "normal_cdf(x) + x*normal_pdf(x)",
         "(sqrt(2) - x)*normal_pdf(x)*(sqrt(2) + x)",
         "x times the normal distribution function (the erf form).", category="activation"),
    _one("silu", "x*sigmoid(x)", "sigmoid(x)*(1 + x*sigmoid(-x))",
         "sigmoid(x)*sigmoid(-x)*(2 - x*tanh(x/2))",
         "x*sigmoid(x).", aliases=("swish",), category="activation"),
    # special functions
    _one("erf", "erf(x)", "2/sqrt(pi)*exp(-x*x)", "-4/sqrt(pi)*exp(-x*x)*x", "Error function."),
    _one("erfc", "erfc(x)", "-2/sqrt(pi)*exp(-x*x)", "4/sqrt(pi)*exp(-x*x)*x",
         "1 - erf(x), accurate for large x."),
    _one("erfinv", "erfinv(x)", "sqrt(pi)/2*exp(z*z)", "pi/2*z*exp(2*z*z)",
         "Inverse error function.", domain="-1 <= x <= 1", analytic=False,
         conventions="the complex-step check has no erfinv"),
    _one("gammaln", "log_gamma(x)", "psi(x)", "trigamma(x)", "log|Gamma(x)|.",
         aliases=("lgamma",), conventions="inf at 0, -1, -2, ..."),
    _one("digamma", "psi(x)", "trigamma(x)", "tetragamma(x)", "Derivative of gammaln.",
         derivative="d/dx: the trigamma function, which is no operation"),
    # flow of gradients, truth
    _one("identity", "x + 0", "1", "0", "x itself.", aliases=("positive",)),
    _one("stop_gradient", "x + 0", "0", "0", "x itself, with no gradient.",
         aliases=("detach",), analytic=False, conventions="derivative 0"),
    _one("logical_not", "select(x == 0, 1.0, 0.0)", "0", "0", "1 where x is 0, else 0.",
         analytic=False, conventions="derivative 0", category="logic"),

    # two operands
    _two("add", "x + y", ("1", "1"), ("0", "0", "0"), "Sum of two operands or more.",
         aliases=("+",), arity=(2, None)),
    _two("sub", "x - y", ("1", "-1"), ("0", "0", "0"), "Difference.", aliases=("-", "subtract")),
    _two("mul", "x*y", ("y", "x"), ("0", "1", "0"), "Product of two operands or more.",
         aliases=("*", "multiply"), arity=(2, None)),
    _two("div", "x/y", ("1/y", "-z/y"), ("0", "-1/y/y", "2*z/y/y"), "Quotient.",
         aliases=("/", "divide", "truediv"), conventions="1/0 is inf, 0/0 is NaN"),
    _two("pow", "x**y",
         ("select(y == 0, 0, power_dx(x, y, z, x**(y - 1)))",
          "select((x == 0) & (y >= 0), 0, z*log(x))"),
         ("select((y == 0) | (y == 1), 0, scaled_power(y, y - 1, x, y - 2, x**(y - 2)))",
          "select((x == 0) & (y > 1), 0, power_dxy(x, y, x**(y - 1)))",
          "select((x == 0) & (y >= 0), 0, scaled_power(log(x), log(x), x, y, z))"),
         "x to the power y.", aliases=("**", "^", "power"),
         conventions="d/dx is 0 where y = 0; d/dy is 0 where x = 0 and y >= 0, NaN where x < 0",
         if_constant=((None, "pow_constant"), (2.0, "square"), (3.0, "cube"))),
    _two("maximum", "maximum(x, y)",
         ("select(x > y, 1, select(x == y, 0.5, 0))", "select(y > x, 1, select(x == y, 0.5, 0))"),
         ("0", "0", "0"), "The larger of two.", gate=True, analytic=False,
         conventions="half of the gradient to each side of a tie"),
    _two("minimum", "minimum(x, y)",
         ("select(x < y, 1, select(x == y, 0.5, 0))", "select(y < x, 1, select(x == y, 0.5, 0))"),
         ("0", "0", "0"), "The smaller of two.", gate=True, analytic=False,
         conventions="half of the gradient to each side of a tie"),
    _two("mod", "mod(x, y)", ("1", "-round((x - z)/y)"), ("0", "0", "0"),
         "Remainder with the sign of y.", aliases=("%", "remainder"), analytic=False,
         domain="y != 0", conventions="floored, as in Python: x - y*floor(x/y)"),
    _two("atan2", "atan2(x, y)",
         ("y/hypot(x, y)/hypot(x, y)", "-x/hypot(x, y)/hypot(x, y)"),
         ("-2*(x/hypot(x, y))*(y/hypot(x, y))/hypot(x, y)/hypot(x, y)",
          ("(abs(x) - abs(y))/hypot(x, y)*(abs(x)/hypot(x, y) + abs(y)/hypot(x, y))"
           "/hypot(x, y)/hypot(x, y)"),
          "2*(x/hypot(x, y))*(y/hypot(x, y))/hypot(x, y)/hypot(x, y)"),
         "Angle of the point (y, x): x is the ordinate.", aliases=("arctan2",)),
    _two("hypot", "hypot(x, y)",
         ("unit(x, y, z)", "unit(y, x, z)"),
         ("square_ratio(unit(y, x, z), z)", "-ratio(unit(x, y, z)*unit(y, x, z), z)",
          "square_ratio(unit(x, y, z), z)"),
         "sqrt(x*x + y*y), without overflow.", conventions="partials 0 at (0, 0)"),
    _two("logaddexp", "select(x == y, x + LN2, maximum(x, y) + log1p(exp(-abs(x - y))))",
         ("sigmoid(x - y)", "sigmoid(y - x)"),
         ("sigmoid(x - y)*sigmoid(y - x)", "-sigmoid(x - y)*sigmoid(y - x)",
          "sigmoid(x - y)*sigmoid(y - x)"),
         "log(exp(x) + exp(y))."),
    _two("copysign", "copysign(x, y)", ("sign(x)*copysign(1, y)", "0"), ("0", "0", "0"),
         "|x| with the sign of y.", analytic=False, conventions="derivative 0 at x = 0"),
    *(
        _two(name, f"select(x {symbol} y, 1.0, 0.0)", ("0", "0"), ("0", "0", "0"),
             f"1 where x {symbol} y, else 0.", aliases=(symbol, alias), analytic=False,
             conventions="derivative 0", category="logic")
        for name, symbol, alias in (
            ("gt", ">", "greater"), ("ge", ">=", "greater_equal"), ("lt", "<", "less"),
            ("le", "<=", "less_equal"), ("eq", "==", "equal"), ("ne", "!=", "not_equal"),
        )
    ),
    _two("logical_and", "select((x != 0) & (y != 0), 1.0, 0.0)", ("0", "0"), ("0", "0", "0"),
         "1 where neither is 0.", analytic=False, conventions="derivative 0", category="logic"),
    _two("logical_or", "select((x != 0) | (y != 0), 1.0, 0.0)", ("0", "0"), ("0", "0", "0"),
         "1 where one is not 0.", analytic=False, conventions="derivative 0", category="logic"),

    # three operands
    _three("where", "select(x != 0, y, w)",
           ("0", "select(x != 0, 1, 0)", "select(x != 0, 0, 1)"), ("0",) * 6,
           "y where x is not 0, else w.", gate=True, analytic=False,
           conventions="nothing flows to the branch not taken"),
    _three("clip", "minimum(maximum(x, y), w)",
           ("select((x >= y) & (x <= w), 1, 0)", "select((x < y) & (y <= w), 1, 0)",
            "select((z == z) & ((x > w) | (y > w)), 1, 0)"), ("0",) * 6,
           "x held between y and w.", aliases=("clamp",), gate=True, analytic=False,
           conventions="derivative 1 on the closed interval", links=("clip_low", "clip_high")),
)

TABLE: Mapping[str, Elementwise] = {row.name: row for row in ROWS}

# What the tape has beside these: the rows that their `links` and `if_constant` name.
PARTS: tuple[Elementwise, ...] = (
    _two("clip_low", "maximum(x, y)", ("select(x >= y, 1, 0)", "select(x < y, 1, 0)"),
         ("0", "0", "0"), "x, held above y."),
    _two("clip_high", "minimum(x, y)", ("select(x <= y, 1, 0)", "select(x > y, 1, 0)"),
         ("0", "0", "0"), "x, held below y."),
    _two("pow_constant", "x**y", (TABLE["pow"].first[0], "0"), (TABLE["pow"].second[0], "0", "0"),
         "x to a power that is held."),
    _one("cube", "x*x*x", "3*x*x", "6*x", "x times x times x."),
)
# fmt: on
