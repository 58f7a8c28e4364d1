"""The compiled kernel against the op table's NumPy meaning, the array engine and mpmath."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from autograd_core import read_nodes
from autograd_core.compiling import compile_program
from autograd_core.engines import kernel
from autograd_core.engines.activity import leading_to
from autograd_core.engines.arrays import sweeps as arrays, tangents as array_tangents
from autograd_core.engines.kernel.rules import OPCODES, RULES, Rule
from autograd_core.finite_difference import glances as first_glances
from autograd_core.graph import Graph, evaluation_order
from autograd_core.limits import Limits
from autograd_core.operations.elementwise import TABLE
from autograd_core.operations.formulas import NUMPY, compiled
from autograd_core.program import Program
from tests.tables import table

ROOT = Path(__file__).resolve().parent.parent.parent
COLUMNS = ("value", "pa", "pb", "paa", "pab", "pbb")
SPECIAL = (-np.inf, -2.5, -1.0, -0.5, -1e-9, -0.0, 0.0, 0.5, 1.0, 2.0, 20.0, 800.0, np.inf, np.nan)


@dataclass
class Tape:
    """Columns, and the arrays that a run fills."""

    opcodes: np.ndarray
    starts: np.ndarray
    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    first: int
    values: np.ndarray

    @classmethod
    def of(
        cls, inputs: Any, *instructions: tuple[str, int, int, int], apart: bool = False
    ) -> "Tape":
        """Inputs' values, then (opcode's name, a, b, c) for each instruction.

        Instructions of one opcode that follow one another are a run, unless they stay apart.
        """
        names, *slots = zip(*instructions, strict=True)
        values = np.array([*inputs, *(0.0 for _ in instructions)])
        opcodes = np.array([OPCODES[name] for name in names], np.uint8)
        begins = np.append(True, opcodes[1:] != opcodes[:-1]) | apart
        starts = np.append(np.flatnonzero(begins), len(opcodes)).astype(np.uint32)
        columns = (np.array(s, np.uint32) for s in slots)
        return cls(opcodes[starts[:-1]], starts, *columns, len(inputs), values)

    @property
    def size(self) -> int:
        return len(self.a)

    @property
    def runs(self) -> int:
        return len(self.opcodes)

    @property
    def columns(self) -> tuple[Any, ...]:
        return self.opcodes, self.starts, self.a, self.b, self.c, self.first

    @property
    def linear(self) -> tuple[Any, ...]:
        return self.starts, self.a, self.b, self.first

    def forward(self) -> tuple[np.ndarray, np.ndarray]:
        pa, pb = np.empty(self.size), np.empty(self.size)
        kernel.forward(*self.columns, self.values, pa, pb, 0, self.runs)
        return pa, pb

    def adjoints(self, seed: float = 1.0, output: int = -1) -> np.ndarray:
        pa, pb = self.forward()
        adjoints = np.zeros(len(self.values))
        adjoints[output] = seed
        kernel.reverse(*self.linear, pa, pb, adjoints, 0, self.runs)
        return adjoints

    def twice(self, direction: list[float]) -> "Twice":
        """Tangents along a direction of the first slots, and the adjoints' tangents."""
        pa, pb = self.forward()
        second = [np.empty(self.size) for _ in range(3)]
        a, b, first = self.a, self.b, self.first
        kernel.curvatures(*self.columns, self.values, *second, 0, self.runs)
        tangents, adjoints, adjoint_tangents = (np.zeros(len(self.values)) for _ in range(3))
        tangents[: len(direction)], adjoints[-1] = direction, 1
        kernel.push_forward(*self.linear, pa, pb, tangents, 0, self.runs)
        kernel.reverse_twice(
            *self.linear, pa, pb, *second, tangents, adjoints, adjoint_tangents, 0, self.runs
        )
        with np.errstate(all="ignore"):
            ways = (pa, a), (pb, b)
            steps = [np.abs(tangents[to] * p) for p, to in ways]
            steps += [
                np.abs(flow[first:] * p) for flow in (adjoints, adjoint_tangents) for p, _ in ways
            ]
            steps += [np.abs(adjoints[first:] * tangents[to] * p) for p in second for to in (a, b)]
        terms = np.concatenate(steps)
        return Twice(tangents, adjoint_tangents, max(terms[np.isfinite(terms)], default=0.0))

    def hessian(self) -> tuple[np.ndarray, np.ndarray]:
        """Gradient and Hessian of the last slot by the inputs."""
        inputs, wanted = np.eye(self.first), np.arange(self.first)
        gradient, products = np.empty(self.first), np.empty((self.first, self.first))
        output = len(self.values) - 1
        kernel.hessian_products(
            *self.columns, self.values, wanted, inputs, output, wanted, gradient, products
        )
        return gradient, products


@dataclass
class Twice:
    """largest: the size of the largest finite term on the way, which rounding is relative to."""

    tangents: np.ndarray
    adjoint_tangents: np.ndarray
    largest: float


# --- every opcode --------------------------------------------------------------------


def points(rule: Rule) -> np.ndarray:
    """Special values in every combination, and random ones: a row of numbers for slots a, b, c."""
    count = len(rule.variables)
    grid = np.array(np.meshgrid(*[SPECIAL] * count)).reshape(count, -1)
    generator = np.random.default_rng(list(rule.name.encode()))
    normal = generator.normal(size=(count, 300))
    wild = normal * 10.0 ** generator.integers(-20, 20, (count, 300))
    near = generator.uniform(-1, 1, (count, 300))
    columns = np.concatenate([grid, normal, wild, near], axis=1)
    return np.concatenate([columns, np.zeros((3 - count, columns.shape[1]))]).T.copy()


def expected(rule: Rule, slots: np.ndarray) -> list[np.ndarray]:
    """Value, first and second partials of a rule as NumPy understands its formulas."""
    operands = slots.T[: len(rule.variables)]
    parameters = ", ".join(rule.variables)

    def of(text: str, result: Any) -> np.ndarray:
        found = compiled(text, f"{parameters}, z", NUMPY)(*operands, result)
        if text != "0" and rule.guarded:
            found = np.where(np.isnan(result), np.nan, found)
        return np.broadcast_to(found, len(slots))

    with np.errstate(all="ignore"):
        value = of(replace(rule, guarded=False).value, np.zeros(len(slots)))
        return [value, *(of(text, value) for text in (*rule.first, *rule.second))]


def found(rule: Rule, slots: np.ndarray) -> list[np.ndarray]:
    """The kernel's: the same six columns."""
    count = len(slots)
    starts = range(0, 3 * count, 3)
    rows = [(rule.name, start, start + 1, start + 2) for start in starts]
    tape = Tape.of(slots.ravel(), *rows)
    first = tape.forward()
    second = [np.empty(count) for _ in range(3)]
    kernel.curvatures(*tape.columns, tape.values, *second, 0, tape.runs)
    evaluated = Tape.of(slots.ravel(), *rows)
    kernel.evaluate(*evaluated.columns, evaluated.values, 0, evaluated.runs)
    np.testing.assert_array_equal(evaluated.values, tape.values)
    return [tape.values[tape.first :], *first, *second]


@table("rule", RULES, ids=lambda rule: rule.name)
def test_an_opcode_means_what_its_row_means(rule: Rule) -> None:
    slots = points(rule)
    wrong = [
        f"{what} at {slots[at]}: {got[at]!r}, not {want[at]!r}"
        for what, got, want in zip(COLUMNS, found(rule, slots), expected(rule, slots), strict=True)
        for at in np.flatnonzero(~np.isclose(got, want, rtol=1e-12, atol=1e-300, equal_nan=True))
    ]
    assert not wrong, "\n".join(wrong[:20])


def test_every_row_has_an_opcode_and_every_opcode_fits_a_byte() -> None:
    assert set(OPCODES) == set(TABLE) - {"clip"} | {"clip_low", "clip_high", "pow_constant", "cube"}
    assert sorted(OPCODES.values()) == list(range(len(OPCODES)))
    assert len(OPCODES) <= 256


# --- whole programs ------------------------------------------------------------------


def lowered(program: Program, inputs: list[float]) -> tuple[Tape, dict[int, int]]:
    """A small lowering, and where on the tape each of the program's slots is."""
    place = {slot: slot for slot in range(len(inputs))}
    known = list(inputs)
    for slot, value in program.constants.items():
        place[slot] = len(known)
        known.append(float(value))
    attributes = {}
    for number, instruction in enumerate(program.instructions):
        for value in instruction.attributes.values():
            attributes[number] = len(known)
            known.append(float(value))
    first, rows = len(known), []

    def emit(name: str, a: int, b: int = 0, c: int = 0) -> int:
        rows.append((name, a, b, c))
        return first + len(rows) - 1

    for number, instruction in enumerate(program.instructions):
        name = instruction.operation.name
        at = [place[slot] for slot in instruction.operands]
        if name in ("add", "mul"):
            result = at[0]
            for other in at[1:]:
                result = emit(name, result, other)
        elif name == "where":
            result = emit(name, at[1], at[2], at[0])
        elif name == "clip":
            result = emit("clip_high", emit("clip_low", at[0], at[1]), at[2])
        elif number in attributes:
            result = emit(name, at[0], attributes[number])
        else:
            result = emit(name, *at)
        place[instruction.slot] = result
    return Tape.of(known, *rows), place


UNARY = [row.name for row in TABLE.values() if row.arity == (1, 1)]
BINARY = [row.name for row in TABLE.values() if row.arity[0] == 2]
NUMBERS = st.one_of(
    st.floats(-3, 3, allow_subnormal=False),
    st.sampled_from([0.0, 1.0, -1.0, 0.5, np.inf, -np.inf, np.nan]),
)


@st.composite
def random_nodes(draw: st.DrawFn) -> list[dict[str, Any]]:
    names = ["x", "y", "z"]
    nodes = []
    for k in range(draw(st.integers(1, 14))):
        name = draw(st.sampled_from([*UNARY, *BINARY, *BINARY, "where", "clip", "add", "mul"]))
        row = TABLE[name]
        count = draw(st.integers(2, 4)) if row.arity[1] is None else row.arity[0]
        operand = st.one_of(
            st.sampled_from(names), st.sampled_from(names), st.floats(-2, 2, allow_subnormal=False)
        )
        args = [draw(operand) for _ in range(count)]
        nodes.append({"id": f"n{k}", "op": name, "args": args})
        names.append(f"n{k}")
    return nodes


@pytest.mark.slow
@settings(max_examples=120)
@given(random_nodes(), st.lists(NUMBERS, min_size=3, max_size=3))
def test_random_programs_agree_with_the_array_engine(
    nodes: list[dict[str, Any]], inputs: list[float]
) -> None:
    # Each step from the tape's own numbers, so that no difference in a last digit grows.
    graph = read_nodes(nodes, ["x", "y", "z"])
    program = compile_program(graph, dict.fromkeys("xyz", ()), [len(graph) - 1], Limits())
    tape, place = lowered(program, inputs)
    adjoints = tape.adjoints()
    values = [np.float64(tape.values[place[slot]]) for slot in range(len(place))]
    for instruction in program.instructions:
        with np.errstate(all="ignore"):
            operands = [values[slot] for slot in instruction.operands]
            want = instruction.operation.value(operands, instruction.attributes)
        np.testing.assert_allclose(values[instruction.slot], want, rtol=1e-12, atol=1e-300)
        # Chains tell less than the whole of clip(NaN, ...) and of inf*0*x.
        chained = instruction.operation.name in ("clip", "mul") and len(operands) > 2
        assume(not chained or np.isfinite([*operands, want]).all())
    (output,) = program.outputs
    everything = leading_to(program, range(len(values)), None)
    cotangents = arrays.reverse(program, values, {output: np.float64(1)}, everything, None)
    found = [adjoints[place[slot]] for slot in cotangents]
    largest = max(abs(x) for x in found if np.isfinite(x))
    np.testing.assert_allclose(
        found, list(cotangents.values()), rtol=1e-10, atol=1e-10 * min(largest, 1e300)
    )
    unreached = [adjoints[at] for slot, at in place.items() if slot not in cotangents]
    assert not np.any(unreached)


@pytest.mark.slow
@settings(max_examples=120)
@given(
    random_nodes(),
    st.lists(NUMBERS, min_size=3, max_size=3),
    st.lists(st.sampled_from([0.0, 0.0, 1.0, -0.75, np.inf]), min_size=3, max_size=3),
)
def test_second_derivatives_of_random_programs_agree_with_the_array_engine(
    nodes: list[dict[str, Any]], inputs: list[float], direction: list[float]
) -> None:
    graph = read_nodes(nodes, ["x", "y", "z"])
    program = compile_program(graph, dict.fromkeys("xyz", ()), [len(graph) - 1], Limits())
    tape, place = lowered(program, inputs)
    twice = tape.twice(direction)
    values = [np.float64(tape.values[place[slot]]) for slot in range(len(place))]
    for instruction in program.instructions:  # see above
        operands = [values[slot] for slot in instruction.operands]
        clipped = instruction.operation.name == "clip"
        assume(not clipped or np.isfinite([*operands, values[instruction.slot]]).all())
    (output,) = program.outputs
    wanted = range(len(values))
    useful = leading_to(program, wanted, None)
    cotangents = arrays.reverse(program, values, {output: np.float64(1)}, useful, None)
    pushed = {slot: np.float64(tangent) for slot, tangent in enumerate(direction)}
    tangents = array_tangents.push_forward(program, values, pushed, None)
    adjoint_tangents = array_tangents.reverse_tangents(
        program, values, cotangents, tangents, useful, None
    )
    assume(twice.largest < 1e250)
    near = {"rtol": 1e-9, "atol": 1e-10 * twice.largest}
    for found, kernels in ((tangents, twice.tangents), (adjoint_tangents, twice.adjoint_tangents)):
        expected = [kernels[place[slot]] for slot in found]
        np.testing.assert_allclose(list(found.values()), expected, **near)
        assert not np.any([kernels[at] for slot, at in place.items() if slot not in found])


# --- strong zeros --------------------------------------------------------------------


def test_a_branch_not_taken_sends_nothing_back() -> None:
    tape = Tape.of([-1.0, 0.0], ("sqrt", 0, 0, 0), ("gt", 0, 1, 0), ("where", 2, 1, 3))
    assert tape.adjoints().tolist()[:2] == [0.0, 1.0]
    assert tape.values[-1] == 0.0
    gradient, hessian = tape.hessian()
    assert gradient.tolist() == [0.0, 1.0]
    assert not hessian.any()


@pytest.mark.parametrize(
    "instruction,inputs,sent",
    [
        (("relu", 0, 0, 0), [-1.0], [0.0]),
        (("maximum", 0, 1, 0), [1.0, 2.0], [0.0, np.inf]),
        (("where", 0, 1, 2), [5.0, 6.0, 0.0], [0.0, np.inf, 0.0]),
        (("clip_low", 0, 1, 0), [1.0, 0.0], [np.inf, 0.0]),
        (("clip_high", 0, 1, 0), [1.0, 0.0], [0.0, np.inf]),
        (("stop_gradient", 0, 0, 0), [1.0], [0.0]),
        (("floor", 0, 0, 0), [1.0], [0.0]),
        (("gt", 0, 1, 0), [1.0, 2.0], [0.0, 0.0]),
        (("copysign", 0, 1, 0), [1.0, -2.0], [-np.inf, 0.0]),
        (("leaky_relu", 0, 1, 0), [1.0, 0.01], [np.inf, 0.0]),
        (("pow_constant", 0, 1, 0), [2.0, 3.0], [np.inf, 0.0]),
        (("cube", 0, 0, 0), [2.0], [np.inf]),
        (("neg", 0, 0, 0), [1.0], [-np.inf]),
        # 0 by value, not by its formula: strong as well
        (("square", 0, 0, 0), [0.0], [0.0]),
        (("mul", 0, 1, 0), [0.0, 3.0], [np.inf, 0.0]),
        (("abs", 0, 0, 0), [0.0], [0.0]),
    ],
)
def test_an_infinite_adjoint_stops_at_partials_of_zero(
    instruction: tuple[str, int, int, int], inputs: list[float], sent: list[float]
) -> None:
    tape = Tape.of(inputs, instruction)
    np.testing.assert_array_equal(tape.adjoints(np.inf)[: len(sent)], sent)


@pytest.mark.parametrize("partial_at", [0.0, -1.0])
def test_an_adjoint_of_zero_sends_nothing_and_one_of_nan_sends_nan(partial_at: float) -> None:
    tape = Tape.of([partial_at], ("sqrt", 0, 0, 0))  # the partial is inf, NaN
    assert tape.adjoints(0.0)[0] == 0.0
    assert tape.adjoints(-0.0)[0] == 0.0
    assert math.isnan(tape.adjoints(np.nan)[0])


def test_repeated_operands_accumulate() -> None:
    tape = Tape.of([3.0], ("add", 0, 0, 0), ("add", 1, 1, 0), ("mul", 2, 2, 0))
    assert tape.adjoints()[0] == 2 * 12.0 * 4


# --- loops over points ---------------------------------------------------------------


def a_tape(seed: int = 0, *, apart: bool = False) -> Tape:
    generator = np.random.default_rng(seed)
    names = generator.choice(["add", "mul", "tanh", "sin", "div", "exp", "relu", "maximum"], 60)
    rows = [
        (name, *generator.integers(max(0, k - 5), 3 + k, 2).tolist(), 0)
        for k, name in enumerate(names)
    ]
    return Tape.of([0.0, 0.0, 0.5], *rows, apart=apart)


def test_the_loop_over_points_has_the_bits_of_single_calls() -> None:
    tape = a_tape()
    inputs = np.random.default_rng(1).normal(size=(50, 2))
    output = len(tape.values) - 1
    wanted = np.array([1, 0, 20])
    values, gradients = np.empty((50, 1)), np.empty((50, 3))
    kernel.gradients(
        *tape.columns, tape.values.copy(), 1, inputs, output, wanted, values, gradients
    )
    alone = np.empty((50, 2))
    kernel.evaluations(*tape.columns, tape.values.copy(), 1, inputs, np.array([output, 20]), alone)
    for k, point in enumerate(inputs):
        tape.values[:2] = point
        np.testing.assert_array_equal(gradients[k], tape.adjoints()[wanted])
        np.testing.assert_array_equal(alone[k], tape.values[[output, 20]])
        np.testing.assert_array_equal(values[k], tape.values[[output]])
        whole, adjoints = tape.values.copy(), np.empty(len(tape.values))
        kernel.gradient(*tape.columns, whole, adjoints, output)
        np.testing.assert_array_equal(whole, tape.values)
        np.testing.assert_array_equal(adjoints, tape.adjoints())


@pytest.mark.parametrize("replaced", [1, 3, 30, 61, 62])
def test_a_nudged_slot_is_not_computed(replaced: int) -> None:
    tape = a_tape(apart=True)
    tape.values[:2] = 1.0
    tape.forward()
    slots, numbers = np.array([replaced, 0]), np.array([[0.25, 0.5, 2.0], [1.0, 3.0, 2.0]])
    found, scratch, output = np.empty((2, 3)), tape.values.copy(), len(tape.values) - 1
    runs = np.array([max(replaced - tape.first, -1), -1])
    kernel.nudged(*tape.columns, scratch, slots, runs, numbers, False, output, found)
    np.testing.assert_array_equal(scratch[: tape.first], tape.values[: tape.first])
    for slot, row, outputs in zip(slots, numbers, found, strict=True):
        for number, value in zip(row, outputs, strict=True):
            values = tape.values.copy()
            for at in range(tape.size):
                values[slot] = number
                if tape.first + at != slot:
                    kernel.evaluate(*tape.columns, values, at, at + 1)
            np.testing.assert_array_equal(value, values[output])


def test_glances_are_what_python_makes_of_nudges() -> None:
    tape = Tape.of([0.7, -1.2, 0.0], ("sin", 0, 0, 0), ("mul", 3, 1, 0), ("abs", 2, 0, 0),
                   ("add", 4, 5, 0), apart=True)  # fmt: skip
    slots, steps = np.array([0, 1, 2, 3]), np.array([2.0**-10, 2.0**-6, 2.0**-7, 2.0**-6])
    claims, output = tape.adjoints()[slots], len(tape.values) - 1
    seen, estimates = np.empty((4, 4)), np.empty((4, 4))
    runs = np.array([-1, -1, -1, 0])
    first_glances.glances(
        *tape.columns, tape.values.copy(), output, slots, runs, steps, claims, 1e-6, 1e-9, seen,
        estimates,
    )  # fmt: skip
    assert estimates[:, 0].tolist() == [1, 1, 0, 1]  # abs at 0 is a kink
    assert estimates[:, 3].tolist() == [6, 6, 4, 6]  # which two steps show
    around = tape.values[slots, None] + np.outer(steps, [1, -1, 0.5, -0.5])
    alone = np.empty((4, 4))
    kernel.nudged(*tape.columns, tape.values.copy(), slots, runs, around, False, output, alone)
    np.testing.assert_array_equal(seen, alone)
    for k, (slot, h) in enumerate(zip(slots, steps, strict=True)):
        scale = abs(float(tape.values[slot]))
        values = [*alone[k].tolist(), float(tape.values[output])]
        short, *whole = first_glances.glance(*values, float(h), scale, float(claims[k]), 1e-6, 1e-9)
        np.testing.assert_allclose(estimates[k, 1:3], whole, rtol=1e-12)
        assert (short > 0) == (estimates[k, 3] == 6)


def test_a_shaken_tape_shows_what_rounding_may_do() -> None:
    """1e16 + 0.7 - 1e16 is rounded to 0, and may be 2 or 4; within a run of one opcode too."""
    for inputs, steps in (
        ([0.7, 1e16], [("add", 0, 1, 0), ("sub", 2, 1, 0)]),
        ([0.7, 1e16, -1e16], [("add", 0, 1, 0), ("add", 3, 2, 0)]),
    ):
        tape = Tape.of(inputs, *steps)
        found, numbers, output = np.empty((1, 6)), np.full((1, 6), 0.7), len(tape.values) - 1
        slots, runs = np.array([0]), np.array([-1])
        kernel.nudged(*tape.columns, tape.values.copy(), slots, runs, numbers, True, output, found)
        assert tape.values[-1] == 0.0
        assert np.all(np.abs(found) > 1.9)
        assert np.all(np.sign(found[0, ::2]) == -np.sign(found[0, 1::2]))


def test_parts_of_a_tape_make_the_whole() -> None:
    whole, parts = a_tape(), a_tape()
    partials = pa, pb = whole.forward()
    qa, qb = np.empty(60), np.empty(60)
    cuts = [(0, 17), (17, 17), (17, 30), (30, whole.runs)]
    for start, stop in cuts:
        kernel.forward(*parts.columns, parts.values, qa, qb, start, stop)
    np.testing.assert_array_equal(parts.values, whole.values)
    np.testing.assert_array_equal(partials, [qa, qb])
    adjoints, tangents, expected = (np.zeros(len(whole.values)) for _ in range(3))
    adjoints[-1] = tangents[0] = expected[0] = 1
    for start, stop in cuts[::-1]:
        kernel.reverse(*parts.linear, pa, pb, adjoints, start, stop)
    np.testing.assert_array_equal(adjoints, whole.adjoints())
    kernel.push_forward(*parts.linear, pa, pb, expected, 0, parts.runs)
    for start, stop in cuts:
        kernel.push_forward(*parts.linear, pa, pb, tangents, start, stop)
    np.testing.assert_array_equal(tangents, expected)


def test_a_loop_takes_its_own_types_only() -> None:
    tape = a_tape()
    with pytest.raises(TypeError, match="evaluate takes"):
        kernel.evaluate(*tape.columns[:2], tape.a[::2], *tape.columns[3:], tape.values, 0, 1)
    assert len(kernel.evaluate.overloads) <= 1


# --- order ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_order_is_the_graphs_evaluation_order(seed: int) -> None:
    generator = np.random.default_rng(seed)
    count = int(generator.integers(1, 200))
    args = [
        generator.integers(max(-5, k - 30), max(k, 1), generator.integers(1, 5)).clip(-5, k - 1)
        for k in range(count)
    ]
    offsets = np.cumsum([0, *(len(row) for row in args)]).astype(np.int32)
    operands = np.concatenate(args).astype(np.int32)
    graph = Graph(("x",) * 5, ("add",) * count, offsets, operands, (None,) * count)
    roots = generator.integers(-5, count, generator.integers(1, 4))
    found = kernel.order(offsets, operands, roots, count)
    assert found.dtype == np.int32
    assert found.tolist() == evaluation_order(graph, roots.tolist())
    opcodes = generator.integers(0, 4, count).astype(np.uint8)
    scheduled = kernel.schedule(offsets, operands, found, opcodes).tolist()
    assert sorted(scheduled) == sorted(found.tolist())
    place = {node: at for at, node in enumerate(scheduled)}
    for node in scheduled:
        assert all(
            place[operand] < place[node] for operand in graph.operands_of(node) if operand >= 0
        )
    assert changes(opcodes[scheduled]) <= changes(opcodes[found])


def changes(opcodes: np.ndarray) -> int:
    return int(np.count_nonzero(opcodes[1:] != opcodes[:-1]))


def test_a_schedule_makes_two_runs_of_a_layer_that_alternates() -> None:
    # sin, exp, sin, exp, ... of one input, each on its own
    offsets, operands = np.arange(41, dtype=np.int32), np.full(40, -1, np.int32)
    opcodes = (np.arange(40) % 2).astype(np.uint8)
    scheduled = kernel.schedule(offsets, operands, np.arange(40, dtype=np.int32), opcodes)
    assert changes(opcodes[scheduled]) == 1


def test_order_of_a_deep_chain() -> None:
    count = 100_000
    offsets, operands = (
        np.arange(count + 1, dtype=np.int32),
        np.arange(-1, count - 1, dtype=np.int32),
    )
    found = kernel.order(offsets, operands, np.array([count - 1]), count)
    np.testing.assert_array_equal(found, np.arange(count))


# --- second derivatives --------------------------------------------------------------

m = mpmath
SECOND = [
    ([0.7, -1.3], [("mul", 0, 1), ("tanh", 2, 0), ("mul", 3, 0)], lambda x, y: m.tanh(x * y) * x),
    ([1.7, 0.3], [("pow", 0, 1)], lambda x, y: x**y),
    ([1.7, 2.3], [("div", 0, 1), ("log", 2, 0)], lambda x, y: m.log(x / y)),
    ([0.4, 0.9], [("atan2", 0, 1), ("exp", 2, 0)], lambda x, y: m.exp(m.atan2(x, y))),
    ([0.4, 0.9], [("hypot", 0, 1), ("gammaln", 2, 0)], lambda x, y: m.loggamma(m.hypot(x, y))),
    ([0.4, -0.9], [("logaddexp", 0, 1)], lambda x, y: m.log(m.exp(x) + m.exp(y))),
    ([0.3, 0.2], [("erfinv", 0, 0), ("silu", 2, 0), ("sinc", 1, 0), ("mul", 3, 4)],
     lambda x, y: m.erfinv(x) / (1 + m.exp(-m.erfinv(x))) * m.sin(m.pi * y) / (m.pi * y)),
    ([0.3, 0.2], [("add", 0, 0), ("mul", 2, 2), ("sub", 3, 1), ("sigmoid", 4, 0)],
     lambda x, y: 1 / (1 + m.exp(y - 4 * x * x))),
    ([2.3, 0.2], [("digamma", 0, 0), ("gelu", 1, 0), ("mul", 2, 3)],
     lambda x, y: m.digamma(x) * y * (1 + m.erf(y / m.sqrt(2))) / 2),
]  # fmt: skip


@pytest.mark.parametrize("inputs,rows,function", SECOND)
def test_hessians_against_mpmath(
    inputs: list[float], rows: list[tuple[str, int, int]], function: Callable[..., Any]
) -> None:
    tape = Tape.of(inputs, *((name, a, b, 0) for name, a, b in rows))
    gradient, hessian = tape.hessian()
    with mpmath.workdps(50):
        at = tuple(mpmath.mpf(x) for x in inputs)
        for i in range(2):
            once = [int(i == k) for k in range(2)]
            np.testing.assert_allclose(gradient[i], float(m.diff(function, at, once)), rtol=1e-12)
            for j in range(2):
                twice = [once[k] + int(j == k) for k in range(2)]
                want = float(m.diff(function, at, twice))
                np.testing.assert_allclose(hessian[i, j], want, rtol=1e-11, atol=1e-15)


def test_tangents_pushed_forward_agree_with_adjoints() -> None:
    tape = a_tape(3)
    tape.values[:2] = 0.3, -0.7
    pa, pb = tape.forward()
    tangents = np.zeros(len(tape.values))
    tangents[:2] = 0.2, 1.5
    kernel.push_forward(*tape.linear, pa, pb, tangents, 0, tape.runs)
    np.testing.assert_allclose(tangents[-1], tape.adjoints()[:2] @ [0.2, 1.5], rtol=1e-12)


def test_second_order_zeros_are_strong() -> None:
    # sqrt at 0 and below: first and second partials are inf and NaN, and tangents there are 0.
    tape = Tape.of([0.0, -1.0, 2.0], ("sqrt", 0, 0, 0), ("sqrt", 1, 0, 0), ("square", 2, 0, 0))
    gradient, hessian = tape.hessian()
    assert gradient.tolist() == [0.0, 0.0, 4.0]
    assert hessian.tolist() == [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 2.0]]
