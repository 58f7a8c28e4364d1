"""Matrices on the array engine: many directions in one sweep, and the numbers of one by one."""

import gc
import math
from typing import Any

import numpy as np
import pytest

from autograd_core import hessian, jacobian, parse
from autograd_core.derivatives.call import prepare
from autograd_core.engines.arrays import linearised, tangents
from autograd_core.engines.linearisation import HESSIAN
from autograd_core.limits import DEFAULT_LIMITS, Deadline
from autograd_core.operations.strong_zeros import start_watch
from tests.autograd_core.curvature import Curvature

TEXT = """
    v = tanh(A @ x)*y + B[1]; w = softmax(v)*exp(y*z)
    sum(w*v) + prod(v) + y**3*z + logsumexp(einsum(A, x, w, equation="ij,j,i->j")) + sum(empty)
"""
AT: dict[str, Any] = {
    "A": [[0.5, -1.0], [0.25, 2.0], [1.5, 0.5]],
    "x": [0.3, -0.7],
    "y": 0.4,
    "empty": np.zeros((0, 2)),
    "z": -1.2,
    "B": [[0.1, 0.2, 0.3], [0.5, -0.5, 0.25]],
}
# Numbers that a batch may hold, and up to which targets go together: a direction a batch, some of
# a target, some of all targets, and everything at once.
ROOM = [(1, 0), (1_000, 0), (1_000, 1_000), (10**9, 0), (10**9, 10**9)]


@pytest.fixture(params=ROOM)
def room(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    held, mixed = request.param
    monkeypatch.setattr(linearised, "_MOST_HELD", held)
    monkeypatch.setattr(linearised, "_MIXED", mixed)


@pytest.mark.usefixtures("room")
def test_a_hessian_is_what_its_directions_give_one_by_one() -> None:
    found, alone = hessian(parse(TEXT), AT), Curvature(parse(TEXT), AT)
    sizes = {name: np.size(value) for name, value in AT.items() if name != "empty"}
    for row, height in sizes.items():
        for column, width in sizes.items():
            block = np.reshape(found.blocks[row][column], (height, width))
            np.testing.assert_allclose(block, alone.hessian(row, column), rtol=1e-12, atol=1e-14)
            transpose = np.reshape(found.blocks[column][row], (width, height)).T
            np.testing.assert_array_equal(block, transpose)
    assert np.shape(found.blocks["empty"]["A"]) == (0, 2, 3, 2)


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize("outputs", [["v"], ["v", "w", "u"]])
def test_jacobians_by_rows_and_by_columns_are_those_of_one_direction(outputs: list[str]) -> None:
    """v alone is swept by rows, all three by columns."""
    graph = parse("v = tanh(A @ x); w = v*exp(y) + x[0]; u = outer(v, v)*w; sum(u)")
    at = {"A": np.array(AT["A"]), "x": np.array(AT["x"]), "y": 0.4}
    wrt = ["A", "x", "y"] if outputs == ["v"] else ["x", "y"]
    found = jacobian(graph, at, outputs=outputs, wrt=wrt)
    h = 1e-6
    for name in wrt:
        for place in np.ndindex(np.shape(at[name])):
            step = np.zeros(np.shape(at[name]))
            step[place] = h
            ahead, behind = (jacobian(graph, at | {name: at[name] + k}, outputs=outputs, wrt=wrt)
                             for k in (step, -step))  # fmt: skip
            for output in outputs:
                slope = (np.asarray(ahead.values[output]) - behind.values[output]) / (2 * h)
                column = np.asarray(found.blocks[output][name])[(..., *place)]
                np.testing.assert_allclose(column, slope, rtol=1e-7, atol=1e-9)


@pytest.mark.usefixtures("room")
def test_at_many_points_each_has_its_own_matrix() -> None:
    points = np.linspace(-1, 2, 5)
    found = hessian(parse("x**3*y**2"), {"x": points, "y": 2.0}, mapped=["x"]).blocks
    np.testing.assert_allclose(found["x"]["x"], 6 * points * 4)
    np.testing.assert_allclose(found["x"]["y"], 3 * points**2 * 4)
    np.testing.assert_allclose(found["y"]["y"], 2 * points**3)


def test_directions_share_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[int | None] = []
    push = tangents.push_forward

    def counting(*given: Any) -> Any:
        counts.append(given[-1])
        return push(*given)

    monkeypatch.setattr(tangents, "push_forward", counting)
    graph = parse("sum(tanh(X @ w + b))")
    hessian(graph, {"X": np.ones((40, 7)), "w": np.ones(7), "b": 0.5}, wrt=["w", "b"])
    assert counts == [8]


class Recorder(Deadline):
    """A deadline that writes down what is going to be held."""

    def __init__(self) -> None:
        super().__init__(60)
        self.held: list[int] = []

    def hold(self, numbers: int, *, shown: bool = True) -> None:
        self.held.append(numbers)


def test_a_batch_holds_what_it_said_and_no_more_than_it_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Beside tensors that do not move, of which nothing is held: X has 2,000 numbers."""
    monkeypatch.setattr(linearised, "_MOST_HELD", 1_000)
    graph, recorder = parse("sum(exp(X @ w))"), Recorder()
    hessian(graph, {"X": np.ones((40, 50)), "w": np.zeros(50)}, wrt=["w"], deadline=recorder)
    of_one = 2 * (50 + 40 + 40 + 1)
    assert 1_000 // of_one * of_one in recorder.held


def test_a_zero_that_stands_for_what_does_not_move_has_stopped_nothing() -> None:
    """Along a, sqrt(b) does not move, and its infinite slope meets no zero."""
    call = prepare(parse("a**2 + sqrt(b) + sum(c)"), {"a": 1.0, "b": 0.0, "c": [1.0]}, None, (),
                   DEFAULT_LIMITS, None, ("a", "b"))  # fmt: skip
    at = call.linearise(HESSIAN)
    watch = start_watch()
    _, _, rows = at.hessian_rows(np.eye(2))
    assert not watch.stopped
    np.testing.assert_array_equal(rows, [[2, 0], [0, -math.inf]])


def test_what_a_matrix_took_is_freed_without_the_collector() -> None:
    graph, at = parse("sum(exp(X @ w))"), {"X": np.ones((40, 50)), "w": np.zeros(50)}
    hessian(graph, at, wrt=["w"])
    gc.collect()
    gc.disable()
    try:
        hessian(graph, at, wrt=["w"])
        assert gc.collect() == 0
    finally:
        gc.enable()
