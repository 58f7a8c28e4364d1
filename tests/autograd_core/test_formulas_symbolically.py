"""Every formula of the elementwise table, differentiated by SymPy.

The derivative of the value must be the first partial, and the derivative of that the second, to
40 digits at random rational points inside every branch. That says nothing of ties and kinks
(test_elementwise_conventions.py does), nor of rounding (test_formulas_numerically.py does).
"""

import ast
import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations_with_replacement, product
from typing import Any

import pytest
import sympy as sp

from autograd_core.operations.elementwise import TABLE, Elementwise
from autograd_core.operations.formulas import AUXILIARY
from tests.autograd_core import formula_reader
from tests.autograd_core.formula_reader import DIGITS, EXPANDED, Point, Reader
from tests.tables import table

CLOSE = sp.Float(10, DIGITS) ** -40

# Points -----------------------------------------------------------------------------

Interval = tuple[float, float]
LINE: tuple[Interval, ...] = ((-5, -1), (-1, -0.3), (-0.3, 0), (0, 0.3), (0.3, 1), (1, 5))
POSITIVE: tuple[Interval, ...] = ((0, 0.5), (0.5, 2), (2, 9))
NEAR_0: tuple[Interval, ...] = ((-1, -0.5), (-0.5, 0), (0, 0.5), (0.5, 1))
ZERO: Interval = (0, 0)
# The intervals of each operand, where not the whole line will do.
INTERVALS: dict[str, tuple[tuple[Interval, ...], ...]] = {
    "sqrt": (POSITIVE,),
    "log": (POSITIVE,),
    "log2": (POSITIVE,),
    "log10": (POSITIVE,),
    "log1p": (((-1, -0.5), (-0.5, 0), (0, 1), (1, 9)),),
    "asin": (NEAR_0,),
    "acos": (NEAR_0,),
    "acosh": (((1, 1.2), (1.2, 9)),),
    "atanh": (NEAR_0,),
    "erfinv": (NEAR_0,),
    "logit": (((0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1)),),
    "logical_not": ((ZERO, (1, 2)),),
    "logical_and": ((ZERO, (1, 2)), (ZERO, (-2, -1))),
    "logical_or": ((ZERO, (1, 2)), (ZERO, (-2, -1))),
    "pow": (POSITIVE, LINE),
    "where": (((-1, 0), ZERO, (0, 1)), ((-2, 2),), ((-2, 2),)),
    "clip": (((-3, 3),), ((-2, 2),), ((-2, 2),)),
}
# On top of that: powers of negative numbers, and whole exponents; every order of clip's three.
FURTHER: dict[str, tuple[tuple[str, ...], ...]] = {
    "pow": (("-3/2", "3"), ("-3/2", "-2"), ("7/3", "1"), ("-1/3", "2")),
    "clip": (("1", "2", "3"), ("1", "3", "2"), ("2", "1", "3"), ("2", "3", "1"), ("3", "1", "2")),
}
ALPHAS = (sp.Rational(1, 100), sp.Rational(-7, 3))
EACH = {1: 3, 2: 1, 3: 3}  # points in a box, by the number of operands


def _inside(interval: Interval, chance: random.Random) -> sp.Rational:
    low, high = (sp.Rational(str(end)) for end in interval)
    return low + (high - low) * sp.Rational(chance.randint(40, 950), 997)


def _points(row: Elementwise) -> Iterator[Point]:
    chance = random.Random(row.name)
    symbols = sp.symbols(row.operands)
    intervals = INTERVALS.get(row.name, (LINE,) * len(symbols))
    places = [
        tuple(_inside(interval, chance) for interval in box)
        for box in product(*intervals)
        for _ in range(EACH[len(symbols)])
    ]
    places += [tuple(map(sp.Rational, place)) for place in FURTHER.get(row.name, ())]
    names = sp.symbols([attribute.name for attribute in row.attributes])
    for place in places:
        for values in product(ALPHAS, repeat=len(names)):
            yield dict(zip((*symbols, *names), (*place, *values), strict=True))


# The claims -------------------------------------------------------------------------


def _names(row: Elementwise) -> dict[str, sp.Expr]:
    names = (*row.operands, *(attribute.name for attribute in row.attributes))
    return {name: sp.Symbol(name) for name in names}


def _faults(row: Elementwise, point: Point) -> list[str]:
    """A line for each partial that is not the derivative of what it should be, at a point."""
    reader, names = Reader(point), _names(row)
    value = reader.read(row.value_formula, names)
    with_result = {**names, "z": value}
    first = [reader.read(text, with_result) for text in row.first]
    second = [reader.read(text, with_result) for text in row.second]
    claims = [(value, name, partial) for name, partial in zip(row.operands, first, strict=True)]
    pairs = combinations_with_replacement(range(len(row.operands)), 2)
    for (i, j), partial in zip(pairs, second, strict=True):
        claims += [(first[i], row.operands[j], partial), (first[j], row.operands[i], partial)]
    faults = []
    for function, name, claimed in claims:
        exact = reader.number(sp.diff(function, names[name]))
        found = reader.number(claimed)
        if not abs(exact - found) <= CLOSE * max(1, abs(exact)):
            faults.append(f"{row.name} at {point}: d({function})/d{name} = {exact}, not {found}")
    return faults


# An equality holds at ties and kinks, where there is nothing to differentiate.
ISOLATED = {"==": True, "!=": False}
EVERY_ROW = sorted(set(TABLE) - {"stop_gradient"})


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY_ROW)
def test_partials_are_the_derivatives(name: str) -> None:
    row = TABLE[name]
    faults = [fault for point in _points(row) for fault in _faults(row, point)]
    assert not faults, "\n".join(faults[:5])


@pytest.mark.slow
@table("name", EVERY_ROW)
def test_the_points_reach_every_branch(name: str) -> None:
    row = TABLE[name]
    texts = {row.value_formula, *row.first, *row.second}
    taken: set[tuple[str, str, bool]] = set()
    for point in _points(row):
        reader, names = Reader(point), _names(row)
        names["z"] = reader.read(row.value_formula, names)
        for text in texts:
            reader.read(text, names)
        taken |= {entry for entry in reader.taken if entry[0] in texts}
    for text in texts:
        for condition in _conditions(text):
            isolated = {outcome for sign, outcome in ISOLATED.items() if sign in condition}
            for outcome in {True, False} - isolated:
                assert (text, condition, outcome) in taken, f"{text}: {condition} never {outcome}"


def _conditions(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "select":
            yield ast.unparse(node.args[0])


def test_stop_gradient_passes_the_value_and_nothing_else() -> None:
    row = TABLE["stop_gradient"]
    assert row.value_formula == TABLE["identity"].value_formula
    assert (row.first, row.second) == (("0",), ("0",))


X, Z = sp.symbols("x z")
SINC = sp.sin(sp.pi * X) / (sp.pi * X)
# What each auxiliary function is for, in textbook notation.
DEFINITIONS: dict[str, sp.Expr] = {
    "ratio": X / Z,
    "square_ratio": X**2 / Z,
    "fold": X,  # but for whole turns of sin(pi*x)
    "fold_sin": sp.sin(sp.pi * X),
    "fold_cos": sp.cos(sp.pi * X),
    "sinpi": sp.sin(sp.pi * X),
    "cospi": sp.cos(sp.pi * X),
    "sinc": SINC,
    "sinc1": sp.diff(SINC, X),
    "sinc2": sp.diff(SINC, X, 2),
    "sigmoid": 1 / (1 + sp.exp(-X)),
    "sech": 1 / sp.cosh(X),
    "softplus": sp.log(1 + sp.exp(X)),
    "normal_cdf": (1 + sp.erf(X / sp.sqrt(2))) / 2,
    "normal_pdf": sp.diff((1 + sp.erf(X / sp.sqrt(2))) / 2, X),
    "psi": sp.polygamma(0, X),
    "trigamma": sp.polygamma(1, X),
    "tetragamma": sp.polygamma(2, X),
}
# Of more than two parameters: what each is at some points, those of its arms among them.
OF_SEVERAL: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("scaled_unit", ("3", "-4", "1/7"), "3/5"),
    ("unit", ("3", "-4", "5"), "3/5"),
    ("unit", ("3e308", "-4e308", "oo"), "3/5"),
    ("unit", ("3e-310", "4e-310", "5e-310"), "3/5"),
    ("unit", ("0", "0", "0"), "0"),
    ("split_power", ("3", "5", "2/7"), "15*(2/7)**4"),
    ("scaled_power", ("3", "5", "2", "-7", "2**(-7)"), "15*2**(-7)"),
    ("scaled_power", ("3e200", "5", "2", "-7", "2**(-7)"), "15e200*2**(-7)"),
    ("scaled_power", ("3", "5", "2", "-1000", "2**(-1000)"), "15*2**(-1000)"),
    ("scaled_power", ("3", "5", "-2", "1003", "-2**1003"), "-15*2**1003"),
    ("power_dx", ("-2", "5", "-32", "16"), "80"),
    ("power_dx", ("-2", "1000", "2**1000", "-2**999"), "-1000*2**999"),
    ("power_dxy", ("2", "3", "4"), "4 + 12*log(2)"),
    ("power_dxy", ("2", "-1000", "0"), "0"),
    ("sigmoid_by", ("2", "1/3"), "3/4"),
    ("sigmoid_by", ("-2", "1/3"), "1/4"),
    ("sech_by", ("1/3",), "3/5"),
)
TAYLOR = {
    "sinc_taylor1": formula_reader.sinc_taylor1,
    "sinc_taylor2": formula_reader.sinc_taylor2,
}


def test_every_auxiliary_function_is_defined_here() -> None:
    known = {*DEFINITIONS, *TAYLOR, *(name for name, *_ in OF_SEVERAL)}
    assert {name for name, _, _ in AUXILIARY} == known


@pytest.mark.parametrize("name", DEFINITIONS)
def test_auxiliary_functions_are_what_they_say(name: str) -> None:
    parameters, text = EXPANDED[name]
    chance = random.Random(name)
    folded = name.startswith("fold_")
    intervals = tuple((low / 5, high / 5) for low, high in LINE) if folded else LINE
    for interval in intervals:
        point = {X: _inside(interval, chance), Z: sp.Rational(chance.randint(100, 900), 97)}
        reader = Reader(point)
        names = dict(zip(parameters, (X, Z), strict=False))
        found = reader.number(reader.read(text, names) - DEFINITIONS[name])
        turn = 2 if name == "fold" else None
        distance = abs(found) if turn is None else abs(found - turn * sp.floor(found / turn + 0.5))
        assert distance < CLOSE, f"{name} at {point}"


@pytest.mark.parametrize("name, arguments, exact", OF_SEVERAL)
def test_auxiliary_functions_of_several(name: str, arguments: Any, exact: str) -> None:
    parameters, text = EXPANDED[name]
    numbers = [sp.sympify(argument, rational=True) for argument in arguments]
    reader = Reader({})
    found = reader.number(reader.read(text, dict(zip(parameters, numbers, strict=True))))
    expected = reader.number(sp.sympify(exact, rational=True))
    assert abs(found - expected) <= CLOSE * abs(expected)


@pytest.mark.parametrize("name", TAYLOR)
def test_taylor_polynomials_of_sinc(name: str) -> None:
    """Exact coefficients, and enough of them: up to u = 1, 13 digits."""
    u = sp.Symbol("u", positive=True)
    text = EXPANDED[name][1]
    polynomial = sp.Poly(sp.sympify(text, rational=True), sp.Symbol("u"))
    terms = polynomial.degree() + 1
    series = sp.series(TAYLOR[name](u**2), u, 0, 2 * terms + 2).removeO()
    exact = [series.coeff(u, 2 * power) for power in range(terms + 1)]
    assert polynomial.all_coeffs()[::-1] == exact[:-1]
    assert abs(exact[-1]) < 1e-13 * abs(polynomial.eval(1))


TYPOS = (
    ("log2", "first", "1/x/LN2", "1/x/LN10"),
    ("sqrt", "second", "-0.25/x/z", "-0.5/x/z"),
    ("cbrt", "second", "-2/9/x/(z*z)", "-2/3/x/(z*z)"),
    ("asin", "second", "**1.5", "**0.5"),
    ("silu", "second", "(2 - x", "(1 - x"),
    ("gelu", "first", "normal_cdf(x) +", "normal_cdf(x) -"),
    ("leaky_relu", "first", "alpha", "0"),
    ("logit", "value_formula", "atanh(2*x - 1)", "atanh(2*x + 1)"),
    ("mod", "first", "-round", "round"),
    ("atan2", "second", "(abs(x)/hypot(x, y) + abs", "(abs(x)/hypot(x, y) - abs"),
    ("clip", "first", "(x >= y) & (x <= w)", "(x >= y) & (x >= w)"),
    ("erfc", "second", "4/", "-4/"),
)


@pytest.mark.parametrize("name, member, right, wrong", TYPOS)
def test_a_typo_is_noticed(name: str, member: str, right: str, wrong: str) -> None:
    row = TABLE[name]
    texts = getattr(row, member)
    changed = (
        texts.replace(right, wrong)
        if isinstance(texts, str)
        else tuple(text.replace(right, wrong) for text in texts)
    )
    assert changed != texts
    mutant = replace(row, **{member: changed})
    assert any(_faults(mutant, point) for point in _points(mutant))
