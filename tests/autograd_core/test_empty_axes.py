"""Lengths of 0: limits count the other lengths, so that [20000000, 0] is as large as [20000000]."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_core import (
    AutogradError,
    GraphError,
    InvalidError,
    Limits,
    TensorError,
    evaluate,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    parse,
    tensor,
    vjp,
)
from autograd_core.tensors import size_for_limits

HUGE = 4611686018427387904
GIANTS = [
    [0, HUGE],
    [HUGE, 0],
    [0, 2 * HUGE],
    [0, 2**40, 2**40],
    [2**40, 0, 2**40],
    [20_000_000, 0],
]


@pytest.mark.parametrize(
    "shape, size",
    [
        ((), 1),
        ((0,), 1),
        ((3,), 3),
        ((3, 0), 3),
        ((0, 3, 0, 5), 15),
        ((2, 3), 6),
        ((0, HUGE), HUGE),
    ],
)
def test_a_shape_counts_as_the_product_of_its_other_lengths(shape: Any, size: int) -> None:
    assert size_for_limits(shape) == size


@pytest.mark.parametrize("shape", GIANTS)
@pytest.mark.parametrize("content", [{"data": []}, {"base64": ""}])
def test_a_giant_tensor_without_elements_is_refused(shape: list[int], content: Any) -> None:
    with pytest.raises(TensorError) as caught:
        tensor({"shape": shape, **content})
    (fault,) = caught.value.faults
    assert fault.code == "limit_exceeded"
    assert f"{size_for_limits(shape):,} elements, lengths of 0 not counted" in fault.detail


@pytest.mark.parametrize("shape", [[0, 3], [3, 0], [0], [10_000_000, 0], [0, 10_000_000]])
def test_one_as_large_as_the_limit_is_read(shape: list[int]) -> None:
    assert np.shape(tensor({"shape": shape, "data": []})) == tuple(shape)


def test_nested_lists_count_like_shapes() -> None:
    few = Limits(elements=10)
    assert np.shape(tensor([[]] * 10, few)) == (10, 0)
    with pytest.raises(TensorError, match="11 elements"):
        tensor([[]] * 11, few)


@pytest.mark.parametrize(
    "text",
    [
        *(f"reshape(x, shape={shape})" for shape in GIANTS),
        *(f"broadcast_to(x, shape={shape})" for shape in GIANTS),
        *(f"broadcast_to(sum(x), shape={shape})" for shape in GIANTS),
        "expand_dims(reshape(x, shape=[0, 5000000]), axis=0) + reshape(x, shape=[5000000, 1, 0])",
        "concat(wide, wide, axis=1)",
        "stack(wide, wide)",
        "matmul(tall, wide)",
        "tall @ wide",
        "sum(tall, axis=1, keepdims=true) + sum(wide, axis=0)",
        'einsum(tall, wide, equation="ab,cd->ad")',
        'einsum(tall, wide, equation="ab,bd->ad")',
        'einsum(tall, tall, equation="ab,cb->cab")',
        'einsum(tall, tall, tall, equation="ab,cb,dc->")',
        "dot(tall, wide)",
        "take(wide, indices=[[], []], axis=0) + reshape(x, shape=[3000000, 1, 1, 0])",
        "take(tall, indices=[0, 0], axis=0)*reshape(x, shape=[6000000, 1, 0])",
        "tall*reshape(x, shape=[2, 1, 0])",
        "where(tall, reshape(x, shape=[2, 1, 0]), 0)",
    ],
)  # fmt: skip
def test_what_would_make_a_giant_shape_is_refused(text: str) -> None:
    bindings = {"x": [], "tall": np.zeros((6_000_000, 0)), "wide": np.zeros((0, 6_000_000))}
    used = {name: value for name, value in bindings.items() if name in text}
    with pytest.raises(InvalidError) as caught:
        evaluate(parse(text), used)
    assert {fault.code for fault in caught.value.faults} <= {
        "limit_exceeded",
        "shape_mismatch",
        "invalid_value",  # an attribute that is no length at all
    }


def test_what_is_held_at_once_counts_them() -> None:
    limits = Limits(total_elements=100)
    graph = parse("sum(exp(exp(exp(x))))")
    with pytest.raises(GraphError, match="more than the 100 elements"):
        evaluate(graph, {"x": np.zeros((40, 0))}, limits=limits)
    with pytest.raises(GraphError, match="held at once"):
        evaluate(
            parse("sum(x) + sum(exp(x))"),
            {"x": np.zeros((5, 30, 0))},
            mapped=["x"],
            limits=limits,
        )


def test_blocks_of_matrices_count_them() -> None:
    """A block is output.shape + input.shape: here [3000, 0, 4000, 0], nested lists of nothing."""
    bindings = {"x": np.zeros((4000, 0)), "y": np.zeros((3000, 0))}
    graph = parse("a = x*1; b = y*1; sum(a) + sum(b)")
    for call in (
        lambda: jacobian(graph, bindings, outputs=["b"], wrt=["x"]),
        lambda: jacobian(graph, bindings, outputs=["b"], wrt=["x"], sparse=True),
        lambda: hessian(graph, bindings),
    ):
        with pytest.raises(GraphError, match="over the limit"):
            call()


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 3), (2, 0, 3), (1000, 0)])
@pytest.mark.parametrize("points", [None, 1, 4])
def test_answers_have_the_shapes_that_nothing_has(
    shape: tuple[int, ...], points: int | None
) -> None:
    graph, lead = parse("a = 2*x*y; b = sum(a*a); b"), () if points is None else (points,)
    x = np.zeros((*lead, *shape))
    bindings, mapped = {"x": x, "y": 3.0}, [] if points is None else ["x"]
    assert np.shape(evaluate(graph, bindings, outputs=["a"], mapped=mapped).values["a"]) == x.shape
    found = gradient(graph, bindings, mapped=mapped)
    assert np.shape(found.gradients["x"]) == x.shape
    assert np.shape(found.value) == lead
    block = jacobian(graph, bindings, outputs=["a"], mapped=mapped).blocks["a"]["x"]
    assert np.shape(block) == (*lead, *shape, *shape)
    pushed = jvp(graph, bindings, {"x": x}, outputs=["a"], mapped=mapped).products["a"]
    assert np.shape(pushed) == x.shape
    pulled = vjp(graph, bindings, {"a": x}, mapped=mapped).products["x"]
    assert np.shape(pulled) == x.shape
    assert np.shape(hvp(graph, bindings, {"x": x}, mapped=mapped).products["x"]) == x.shape
    assert np.shape(hessian(graph, bindings, mapped=mapped).blocks["x"]["y"]) == x.shape


@pytest.mark.parametrize("operation", ["sum", "mean", "prod", "var", "std", "norm", "logsumexp"])
@pytest.mark.parametrize("axis", [0, 1])
def test_reductions_of_nothing_answer_or_say_why_not(operation: str, axis: int) -> None:
    try:
        found = evaluate(parse(f"{operation}(x, axis={axis})"), {"x": np.zeros((3, 0))})
    except AutogradError as error:
        assert "no elements" in str(error)  # noqa: PT017 - or it answers
    else:
        assert np.shape(found.values["value"]) == ((0,) if axis == 0 else (3,))
