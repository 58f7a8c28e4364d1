"""Any text in student notation: what it has in common with the strict language, and its limits."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings, strategies as st

from autograd_core import ExpressionError, Graph, Limits, format_expression, parse
from tests.autograd_core.student_notation import NAMES, fault, readings, student
from tests.autograd_core.test_formatting import assert_same_function, graphs

# --- properties ---------------------------------------------------------------------

_TWO_READINGS_OF_STRICT = re.compile(r"\*\*-?1/[0-9]")


@pytest.mark.slow
@settings(max_examples=120)
@given(graphs(), st.booleans())
def test_strict_texts_mean_the_same(graph: Graph, named: bool) -> None:
    text = format_expression(graph)
    assume(not _TWO_READINGS_OF_STRICT.search(text))
    strict = parse(text)
    assert_same_function(student(text, frozenset(strict.inputs) if named else None), strict)


SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
digits = st.integers(2, 9)
powers = digits.flatmap(
    lambda n: st.sampled_from(
        [(f"^{n}", f"**{n}"), (f"**{n}", f"**{n}"), (SUPERSCRIPTS[n], f"**{n}")]
    )
)
Pair = tuple[str, str]
"""A text as on paper, and in the strict language."""


@st.composite
def factors(draw: st.DrawFn, depth: int) -> Pair:
    """What may stand in a product in any place."""
    kinds = ["letter", "power", "π"] + ["group", "call", "root"] * (depth > 0)
    kind = draw(st.sampled_from(kinds))
    paper_power, power = draw(powers)
    if kind == "letter":
        return (draw(st.sampled_from("xyat")),) * 2
    if kind == "power":
        return f"n{paper_power}", f"n{power}"
    if kind == "π":
        return "π", "pi"
    paper, strict = draw(sums(depth - 1))
    if kind == "group":
        return f"({paper})", f"({strict})"
    if kind == "root":
        return f"√({paper})", f"sqrt({strict})"
    function = draw(st.sampled_from(["sin", "cos", "exp", "tanh"]))
    return f"{function}{paper_power}({paper})", f"{function}({strict}){power}"


@st.composite
def lasts(draw: st.DrawFn, depth: int) -> Pair:
    """What ends a product: a function without parentheses, or an absolute value."""
    function, letter = draw(st.sampled_from(["sin", "cos", "exp"])), draw(st.sampled_from("xyat"))
    number = draw(digits)
    if draw(st.booleans()):
        return f"{function} {number}{letter}", f"{function}({number}*{letter})"
    paper, strict = draw(sums(depth - 1)) if depth else (letter, letter)
    return f"|({paper})|", f"abs({strict})"


@st.composite
def sums(draw: st.DrawFn, depth: int = 1) -> Pair:
    """Terms: a number, factors, and what may end a term, without a sign between them."""
    terms = []
    for _ in range(draw(st.integers(1, 3))):
        pairs = [(str(number := draw(digits)), str(number))]
        # n^2 n has two readings.
        pairs += draw(
            st.lists(
                factors(depth),
                max_size=3,
                unique_by=lambda pair: pair[0].strip("n^*23456789" + SUPERSCRIPTS),
            )
        )
        pairs += draw(st.lists(lasts(depth), max_size=1))
        terms.append((" ".join(paper for paper, _ in pairs), "*".join(text for _, text in pairs)))
    sign = draw(st.sampled_from([" + ", " - ", "-", " − "]))
    strict_sign = "+" if "+" in sign else "-"
    return sign.join(paper for paper, _ in terms), strict_sign.join(text for _, text in terms)


@pytest.mark.slow
@settings(max_examples=80)
@given(sums())
def test_products_of_all_kinds_are_read(pair: Pair) -> None:
    paper, strict = pair
    assert_same_function(student(paper), parse(strict))


_PIECES = st.sampled_from(
    [
        *"()[]|,;:=+-*/^'\"\n  ²³⁻√∛π−·xyae2", *["**", "||", "sin", "ln", "sec", "sin ", "acos"],
        *["2x", "xy", "2 ", "e^", "^2", "^-1", "2e3", "x²", "|x|", "(x)", "sum", "axis", "1/2"],
        *["and", "f'(x)", "dy/dx", "sinx", "lg", "x[0]", "θ", "😀", "\x00", "`"],
    ]
)  # fmt: skip


@settings(max_examples=240)
@given(st.lists(_PIECES, max_size=12).map("".join), st.booleans())
def test_any_text_is_read_or_explained(text: str, named: bool) -> None:
    try:
        graph = student(text, NAMES if named else None)
    except ExpressionError as error:
        lines = text.split("\n")
        for found in error.faults:
            assert found.line is not None
            assert found.column is not None
            assert 1 <= found.line <= len(lines)
            assert 1 <= found.column <= max(1, len(lines[found.line - 1]) + 1)
            assert found.detail.isprintable()
            if "the one that is meant" in found.detail:
                told = readings(found)
                assert len(set(told)) == len(told)
                for reading in told:
                    _requires_strict(reading)
    else:
        assert graph.result is not None


def _requires_strict(text: str) -> None:
    """A reading is text of the strict language, though its names may mean nothing."""
    codes: set[str] = set()
    try:
        parse(text)
    except ExpressionError as error:
        codes = {each.code for each in error.faults}
    assert codes != {"syntax_error"}, text


# --- limits -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "text, length",
    [
        pytest.param("(" * 49_000 + "x" + ")" * 49_000, 0, id="parentheses"),
        pytest.param("2(" * 3_000 + "x" + ")" * 3_000, 3_000, id="products in parentheses"),
        pytest.param("sin " * 3_000 + "x", 3_000, id="functions"),
        pytest.param("sec(" * 3_000 + "x" + ")" * 3_000, 6_000, id="reciprocals"),
        pytest.param("√" * 3_000 + "x", 3_000, id="roots"),
        pytest.param("|(" * 3_000 + "x" + ")|" * 3_000, 3_000, id="bars"),
        pytest.param("|x|" * 3_000, 5_999, id="bars side by side"),
        pytest.param("3x²" * 3_000, None, id="superscripts"),
        pytest.param("x " * 6_000, 5_999, id="products"),
        pytest.param("3x+" * 3_000 + "1", 6_000, id="terms"),
    ],
)
def test_nothing_recurses(text: str, length: int | None) -> None:
    if length is None:
        assert "x**2*3" in fault(text).detail
    else:
        assert len(student(text)) == length


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        *["(" * 99_999, "|" * 99_999, "sin^(" * 3_000, "√" * 6_000],
        *["1/2x" + " x" * 6_000, "x|" * 3_000],
    ],
)
def test_no_fault_recurses(text: str) -> None:
    assert len(fault(text).detail) < 300


def test_a_text_over_the_limit_is_not_read() -> None:
    with pytest.raises(ExpressionError, match="over the limit of 10"):
        parse("2x + 3x + 4x", Limits(expression=10), "student")
