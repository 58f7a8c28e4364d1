"""The warning that says where a NaN or an infinity arose."""

import math
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    NonfiniteWarning,
    evaluate,
    gradient,
    hessian,
    jacobian,
    parse,
    read_nodes,
)
from autograd_core.derivatives import warnings

INF, NAN = math.inf, math.nan


def warning_of(text: str, **bindings: Any) -> NonfiniteWarning | None:
    warnings = gradient(parse(text), bindings).warnings
    assert len(warnings) <= 1
    return warnings[0] if warnings else None


@pytest.mark.parametrize(
    "text, bindings, node, operation, operands, value",
    [
        ("log(x)", {"x": -1.0}, "%1", "log", (-1.0,), NAN),
        ("p = 1/x; p*2 + y", {"x": 0.0, "y": 1.0}, "p", "div", (1.0, 0.0), INF),
        ("p = -1/x; exp(p) + p", {"x": 0.0}, "p", "div", (-1.0, 0.0), -INF),
        ("a = log(x); b = sqrt(y); a + b", {"x": -1.0, "y": -2.0}, "a", "log", (-1.0,), NAN),
        ("p = exp(x); q = exp(p); q - q", {"x": 7.0}, "q", "exp", (math.exp(7),), INF),
        ("p = x*y; p/p", {"x": 1e200, "y": 1e200}, "p", "mul", (1e200, 1e200), INF),
        ("p = x - x; y/p", {"x": 2.0, "y": 3.0}, "%1", "div", (3.0, 0.0), INF),
        ("p = x**y; p", {"x": -8.0, "y": 0.5}, "p", "pow", (-8.0, 0.5), NAN),
        ("p = log(v); sum(p)", {"v": [1.0, -4.0, -5.0]}, "p", "log", (-4.0,), NAN),
        ("p = v/w; sum(p)", {"v": [[1.0], [2.0]], "w": [1.0, 0.0]}, "p", "div", (1.0, 0.0), INF),
        ("s = sum(v); log(s)", {"v": [-1.0, -2.0]}, "%1", "log", (-3.0,), NAN),
        (
            "p = mean(v); p",
            {"v": [1e308, 1e308, 1e308]},
            "p",
            "mean",
            ("a tensor of shape [3]",),
            INF,
        ),
    ],
)
def test_of_a_value_the_first_node_that_made_it_is_named(
    text: str, bindings: Any, node: str, operation: str, operands: Any, value: float
) -> None:
    found = warning_of(text, **bindings)
    assert found is not None
    assert (found.node, found.operation, found.operands) == (node, operation, operands)
    assert found.value == value or (math.isnan(value) and math.isnan(found.value))
    assert operation in found.detail
    assert repr(node) in found.detail


@pytest.mark.parametrize(
    "text, bindings, node, operation, operands, value",
    [
        ("p = sqrt(x); p*2", {"x": 0.0}, "p", "sqrt", (0.0,), INF),
        ("p = cbrt(x); p", {"x": 0.0}, "p", "cbrt", (0.0,), INF),
        ("p = x**0.5; p", {"x": 0.0}, "p", "pow", (0.0, 0.5), INF),
        ("p = acos(x); p", {"x": 1.0}, "p", "acos", (1.0,), -INF),
        ("p = x**y; p", {"x": -2.0, "y": 2.0}, "p", "pow", (-2.0, 2.0), NAN),
        ("p = sqrt(v); q = sum(p); q", {"v": [4.0, 0.0]}, "p", "sqrt", (0.0,), INF),
    ],
)
def test_of_a_gradient_alone_the_node_whose_derivative_it_is_is_named(
    text: str, bindings: Any, node: str, operation: str, operands: Any, value: float
) -> None:
    found = warning_of(text, **bindings)
    assert found is not None
    assert (found.node, found.operation, found.operands) == (node, operation, operands)
    assert found.value == value or (math.isnan(value) and math.isnan(found.value))
    assert "derivative" in found.detail


@pytest.mark.parametrize(
    "text, bindings",
    [
        ("x*y", {"x": 2.0, "y": 3.0}),
        ("where(x > 0, sqrt(x), 0)", {"x": -1.0}),
        ("where(x > 0, log(x), x)", {"x": 0.0}),
        ("sum(where(v > 0, 1/v, 0))", {"v": [0.0, 2.0]}),
        ("a = log(x); b = x*2; b", {"x": -1.0}),
        ("x**2", {"x": 0.0}),
        ("x**0", {"x": 0.0}),
        ("x*2", {"x": 2.0, "unused": INF}),
        ("norm(v)", {"v": [0.0, 0.0]}),
    ],
)
def test_finite_answers_have_no_warning_whatever_came_in_between(text: str, bindings: Any) -> None:
    assert warning_of(text, **bindings) is None


@pytest.mark.parametrize(
    "text, bindings, node, value",
    [
        ("p = x*2; p", {"x": INF}, "x", INF),
        ("p = sum(v); p", {"v": [1.0, -INF]}, "v", -INF),
        ("x + y", {"x": 1.0, "y": NAN}, "y", NAN),
        ("x", {"x": NAN}, "x", NAN),
    ],
)
def test_an_input_that_was_not_finite_to_begin_with_is_named(
    text: str, bindings: Any, node: str, value: float
) -> None:
    found = warning_of(text, **bindings)
    assert found is not None
    assert (found.node, found.operation, found.operands) == (node, None, ())
    assert found.value == value or (math.isnan(value) and math.isnan(found.value))


def test_a_constant_that_was_not_finite_is_named_by_the_node_it_is_in() -> None:
    found = warning_of("p = x + inf; p", x=1.0)
    assert found is not None
    assert "constant" in found.detail
    assert found.value == INF


def test_a_warning_has_the_path_of_its_node() -> None:
    nodes = [
        {"id": "p", "op": "log", "args": ["x"]},
        {"id": "q", "op": "neg", "args": ["p"]},
    ]
    (found,) = gradient(read_nodes(nodes), {"x": 0.0}).warnings
    assert found.path == ("nodes", 0)


def test_evaluate_warns_as_well_and_only_of_what_was_asked() -> None:
    graph = parse("p = log(x); q = x*2; p + q")
    (found,) = evaluate(graph, {"x": -1.0}).warnings
    assert found.node == "p"
    assert evaluate(graph, {"x": -1.0}, outputs=["q"]).warnings == ()


@pytest.mark.parametrize(
    "text, bindings, mapped, operands, value",
    [
        # on the tape, over vectors of points, and point by point
        ("p = log(x); p", {"x": [1.0, -2.0, -3.0]}, ["x"], (-2.0,), NAN),
        ("p = log(v); sum(p)", {"v": [1.0, -2.0, -3.0]}, [], (-2.0,), NAN),
        ("p = log(v); sum(p)", {"v": [[1.0, 2.0], [3.0, -2.0]]}, ["v"], (-2.0,), NAN),
        ("p = 1/v; p*sum(s)", {"v": 0.0, "s": [[1.0], [2.0]]}, ["s"], (1.0, 0.0), INF),
    ],
)
def test_evaluate_warns_of_the_first_point(
    text: str, bindings: Any, mapped: list[str], operands: Any, value: float
) -> None:
    (found,) = evaluate(parse(text), bindings, mapped=mapped).warnings
    assert (found.node, found.operands) == ("p", operands)
    assert found.value == value or (math.isnan(value) and math.isnan(found.value))


def test_of_many_points_the_first_is_told_whatever_breaks_there() -> None:
    graph = parse("p = sqrt(x); q = log(y); p + q")
    # at point 1 only a derivative is not finite, at point 2 the value
    bindings = {"x": [1.0, 0.0, 1.0], "y": [1.0, 1.0, -1.0]}
    (found,) = gradient(graph, bindings, mapped=["x", "y"]).warnings
    assert (found.node, found.value) == ("p", INF)


def test_a_derivative_that_overflows_on_the_way_back_is_told_where() -> None:
    found = warning_of("p = x*1e200; p*1e200", x=1e-300)
    assert found is not None
    assert (found.node, found.operation, found.value) == ("p", "mul", INF)


def test_a_gradient_whose_finite_parts_overflow_together_is_told_as_such() -> None:
    found = warning_of("x*1e308 + x*1e308", x=1e-10)
    assert found is not None
    assert (found.node, found.operation, found.value) == ("x", None, INF)
    assert "overflows" in found.detail


def test_a_gradient_that_is_not_asked_for_is_not_warned_of() -> None:
    graph = parse("sqrt(x)*y")
    assert gradient(graph, {"x": 0.0, "y": 2.0}, wrt=["y"]).warnings == ()
    assert len(gradient(graph, {"x": 0.0, "y": 2.0}, wrt=["x"]).warnings) == 1


@pytest.mark.filterwarnings("error")
def test_numpy_itself_is_silent() -> None:
    gradient(parse("log(x) + 1/x + exp(1000 - x) + x**0.5"), {"x": 0.0}, trace=True)


def test_of_a_matrix_that_is_not_finite_one_block_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_at: list[int] = []
    first = warnings.first_nonfinite

    def counted(groups: Any, points: int | None) -> Any:
        looked_at.extend(len(names) for names, _ in groups)
        return first(groups, points)

    monkeypatch.setattr(warnings, "first_nonfinite", counted)
    names = [f"x{k}" for k in range(30)]
    found = hessian(parse(f"y + ({'+'.join(names)})**1.5"), dict.fromkeys(["y", *names], 0.0))
    assert np.isinf(found.blocks["x0"]["x29"])
    assert looked_at == [1]


def test_the_block_of_a_matrix_is_the_first_at_the_first_point() -> None:
    graph = parse("a = x*y; b = sqrt(y)*x; c = sum(b) + a; c")
    found = jacobian(
        graph,
        {"x": [1.0, 2.0, 3.0], "y": [4.0, 0.0, 0.0]},
        outputs=["a", "c"],
        mapped=["x", "y"],
    )
    (warning,) = found.warnings
    assert (warning.node, warning.operation, warning.operands) == ("%1", "sqrt", (0.0,))
