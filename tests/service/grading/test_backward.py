"""A backward pass, node by node: one slip costs once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from service.grading.model import FirstError
from tests.service.grading.graded import graded, verdicts

ABC = {"a": 2.0, "b": -3.0, "c": 10.0}
MICROGRAD = "e = a*b; d = e + c; d"
TWICE = "e = a*b; f = e*e; L = f*c; L"

R, W, C, P = "correct", "incorrect", "carried_forward", "partially_correct"


@pytest.mark.parametrize(
    "function, bindings, claims, expected",
    [
        # all right
        (
            MICROGRAD,
            ABC,
            {"nodes": {"e": {"value": -6, "gradient": 1}, "d": {"value": 4, "gradient": 1}}},
            [R, R, R, R],
        ),
        # a slip forward: what follows from it is carried
        (MICROGRAD, ABC, {"nodes": {"e": {"value": -5}, "d": {"value": 5}}}, [W, C]),
        # a second slip costs again
        (MICROGRAD, ABC, {"nodes": {"e": {"value": -5}, "d": {"value": 6}}}, [W, W]),
        # right in spite of the slip before it: right all the same
        (MICROGRAD, ABC, {"nodes": {"e": {"value": -5}, "d": {"value": 4}}}, [W, R]),
        # a slip backward, the inputs included
        (
            TWICE,
            ABC,
            {
                "nodes": {"L": {"gradient": 1}, "f": {"gradient": 1}, "e": {"gradient": -12}},
                "gradients": {"a": 36, "b": -24, "c": 36},
            },
            [R, W, C, C, C, R],
        ),
        # a wrong value goes into the partials: de = df*2e, with the e that was claimed
        (
            TWICE,
            ABC,
            {"nodes": {"e": {"value": -5, "gradient": -100}, "f": {"value": 25, "gradient": 10}}},
            [W, C, C, R],
        ),
        # what was not claimed is the truth: the gradient of b follows from the true de = -120
        (TWICE, ABC, {"nodes": {"f": {"gradient": 1}}, "gradients": {"b": -24}}, [W, W]),
        # the value beside nodes is the value of the last of them
        (MICROGRAD, ABC, {"value": 5, "nodes": {"e": {"value": -5}}}, [C, W]),
        # inputs may be listed among the nodes, as traces have them
        (MICROGRAD, ABC, {"nodes": {"a": {"value": 2, "gradient": -3}}}, [R, R]),
        (MICROGRAD, ABC, {"nodes": {"e": {"gradient": 2}, "a": {"gradient": -6}}}, [W, C]),
        # a rule written with the result uses the result that was claimed
        (
            "u = exp(x); v = u*c; v",
            {"x": 0.5, "c": 3.0},
            {"nodes": {"u": {"value": 1.6}, "v": {"gradient": 1}}, "gradients": {"x": 4.8}},
            [W, R, C],
        ),
        (
            "t = tanh(x); t*c",
            {"x": 0.5, "c": 3.0},
            {"nodes": {"t": {"value": 0.5}}, "gradients": {"x": 2.25}},
            [W, C],
        ),
        (
            "q = a/b; q*c",
            ABC,
            {"nodes": {"q": {"value": 0.5}}, "gradients": {"b": 10 * 0.5 / 3}},
            [W, C],
        ),
        # from numbers that cannot be read nothing follows
        (MICROGRAD, ABC, {"nodes": {"e": {"value": "?"}, "d": {"value": 5}}}, ["ungradable", W]),
        # from NaN anything would follow
        (MICROGRAD, ABC, {"nodes": {"e": {"value": "NaN"}, "d": {"value": "NaN"}}}, [W, W]),
        (
            MICROGRAD,
            ABC,
            {"nodes": {"e": {"value": "Infinity"}, "d": {"value": "Infinity"}}},
            [W, W],
        ),
        # nothing follows from entries of matrices
        (
            MICROGRAD,
            ABC,
            {"nodes": {"e": {"value": -5}}, "hessian": {"e": {"a": 7}}, "gradients": {"a": -3}},
            [W, W, R],
        ),
        # a function that is a mere input has no nodes, and that is its gradient
        ("x", {"x": 3.0}, {"nodes": {"x": {"value": 3, "gradient": 1}}}, [R, R]),
    ],
)
def test_each_number_is_judged_twice(
    function: str, bindings: Any, claims: Any, expected: list[str]
) -> None:
    assert list(verdicts(graded(function, bindings, claims)).values()) == expected


def test_carried_earns_full_score_and_says_why() -> None:
    claims = {"nodes": {"e": {"value": -5, "gradient": 1}, "d": {"value": 5, "gradient": 1}}}
    report = graded(MICROGRAD, ABC, claims)
    assert (report.verdict, report.score) == ("partially_correct", 0.75)
    carried = report.items[2]
    assert (carried.judgement.claim, carried.score) == ("nodes/d/value", 0.25)
    assert carried.judgement.expected == 4.0
    assert "one of which is not right" in (carried.judgement.reason or "")


def test_nothing_is_carried_where_the_author_says_so() -> None:
    claims = {"nodes": {"e": {"value": -5, "gradient": 1}, "d": {"value": 5, "gradient": 1}}}
    report = graded(MICROGRAD, ABC, claims, carry=False)
    assert verdicts(report)["nodes/d/value"] == "incorrect"
    assert report.score == 0.5


def test_without_nodes_nothing_is_carried() -> None:
    report = graded(MICROGRAD, ABC, {"value": 5, "gradients": {"a": 3}})
    assert list(verdicts(report).values()) == [W, W]
    assert report.first_error is None


@pytest.mark.parametrize(
    "claims, claim, node",
    [
        ({"nodes": {"L": {"gradient": 1}, "f": {"gradient": 1}}}, "nodes/f/gradient", "f"),
        # values come before gradients, whatever the order they were claimed in
        (
            {"gradients": {"c": 0}, "nodes": {"L": {"gradient": 2}, "f": {"value": 1}}},
            "nodes/f/value",
            "f",
        ),
        # gradients in reverse
        ({"nodes": {"e": {"gradient": 7}, "f": {"gradient": 7}}}, "nodes/f/gradient", "f"),
        # the inputs' last
        ({"gradients": {"a": 7}, "nodes": {"e": {"gradient": 7}}}, "nodes/e/gradient", "e"),
        ({"gradients": {"a": 7}, "nodes": {"e": {"value": -6}}}, "gradients/a", "a"),
        # the value alone is the output's
        ({"value": 7, "nodes": {"e": {"gradient": 7}}}, "value", "L"),
        # of the values, the first that is computed
        ({"nodes": {"L": {"value": 7}, "e": {"value": 7}}}, "nodes/e/value", "e"),
    ],
)
def test_the_first_error_in_the_order_of_computing(claims: Any, claim: str, node: str) -> None:
    first = graded(TWICE, ABC, claims).first_error
    assert first is not None
    assert (first.claim, first.node) == (claim, node)


def test_no_first_error_where_nothing_is_wrong() -> None:
    assert graded(MICROGRAD, ABC, {"nodes": {"e": {"value": -6}}}).first_error is None


# Tensors -------------------------------------------------------------------------------------

X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, -1.0]])
WEIGHTS = np.array([[0.1, -0.2], [0.3, 0.4]])
TARGETS = np.array([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]])
LAYER = "z = X @ W; h = tanh(z); d = h - y; s = d*d; L = mean(s); L"
BOUND = {"X": X, "W": WEIGHTS, "y": TARGETS}


def pass_of(scale: float) -> dict[str, Any]:
    """The pass through LAYER by NumPy, the gradient of each entry of s being `scale`."""
    h = np.tanh(X @ WEIGHTS)
    d = h - TARGETS
    ds = np.full(d.shape, scale)
    dz = (1 - h * h) * 2 * d * ds
    nodes = {"L": {"gradient": 1}, "s": {"gradient": ds}, "d": {"gradient": 2 * d * ds}}
    nodes |= {"h": {"value": h, "gradient": 2 * d * ds}, "z": {"gradient": dz}}
    listed = {
        name: {part: np.asarray(number).tolist() for part, number in parts.items()}
        for name, parts in nodes.items()
    }
    return {"nodes": listed, "gradients": {"W": (X.T @ dz).tolist()}}


def test_a_pass_of_tensors() -> None:
    assert set(verdicts(graded(LAYER, BOUND, pass_of(1 / 6))).values()) == {R}


def test_a_mean_s_n_forgotten_costs_once() -> None:
    report = graded(LAYER, BOUND, pass_of(1.0))
    wrong = [claim for claim, verdict in verdicts(report).items() if verdict == W]
    assert wrong == ["nodes/s/gradient"]
    assert verdicts(report)["gradients/W"] == C
    assert report.first_error is not None
    assert report.first_error.claim == "nodes/s/gradient"


def test_a_tensor_that_is_partly_right() -> None:
    claims = pass_of(1 / 6)
    claims["nodes"]["h"]["value"][0][0] = 0.0
    report = graded(LAYER, BOUND, claims)
    assert verdicts(report)["nodes/h/value"] == P
    assert report.first_error is None


def test_the_first_error_is_wholly_wrong() -> None:
    claims = pass_of(1.0)
    claims["nodes"]["h"]["value"][0][0] = 0.0
    report = graded(LAYER, BOUND, claims)
    assert verdicts(report)["nodes/h/value"] == P
    assert report.first_error == FirstError("nodes/s/gradient", "s")


def test_a_tensor_of_another_shape_is_not_what_others_follow_from() -> None:
    claims = {"nodes": {"h": {"value": [1, 2]}, "d": {"value": 3}}}
    report = graded(LAYER, BOUND, claims)
    assert list(verdicts(report).values()) == [W, W]
    assert "[3, 2]" in (report.items[0].judgement.reason or "")


def test_the_truth_stands_for_a_tensor_of_another_shape() -> None:
    """What comes after it is judged as if it had not been claimed."""
    claims = pass_of(1 / 6)
    del claims["nodes"]["d"]
    claims["nodes"]["s"]["gradient"] = [1.0]
    claims["nodes"]["h"]["gradient"] = (2 * np.array(claims["nodes"]["h"]["gradient"])).tolist()
    claims["nodes"]["z"]["gradient"] = (2 * np.array(claims["nodes"]["z"]["gradient"])).tolist()
    report = graded(LAYER, BOUND, claims)
    wrong = {"nodes/s/gradient": W, "nodes/h/gradient": W, "nodes/z/gradient": C}
    assert verdicts(report) == dict.fromkeys(verdicts(report), R) | wrong
    assert report.first_error == FirstError("nodes/s/gradient", "s")


def test_names_may_be_anything() -> None:
    """Also those that the graph of single steps could have chosen for itself."""
    nodes = [
        {"id": "step 0", "op": "mul", "args": ["live 0", "held 1"]},
        {"id": "x/y", "op": "add", "args": ["step 0", {"op": "exp", "args": ["live 0"]}]},
    ]
    bindings = {"live 0": 0.0, "held 1": 5.0}
    claims = {"nodes": {"step 0": {"value": 2}, "x/y": {"value": 3}}, "gradients": {"held 1": 0}}
    report = graded(nodes, bindings, claims)
    assert list(verdicts(report).values()) == [W, C, R]


@pytest.mark.slow
def test_a_long_chain() -> None:
    count = 20_000
    nodes: list[Any] = [{"id": "n0", "op": "sin", "args": ["x"]}]
    nodes += [{"id": f"n{k}", "op": "sin", "args": [f"n{k - 1}"]} for k in range(1, count)]
    claims = {"nodes": {"n0": {"value": 0.5}, "n1": {"value": float(np.sin(0.5))}}}
    assert list(verdicts(graded(nodes, {"x": 0.3}, claims)).values()) == [W, C]
