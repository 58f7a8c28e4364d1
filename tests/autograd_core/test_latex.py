"""LaTeX of graphs: what it says, and that it is well formed whatever the graph."""

from __future__ import annotations

import re

import pytest

from autograd_core import GraphBuilder, GraphError, derive, latex, parse, read_nodes
from benchmarks.formulas import random_function
from tests.tables import table


@table(
    "text, expected",
    [
        ("6*x - 4", "6 x - 4"),
        ("-x/y**2", r"-\frac{x}{y^{2}}"),
        ("(-x + 1)/y", r"\frac{-x + 1}{y}"),
        ("1/(2*sqrt(x))", r"\frac{1}{2 \sqrt{x}}"),
        ("x**(n - 1)", "x^{n - 1}"),
        ("(x + 1)**2", r"\left(x + 1\right)^{2}"),
        ("(x**2)**3", r"\left(x^{2}\right)^{3}"),
        ("(x/y)**2", r"\left(\frac{x}{y}\right)^{2}"),
        ("(-x)**2", r"\left(-x\right)^{2}"),
        ("cosh(x)**2", r"\cosh^{2}\left(x\right)"),
        ("cosh(x)**-2", r"\cosh\left(x\right)^{-2}"),
        ("x - (y - z)", r"x - \left(y - z\right)"),
        ("x + -y", r"x + \left(-y\right)"),
        ("-(-x)", r"-\left(-x\right)"),
        ("2*3", r"2 \cdot 3"),
        ("x*2", r"x \cdot 2"),
        ("2*(1/3)", r"2 \cdot \frac{1}{3}"),
        ("1e-5*x", r"1 \cdot 10^{-5} x"),
        ("-2*x", "-2 x"),
        ("x*-2", r"x \left(-2\right)"),
        ("exp(-x**2)/sqrt(pi)", r"\frac{e^{-x^{2}}}{\sqrt{\pi}}"),
        (
            "log(x)*log2(x)*log10(x)",
            r"\ln\left(x\right) \log_{2}\left(x\right) \log_{10}\left(x\right)",
        ),
        ("abs(x) + floor(x)", r"\left|x\right| + \left\lfloor x\right\rfloor"),
        ("asin(x) + asinh(x)", r"\arcsin\left(x\right) + \operatorname{arsinh}\left(x\right)"),
        ("leaky_relu(x, alpha=0.5)", r"\operatorname{leaky\_relu}_{0.5}\left(x\right)"),
        (
            "where(x > 0, 1, 0)",
            r"\begin{cases}1 & \text{if } x > 0 \\ 0 & \text{otherwise}\end{cases}",
        ),
        (
            "where(x, y, 0)",
            r"\begin{cases}y & \text{if } x \ne 0 \\ 0 & \text{otherwise}\end{cases}",
        ),
        ("(x > 0)*y", r"\left[x > 0\right] y"),
        ("logical_and(x > 0, y)", r"\left(x > 0\right) \land \left(y \ne 0\right)"),
        ("maximum(x, mod(y, 2))", r"\max\left(x, y \bmod 2\right)"),
        ("hypot(x + 1, y)", r"\sqrt{\left(x + 1\right)^{2} + y^{2}}"),
        ("theta*θ*x1*loss*w_max", r"\theta \theta x_{1} \mathit{loss} w_{\mathit{max}}"),
        ("inf*x", r"\infty x"),
        ("x", "x"),
        ("3", "3"),
        (
            "s = sin(x)*y; s*s + s",
            r"\begin{aligned}s &= \sin\left(x\right) y \\ &s s + s\end{aligned}",
        ),
    ],
)
def test_formulas_as_they_are_set(text: str, expected: str) -> None:
    assert latex(parse(text)) == expected


def test_a_name_that_is_none_stands_as_text() -> None:
    node = {"op": "exp", "args": ["50% {a}_b"]}
    assert latex(read_nodes([node])) == r"e^{\text{50\% \{a\}\_b}}"


def assert_well_formed(text: str) -> None:
    """Braces, environments and delimiters that are opened are closed, in the right order."""
    marks = re.findall(r"\\[{}\\]|[{}]|\\left\b|\\right\b|\\begin\{\w+\}|\\end\{\w+\}", text)
    opened: list[str] = []
    closes = {"}": "{", "\\right": "\\left"}
    for mark in marks:
        if mark in {"{", "\\left"} or mark.startswith("\\begin"):
            opened.append(mark)
        elif mark.startswith("\\end"):
            assert opened.pop() == mark.replace("end", "begin"), text
        elif mark in closes:
            assert opened.pop() == closes[mark], text
    assert not opened, text


@table("seed", range(100))
def test_whatever_is_derived_is_well_formed(seed: int) -> None:
    graph = random_function(seed)
    for found in derive(graph, output="out").values():
        assert_well_formed(latex(found))


def test_what_is_deep_is_written_in_lines_of_bounded_length() -> None:
    builder = GraphBuilder()
    code = builder.input("x")
    for _ in range(500):
        code = builder.apply("sqrt", [code])
    written = latex(builder.build(code))
    assert_well_formed(written)
    assert max(map(len, written.split(r"\\"))) < 400


def test_operations_on_arrays_have_no_formula() -> None:
    with pytest.raises(GraphError, match="sum works on arrays"):
        latex(parse("sum(x)"))
