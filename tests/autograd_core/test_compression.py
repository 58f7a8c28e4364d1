"""Colourings by their definitions, and matrices recovered from what sweeps along them give."""

import itertools
from collections.abc import Callable, Iterable

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from autograd_core.engines.sparsity.colorings import (
    Compression,
    compress_columns,
    compress_rows,
    compress_symmetric,
)
from autograd_core.engines.sparsity.patterns import Pattern, hessian_pattern, jacobian_pattern
from tests.autograd_core.sparse_cases import Nodes, arrow, band, named, random_nodes, taped

MANY = 10**9


def pattern(matrix: np.ndarray) -> Pattern:
    rows, columns = np.nonzero(matrix)
    indptr = np.searchsorted(rows, np.arange(len(matrix) + 1))
    return Pattern(matrix.shape, indptr, columns.astype(np.int32))


@st.composite
def matrices(draw: st.DrawFn) -> np.ndarray:
    shape = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    density = draw(st.sampled_from([0.0, 0.1, 0.2, 0.4, 1.0]))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    return np.where(generator.random(shape) < density, generator.normal(size=shape), 0)


@st.composite
def symmetric(draw: st.DrawFn) -> np.ndarray:
    matrix = draw(matrices())
    size = min(matrix.shape)
    upper = np.triu(matrix[:size, :size])
    return upper + np.triu(upper, 1).T


# --- colourings --------------------------------------------------------------------------


@settings(max_examples=120)
@given(matrices())
def test_columns_of_one_colour_share_no_row(matrix: np.ndarray) -> None:
    colors = compress_columns(pattern(matrix)).colors
    for i, j in itertools.combinations(range(matrix.shape[1]), 2):
        assert colors[i] != colors[j] or not (matrix[:, i] * matrix[:, j]).any()


@settings(max_examples=120)
@given(symmetric())
def test_a_path_of_four_has_three_colours(matrix: np.ndarray) -> None:
    colors = compress_symmetric(pattern(matrix)).colors
    edge = (matrix != 0) & ~np.eye(len(matrix), dtype=bool)
    assert not (edge & (colors == colors[:, None])).any()
    paths = ((a, b, c, d) for b, c in np.argwhere(edge) for a in np.flatnonzero(edge[b])
             for d in np.flatnonzero(edge[c]) if len({a, b, c, d}) == 4)  # fmt: skip
    for path in paths:
        assert len(set(colors[list(path)].tolist())) > 2


def diagonals(size: int, offsets: Iterable[int]) -> np.ndarray:
    return sum((np.eye(size, k=k) for k in offsets), np.zeros((size, size)))


def arrow_matrix(size: int, hub: int) -> np.ndarray:
    matrix = np.eye(size)
    matrix[hub] = matrix[:, hub] = 1
    return matrix


TREE = np.array([[abs(i - j) > 0 and (max(i, j) - 1) // 2 == min(i, j) for j in range(63)]
                 for i in range(63)])  # fmt: skip


@pytest.mark.parametrize(
    "matrix,symmetric,columns",
    [
        pytest.param(np.zeros((40, 40)), 1, 1, id="empty"),
        pytest.param(np.zeros((0, 0)), 0, 0, id="no columns"),
        pytest.param(np.eye(40), 1, 1, id="diagonal"),
        pytest.param(diagonals(40, range(-1, 2)), 3, 3, id="tridiagonal"),
        pytest.param(diagonals(40, range(-2, 3)), 5, 5, id="pentadiagonal"),
        pytest.param(diagonals(40, range(-4, 5)), 9, 9, id="nine diagonals"),
        pytest.param(arrow_matrix(40, 0), 2, 40, id="arrow"),
        pytest.param(arrow_matrix(40, 39), 2, 40, id="arrow, hub last"),
        pytest.param(np.kron(np.eye(10), np.ones((4, 4))), 4, 4, id="blocks"),
        pytest.param(np.ones((40, 40)), 40, 40, id="dense"),
        pytest.param(TREE, 3, 4, id="tree"),
    ],
)
def test_colour_counts(matrix: np.ndarray, symmetric: int, columns: int) -> None:
    assert compress_symmetric(pattern(matrix)).count == symmetric
    assert compress_columns(pattern(matrix)).count <= columns
    assert compress_rows(pattern(matrix.T)).count <= columns


@pytest.mark.parametrize(
    "make,argument,count",
    [(band, 2, 3), (band, 3, 5), (arrow, 0, 2), (arrow, 1_999, 2)],
)
def test_two_thousand_columns_take_a_few_sweeps(
    make: Callable[[int, int], Nodes], argument: int, count: int
) -> None:
    case = taped(make(2_000, argument), named(2_000))
    found = hessian_pattern(case.tape, int(case.outputs[0]), case.inputs, 1_000_000)
    assert found is not None
    assert compress_symmetric(found).count == count


# --- recovery ----------------------------------------------------------------------------


@settings(max_examples=120)
@given(symmetric())
def test_a_symmetric_matrix_is_recovered(matrix: np.ndarray) -> None:
    found = pattern(matrix)
    compression = compress_symmetric(found)
    assert compression.seeds().shape == (compression.count, len(matrix))
    values = compression.recovered(compression.seeds() @ matrix)
    np.testing.assert_array_equal(found.filled(values), matrix)


@settings(max_examples=120)
@given(matrices())
def test_a_matrix_is_recovered_by_columns_and_by_rows(matrix: np.ndarray) -> None:
    found = pattern(matrix)
    columns, rows = compress_columns(found), compress_rows(found)
    values = columns.recovered((matrix @ columns.seeds().T).T)
    np.testing.assert_array_equal(found.filled(values), matrix)
    np.testing.assert_array_equal(found.filled(rows.recovered(rows.seeds() @ matrix)), matrix)


@given(symmetric())
def test_both_halves_are_one_read(matrix: np.ndarray) -> None:
    found = pattern(matrix)
    compression = compress_symmetric(found)
    for places in (compression.group, compression.place):
        whole = found.filled(places + 1.0)
        np.testing.assert_array_equal(whole, whole.T)


def test_seeds_come_in_parts() -> None:
    compression = compress_symmetric(pattern(diagonals(9, range(-1, 2))))
    parts = [compression.seeds(0, 2), compression.seeds(2)]
    np.testing.assert_array_equal(np.concatenate(parts), compression.seeds())
    assert compression.seeds().sum(axis=0).tolist() == [1.0] * 9


# --- on tapes, numbers that are not finite included ------------------------------------------

NUMBERS = st.one_of(
    st.floats(-3, 3, allow_subnormal=False),
    st.sampled_from([0.0, 1.0, -1.0, np.inf, -np.inf, np.nan]),
)


def assert_read_alone(
    found: Pattern, compression: Compression, compressed: np.ndarray, alone: np.ndarray
) -> None:
    """Each entry is what a sweep along the one column of its colour that it is in gives.

    compressed: what the seeds gave. alone: what unit directions gave.
    """
    filled = found.filled(np.ones(len(found)))
    values = compression.recovered(compressed)
    for k, (color, place) in enumerate(zip(compression.group, compression.place, strict=True)):
        (column,) = np.flatnonzero((compression.colors == color) & (filled[place] != 0))
        np.testing.assert_array_equal(values[k], alone[column, place])


@pytest.mark.slow
@settings(max_examples=120)
@given(random_nodes(inputs=8), st.lists(NUMBERS, min_size=8, max_size=8))
def test_no_column_spoils_an_entry_of_another(nodes: Nodes, at: list[float]) -> None:
    ids = [node["id"] for node in nodes][::-1]
    case = taped(nodes, named(8), ids)
    hessian = hessian_pattern(case.tape, int(case.outputs[0]), case.inputs, MANY)
    jacobian = jacobian_pattern(case.tape, case.outputs, case.inputs, MANY)
    assert hessian is not None
    assert jacobian is not None
    symmetric = compress_symmetric(hessian)
    products = case.products(at, symmetric.seeds())
    assert_read_alone(hessian, symmetric, products, case.products(at, np.eye(8)))
    columns = compress_columns(jacobian)
    tangents = case.tangents(at, columns.seeds())
    assert_read_alone(jacobian, columns, tangents, case.tangents(at, np.eye(8)))
    rows = compress_rows(jacobian)
    adjoints, alone = case.adjoints(at, rows.seeds()), case.adjoints(at, np.eye(len(ids)))
    np.testing.assert_array_equal(rows.recovered(adjoints), alone[jacobian.rows, jacobian.indices])
