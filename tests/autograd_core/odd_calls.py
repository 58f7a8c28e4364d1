"""Calls at the edges of what may be asked: nothing to differentiate by, no numbers at all.

CALLS: a name for each, and the message, of every endpoint's function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core import CheckOptions, evaluate, gradient, hessian, hvp, jacobian, jvp, parse, vjp

MANY = "abcdefghijkl"
CHECK, COMPLEX = CheckOptions(), CheckOptions(method="complex")

# Text, bindings, and whether the output is a scalar.
FUNCTIONS: dict[str, tuple[str, dict[str, Any], bool]] = {
    "numbers only": ("3*2", {}, True),
    "infinity alone": ("inf", {}, True),
    "pi alone": ("pi", {"x": 1.0}, True),
    "e beside a tensor": ("e", {"x": [1.0, 2.0]}, True),
    "a number beside an empty tensor": ("3", {"x": []}, True),
    "an input alone": ("x", {"x": 2.0}, True),
    "a tensor alone": ("x", {"x": [1.0, 2.0]}, False),
    "a product": ("x*y", {"x": 2.0, "y": 3.0}, True),
    "many squares": ("+".join(f"{x}*{x}" for x in MANY), dict.fromkeys(MANY, 0.5), True),
    "a square and an idle input": ("y*y", {"y": 2.0, "z": 1.0}, True),
    "undefined": ("y*inf - y*inf", {"y": -2.0}, True),
    "the sum of nothing": ("sum(x)", {"x": []}, True),
    "nothing and something": ("sum(x) + sum(y*y)", {"x": [], "y": [1.0, 2.0]}, True),
    "an empty output": ("x*y", {"x": [], "y": 2.0}, False),
    "a product over no axis": ("A @ x", {"A": [[], [], []], "x": []}, False),
    "rows of nothing": ("sum(A, axis=1)", {"A": [[], [], []]}, False),
    "columns of nothing": ("A*2", {"A": [[], []]}, False),
    "selected and joined": ("concat(x[0:0], y)", {"x": [1.0, 2.0], "y": []}, False),
    "a length of nothing": ("norm(x)", {"x": []}, True),
    "a product of nothing": ("prod(x)", {"x": []}, True),
}  # fmt: skip


def _asked(name: str, wrt: list[str] | None) -> dict[str, Callable[[], Any]]:
    text, bindings, is_scalar = FUNCTIONS[name]
    graph = parse(text)
    output = graph.label(graph.result) if graph.result is not None else ""
    ones = {name: _ones(value) for name, value in bindings.items()}
    by: dict[str, Any] = {"wrt": wrt}
    asked: dict[str, Callable[[], Any]] = {
        "evaluate": lambda: evaluate(graph, bindings),
        "jacobian": lambda: jacobian(graph, bindings, **by),
        "sparse jacobian": lambda: jacobian(graph, bindings, sparse=True, **by),
        "checked jacobian": lambda: jacobian(graph, bindings, check=CHECK, **by),
        "jacobian of two": lambda: jacobian(graph, bindings, outputs=[output, output], **by),
        "jvp": lambda: jvp(graph, bindings, ones, **by),
        "jvp of nothing": lambda: jvp(graph, bindings, {}, **by),
        "vjp of nothing": lambda: vjp(graph, bindings, {}, outputs=[output], **by),
    }
    if is_scalar:
        asked |= {
            "gradient": lambda: gradient(graph, bindings, **by),
            "traced": lambda: gradient(graph, bindings, trace=True, **by),
            "checked": lambda: gradient(graph, bindings, check=CHECK, **by),
            "complex": lambda: gradient(graph, bindings, check=COMPLEX, **by),
            "vjp": lambda: vjp(graph, bindings, {output: 1.0}, **by),
            "hessian": lambda: hessian(graph, bindings, **by),
            "sparse hessian": lambda: hessian(graph, bindings, sparse=True, **by),
            "checked hessian": lambda: hessian(graph, bindings, check=CHECK, **by),
            "hvp": lambda: hvp(graph, bindings, ones, **by),
            "hvp of nothing": lambda: hvp(graph, bindings, {}, **by),
        }  # fmt: skip
    return asked


def _ones(value: Any) -> Any:
    return [_ones(entry) for entry in value] if isinstance(value, list) else 1.0


def _mapped(text: str, points: int, length: int | None) -> dict[str, Callable[[], Any]]:
    """Every function over a few points, of scalars or of tensors of some length."""
    graph = parse(text)
    one = [0.5 + point for point in range(points)]
    bindings = {"x": one if length is None else [[x] * length for x in one], "y": 2.0}
    over: dict[str, Any] = {"mapped": ["x"]}
    asked: dict[str, Callable[[], Any]] = {}
    for wrt in (None, []):
        more = {**over, "wrt": wrt}
        at = f"{text} at {points} points of {length}, by {wrt}: "
        asked |= {
            at + "gradient": lambda more=more: gradient(graph, bindings, **more),
            at + "traced": lambda more=more: gradient(graph, bindings, trace=True, **more),
            at + "checked": lambda more=more: gradient(graph, bindings, check=CHECK, **more),
            at + "jacobian": lambda more=more: jacobian(graph, bindings, **more),
            at + "hessian": lambda more=more: hessian(graph, bindings, **more),
            at + "checked hessian": lambda more=more: hessian(graph, bindings, check=CHECK, **more),
            at + "hvp": lambda more=more: hvp(graph, bindings, {"y": 1.0}, **more),
            at + "jvp": lambda more=more: jvp(graph, bindings, {"y": 1.0}, **more),
        }  # fmt: skip
    asked[f"{text} at {points} points of {length}: evaluate"] = lambda: evaluate(
        graph, bindings, **over
    )
    return asked


CALLS: dict[str, Callable[[], Any]] = {
    f"{name}, by {wrt}: {what}": call
    for name in FUNCTIONS
    for wrt in (None, [])
    for what, call in _asked(name, wrt).items()
}
for _text in ("sum(x*x*y)", "pi", "3", "inf"):
    for _points, _length in ((1, None), (3, None), (40, None), (1, 0), (3, 0), (3, 2)):
        CALLS |= _mapped(_text, _points, _length)
