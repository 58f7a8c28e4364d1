"""Functions that are hard for finite differences, and points where they are so.

A case is infix text, bindings, and the name that its derivative is taken by. The gradients
that the engine gives are right at all of them, but for those of KINKS, which have none.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Case(NamedTuple):
    """A function of one number in a family of such; constants are bound to other names."""

    family: str
    text: str
    x: float
    constants: dict[str, float]


def smooth() -> Iterator[Case]:
    """Hard functions of x, differentiable where they are taken."""
    for family, texts, points in _SMOOTH:
        for text, x in itertools.product(texts, points):
            yield Case(family, text, x, {})
    for text, centre in _SHIFTED:
        for offset in (0.5, -2.0):
            yield Case("shifted far", text, centre + offset, {})
    yield Case("shifted far", "sin(x - 1e16) + x", 1e16, {})
    for text, width in _LAYERS:
        for times in (0.0, 0.3, -1.0, 5.0):
            yield Case("boundary layer", text, times * width, {})


def kinks() -> Iterator[Case]:
    """Functions of x that have no derivative where they are taken."""
    for text, x in _KINKS:
        yield Case("kink", text, x, {})


Family = tuple[str, Sequence[str], Sequence[float]]

_SMOOTH: tuple[Family, ...] = (
    (
        "oscillation",
        [f"sin({k}*x + {p})" for k in ("2*pi", "256*pi", "1000", "1e5", "1e7") for p in (0, 1)],
        (0.0, 0.3, -2.0, 100.0),
    ),
    (
        "oscillation on a slope",
        ("x + sin(x)", "x**2 + cos(100*x)", "x/3 + 1e-3*sin(1e4*x)", "exp(-x**2)*cos(64*pi*x)"),
        (0.0, 0.5, -3.0, 25.0),
    ),
    (
        "far from 0",
        ("sin(x)", "x + sin(x)", "sqrt(x)", "log(x)", "x**2", "1/x", "cos(x)/x", "tanh(x/1e9)"),
        (1e6, 1e9, 1e12, 1e15, 1e16),
    ),
    (
        "tiny x",
        (
            "1/x",
            "log(x)",
            "sqrt(x)",
            "x**2",
            "sin(x)",
            "x**1.5",
            "x*log(x)",
            "tanh(x)",
            "x/(x + 1)",
            "1/(1 + x)",
            "hypot(x, 1e-15)",
            "x**(1/3)",
        ),
        (1e-300, 1e-100, 1e-30, 1e-15, 1e-9, 1e-5),
    ),
    (
        "poles nearby",
        ("1/(x - 1)", "tan(x*pi/2)", "1/(x - 1)**2", "log(abs(x - 1))", "1/sin(pi*x)"),
        (1.001, 0.99999, 1.0000001, 0.5),
    ),
    ("essential", ("exp(-1/x)", "exp(-1/x**2)", "x*exp(-1/x)"), (0.02, 0.05, 0.2, 1.0, 30.0)),
    (
        "cancellation",
        (
            "1e16 + sin(x)",
            "(1e16 + sin(x)) - 1e16",
            "log(1 + x)",
            "(1 - cos(x))/x**2",
            "exp(x) - 1",
            "1e10 + x**2",
            "sqrt(x**2 + 1) - x",
            "(1 + x) - 1",
            "log(1 - cos(x))",
            "1e8*(x + 1) - 1e8*x",
            "sin(x)**2 + cos(x)**2",
            "(exp(x) - 1 - x)/x**2",
        ),
        (1e-12, 1e-7, 1e-3, 0.5, 300.0),
    ),
    ("steep", ("x**50", "x**-20", "x**200", "exp(50*x)", "exp(exp(x))"), (0.5, 1.0, 1.5)),
    (
        "magnitude",
        [f"{m}*sin(x)" for m in ("1e200", "1e-200", "1e-12", "1e12")]
        + ["1e-300*x + 1e-300", "x*1e300", "sin(x)/1e20 + 1e-20"],
        (0.7, 3.0),
    ),
    (
        "saturated",
        (
            "tanh(x)",
            "sigmoid(x)",
            "erf(x)",
            "atan(x)",
            "softplus(x)",
            "exp(-x**2)",
            "1/(1 + exp(x))",
        ),
        (5.0, 20.0, -30.0),
    ),
    ("edge of a domain", ("log(x)", "sqrt(x)", "x**0.3", "acosh(1 + x)"), (1e-4, 1e-8, 1e-14)),
    (
        "edge of a domain",
        ("asin(x)", "atanh(x)", "log(1 - x)", "sqrt(1 - x)", "acos(x)"),
        (0.99, 1 - 1e-6, 1 - 1e-12),
    ),
    (
        "kink nearby",
        ("abs(x - 1)", "relu(x - 1)*x", "maximum(x, 1)**2", "clip(x, 1, 2)", "sqrt(abs(x - 1))"),
        (1.01, 1 + 1e-4, 1 - 1e-8, 1 + 1e-12),
    ),
    (
        "staircase",
        ("floor(x)", "round(8*x)/8 + x", "x - floor(x)", "floor(x)*sin(x)", "mod(x, 0.1)"),
        (0.73, 3.0001, 1e5 + 0.25, -0.999999),
    ),
    (
        "staircase, fine",
        ("round(x*1e6)/1e6", "floor(1e4*x) + x"),
        (0.70000023, 0.1234567),
    ),
    ("special", ("gammaln(x)", "digamma(x)"), (1e-9, -2.5, -1000.3, 1e10)),
    ("chaos", ("sin(1/x)", "x*sin(1/x)", "cos(exp(x))"), (0.001, 0.02, 1.0, 12.0)),
)

_SHIFTED = [
    (f"{f}(x - {centre:g}){tail}", centre)
    for centre in (1e6, 1e9, 1e12)
    for f in ("tanh", "sin", "exp", "atan")
    for tail in ("", " + x")
]

_LAYERS = [
    (text.format(width), width)
    for width in (1e-3, 1e-6, 1e-9, 1e-12)
    for text in (
        "tanh(x/{0})", "hypot(x, {0})", "sqrt(x**2 + {0}**2)", "{0}*tanh(x/{0}) + x",
        "atan(x/{0})", "x/(abs(x) + {0})", "log(x**2 + {0}**2)", "{0}/(x**2 + {0}**2)",
    )
]  # fmt: skip

_KINKS: tuple[tuple[str, float], ...] = (
    ("abs(x)", 0.0), ("relu(x)", 0.0), ("abs(x - 2)", 2.0), ("maximum(x, 3*x)", 0.0),
    ("minimum(x, 2)", 2.0), ("clip(x, 0, 1)", 0.0), ("clip(x, 0, 1)", 1.0),
    ("leaky_relu(x)", 0.0), ("elu(x, alpha=2)", 0.0), ("abs(x - 1e6)", 1e6),
    ("abs(x - 1e-6)", 1e-6),
    ("abs(x - 1e-12) + x", 1e-12), ("abs(x - 1e12)", 1e12), ("1e6*abs(x)", 0.0),
    ("1e-6*abs(x)", 0.0), ("1e8 + abs(x)", 0.0),
    ("abs(x)/1e4 + exp(x)", 0.0), ("abs(x) + 100*cos(x)", 0.0), ("hypot(x, 0)", 0.0),
    ("abs(sin(pi*x))", 0.0), ("abs(x**2 - 4)", 2.0), ("where(x > 0, x, 2*x)", 0.0),
    ("cbrt(abs(x))", 0.0), ("sqrt(abs(x - 1))", 1.0), ("sqrt(abs(x))", 0.0), ("abs(x)**0.9", 0.0),
    ("relu(x - 1)**1.0 + tanh(x)", 1.0), ("exp(abs(x))", 0.0), ("exp(-abs(x)/1e-6)", 0.0),
    ("log(1 + abs(x))", 0.0), ("floor(x)", 2.0), ("round(x)", 2.5), ("mod(x, 1)", 3.0),
    ("sign(x)", 0.0), ("x > 1", 1.0), ("floor(x) + x**2", -1.0), ("atan2(x, -1)", 0.0),
    ("maximum(sin(x), 0)", 0.0), ("sqrt(x**2)", 0.0), ("abs(x)*1e-3 + x**2*1e3", 0.0),
)  # fmt: skip

# Functions of x that nothing is hard about.
EASY: tuple[tuple[str, float], ...] = tuple(
    itertools.product(
        (
            "x*x", "3*x**2 - 4*x + 5", "sin(x)", "cos(x)*x", "exp(x)", "exp(sin(x))", "tanh(x)",
            "log(1 + x**2)", "sqrt(1 + x**2)", "1/(1 + x**2)", "x**3 - 2*x", "sigmoid(x)",
            "x*exp(-x)", "atan(x)", "softplus(x)", "x**5 - 4*x**2", "erf(x)*gelu(x)", "asinh(x)/7",
            "exp(-x**2)*cos(3*x)", "log(2 + x)", "tanh(3*x + 1)", "sin(10*x)", "x/(1 + abs(x)) + x",
            "relu(x + 10)*x", "sinh(x)", "logaddexp(x, 1)", "expm1(x)", "2**x", "x*7 + 3",
            "exp(x) - 1", "log(1 + x*x/4)", "x**2/(x**2 + 1)",
        ),
        (-1.9, -0.7, 0.01, 0.3, 1.0, 1.7, 3.1),
    )
)  # fmt: skip
