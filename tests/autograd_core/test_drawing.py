"""The graph in DOT: what is drawn, and that nothing a caller chose is more than a label."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, strategies as st

from autograd_core import Graph, GraphBuilder, GraphError, Limits, dot, gradient, name_fault, parse

LIMITS = Limits()
GRAPHVIZ = shutil.which("dot")
needs_graphviz = pytest.mark.skipif(
    GRAPHVIZ is None, reason="needs Graphviz's program dot (apt-get install graphviz)"
)
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
STATEMENT = re.compile(
    r"  (?:[voc]\d+(?:_\d+)? \[label=@(?:, shape=(?:circle|ellipse))?(?:, width=0.4)?"
    r"(?:, fixedsize=true)?(?:, margin=0.03)?\]|[voc]\d+(?:_\d+)? -> [vo]\d+);"
)


def drawn(text: str, **bindings: Any) -> str:
    graph = parse(text)
    return dot(graph, gradient(graph, bindings, trace=True))


def named(first: str, second: str) -> str:
    """first = x*x; second = first + 1, whatever the names are."""
    builder = GraphBuilder()
    square = builder.apply("mul", [builder.input("x"), builder.input("x")], name=first)
    total = builder.apply("add", [square, builder.constant(1.0)], name=second)
    return of(builder.build(result=total), {"x": 3.0})


def of(graph: Graph, bindings: Any) -> str:
    return dot(graph, gradient(graph, bindings, trace=True))


def words(text: str) -> list[str]:
    """The texts of the drawing that Graphviz makes of it."""
    assert GRAPHVIZ is not None
    done = subprocess.run(
        [GRAPHVIZ, "-Tsvg"], input=text.encode(), capture_output=True, check=True, timeout=60
    )
    assert done.stderr == b""
    root = ET.fromstring(done.stdout)
    found = root.iter("{http://www.w3.org/2000/svg}text")
    return [str(each.text).replace("\xa0", " ") for each in found]


def test_it_is_drawn_as_micrograd_draws_it() -> None:
    assert drawn("e = a*b; d = e + c; d", a=2.0, b=-3.0, c=10.0) == (
        "digraph gradient {\n"
        "  rankdir=LR;\n"
        "  node [shape=record, height=0.4];\n"
        "  edge [arrowsize=0.7];\n"
        '  v0 [label="{a|data\\ 2|grad\\ -3}"];\n'
        '  v1 [label="{b|data\\ -3|grad\\ 2}"];\n'
        '  v2 [label="{c|data\\ 10|grad\\ 1}"];\n'
        '  v3 [label="{e|data\\ -6|grad\\ 1}"];\n'
        '  v4 [label="{d|data\\ 4|grad\\ 1}"];\n'
        '  o3 [label="*", shape=circle, width=0.4, fixedsize=true];\n'
        "  o3 -> v3;\n"
        "  v0 -> o3;\n"
        "  v1 -> o3;\n"
        '  o4 [label="+", shape=circle, width=0.4, fixedsize=true];\n'
        "  o4 -> v4;\n"
        "  v3 -> o4;\n"
        "  v2 -> o4;\n"
        "}\n"
    )


@pytest.mark.parametrize(
    "text, bindings, labels",
    [
        ("x/3", {"x": 2.0}, [r"data\ 0.6667", r"grad\ 0.3333", "{3}"]),
        ("x*1e300*1e300", {"x": 1.0}, [r"data\ Infinity", "1e+300"]),
        ("0*log(x)*x", {"x": -1.0}, [r"data\ NaN"]),
        ("-x*inf", {"x": 2.0}, [r"data\ -Infinity", r"inf\ =\ Infinity"]),
        ("2*pi*x", {"x": 1.0}, [r"pi\ =\ 3.142"]),
        ("sum(A @ x)", {"A": np.ones((2, 3)), "x": np.ones(3)}, [r"shape\ 2×3", r"shape\ 3"]),
        ("sum(A, axis=[0, 1])", {"A": np.ones((2, 3))}, [r"sum\naxis=(0, 1)"]),
        ("x[1]", {"x": [1.0, 2.0]}, [r"index\n[1]"]),
        ("x", {"x": 5.0, "y": 1.0}, [r"{x|data\ 5|grad\ 1}"]),
        ("x + 0*x", {"x": 5.0, "unused": 1.0}, ["{0}"]),
        ("sin(2)", {"unused": 1.0}, ["{2}"]),
    ],
)
def test_what_labels_say(text: str, bindings: Any, labels: list[str]) -> None:
    shown = drawn(text, **bindings)
    for label in labels:
        assert label in shown
    assert "unused" not in shown


def test_inputs_of_no_interest_have_adjoints_too() -> None:
    graph = parse("x*y")
    result = gradient(graph, {"x": 2.0, "y": 3.0}, wrt=["x"], trace=True)
    assert r"{y|data\ 3|grad\ 2}" in dot(graph, result)


def test_many_points_are_a_shape() -> None:
    graph = parse("x*x")
    result = gradient(graph, {"x": [1.0, 2.0, 3.0]}, mapped=["x"], trace=True)
    assert r"{x|data\ shape\ 3|grad\ shape\ 3}" in dot(graph, result)


def test_only_what_was_traced_is_drawn() -> None:
    graph = parse("x*x")
    with pytest.raises(ValueError, match=r"trace=True"):
        dot(graph, gradient(graph, {"x": 2.0}))


@pytest.mark.parametrize(
    "text, what",
    [
        (f"x{' + 1*x' * (LIMITS.drawn_values // 2)}", "200 values, and this graph has 201"),
        (
            f"max(stack({', '.join(['x'] * LIMITS.drawn_operands)}))",
            "400 operands, and this graph has 401",
        ),
    ],
)
def test_what_is_too_large_to_be_seen_is_refused(text: str, what: str) -> None:
    with pytest.raises(GraphError, match=what) as refused:
        drawn(text, x=2.0)
    assert refused.value.faults[0].code == "limit_exceeded"


# Nothing that a caller chose is more than a label -----------------------------------------

ODD = [
    *('a"b', "a\\", '\\"', '\\"];x[image="/etc/passwd"];', "{a|b}", "<a>", "|", "a  b"),
    *("\\N", "\\l", "&lt;", "&#34;", "<img onerror=alert(1)>", "]]>", "--", "a;b", "'", "%1"),
    *("θ", "數", "🙂", "\ufffe", "\u2028", "\u202e", "x" * 256, "/* a */", "// a", "# a", "->"),
]  # fmt: skip
names = st.text(max_size=12).filter(lambda name: name_fault(name) is None and name != "x")


def is_sound(text: str) -> None:
    """Statements of the known forms, whatever the strings between quotes say."""
    head, *lines, end, last = STRING.sub("@", text).split("\n")
    assert (head, end, last) == ("digraph gradient {", "}", "")
    for line in lines[3:]:
        assert STATEMENT.fullmatch(line), line


@pytest.mark.parametrize("name", ODD)
def test_any_id_is_a_label(name: str) -> None:
    is_sound(named(name, "y"))
    is_sound(named("y", name))


@given(names, names)
def test_any_two_ids_are_labels(first: str, second: str) -> None:
    if first != second:
        is_sound(named(first, second))


@needs_graphviz
@pytest.mark.parametrize("name", ODD)
def test_graphviz_shows_an_id_as_it_is(name: str) -> None:
    shown = name.replace("\ufffe", "\ufffd")
    shown = shown if len(shown) <= 40 else shown[:39] + "…"
    numbers = ["data 3", "grad 6", "data 9", "grad 1", "data 10", "grad 1", "1"]
    assert sorted(words(named(name, "y"))) == sorted(["*", "+", "x", shown, "y", *numbers])


@needs_graphviz
def test_graphviz_shows_attributes_as_they_are() -> None:
    found = words(drawn('einsum(A, x, equation="ij,j->")', A=np.ones((2, 2)), x=np.ones(2)))
    assert "equation=ij,j->" in found
