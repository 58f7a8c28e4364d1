"""Claims of numbers at the bindings: what is asked for, what is right, what cannot be read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_core import ArgumentError, GraphError
from service.grading.grading import grade
from service.grading.model import Tolerance
from tests.service.grading.graded import graded, only, reference_of, verdicts

ABC = {"a": 2.0, "b": -3.0, "c": 10.0}
NODES = [
    {"id": "d", "op": "add", "args": ["e", "c"]},
    {"id": "e", "op": "mul", "args": ["a", "b"]},
]


@pytest.mark.parametrize(
    "function, bindings, claims, expected",
    [
        ("a*b + c", ABC, {"value": 4}, {"value": "correct"}),
        ("a*b + c", ABC, {"value": 5}, {"value": "incorrect"}),
        (
            "a*b + c",
            ABC,
            {"gradients": {"a": -3, "b": 2.5, "c": 1}},
            {"gradients/a": "correct", "gradients/b": "incorrect", "gradients/c": "correct"},
        ),
        # a bound input that nothing is computed from has the gradient 0
        ("a*b", ABC, {"gradients": {"c": 0}}, {"gradients/c": "correct"}),
        # a node's gradient, asked for like an input's
        (NODES, ABC, {"gradients": {"e": 1}}, {"gradients/e": "correct"}),
        ("sum(x*x)", {"x": [1, 2, 3]}, {"gradients": {"x": [2, 4, 6]}}, {"gradients/x": "correct"}),
        (
            "sum(x*x)",
            {"x": [1, 2, 3]},
            {"gradients": {"x": {"shape": [3], "data": [2, 4, 6]}}},
            {"gradients/x": "correct"},
        ),
        (
            "x**2*y",
            {"x": 3, "y": 2},
            {"hessian": {"x": {"x": 4, "y": 6}, "y": {"x": 5, "y": 0}}},
            {
                "hessian/x/x": "correct",
                "hessian/x/y": "correct",
                "hessian/y/x": "incorrect",
                "hessian/y/y": "correct",
            },
        ),
        # an output without a name answers as `value`; others by their names
        (
            "A @ x",
            {"A": [[1, 2], [3, 4]], "x": [1, 1]},
            {"jacobian": {"value": {"x": [[1, 2], [3, 5]]}}},
            {"jacobian/value/x": "partially_correct"},
        ),
        (
            "x = r*cos(t); y = r*sin(t); x + y",
            {"r": 2, "t": 0},
            {"jacobian": {"x": {"r": 1, "t": 0}, "y": {"t": 2}}},
            {"jacobian/x/r": "correct", "jacobian/x/t": "correct", "jacobian/y/t": "correct"},
        ),
        (
            "value = x*x; value",
            {"x": 3},
            {"jacobian": {"value": {"x": 6}}},
            {"jacobian/value/x": "correct"},
        ),
    ],
)
def test_verdicts(function: Any, bindings: Any, claims: Any, expected: Any) -> None:
    assert verdicts(graded(function, bindings, claims)) == expected


def test_items_come_in_the_order_of_the_claims() -> None:
    claims = {"derivatives": {"x": "2*x"}, "gradients": {"y": 1, "x": 6}, "value": 10}
    report = graded("x**2 + y", {"x": 3, "y": 1}, claims)
    assert list(verdicts(report)) == ["derivatives/x", "gradients/y", "gradients/x", "value"]


@pytest.mark.parametrize(
    "function, x, claim, expected",
    [
        ("log(x)", -1, 0, "ungradable"),
        ("log(x)", -1, "NaN", "correct"),
        ("1/x", 0, "Infinity", "correct"),
        ("1/x", 0, "-Infinity", "incorrect"),
        ("1/x", 0, 7, "incorrect"),
        ("x", 3, "NaN", "incorrect"),
        ("x", 3, "Infinity", "incorrect"),
    ],
)
def test_claims_and_truths_that_are_not_finite(
    function: str, x: float, claim: Any, expected: str
) -> None:
    assert only(graded(function, {"x": x}, {"value": claim})).verdict == expected


@pytest.mark.parametrize(
    "claim, reason",
    [
        ("3,5", "expected a number, found the string '3,5'"),
        ("", "expected a number, found the string ''"),
        (None, "nothing was claimed here"),
        (True, "expected a number, found true"),
        ([1, "x"], "expected a number, found the string 'x'"),
        ([[1], [2, 3]], "the tensor is not rectangular"),
        ({"shape": [2], "data": [1]}, "1 values do not fill shape [2]"),
        ({"op": "add"}, "unknown member 'op'"),
    ],
)
def test_what_cannot_be_read_is_nobody_s_loss(claim: Any, reason: str) -> None:
    report = graded("a*b + c", ABC, {"value": claim, "gradients": {"a": -3}})
    assert verdicts(report) == {"value": "ungradable", "gradients/a": "correct"}
    assert reason in (report.items[0].judgement.reason or "")
    assert (report.verdict, report.score, report.items[0].score) == ("ungradable", None, None)
    assert report.items[1].score == 0.5


def test_the_claim_and_the_truth_are_answered() -> None:
    judged = only(graded("sum(x*x)", {"x": [1, 2]}, {"gradients": {"x": [2, 5]}}))
    assert np.array_equal(judged.claimed, [2.0, 5.0])
    assert np.array_equal(judged.expected, [2.0, 4.0])


def test_the_tolerance_is_the_author_s() -> None:
    wide = reference_of("3*x", {"x": 1}, tolerance=Tolerance(rtol=0.1, atol=0))
    assert only(grade(wide, {"value": 3.2})).verdict == "correct"
    assert only(grade(wide, {"value": 3.4})).verdict == "incorrect"


# What does not fit the reference is a fault of the message -------------------------------------


@pytest.mark.parametrize(
    "claims, path, code, detail",
    [
        ({}, ("claims",), "missing_member", "nothing is claimed"),
        ({"gradients": {}}, ("claims",), "missing_member", "nothing is claimed"),
        ({"nodes": {"e": {}}}, ("claims",), "missing_member", "nothing is claimed"),
        ({"gradient": {"a": 1}}, ("claims", "gradient"), "unknown_member", "'gradients'"),
        ({"gradients": [1]}, ("claims", "gradients"), "wrong_type", "found a list"),
        ({"gradients": {"alfa": 1}}, ("claims", "gradients", "alfa"), "unknown_name", "'alpha'"),
        ({"derivatives": {"q": "1"}}, ("claims", "derivatives", "q"), "unknown_name", "'q'"),
        ({"nodes": {"f": {"value": 1}}}, ("claims", "nodes", "f"), "unknown_name", "'f'"),
        ({"nodes": {"e": 1}}, ("claims", "nodes", "e"), "wrong_type", "found a number"),
        ({"nodes": {"e": {"grad": 1}}}, ("claims", "nodes", "e", "grad"), "unknown_name", "part"),
        ({"hessian": {"q": {"b": 1}}}, ("claims", "hessian", "q"), "unknown_name", "'q'"),
        ({"hessian": {"b": {"q": 1}}}, ("claims", "hessian", "b", "q"), "unknown_name", "'q'"),
        ({"jacobian": {"b": 1}}, ("claims", "jacobian", "b"), "wrong_type", "found a number"),
    ],
)
def test_faults_of_claims(claims: Any, path: Any, code: str, detail: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        graded("e = alpha*b; e + b", {"alpha": 1, "b": 2}, claims)
    (fault,) = caught.value.faults
    assert (fault.path, fault.code) == (path, code)
    assert detail in fault.detail


def test_a_node_that_the_output_does_not_need_has_no_part_in_it() -> None:
    nodes = [*NODES, {"id": "other", "op": "neg", "args": ["a"]}]
    reference = reference_of(nodes, ABC, "d")
    with pytest.raises(ArgumentError, match="'other'"):
        grade(reference, {"nodes": {"other": {"value": -2}}})


@pytest.mark.parametrize(
    "function, bindings, claims, error, code",
    [
        ("a*b", {"a": 1}, {"value": 1}, GraphError, "unbound_name"),
        ("a*b", {"a": [1, 2], "b": [1, 2, 3]}, {"value": 1}, GraphError, "shape_mismatch"),
        ("a*b", {"a": [1, 2], "b": 1}, {"gradients": {"a": 1}}, ArgumentError, "non_scalar_output"),
        ("x + y", {"x": [1, 2]}, {"derivatives": {"y": "1"}}, ArgumentError, "non_scalar_output"),
    ],
)
def test_the_author_s_faults(
    function: str, bindings: Any, claims: Any, error: type[Exception], code: str
) -> None:
    with pytest.raises(error) as caught:
        graded(function, bindings, claims)
    assert {fault.code for fault in caught.value.faults} == {code}  # type: ignore[attr-defined]
