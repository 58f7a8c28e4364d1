"""Elementwise functions piece by piece: the same bytes, and a look at the clock between two."""

from itertools import combinations_with_replacement

import numpy as np
import pytest

from autograd_core import DeadlineExceeded, gradient, parse
from autograd_core.operations import Elementwise, elementwise, pieces
from autograd_core.tensors import Array
from tests.autograd_core.counting_deadline import CountingDeadline
from tests.tables import table

SHAPES: dict[str, tuple[tuple[int, ...], ...]] = {
    "a vector": ((5_000,), (5_000,), (5_000,)),
    "a matrix": ((70, 71), (70, 71), (70, 71)),
    "two long rows": ((2, 2_500), (2, 2_500), (2, 2_500)),
    "eight axes": ((3,) * 8, (3,) * 8, (3,) * 8),
    "a column, a row and a number": ((70, 1), (1, 71), ()),
    "a number and vectors": ((), (5_000,), (5_000,)),
    "fewer axes": ((71,), (70, 71), (70, 1)),
}


def everything(row: Elementwise, operands: list[Array]) -> list[Array]:
    """Value, partials and second partials."""
    attributes, _ = row.check_attributes({})
    count = range(len(operands))
    with np.errstate(all="ignore"):
        value = row.value(operands, attributes)
        found = [value]
        found += [row.partial(index, operands, value, attributes) for index in count]
        found += [
            row.second_partial(first, second, operands, value, attributes)
            for first, second in combinations_with_replacement(count, 2)
        ]
    return [np.asarray(each) for each in found]


@table("order", ["C", "F"])
@table("shapes", SHAPES.values(), ids=SHAPES.keys())
@table("row", elementwise.ROWS, ids=lambda row: row.name)
def test_pieces_are_the_whole_to_the_byte(
    row: Elementwise,
    shapes: tuple[tuple[int, ...], ...],
    order: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pieces, "PIECE", 1_024)
    rng = np.random.default_rng(7)
    numbers = [np.asarray(rng.normal(0.3, 2.0, shape), order=order) for shape in shapes]  # type: ignore[call-overload]  # an order
    operands: list[Array] = [each[()] for each in numbers[: len(row.operands)]]
    whole = everything(row, operands)
    deadline = CountingDeadline()
    with deadline.ambient():
        found = everything(row, operands)
    for piecewise, at_once in zip(found, whole, strict=True):
        assert piecewise.dtype == at_once.dtype
        assert piecewise.strides == at_once.strides
        np.testing.assert_array_equal(
            piecewise.astype(float).view(np.int64), at_once.astype(float).view(np.int64)
        )


def test_an_array_repeated_along_its_axis_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE", 1_024)
    operands = [np.broadcast_to(0.7, (5_000,))]
    whole = everything(elementwise.TABLE["digamma"], operands)
    with CountingDeadline().ambient():
        found = everything(elementwise.TABLE["digamma"], operands)
    for piecewise, at_once in zip(found, whole, strict=True):
        np.testing.assert_array_equal(piecewise, at_once)


def test_a_slow_function_of_many_numbers_looks_once_a_piece() -> None:
    deadline = CountingDeadline()
    gradient(parse("sum(digamma(x))"), {"x": np.full(4 * pieces.PIECE, 0.5)}, deadline=deadline)
    assert deadline.looks >= 2 * 4  # the value and the partial


@pytest.mark.parametrize("looks", [3, 5, 8])
def test_a_slow_function_of_many_numbers_ends_with_its_time(looks: int) -> None:
    numbers = np.full(4 * pieces.PIECE, 0.5)
    with pytest.raises(DeadlineExceeded):
        gradient(parse("sum(digamma(x))"), {"x": numbers}, deadline=CountingDeadline(looks))


def test_few_numbers_are_computed_at_once() -> None:
    deadline = CountingDeadline()
    with deadline.ambient():
        everything(elementwise.TABLE["digamma"], [np.full(pieces.PIECE, 0.5)])
    assert deadline.looks == 0
