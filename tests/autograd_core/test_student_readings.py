"""What a text in student notation is refused for: two readings, or none."""

from __future__ import annotations

import pytest

from autograd_core import parse
from tests.autograd_core.student_notation import fault, readings
from tests.tables import table

# --- what has two readings ----------------------------------------------------------

REFUSED = [
    # where a divisor ends
    ("1/2x", 4, "1/2*x", "1/(2*x)"),
    ("1/2 x", 5, "1/2*x", "1/(2*x)"),
    ("1 + 3x/2y - 4", 9, "3*x/2*y", "3*x/(2*y)"),
    ("1/xy", 4, "1/x*y", "1/(x*y)"),
    ("1/2sin(x)cos(x)", 4, "1/2*sin(x)*cos(x)", "1/(2*sin(x)*cos(x))"),
    ("x/(x + 1)(x - 1)", 10, "x/(x + 1)*(x - 1)", "x/((x + 1)*(x - 1))"),
    ("1/2√x", 4, "1/2*sqrt(x)", "1/(2*sqrt(x))"),
    ("x÷2|y|", 4, "x/2*abs(y)", "x/(2*abs(y))"),
    # where an exponent ends
    ("e^2x", 4, "e**2*x", "e**(2*x)"),
    ("e^-2x", 5, "e**-2*x", "e**(-2*x)"),
    ("2^3x", 4, "2**3*x", "2**(3*x)"),
    ("(1/2)^2x", 8, "(1/2)**2*x", "(1/2)**(2*x)"),
    ("π^2x", 4, "pi**2*x", "pi**(2*x)"),
    ("e^xy", 4, "e**x*y", "e**(x*y)"),
    ("x^n y", 5, "x**n*y", "x**(n*y)"),
    ("x^2x", 4, "x**2*x", "x**(2*x)"),
    ("e^x^2y", 6, "e**x**2*y", "e**(x**2*y)"),
    ("x^1/2", 4, "x**1/2", "x**(1/2)"),
    ("3x**-1/2", 7, "3*x**-1/2", "3*x**(-1/2)"),
    ("x²^3", 3, "x**2**3", "(x**2)**3"),
    ("x^2³", 4, "x**2**3", "(x**2)**3"),
    # where an argument ends
    ("sin x^2", 6, "sin(x)**2", "sin(x**2)"),
    ("sin x²", 6, "sin(x)**2", "sin(x**2)"),
    ("sinx²", 5, "sin(x)**2", "sin(x**2)"),
    ("sin 2x^2", 7, "sin(2*x)**2", "sin(2*x**2)"),
    ("sin x y", 7, "sin(x)*y", "sin(x*y)"),
    ("sin xy", 6, "sin(x)*y", "sin(x*y)"),
    ("sin 2 x", 7, "sin(2)*x", "sin(2*x)"),
    ("sin x(y + 1)", 6, "sin(x)*(y + 1)", "sin(x*(y + 1))"),
    ("sin x/2", 7, "sin(x)/2", "sin(x/2)"),
    ("sin 2*x", 7, "sin(2)*x", "sin(2*x)"),
    ("ln x / x", 8, "log(x)/x", "log(x/x)"),
    ("sin²x y", 7, "(sin(x)**2)*y", "(sin(x*y)**2)"),
    ("ln 2 cos x", 6, "log(2)*cos(x)", "log(2*cos(x))"),
    ("ln sin x cos x", 10, "log(sin(x))*cos(x)", "log(sin(x)*cos(x))"),
    ("e^sin x cos x", 9, "e**sin(x)*cos(x)", "e**(sin(x)*cos(x))"),
    ("ln|y|^2", 6, "log(abs(y))**2", "log(abs(y)**2)"),
    ("√2x", 3, "sqrt(2)*x", "sqrt(2*x)"),
    ("√x^2", 3, "sqrt(x)**2", "sqrt(x**2)"),
    # what a word is
    ("sin^-1(x)", 1, "1/sin(x)", "asin(x)"),
    ("tan⁻¹ x", 1, "1/tan(x)", "atan(x)"),
    ("ln^-1(x)", 1, "1/log(x)", "exp(x)"),
    ("sec^-1(x)", 1, "1/(1/cos(x))", "acos(1/(x))"),
    ("lg(x)", 1, "log10(x)", "log2(x)"),
    ("acos(x)", 1, "acos(x)", "a*cos(x)"),
    ("2atan x", 2, "2*atan(x)", "2*a*tan(x)"),
    ("asec^2(x)", 1, "(acos(1/(x))**2)", "(a*(1/cos(x))**2)"),
    ("log2x", 1, "log(2*x)", "log2(x)"),
    ("ex", 1, "e*x", "e**x"),
    ("x2", 1, "x*2", "x**2"),
    # what a number is
    ("x 2", 3, "x*2", "x**2"),
    ("(x + 1)2", 8, "(x + 1)*2", "(x + 1)**2"),
    ("2e3x", 4, "2e3*x", "2*e**(3*x)"),
    ("2e-3x", 5, "2e-3*x", "2*e - 3*x"),
    # what a bar does
    ("|x|y|a|", 3, "abs(x)*y*abs(a)", "abs(x*abs(y)*a)"),
    ("|2|x| + 1|", 3, "abs(2)*x*abs(+1)", "abs(2*abs(x) + 1)"),
    ("1 + ||y||", 5, "norm(y)", "abs(abs(y))"),
]


@table("text, column, one, other", REFUSED, ids=[row[0] for row in REFUSED])
def test_two_readings_are_refused_with_both(text: str, column: int, one: str, other: str) -> None:
    found = fault(text)
    assert (found.code, found.line, found.column) == ("syntax_error", 1, column)
    assert f"as {one} or as {other}: " in found.detail


@table("text, column, one, other", REFUSED, ids=[row[0] for row in REFUSED])
def test_both_readings_are_texts_of_the_strict_language(
    text: str, column: int, one: str, other: str
) -> None:
    parse(one)
    parse(other)


@pytest.mark.parametrize(
    "text, ways",
    [
        ("1/e^2x", "as 1/e**2*x, as 1/e**(2*x) or as 1/(e**2*x)"),
        ("2 3", "as 2*3, as 23 or as 2**3"),
        ("2e3 5", "as 2e3*5 or as 2e3**5"),
    ],
)
def test_three_readings_are_told_too(text: str, ways: str) -> None:
    assert f" ways, {ways}: write" in fault(text).detail


def test_long_readings_show_where_they_differ() -> None:
    long = "(x + 1)" * 30
    one, other = readings(fault(f"{long}/2x{long}"))
    assert one != other
    assert max(len(one), len(other)) < 80
    one, other = readings(fault(f"1/2x{long}"))
    assert one.startswith("1/2*x*(...)")
    assert other.startswith("1/(2*x*(...)")


@pytest.mark.parametrize(
    "text, names, one, other",
    [
        ("sinx", {"s", "i", "n", "x"}, "s*i*n*x", "sin(x)"),
        ("xsin(2)", {"s", "i", "n", "x"}, "x*s*i*n*(2)", "x*sin(2)"),
        ("pix", {"p", "i", "x"}, "p*i*x", "pi*x"),
        ("ssin(" + "x+" * 12 + "x)", {"s", "i", "n", "x"}, "s*s*i*n*(...)", "s*sin(...)"),
    ],
)
def test_a_word_with_two_readings_is_refused(
    text: str, names: set[str], one: str, other: str
) -> None:
    assert readings(fault(text, frozenset(names))) == [one, other]


# --- what is not read ---------------------------------------------------------------


@pytest.mark.parametrize(
    "text, line, column, phrase",
    [
        ("f'(x)", 1, 2, "derivatives are not written f'"),
        ("2x + y'", 1, 7, "derivatives are not written f'"),
        ("f'(x) = g'(x)", 1, 10, "derivatives are not written f'"),
        ("y'' = 2", 1, 2, "derivatives are not written f'"),
        ("f(x)", 1, 1, "unknown operation 'f'"),
        ("foo(x)", 1, 1, "unknown operation 'foo'"),
        ("sin^(2)(x)", 1, 1, "as a power of sin"),
        ("sigmoid^-1(x)", 1, 1, "as one over sigmoid or as its inverse"),
        ("3,5", 1, 2, "decimals follow a point: write 3.5"),
        ("2x + 3,5x", 1, 7, "decimals follow a point: write 3.5"),
        ("2x +", 1, 4, "something is missing after '+'"),
        ("a +* 1", 1, 4, "something is missing between '+' and '*'"),
        ("(2x", 1, 1, "this '(' is never closed"),
        ("2x)", 1, 3, "this ')' closes nothing"),
        ("|x", 1, 1, "the bars do not pair"),
        ("|(x|)", 1, 4, "the bars do not pair"),
        ("x | y", 1, 3, "logical_or(a, b)"),
        ("√", 1, 1, "something is missing after '√'"),
        ("2 + √*x", 1, 5, "something is missing after '√'"),
        ("²", 1, 1, "a power is written x**2"),
        ("x⁺", 1, 2, "a power is written x**+"),
        ("x and y", 1, 3, "logical_and(a, b)"),
        ("2x mod 3", 1, 4, "mod(x, y)"),
        ("not x", 1, 1, "logical_not(x)"),
        ("f(x) = 2x; g(x) = 3x", 1, 17, "functions are not defined here"),
        ("x(t) = 2t", 1, 6, "functions are not defined here"),
        ("u = 2x\nu^2\n2u + 1", 2, 1, "'u^2' has no effect"),
        ("u = 2x\nv = u²\n1/2u + 1", 3, 4, "1/(2*u)"),
        ("f'(x) = 2x +\n\n  $", 1, 12, "something is missing after '+'"),
        ("2π3", 1, 2, "as pi*3 or as pi**3"),
        ("f(x) =", 1, 1, "the expression is empty"),
        ("x²y³ + 5θ&", 1, 10, "logical_and(a, b)"),
    ],
)
def test_places_are_those_of_the_text(text: str, line: int, column: int, phrase: str) -> None:
    found = fault(text)
    assert (found.line, found.column) == (line, column), found.detail
    assert phrase in found.detail
