"""Jacobians and Hessians where rounding decides: a right number is never called wrong."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

from service.grading.matrix_rounding import bound_of_hessian, bound_of_jacobian
from tests.service.grading.graded import graded, only, reference_of

mp = mpmath.mp
CANCELS = "(1 - cos(x))/x**2"  # 1/2 - x**2/24 near 0


@pytest.mark.parametrize(
    "kind, at, truth",
    [
        ("hessian", 1e-8, -1 / 12),
        ("hessian", 1e-3, -1 / 12 + 1e-6 / 60),
        ("jacobian", 1e-8, -1e-8 / 12),
        ("jacobian", 1e-3, -1e-3 / 12 + 1e-9 / 180),
    ],
)
def test_a_right_entry_of_a_form_that_cancels_is_left_open(
    kind: str, at: float, truth: float
) -> None:
    claims = {kind: {"x" if kind == "hessian" else "value": {"x": truth}}}
    found = only(graded(CANCELS, {"x": at}, claims))
    assert found.verdict == "undetermined"
    assert "rounding" in (found.reason or "")


@pytest.mark.parametrize(
    "function, exact, at",
    [
        ("3*x**2 - 4*x + 5", lambda x: 3 * x**2 - 4 * x + 5, 3.0),
        ("exp(x)/x", lambda x: mp.exp(x) / x, 2.0),
        ("1e10*sin(x) - 1e10*sin(x + 1e-9)", lambda x: 1e10 * (mp.sin(x) - mp.sin(x + 1e-9)), 1.0),
        ("log(1 + x) - x + x**2/2", lambda x: mp.log(1 + x) - x + x**2 / 2, 1e-4),
        ("sqrt(x**2 + 1) - x", lambda x: mp.sqrt(x**2 + 1) - x, 1e6),
        ("(x - 1)**3", lambda x: (x - 1) ** 3, 1 + 1e-9),
        ("x**2*sin(x)**2 + tanh(x)", lambda x: (x * mp.sin(x)) ** 2 + mp.tanh(x), 0.3),
        ("exp(-x**2)*cos(20*x)", lambda x: mp.exp(-(x**2)) * mp.cos(20 * x), 0.7),
        (CANCELS, lambda x: (1 - mp.cos(x)) / x**2, 1e-3),
    ],
)
def test_the_bound_is_at_least_the_error(function: str, exact: Any, at: float) -> None:
    reference = reference_of(function, {"x": at})
    found = reference.jacobian_of("value", ["x"])["x"], reference.hessian_by(["x"])["x"]["x"]
    bounds = (
        bound_of_jacobian(reference, None, ["x"], "x"),
        bound_of_hessian(reference, ["x"], "x", "x"),
    )
    for order, (number, bound) in enumerate(zip(found, bounds, strict=True), start=1):
        with mpmath.workdps(60):
            error = float(abs(mpmath.diff(exact, mpmath.mpf(at), order) - mpmath.mpf(number)))
        assert error <= bound <= max(1e-9 * abs(number), 1e4 * error)


@pytest.mark.parametrize(
    "claims",
    [
        {"hessian": {"x": {"y": 5.5}}},
        {"hessian": {"y": {"y": 1.0}}},
        {"jacobian": {"value": {"x": 1.0}}},
        {"jacobian": {"x": {"x": 2.0}}},
    ],
)
def test_a_wrong_entry_is_wrong(claims: Any) -> None:
    assert only(graded("x**2*y + exp(y)", {"x": 2, "y": 3}, claims)).verdict == "incorrect"


def test_sums_round_their_terms() -> None:
    """Of a sum that comes to nothing: its terms were rounded, however small it is."""
    big = np.array([1e12, -1e12, 1.0])
    reference = reference_of("sum(b*x)**2", {"b": big, "x": np.array([1 / 3, 1 / 3, 1e-3])})
    bound = np.asarray(bound_of_hessian(reference, ["x", "b"], "x", "b"))
    assert bound.shape == (3, 3)
    assert (bound[:2, :2].diagonal() >= 1e-5).all()


def test_a_block_of_tensors_is_judged_entry_by_entry() -> None:
    bindings = {"W": [[1, 2], [3, 4]], "x": [1, 2]}
    right = np.array([[1.0, 2], [3, 4]])
    wrong = right + np.array([[0, 0], [0, 1]])
    for block, verdict in ((right, "correct"), (wrong, "partially_correct")):
        found = graded("W @ x", bindings, {"jacobian": {"value": {"x": block.tolist()}}})
        assert only(found).verdict == verdict
    reference = reference_of("W @ x", bindings)
    assert np.shape(bound_of_jacobian(reference, None, ["x"], "x")) == (2, 2)


def test_names_may_be_anything() -> None:
    bindings = {"x": 1e-8, "x 0": 2.0, "x  1": 1.0}
    claims = {"hessian": {"x": {"x": -1 / 6}}}
    nodes = [
        {"id": "x  0", "op": "cos", "args": ["x"]},
        {"op": "div", "args": [
            {"op": "mul", "args": [{"op": "sub", "args": ["x  1", "x  0"]}, "x 0"]},
            {"op": "mul", "args": ["x", "x"]},
        ]},
    ]  # fmt: skip
    assert only(graded(nodes, bindings, claims)).verdict == "undetermined"
