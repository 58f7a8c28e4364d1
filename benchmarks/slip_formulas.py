"""Random functions of x with wrong derivative formulas, one slip in each, written as text.

The derivatives are put together from those of a handful of functions by the chain, product and
quotient rules, rightly or with a slip, as on paper.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Posed:
    """A function, the name it is differentiated by, and a wrong derivative with its slip."""

    function: str
    by: str
    claim: str
    code: str


@dataclass(frozen=True)
class Outer:
    """f(u): its derivative, what that is taken for, and its second derivative."""

    value: str
    slope: str
    wrong: tuple[str, ...]
    second: str


@dataclass(frozen=True)
class Term:
    """A function of x and its derivative."""

    value: str
    slope: str


OUTERS: Final = (
    Outer("sin({u})", "cos({u})", ("-cos({u})", "sin({u})"), "-sin({u})"),
    Outer("cos({u})", "-sin({u})", ("sin({u})", "cos({u})"), "-cos({u})"),
    Outer("exp({u})", "exp({u})", ("({u})*exp({u} - 1)",), "exp({u})"),
    Outer("log({u})", "1/({u})", ("1/log({u})", "log({u})/({u})"), "-1/({u})**2"),
    Outer("sqrt({u})", "1/(2*sqrt({u}))", ("1/sqrt({u})",), "-1/(4*({u})**1.5)"),
    Outer(
        "tanh({u})",
        "(1 - tanh({u})**2)",
        ("(1 - ({u})**2)", "(1 - tanh({u}))"),
        "-2*tanh({u})*(1 - tanh({u})**2)",
    ),
    Outer("({u})**3", "3*({u})**2", ("3*({u})**3", "({u})**2", "2*({u})**2"), "6*({u})"),
    Outer("({u})**5", "5*({u})**4", ("5*({u})**5", "({u})**4", "4*({u})**4"), "20*({u})**3"),
    Outer("(1/({u}))", "(-1/({u})**2)", ("1/({u})**2", "(-1/({u}))"), "2/({u})**3"),
)
_ANGLES: Final = {"sin({u})": "cos({d})", "cos({u})": "-sin({d})"}


def _inner(rng: random.Random) -> Term:
    a, b, n = rng.randint(2, 6), rng.randint(1, 7), rng.randint(2, 3)
    return rng.choice(
        (
            Term(f"{a}*x", f"{a}"),
            Term(f"{a}*x + {b}", f"{a}"),
            Term(f"x**{n} + {b}", f"{n}*x**{n - 1}"),
            Term(f"{a}*x**2 + {b}*x", f"({2 * a}*x + {b})"),
            Term("x", "1"),
        )
    )


def _term(rng: random.Random) -> Term:
    outer, inner = rng.choice(OUTERS), _inner(rng)
    u = inner.value
    slope = f"{outer.slope.format(u=u)}*{inner.slope}"
    return Term(outer.value.format(u=u), f"({slope})")


def _composed(rng: random.Random, code: str) -> Posed | None:
    outer, inner = rng.choice(OUTERS), _inner(rng)
    u, k = inner.value, rng.randint(2, 5)
    function = f"{k}*{outer.value.format(u=u)}"
    slope = f"{k}*{outer.slope.format(u=u)}*{inner.slope}"
    claim = None
    if code == "sign_flipped":
        claim = f"-({slope})"
    elif code == "constant_factor":
        claim = f"{rng.choice((2, 0.5, 1.7))}*{slope}"
    elif code == "missing_chain_factor" and inner.slope != "1":
        claim = rng.choice(
            (f"{k}*{outer.slope.format(u=u)}", f"{outer.slope.format(u=u)}*{inner.slope}")
        )
    elif code == "wrong_rule":
        claim = f"{k}*{rng.choice(outer.wrong).format(u=u)}*{inner.slope}"
    elif code == "value_not_gradient":
        claim = function
    elif code == "integrated_instead":
        return Posed(slope, "x", function, code)
    elif code == "differentiated_twice" and inner.value.isalnum() is False:
        a = inner.slope
        claim = f"{k}*{outer.second.format(u=u)}*{a}**2" if a.isdigit() else None
    elif code == "degrees_for_radians" and outer.value in _ANGLES:
        claim = f"{k}*{_ANGLES[outer.value].format(d=f'pi/180*({u})')}*{inner.slope}"
    elif code == "wrong_variable":
        f = outer.value.format(u=u)
        return Posed(f"y**2*{f}", "x", f"2*y*{f}", code)
    return None if claim is None else Posed(function, "x", claim, code)


def _product(rng: random.Random, code: str) -> Posed | None:
    f, g = _term(rng), _term(rng)
    left, right = f"{f.slope}*{g.value}", f"{f.value}*{g.slope}"
    claim = None
    if code == "dropped_path":
        claim = rng.choice((left, right))
    elif code == "wrong_rule":
        claim = f"{f.slope}*{g.slope}"
    elif code == "sign_flipped":
        claim = f"{left} - {right}"
    elif code == "gate_ignored":
        shut = f"relu(x - {rng.choice((0.9, 1.1, 1.3))})"
        return Posed(f"{shut}*{g.value}", "x", f"{g.value} + {shut}*{g.slope}", code)
    return None if claim is None else Posed(f"{f.value}*{g.value}", "x", claim, code)


def _quotient(rng: random.Random, code: str) -> Posed | None:
    f, g = _term(rng), _term(rng)
    left, right = f"{f.slope}*({g.value})", f"({f.value})*{g.slope}"
    square = f"({g.value})**2"
    claims = (
        f"({left} + {right})/{square}",
        f"({right} - {left})/{square}",
        f"({left} - {right})/({g.value})",
        f"{f.slope}/{g.slope}",
    )
    if code != "wrong_rule":
        return None
    return Posed(f"({f.value})/({g.value})", "x", rng.choice(claims), code)


_MAKERS: Final[tuple[Callable[[random.Random, str], Posed | None], ...]] = (
    _composed,
    _composed,
    _product,
    _quotient,
)
CODES: Final = (
    "sign_flipped",
    "constant_factor",
    "missing_chain_factor",
    "wrong_rule",
    "value_not_gradient",
    "integrated_instead",
    "differentiated_twice",
    "degrees_for_radians",
    "wrong_variable",
    "dropped_path",
    "gate_ignored",
)


def wrong_formula(rng: random.Random) -> Posed:
    """A function and a wrong derivative of it."""
    while True:
        found = rng.choice(_MAKERS)(rng, rng.choice(CODES))
        if found is not None:
            return found


def random_formula(rng: random.Random, depth: int = 3) -> str:
    """An expression in x that comes from no slip."""
    kind = rng.random()
    if depth == 0 or kind < 0.15:
        return rng.choice(("x", "x", f"{rng.randint(1, 9)}", f"{rng.uniform(0, 9):.2f}"))
    if kind < 0.6:
        sign = rng.choice("+-*/")
        return f"({random_formula(rng, depth - 1)} {sign} {random_formula(rng, depth - 1)})"
    if kind < 0.75:
        return f"({random_formula(rng, depth - 1)})**{rng.randint(2, 3)}"
    name = rng.choice(("sin", "cos", "exp", "tanh"))
    return f"{name}({random_formula(rng, depth - 1)})"


def random_function(rng: random.Random) -> str:
    """A function that a random formula may be claimed to be the derivative of."""
    kind: Mapping[int, Callable[[], str]] = {
        0: lambda: _term(rng).value,
        1: lambda: f"{_term(rng).value}*{_term(rng).value}",
        2: lambda: f"{rng.randint(2, 9)}*x**{rng.randint(2, 4)} - {rng.randint(1, 9)}*x",
    }
    return kind[rng.randrange(3)]()
