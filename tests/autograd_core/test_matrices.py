"""`jacobian` and `hessian`: whole matrices of derivatives, against numbers from elsewhere."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings

from autograd_core import (
    ArgumentError,
    Deadline,
    DeadlineExceeded,
    GraphError,
    Limits,
    evaluate,
    gradient,
    hessian,
    jacobian,
    parse,
    read_nodes,
)
from tests.autograd_core.derivative_results import (
    CASES,
    RECORDED,
    SMOOTH,
    Case,
    assert_is_the_loop,
    assert_same,
    transposed,
)
from tests.tables import table

ENGINES = pytest.mark.parametrize("x", ["x", "sum(x)"], ids=["tape", "arrays"])


# --- values ----------------------------------------------------------------------------


@pytest.mark.parametrize("text, bindings", SMOOTH)
def test_hessians_are_those_of_sympy(text: str, bindings: dict[str, float]) -> None:
    symbols = {name: sympy.Symbol(name) for name in bindings}
    formula = sympy.sympify(text, locals=symbols)

    def exactly(expression: Any) -> float:
        return float(expression.subs({symbols[name]: x for name, x in bindings.items()}).evalf(30))

    found = hessian(parse(text), bindings)
    assert found.value == pytest.approx(exactly(formula), rel=1e-13)
    for row in bindings:
        slope = sympy.diff(formula, symbols[row])
        assert found.gradients[row] == pytest.approx(exactly(slope), rel=1e-12, abs=1e-15)
        for column in bindings:
            second = exactly(sympy.diff(slope, symbols[column]))
            assert found.blocks[row][column] == pytest.approx(second, rel=1e-12, abs=1e-14)


def test_jacobians_are_those_of_sympy() -> None:
    text = "p = r*sin(t)*cos(u); q = r*sin(t)*sin(u); s = r*cos(t); s"
    bindings = {"r": 2.0, "t": 0.7, "u": -1.3}
    r, t, u = sympy.symbols("r t u")
    formulas = {
        "p": r * sympy.sin(t) * sympy.cos(u),
        "q": r * sympy.sin(t) * sympy.sin(u),
        "s": r * sympy.cos(t),
    }
    found = jacobian(parse(text), bindings, outputs=["p", "q", "s"])
    assert list(found.values) == list(found.blocks) == ["p", "q", "s"]
    for output, formula in formulas.items():
        assert list(found.blocks[output]) == ["r", "t", "u"]
        for symbol in (r, t, u):
            expected = float(sympy.diff(formula, symbol).subs({r: 2, t: "0.7", u: "-1.3"}))
            assert found.blocks[output][str(symbol)] == pytest.approx(expected, rel=1e-13)


@pytest.mark.slow
@table("case", RECORDED, ids=lambda case: case["name"])
def test_hessians_are_those_of_pytorch_and_symmetric_to_the_last_bit(case: dict[str, Any]) -> None:
    graph = read_nodes(case["graph"]["nodes"], case["bindings"])
    found = hessian(graph, case["bindings"])
    np.testing.assert_allclose(found.value, case["value"], rtol=1e-10, atol=1e-12)
    shapes = {name: np.shape(value) for name, value in case["bindings"].items()}
    for row, blocks in case["hessian"].items():
        near = {"rtol": 1e-9, "atol": 1e-12, "err_msg": row}
        np.testing.assert_allclose(found.gradients[row], case["gradients"][row], **near)
        for column, recorded in blocks.items():
            block = np.asarray(found.blocks[row][column])
            assert block.shape == shapes[row] + shapes[column]
            matrix = block.reshape(math.prod(shapes[row]), math.prod(shapes[column]))
            np.testing.assert_allclose(matrix, recorded, **near)
            assert np.array_equal(transposed(block, shapes[row]), found.blocks[column][row])


@pytest.mark.parametrize(
    "text, bindings, blocks",
    [
        ("A @ x", {"A": [[1, 2]], "x": [3, 4]}, {"A": [[[3, 4]]], "x": [[1, 2]]}),
        ("v*v", {"v": [1, 2]}, {"v": [[2, 0], [0, 4]]}),
        ("v*s", {"v": [1, 2], "s": 3}, {"v": [[3, 0], [0, 3]], "s": [1, 2]}),
        ("sum(v)", {"v": [1, 2]}, {"v": [1, 1]}),
        ("cumsum(v)", {"v": [1, 2, 3]}, {"v": [[1, 0, 0], [1, 1, 0], [1, 1, 1]]}),
        ("a*b", {"a": 2, "b": -3}, {"a": -3, "b": 2}),
        ("a*b", {"a": 2, "b": -3, "w": [1, 2]}, {"a": -3, "b": 2, "w": [0, 0]}),
        ("2 + 3", {"x": 1}, {"x": 0}),
        ("x", {"x": [1, 2], "y": 3}, {"x": [[1, 0], [0, 1]], "y": [0, 0]}),
        ("v*2", {"v": []}, {"v": np.zeros((0, 0))}),
        ("v*s", {"v": [], "s": 2}, {"v": np.zeros((0, 0)), "s": []}),
        ("sum(v)*s", {"v": [], "s": 2}, {"v": [], "s": 0}),
        ("v + sum(w)", {"v": [1, 2], "w": []}, {"v": [[1, 0], [0, 1]], "w": np.zeros((2, 0))}),
    ],
)
def test_jacobians_from_pencil_and_paper(text: str, bindings: Any, blocks: Any) -> None:
    found = jacobian(parse(text), bindings)
    ((name, row),) = found.blocks.items()
    assert list(row) == list(bindings)
    for one, block in row.items():
        assert np.shape(block) == np.shape(found.values[name]) + np.shape(bindings[one])
        np.testing.assert_array_equal(block, blocks[one], strict=False)
    assert found.warnings == ()


@pytest.mark.parametrize(
    "text, bindings, blocks",
    [
        ("v @ v", {"v": [1, 2]}, {"v": {"v": [[2, 0], [0, 2]]}}),
        ("s*sum(v)", {"s": 3, "v": [1, 2]}, {"s": {"s": 0, "v": [1, 1]}, "v": {"s": [1, 1]}}),
        ("x*x", {"x": 3, "w": [1, 2]}, {"x": {"x": 2, "w": [0, 0]}, "w": {"x": [0, 0]}}),
        ("x", {"x": 3}, {"x": {"x": 0}}),
        ("2 + 3", {"x": 3}, {"x": {"x": 0}}),
        ("sum(v*v)", {"v": []}, {"v": {"v": np.zeros((0, 0))}}),
        ("sum(v)*x*x", {"v": [], "x": 2}, {"v": {"v": np.zeros((0, 0)), "x": []}, "x": {"x": 0}}),
        ("stop_gradient(x)*x*x", {"x": 3}, {"x": {"x": 6}}),
        ("prod(v)", {"v": [0, 2, 3]}, {"v": {"v": [[0, 3, 2], [3, 0, 0], [2, 0, 0]]}}),
    ],
)
def test_hessians_from_pencil_and_paper(text: str, bindings: Any, blocks: Any) -> None:
    found = hessian(parse(text), bindings)
    for row, expected in blocks.items():
        assert list(found.blocks[row]) == list(bindings)
        for column, block in expected.items():
            np.testing.assert_array_equal(found.blocks[row][column], block, strict=False)
            shape = np.shape(bindings[row]) + np.shape(bindings[column])
            assert np.shape(found.blocks[row][column]) == shape
    assert found.warnings == ()


# --- names ------------------------------------------------------------------------------


def test_an_output_named_twice_is_answered_once() -> None:
    found = jacobian(
        parse("p = x*y; p*p"), {"x": 2.0, "y": 3.0}, outputs=["p", "x", "p"], wrt=["x", "x"]
    )
    assert found.values == {"p": 6.0, "x": 2.0}
    assert found.blocks == {"p": {"x": 3.0}, "x": {"x": 1.0}}


@pytest.mark.parametrize(
    "outputs, wrt, mode",
    [(["d"], ["e", "c"], "reverse"), (["d", "g"], ["e"], "forward")],
)
def test_a_jacobian_may_be_by_nodes(outputs: list[str], wrt: list[str], mode: str) -> None:
    graph = parse("e = a*b; d = e + c; g = e*e*d; g")  # a*b = -6, so d = 4
    found = jacobian(graph, {"a": 2.0, "b": -3.0, "c": 10.0}, outputs=outputs, wrt=wrt)
    expected = {"d": {"e": 1.0, "c": 1.0}, "g": {"e": 2 * -6.0 * 4.0 + 36.0, "c": 36.0}}
    assert found.blocks == {out: {name: expected[out][name] for name in wrt} for out in outputs}
    assert found.cost.mode == mode


def test_a_hessian_may_be_by_nodes() -> None:
    graph = parse("e = a*b; e*e*c")
    found = hessian(graph, {"a": 2.0, "b": -3.0, "c": 10.0}, wrt=["e", "c"])
    assert found.gradients == {"e": -120.0, "c": 36.0}
    assert found.blocks == {"e": {"e": 20.0, "c": -12.0}, "c": {"e": -12.0, "c": 0.0}}


def test_a_hessian_by_a_node_and_the_input_above_it_is_symmetric() -> None:
    # f = (x**2 + e)**2 by the push e at the node, at x = 3: f_x = 4x(x**2 + e), f_e = 2(x**2 + e)
    found = hessian(parse("n = x*x; n*n"), {"x": 3.0}, wrt=["n", "x"])
    assert found.gradients == {"n": 18.0, "x": 108.0}
    assert found.blocks == {"n": {"n": 2.0, "x": 12.0}, "x": {"n": 12.0, "x": 108.0}}


def test_a_hessian_by_tensor_nodes_has_their_shapes() -> None:
    found = hessian(parse("w = v*2; w @ w * s"), {"v": [1.0, 2.0], "s": 3.0}, wrt=["w", "s"])
    np.testing.assert_array_equal(found.blocks["w"]["w"], [[6.0, 0.0], [0.0, 6.0]])
    np.testing.assert_array_equal(found.blocks["w"]["s"], [4.0, 8.0])
    np.testing.assert_array_equal(found.blocks["s"]["w"], [4.0, 8.0])


@pytest.mark.parametrize("call", [jacobian, hessian])
def test_by_nothing_is_nothing(call: Any) -> None:
    found = call(parse("x*x"), {"x": 3.0}, wrt=[])
    assert found.cost.sweeps == 0
    assert all(row == {} for row in found.blocks.values())


def test_a_hessian_is_of_a_named_output() -> None:
    found = hessian(parse("p = x**3; exp(p)"), {"x": 2.0}, output="p")
    assert (found.value, found.gradients, found.blocks) == (8.0, {"x": 12.0}, {"x": {"x": 12.0}})


@pytest.mark.parametrize("call", [jacobian, hessian])
def test_unknown_names_are_refused_with_the_closest(call: Any) -> None:
    with pytest.raises(ArgumentError) as caught:
        call(parse("alpha*alpha"), {"alpha": 1.0}, wrt=["alpha", "alpa"])
    (fault,) = caught.value.faults
    assert (fault.code, fault.path) == ("unknown_name", ("wrt", 1))
    assert "'alpha'" in fault.detail


def test_a_hessian_of_a_tensor_is_refused() -> None:
    with pytest.raises(ArgumentError) as caught:
        hessian(parse("p = v*v; sum(p)"), {"v": [1.0, 2.0]}, output="p")
    assert (caught.value.faults[0].code, caught.value.faults[0].path) == (
        "non_scalar_output", ("output",),
    )  # fmt: skip


# --- the two engines, and the two ways to sweep ------------------------------------------


@pytest.mark.parametrize("text, bindings", SMOOTH)
def test_both_engines_find_the_same_matrices(text: str, bindings: dict[str, float]) -> None:
    for call in (jacobian, hessian):
        on_tape = call(parse(f"f = 1*({text}); f"), bindings)
        on_arrays = call(parse(f"f = sum({text}); f"), bindings)
        assert (on_tape.cost.engine, on_arrays.cost.engine) == ("tape", "arrays")
        assert_same(on_tape, on_arrays)


def test_both_engines_find_the_same_columns() -> None:
    text, outputs = "p = x*y; q = sin(p) + x; r = exp(q); r", ["p", "q", "r"]
    bindings = {"x": 0.4, "y": 1.5}
    on_tape = jacobian(parse(text), bindings, outputs=outputs)
    on_arrays = jacobian(parse(text.replace("x*y", "sum(x*y)")), bindings, outputs=outputs)
    for found, engine in ((on_tape, "tape"), (on_arrays, "arrays")):
        assert (found.cost.engine, found.cost.mode, found.cost.sweeps) == (engine, "forward", 2)
    assert_same(on_tape, on_arrays)


@pytest.mark.slow
@settings(max_examples=60)
@given(CASES)
def test_rows_and_columns_give_the_same_blocks_and_say_so(case: Case) -> None:
    graph = parse(case.text)
    together = jacobian(graph, case.bindings, outputs=["p", "q"])
    assert (together.cost.mode, together.cost.sweeps) == ("reverse", 4)  # 4 outputs, 5 inputs
    for names, width in ((["a"], 1), (["b", "a"], 2), (["v"], 3)):
        found = jacobian(graph, case.bindings, outputs=["p", "q"], wrt=names)
        assert (found.cost.mode, found.cost.sweeps) == ("forward", width)
        for output in ("p", "q"):
            for name in names:
                one, other = found.blocks[output][name], together.blocks[output][name]
                assert np.shape(one) == np.shape(other)
                np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-12)


@pytest.mark.slow
@settings(max_examples=60)
@given(CASES)
def test_a_row_of_a_jacobian_is_a_gradient_and_a_hessian_is_symmetric(case: Case) -> None:
    graph = parse(case.text)
    slopes = gradient(graph, case.bindings, output="p").gradients
    row = jacobian(graph, case.bindings, outputs=["p"]).blocks["p"]
    found = hessian(graph, case.bindings, output="p")
    for name, slope in slopes.items():
        np.testing.assert_allclose(row[name], slope, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(found.gradients[name], slope, rtol=1e-12, atol=1e-14)
        for other in slopes:
            turned = transposed(found.blocks[name][other], np.shape(slope))
            assert np.array_equal(turned, found.blocks[other][name])


def test_a_hessian_has_a_sweep_for_each_element() -> None:
    cost = hessian(parse("sum(v*v)*x"), {"v": np.ones((2, 3)), "x": 1.0}).cost
    assert (cost.mode, cost.sweeps) == ("forward over reverse", 7)


# --- mapped ------------------------------------------------------------------------------

MAPPED = [
    ("x*y + sin(x/y)", {"x": [1.0, 2.0, 3.0], "y": [0.1, -0.2, 0.3]}, ["x", "y"], None),
    ("a*tanh(x) + a*a", {"x": [1.0, -0.3], "a": 2.0}, ["x"], None),
    ("2 + 3", {"x": [1.0, 2.0]}, ["x"], None),
    ("x*y", {"x": [1.0, 2.0], "y": 3.0, "unused": [1.0, 2.0]}, ["x", "unused"], None),
    ("e = x*y; sin(e)*x", {"x": [1.0, 2.0], "y": 3.0}, ["x"], ["e", "y"]),
    ("sum(tanh(v)*w*w)", {"v": [[1.0, 2.0], [3.0, 4.0]], "w": [5.0, 6.0]}, ["v"], None),
    ("sum(exp(v))*x", {"v": [0.1, 0.2, 0.3], "x": [1.0, 2.0]}, ["x"], None),
    ("u = A @ v; u @ u", {"A": [[1.0, 2.0], [3.0, 4.0]], "v": [[1.0, 0], [2, 3]]}, ["v"], ["u"]),
]


@pytest.mark.parametrize("text, bindings, mapped, wrt", MAPPED)
@pytest.mark.parametrize("call", [jacobian, hessian])
def test_a_mapped_matrix_is_that_of_a_loop(
    call: Any, text: str, bindings: Any, mapped: list[str], wrt: list[str] | None
) -> None:
    graph = parse(text)
    assert_is_the_loop(
        lambda inputs, _, names: call(graph, inputs, wrt=wrt, mapped=names),
        bindings, mapped, {}, (),
    )  # fmt: skip


@pytest.mark.parametrize("wrt, mode", [(None, "forward"), (["x"], "forward"), (["v"], "reverse")])
def test_a_mapped_jacobian_of_tensors_is_that_of_a_loop(wrt: Any, mode: str) -> None:
    graph = parse("p = tanh(v)*x; q = p @ p; q")
    bindings = {"v": [0.5, -1.0, 2.0], "x": [1.0, 2.0]}
    outputs = ["q"] if mode == "reverse" else ["q", "p", "x"]
    assert jacobian(graph, bindings, outputs=outputs, wrt=wrt, mapped=["x"]).cost.mode == mode
    assert_is_the_loop(
        lambda inputs, _, names: jacobian(graph, inputs, outputs=outputs, wrt=wrt, mapped=names),
        bindings, ["x"], {}, (),
    )  # fmt: skip


# --- conventions ---------------------------------------------------------------------------


@ENGINES
def test_a_branch_not_taken_has_no_derivative_of_any_order(x: str) -> None:
    graph = parse(f"where({x} > 0, sqrt({x}), 0)")
    found = hessian(graph, {"x": -1.0})
    assert (found.value, found.gradients["x"], found.blocks["x"]["x"]) == (0.0, 0.0, 0.0)
    assert found.warnings == ()
    row = jacobian(graph, {"x": -1.0})
    assert next(iter(row.blocks.values()))["x"] == 0.0
    assert row.warnings == ()


@ENGINES
@pytest.mark.parametrize(
    "text, slope",
    [
        ("relu({})", 0.0),
        ("abs({})", 0.0),
        ("sign({})", 0.0),
        ("floor({})", 0.0),
        ("ceil({})", 0.0),
        ("round({})", 0.0),
        ("maximum({}, 0)", 0.5),
        ("minimum({}, 0)", 0.5),
        ("clip({}, 0, 1)", 1.0),
    ],
)
def test_kinks_have_the_documented_slope_and_no_curvature(x: str, text: str, slope: float) -> None:
    found = hessian(parse(text.format(x)), {"x": 0.0})
    assert (found.gradients["x"], found.blocks["x"]["x"]) == (slope, 0.0)
    graph, outputs = parse(f"p = {text.format(x)}; q = p*2; q"), ["p", "q"]
    for wrt in (["x"], ["x", "y", "z"]):  # by columns, and by rows
        blocks = jacobian(graph, {"x": 0.0, "y": 0.0, "z": 0.0}, outputs=outputs, wrt=wrt).blocks
        assert (blocks["p"]["x"], blocks["q"]["x"]) == (slope, 2 * slope)


def test_ties_share_equally() -> None:
    (row,) = jacobian(parse("max(v)"), {"v": [1, 5, 5]}).blocks.values()
    np.testing.assert_array_equal(row["v"], [0.0, 0.5, 0.5])


def test_sinc_is_smooth_at_its_top() -> None:
    found = hessian(parse("sinc(x)"), {"x": 0.0})
    assert found.gradients["x"] == 0.0
    assert found.blocks["x"]["x"] == pytest.approx(-(math.pi**2) / 3, rel=1e-14)


@ENGINES
@pytest.mark.parametrize("call", [jacobian, hessian])
def test_what_is_not_finite_is_said_with_its_cause(call: Any, x: str) -> None:
    (warning,) = call(parse(f"p = 1/{x}; p*2"), {"x": 0.0}).warnings
    assert (warning.node, warning.operation, warning.operands) == ("p", "div", (1.0, 0.0))


@ENGINES
def test_a_slope_that_is_not_finite_is_said_with_its_cause(x: str) -> None:
    (warning,) = jacobian(parse(f"p = sqrt({x}); p*2"), {"x": 0.0}).warnings
    assert (warning.node, warning.operation, warning.value) == ("p", "sqrt", math.inf)


@ENGINES
def test_curvature_alone_may_be_infinite_and_is_said(x: str) -> None:
    found = hessian(parse(f"{x}**1.5"), {"x": 0.0})
    assert (found.value, found.gradients["x"], found.blocks["x"]["x"]) == (0.0, 0.0, math.inf)
    (warning,) = found.warnings
    assert (warning.operation, warning.operands, warning.value) == ("pow", (0.0, 1.5), math.inf)
    assert "second derivative" in warning.detail


def test_a_mapped_warning_is_of_the_point_that_broke() -> None:
    for call in (jacobian, hessian):
        (warning,) = call(parse("log(x)"), {"x": [1.0, -2.0]}, mapped=["x"]).warnings
        assert (warning.operation, warning.operands) == ("log", (-2.0,))


# --- deep, late, large ------------------------------------------------------------------------


@pytest.mark.slow
def test_a_chain_of_100_000_nodes() -> None:
    nodes = [{"id": "n0", "op": "square", "args": ["x"]}]
    nodes += [{"id": f"n{k}", "op": "neg", "args": [f"n{k - 1}"]} for k in range(1, 100_001)]
    graph = read_nodes(nodes, {"x"})
    assert jacobian(graph, {"x": 3.0}).blocks == {"n100000": {"x": 6.0}}
    columns = jacobian(graph, {"x": 3.0}, outputs=["n100000", "n99999"])
    assert columns.cost.mode == "forward"
    assert columns.blocks == {"n100000": {"x": 6.0}, "n99999": {"x": -6.0}}
    found = hessian(graph, {"x": 3.0})
    assert (found.value, found.gradients, found.blocks) == (9.0, {"x": 6.0}, {"x": {"x": 2.0}})


@pytest.mark.slow
def test_a_chain_of_20_000_nodes_on_arrays() -> None:
    nodes = [{"id": "n0", "op": "square", "args": ["x"]}]
    nodes += [{"id": f"n{k}", "op": "neg", "args": [f"n{k - 1}"]} for k in range(1, 20_001)]
    found = hessian(read_nodes(nodes, {"x"}), {"x": 3.0}, wrt=["x", "n0"])
    assert found.cost.engine == "arrays"
    assert found.gradients == {"x": 6.0, "n0": 1.0}
    assert found.blocks == {"x": {"x": 2.0, "n0": 0.0}, "n0": {"x": 0.0, "n0": 0.0}}


@pytest.mark.parametrize("bindings", [{"x": 3.0}, {"x": [3.0, 4.0]}], ids=["tape", "arrays"])
@pytest.mark.parametrize("call", [jacobian, hessian])
def test_a_deadline_that_is_over_stops_the_computation(call: Any, bindings: Any) -> None:
    graph = parse("x*x" if bindings == {"x": 3.0} else "sum(x*x)")
    with pytest.raises(DeadlineExceeded):
        call(graph, bindings, deadline=Deadline(-1.0))
    assert call(graph, bindings, deadline=Deadline(60.0)).warnings == ()


@pytest.mark.parametrize(
    "call, text, instead",
    [(hessian, "sum(v*v)", "ask hvp"), (jacobian, "v*v", "ask jvp or vjp")],
)
def test_a_matrix_that_is_too_large_is_refused_before_anything_is_computed(
    call: Any, text: str, instead: str
) -> None:
    graph, late = parse(text), Deadline(-1.0)  # which any computation would exceed
    for deadline in (None, late):  # compiling takes time, too: the second time nothing is
        with pytest.raises(GraphError) as caught:
            call(graph, {"v": np.ones(4_000)}, deadline=deadline)
    (fault,) = caught.value.faults
    assert fault.code == "limit_exceeded"
    for said in ("4,000 x 4,000", "16,000,000", "10,000,000", instead):
        assert said in fault.sentence


def test_a_matrix_that_would_cost_too_much_is_refused() -> None:
    for call in (hessian, jacobian):
        with pytest.raises(GraphError, match="limit") as caught:
            call(parse("x*y*z"), {"x": 1, "y": 2, "z": 3}, limits=Limits(cost=3))
        assert caught.value.faults[0].code == "limit_exceeded"


@pytest.mark.parametrize(
    "call, text, bindings, need",
    [
        # an evaluation, and 2 more passes for each sweep, over so many operations
        (jacobian, "x*y*z", {"x": 1, "y": 2, "z": 3}, (1 + 2 * 1) * 2),
        (jacobian, "[1, 2, 3]*x", {"x": [1, 2, 3]}, (1 + 2 * 3) * 3),
        # a gradient is 3 passes, and each Hessian product 5 more
        (hessian, "x*y*z", {"x": 1, "y": 2, "z": 3}, (3 + 5 * 3) * 2),
    ],
)
def test_the_limit_of_cost_is_exact(call: Any, text: str, bindings: Any, need: int) -> None:
    found = call(parse(text), bindings, limits=Limits(cost=need))
    assert found.cost.operations == need
    with pytest.raises(GraphError, match="limit"):
        call(parse(text), bindings, limits=Limits(cost=need - 1))


def test_matrices_of_many_points_are_refused_if_they_cannot_be_held() -> None:
    bindings = {"x": np.ones((100, 2_000))}
    graph = parse("x")
    for deadline in (None, Deadline(-1.0)):  # the second time nothing is compiled
        with pytest.raises(GraphError) as caught:
            jacobian(graph, bindings, mapped=["x"], deadline=deadline)
    (fault,) = caught.value.faults
    assert fault.code == "limit_exceeded"
    for said in ("100 points", "4,000,000", "400,000,000", "100,000,000"):
        assert said in fault.detail


def test_values_are_those_of_evaluate() -> None:
    graph, v = parse("p = exp(v); q = sum(p); q"), {"v": [0.5, 1.5]}
    found = jacobian(graph, v, outputs=["q", "p", "v"]).values
    for name, value in evaluate(graph, v, outputs=["q", "p", "v"]).values.items():
        np.testing.assert_array_equal(found[name], value)
