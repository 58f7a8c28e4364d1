"""Right answers in other algebraic forms, and wrong ones, as SymPy and NumPy know them.

A random function is differentiated by SymPy, and its derivative rewritten: expanded, factored, put
over one denominator, in other functions. What SymPy may do to complex numbers a student may not do
to real ones, so a form counts as a right answer only if NumPy finds it defined wherever the
derivative is. A wrong answer is a right one with one part changed, of which NumPy finds the value
to be another somewhere on the function's own domain: 1/|x| is right for log(x).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import sympy as sp
from sympy.printing.str import StrPrinter

X, Y, A = sp.symbols("x y a", real=True)
FAR = np.random.default_rng(5).uniform(-9, 9, (3, 400))
NEAR = np.random.default_rng(6).uniform(-3, 3, (3, 400))
MOST_OPERATIONS, LONGEST = 25, 200
# What a form may not contain: numbers that are not real, and functions that texts have no name for.
STRANGE = (
    *(sp.I, sp.zoo, sp.nan, sp.oo, sp.re, sp.im, sp.arg, sp.Piecewise, sp.Derivative, sp.atan2),
    *(sp.cot, sp.sec, sp.csc, sp.coth, sp.sech, sp.csch),
)
UNARY: tuple[Callable[[Any], Any], ...] = (
    *(sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sqrt, sp.atan, sp.asin),
    *(sp.sinh, sp.cosh, sp.tanh, lambda u: 1 / (1 + sp.exp(-u))),
)
HYPERBOLIC = [sp.sinh, sp.cosh, sp.tanh]
FORMS: Mapping[str, Callable[[Any], Any]] = {
    "as it is": lambda e: e,
    "expanded": sp.expand,
    "factored": sp.factor,
    "over one denominator": sp.together,
    "cancelled": sp.cancel,
    "in partial fractions": lambda e: sp.apart(e, X),
    "simplified trigonometry": sp.trigsimp,
    "expanded trigonometry": sp.expand_trig,
    "powers joined": sp.powsimp,
    "roots out of denominators": sp.radsimp,
    "collected": lambda e: sp.collect(sp.expand(e), X),
    "by Horner": lambda e: sp.horner(e) if e.is_polynomial(X) else e,
    "in exponentials": lambda e: e.rewrite(HYPERBOLIC, sp.exp),
    "in cosines": lambda e: e.rewrite([sp.sin, sp.tan], sp.cos),
    "in tangents": lambda e: e.rewrite([sp.sin, sp.cos], sp.tan),
}
CHANGES: tuple[Callable[[Any], Any], ...] = (
    *(lambda e: -e, lambda e: 2 * e, lambda e: e + 1, lambda e: e**2, sp.Abs, sp.exp, sp.sin),
    *(lambda e: e * sp.Rational(1001, 1000), lambda e: sp.Integer(1), lambda e: sp.Integer(0)),
    lambda e: e + sp.Rational(1, 1000) * X,
)

# Not after a power or a division: x^2y and 1/2x have two readings.
_BY_HAND = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        (r"\*\*", "^"),
        (r"\ba(sin|cos|tan)\(", r"arc\1("),  # asin(x) is a·sin(x) as well where there is an a
        (r"(?<![\w.^/)])(\d+)\*(?=[a-z(])", r"\1"),
        (r"\b(sin|cos|tan)\(([^()]*)\)\^(\d+)(?![\w/.])", r"\1^\3(\2)"),
        (r"\bsqrt\(", "√("),
        (r"\babs\(([^()]*)\)", r"|\1|"),
        (r"\blog\(", "ln("),
        (r" - ", " − "),
        (r"\*", "·"),
    )
)


class _Printer(StrPrinter):  # type: ignore[misc]  # SymPy publishes no types
    """SymPy's infix, but for names that ours has otherwise."""

    def _print_Exp1(self, expression: Any) -> str:  # noqa: N802 - SymPy looks for this name
        return "exp(1)"

    def _print_Abs(self, expression: Any) -> str:  # noqa: N802 - SymPy looks for this name
        return f"abs({self._print(expression.args[0])})"


@dataclass(frozen=True)
class Answer:
    """A function, and what is claimed to be its derivative by x, as texts; form: how it is put;
    notation: how the claim is to be read.
    """

    function: str
    claim: str
    form: str
    notation: Literal["strict", "student"] = "strict"


def right_answers(count: int, seed: int = 0) -> Iterator[Answer]:
    """So many right answers."""
    for function, form, claim in _derivatives(count, random.Random(seed)):
        yield Answer(_text(function), _text(claim), form)


def wrong_answers(count: int, seed: int = 0) -> Iterator[Answer]:
    """So many wrong ones."""
    draw = random.Random(seed)
    made = 0
    while made < count:
        for function, form, claim in _derivatives(1, draw):
            wrong = _changed(claim, draw)
            if not wrong.has(*STRANGE) and _differ(function, claim, wrong):
                made += 1
                yield Answer(_text(function), _text(wrong), form)


def on_paper(answer: Answer) -> Answer:
    """An answer as it is written by hand, as far as that has one reading: 2x·sin^2(x)."""
    text = answer.claim
    for pattern, written in _BY_HAND:
        text = pattern.sub(written, text)
    return Answer(answer.function, text, f"{answer.form}, on paper", "student")


def _derivatives(count: int, draw: random.Random) -> Iterator[tuple[Any, str, Any]]:
    """Functions, each with its derivative in one of the forms."""
    made = 0
    while made < count:
        function = _function(draw, draw.choice((1, 2, 2, 3)))
        if not function.has(X) or function.has(*STRANGE):
            continue
        if sp.count_ops(function) > MOST_OPERATIONS:
            continue
        derivative, form = sp.diff(function, X), draw.choice(list(FORMS))
        try:
            claim = FORMS[form](derivative)
        except (sp.PolynomialError, NotImplementedError):
            continue  # SymPy has no such form of it
        if claim.has(*STRANGE) or sp.count_ops(claim) > LONGEST:
            continue
        if _is_somewhere(function) and _is_as_defined(claim, derivative):
            made += 1
            yield function, form, claim


def _function(draw: random.Random, depth: int) -> Any:
    if not depth:
        whole = sp.Integer(draw.randint(1, 5))
        return draw.choice((X, X, X, Y, A, whole, whole / 2))

    def part() -> Any:
        return _function(draw, depth - 1)

    kind = draw.random()
    if kind < 0.2:
        return part() + part()
    if kind < 0.3:
        return part() - part()
    if kind < 0.5:
        return part() * part()
    if kind < 0.6:
        return part() / part()
    if kind < 0.7:
        return part() ** draw.choice((2, 3, -1, -2, sp.Rational(1, 2)))
    return draw.choice(UNARY)(part())


def _changed(claim: Any, draw: random.Random) -> Any:
    """The claim with one part of it changed."""
    part = draw.choice(list(sp.preorder_traversal(claim)))
    return claim.xreplace({part: draw.choice(CHANGES)(part)})


def _is_somewhere(function: Any) -> bool:
    """Whether a function is defined at many of the places."""
    return int(np.isfinite(_at(function, NEAR)).sum()) > NEAR.shape[1] // 20


def _is_as_defined(claim: Any, derivative: Any) -> bool:
    """Whether a form is defined wherever the derivative is."""
    defined = np.isfinite(_at(derivative, FAR))
    return bool(np.isfinite(_at(claim, FAR))[defined].all())


def _differ(function: Any, claim: Any, other: Any) -> bool:
    """Whether two formulas have clearly different values, at many places where a function is."""
    defined = np.isfinite(_at(function, NEAR))
    right, wrong = _at(claim, NEAR), _at(other, NEAR)
    with np.errstate(all="ignore"):
        apart = np.abs(right - wrong) > 1e-5 * np.abs(right) + 1e-7
    return int((defined & np.isfinite(right) & apart).sum()) > NEAR.shape[1] // 20


def _at(formula: Any, places: Any) -> Any:
    function = sp.lambdify((X, Y, A), formula, "numpy")
    with np.errstate(all="ignore"):
        return np.broadcast_to(np.asarray(function(*places), dtype=float), places.shape[1:])


def _text(formula: Any) -> str:
    return str(_Printer().doprint(formula))
