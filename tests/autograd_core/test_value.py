"""`Value`: code written for micrograd, with its import changed, and the same numbers."""

import copy
import math
import pickle
import random
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from autograd_core import Value


def test_the_readme_of_this_package() -> None:
    a, b, c = Value(2.0), Value(-3.0), Value(10.0)
    d = a * b + c
    d.backward()
    assert d.data == 4.0
    assert (a.grad, b.grad, c.grad, d.grad) == (-3.0, 2.0, 1.0, 1.0)


# The next three are micrograd's; the numbers were computed by PyTorch in float64.


def test_micrograd_s_readme() -> None:
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert g.data == pytest.approx(24.70408163265306, rel=1e-15)
    assert a.grad == pytest.approx(138.83381924198252, rel=1e-14)
    assert b.grad == pytest.approx(645.5772594752186, rel=1e-14)


def test_micrograd_s_sanity_check() -> None:
    x = Value(-4.0)
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    y = h + q + q * x
    y.backward()
    assert (y.data, x.grad) == (-20.0, 46.0)


def test_the_neuron_of_the_lecture() -> None:
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.881373587019543, label="b")
    n = x1 * w1 + x2 * w2 + b
    o = n.tanh()
    o.backward()
    assert o.data == pytest.approx(0.7071067811865476, rel=1e-15)
    assert n.grad == pytest.approx(0.5, rel=1e-14)
    assert x1.grad == pytest.approx(-1.5, rel=1e-14)
    assert w1.grad == pytest.approx(1.0, rel=1e-14)
    assert x2.grad == pytest.approx(0.5, rel=1e-14)
    assert w2.grad == 0.0


def test_tanh_taken_apart_gives_the_same_gradient() -> None:
    whole, parts = Value(0.8813735870195432), Value(0.8813735870195432)
    whole.tanh().backward()
    e = (2 * parts).exp()
    ((e - 1) / (e + 1)).backward()
    assert parts.grad == pytest.approx(whole.grad, rel=1e-13)


@pytest.mark.parametrize(
    "function, value, gradient",
    [
        (lambda x: x + 2, 5.0, 1.0),
        (lambda x: 2 + x, 5.0, 1.0),
        (lambda x: x - 2, 1.0, 1.0),
        (lambda x: 2 - x, -1.0, -1.0),
        (lambda x: x * 2, 6.0, 2.0),
        (lambda x: 2 * x, 6.0, 2.0),
        (lambda x: x / 2, 1.5, 0.5),
        (lambda x: 6 / x, 2.0, -2 / 3),
        (lambda x: x**2, 9.0, 6.0),
        (lambda x: x**-1, 1 / 3, -1 / 9),
        (lambda x: 2**x, 8.0, 8 * math.log(2)),
        (lambda x: x**x, 27.0, 27 * (1 + math.log(3))),
        (lambda x: -x, -3.0, -1.0),
        (lambda x: x.relu(), 3.0, 1.0),
        (lambda x: (-x).relu(), 0.0, 0.0),
        (lambda x: x.exp(), math.exp(3), math.exp(3)),
        (lambda x: x.log(), math.log(3), 1 / 3),
        (lambda x: x.sin(), math.sin(3), math.cos(3)),
        (lambda x: x.cos(), math.cos(3), -math.sin(3)),
        (lambda x: x.tanh(), math.tanh(3), 1 / math.cosh(3) ** 2),
        (lambda x: x.sigmoid(), 0.9525741268224334, 0.04517665973091213),
        (lambda x: np.float64(2) * x, 6.0, 2.0),
        (lambda x: np.float32(2) + x, 5.0, 1.0),
        (lambda x: np.int64(2) - x, -1.0, -1.0),
        (lambda x: np.float64(6) / x, 2.0, -2 / 3),
        (lambda x: np.float64(2) ** x, 8.0, 8 * math.log(2)),
        (lambda x: x * np.float64(2), 6.0, 2.0),
        (lambda x: sum([x, x, x]), 9.0, 3.0),
        (lambda x: x + True, 4.0, 1.0),
    ],
)
def test_every_operator_with_numbers_on_either_side(
    function: Callable[[Value], Value], value: float, gradient: float
) -> None:
    x = Value(3)
    y = function(x)
    assert isinstance(y, Value)
    y.backward()
    assert y.data == pytest.approx(value, rel=1e-14)
    assert x.grad == pytest.approx(gradient, rel=1e-14)


def test_data_is_a_float_and_grad_starts_at_zero() -> None:
    x = Value(3, label="x")
    assert type(x.data) is float
    assert (x.grad, x.label, x._op, x._prev) == (0.0, "x", "", ())
    assert repr(x) == "Value(data=3.0, grad=0.0)"


def test_backward_twice_gives_the_same_gradient() -> None:
    x = Value(3.0)
    y = x * x + x
    y.backward()
    y.backward()
    assert (x.grad, y.grad) == (7.0, 1.0)


def test_backward_from_another_root_sets_the_gradient_of_that_root() -> None:
    x = Value(3.0)
    y = x * x
    z = y * 10
    z.backward()
    y.backward()
    assert (x.grad, y.grad, z.grad) == (6.0, 1.0, 1.0)


def test_backward_of_a_leaf_is_one() -> None:
    x = Value(3.0)
    x.backward()
    assert x.grad == 1.0


def test_a_value_used_many_times_gathers_every_path() -> None:
    a = Value(1.5)
    b = a + a
    c = b * b + b
    c.backward()
    assert a.grad == 14.0  # c = 4a² + 2a
    assert b.grad == 7.0


def test_data_may_be_changed_between_calls_of_backward() -> None:
    x = Value(3.0)
    y = x**2 + 1
    y.backward()
    x.data = 5.0
    y.backward()
    assert x.grad == 10.0


# Numbers set by hand. Expected gradients are those of micrograd 0.1.0, run on the same lines
# (its `grad` set to 0 in between); by its rule, partials are taken at the data there are.


def product_squared(a: Any, b: Any, c: Any) -> tuple[Any, Any]:
    inner = a * b
    return inner, inner * inner + c


def product_gated(a: Any, b: Any, c: Any) -> tuple[Any, Any]:
    inner = (a * b).relu()
    return inner, inner * c


def quotient_squared(a: Any, b: Any, c: Any) -> tuple[Any, Any]:
    inner = a / b
    return inner, inner * inner * c


def power_inside(a: Any, b: Any, c: Any) -> tuple[Any, Any]:
    inner = a**3
    return inner, 2 / inner - c * inner**2 + inner * b


def difference_in_a_chain(a: Any, b: Any, c: Any) -> tuple[Any, Any]:
    inner = 2 - a * b
    return inner, ((inner - c) * inner).relu()


CHAINS = [
    product_squared,
    product_gated,
    quotient_squared,
    power_inside,
    difference_in_a_chain,
]
SET_BY_HAND = [
    # build, data of the inner Value, data of a (None: as it was), gradients of a, b and c
    (product_squared, 10.0, None, [60.0, 40.0, 1.0], 36.5),
    (product_squared, -1.5, None, [-9.0, -6.0, 1.0], 36.5),
    (product_squared, None, 5.0, [36.0, 60.0, 1.0], 36.5),
    (product_squared, 7.0, -4.0, [42.0, -56.0, 1.0], 36.5),
    (product_gated, 10.0, None, [1.5, 1.0, 10.0], 3.0),
    (product_gated, -1.5, None, [0.0, 0.0, -1.5], 3.0),
    (product_gated, None, 5.0, [1.5, 2.5, 6.0], 3.0),
    (product_gated, 7.0, -4.0, [1.5, -2.0, 7.0], 3.0),
    (
        quotient_squared,
        10.0,
        None,
        [3.333333333333333, -2.2222222222222223, 0.4444444444444444],
        0.2222222222222222,
    ),
    (
        quotient_squared,
        -1.5,
        None,
        [-0.5, 0.3333333333333333, 0.4444444444444444],
        0.2222222222222222,
    ),
    (
        quotient_squared,
        None,
        5.0,
        [0.2222222222222222, -0.3703703703703703, 0.4444444444444444],
        0.2222222222222222,
    ),
    (
        quotient_squared,
        7.0,
        -4.0,
        [2.333333333333333, 3.1111111111111107, 0.4444444444444444],
        0.2222222222222222,
    ),
    (power_inside, 10.0, None, [-84.24, 10.0, -64.0], -7.75),
    (power_inside, -1.5, None, [43.333333333333336, -1.5, -64.0], -7.75),
    (power_inside, None, 5.0, [-377.34375, 8.0, -64.0], -7.75),
    (power_inside, 7.0, -4.0, [-193.95918367346937, 7.0, -64.0], -7.75),
    (difference_in_a_chain, 10.0, None, [-16.5, -11.0, -10.0], 18.0),
    (difference_in_a_chain, -1.5, None, [18.0, 12.0, 1.5], 18.0),
    (difference_in_a_chain, None, 5.0, [25.5, 42.5, 4.0], 18.0),
    (difference_in_a_chain, 7.0, -4.0, [-7.5, 10.0, -7.0], 18.0),
]


def gradients_after_setting(
    value_type: Any, build: Any, inner_data: float | None, leaf_data: float | None
) -> tuple[list[float], float]:
    """Gradients of a second backward, the data set in between; and the output's data."""
    a, b, c = value_type(2.0), value_type(3.0), value_type(0.5)
    inner, output = build(a, b, c)
    output.backward()
    if inner_data is not None:
        inner.data = inner_data
    if leaf_data is not None:
        a.data = leaf_data
    zero_gradients(output)
    output.backward()
    return [a.grad, b.grad, c.grad], output.data


def zero_gradients(root: Any) -> None:
    stack = [root]
    while stack:
        value = stack.pop()
        value.grad = 0.0
        stack.extend(value._prev)


@pytest.mark.parametrize("build, inner, leaf, expected, data", SET_BY_HAND)
def test_data_set_by_hand_count_as_in_micrograd(
    build: Any, inner: float | None, leaf: float | None, expected: list[float], data: float
) -> None:
    found, output = gradients_after_setting(Value, build, inner, leaf)
    assert found == pytest.approx(expected, rel=1e-14)
    assert output == pytest.approx(data, rel=1e-14)  # nothing is computed forward again


def test_an_inner_value_set_by_hand_goes_into_what_is_written_next() -> None:
    a, b = Value(2.0), Value(3.0)
    e = a * b
    e.data = 10.0
    d = e * e
    d.backward()
    assert d.data == 100.0
    assert (a.grad, b.grad, e.grad) == (60.0, 40.0, 20.0)


def test_data_is_a_float_whatever_is_assigned() -> None:
    x = Value(1.0)
    for number in (3, np.float64(3), np.float32(3), np.int64(3), Fraction(3)):
        x.data = number  # type: ignore[assignment]
        assert type(x.data) is float
        assert x.data == 3.0
    with pytest.raises(TypeError, match="text"):
        x.data = "3"  # type: ignore[assignment]


STEPS: list[Callable[[Any, Any, float], Any]] = [
    lambda x, y, number: x + y,
    lambda x, y, number: x * y,
    lambda x, y, number: x - y,
    lambda x, y, number: x**2,
    lambda x, y, number: number - x,
    lambda x, y, number: number / (x**2 + 1),
    lambda x, y, number: x + number,
    lambda x, y, number: number * x,
    lambda x, y, number: x.relu(),
]
Step = tuple[Callable[[Any, Any, float], Any], int, int, float]


def run(value_type: Any, steps: list[Step]) -> list[Any]:
    """All values of a program, the last one the output."""
    values = [value_type(1.25), value_type(-0.75), value_type(2.5)]
    for function, x, y, number in steps:
        values.append(function(values[x], values[y], number))
    return values


def test_random_programs_with_data_set_by_hand_are_micrograd_s() -> None:
    micrograd = pytest.importorskip("micrograd.engine")
    for seed in range(300):
        source = random.Random(seed)
        steps: list[Step] = [
            (source.choice(STEPS), source.randrange(k), source.randrange(k), source.uniform(-2, 2))
            for k in range(3, source.randint(5, 20))
        ]
        ours, theirs = run(Value, steps), run(micrograd.Value, steps)
        for place in source.sample(range(len(ours)), 3):
            ours[place].data = theirs[place].data = source.uniform(-2, 2)
        ours[-1].backward()
        theirs[-1].backward()
        for mine, other in zip(ours, theirs, strict=True):
            size = max(1.0, abs(other.grad))
            assert mine.grad == pytest.approx(other.grad, rel=1e-12, abs=1e-12 * size), seed


# Strong zeros, as everywhere in this package.


@pytest.mark.parametrize(
    "function, at",
    [
        (lambda x: 0 * (x**0.5), 0.0),  # the adjoint is 0, the partial infinite
        (lambda x: (0 * x) ** 0.5, 0.0),  # the other way round
        (lambda x: (x / 0.0).relu() * 0, -1.0),
        (lambda x: x**0, 0.0),
    ],
)
def test_an_exact_zero_is_strong_on_either_side(
    function: Callable[[Value], Value], at: float
) -> None:
    x = Value(at)
    function(x).backward()
    assert x.grad == 0.0


@pytest.mark.parametrize(
    "function, at, value, gradient",
    [
        (lambda x: x.exp(), 1000.0, math.inf, math.inf),
        (lambda x: x.log(), 0.0, -math.inf, math.inf),
        (lambda x: x.log(), -1.0, math.nan, math.nan),
        (lambda x: x.sin(), math.inf, math.nan, math.nan),
        (lambda x: x / 0, -1.0, -math.inf, math.inf),
        (lambda x: x**0.5, -1.0, math.nan, math.nan),
        (lambda x: x**400, 10.0, math.inf, math.inf),
        (lambda x: x * 1e308, 10.0, math.inf, 1e308),
        (lambda x: x**-1, 0.0, math.inf, -math.inf),
        (lambda x: 2**x, 2000.0, math.inf, math.inf),
        (lambda x: x.sigmoid(), -1000.0, 0.0, 0.0),
        (lambda x: x.tanh(), 20.0, 1.0, 1.6993417021166355e-17),
    ],
)
def test_arithmetic_is_ieee_without_exceptions_or_warnings(
    function: Callable[[Value], Value], at: float, value: float, gradient: float
) -> None:
    x = Value(at)
    y = function(x)
    y.backward()
    assert y.data == pytest.approx(value, nan_ok=True)
    assert x.grad == pytest.approx(gradient, rel=1e-13, nan_ok=True)


def test_a_deep_chain_is_walked_without_recursion() -> None:
    x = Value(1.0)
    y = x
    for _ in range(100_000):
        y = y + x
    y.backward()
    assert (y.data, x.grad) == (100_001.0, 100_001.0)


def test_a_value_is_kept_and_copied_with_what_is_behind_it() -> None:
    x = Value(3.0, label="x")
    y = (x * x + 2) ** x
    for kept in (pickle.loads(pickle.dumps(y)), copy.deepcopy(y)):
        z = Value(1.0) * kept  # made here, of Values that were made elsewhere
        z.backward()
        y.backward()
        assert z.data == y.data
        assert kept._prev[1].label == "x"
        assert kept._prev[1].grad == x.grad


def test_results_are_of_the_type_of_the_left_operand() -> None:
    class Named(Value):
        name = "one"

    assert type(Named(1.0) * Value(2.0)) is Named
    assert type(-Named(1.0)) is Named
    assert type(2 / Named(1.0)) is Named


def test_values_that_were_not_on_the_way_keep_their_gradient() -> None:
    x, other = Value(2.0), Value(3.0)
    other.grad = 7.0
    (x * 2).backward()
    assert other.grad == 7.0


def test_nonfinite_numbers_are_results() -> None:
    x = Value(0.0)
    y = 1 / x
    y.backward()
    assert y.data == math.inf
    assert x.grad == -math.inf
    assert math.isnan(Value(-1.0).log().data)


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises((TypeError, ValueError)):
        Value("three")  # type: ignore[arg-type]
    with pytest.raises((TypeError, ValueError)):
        Value(1.0) + "three"  # type: ignore[operator]
    with pytest.raises(TypeError):
        np.ones(2) * Value(1.0)


def drawn(root: Value) -> tuple[set[Value], set[tuple[Value, Value]], list[str]]:
    """The notes' drawing code, with lists for graphviz."""
    nodes: set[Value] = set()
    edges: set[tuple[Value, Value]] = set()

    def build(v: Value) -> None:
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    labels = [f"{{ {n.label} | data {n.data:.4f} | grad {n.grad:.4f} }} {n._op}" for n in nodes]
    return nodes, edges, labels


def test_the_drawing_code_of_the_notes_runs() -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    e = a * b
    e.label = "e"
    d = e.tanh() - a / b + a**2 + a.relu() + 1
    d.backward()
    nodes, edges, labels = drawn(d)
    assert {a, b, e, d} <= nodes
    assert {(a, e), (b, e)} <= edges
    assert any(label.startswith("{ e | data -6.0000 ") for label in labels)
    assert sorted(node._op for node in nodes) == sorted(
        ["", "", "*", "tanh", "/", "-", "**", "+", "ReLU", "+", "+"]
    )


def test_a_square_has_its_operand_twice() -> None:
    x = Value(3.0)
    assert (x * x)._prev == (x, x)
    assert (x * 2)._prev == (x,)


class Neuron:
    """As in micrograd's nn."""

    def __init__(self, nin: int, source: random.Random, nonlin: bool = True) -> None:
        self.w = [Value(source.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0)
        self.nonlin = nonlin

    def __call__(self, x: list[Value]) -> Value:
        act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return act.relu() if self.nonlin else act

    def parameters(self) -> list[Value]:
        return [*self.w, self.b]


class MLP:
    """As in micrograd's nn: layers of neurons, the last one linear."""

    def __init__(self, sizes: list[int], source: random.Random) -> None:
        self.layers = [
            [Neuron(nin, source, nonlin=k != len(sizes) - 2) for _ in range(nout)]
            for k, (nin, nout) in enumerate(pairwise(sizes))
        ]

    def __call__(self, x: list[Value]) -> Value:
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return x[0]

    def parameters(self) -> list[Value]:
        return [p for layer in self.layers for neuron in layer for p in neuron.parameters()]


POINTS = np.array([[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]])
TARGETS = np.array([1.0, -1.0, -1.0, 1.0])
RATE = 0.02


def layer_by_layer(
    weights: list[np.ndarray], biases: list[np.ndarray]
) -> tuple[float, list[np.ndarray], list[np.ndarray]]:
    """Loss and gradients by backpropagation written out for matrices."""
    activations = [POINTS]
    for k, (w, b) in enumerate(zip(weights, biases, strict=True)):
        z = activations[-1] @ w.T + b
        activations.append(z if k == len(weights) - 1 else np.maximum(z, 0))
    off = activations[-1][:, 0] - TARGETS
    delta = 2 * off[:, None]
    dw, db = [], []
    for k in range(len(weights) - 1, -1, -1):
        dw.insert(0, delta.T @ activations[k])
        db.insert(0, delta.sum(axis=0))
        delta = (delta @ weights[k]) * (activations[k] > 0)
    return float(off @ off), dw, db


def test_a_network_trained_as_with_micrograd_follows_backpropagation_on_paper() -> None:
    model = MLP([3, 4, 4, 1], random.Random(1337))
    weights = [np.array([[w.data for w in n.w] for n in layer]) for layer in model.layers]
    biases = [np.array([n.b.data for n in layer]) for layer in model.layers]
    losses = []
    for _ in range(12):
        predictions = [model([Value(x) for x in point]) for point in POINTS.tolist()]
        loss = sum(
            ((p - t) ** 2 for p, t in zip(predictions, TARGETS.tolist(), strict=True)), Value(0)
        )
        for p in model.parameters():
            p.grad = 0.0
        loss.backward()
        expected, dw, db = layer_by_layer(weights, biases)
        assert loss.data == pytest.approx(expected, rel=1e-12)
        for layer, layer_dw, layer_db in zip(model.layers, dw, db, strict=True):
            for neuron, row, bias in zip(layer, layer_dw, layer_db, strict=True):
                found = [w.grad for w in neuron.w]
                np.testing.assert_allclose(found, row, rtol=1e-11, atol=1e-13)
                assert neuron.b.grad == pytest.approx(bias, rel=1e-11, abs=1e-13)
        for p in model.parameters():
            p.data -= RATE * p.grad
        weights = [w - RATE * d for w, d in zip(weights, dw, strict=True)]
        biases = [b - RATE * d for b, d in zip(biases, db, strict=True)]
        losses.append(loss.data)
    assert losses[-1] < losses[0] / 2
