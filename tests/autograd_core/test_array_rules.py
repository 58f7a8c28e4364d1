"""The rules of operations on arrays, against each other and against strangers.

Value: NumPy and SciPy called another way. jvp: central differences of the value. vjp: the jvp,
by the identity <cotangent, jvp(tangent)> = <vjp(cotangent), tangent>. Shape and cost: known
without a number being computed.
"""

import math
import tracemalloc
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from autograd_core.operations import TABLE, ArrayOperation, Composite
from tests.autograd_core.array_case import Case
from tests.autograd_core.array_cases import CASES
from tests.autograd_core.linearised import Code, Linearised
from tests.tables import table

each_case = table("case", CASES, ids=str)
OPERATIONS = {name for name, row in TABLE.items() if isinstance(row, ArrayOperation | Composite)}


def _moving(case: Case, operands: list[np.ndarray]) -> list[bool]:
    """Which operands have a derivative: all but classes."""
    return [case.op != "cross_entropy" or index == 0 for index in range(len(operands))]


def _tangents(case: Case, operands: list[np.ndarray]) -> list[Any]:
    rng = np.random.default_rng(1)
    return [
        rng.normal(size=np.shape(operand)) if moves else None
        for operand, moves in zip(operands, _moving(case, operands), strict=True)
    ]


def test_every_operation_has_a_case() -> None:
    assert {case.op for case in CASES} == OPERATIONS


@each_case
def test_value(case: Case) -> None:
    operands = case.drawn()
    found = Linearised(case.op, operands, case.attributes).value
    expected = np.asarray(case.expected(*operands))
    assert np.shape(found) == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)


@each_case
def test_shape_and_cost_are_known_beforehand(case: Case) -> None:
    operands = case.drawn()
    code = Code(case.op, [operand.shape for operand in operands], case.attributes)
    assert code.shape == np.shape(Linearised(case.op, operands, case.attributes).value)
    assert all(type(length) is int for length in code.shape)
    assert type(code.cost) is int
    assert code.cost > 0 or not all(operand.size for operand in operands)


@each_case
def test_operands_are_left_alone(case: Case) -> None:
    operands = case.drawn()
    for operand in operands:
        operand.flags.writeable = False
    linear = Linearised(case.op, operands, case.attributes)
    linear.jvp(*_tangents(case, operands))
    linear.vjp(np.ones(np.shape(linear.value)))


@each_case
def test_jvp_is_the_slope_of_the_value(case: Case) -> None:
    operands = case.drawn()
    linear = Linearised(case.op, operands, case.attributes)
    tangents, h = _tangents(case, operands), 1e-6
    for alone in range(len(operands)):
        if tangents[alone] is None:
            continue
        ahead, behind = (
            Linearised(
                case.op,
                [x + k * h * tangents[i] if i == alone else x for i, x in enumerate(operands)],
                case.attributes,
            ).value
            for k in (1, -1)
        )
        moved = linear.jvp(*(t if i == alone else None for i, t in enumerate(tangents)))
        assert np.shape(moved) == np.shape(linear.value)
        np.testing.assert_allclose(moved, (ahead - behind) / (2 * h), rtol=1e-6, atol=1e-6)


@each_case
def test_vjp_is_the_adjoint_of_jvp(case: Case) -> None:
    operands = case.drawn()
    linear = Linearised(case.op, operands, case.attributes)
    tangents = _tangents(case, operands)
    cotangent = np.random.default_rng(2).normal(size=np.shape(linear.value))
    moved, sent = linear.jvp(*tangents), linear.vjp(cotangent)
    ahead = np.sum(cotangent * moved)
    back = 0.0
    for operand, tangent, gradient in zip(operands, tangents, sent, strict=True):
        if tangent is None:
            assert gradient is None
        else:
            assert np.shape(gradient) == operand.shape
            back += np.sum(gradient * tangent)
    assert back == pytest.approx(ahead, rel=1e-10, abs=1e-10)


@each_case
def test_no_tangent_is_no_movement(case: Case) -> None:
    linear = Linearised(case.op, case.drawn(), case.attributes)
    code = linear.code
    if len(code.steps) == 1:
        still = linear.jvp(*(None for _ in case.operands))
        np.testing.assert_array_equal(still, np.zeros(code.shape))


# Shapes that no machine could hold --------------------------------------------------

N = 100_000
VAST: dict[str, tuple[tuple[tuple[int, ...], ...], Mapping[str, Any]]] = {
    "matmul": (((N, N), (N, N)), {}),
    "dot": (((N, N), (N, N)), {}),
    "outer": (((N, N), (N, N)), {}),
    "einsum": (((N, N), (N, N), (N, N)), {"equation": "ij,jk,kl->il"}),
    "reshape": (((N, N),), {"shape": [-1]}),
    "broadcast_to": (((N, 1),), {"shape": [N, N]}),
    "concat": (((N, N), (N, N)), {}),
    "stack": (((N, N), (N, N)), {}),
    "index": (((N, N),), {"spec": [[None, None, 2]]}),
    "take": (((N, N),), {"indices": [0, -1]}),
    "solve": (((N, N), (N, N)), {}),
    "mse": (((N, N), (N, N)), {}),
    "binary_cross_entropy": (((N, N), (N, N)), {}),
    "cross_entropy": (((N, N), (N,)), {}),
}


@table("name", sorted(set(TABLE)))
def test_shape_and_cost_take_no_memory(name: str) -> None:
    row = TABLE[name]
    count = 1 if name in OPERATIONS else row.arity[0]
    shapes, attributes = VAST.get(name, (((N, N),) * count, {}))
    Code(name, shapes, attributes)  # what is imported or cached on first use is not the point
    tracemalloc.start()
    try:
        code = Code(name, shapes, attributes)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert type(code.cost) is int
    assert code.cost >= math.prod(code.shape)
