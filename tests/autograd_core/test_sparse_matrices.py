"""`sparse`: Jacobians and Hessians of scalar graphs from coloured sweeps, and as coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings, strategies as st
from mpmath import mp

from autograd_core import ArgumentError, CheckOptions, GraphError, Limits, hessian, jacobian, parse
from autograd_core.derivatives import assembly
from autograd_core.engines import compiled as compiled_module

COUNT = 12


def chained(count: int = COUNT) -> str:
    """A function of x0, x1, ... in which neighbours meet: its Hessian has three diagonals."""
    return " + ".join(f"x{k}**2*x{k + 1} + exp(x{k})" for k in range(count - 1))


def point(count: int = COUNT, seed: int = 0) -> dict[str, float]:
    numbers = np.random.default_rng(seed).uniform(-1.0, 1.0, count)
    return {f"x{k}": float(number) for k, number in enumerate(numbers)}


def matrix_of(entries: Any) -> np.ndarray:
    matrix = np.zeros(entries.shape)
    matrix[entries.rows, entries.columns] = entries.values
    return matrix


def dense(blocks: Any) -> np.ndarray:
    return np.array([[float(entry) for entry in row.values()] for row in blocks.values()])


def by_sympy(text: str, bindings: dict[str, float]) -> np.ndarray:
    symbols = sympy.symbols(list(bindings))
    matrix = sympy.hessian(sympy.sympify(text), symbols)
    function = sympy.lambdify(symbols, matrix, "mpmath", cse=True)
    with mp.workdps(30):
        return np.array(function(*map(mp.mpf, bindings.values())).tolist(), dtype=float)


def test_a_banded_hessian_takes_three_sweeps_and_is_exact() -> None:
    bindings = point()
    found = hessian(parse(chained()), bindings)
    assert found.cost.sweeps == 3
    matrix = dense(found.blocks)
    np.testing.assert_allclose(matrix, by_sympy(chained(), bindings), rtol=1e-12, atol=1e-14)
    assert np.array_equal(matrix, matrix.T)
    apart = np.abs(np.subtract.outer(np.arange(COUNT), np.arange(COUNT))) > 1
    assert not matrix[apart].any()


def test_coordinates_hold_the_matrix_and_say_where_names_begin() -> None:
    found = hessian(parse(chained()), point(), sparse=True)
    assert found.blocks == {}
    entries = found.entries
    assert entries is not None
    assert entries.shape == (COUNT, COUNT)
    assert len(entries.values) == 3 * COUNT - 3  # the last input is in it linearly
    assert entries.row_starts == entries.column_starts == {f"x{k}": k for k in range(COUNT)}
    assert np.array_equal(matrix_of(entries), dense(hessian(parse(chained()), point()).blocks))


@pytest.mark.parametrize(
    "statements, mode, sweeps",
    [
        # y_k depends on x_k and x_{k+1}: two columns meet in every row
        ("; ".join(f"y{k} = x{k}*x{k + 1}" for k in range(COUNT - 1)), "reverse", 2),
        # one input in every output: columns are cheaper than rows
        ("; ".join(f"y{k} = x0*sin(x{k + 1})" for k in range(COUNT - 1)), "forward", 2),
    ],
)
def test_a_jacobian_is_swept_by_the_fewer_colours(statements: str, mode: str, sweeps: int) -> None:
    outputs = [f"y{k}" for k in range(COUNT - 1)]
    graph, bindings = parse(statements), point()
    found = jacobian(graph, bindings, outputs=outputs)
    assert (found.cost.mode, found.cost.sweeps) == (mode, sweeps)
    one_by_one = [
        list(jacobian(graph, bindings, outputs=[name]).blocks[name].values()) for name in outputs
    ]
    assert np.array_equal(dense(found.blocks), np.array(one_by_one, dtype=float))
    entries = jacobian(graph, bindings, outputs=outputs, sparse=True).entries
    assert entries is not None
    assert np.array_equal(matrix_of(entries), np.array(one_by_one, dtype=float))
    assert entries.row_starts == {name: k for k, name in enumerate(outputs)}


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), min_size=1, max_size=25))
def test_compressed_sweeps_have_the_bits_of_single_ones(pairs: list[tuple[int, int]]) -> None:
    text = " + ".join(f"sin(x{i}*x{j})" for i, j in pairs) + " + 0*x0"
    bindings = point()
    whole = dense(hessian(parse(text), bindings).blocks)
    for name in list(bindings)[::5]:  # few names: one sweep for each
        alone = hessian(parse(text), bindings, wrt=[name]).blocks[name][name]
        k = list(bindings).index(name)
        assert whole[k, k] == alone
    np.testing.assert_allclose(whole, by_sympy(text, bindings), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("last", [2.0, 0.0], ids=["finite", "not finite"])
def test_rows_that_begin_as_zeros_are_the_rows_of_the_matrix(
    last: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the last bit, negative zeros and the order of the names included."""
    graph = parse(" + ".join(f"-1*x{k}*x{k + 1}**3" for k in range(20)) + " + 1/x20 + 0*x3*x5")
    at = {f"x{k}": 0.0 if k % 3 == 0 else float(k) for k in range(20)} | {"x20": last}
    begun = hessian(graph, at)
    monkeypatch.setattr(assembly, "_SPARSE", 0.0)
    assert repr(begun) == repr(hessian(graph, at))


def test_dead_branches_stay_dead_in_compressed_sweeps() -> None:
    terms = " + ".join(f"where(x{k} > 0, sqrt(x{k}), 0)*x{k + 1}" for k in range(COUNT - 1))
    bindings = dict.fromkeys(point(), -1.0)
    found = hessian(parse(terms), bindings)
    assert found.warnings == ()
    assert not dense(found.blocks).any()


def test_tensors_answer_with_what_is_not_zero() -> None:
    found = hessian(parse("sum(x**2*y)"), {"x": [3.0, 1.0], "y": 2.0}, sparse=True)
    assert found.entries is not None
    expected = [[4.0, 0.0, 6.0], [0.0, 4.0, 2.0], [6.0, 2.0, 0.0]]
    assert matrix_of(found.entries).tolist() == expected
    assert found.entries.row_starts == {"x": 0, "y": 2}
    of_rows = jacobian(parse("x**2*y"), {"x": [3.0, 1.0], "y": 2.0}, sparse=True)
    assert of_rows.entries is not None
    assert matrix_of(of_rows.entries).tolist() == [[12.0, 0.0, 9.0], [0.0, 4.0, 1.0]]


def test_a_dense_matrix_over_the_limit_is_refused_and_its_entries_are_not() -> None:
    limits = Limits(elements=100)
    with pytest.raises(GraphError, match=r"12 x 12, which is 144 numbers.*hvp.*sparse"):
        hessian(parse(chained()), point(), limits=limits)
    found = hessian(parse(chained()), point(), sparse=True, limits=limits)
    assert found.entries is not None
    assert len(found.entries.values) == 3 * COUNT - 3


def test_patterns_and_colours_are_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    known = compiled_module.hessian_pattern

    def counting(*arguments: Any) -> Any:
        counted.append(1)
        return known(*arguments)

    monkeypatch.setattr(compiled_module, "hessian_pattern", counting)
    graph = parse(chained())
    for seed in range(3):
        hessian(graph, point(seed=seed))
    assert len(counted) == 1


def test_what_does_not_go_with_coordinates_is_refused() -> None:
    graph = parse("x**2")
    with pytest.raises(ArgumentError, match="leave out mapped and check"):
        hessian(graph, {"x": [1.0]}, sparse=True, mapped=["x"])
    with pytest.raises(ArgumentError, match="leave out mapped and check"):
        jacobian(graph, {"x": 1.0}, sparse=True, check=CheckOptions())


# --- checks of matrices -----------------------------------------------------------------


@pytest.mark.parametrize(
    "text, bindings",
    [
        ("x**2*y + sin(x*y)", {"x": 0.7, "y": -1.2}),
        ("sum(x**2*y) + logsumexp(x)", {"x": [0.3, -1.0], "y": 2.0}),
        ("x @ A @ x", {"x": [0.4, 1.1], "A": [[1.0, 0.5], [-0.3, 2.0]]}),
    ],
)
def test_exact_hessians_pass_their_check(text: str, bindings: dict[str, Any]) -> None:
    found = hessian(parse(text), bindings, check=CheckOptions())
    assert found.check is not None
    assert found.check.verdict == "pass"
    for name, row in found.check.blocks.items():
        for other, check in row.items():
            block = found.blocks[name][other]
            assert np.shape(check.numeric) == np.shape(block)
            np.testing.assert_allclose(check.numeric, block, rtol=1e-5, atol=1e-7)


def test_exact_jacobians_pass_their_check_entry_by_entry() -> None:
    found = jacobian(
        parse("tanh(W @ x)"),
        {"W": [[1.0, -0.5], [0.2, 0.3]], "x": [0.4, -1.0]},
        check=CheckOptions(),
    )
    assert found.check is not None
    (name,) = found.check.blocks
    check = found.check.blocks[name]["W"]
    assert found.check.verdict == check.verdict == "pass"
    assert np.shape(check.numeric) == (2, 2, 2)


def test_a_kink_of_the_gradient_is_found_by_the_check_of_a_hessian() -> None:
    found = hessian(parse("x*abs(x) + y**2"), {"x": 0.0, "y": 1.0}, check=CheckOptions())
    assert found.check is not None
    assert found.check.verdict == "nondifferentiable"
    assert found.check.blocks["x"]["x"].verdict == "nondifferentiable"
    assert found.check.blocks["y"]["y"].verdict == "pass"


def test_a_wrong_entry_would_fail_its_check() -> None:
    # the derivative that is not 0 in truth, but by convention
    found = jacobian(parse("x - stop_gradient(x)*0 + stop_gradient(x)"), {"x": 2.0},
                     check=CheckOptions())  # fmt: skip
    assert found.check is not None
    assert found.check.verdict == "fail"


def test_a_mapped_check_has_an_axis_of_points() -> None:
    for call in (hessian, jacobian):
        found = call(parse("x**3*y"), {"x": [1.0, 2.0], "y": 2.0}, mapped=["x"],
                     check=CheckOptions())  # fmt: skip
        assert found.check is not None
        assert found.check.verdict == "pass"
        (row, *_) = found.check.blocks.values()
        assert np.shape(row["x"].numeric) == (2,)


def test_the_complex_step_does_not_check_second_derivatives() -> None:
    with pytest.raises(ArgumentError, match="first derivatives"):
        hessian(parse("x**3"), {"x": 1.0}, check=CheckOptions(method="complex"))


def test_a_check_that_costs_too_much_is_refused() -> None:
    with pytest.raises(GraphError, match="the check"):
        hessian(parse("sum(x**2)"), {"x": [1.0] * 30}, check=CheckOptions(),
                limits=Limits(cost=100_000))  # fmt: skip
