"""Operations on arrays where a choice is made: ties, zeros, empties, singular matrices, misfits."""

import math
from typing import Any

import numpy as np
import pytest

from autograd_core.operations import TABLE, ShapeError, ValueFault
from tests.autograd_core.linearised import Code, Linearised, attributes_of
from tests.tables import table

NAN, INF = math.nan, math.inf
SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])
RANK_1 = np.outer([1.0, 2, 3], [1.0, 1, 2])

# Operation, operand, attributes, value, gradient under a cotangent of ones.
GRADIENTS: tuple[tuple[str, Any, dict[str, Any], Any, Any], ...] = (
    # ties share equally, axis by axis
    ("max", [3, 1, 3], {}, 3, [0.5, 0, 0.5]),
    ("min", [[1, 1], [0, 2]], {"axis": 1}, [1, 0], [[0.5, 0.5], [1, 0]]),
    ("max", [[2, 2], [2, 2]], {}, 2, [[0.25, 0.25], [0.25, 0.25]]),
    ("max", [INF, INF], {}, INF, [0.5, 0.5]),
    ("max", [1, NAN], {}, NAN, [0, 1]),
    # zeros
    ("prod", [2, 0, 3], {}, 0, [0, 6, 0]),
    ("prod", [0, 0, 3], {}, 0, [0, 0, 0]),
    ("prod", [[0, 2], [3, 4]], {"axis": 0}, [0, 8], [[3, 4], [0, 2]]),
    ("norm", [0, 0], {}, 0, [0, 0]),
    ("norm", [[0, 0], [3, 4]], {"axis": 1}, [0, 5], [[0, 0], [0.6, 0.8]]),
    ("std", [2, 2, 2], {}, 0, [0, 0, 0]),
    ("std", 7, {}, 0, 0),
    ("var", [2, 2], {}, 0, [0, 0]),
    ("var", [1, 3], {"ddof": 1}, 2, [-2, 2]),
    ("var", [1, 3], {"ddof": 2}, INF, [-INF, INF]),
    # empties
    ("sum", [], {}, 0, []),
    ("prod", [], {}, 1, []),
    ("mean", [], {}, NAN, []),
    ("norm", [], {}, 0, []),
    ("cumsum", [], {}, [], []),
    # the range of binary64
    ("norm", [3e300, 4e300], {}, 5e300, [0.6, 0.8]),
    ("norm", [1.5e308, -1.5e308], {}, INF, [0.7071067811865476, -0.7071067811865476]),
    ("norm", [1e308] * 5, {}, INF, [0.4472135954999579] * 5),
    ("norm", [1.7e308, 1.7e308, 1e300], {}, INF, [0.5**0.5, 0.5**0.5, 4.159451654038515e-09]),
    ("norm", [5e-324, -5e-324], {}, 5e-324, [0.7071067811865476, -0.7071067811865476]),
    ("norm", [[1.5e308, 1.5e308], [3, 4]], {"axis": 1}, [INF, 5], [[0.5**0.5] * 2, [0.6, 0.8]]),
    (
        "norm",
        [[INF, 1], [1.5e308, 1.5e308], [0, 0]],
        {"axis": 1},
        [INF, INF, 0],
        [[NAN, 0], [0.5**0.5] * 2, [0, 0]],
    ),
    ("norm", [3e-300, 4e-300], {}, 5e-300, [0.6, 0.8]),
    ("norm", [INF, 1], {}, INF, [NAN, 0]),
    ("std", [-1e300, 1e300], {}, 1e300, [-0.5, 0.5]),
    ("logsumexp", [1000, -1000], {}, 1000, [1, 0]),
    ("logsumexp", [0, -40], {}, 4.248354255291589e-18, [1, 4.248354255291589e-18]),
    ("logsumexp", [-INF, 0], {}, 0, [0, 1]),
    ("logsumexp", [-INF, -INF], {}, -INF, [NAN, NAN]),
    ("softmax", [1000, -1000], {}, [1, 0], [0, 0]),
    ("log_softmax", [1000, -1000], {}, [0, -2000], [-1, 1]),
    # an element taken twice
    ("take", [5, 6], {"indices": [1, 1, 0]}, [6, 6, 5], [1, 2]),
    ("broadcast_to", [5, 6], {"shape": [3, 2]}, [[5, 6]] * 3, [3, 3]),
    ("cumsum", [1, 2, 3], {}, [1, 3, 6], [3, 2, 1]),
    # matrices without an inverse, or without a factor
    ("det", SINGULAR, {}, 0, [[4, -2], [-2, 1]]),
    ("det", RANK_1, {}, 0, np.zeros((3, 3))),
    ("det", np.zeros((2, 2)), {}, 0, np.zeros((2, 2))),
    ("det", np.zeros((0, 0)), {}, 1, np.zeros((0, 0))),
    ("logdet", [[-1.0, 0], [0, 1]], {}, NAN, np.full((2, 2), NAN)),
    ("logdet", np.zeros((2, 2)), {}, -INF, np.full((2, 2), NAN)),
    ("logdet", 1e200 * np.eye(2), {}, 2 * math.log(1e200), 1e-200 * np.eye(2)),
    ("inv", SINGULAR, {}, np.full((2, 2), NAN), np.full((2, 2), NAN)),
    ("cholesky", [[4.0, 99], [-99, 9]], {}, [[2, 0], [0, 3]], [[0.25, 0.25], [0.25, 1 / 6]]),
    ("cholesky", -np.eye(2), {}, np.full((2, 2), NAN), np.full((2, 2), NAN)),
)


@table("name, operand, attributes, value, gradient", GRADIENTS)
def test_conventions(
    name: str, operand: Any, attributes: dict[str, Any], value: Any, gradient: Any
) -> None:
    linear = Linearised(name, [np.array(operand, dtype=float)], attributes)
    np.testing.assert_allclose(linear.value, value, rtol=1e-13, atol=1e-14)
    (found,) = linear.vjp(np.ones(np.shape(linear.value)))
    np.testing.assert_allclose(found, gradient, rtol=1e-13, atol=1e-14)


def test_log_softmax_keeps_the_digits_of_what_is_nearly_1() -> None:
    linear = Linearised("log_softmax", [np.array([0.0, -40.0])])
    small = 4.248354255291589e-18
    np.testing.assert_allclose(linear.value, [-small, -40], rtol=1e-13)
    (of_first,) = linear.vjp(np.array([1.0, 0.0]))
    np.testing.assert_allclose(of_first, [small, -small], rtol=1e-13)


@pytest.mark.parametrize("name", ["inv", "cholesky", "solve", "logdet", "det"])
def test_a_bad_matrix_spoils_only_its_own_result(name: str) -> None:
    stack = np.array([-np.ones((2, 2)), np.eye(2), 2 * np.eye(2)])
    more = [np.array([[1.0], [2.0]])] if name == "solve" else []
    whole = Linearised(name, [stack, *more])
    for place in (1, 2):
        alone = Linearised(name, [stack[place], *more])
        np.testing.assert_allclose(whole.value[place], alone.value, rtol=1e-14)


@pytest.mark.parametrize(
    "logits, targets, word",
    [
        ([[1, 2, 3]], [3], "3 is not one of the classes 0 to 2"),
        ([[1, 2, 3]], [-1], "-1 is not one of"),
        ([[1, 2, 3]], [0.5], "0.5 is not one of"),
        ([[1, 2, 3]], [NAN], "nan is not one of"),
        ([[1, 2], [3, 4]], [0, 7], "7 is not one of the classes 0 to 1"),
    ],
)
def test_a_target_that_is_no_class(logits: Any, targets: Any, word: str) -> None:
    operands = [np.array(logits, dtype=float), np.array(targets, dtype=float)]
    with pytest.raises(ValueFault, match=f"^cross_entropy: {word}"):
        TABLE["cross_entropy"].value(operands, {})


# Operation, shapes, attributes: what does not fit.
MISFITS: tuple[tuple[str, tuple[tuple[int, ...], ...], dict[str, Any]], ...] = (
    ("add", ((2,), (3,)), {}),
    ("pow", ((2, 3), (3, 2)), {}),
    ("where", ((2,), (3,), (4,)), {}),
    ("mse", ((2,), (3,)), {}),
    ("binary_cross_entropy", ((2, 2), (3,)), {}),
    ("cross_entropy", ((2, 3), (3,)), {}),
    ("cross_entropy", ((), ()), {}),
    ("matmul", ((2, 3), (2, 3)), {}),
    ("matmul", ((3,), (2,)), {}),
    ("matmul", ((), (3,)), {}),
    ("dot", ((3,), (2,)), {}),
    ("dot", ((2, 3), (4, 2, 3)), {}),
    ("einsum", ((2, 3), (4, 2)), {"equation": "ij,jk->ik"}),
    ("solve", ((3, 3), (2,)), {}),
    ("solve", ((2, 3, 3), (4, 3, 1)), {}),
    ("concat", ((2, 3), (2, 4)), {}),
    ("concat", ((2, 3), (2,)), {}),
    ("stack", ((2,), (3,)), {}),
)
REFUSED: tuple[tuple[str, tuple[int, ...], dict[str, Any]], ...] = (
    ("sum", (2, 3), {"axis": 2}),
    ("sum", (2, 3), {"axis": [0, -2]}),
    ("max", (0, 3), {"axis": 0}),
    ("min", (0,), {}),
    ("logsumexp", (3, 0), {}),
    ("softmax", (), {}),
    ("softmax", (3, 0), {}),
    ("log_softmax", (2, 3), {"axis": -3}),
    ("cumsum", (), {}),
    ("det", (2, 3), {}),
    ("logdet", (3,), {}),
    ("inv", (2, 3), {}),
    ("solve", (2, 3), {}),
    ("cholesky", (), {}),
    ("trace", (3,), {}),
    ("diagonal", (3,), {}),
    ("triu", (), {}),
    ("tril", (3,), {}),
    ("transpose", (2, 3), {"axes": [0, 0]}),
    ("transpose", (2, 3), {"axes": [0]}),
    ("reshape", (2, 3), {"shape": [4]}),
    ("reshape", (2, 3), {"shape": [4, -1]}),
    ("reshape", (0, 3), {"shape": [0, -1]}),
    ("squeeze", (2, 1), {"axis": 0}),
    ("broadcast_to", (2, 3), {"shape": [3]}),
    ("broadcast_to", (2, 3), {"shape": [-1, 3]}),
    ("index", (2, 3), {"spec": [2]}),
    ("index", (2, 3), {"spec": [0, 0, 0]}),
    ("take", (2, 3), {"indices": [0, 2]}),
    ("take", (0,), {"indices": [0]}),
    ("flip", (), {}),
    ("einsum", (2, 3), {"equation": "i->i"}),
)


def _refusal(name: str, shapes: Any, attributes: dict[str, Any]) -> str:
    with pytest.raises(ShapeError) as caught:
        Code(name, shapes, attributes)
    return str(caught.value)


@pytest.mark.parametrize("name, shapes, attributes", MISFITS)
def test_a_misfit_names_the_operation_and_every_shape(
    name: str, shapes: Any, attributes: dict[str, Any]
) -> None:
    message = _refusal(name, shapes, attributes)
    assert message.startswith(name)
    for shape in shapes:
        assert str(list(shape)) in message, message


@pytest.mark.parametrize("name, shape, attributes", REFUSED)
def test_a_refusal_names_the_operation_and_the_shape(
    name: str, shape: tuple[int, ...], attributes: dict[str, Any]
) -> None:
    shapes = (shape, shape[:1]) if name == "solve" else (shape,)
    message = _refusal(name, shapes, attributes)
    assert message.startswith(name)
    assert str(list(shape)) in message, message


@pytest.mark.parametrize("name, shapes", [("expand_dims", [(2, 3)]), ("stack", [(2, 3), (2, 3)])])
def test_a_new_axis_beyond_the_result(name: str, shapes: Any) -> None:
    message = _refusal(name, shapes, {"axis": 3})
    assert message.startswith(f"{name}: axis 3 is out of range")


@pytest.mark.parametrize(
    "equation, word",
    [
        ("ij,jk->ik", "names 2 operands, and 1 are given"),
        ("ij->iij", "twice in the result"),
        ("ij->k", "axis 'k' of the result is in no operand"),
        ("..ij->i", "holds something other than letters"),
        ("......ij->i", "holds something other than letters"),
        ("ij->......i", "holds something other than letters"),
        ("i...->i", "leaves out the axes of '...'"),
        ("ijk...->...", "names 3 axes, shape [2, 3] has 2"),
        ("...->...i", "axis 'i' of the result is in no operand"),
        ("i1->i", "holds something other than letters"),
        ("ij->i->j", "holds something other than letters"),
        ("ii->i", "axis 'i' has length 2 in one operand and 3 in another"),
    ],
)
def test_an_equation_that_means_nothing(equation: str, word: str) -> None:
    message = _refusal("einsum", ((2, 3),), {"equation": equation})
    assert message.startswith("einsum: ")
    assert word in message


def test_rules_are_given_attributes_with_defaults() -> None:
    assert dict(attributes_of("sum", {})) == {"axis": None, "keepdims": False}
    assert dict(attributes_of("sum", {"axis": [1, 0]})) == {"axis": (1, 0), "keepdims": False}
