"""Bounds of rounding errors are at least the errors, which mpmath knows, and not far above."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import mpmath as mp
import numpy as np
import pytest

from autograd_core import Deadline, GraphError, Limits, catalogue, evaluate, gradient, parse
from autograd_core.errors import DeadlineExceeded
from autograd_core.operations import arrays, elementwise
from autograd_core.operations.rounded_formulas import error_of
from benchmarks.exactly import FUNCTIONS, ONE, TWO
from benchmarks.rounding import bounds
from benchmarks.rounding_graphs import Code, cancelling, mixture
from tests.tables import table

# Rows that never round: steps and truth values, and what has no slope to look at.
EXACT = {
    *("sign", "floor", "ceil", "round", "stop_gradient"),
    *("gt", "ge", "lt", "le", "eq", "ne", "logical_not", "logical_and", "logical_or"),
}


def wrong(codes: Sequence[Code]) -> list[Any]:
    return [
        found for seed, code in enumerate(codes) for found in bounds(code, seed) if not found.holds
    ]


# The bound is at least the error -----------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 200, 50))
def test_it_holds_on_random_graphs(start: int) -> None:
    assert not wrong([mixture(seed) for seed in range(start, start + 50)])


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_it_holds_on_graphs_that_cancel(start: int) -> None:
    assert not wrong([cancelling(seed) for seed in range(start, start + 50)])


def test_it_is_not_far_above_the_error() -> None:
    found = [b for seed in range(100) for b in bounds(mixture(seed)) + bounds(cancelling(seed))]
    assert np.median([each.bound / each.error for each in found if each.error]) < 30


@table("x", [1e-9, 1e-8, 3e-8, 1e-5, 1e-3, 0.1])
@table(
    "steps",
    [
        (("cos", (0,)), ("sub", (1.0, 1))),
        (("cos", (0,)), ("sub", (1.0, 1)), ("sqrt", (2,))),
        (("cos", (0,)), ("sub", (1.0, 1)), ("mul", (0, 0)), ("div", (2, 3))),
        (("add", (1.0, 0)), ("log", (1,))),
        (("add", (1.0, 0)), ("log", (1,)), ("div", (2, 0))),
        (("exp", (0,)), ("sub", (1, 1.0)), ("square", (2,))),
        (("add", (0, 1e10)), ("sub", (1, 1e10)), ("atan", (2,))),
        (("add", (0, 1e10)), ("sub", (1, 1e10)), ("square", (2,))),
        (("add", (0, 1e10)), ("sub", (1, 1e10)), ("cos", (2,))),
    ],
    ids=str,
)
def test_it_holds_where_little_is_left_but_rounding(steps: Any, x: float) -> None:
    assert not wrong([Code((x,), steps)])


@pytest.mark.parametrize(
    "text, bindings, off",
    [
        ("floor(10*x)", {"x": 0.3}, 1.0),  # 0.3 is a little less than it says
        ("floor(10*x)*y", {"x": 0.3, "y": -7.0}, 7.0),
        ("where(10*x >= 3, y, 2*y)", {"x": 0.3, "y": 5.0}, 5.0),
        ("ceil(x + y - 0.3)", {"x": 0.1, "y": 0.2 - 2**-55}, 0.0),
        ("abs(x + 1e10 - 1e10)", {"x": 1e-7}, 1e-7),
        ("maximum(x + 1e10 - 1e10, 0)", {"x": 1e-7}, 1e-7),
        ("stop_gradient(x + 1e10 - 1e10)*y", {"x": 1e-7, "y": 3.0}, 3e-7),
    ],
)
def test_it_holds_where_rounding_decides(text: str, bindings: Any, off: float) -> None:
    """off: by how much the value is."""
    found = gradient(parse(text), bindings, rounding=True).rounding
    assert found is not None
    assert off <= float(found.value) < 10 * off + 1e-4


def test_which_side_of_a_kink_is_not_known_where_rounding_decides() -> None:
    """The sum is 0.3 and a little less before it is rounded."""
    bindings = {"x": 0.1, "y": 0.2}
    found = gradient(parse("relu(x + y - 0.30000000000000004)"), bindings, rounding=True)
    assert found.gradients == {"x": 0.0, "y": 0.0}
    assert found.rounding is not None
    assert found.rounding.gradients["x"] >= 1


@pytest.mark.parametrize(
    "text", ["relu(a*b + c)", "relu(c/b + a)", "abs(a**2 + c - 10)", "maximum(a*b, -c)"]
)
def test_a_kink_that_is_met_exactly_is_known(text: str) -> None:
    found = gradient(parse(text), {"a": 2.0, "b": -3.0, "c": 6.0}, rounding=True).rounding
    assert found is not None
    assert all(bound < 1e-14 for bound in found.gradients.values())


def _points(name: str) -> list[tuple[float, ...]]:
    source = np.random.default_rng(len(name))
    count = 1 if name in ONE else 3 if name in {"where", "clip"} else 2
    sizes = np.exp(source.uniform(-6, 4, size=(120, count)))
    numbers = sizes * source.choice([-1.0, 1.0], size=sizes.shape)
    if name in ONE:
        low, high = ONE[name][1]
        inside = source.uniform(max(low, -20), min(high, 20), size=(60, 1))
        numbers = np.concatenate([numbers[(numbers > low) & (numbers < high)][:, None], inside])
    elif name == "pow":
        numbers[:, 0] = np.abs(numbers[:, 0])
        numbers[:, 1] = source.uniform(-5, 5, size=len(numbers))
        numbers[::6, 1] = np.rint(numbers[::6, 1])
    return [tuple(map(float, point)) for point in numbers]


@pytest.mark.slow
@pytest.mark.parametrize("name", [*ONE, *TWO])
def test_it_holds_for_every_row(name: str) -> None:
    codes = [Code(point, ((name, tuple(range(len(point)))),)) for point in _points(name)]
    assert len(codes) > 50
    assert not wrong(codes)


def test_every_row_is_among_them_or_exact() -> None:
    assert EXACT | set(FUNCTIONS) == set(elementwise.TABLE)


@pytest.mark.parametrize("name", sorted(EXACT - {"logical_and", "logical_or"}))
def test_what_does_not_round_has_no_error(name: str) -> None:
    operands = "x, y" if elementwise.TABLE[name].arity == (2, 2) else "x"
    found = evaluate(parse(f"{name}({operands})"), {"x": 2.5, "y": 1.5}, rounding=True)
    assert found.rounding == {"value": 0.0}


ANYWHERE = (
    *("sqrt", "cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan"),
    *("asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "atanh", "erf", "erfc", "erfinv"),
)


@table(
    "text, z, exact",
    [
        *((f"{name}(z)", 0.4, ONE[name][0]) for name in ANYWHERE),
        ("acosh(z)", 1.4, mp.acosh),
        ("log_gamma(z)", 3.4, mp.loggamma),
        ("digamma(z)", 3.4, mp.digamma),
        ("zeta(2, z)", 2.4, lambda z: mp.zeta(2, z)),
        ("abs(z)", -0.4, lambda z: -z),
        ("sign(z)", -0.4, lambda z: 0 * z),
        ("maximum(0.1, z)", 0.4, lambda z: z),
        ("minimum(0.1, z)", 0.4, lambda z: 0 * z),
        ("copysign(z, -1)", 0.4, lambda z: -z),
        ("mod(z, 2.5)", 7.4, lambda z: z - 5),
        ("mod(7.4, z)", 2.5, lambda z: mp.mpf(7.4) - 2 * z),
        ("hypot(z, 1.5)", 0.4, lambda z: mp.hypot(z, 1.5)),
        ("hypot(1.5, z)", 0.4, lambda z: mp.hypot(1.5, z)),
        ("atan2(z, 1.5)", 0.4, lambda z: mp.atan2(z, 1.5)),
        ("atan2(1.5, z)", 0.4, lambda z: mp.atan2(1.5, z)),
        ("z*z + 3/z", 0.4, lambda z: z * z - 3 / z),  # errors do not cancel
        ("z**2.5", 0.4, lambda z: z**2.5),
        ("2.5**z", 0.4, lambda z: mp.mpf(2.5) ** z),
    ],
)
def test_a_function_carries_an_error_by_its_derivative(text: str, z: float, exact: Any) -> None:
    error, off = error_of(text, "z"), 1e-3
    slope = abs(float(mp.diff(exact, mp.mpf(z))))
    assert error(z, off) - error(z, 0.0) == pytest.approx(off * slope, rel=1e-9, abs=1e-15)


# What it is ---------------------------------------------------------------------------------------


def test_it_is_the_sum_of_half_an_ulp_of_each_node_times_its_adjoint() -> None:
    """Of a*b + c = -6 + 10: half an ulp of 6 and of 4 is 2**-51 each."""
    found = gradient(parse("a*b + c"), {"a": 2.0, "b": -3.0, "c": 10.0}, rounding=True)
    assert found.rounding is not None
    assert found.rounding.value == 2 * 2.0**-51
    assert found.rounding.gradients == {"a": 0.0, "b": 0.0, "c": 0.0}
    scaled = gradient(parse("1000*(a*b + c)"), {"a": 2.0, "b": -3.0, "c": 10.0}, rounding=True)
    assert scaled.rounding is not None
    assert scaled.rounding.value == 1000 * 2 * 2.0**-51 + math.ulp(4000.0) / 2


def test_a_gradient_feels_the_rounding_of_values_by_second_derivatives() -> None:
    """Of u*u with u = a*b, by a: 2*u*b. u is off by half an ulp, which 2*b multiplies, and the last
    product by half an ulp of its own; 2*u is exact.
    """
    found = gradient(parse("square(a*b)"), {"a": 1.1, "b": 1.3}, wrt=["a"], rounding=True)
    assert found.rounding is not None
    of_value, of_product = 2 * 1.3 * math.ulp(1.43) / 2, math.ulp(3.718) / 2
    assert found.rounding.gradients["a"] == pytest.approx(of_value + of_product, rel=1e-12)


def test_nothing_is_said_unless_asked() -> None:
    graph, bindings = parse("sin(x)*x"), {"x": 0.7}
    assert gradient(graph, bindings).rounding is None
    assert evaluate(graph, bindings).rounding is None


def test_it_changes_no_number() -> None:
    code = mixture(7)
    graph, bindings = code.graph(), code.bindings
    plain = gradient(graph, bindings, output=code.output)
    asked = gradient(graph, bindings, output=code.output, rounding=True)
    assert replace(asked, rounding=None) == plain


# Many points, many targets, many outputs ----------------------------------------------------------


def test_mapped_bounds_are_those_of_each_point() -> None:
    graph, xs = parse("w = 2*pi; 1 - cos(w*x) + y*exp(x)/3"), [1e-7, 0.3, 1.25, -2.0]
    mapped = gradient(graph, {"x": xs, "y": 0.3}, mapped=["x"], rounding=True).rounding
    values = evaluate(graph, {"x": xs, "y": 0.3}, mapped=["x"], rounding=True).rounding
    assert mapped is not None
    assert values is not None
    for place, x in enumerate(xs):
        alone = gradient(graph, {"x": x, "y": 0.3}, rounding=True).rounding
        assert alone is not None
        (value,) = values.values()
        assert np.asarray(mapped.value)[place] == alone.value == value[place]
        for name, bound in alone.gradients.items():
            assert np.asarray(mapped.gradients[name])[place] == bound


def test_bounds_of_many_targets_are_those_of_each_alone() -> None:
    code = mixture(11)
    graph, bindings, output = code.graph(), code.bindings, code.output
    together = gradient(graph, bindings, output=output, rounding=True).rounding
    assert together is not None
    assert len(bindings) > 1
    for name in bindings:
        alone = gradient(graph, bindings, output=output, wrt=[name], rounding=True).rounding
        assert alone is not None
        assert together.gradients[name] == alone.gradients[name]


def test_more_targets_and_points_than_go_together_are_taken_in_turns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph, bindings = parse("sin(a*b)*c + a/c"), {"a": [0.1, 0.2, 0.3], "b": 2.0, "c": 3.0}
    whole = gradient(graph, bindings, mapped=["a"], rounding=True).rounding
    monkeypatch.setattr("autograd_core.derivatives.rounding._TOGETHER", 20)
    pieces = gradient(graph, bindings, mapped=["a"], rounding=True).rounding
    assert whole is not None
    assert pieces is not None
    assert np.array_equal(whole.value, pieces.value)
    for name in bindings:
        assert np.array_equal(whole.gradients[name], pieces.gradients[name])


def test_a_node_may_be_a_target() -> None:
    found = gradient(parse("u = a*b; exp(u)"), {"a": 0.3, "b": 1.7}, wrt=["u"], rounding=True)
    assert found.rounding is not None
    error = abs(mp.mpf(found.gradients["u"]) - mp.exp(mp.mpf(0.3) * mp.mpf(1.7)))
    assert error <= found.rounding.gradients["u"] < 1e-15


def test_outputs_each_have_a_bound_and_an_input_is_exact() -> None:
    graph, bindings = parse("u = x/3; v = u*u"), {"x": [1.0, 2.0]}
    found = evaluate(graph, bindings, outputs=["u", "v", "x"], mapped=["x"], rounding=True).rounding
    assert found is not None
    assert {name: np.shape(bound) for name, bound in found.items()} == dict.fromkeys("uvx", (2,))
    assert np.array_equal(found["u"], [math.ulp(1 / 3) / 2, math.ulp(2 / 3) / 2])
    assert np.array_equal(found["x"], [0.0, 0.0])


def test_bounds_of_tensors_have_their_shapes_also_mapped() -> None:
    graph = parse("sum(tanh(A@x))")
    bindings = {"A": np.ones((2, 3)) / 3, "x": np.linspace(0, 1, 12).reshape(4, 3)}
    found = gradient(graph, bindings, mapped=["x"], rounding=True).rounding
    assert found is not None
    assert np.shape(found.value) == (4,)
    assert np.shape(found.gradients["A"]) == (4, 2, 3)
    alone = gradient(graph, {**bindings, "x": bindings["x"][2]}, rounding=True).rounding
    assert alone is not None
    assert np.array_equal(np.asarray(found.gradients["A"])[2], alone.gradients["A"])


# What is not known --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, x",
    [
        ("exp(x)", 1000.0),
        ("log(x)", -1.0),
        ("x - x", math.inf),
        ("1/(x - 0.3)", 0.1 + 0.2 - 2**-54),
    ],
)
def test_a_bound_is_never_nan(text: str, x: float) -> None:
    found = gradient(parse(text), {"x": x}, rounding=True).rounding
    assert found is not None
    assert not math.isnan(float(found.value))
    assert not math.isnan(float(found.gradients["x"]))


def test_it_is_inf_where_the_value_is_not_finite() -> None:
    found = gradient(parse("exp(x)"), {"x": 1000.0}, rounding=True).rounding
    assert found is not None
    assert found.value == math.inf == found.gradients["x"]


def test_of_a_row_that_does_not_say_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = replace(arrays.TABLE["norm"], value_error_rule=None, vjp_error_rule=None)
    monkeypatch.setattr("autograd_core.compiling.TABLE", {**catalogue, "norm": silent})
    found = gradient(parse("2*norm(x) + y"), {"x": [3.0, 4.0], "y": 1.5}, rounding=True).rounding
    assert found is not None
    assert found.value == math.inf
    assert np.array_equal(found.gradients["x"], [math.inf, math.inf])
    assert found.gradients["y"] == 0.0


def test_a_gate_stops_what_is_not_known() -> None:
    found = gradient(parse("where(x > 0, sqrt(x), 2*x)"), {"x": -1.0}, rounding=True).rounding
    assert found is not None
    assert found.value == math.ulp(2.0) / 2
    assert found.gradients["x"] < 1e-15


def test_an_overflow_on_the_way_to_a_finite_value_is_bounded() -> None:
    """1/(1 + exp(1000)) is 5e-435, and 0 as computed."""
    found = evaluate(parse("1/(1 + exp(-x))"), {"x": -1000.0}, rounding=True)
    assert found.rounding is not None
    assert 0 < next(iter(found.rounding.values())) < 1e-300


@pytest.mark.slow
def test_a_deep_graph_whose_errors_cancel_is_not_given_up() -> None:
    """Half of x, and x less that half, again and again: node by node, errors would double."""
    lines = ["t0 = x"]
    for k in range(1500):
        lines += [f"l{k} = t{k}/2", f"r{k} = t{k} - l{k}", f"t{k + 1} = l{k} + r{k}"]
    found = gradient(parse("; ".join([*lines, "sin(t1500)"])), {"x": 1.5}, rounding=True)
    assert found.rounding is not None
    assert abs(found.value - math.sin(1.5)) <= float(found.rounding.value) < 1e-12


# What it costs ------------------------------------------------------------------------------------


def test_its_cost_counts_the_elements_of_the_targets() -> None:
    graph, limits = parse("sum(sin(x))"), Limits(cost=100_000)
    gradient(graph, {"x": np.ones(30)}, limits=limits, rounding=True)
    gradient(graph, {"x": np.ones(300)}, limits=limits)
    with pytest.raises(GraphError, match="a bound of every rounding error needs about"):
        gradient(graph, {"x": np.ones(300)}, limits=limits, rounding=True)


def test_its_cost_counts_the_elements_of_the_outputs() -> None:
    graph, limits = parse("sin(x)"), Limits(cost=100_000)
    evaluate(graph, {"x": np.ones(30)}, limits=limits, rounding=True)
    with pytest.raises(GraphError, match="limit of 1e"):
        evaluate(graph, {"x": np.ones(300)}, limits=limits, rounding=True)


def test_it_keeps_the_deadline() -> None:
    class Late(Deadline):
        looks = 0

        def check(self) -> None:
            self.looks += 1
            if self.looks > 60:
                super().check()

    graph = parse("+".join(f"sin(x*{k})" for k in range(1, 40)))
    with pytest.raises(DeadlineExceeded):
        gradient(graph, {"x": 0.5}, deadline=Late(-1), rounding=True)
