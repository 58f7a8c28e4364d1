"""Random programs against derivatives that no differentiation rule was used for.

Scalar graphs: the same function in mpmath, differenced at 60 digits. Tensor programs: the same
function in NumPy over complex numbers, by the complex step along a random direction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from autograd_core import CheckOptions, evaluate, gradient, parse, read_nodes
from autograd_core.derivatives.call import prepare
from autograd_core.engines.activity import leading_to
from autograd_core.engines.arrays import sweeps as arrays
from autograd_core.limits import DEFAULT_LIMITS
from tests.autograd_core.curvature import Curvature

# --- scalars ---------------------------------------------------------------------------


def mp_sigmoid(x: Any) -> Any:
    return 1 / (1 + mpmath.exp(-x))


# Smooth everywhere, and of moderate size on operands of moderate size.
UNARY: dict[str, Callable[[Any], Any]] = {
    "neg": lambda x: -x,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tanh": mpmath.tanh,
    "atan": mpmath.atan,
    "asinh": mpmath.asinh,
    "sigmoid": mp_sigmoid,
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "silu": lambda x: x * mp_sigmoid(x),
    "gelu": lambda x: x * mpmath.ncdf(x),
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "sinc": mpmath.sincpi,
    "identity": lambda x: x,
}
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "logaddexp": lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)),
}
NAMES = ["a", "b", "c"]


@dataclass(frozen=True)
class Scalar:
    """A node list and where to evaluate it."""

    nodes: list[dict[str, Any]]
    bindings: dict[str, float]

    def exactly(self, bindings: dict[str, Any]) -> Any:
        """The last node, in mpmath."""
        values = dict(bindings)
        for node in self.nodes:
            args = [values[x] if isinstance(x, str) else mpmath.mpf(x) for x in node["args"]]
            function: Any = UNARY.get(node["op"]) or BINARY[node["op"]]
            values[node["id"]] = function(*args)
        return values[self.nodes[-1]["id"]]

    def slope(self, name: str) -> Any:
        """A central difference whose step and rounding are far below binary64."""
        h = mpmath.mpf(10) ** -20
        at = {each: mpmath.mpf(x) for each, x in self.bindings.items()}
        right = self.exactly({**at, name: at[name] + h})
        left = self.exactly({**at, name: at[name] - h})
        return (right - left) / (2 * h)


numbers = st.floats(-3, 3).map(lambda x: round(x, 3))


@st.composite
def scalars(draw: st.DrawFn) -> Scalar:
    names, nodes = list(NAMES), []
    for k in range(draw(st.integers(1, 9))):
        op = draw(st.sampled_from([*UNARY, *BINARY, *BINARY]))
        operand = st.sampled_from(names[-5:])
        args: list[Any] = [draw(operand)]
        if op in BINARY:
            args.append(draw(st.one_of(operand, operand, numbers)))
        nodes.append({"id": f"n{k}", "op": op, "args": args})
        names.append(f"n{k}")
    return Scalar(nodes, {name: draw(numbers) for name in NAMES})


@pytest.mark.slow
@settings(max_examples=100)
@given(scalars())
def test_a_random_scalar_graph_has_the_gradient_that_mpmath_finds(scalar: Scalar) -> None:
    output = scalar.nodes[-1]["id"]
    graph = read_nodes(scalar.nodes, scalar.bindings)
    found = gradient(graph, scalar.bindings, output=output, trace=True)
    assert found.nodes is not None
    # Rounding of a value v arrives as v times its adjoint: the size that errors are to be
    # measured against. It is the function's own condition, not the engine's.
    sizes = [abs(float(node.value)) for node in found.nodes]
    assume(max(sizes) < 1e3)
    size = max(1.0, *sizes) * max(1.0, *(abs(float(node.gradient)) for node in found.nodes))
    with mpmath.workdps(60):
        assert float(abs(scalar.exactly(scalar.bindings) - float(found.value))) <= 1e-13 * size
        for name in NAMES:
            error = abs(scalar.slope(name) - float(found.gradients[name]))
            assert float(error) <= 1e-12 * size, (name, scalar)


@settings(max_examples=80)
@given(scalars())
def test_a_right_gradient_is_never_called_wrong(scalar: Scalar) -> None:
    output = scalar.nodes[-1]["id"]
    graph = read_nodes(scalar.nodes, scalar.bindings)
    found = gradient(graph, scalar.bindings, output=output, check=CheckOptions())
    assert found.check is not None
    assert found.check.verdict in {"pass", "inconclusive"}
    if all(1e-3 < abs(x) < 1e2 for x in (float(found.value), *found.gradients.values())):
        assert found.check.verdict == "pass"


@settings(max_examples=100)
@given(scalars(), st.lists(numbers, min_size=1, max_size=4))
def test_points_together_are_points_one_by_one(scalar: Scalar, points: list[float]) -> None:
    output = scalar.nodes[-1]["id"]
    graph = read_nodes(scalar.nodes, scalar.bindings)
    together = gradient(graph, {**scalar.bindings, "a": points}, output=output, mapped=["a"])
    for k, point in enumerate(points):
        alone = gradient(graph, {**scalar.bindings, "a": point}, output=output)
        np.testing.assert_allclose(together.value[k], alone.value, rtol=1e-14, atol=1e-300)
        for name in NAMES:
            np.testing.assert_allclose(
                together.gradients[name][k], alone.gradients[name], rtol=1e-12, atol=1e-15
            )


@settings(max_examples=60)
@given(scalars())
def test_the_complex_step_check_passes_to_eleven_digits(scalar: Scalar) -> None:
    options = CheckOptions(method="complex", rtol=1e-11, atol=1e-11)
    graph = read_nodes(scalar.nodes, scalar.bindings)
    report = gradient(graph, scalar.bindings, output=scalar.nodes[-1]["id"], check=options).check
    assert report is not None
    assert report.verdict == "pass", (report, scalar)


# --- tensors -----------------------------------------------------------------------------

SIDE = 3
Matrix = np.ndarray
A = np.array([[0.5, -1.0, 0.25], [1.5, 0.75, -0.5], [-0.25, 1.0, 0.5]])
ROW = np.array([1.0, -0.5, 2.0])
STRETCH = 3 * np.eye(SIDE) + A / 4


def softmax(m: Matrix, axis: int) -> Matrix:
    powers = np.exp(m)
    return powers / powers.sum(axis=axis, keepdims=True)


# What is done to a matrix M, as text and in NumPy; every step gives a matrix of the same shape.
STEPS: dict[str, Callable[[Matrix], Matrix]] = {
    "tanh(M)": np.tanh,
    "sin(M)*M": lambda m: np.sin(m) * m,
    "M @ A": lambda m: m @ A,
    "A @ M": lambda m: A @ m,
    "M @ transpose(M)/4": lambda m: m @ m.T / 4,
    "transpose(M)": lambda m: m.T,
    "M*A + r": lambda m: m * A + ROW,
    "r*M - expand_dims(r, axis=1)": lambda m: ROW * m - ROW[:, None],
    "softmax(M)": lambda m: softmax(m, -1),
    "softmax(M, axis=0)*M": lambda m: softmax(m, 0) * m,
    "log_softmax(M)": lambda m: np.log(softmax(m, -1)),
    "cumsum(M, axis=1)/2": lambda m: np.cumsum(m, axis=1) / 2,
    "M - mean(M, axis=0, keepdims=true)": lambda m: m - m.mean(axis=0, keepdims=True),
    "sum(M, axis=1, keepdims=true)*A": lambda m: m.sum(axis=1, keepdims=True) * A,
    'einsum(M, A, M, equation="ij,kj,kl->il")/4': lambda m: np.einsum("ij,kj,kl->il", m, A, m) / 4,
    "concat(M[1:], M[:1]*2)": lambda m: np.concatenate([m[1:], m[:1] * 2]),
    "take(M, indices=[2, 0, 0])": lambda m: m[[2, 0, 0]],
    "flip(M, axis=1) + M[0]": lambda m: m[:, ::-1] + m[0],
    "sum(reshape(M, shape=[9])[:5])*A/4": lambda m: m.ravel()[:5].sum() * A / 4,
    "solve(S, M)": lambda m: np.linalg.solve(STRETCH, m),
    "inv(S + tanh(M)/4) + M": lambda m: np.linalg.inv(STRETCH + np.tanh(m) / 4) + m,
    "triu(M)*2 + tril(M)": lambda m: np.triu(m) * 2 + np.tril(m),
    "outer(M[0], M[:, 1])/2": lambda m: np.outer(m[0], m[:, 1]) / 2,
    "stack(M[0], M[1]*M[2], r)": lambda m: np.stack([m[0], m[1] * m[2], ROW + 0 * m[0]]),
    "M + trace(M)*A": lambda m: m + np.trace(m) * A,
}


@dataclass(frozen=True)
class Pipeline:
    """Steps from one matrix to the next, and weights for the sum at the end."""

    steps: list[str]
    seed: int

    @property
    def text(self) -> str:
        return "\n".join([self.lines("m"), self.result("m")])

    def lines(self, name: str) -> str:
        """An assignment for each step, to name1, name2, ..."""
        before = ["X", *(f"{name}{k}" for k in range(1, len(self.steps)))]
        return "\n".join(
            f"{name}{k} = {step.replace('M', operand)}"
            for k, (step, operand) in enumerate(zip(self.steps, before, strict=True), start=1)
        )

    def result(self, name: str) -> str:
        return f"sum({name}{len(self.steps)}*C)"

    def matrices(self) -> tuple[Matrix, Matrix, Matrix]:
        """Where to evaluate, in what direction to go, and the weights."""
        generator = np.random.default_rng(self.seed)
        x, direction, weights = generator.uniform(-1, 1, (3, SIDE, SIDE))
        return x, direction, weights

    def function(self, x: Matrix, weights: Matrix) -> Any:
        for step in self.steps:
            x = STEPS[step](x)
        return (x * weights).sum()


pipelines = st.builds(
    Pipeline, st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=5), st.integers(0, 99)
)


def bound(pipeline: Pipeline) -> dict[str, Matrix]:
    x, _, weights = pipeline.matrices()
    return {"X": x, "A": A, "r": ROW, "S": STRETCH, "C": weights}


@pytest.mark.slow
@settings(max_examples=100)
@given(pipelines)
def test_a_random_tensor_program_has_the_slope_that_the_complex_step_finds(
    pipeline: Pipeline,
) -> None:
    x, direction, weights = pipeline.matrices()
    found = gradient(parse(pipeline.text), bound(pipeline), wrt=["X", "C"])
    moved = pipeline.function(x + 1e-30j * direction, weights)
    scale = max(1.0, abs(moved.real), float(np.abs(found.gradients["X"]).max()))
    assume(scale < 1e6)
    assert abs(float(found.value) - moved.real) <= 1e-12 * scale
    assert abs(np.sum(found.gradients["X"] * direction) - moved.imag / 1e-30) <= 1e-11 * scale
    # the output is linear in the weights, so its slope along them is its value
    assert abs(np.sum(found.gradients["C"] * weights) - moved.real) <= 1e-12 * scale


@pytest.mark.parametrize("step", sorted(STEPS))
def test_each_step_by_itself_element_by_element(step: str) -> None:
    pipeline = Pipeline([step], seed=7)
    x, _, weights = pipeline.matrices()
    found = gradient(parse(pipeline.text), bound(pipeline)).gradients["X"]
    for place in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[place] += 1e-30j
        slope = pipeline.function(moved, weights).imag / 1e-30
        assert found[place] == pytest.approx(slope, rel=1e-11, abs=1e-13)


@pytest.mark.slow
@settings(max_examples=80)
@given(pipelines)
def test_a_random_tensor_program_has_the_curvature_that_the_complex_step_finds(
    pipeline: Pipeline,
) -> None:
    """The complex step along one direction, differenced along another to the sixth order."""
    x, along, weights = pipeline.matrices()
    across = np.random.default_rng(pipeline.seed + 1).uniform(-1, 1, (SIDE, SIDE))

    def slope(step: float) -> Any:
        return pipeline.function(x + step * across + 1e-30j * along, weights).imag / 1e-30

    h = 5e-3
    differences = [slope(k * h) - slope(-k * h) for k in (1, 2, 3)]
    expected = (45 * differences[0] - 9 * differences[1] + differences[2]) / (60 * h)
    found = Curvature(parse(pipeline.text), bound(pipeline), wrt=["X"])
    moved = found.along({"X": across})["X"]
    scale = max(1.0, *(abs(slope(k * h)) for k in range(-3, 4)), float(np.abs(moved).max()))
    assume(scale < 1e4)
    assert abs(np.sum(moved * along) - expected) <= 1e-8 * scale
    # Hessians are symmetric
    other = found.along({"X": along})["X"]
    assert abs(np.sum(moved * along) - np.sum(other * across)) <= 1e-11 * scale


@settings(max_examples=60)
@given(pipelines, st.integers(-20, 20))
def test_the_reverse_sweep_is_linear_in_its_seed(pipeline: Pipeline, power: int) -> None:
    """Exactly so for powers of two, which multiply without rounding."""
    bindings = bound(pipeline)
    last = f"m{len(pipeline.steps)}"
    call = prepare(parse(pipeline.text), bindings, [last], (), DEFAULT_LIMITS, None)
    program = call.plan.program
    values = arrays.forward(program, call.inputs.arrays(), None)
    x, (root,) = program.inputs["X"], program.outputs
    one, other = np.random.default_rng(1).uniform(-1, 1, (2, SIDE, SIDE))

    def sent(seed: Matrix) -> Matrix:
        zero = np.zeros((SIDE, SIDE))
        return arrays.reverse(
            program, values, {root: seed}, leading_to(program, [x], None), None
        ).get(x, zero)

    scaled = 2.0**power * one
    np.testing.assert_array_equal(sent(scaled), 2.0**power * sent(one))
    apart = sent(one) + sent(other)
    size = max(1.0, float(np.abs(sent(one)).max()), float(np.abs(sent(other)).max()))
    np.testing.assert_allclose(sent(one + other), apart, rtol=1e-10, atol=1e-11 * size)
    np.testing.assert_array_equal(sent(np.zeros((SIDE, SIDE))), np.zeros((SIDE, SIDE)))


@settings(max_examples=24)
@given(pipelines, pipelines)
def test_the_gradient_of_a_sum_is_the_sum_of_gradients(one: Pipeline, other: Pipeline) -> None:
    bindings = bound(one)
    first, second = one.lines("p"), other.lines("q")
    results = one.result("p"), other.result("q")
    joint = gradient(parse(f"{first}\n{second}\n3*{results[0]} - 2*{results[1]}"), bindings)
    parts = [
        gradient(parse(f"{lines}\n{result}"), bindings)
        for lines, result in zip((first, second), results, strict=True)
    ]
    expected = 3 * parts[0].gradients["X"] - 2 * parts[1].gradients["X"]
    size = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(joint.gradients["X"], expected, rtol=1e-10, atol=1e-11 * size)


@settings(max_examples=30)
@given(pipelines)
def test_the_same_call_gives_the_same_bits(pipeline: Pipeline) -> None:
    graph, bindings = parse(pipeline.text), bound(pipeline)
    first, second = gradient(graph, bindings), gradient(parse(pipeline.text), bindings)
    for name in bindings:
        assert first.gradients[name].tobytes() == second.gradients[name].tobytes()
    (value,) = evaluate(graph, bindings).values.values()
    assert value.tobytes() == first.value.tobytes()
