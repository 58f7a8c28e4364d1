"""Forward over reverse on the array engine: directions, nodes as independent variables, zeros.

What the rules of single operations mean at second order is in test_vjp_tangents.py and, recorded
from outside, in test_second_order_recorded.py.
"""

import math
from typing import Any

import numpy as np
import pytest

from autograd_core import DeadlineExceeded, parse
from autograd_core.engines.activity import leading_to
from autograd_core.engines.arrays import tangents as array_tangents
from autograd_core.limits import Deadline
from tests.autograd_core.curvature import Curvature
from tests.tables import table

INF, NAN = math.inf, math.nan


def curvature(text: str, wrt: list[str] | None = None, **bindings: Any) -> Curvature:
    arrays = {name: np.array(value, dtype=float)[()] for name, value in bindings.items()}
    return Curvature(parse(text), arrays, wrt)


# Values by pencil and paper -----------------------------------------------------------

# Text, x, value, gradient, Hessian.
CONVENTIONS: tuple[tuple[str, Any, Any, Any, Any], ...] = (
    # a branch that is not taken, whatever is in it
    ("where(x > 0, sqrt(x), 0)", -1, 0, 0, 0),
    ("where(x > 0, sqrt(x), 0)", 0, 0, 0, 0),
    ("where(x > 0, sqrt(x), 0)", 4, 2, 0.25, -1 / 32),
    ("where(x > 0, log(x), x**3)", -2, -8, 12, -12),
    ("where(x > 0, 1/x, x*x)", 0, 0, 0, 2),
    ("sum(where(x > 0, sqrt(x), x))", [-1, 4], 1, [1, 0.25], [[0, 0], [0, -1 / 32]]),
    ("sum(where(x > 0, x*log(x), 0))", [0, 1], 0, [0, 1], [[0, 0], [0, 1]]),
    ("where(x[0] > 0, norm(x), logdet(outer(x, x)))", [3, 4], 5, [0.6, 0.8],
     [[0.128, -0.096], [-0.096, 0.072]]),
    # what is multiplied with a 0 that nothing moves is not a dead branch, but linear here
    ("0*exp(x)", 1, 0, 0, 0),
    ("stop_gradient(x)*x", 3, 9, 3, 0),
    # kinks and ties: gates are held
    ("relu(x)**2", 0, 0, 0, 0),
    ("relu(x)**2", 3, 9, 6, 2),
    ("abs(x)*x", 0, 0, 0, 0),
    ("abs(x)", 0, 0, 0, 0),
    ("maximum(x, 2)**2", 2, 4, 2, 0.5),
    ("max(x)**2", [3, 3], 9, [3, 3], [[0.5, 0.5], [0.5, 0.5]]),
    ("min(x)**2", [3, 3, 5], 9, [3, 3, 0], [[0.5, 0.5, 0], [0.5, 0.5, 0], [0, 0, 0]]),
    ("clip(x, 0, 1)**2", 1, 1, 2, 2),
    ("x**2", 0, 0, 0, 2),
    ("x**1", 0, 0, 1, 0),
    ("x**0", 0, 1, 0, 0),
    ("x**3", 0, 0, 0, 0),
    ("sinc(x)", 0, 1, 0, -math.pi**2 / 3),
    ("hypot(x[0], x[1])", [0, 0], 0, [0, 0], [[0, 0], [0, 0]]),
    # zeros
    ("norm(x)", [0, 0], 0, [0, 0], [[0, 0], [0, 0]]),
    ("norm(x)**2", [0, 0], 0, [0, 0], [[0, 0], [0, 0]]),
    ("std(x)", [2, 2], 0, [0, 0], [[0, 0], [0, 0]]),
    ("prod(x)", [0, 0, 5], 0, [0, 0, 0], [[0, 5, 0], [5, 0, 0], [0, 0, 0]]),
    ("prod(x)**2", [0, 2], 0, [0, 0], [[8, 0], [0, 0]]),
    # repeated operands
    ("x*x*x", 2, 8, 12, 12),
    ("x @ x", [1, 2], 5, [2, 4], [[2, 0], [0, 2]]),
    ('einsum(x, x, x, equation="i,i,i->")', [1, 2], 9, [3, 12], [[6, 0], [0, 12]]),
    ("b = x + x; b*b", 3, 36, 24, 8),
    # far logits
    ("logsumexp(x)", [1000, 1000], 1000 + math.log(2), [0.5, 0.5], [[0.25, -0.25], [-0.25, 0.25]]),
    ("logsumexp(x)", [1000, -1000], 1000, [1, 0], [[0, 0], [0, 0]]),
    ("binary_cross_entropy(x, 1)", 1000, 0, 0, 0),
    ("binary_cross_entropy(x, 1)", -1000, 1000, -1, 0),
    ("binary_cross_entropy(x, 0)", 0, math.log(2), 0.5, 0.25),
    ("cross_entropy(x, 1)", [1000, -1000], 2000, [1, -1], [[0, 0], [0, 0]]),
    ("cross_entropy(x, 0)", [1000, -1000], 0, [0, 0], [[0, 0], [0, 0]]),
    ("cross_entropy(x, 0)", [0, 0], math.log(2), [-0.5, 0.5], [[0.25, -0.25], [-0.25, 0.25]]),
    ("sum(softmax(x)*[1, 0])", [1000, -1000], 1, [0, 0], [[0, 0], [0, 0]]),
)  # fmt: skip


@table("text, x, value, gradient, hessian", CONVENTIONS)
def test_conventions(text: str, x: Any, value: Any, gradient: Any, hessian: Any) -> None:
    found = curvature(text, x=x)
    near = {"rtol": 1e-13, "atol": 1e-15}
    np.testing.assert_allclose(found.value, value, **near)
    np.testing.assert_allclose(found.gradient("x"), gradient, **near)
    block = found.hessian("x", "x")
    np.testing.assert_allclose(block, np.reshape(hessian, np.shape(block)), **near)


@pytest.mark.parametrize(
    "text, x, expected",
    [
        ("sqrt(x)", 0, -INF),  # its own derivatives there are infinite, and no branch is dead
        ("x**1.5", 0, INF),
        ("log(x)", -1, NAN),
        ("1/x", 0, INF),
    ],
)
def test_what_is_not_finite_is_not_hidden(text: str, x: float, expected: float) -> None:
    np.testing.assert_array_equal(curvature(text, x=x).hessian("x", "x"), [[expected]])


# Directions ---------------------------------------------------------------------------

PROGRAM = "v = tanh(A @ x); w = v*exp(y); sum(w*v) + prod(v) + y**3"
AT = {"A": [[0.5, -1], [0.25, 2]], "x": [0.3, -0.7], "y": 0.4}


def test_several_directions_share_one_reverse_sweep_and_add_up() -> None:
    found = curvature(PROGRAM, **AT)
    along_x = found.along({"x": [1, 2]})
    along_y = found.along({"y": -3})
    together = found.along({"x": [1, 2], "y": -3})
    for name, moved in together.items():
        np.testing.assert_allclose(moved, along_x[name] + along_y[name], rtol=1e-13)


def test_blocks_are_each_others_transposes() -> None:
    found = curvature(PROGRAM, **AT)
    for row in AT:
        for column in AT:
            one, other = found.hessian(row, column), found.hessian(column, row)
            np.testing.assert_allclose(one, other.T, rtol=1e-12, atol=1e-14)


def test_tangents_pushed_forward_are_products_with_cotangents() -> None:
    found = curvature(PROGRAM, **AT)
    tangents = found.tangents({"x": [1, 2], "y": -3})
    expected = found.gradient("x") @ [1, 2] + found.gradient("y") * -3
    np.testing.assert_allclose(tangents[found.root], expected, rtol=1e-13)


def test_a_direction_of_zeros_moves_nothing() -> None:
    found = curvature("sqrt(x) + y/x", x=0, y=1)
    for moved in found.along({"x": 0.0, "y": 0.0}).values():
        assert not np.any(moved)


# What does not move -------------------------------------------------------------------


def test_slots_that_do_not_move_have_no_entry() -> None:
    found = curvature("a = exp(x); b = floor(y); a*b + exp(z)", ["x", "y", "z"], x=1, y=2, z=3)
    assert found.tangents({}) == {}
    assert found.tangents({"y": 1}).keys() == {found.slots["y"]}  # a step has no slope
    assert found.slots["z"] not in found.tangents({"x": 1})
    tangents = found.tangents({"x": 1})
    everything = range(len(found.program.shapes))
    cotangents = found.reversed_for(everything)
    moved = array_tangents.reverse_tangents(
        found.program,
        found.values,
        cotangents,
        tangents,
        leading_to(found.program, everything, None),
        None,
    )
    assert found.slots["x"] in moved
    assert found.slots["y"] not in moved
    assert found.slots["z"] not in moved
    assert found.root not in moved


def test_the_seed_may_be_of_any_result_and_shape() -> None:
    found = curvature("v = x**3; sum(v)", ["x"], x=[1, 2])
    (slot,) = [i.slot for i in found.program.instructions if i.operation.name == "pow"]
    seeds = {slot: np.array([10.0, 1.0])}
    tangents = found.tangents({"x": [1, 1]})
    moved = array_tangents.reverse_tangents(
        found.program,
        found.values,
        {**seeds, found.slots["x"]: np.array([30.0, 12.0])},
        tangents,
        leading_to(found.program, [found.slots["x"]], None),
        None,
    )
    np.testing.assert_allclose(moved[found.slots["x"]], [60, 12])


# Nodes as independent variables -------------------------------------------------------


def test_a_node_moves_by_itself() -> None:
    """f = v**3*x with v = x**2: the node's own second derivatives hold x still."""
    found = curvature("v = x**2; v**3*x", ["v"], x=2)
    np.testing.assert_allclose(found.hessian("v", "v"), [[6 * 4 * 2]])
    assert found.tangents({"v": 1}).keys() >= {found.slots["v"], found.root}
    assert found.program.inputs["x"] not in found.tangents({"v": 1})


def test_a_node_and_an_input_upstream_of_it() -> None:
    """f = v**3*x with v = x**2 + d: every block is a derivative by x and by the push d, at d = 0.

    f = (x**2 + d)**3*x: f_x = 7*x**6, f_d = 3*x**5, f_xx = 42*x**5, f_xd = 15*x**4, f_dd = 6*x**3.
    """
    found = curvature("v = x**2; v**3*x", ["x", "v"], x=2)
    np.testing.assert_allclose(found.gradient("x"), 7 * 2**6)
    np.testing.assert_allclose(found.gradient("v"), 3 * 2**5)
    np.testing.assert_allclose(found.hessian("x", "x"), [[42 * 2**5]])
    np.testing.assert_allclose(found.hessian("x", "v"), [[15 * 2**4]])
    np.testing.assert_allclose(found.hessian("v", "x"), [[15 * 2**4]])
    np.testing.assert_allclose(found.hessian("v", "v"), [[6 * 2**3]])


NESTED = {
    "cholesky and inv": "v = S + outer(x, x); w = cholesky(v); u = inv(w); sum(u*u*x)",
    "solve": "v = S + outer(x, x); w = solve(v, x); u = softmax(w); sum(u*w*x)",
    "norms": "v = S @ x; w = v/norm(v); u = std(w)*x; logsumexp(u*w)",
    "products": """v = tanh(x); w = einsum(v, S, x, equation="i,ij,j->i"); u = prod(w)*v
                   det(outer(u, x) + S)""",
}


@pytest.mark.parametrize("name", NESTED)
def test_nodes_and_inputs_moving_together_add_up_and_are_symmetric(name: str) -> None:
    names = ["x", "v", "w", "u"]
    S = [[3.0, 0.5, -0.25], [0.5, 2.0, 0.25], [-0.25, 0.25, 4.0]]
    found = curvature(NESTED[name], names, x=[0.5, -1.0, 0.75], S=S)
    rng = np.random.default_rng(0)
    one, other = ({n: rng.normal(size=found.shape(n)) for n in names} for _ in range(2))
    together = found.along(one)
    alone = [found.along({n: one[n]}) for n in names]
    for n in names:
        total = sum(moved[n] for moved in alone)
        np.testing.assert_allclose(together[n], total, rtol=1e-11, atol=1e-12)
    again = found.along(other)
    ahead = sum(np.sum(together[n] * other[n]) for n in names)
    back = sum(np.sum(again[n] * one[n]) for n in names)
    assert ahead == pytest.approx(back, rel=1e-10)
    # going forward, too: the tangent of the output is the sum over gradients
    slope = sum(np.sum(found.gradient(n) * one[n]) for n in names)
    assert found.tangents(one)[found.root] == pytest.approx(slope, rel=1e-11)


# Bounds -------------------------------------------------------------------------------


def test_both_sweeps_look_at_the_clock() -> None:
    found = curvature("sum(exp(x)*x)", x=[1, 2])
    with pytest.raises(DeadlineExceeded):
        found.tangents({"x": [1, 0]}, Deadline(-1))
    with pytest.raises(DeadlineExceeded):
        found.along({"x": [1, 0]}, Deadline(-1))
