"""The tape against the array engine: one meaning, two engines."""

import itertools
import math
import random

import numpy as np
import pytest

from autograd_core import (
    CheckOptions,
    Deadline,
    DeadlineExceeded,
    Graph,
    gradient,
    parse,
    read_nodes,
)
from autograd_core.derivatives.call import prepare
from autograd_core.derivatives.gradient import evaluate
from autograd_core.engines.activity import leading_to
from autograd_core.engines.arrays import sweeps as arrays
from autograd_core.engines.tape import tape
from autograd_core.engines.tape.lowering import lower
from autograd_core.limits import DEFAULT_LIMITS
from autograd_core.operations import elementwise
from tests.tables import table

SPECIAL = (-math.inf, -2.5, -1.0, -0.0, 0.0, 0.5, 1.0, 3.0, math.inf, math.nan)


def one_node(row: elementwise.Elementwise, count: int) -> Graph:
    node = {"id": "f", "op": row.name, "args": [f"x{k}" for k in range(count)]}
    return read_nodes([node])


def by_arrays(graph: Graph, bindings: dict[str, float]) -> tuple[float, list[float]]:
    """Value and gradient of the array engine, whatever engine would be chosen."""
    call = prepare(graph, bindings, None, (), DEFAULT_LIMITS, None, tuple(bindings))
    program = call.plan.program
    values = arrays.forward(program, call.inputs.arrays(), None)
    (root,) = program.outputs
    slots = [program.slot_of(target) for target in call.plan.targets]
    found = arrays.reverse(
        program, values, {root: np.float64(1.0)}, leading_to(program, slots, None), None
    )
    return float(values[root]), [float(found.get(slot, 0.0)) for slot in slots]


def assert_same(graph: Graph, bindings: dict[str, float], rel: float = 1e-12) -> None:
    result = gradient(graph, bindings)
    assert result.cost.engine == tape.NAME
    value, gradients = by_arrays(graph, bindings)
    assert result.value == pytest.approx(value, rel=rel, abs=1e-300, nan_ok=True)
    for name, expected in zip(bindings, gradients, strict=True):
        found = result.gradients[name]
        assert found == pytest.approx(expected, rel=rel, abs=1e-300, nan_ok=True), name


@table("name", elementwise.TABLE)
def test_every_operation_gives_the_same_on_both_engines(name: str) -> None:
    row = elementwise.TABLE[name]
    count = row.arity[0]
    graph = one_node(row, count)
    points = itertools.product(SPECIAL, repeat=count)
    if count == 3:
        points = iter(random.Random(1).sample(list(points), 200))
    for point in points:
        if name == "clip" and any(map(math.isnan, point)):
            continue  # between bounds that are not numbers there is no derivative to agree on
        assert_same(graph, {f"x{k}": x for k, x in enumerate(point)})


@pytest.mark.parametrize("name", ["add", "mul"])
def test_chains_of_many_operands(name: str) -> None:
    graph = one_node(elementwise.TABLE[name], 7)
    for point in itertools.product((0.0, -1.5, math.inf), repeat=3):
        bindings = dict.fromkeys((f"x{k}" for k in range(7)), 2.0)
        assert_same(graph, bindings | {f"x{k}": x for k, x in enumerate(point)})


@pytest.mark.parametrize(
    "text, bindings",
    [
        ("where(x > 0, sqrt(x), 0)", {"x": -1.0}),
        ("log(where(x > 0, x, 0))", {"x": -1.0}),
        ("log(relu(x))", {"x": -1.0}),
        ("1/relu(x) + clip(x, -1, 1)", {"x": -1.0}),
        ("0*sqrt(x)", {"x": 0.0}),
        ("x**y", {"x": -2.0, "y": 3.0}),
        ("x**3 + 2**x + x**0", {"x": -2.0}),
        ("1/exp(-x)", {"x": 1000.0}),
        ("leaky_relu(x, alpha=0.3) + elu(x, alpha=2)", {"x": -0.5}),
        ("clip(x, y, z)", {"x": 2.0, "y": 3.0, "z": 1.0}),
        ("maximum(x, y)*minimum(x, y)", {"x": 2.0, "y": 2.0}),
        ("pi*e*x", {"x": 1.0}),
        ("pi*e*x", {"x": 1.0, "e": 2.0}),
    ],
)
def test_conventions_hold_on_both_engines(text: str, bindings: dict[str, float]) -> None:
    assert_same(parse(text), bindings)


def random_graph(seed: int, size: int) -> Graph:
    generator = random.Random(seed)
    rows = [row for row in elementwise.ROWS if row.arity[0] <= 3]
    names = ["x0", "x1", "x2"]
    nodes = []
    for number in range(size):
        row = generator.choice(rows)
        count = row.arity[0] + (generator.randrange(3) if row.arity[1] is None else 0)
        operands: list[object] = [generator.choice(names[-8:]) for _ in range(count)]
        if generator.random() < 0.2:
            operands[-1] = generator.choice([0.5, -2, 0, 3.25])
        nodes.append({"id": f"n{number}", "op": row.name, "args": operands})
        names.append(f"n{number}")
    nodes.append({"id": "out", "op": "add", "args": names[-4:]})
    return read_nodes(nodes)


@table("seed", range(60))
def test_random_graphs_of_every_operation(seed: int) -> None:
    graph = random_graph(seed, 12)
    generator = random.Random(seed)
    for _ in range(4):
        bindings = {
            name: generator.choice([*SPECIAL, generator.gauss(0, 2)]) for name in graph.inputs
        }
        result = gradient(graph, bindings, output="out")
        call = prepare(graph, bindings, "out", (), DEFAULT_LIMITS, None, tuple(bindings))
        values = arrays.forward(call.plan.program, call.inputs.arrays(), None)
        expected = float(values[call.plan.program.outputs[0]])
        assert result.value == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True)


def test_points_in_compiled_code_are_the_single_points_to_the_bit() -> None:
    graph = parse("tanh(x*y)**2 + exp(-x)*sin(y) + x**3")
    points = np.linspace(-2, 2, 101)
    mapped = gradient(graph, {"x": points, "y": 0.7}, mapped=["x"])
    singly = [gradient(graph, {"x": float(x), "y": 0.7}) for x in points]
    assert np.array_equal(mapped.value, [each.value for each in singly])
    for name in ("x", "y"):
        assert np.array_equal(mapped.gradients[name], [each.gradients[name] for each in singly])


def test_values_at_many_points_are_those_at_each() -> None:
    graph = parse("u = x*y; v = sin(u); u + v")
    points = np.linspace(-2, 2, 11)
    mapped = evaluate(graph, {"x": points, "y": 3.0}, outputs=["u", "v"], mapped=["x"])
    for name in ("u", "v"):
        singly = [
            evaluate(graph, {"x": float(x), "y": 3.0}, outputs=[name]).values[name] for x in points
        ]
        assert np.array_equal(mapped.values[name], singly)


def test_a_deadline_is_looked_at_between_slices() -> None:
    graph = parse("x + 1")
    with pytest.raises(DeadlineExceeded):
        gradient(graph, {"x": 1.0}, deadline=Deadline(-1.0))
    with pytest.raises(DeadlineExceeded):
        gradient(graph, {"x": np.ones(10)}, mapped=["x"], deadline=Deadline(-1.0))


def test_a_long_tape_is_swept_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the bit as it is in one go, with a look at the clock before each."""

    class Counting(Deadline):
        looks = 0

        def check(self) -> None:
            self.looks += 1

    graph = random_graph(1, 200)
    laid_out = lower(graph, {name: at for at, name in enumerate(graph.inputs)}, [len(graph) - 1])
    inputs, output = [0.5] * len(graph.inputs), laid_out.slot_of(len(graph) - 1)
    whole = tape.gradient(laid_out, inputs, output, None)
    monkeypatch.setattr(tape, "SLICE", 20)
    laid_out.__dict__.pop("slices", None)
    deadline = Counting(60.0)
    np.testing.assert_array_equal(tape.gradient(laid_out, inputs, output, deadline), whole)
    assert deadline.looks > 2 * len(laid_out) // 25
    np.testing.assert_array_equal(tape.evaluate(laid_out, inputs, None), whole[0])


def test_a_cause_is_named_for_what_is_not_finite_at_one_of_many_points() -> None:
    result = gradient(parse("1/x"), {"x": np.array([1.0, 0.0, 2.0])}, mapped=["x"])
    (warning,) = result.warnings
    assert (warning.operation, warning.operands) == ("div", (1.0, 0.0))


def test_a_node_is_checked_that_is_one_of_several_products_in_a_row() -> None:
    """To be replaced alone it is a run of its own: those that use it are computed anew."""
    graph = parse("e = a*b; f = e*c; g = f*e; g*a")
    bindings = {"a": 2.0, "b": -3.0, "c": 0.5}
    result = gradient(graph, bindings, wrt=["e", "f", "g"], check=CheckOptions())
    assert result.cost.engine == tape.NAME
    assert result.gradients == {"e": -12.0, "f": -12.0, "g": 2.0}
    assert result.check is not None
    assert result.check.verdict == "pass"


def test_wrt_may_name_nodes_and_unused_inputs() -> None:
    result = gradient(
        parse("e = a*b; e + c"), {"a": 2.0, "b": -3.0, "c": 10.0, "k": 1.0}, wrt=["e", "k"]
    )
    assert result.gradients == {"e": 1.0, "k": 0.0}
    assert result.cost.engine == tape.NAME


def test_a_tensor_anywhere_is_for_the_array_engine() -> None:
    assert gradient(parse("sum(x)"), {"x": 1.0}).cost.engine == arrays.NAME
    assert (
        gradient(
            parse("x*y"),
            {
                "x": 1.0,
                "y": 2.0,
            },
        ).cost.engine
        == tape.NAME
    )
    assert gradient(parse("x"), {"x": 1.0, "y": np.ones(2)}).cost.engine == arrays.NAME
