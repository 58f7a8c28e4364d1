"""The warning that a computed zero may hide a derivative, and the zeros that hide nothing."""

from collections.abc import Sequence
from typing import Any

import pytest

from autograd_core import NonfiniteWarning, gradient, hessian, hvp, jacobian, jvp, parse, vjp
from autograd_core.derivatives import indeterminate as indeterminate_module, indeterminate as module


def indeterminate(warnings: Sequence[NonfiniteWarning]) -> list[str]:
    return [warning.node for warning in warnings if warning.code == "indeterminate"]


# What the true derivative is, by pencil and paper, beside what is answered: 0.
HIDDEN: list[tuple[str, dict[str, Any], str]] = [
    ("s = sqrt(x); s**2", {"x": 0.0}, "s"),  # 1
    ("s = sqrt(x); s*s", {"x": 0.0}, "s"),  # 1
    ("s = cbrt(x); s**3", {"x": 0.0}, "s"),  # 1
    ("s = sqrt(x); abs(s)", {"x": 0.0}, "s"),  # inf
    ("p = x*x; sqrt(p)", {"x": 0.0}, "p"),  # -1 on the left, 1 on the right
    ("p = -1/x; exp(p)", {"x": 0.0}, "p"),  # 0 on the right, inf on the left
    ("p = exp(x); tanh(p)", {"x": 1000.0}, "p"),  # less than any number
    ("p = log(x); exp(2*p)", {"x": 0.0}, "p"),  # 0
    ("p = 1/x; 1/p", {"x": 0.0}, "p"),  # 1
    ("s = sqrt(x); sum(s**2)", {"x": [1.0, 0.0]}, "s"),
    ("s = sqrt(x); s @ s", {"x": [0.0, 1.0]}, "s"),
    ('s = sqrt(x); einsum(s, s, equation="i,i->")', {"x": [0.0, 1.0]}, "s"),
    ("s = sqrt(x); norm(s)", {"x": [0.0, 0.0]}, "s"),
    ("s = sqrt(x); var(s)", {"x": [0.0, 0.0]}, "s"),
    ("s = sqrt(x); t = s*s; sum(where(t >= 0, t, 1))", {"x": [0.0, 1.0]}, "s"),
    ("p = x*x; sum(sqrt(p))", {"x": [0.0, 3.0]}, "p"),
    ("p = x @ x; sqrt(p)", {"x": [0.0, 0.0]}, "p"),
]


@pytest.mark.parametrize("text, bindings, node", HIDDEN)
def test_a_zero_that_was_computed_and_met_infinity_is_told(
    text: str, bindings: dict[str, Any], node: str
) -> None:
    found = gradient(parse(text), bindings)
    assert indeterminate(found.warnings) == [node]
    assert "the true derivative may be another" in found.warnings[-1].detail


@pytest.mark.parametrize("text, bindings, node", HIDDEN)
def test_every_derivative_tells_the_same(text: str, bindings: dict[str, Any], node: str) -> None:
    named = parse(f"{text.rpartition(';')[0]}; out = {text.rpartition(';')[2]}; out")
    ones = {"x": [1.0] * len(bindings["x"]) if isinstance(bindings["x"], list) else 1.0}
    for found in (
        jvp(named, bindings, ones),
        vjp(named, bindings, {"out": 1.0}),
        jacobian(named, bindings),
        hvp(named, bindings, ones),
        hessian(named, bindings),
        gradient(named, bindings, trace=True),
    ):
        assert indeterminate(found.warnings) == [node]


@pytest.mark.parametrize(
    "text, bindings",
    [
        ("0*sqrt(x)", {"x": 0.0}),
        ("sqrt(0*x) + x", {"x": 0.0}),
        ("y*sqrt(x)", {"x": 0.0, "y": 0.0}),
        ("relu(sqrt(x))", {"x": 0.0}),
        ("leaky_relu(sqrt(x) - 1, alpha=0)", {"x": 0.0}),
        ("where(x > 0, sqrt(x), 0)", {"x": 0.0}),
        ("where(x > 0, sqrt(x)**2, 0)", {"x": 0.0}),
        ("clip(sqrt(x), 1, 2)", {"x": 0.0}),
        ("maximum(sqrt(x), 1)", {"x": 0.0}),
        ("max(sqrt(x))", {"x": [0.0, 1.0]}),
        ("sqrt(x) @ [0, 1]", {"x": [0.0, 1.0]}),
        ("sum(sqrt(x)*[0, 1])", {"x": [0.0, 1.0]}),
        ("sqrt(x) @ [[0, 0], [1, 1]] @ [1, -1]", {"x": [0.0, 1.0]}),
        ("sum(index(sqrt(x), spec=[1]))", {"x": [0.0, 1.0]}),
        ("sum(log(where(x > 0, x, 1)))", {"x": [0.0, 1.0]}),
        ("stop_gradient(sqrt(x))**2 + x", {"x": 0.0}),
        ("x**2*y", {"x": 0.0, "y": 0.0}),
        ("norm(x)", {"x": [0.0, 0.0]}),
    ],
)
def test_gates_and_constants_hide_nothing(text: str, bindings: dict[str, Any]) -> None:
    assert gradient(parse(text), bindings).warnings == ()


@pytest.mark.parametrize("text, x", [("exp(sqrt(x))", 0.0), ("exp(log(x)*2 + 1)*x", 3.0)])
def test_nothing_is_looked_for_where_no_zero_has_stopped_anything(
    monkeypatch: pytest.MonkeyPatch, text: str, x: float
) -> None:
    def looked(*_: Any, **__: Any) -> None:
        raise AssertionError("a closer look, although nothing was stopped")

    monkeypatch.setattr(indeterminate_module, "_find", looked)
    graph, at = parse(f"out = {text}; out"), {"x": x}
    gradient(graph, at)
    jvp(graph, at, {"x": 1.0})
    vjp(graph, at, {"out": 1.0})
    jacobian(graph, at)
    hvp(graph, at, {"x": 1.0})
    hessian(graph, at)


def test_only_what_is_asked_for_is_told() -> None:
    graph, bindings = parse("sqrt(x)**2 + y"), {"x": 0.0, "y": 1.0}
    assert gradient(graph, bindings, wrt=["y"]).warnings == ()
    assert indeterminate(gradient(graph, bindings, wrt=["x"]).warnings) == ["%1"]


@pytest.mark.parametrize(
    "text, points, told",
    [
        ("sqrt(x)**2", [1.0, 4.0, 0.0], ["%1"]),
        ("sqrt(x)**2", [1.0, 4.0, 2.0], []),
        ("where(x > 0, sqrt(x), 0)", [1.0, -4.0, 0.0], []),
        ("sum(sqrt(x*[1, 2])**2)", [1.0, 0.0], ["%3"]),
    ],
)
def test_of_mapped_points_the_first_is_told(
    text: str, points: list[float], told: list[str]
) -> None:
    found = gradient(parse(text), {"x": points}, mapped=["x"])
    assert len(indeterminate(found.warnings)) == len(told)


def test_second_derivatives_have_zeros_of_their_own() -> None:
    """(x**1.5)**2 is x**3: no slope is hidden at 0, but its second derivative, 6*x, is."""
    graph = parse("p = x**1.5; p**2")
    assert gradient(graph, {"x": 0.0}).warnings == ()
    assert indeterminate(hessian(graph, {"x": 0.0}).warnings) == ["p"]


def test_what_is_not_finite_is_told_as_well() -> None:
    found = gradient(parse("sqrt(x)**2 + log(y)"), {"x": 0.0, "y": -1.0})
    assert [warning.code for warning in found.warnings] == ["nonfinite", "indeterminate"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "call",
    [
        lambda: gradient(
            parse("sum(where(x > 0, sqrt(x), 0)*y)"),
            {"x": [[-1.0, 0.0, 2.0]] * 3_000, "y": 1.0},
            mapped=["x"],
        ),
        lambda: jacobian(
            parse("; ".join(["y0 = 0*sqrt(x)", *(f"y{k} = sin(y{k - 1})" for k in range(1, 400))])),
            {"x": 0.0},
            outputs=[f"y{k}" for k in range(400)],
        ),
    ],
    ids=["many points", "many outputs"],
)
def test_the_closer_look_has_a_bound(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many points and outputs there are of which none hides anything."""
    looked_at: list[None] = []
    original = module._Node.met

    def counting(node: Any, index: int, **more: Any) -> Any:
        looked_at.append(None)
        return original(node, index, **more)

    monkeypatch.setattr(module._Node, "met", counting)
    assert indeterminate(call().warnings) == []
    assert 0 < len(looked_at) <= 3 * module.MOST_STEPS
