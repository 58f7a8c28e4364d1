"""`jvp`, `vjp` and `hvp`: products with derivatives, against numbers from elsewhere and against
the matrices they are products with.
"""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings

from autograd_core import (
    ArgumentError,
    Deadline,
    DeadlineExceeded,
    Fault,
    GraphError,
    Limits,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    parse,
    read_nodes,
    vjp,
)
from tests.autograd_core.derivative_results import (
    CASES,
    RECORDED,
    SMOOTH,
    Case,
    assert_is_the_loop,
    assert_same,
    contracted,
)
from tests.tables import table

ENGINES = pytest.mark.parametrize("x", ["x", "sum(x)"], ids=["tape", "arrays"])
ALONG = {"x": 0.75, "y": -1.25, "z": 2.0}


# --- values ----------------------------------------------------------------------------


@pytest.mark.parametrize("text, bindings", SMOOTH)
def test_products_are_those_of_sympy(text: str, bindings: dict[str, float]) -> None:
    symbols = {name: sympy.Symbol(name) for name in bindings}
    formula = sympy.sympify(text, locals=symbols)

    def exactly(expression: Any) -> float:
        return float(expression.subs({symbols[name]: x for name, x in bindings.items()}).evalf(30))

    def along(expression: Any) -> Any:
        return sum(ALONG[name] * sympy.diff(expression, symbols[name]) for name in bindings)

    graph = parse(f"f = 1*({text}); f")
    direction = {name: ALONG[name] for name in bindings}
    near = {"rel": 1e-12, "abs": 1e-14}
    assert jvp(graph, bindings, direction).products["f"] == pytest.approx(
        exactly(along(formula)), **near
    )
    weighted = vjp(graph, bindings, {"f": -2.5}).products
    found = hvp(graph, bindings, direction)
    assert list(weighted) == list(found.products) == list(found.gradients) == list(bindings)
    assert found.value == pytest.approx(exactly(formula), rel=1e-13)
    for name, symbol in symbols.items():
        slope = sympy.diff(formula, symbol)
        assert weighted[name] == pytest.approx(-2.5 * exactly(slope), **near)
        assert found.gradients[name] == pytest.approx(exactly(slope), **near)
        assert found.products[name] == pytest.approx(exactly(along(slope)), **near)


def test_a_directional_derivative_is_what_mpmath_finds_along_the_line() -> None:
    def along(t: Any) -> Any:
        x, y = mpmath.mpf(0.5) + 2 * t, mpmath.mpf(1.5) - 3 * t
        return mpmath.erf(x * y) + mpmath.loggamma(y)

    graph = parse("erf(x*y) + lgamma(y)")
    bindings, direction = {"x": 0.5, "y": 1.5}, {"x": 2.0, "y": -3.0}
    with mpmath.workdps(40):
        first, second = float(mpmath.diff(along, 0)), float(mpmath.diff(along, 0, 2))
    (moved,) = jvp(graph, bindings, direction).products.values()
    assert moved == pytest.approx(first, rel=1e-13)
    bent = hvp(graph, bindings, direction).products
    assert 2.0 * bent["x"] - 3.0 * bent["y"] == pytest.approx(second, rel=1e-12)


@table("case", RECORDED, ids=lambda case: case["name"])
def test_hessian_products_are_those_of_pytorch_s_hessians(case: dict[str, Any]) -> None:
    graph = read_nodes(case["graph"]["nodes"], case["bindings"])
    rng = np.random.default_rng(7)
    vector = {
        name: rng.integers(-8, 9, np.shape(value)) / 4 for name, value in case["bindings"].items()
    }
    found = hvp(graph, case["bindings"], vector)
    np.testing.assert_allclose(found.value, case["value"], rtol=1e-10, atol=1e-12)
    for row, blocks in case["hessian"].items():
        parts = [np.array(blocks[name]) @ np.ravel(vector[name]) for name in vector]
        size = max(1.0, *(float(np.abs(part).max(initial=0)) for part in parts))
        np.testing.assert_allclose(
            np.ravel(found.products[row]), sum(parts), rtol=1e-9, atol=1e-11 * size, err_msg=row
        )
        np.testing.assert_allclose(
            found.gradients[row], case["gradients"][row], rtol=1e-9, atol=1e-12
        )
        assert np.shape(found.products[row]) == np.shape(case["bindings"][row])


@pytest.mark.parametrize(
    "text, bindings, tangents, product",
    [
        ("a*b + c", {"a": 2, "b": -3, "c": 10}, {"a": 1, "b": 1}, -1),
        ("a*b + c", {"a": 2, "b": -3, "c": 10}, {}, 0),
        ("a*b", {"a": 2, "b": -3, "w": [1, 2]}, {"w": [5, 5], "b": 2}, 4),
        ("A @ x", {"A": [[1, 2], [3, 4]], "x": [1, 1]}, {"x": [1, 0]}, [1, 3]),
        ("A @ x", {"A": [[1, 2], [3, 4]], "x": [1, 1]}, {"A": [[1, 0], [0, 2]]}, [1, 2]),
        ("v*s", {"v": [1, 2], "s": 3}, {"v": [1, -1], "s": 2}, [5, 1]),
        ("2 + 3", {"x": 1}, {"x": 1}, 0),
        ("x", {"x": [1, 2], "y": 3}, {"x": [4, 5]}, [4, 5]),
        ("x", {"x": [1, 2], "y": 3}, {"y": 4}, [0, 0]),
        ("v*2", {"v": []}, {"v": []}, []),
        ("sum(v)", {"v": []}, {"v": []}, 0),
    ],
)
def test_jvps_from_pencil_and_paper(text: str, bindings: Any, tangents: Any, product: Any) -> None:
    found = jvp(parse(text), bindings, tangents)
    ((name, moved),) = found.products.items()
    np.testing.assert_array_equal(moved, product, strict=False)
    assert np.shape(moved) == np.shape(found.values[name]) == np.shape(product)
    assert found.warnings == ()


@pytest.mark.parametrize(
    "text, bindings, cotangents, products",
    [
        ("p = a*b; q = a + b; p*q", {"a": 2, "b": -3}, {"p": 1, "q": 10}, {"a": 7, "b": 12}),
        ("p = a*b; q = a + b; p*q", {"a": 2, "b": -3}, {}, {"a": 0, "b": 0}),
        ("p = a*b; p", {"a": 2, "b": -3}, {"p": 1, "a": 5}, {"a": 2, "b": 2}),
        ("p = a*b; p", {"a": 2, "b": -3, "w": [1, 2]}, {"p": 1}, {"a": -3, "b": 2, "w": [0, 0]}),
        ("p = a*b; p", {"a": 2, "b": -3, "w": [1, 2]}, {"w": [3, 4]}, {"a": 0, "w": [3, 4]}),
        ("p = A @ x; p", {"A": [[1, 2], [3, 4]], "x": [1, 1]}, {"p": [1, -1]}, {"x": [-2, -2]}),
        ("p = v*s; p", {"v": [1, 2], "s": 3}, {"p": [1, -1]}, {"v": [3, -3], "s": -1}),
        ("p = v*2; p", {"v": []}, {"p": []}, {"v": []}),
        ("p = sum(v); p", {"v": []}, {"p": 2}, {"v": []}),
    ],
)
def test_vjps_from_pencil_and_paper(
    text: str, bindings: Any, cotangents: Any, products: Any
) -> None:
    found = vjp(parse(text), bindings, cotangents)
    assert list(found.values) == list(cotangents)
    assert list(found.products) == list(bindings)
    for name, product in products.items():
        np.testing.assert_array_equal(found.products[name], product, strict=False)
        assert np.shape(found.products[name]) == np.shape(bindings[name])
    assert found.warnings == ()


@pytest.mark.parametrize(
    "text, bindings, vector, products",
    [
        ("x**2*y", {"x": 3, "y": 2}, {"x": 1}, {"x": 4, "y": 6}),
        ("x**2*y", {"x": 3, "y": 2}, {}, {"x": 0, "y": 0}),
        ("x**2*y", {"x": 3, "y": 2, "w": [1, 2]}, {"w": [1, 1]}, {"x": 0, "y": 0, "w": [0, 0]}),
        ("sum(v**3)", {"v": [1, 2]}, {"v": [1, 10]}, {"v": [6, 120]}),
        ("s*sum(v)", {"s": 3, "v": [1, 2]}, {"v": [4, 5]}, {"s": 9, "v": [0, 0]}),
        ("sum(v*v)", {"v": []}, {"v": []}, {"v": []}),
        ("x", {"x": 3}, {"x": 1}, {"x": 0}),
        ("2 + 3", {"x": 3}, {"x": 1}, {"x": 0}),
    ],
)
def test_hvps_from_pencil_and_paper(text: str, bindings: Any, vector: Any, products: Any) -> None:
    found = hvp(parse(text), bindings, vector)
    assert list(found.products) == list(bindings)
    for name, product in products.items():
        np.testing.assert_array_equal(found.products[name], product, strict=False)
        assert np.shape(found.products[name]) == np.shape(bindings[name])
    assert found.warnings == ()


# --- products are products with the matrices ------------------------------------------------


@pytest.mark.slow
@settings(max_examples=80)
@given(CASES)
def test_a_product_is_the_matrix_times_the_direction(case: Case) -> None:
    graph, outputs = parse(case.text), ["p", "q"]
    blocks = jacobian(graph, case.bindings, outputs=outputs).blocks
    near = {"rtol": 1e-10, "atol": 1e-11}

    moved = jvp(graph, case.bindings, case.tangents, outputs=outputs).products
    for output, row in blocks.items():
        expected = sum(contracted(row[name], t) for name, t in case.tangents.items())
        np.testing.assert_allclose(moved[output], expected, **near)

    pulled = vjp(graph, case.bindings, case.cotangents).products
    for name in case.bindings:
        expected = sum(
            np.tensordot(pull, np.asarray(blocks[output][name]), np.ndim(pull))
            for output, pull in case.cotangents.items()
        )
        np.testing.assert_allclose(pulled[name], expected, **near)

    matrix = hessian(graph, case.bindings, output="p").blocks
    found = hvp(graph, case.bindings, case.tangents, output="p")
    slopes = gradient(graph, case.bindings, output="p").gradients
    for name, row in matrix.items():
        expected = sum(contracted(row[other], t) for other, t in case.tangents.items())
        np.testing.assert_allclose(found.products[name], expected, **near)
        np.testing.assert_allclose(found.gradients[name], slopes[name], rtol=1e-12, atol=1e-14)


@settings(max_examples=80)
@given(CASES)
def test_forward_and_reverse_are_each_other_s_transpose(case: Case) -> None:
    graph = parse(case.text)
    moved = jvp(graph, case.bindings, case.tangents, outputs=["p", "q"]).products
    pulled = vjp(graph, case.bindings, case.cotangents).products
    forward = sum(float(np.vdot(moved[out], pull)) for out, pull in case.cotangents.items())
    reverse = sum(float(np.vdot(pulled[name], t)) for name, t in case.tangents.items())
    assert forward == pytest.approx(reverse, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("text, bindings", SMOOTH)
def test_both_engines_find_the_same_products(text: str, bindings: dict[str, float]) -> None:
    direction = {name: ALONG[name] for name in bindings}
    for call, along in ((jvp, direction), (vjp, {"f": -2.5}), (hvp, direction)):
        on_tape = call(parse(f"f = 1*({text}); f"), bindings, along)
        on_arrays = call(parse(f"f = sum({text}); f"), bindings, along)
        assert (on_tape.cost.engine, on_arrays.cost.engine) == ("tape", "arrays")
        assert_same(on_tape, on_arrays)


# --- names ------------------------------------------------------------------------------


def test_a_node_may_move_beside_the_inputs_above_it() -> None:
    graph = parse("e = a*b; e*e*a")  # at e = 6: f_e = 2ea = 24, f_a = ee + 24 b = 108
    bindings = {"a": 2.0, "b": 3.0}
    assert jvp(graph, bindings, {"e": 1.0}).products == {"value": 24.0}
    assert jvp(graph, bindings, {"e": 1.0, "a": 1.0}).products == {"value": 132.0}
    found = vjp(graph, bindings, {"value": 2.0}, wrt=["e", "a"])
    assert found.products == {"e": 48.0, "a": 216.0}


def test_a_hessian_product_by_nodes() -> None:
    graph, bindings = parse("e = a*b; e*e*c"), {"a": 2.0, "b": -3.0, "c": 10.0}
    found = hvp(graph, bindings, {"e": 1.0, "c": 2.0}, wrt=["e", "c"])
    assert found.gradients == {"e": -120.0, "c": 36.0}
    assert found.products == {"e": -4.0, "c": -12.0}  # 20 - 12*2, and -12


def test_what_moves_need_not_be_what_is_asked_for() -> None:
    graph, bindings = parse("x**2*y"), {"x": 3.0, "y": 2.0}
    found = hvp(graph, bindings, {"x": 1.0}, wrt=["y"])
    assert (found.gradients, found.products) == ({"y": 9.0}, {"y": 6.0})
    assert hvp(graph, bindings, {"x": 1.0}, wrt=[]).products == {}


def test_wrt_holds_the_other_tangents_still() -> None:
    graph, bindings = parse("f = x*y; f"), {"x": 3.0, "y": 2.0}
    tangents = {"x": 1.0, "y": 10.0}
    assert jvp(graph, bindings, tangents).products == {"f": 32.0}
    assert jvp(graph, bindings, tangents, wrt=["x"]).products == {"f": 2.0}
    assert jvp(graph, bindings, tangents, wrt=[]).products == {"f": 0.0}


@ENGINES
def test_an_output_named_twice_counts_once(x: str) -> None:
    graph, bindings = parse(f"p = {x}*y; q = p*p; q"), {"x": 3.0, "y": 2.0}
    outputs = ["p", "q", "p", "x"]
    found = vjp(graph, bindings, {"p": 1.0, "x": 10.0}, outputs=outputs)
    assert dict(found.values) == {"p": 6.0, "q": 36.0, "x": 3.0}
    assert dict(found.products) == {"x": 12.0, "y": 3.0}
    moved = jvp(graph, bindings, {"x": 1.0}, outputs=outputs)
    assert dict(moved.products) == {"p": 2.0, "q": 24.0, "x": 1.0}


def fault_of(call: Any, *arguments: Any, **options: Any) -> Fault:
    with pytest.raises(ArgumentError) as caught:
        call(*arguments, **options)
    (fault,) = caught.value.faults
    return fault


GRAPH = parse("alpha = x*y; beta = alpha + v; beta")
BOUND = {"x": 1.0, "y": 2.0, "v": [1.0, 2.0]}


@pytest.mark.parametrize(
    "call, direction, options, code, path, said",
    [
        (jvp, {"alpa": 1.0}, {}, "unknown_name", ("tangents", "alpa"), "'alpha'"),
        (jvp, {"z": 1.0}, {"wrt": ["x"]}, "unknown_name", ("tangents", "z"), "'z'"),
        (jvp, {"x": 1.0}, {"wrt": ["x", "alpa"]}, "unknown_name", ("wrt", 1), "'alpha'"),
        (jvp, {"v": 1.0}, {}, "shape_mismatch", ("tangents", "v"), "[2]"),
        (jvp, {"x": [1.0]}, {}, "shape_mismatch", ("tangents", "x"), "[1]"),
        (jvp, {"x": None}, {}, "not_a_number", ("tangents", "x"), ""),
        (jvp, {"v": [1.0, "?"]}, {}, "not_a_number", ("tangents", "v", 1), ""),
        (jvp, {"x": 1.0}, {"outputs": ["bta"]}, "unknown_name", ("outputs", 0), "'beta'"),
        (vjp, {"betta": 1.0}, {}, "unknown_name", ("cotangents", "betta"), "'beta'"),
        (vjp, {"beta": 1.0}, {}, "shape_mismatch", ("cotangents", "beta"), "[2]"),
        (vjp, {"beta": [1.0, 2.0]}, {"wrt": ["alpa"]}, "unknown_name", ("wrt", 0), "'alpha'"),
        (vjp, {"alpha": 1.0}, {"outputs": ["beta"]}, "invalid_value", ("cotangents", "alpha"),
         "not among the outputs"),
        (hvp, {"alpa": 1.0}, {"output": "alpha"}, "unknown_name", ("vector", "alpa"), "'alpha'"),
        (hvp, {"x": [1.0]}, {"output": "alpha"}, "shape_mismatch", ("vector", "x"), "[1]"),
        (hvp, {"x": 1.0}, {"output": "beta"}, "non_scalar_output", ("output",), "[2]"),
        (hvp, {"x": 1.0}, {}, "non_scalar_output", (), "[2]"),
        (hvp, {"x": 1.0}, {"output": "alpha", "wrt": ["alpa"]}, "unknown_name", ("wrt", 0),
         "'alpha'"),
    ],
)  # fmt: skip
def test_what_is_refused(
    call: Any, direction: Any, options: Any, code: str, path: Any, said: str
) -> None:
    fault = fault_of(call, GRAPH, BOUND, direction, **options)
    assert (fault.code, fault.path) == (code, path)
    assert said in fault.detail


def test_a_direction_of_a_mapped_input_is_shared_or_has_an_entry_for_each_point() -> None:
    fault = fault_of(jvp, parse("x*x"), {"x": [1.0, 2.0]}, {"x": [1.0, 2.0, 3.0]}, mapped=["x"])
    assert (fault.code, fault.path) == ("shape_mismatch", ("tangents", "x"))
    for said in ("[]", "[2]", "[3]"):
        assert said in fault.detail


# --- mapped ------------------------------------------------------------------------------

SCALARS = ("f = x*y + sin(x/y); f", {"x": [1.0, 2.0, 3.0], "y": 0.7}, ["x"])
TENSORS = (
    "f = sum(tanh(A @ v)*w*w); f",
    {"A": [[1.0, 2.0], [0.3, -1.0]], "v": [[0.1, 0.2], [0.3, -0.4], [0, 0]], "w": [1.0, 2.0]},
    ["v"],
)
WEIGHTS = [[1.0, 0.5], [-0.5, 2.0]]
MAPPED: list[tuple[Any, dict[str, Any], list[str]]] = [
    (SCALARS, {"x": 2.0}, []),
    (SCALARS, {"x": [1.0, -1.0, 0.5], "y": 2.0}, ["x"]),
    (SCALARS, {"x": [1.0, -1.0, 0.5], "y": [2.0, 0.0, 1.0]}, ["x", "y"]),
    (SCALARS, {}, []),
    (TENSORS, {"v": [1.0, -2.0]}, []),
    (TENSORS, {"A": WEIGHTS, "v": [[1.0, -2.0], [0.0, 3.0], [0.5, 0.5]]}, ["v"]),
    (TENSORS, {"A": [WEIGHTS] * 3, "w": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]}, ["A", "w"]),
]


@pytest.mark.parametrize("case, direction, own", MAPPED)
@pytest.mark.parametrize("product", [jvp, hvp])
def test_a_mapped_product_is_that_of_a_loop(
    product: Any, case: Any, direction: Any, own: list[str]
) -> None:
    text, bindings, mapped = case
    graph = parse(text)
    assert_is_the_loop(
        lambda inputs, along, names: product(graph, inputs, along, mapped=names),
        bindings, mapped, direction, own,
    )  # fmt: skip


@pytest.mark.parametrize(
    "text, bindings, mapped, cotangents, own",
    [
        (*SCALARS, {"f": 2.0}, []),
        (*SCALARS, {"f": [1.0, -1.0, 0.5]}, ["f"]),
        (*SCALARS, {"f": [1.0, -1.0, 0.5], "y": 3.0}, ["f"]),
        (*TENSORS, {"f": 2.0}, []),
        (*TENSORS, {"f": [2.0, 0.0, 1.0], "w": [5.0, 6.0]}, ["f"]),
        ("f = v*s; f", {"v": [1.0, 2.0], "s": [3.0, 4.0, 5.0]}, ["s"], {"f": [1.0, -1.0]}, []),
        (
            "f = v*s; f", {"v": [1.0, 2.0], "s": [3.0, 4.0, 5.0]}, ["s"],
            {"f": [[1.0, -1.0], [0.0, 1.0], [2.0, 2.0]]}, ["f"],
        ),
    ],
)  # fmt: skip
def test_a_mapped_vjp_is_that_of_a_loop(
    text: str, bindings: Any, mapped: Any, cotangents: Any, own: Any
) -> None:
    graph = parse(text)
    assert_is_the_loop(
        lambda inputs, along, names: vjp(graph, inputs, along, mapped=names),
        bindings, mapped, cotangents, own,
    )  # fmt: skip


@pytest.mark.parametrize("product", [jvp, hvp])
def test_a_mapped_product_by_a_node_is_that_of_a_loop(product: Any) -> None:
    graph = parse("e = x*y; sin(e)*x")
    assert_is_the_loop(
        lambda inputs, along, names: product(graph, inputs, along, mapped=names),
        {"x": [1.0, 2.0], "y": 3.0}, ["x"], {"e": [1.0, -1.0], "y": 2.0}, ["e"],
    )  # fmt: skip


# --- conventions ---------------------------------------------------------------------------


@ENGINES
def test_a_branch_not_taken_moves_nothing(x: str) -> None:
    graph, at = parse(f"f = where({x} > 0, sqrt({x}), 0); f"), {"x": -1.0}
    found = hvp(graph, at, {"x": 1.0})
    assert (found.value, found.gradients["x"], found.products["x"]) == (0.0, 0.0, 0.0)
    moved, pulled = jvp(graph, at, {"x": 1.0}), vjp(graph, at, {"f": 1.0})
    assert (moved.products["f"], pulled.products["x"]) == (0.0, 0.0)
    assert found.warnings == moved.warnings == pulled.warnings == ()


@ENGINES
def test_a_zero_direction_contributes_zero_whatever_the_partial(x: str) -> None:
    graph, at = parse(f"f = sqrt({x}) + y*y; f"), {"x": 0.0, "y": 3.0}
    assert jvp(graph, at, {"x": 0.0, "y": 1.0}).products["f"] == 6.0
    assert vjp(graph, at, {"f": 0.0}).products["x"] == 0.0


@ENGINES
@pytest.mark.parametrize(
    "text, slope",
    [
        ("relu({})", 0.0),
        ("abs({})", 0.0),
        ("sign({})", 0.0),
        ("floor({})", 0.0),
        ("maximum({}, 0)", 0.5),
        ("minimum(0, {})", 0.5),
        ("clip({}, 0, 1)", 1.0),
        ("hypot({}, 0)", 0.0),
        ("sinc({})", 0.0),
    ],
)
def test_kinks_have_the_documented_slope(x: str, text: str, slope: float) -> None:
    graph, at = parse(f"f = {text.format(x)}; f"), {"x": 0.0}
    assert jvp(graph, at, {"x": 4.0}).products["f"] == 4 * slope
    assert vjp(graph, at, {"f": 4.0}).products["x"] == 4 * slope


@pytest.mark.parametrize("text", ["norm(v)", "std(v)"])
def test_a_norm_of_zeros_has_slope_zero(text: str) -> None:
    graph, at = parse(f"f = {text}; f"), {"v": [0.0, 0.0]}
    assert jvp(graph, at, {"v": [1.0, 2.0]}).products["f"] == 0.0
    np.testing.assert_array_equal(vjp(graph, at, {"f": 1.0}).products["v"], [0.0, 0.0])


@ENGINES
@pytest.mark.parametrize("call, along", [(jvp, "x"), (vjp, "p"), (hvp, "x")])
def test_what_is_not_finite_is_said_with_its_cause(call: Any, along: str, x: str) -> None:
    (warning,) = call(parse(f"p = 1/{x}; p"), {"x": 0.0}, {along: 1.0}).warnings
    assert (warning.node, warning.operation, warning.operands) == ("p", "div", (1.0, 0.0))
    (warning,) = call(parse(f"p = sqrt({x}); p"), {"x": 0.0}, {along: 1.0}).warnings
    assert (warning.node, warning.operation, warning.value) == ("p", "sqrt", math.inf)


@ENGINES
def test_curvature_alone_may_be_infinite_and_is_said(x: str) -> None:
    found = hvp(parse(f"{x}**1.5"), {"x": 0.0}, {"x": 1.0})
    assert (found.value, found.gradients["x"], found.products["x"]) == (0.0, 0.0, math.inf)
    (warning,) = found.warnings
    assert (warning.operation, warning.operands, warning.value) == ("pow", (0.0, 1.5), math.inf)
    assert "second derivative" in warning.detail


def test_a_direction_that_is_not_finite_is_said_where_it_shows() -> None:
    (warning,) = jvp(parse("f = 2*x; f"), {"x": 1.0}, {"x": math.inf}).warnings
    assert (warning.node, warning.operation, warning.value) == ("f", None, math.inf)


# --- deep, late, large ------------------------------------------------------------------------


def test_a_chain_of_100_000_nodes() -> None:
    nodes = [{"id": "n0", "op": "square", "args": ["x"]}]
    nodes += [{"id": f"n{k}", "op": "neg", "args": [f"n{k - 1}"]} for k in range(1, 100_001)]
    graph, at = read_nodes(nodes, {"x"}), {"x": 3.0}
    assert jvp(graph, at, {"x": 2.0}).products == {"n100000": 12.0}
    assert vjp(graph, at, {"n100000": -1.0}).products == {"x": -6.0}
    assert hvp(graph, at, {"x": 2.0}).products == {"x": 4.0}


@pytest.mark.slow
def test_a_chain_of_20_000_nodes_on_arrays() -> None:
    nodes = [{"id": "n0", "op": "square", "args": ["x"]}]
    nodes += [{"id": f"n{k}", "op": "neg", "args": [f"n{k - 1}"]} for k in range(1, 20_001)]
    graph, at = read_nodes(nodes, {"x"}), {"x": 3.0}
    found = jvp(graph, at, {"n0": 2.0})
    assert (found.products, found.cost.engine) == ({"n20000": 2.0}, "arrays")
    assert hvp(graph, at, {"n0": 2.0, "x": 1.0}, wrt=["x"]).products == {"x": 2.0}


@pytest.mark.parametrize("call, along", [(jvp, "x"), (vjp, "f"), (hvp, "x")])
@pytest.mark.parametrize("x", ["x", "sum(x)"], ids=["tape", "arrays"])
def test_a_deadline_that_is_over_stops_the_computation(call: Any, along: str, x: str) -> None:
    graph = parse(f"f = {x}*x; f")
    with pytest.raises(DeadlineExceeded):
        call(graph, {"x": 3.0}, {along: 1.0}, deadline=Deadline(-1.0))
    assert call(graph, {"x": 3.0}, {along: 1.0}, deadline=Deadline(60.0)).warnings == ()


class Unspent(Deadline):
    """One that nothing is computed within."""

    def spend(self, operations: float) -> None:
        pytest.fail(f"{operations} operations")


@pytest.mark.parametrize("call, along", [(jvp, "x"), (vjp, "f"), (hvp, "x")])
def test_a_product_that_would_cost_too_much_is_refused(call: Any, along: str) -> None:
    graph = parse("f = x*x; f")
    with pytest.raises(GraphError, match="limit") as caught:
        call(graph, {"x": 3.0}, {along: 1.0}, limits=Limits(cost=2), deadline=Unspent(60.0))
    assert caught.value.faults[0].code == "limit_exceeded"


def test_a_product_is_to_be_had_where_the_matrix_is_too_large() -> None:
    v = np.arange(4_000.0)
    found = hvp(parse("sum(v**3)"), {"v": v}, {"v": np.ones(4_000)})
    np.testing.assert_array_equal(found.products["v"], 6 * v)


@pytest.mark.parametrize("call, along", [(jvp, "x"), (vjp, "x")])
def test_outputs_of_many_points_are_refused_if_they_cannot_be_held(call: Any, along: str) -> None:
    graph, x = parse("f = x*x; f"), np.ones((1_000, 100))
    outputs = ["x"] * 2_000
    with pytest.raises(GraphError, match="1,000 points") as caught:
        call(graph, {"x": x}, {along: np.ones(100)}, outputs=outputs, mapped=["x"])
    assert caught.value.faults[0].code == "limit_exceeded"
