"""The language of the op table's formulas, and its NumPy meaning.

A formula is text over the operands `x`, `y`, `w`, the result `z`, an operation's attributes
and the functions below. It is our own text, compiled when this package is imported; nothing
that a caller sends is ever evaluated. Another engine gives the same text another meaning by
compiling it over another vocabulary (the complex-step check does, see COMPLEX).
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import special

Vocabulary = Mapping[str, Any]

# Auxiliary functions, in the same language. Each names its parameters and may use the ones
# above it. They exist where the textbook formula loses digits or overflows.
AUXILIARY: tuple[tuple[str, str, str], ...] = (
    # x/z, and 0 where z is 0.
    ("ratio", "x, z", "select(z == 0, 0, x/select(z == 0, 1, z))"),
    # x*x/z of |x| <= 1: neither x*x underflows nor x/z overflows where the answer fits.
    ("square_ratio", "x, z", "select(abs(x) > 1e-100, ratio(x*x, z), x*ratio(x, z))"),
    # x/z where z is hypot(x, y): of numbers of moderate size where that overflows or is subnormal.
    ("scaled_unit", "x, y, s", "ratio(x*s, hypot(x*s, y*s))"),
    (
        "unit",
        "x, y, z",
        (
            "select((z > 1e-300) & (z < inf), x/select(z == 0, 1, z), "
            "scaled_unit(x, y, select(z < 1, 2.0**600, 2.0**-600)))"
        ),
    ),
    # c*d*p where p is x**w: p may be too large or too small for a number where the product is
    # not, and so may c*d; then the power is taken in four parts, v each.
    ("split_power", "c, d, v", "c*v*v*v*(d*v)"),
    (
        "scaled_power",
        "c, d, x, w, p",
        (
            "select((abs(p) > 1e-290) & (abs(p) < 1e290) & (abs(c) < 1e150), c*d*p, "
            "select(p == p, copysign(1, p)*split_power(c, d, abs(x)**(w/4)), p))"
        ),
    ),
    # d/dx of x**y = z, p being x**(y - 1). Where y is large it is even, and y - 1 may be rounded to
    # an even number, too: the sign is that of z/x.
    (
        "power_dx",
        "x, y, z, p",
        (
            "select((abs(p) > 1e-290) & (abs(p) < 1e290) & (abs(y) < 1e15), y*p, select(p == p, "
            "copysign(1, z)*copysign(1, x)*split_power(y, 1, abs(x)**((y - 1)/4)), p))"
        ),
    ),
    # d2/dxdy of x**y, p being x**(y - 1): y*log(x) may overflow where p is 0.
    ("power_dxy", "x, y, p", "select((p == 0) & (x > 0), 0, p*(1 + y*log(x)))"),
    # sin(pi*x) and cos(pi*x) with the argument reduced exactly, so that zeros are zeros.
    ("fold", "x", "x - 2*round(x/2)"),
    ("fold_sin", "r", "sin(pi*select(abs(r) > 0.5, copysign(1, r) - r, r))"),
    ("fold_cos", "r", "select(abs(r) < 0.25, cos(pi*r), sin(pi*(0.5 - abs(r))))"),
    ("sinpi", "x", "fold_sin(fold(x))"),
    ("cospi", "x", "fold_cos(fold(x))"),
    ("sinc", "x", "select(x == 0, 1, sinpi(x)/(pi*select(x == 0, 1, x)))"),
    # Derivatives of sinc cancel near 0: Taylor series in u = (pi*x)**2 where |pi*x| < 1.
    (
        "sinc_taylor1",
        "u",
        (
            "-1/3 + u*(1/30 - u*(1/840 - u*(1/45360 - u*(1/3991680 - u*(1/518918400 "
            "- u*(1/93405312000 - u/22230464256000))))))"
        ),
    ),
    (
        "sinc_taylor2",
        "u",
        (
            "-1/3 + u*(1/10 - u*(1/168 - u*(1/6480 - u*(1/443520 - u*(1/47174400 "
            "- u*(1/7185024000 - u/1482030950400))))))"
        ),
    ),
    (
        "sinc1",
        "x",
        (
            "select(abs(x) < 1/pi, pi*pi*x*sinc_taylor1((pi*x)**2), "
            "(cospi(x) - sinc(x))/select(x == 0, 1, x))"
        ),
    ),
    (
        "sinc2",
        "x",
        (
            "select(abs(x) < 1/pi, pi*pi*sinc_taylor2((pi*x)**2), "
            "-pi*pi*sinc(x) - 2*sinc1(x)/select(x == 0, 1, x))"
        ),
    ),
    # exp of a number <= 0 only, so that nothing overflows on the way; and once, e.
    ("sigmoid_by", "x, e", "select(x >= 0, 1, e)/(1 + e)"),
    ("sigmoid", "x", "sigmoid_by(x, exp(-abs(x)))"),
    ("sech_by", "e", "2*e/(1 + e**2)"),
    ("sech", "x", "sech_by(exp(-abs(x)))"),
    ("softplus", "x", "maximum(x, 0) + log1p(exp(-abs(x)))"),
    ("normal_cdf", "x", "0.5*erfc(-x/sqrt(2))"),
    ("normal_pdf", "x", "exp(-x*x/2)/sqrt(2*pi)"),
    # polygamma of order 0, 1 and 2; reflection (Abramowitz & Stegun 6.4.7) for x <= 0, with the
    # argument of tan reduced exactly, and where the series behind zeta would sum |x| terms.
    (
        "psi",
        "x",
        "digamma(select(x > 0, x, 1 - x)) - select(x > 0, 0, pi/tan(pi*(x - round(x))))",
    ),
    (
        "trigamma",
        "x",
        (
            "select(x > 0, 0, (pi/sinpi(x))**2) "
            "+ select(x > 0, 1, -1)*zeta(2, select(x > 0, x, 1 - x))"
        ),
    ),
    (
        "tetragamma",
        "x",
        "select(x > 0, 0, -2*pi**3*cospi(x)/sinpi(x)**3) - 2*zeta(3, select(x > 0, x, 1 - x))",
    ),
)


def _log_gamma(x: Any) -> Any:
    """log|Gamma(x)|; near 1 and 2, where it crosses zero, by the complex routine's
    Taylor series, which keeps the digits that the real routine loses there; near 0 by
    -log|x|, which is right to the last digit (the next term is smaller by x) and finite where
    the real routine has inf.
    """
    near = (np.abs(x - 1) < 0.2) | (np.abs(x - 2) < 0.2)
    tiny = (np.abs(x) < _TINY) & (x != 0)
    found = special.gammaln(x)
    if np.any(near):
        series = special.loggamma(np.where(near, x, 1.0).astype(np.complex128)).real
        found = np.where(near, series, found)
    return np.where(tiny, -np.log(np.where(tiny, np.abs(x), 1.0)), found) if np.any(tiny) else found


_TINY = 1e-300


def short_cut(
    test: Callable[..., bool], ordinary: Callable[..., Any], whole: Callable[..., Any]
) -> Callable[..., Any]:
    """An auxiliary function that computes its other arm only where some element asks for it."""

    def function(*operands: Any) -> Any:
        return ordinary(*operands) if test(*operands) else whole(*operands)

    return function


def _select(condition: Any, one: Any, other: Any) -> Any:
    """np.where, which copies all of an arm that is chosen as a whole."""
    if isinstance(condition, np.bool_):
        chosen = one if condition else other
        if isinstance(chosen, np.ndarray) and np.broadcast(one, other).shape == chosen.shape:
            return chosen
    return np.where(condition, one, other)


def _within(low: float, array: Any, high: float) -> bool:
    """Whether low < |element| < high for every element; not if there is none, or NaN."""
    sizes = np.abs(array)
    return bool(sizes.size and low < sizes.min() and sizes.max() < high)


# Of these `select` would compute both arms for every array: what decides, and the first arm.
SHORT_CUTS: Mapping[str, tuple[Callable[..., bool], Callable[..., Any]]] = {
    "unit": (lambda x, y, z: _within(1e-300, z, math.inf), lambda x, y, z: x / z),
    "power_dx": (
        lambda x, y, z, p: (
            (not np.ndim(y) and y in (1, 2))  # then p is 1 or x
            or (_within(1e-290, p, 1e290) and _within(-1, y, 1e15))
        ),
        lambda x, y, z, p: y * p,
    ),
    "scaled_power": (
        lambda c, d, x, w, p: _within(1e-290, p, 1e290) and _within(-1, c, 1e150),
        lambda c, d, x, w, p: c * d * p,
    ),
    # Whole formulas, of pow: a square, to the last bit, and its partial 2*x take no power.
    "x**y": (lambda x, y, *_: not np.ndim(y) and y == 2, lambda x, y, *_: np.square(x)),
    "select(y == 0, 0, power_dx(x, y, z, x**(y - 1)))": (
        lambda x, y, *_: not np.ndim(y) and y == 2,
        lambda x, y, *_: 2 * x,
    ),
}


def _numpy_functions() -> dict[str, Any]:
    same = (
        "exp exp2 expm1 log log2 log10 log1p sqrt cbrt sin cos tan asin acos atan sinh cosh tanh "
        "asinh acosh atanh atan2 floor ceil hypot copysign maximum minimum mod sign abs"
    )
    return {
        **{name: getattr(np, name) for name in same.split()},
        "round": np.rint,
        "select": _select,
        "erf": special.erf,
        "erfc": special.erfc,
        "erfinv": special.erfinv,
        "log_gamma": _log_gamma,
        "digamma": special.digamma,
        "zeta": special.zeta,
        "pi": math.pi,
        "inf": math.inf,
        "nan": math.nan,
        "LN2": math.log(2),
        "LN10": math.log(10),
        "__builtins__": {},
    }


def names_in(formula: str) -> set[str]:
    """The names that a formula uses, of operands and functions."""
    return {node.id for node in ast.walk(ast.parse(formula)) if isinstance(node, ast.Name)}


def compiled(text: str, parameters: str, vocabulary: Vocabulary) -> Callable[..., Any]:
    """A formula as a function of the comma-separated parameters."""
    source = f"lambda {parameters}: ({text})"  # a row of our own table, never a caller's
    function: Callable[..., Any] = eval(source, dict(vocabulary))  # noqa: S307 - see above
    if text in SHORT_CUTS and vocabulary is NUMPY:
        return short_cut(*SHORT_CUTS[text], function)
    return function


def calls_something(formula: str) -> bool:
    """Whether a formula is more than sums, products and quotients."""
    return any(isinstance(node, ast.Call | ast.Pow) for node in ast.walk(ast.parse(formula)))


def _with_auxiliary(functions: dict[str, Any]) -> Vocabulary:
    for name, parameters, text in AUXILIARY:
        function = compiled(text, parameters, functions)
        if name in SHORT_CUTS:
            function = short_cut(*SHORT_CUTS[name], function)
        functions.setdefault(name, function)
    return functions


def _complex_cbrt(x: Any) -> Any:
    side = np.where(np.real(x) < 0, -1.0, 1.0)
    return side * np.exp(np.log(x * side) / 3)


def _complex_hypot(x: Any, y: Any) -> Any:
    scale = np.maximum(np.maximum(np.abs(x), np.abs(y)), np.finfo(float).tiny)
    return scale * np.sqrt((x / scale) ** 2 + (y / scale) ** 2)


def _complex_atan2(x: Any, y: Any) -> Any:
    """atan2 continued from the real angle: rotating by it leaves a small argument for atan."""
    angle = np.arctan2(np.real(x), np.real(y))
    cosine, sine = np.cos(angle), np.sin(angle)
    return angle + np.arctan((x * cosine - y * sine) / (y * cosine + x * sine))


def _complex_softplus(x: Any) -> Any:
    side = np.where(np.real(x) > 0, -1.0, 1.0)
    return np.where(side < 0, x, 0) + np.log1p(np.exp(side * x))


def _complex_log_gamma(x: Any) -> Any:
    """log|Gamma| continued from the real line; for x < 0 by reflection, because log(Gamma) has
    multiples of pi in its imaginary part there, and a small step is lost beside them.
    """
    left = np.real(x) < 0
    sine = np.sin(np.pi * np.where(left, x, 0.5))
    side = np.where(np.real(sine) < 0, -1.0, 1.0)
    right = special.loggamma(np.where(left, 1 - x, x))
    return np.where(left, np.log(np.pi / (side * sine)) - right, right)


def _complex_functions() -> dict[str, Any]:
    return {
        **_numpy_functions(),
        "cbrt": _complex_cbrt,
        "hypot": _complex_hypot,
        "atan2": _complex_atan2,
        "softplus": _complex_softplus,
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
        "sinpi": lambda x: np.sin(np.pi * x),
        "log_gamma": _complex_log_gamma,
        "maximum": lambda x, y: np.where(np.real(x) >= np.real(y), x, y),
        "abs": lambda x: np.where(np.real(x) < 0, -x, x),
    }


NUMPY: Vocabulary = _with_auxiliary(_numpy_functions())
COMPLEX: Vocabulary = _with_auxiliary(_complex_functions())
