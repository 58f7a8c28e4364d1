"""Whoever writes what is no expression is told where, and what to write instead."""

from __future__ import annotations

import re

import pytest

from autograd_core.errors import ExpressionError, Fault
from autograd_core.infix import foreign_notation as habits, semantic_errors as hints
from autograd_core.infix.expression import parse
from autograd_core.operations import find
from tests.tables import table


def fault(text: str) -> Fault:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    (only,) = caught.value.faults
    return only


# text, line, column, what the sentence must say
MESSAGES = [
    # products without a sign
    ("3x", 1, 2, "3*x"),
    ("2(x+1)", 1, 2, "2*(x+1)"),
    ("(a)(b)", 1, 4, "(...)*(b)"),
    ("(a + b)c", 1, 8, "(...)*c"),
    ("x y", 1, 3, "x*y"),
    ("pi r^2", 1, 4, "pi*r"),
    ("2 3", 1, 3, "2*3"),
    ("x[0]y", 1, 5, "[...]*y"),
    ("2sin(x)", 1, 2, "2*sin(x)"),
    ("x(sin(x))y", 1, 10, "(...)*y"),
    ("x .5", 1, 3, "x*.5"),
    ("f(x y)", 1, 5, "x*y"),
    ("4(x + (y))", 1, 2, "4*(...)"),
    # functions
    ("sin x", 1, 5, "sin(x)"),
    ("sin 2*x", 1, 5, "sin(2)"),
    ("arc sin(x)", 1, 1, "asin(...)"),
    ("sin^2(x)", 1, 1, "sin(x)**2"),
    ("1 + sin**2(x + 1)", 1, 5, "sin(x + 1)**2"),
    ("tan^-1(x)", 1, 1, "the inverse of tan is written atan(x)"),
    ("gelu^-1(x)", 1, 1, "1/gelu(x)"),
    ("f'(x)", 1, 2, "its derivative is what is worked out"),
    ("f'(x) + g'(x)", 1, 2, "its derivative"),
    ("(x + y)’", 1, 8, "its derivative"),
    ("f(x) = x^2", 1, 6, "y = x**2"),
    ("a = 1; f(x) = x^2", 1, 13, "y = x**2"),
    ("x -> x**2", 1, 3, "functions are not defined here"),
    # signs of mathematics
    ("x²", 1, 2, "x**2"),
    ("x⁻¹²", 1, 2, "x**-12"),
    ("(x + 1)³", 1, 8, "(...)**3"),
    ("²", 1, 1, "x**2"),
    ("√x", 1, 1, "sqrt(x)"),
    ("∛x", 1, 1, "cbrt(x)"),
    ("x + ∞", 1, 5, "inf"),
    ("|x|", 1, 1, "abs(x)"),
    ("a | b", 1, 3, "logical_or(a, b)"),
    ("||x||", 1, 1, "norm(x)"),
    ("‖x‖", 1, 1, "norm(x)"),
    ("x!", 1, 2, "gammaln(x + 1)"),
    ("90°", 1, 3, "deg2rad(x)"),
    ("∂x", 1, 1, "derivative"),
    ("x₁", 1, 2, "write '1'"),
    ("½*x", 1, 1, "write '1/2'"),
    # other languages
    ("x % 2", 1, 3, "mod(x, y)"),
    ("x // 2", 1, 3, "floor(x / y)"),
    ("a && b", 1, 3, "logical_and(a, b)"),
    ("a || b", 1, 3, "logical_or(a, b)"),
    ("!a", 1, 1, "logical_not(x)"),
    ("~a", 1, 1, "logical_not(x)"),
    ("a and b", 1, 3, "logical_and(a, b)"),
    ("a or b", 1, 3, "logical_or(a, b)"),
    ("not x", 1, 1, "logical_not(x)"),
    ("2*(not x)", 1, 4, "logical_not(x)"),
    ("x mod 2", 1, 3, "mod(x, y)"),
    ("a ? b : c", 1, 3, "where(c, a, b)"),
    ("x if c else y", 1, 3, "where(c, x, y)"),
    ("if x: y", 1, 1, "where(c, x, y)"),
    ("lambda x: x", 1, 1, "functions are not defined here"),
    ("return x", 1, 1, "without 'return'"),
    ("let y = 2", 1, 1, "without 'let'"),
    ("x.T", 1, 2, "transpose(x)"),
    ("(x + y).T", 1, 8, "transpose((...))"),
    ("x.sum()", 1, 2, "sum(x)"),
    ("np.sin(x)", 1, 3, "sin(x), without 'np.'"),
    ("x.__class__", 1, 2, "nothing is looked up"),
    ("__import__('os').system('true')", 1, 12, "only an attribute can be text"),
    ("$x$", 1, 1, "dollar"),
    (r"\frac{a}{b}", 1, 1, "LaTeX"),
    ("{x}", 1, 1, "parentheses"),
    ("x = = 2", 1, 5, "'=='"),
    ("x < = 2", 1, 5, "'<='"),
    ("x =< 2", 1, 3, "'<='"),
    ("x => 2", 1, 3, ">="),
    ("x <> 2", 1, 3, "!="),
    ("x < > 2", 1, 3, "!="),
    ("x === 2", 1, 3, "=="),
    ("x * * 2", 1, 5, "'**' without a space"),
    ("y := 2", 1, 3, "y = 2*x"),
    ("x += 1", 1, 3, "would change x"),
    ("x **= 2", 1, 3, "would change x"),
    ("//= 2", 1, 1, "would change x"),
    ("x[..., 0]", 1, 3, "':' for a whole axis"),
    # comparisons and names
    ("a < b < c", 1, 7, "(a < b)*(b < c)"),
    ("a == b + 1 != c", 1, 12, "(a < b)*(b < c)"),
    ("a = b = c", 1, 7, "b = c; a = b"),
    ("x + 1 = y", 1, 7, "a single name"),
    ("2 = x", 1, 3, "a single name"),
    ("= 3", 1, 1, "a name is missing"),
    ("a; = 3", 1, 4, "a name is missing"),
    ("x == = 3", 1, 6, "between '==' and '='"),
    ("(x = 2)", 1, 4, "axis=0"),
    # numbers
    ("1,5", 1, 2, "1.5"),
    ("x + 1_000", 1, 6, "1000"),
    ("0x10", 1, 2, "write 16"),
    ("0b101", 1, 2, "write 5"),
    ("1e", 1, 2, "1e5"),
    ("1.2.3", 1, 4, "one decimal point"),
    (".", 1, 1, "digits"),
    ("3.x", 1, 3, "3.*x"),
    # brackets
    ("((x)", 1, 1, "'(' is never closed"),
    ("x + (y*(z)", 1, 5, "'(' is never closed"),
    ("sum([1, 2)", 1, 10, "cannot close the '[' in line 1, column 5"),
    ("(a]", 1, 3, "cannot close the '(' in line 1, column 1"),
    ("x)", 1, 2, "closes nothing"),
    ("a; b)", 1, 5, "closes nothing"),
    (")", 1, 1, "closes nothing"),
    ("()", 1, 2, "missing before ')'"),
    ("x[]", 1, 3, "missing before ']'"),
    ("y = (a\nb = 3", 1, 5, "not closed before line 2"),
    ("(a; b)", 1, 1, "not closed before this ';'"),
    ("(a +\n*b)", 2, 1, "between '+' and '*'"),
    # something is missing
    ("", 1, 1, "the expression is empty"),
    (" \n ; # nothing", 1, 1, "the expression is empty"),
    ("3*x + ", 1, 5, "missing after '+'"),
    ("y =", 1, 3, "missing after '='"),
    ("sin(x*)", 1, 6, "missing after '*'"),
    ("sum(x, axis=)", 1, 12, "missing after '='"),
    ("f(x, -", 1, 6, "missing after '-'"),
    ("a +\nb", 1, 3, "put the expression in parentheses"),
    ("a +; b", 1, 3, "missing after '+'"),
    ("*x", 1, 1, "missing before '*'"),
    ("a; /b", 1, 4, "missing before '/'"),
    ("a */ b", 1, 4, "between '*' and '/'"),
    ("f(,x)", 1, 3, "missing before ','"),
    ("f(x,,y)", 1, 5, "missing before ','"),
    (",", 1, 1, "missing before ','"),
    ("(a, b)", 1, 3, "stack(a, b)"),
    ("1, 5", 1, 2, "stack(a, b)"),
    ("x:2", 1, 2, "only in an index"),
    ("x[1:2:3:4]", 1, 8, "only in an index"),
    # text, and characters that mean nothing
    ('"abc', 1, 1, "never closed"),
    ("sum(x, axis='a)", 1, 13, "never closed"),
    ('"abc" + x', 1, 1, "only an attribute can be text"),
    ('einsum(x, equation="i->" + y)', 1, 26, "a comma or a bracket"),
    ("“x”", 1, 1, "straight quotes"),
    ("x + 😀", 1, 5, "'😀' has no meaning"),
    ("a → b", 1, 3, "'→' has no meaning"),
    ("x\u200b", 1, 2, "invisible character (U+200B)"),
    ("x\x00", 1, 2, "invisible character (U+0000)"),
    ("x\ud800", 1, 2, "invisible character (U+D800)"),
    ("２*x", 1, 1, "write '2'"),
    # lines are counted
    ("a = 1\nb = 2 +* a", 2, 8, "between '+' and '*'"),
    ("a = 1\r\n\r\nb = 3a", 3, 6, "3*a"),
]


@table("text, line, column, phrase", MESSAGES, ids=[row[0] for row in MESSAGES])
def test_what_is_said(text: str, line: int, column: int, phrase: str) -> None:
    found = fault(text)
    assert (found.code, found.path) == ("syntax_error", ())
    assert (found.line, found.column) == (line, column)
    assert phrase in found.detail


@table("text", [row[0] for row in MESSAGES])
def test_a_sentence_is_short_and_can_be_shown(text: str) -> None:
    detail = fault(text).detail
    assert len(detail) < 120
    assert detail.isprintable()
    assert not re.search(r"\b[A-Z]{3,}\b", detail.replace("LaTeX", ""))  # no names of terminals


def test_long_text_is_cut_in_quotations() -> None:
    assert len(fault("n" * 9_000 + " y").detail) < 120
    assert len(fault("1" * 9_000 + " 2").detail) < 120
    assert len(fault("3(" + "x" * 9_000 + ")").detail) < 120
    assert len(fault("1" * 9_000 + "_" + "1" * 9_000).detail) < 120
    assert len(fault("x" + "²" * 9_000).detail) < 120


PHRASES = [
    *habits.SYMBOLS.values(),
    *habits.PREFIX_SYMBOLS.values(),
    *habits.INFIX_WORDS.values(),
    *habits.PREFIX_WORDS.values(),
    *hints.SPELLINGS.values(),
    hints.STACK,
]


@table("phrase", sorted(set(PHRASES)))
def test_every_operation_that_is_recommended_exists(phrase: str) -> None:
    for name in re.findall(r"(\w+)\(", phrase):
        assert find(name) is not None, name


def test_no_spelling_hides_an_operation() -> None:
    assert [name for name in hints.SPELLINGS if find(name) is not None] == []


@pytest.mark.parametrize(
    "name, known, hint",
    [
        ("sinx", ["x"], "write sin(x)"),
        ("cosθ", [], "write cos(θ)"),
        ("exprate", ["rate"], "write exp(rate)"),
        ("sin", ["x"], "sin is an operation: write sin(...)"),
        ("xy", ["x", "y"], "write x*y"),
        ("x2", ["x"], "write x*2"),
        ("rpi", ["r"], "write r*pi"),
        ("π", [], "write pi"),
        ("true", [], "write 1 for true and 0 for false"),
        ("sinus", ["x"], None),
        ("q", ["x"], None),
        ("n" * 5_000, ["x"], None),
    ],
)
def test_hints_for_names_that_nothing_defines(
    name: str, known: list[str], hint: str | None
) -> None:
    assert hints.function_hint(name, known) == hint
