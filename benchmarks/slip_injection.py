"""Random functions, and wrong gradients of them with one slip in each, made without the grader.

A tape of scalars with a backward pass of a dozen lines, into which a slip is built as a student's
program or paper would have it: a partial that is wrong on one edge, an adjoint left out, `=`
where it should say `+=`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Partials = Callable[..., tuple[float, ...]]
Wrong = tuple[int, Callable[..., float]]  # along which operand, and what it is taken for


@dataclass(frozen=True)
class Op:
    """An operation: its value and its partials, of its operands and (partials) its value; and
    wrong partials that students write.
    """

    value: Callable[..., float]
    partials: Partials
    wrong: tuple[Wrong, ...] = ()
    fits: Callable[..., bool] = lambda *_: True


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


OPS: Final[Mapping[str, Op]] = {
    "add": Op(lambda x, y: x + y, lambda x, y, z: (1.0, 1.0)),
    "sub": Op(lambda x, y: x - y, lambda x, y, z: (1.0, -1.0)),
    "mul": Op(lambda x, y: x * y, lambda x, y, z: (y, x)),
    "div": Op(
        lambda x, y: x / y,
        lambda x, y, z: (1 / y, -x / y**2),
        ((1, lambda x, y, z: x / y**2), (1, lambda x, y, z: -x / y)),
        lambda x, y: abs(y) > 0.2,
    ),
    "pow": Op(
        lambda x, y: x**y,
        lambda x, y, z: (y * x ** (y - 1), 0.0),
        (
            (0, lambda x, y, z: y * x**y),
            (0, lambda x, y, z: x ** (y - 1)),
            (0, lambda x, y, z: (y - 1) * x ** (y - 1)),
        ),
        lambda x, y: 0.1 < x < 4,
    ),
    "exp": Op(
        math.exp,
        lambda x, z: (z,),
        ((0, lambda x, z: x * math.exp(x - 1)),),
        lambda x: abs(x) < 3,
    ),
    "log": Op(
        math.log,
        lambda x, z: (1 / x,),
        ((0, lambda x, z: 1 / z), (0, lambda x, z: -1 / x**2)),
        lambda x: x > 0.1 and abs(x - 1) > 0.05,
    ),
    "sqrt": Op(math.sqrt, lambda x, z: (0.5 / z,), ((0, lambda x, z: 1 / z),), lambda x: x > 0.05),
    "sin": Op(
        math.sin,
        lambda x, z: (math.cos(x),),
        ((0, lambda x, z: -math.cos(x)), (0, lambda x, z: math.sin(x))),
    ),
    "cos": Op(
        math.cos,
        lambda x, z: (-math.sin(x),),
        ((0, lambda x, z: math.sin(x)), (0, lambda x, z: math.cos(x))),
    ),
    "tanh": Op(
        math.tanh,
        lambda x, z: (1 - z * z,),
        ((0, lambda x, z: 1 - x * x), (0, lambda x, z: 1 - z)),
        lambda x: abs(x) < 3,
    ),
    "sigmoid": Op(
        _sigmoid,
        lambda x, z: (z * (1 - z),),
        ((0, lambda x, z: 1 - z), (0, lambda x, z: z)),
        lambda x: abs(x) < 4,
    ),
    "relu": Op(lambda x: max(x, 0.0), lambda x, z: (float(x > 0),)),
    "maximum": Op(max, lambda x, y, z: (float(x > y), float(y > x)), fits=lambda x, y: x != y),
}
_UNARY: Final = ("exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "relu")
_BINARY: Final = ("add", "sub", "mul", "mul", "div", "maximum")
_CONSTANTS: Final = (2.0, 3.0, 4.0, 5.0, 0.5, 1.5, 0.1)
_ANGLES: Final = frozenset({"sin", "cos"})
_NO_FACTORS: Final = frozenset({"add", "sub", "relu", "maximum"})
Edge = tuple[int, int]  # a step, and which of its operands


@dataclass
class Tape:
    """Slots are the inputs, then one a step (operation, operands); an operand is a slot or a
    constant. Every step but the last is used.
    """

    inputs: list[float]
    steps: list[tuple[str, tuple[int | float, ...]]] = field(default_factory=list)
    degrees: bool = False

    @property
    def names(self) -> list[str]:
        """Of the inputs."""
        return [*"abcdefgh"[: len(self.inputs)]]

    def nodes(self) -> list[dict[str, Any]]:
        """As a message has it."""
        label = [*self.names, *(f"v{k}" for k in range(len(self.steps)))]
        return [
            {"id": f"v{k}", "op": op, "args": [label[a] if isinstance(a, int) else a for a in args]}
            for k, (op, args) in enumerate(self.steps)
        ]

    @property
    def bindings(self) -> dict[str, float]:
        """The inputs by name."""
        return dict(zip(self.names, self.inputs, strict=True))

    def values(self) -> list[float]:
        """Of every slot."""
        values = list(self.inputs)
        for op, args in self.steps:
            values.append(OPS[op].value(*self.operands(values, op, args)))
        return values

    def operands(self, values: list[float], op: str, args: tuple[int | float, ...]) -> list[float]:
        """The numbers a step works on; angles in degrees if the calculator is set so."""
        found = [values[a] if isinstance(a, int) else a for a in args]
        return [math.radians(x) for x in found] if self.degrees and op in _ANGLES else found

    def uses(self) -> dict[int, list[Edge]]:
        """By slot the edges (step, place) that lead to it."""
        uses: dict[int, list[Edge]] = {}
        for step, (_, args) in enumerate(self.steps):
            for place, arg in enumerate(args):
                if isinstance(arg, int):
                    uses.setdefault(arg, []).append((step, place))
        return uses

    def partials(self) -> dict[Edge, float]:
        """By edge."""
        values, found = self.values(), {}
        for step, (op, args) in enumerate(self.steps):
            operands = self.operands(values, op, args)
            local = OPS[op].partials(*operands, values[len(self.inputs) + step])
            for place, arg in enumerate(args):
                if isinstance(arg, int):
                    found[step, place] = local[place]
        return found

    def backward(
        self,
        partials: Mapping[Edge, float],
        ones: frozenset[int] = frozenset(),
        keep: frozenset[int] = frozenset(),
    ) -> list[float]:
        """Adjoints of all slots. ones: slots whose adjoint is taken for 1; keep: slots where it
        says = and not +=.
        """
        first = len(self.inputs)
        adjoints = [0.0] * (first + len(self.steps))
        adjoints[-1] = 1.0
        for step in reversed(range(len(self.steps))):
            above = 1.0 if first + step in ones else adjoints[first + step]
            for place, arg in enumerate(self.steps[step][1]):
                if isinstance(arg, int):
                    brought = above * partials[step, place]
                    adjoints[arg] = brought if arg in keep else adjoints[arg] + brought
        return adjoints


def random_tape(rng: random.Random, number: Callable[[], float], steps: int) -> Tape:
    """A function of one to three inputs in so many steps."""
    while True:
        tape = Tape([number() for _ in range(rng.randint(1, 3))])
        values = list(tape.inputs)
        unused = set(range(len(values)))
        for _ in range(60):
            if len(tape.steps) >= steps and len(unused) == 1:
                break
            step = _step(rng, values, unused, ends=len(tape.steps) >= steps)
            if step is None:
                continue
            op, args = step
            value = OPS[op].value(*(values[a] if isinstance(a, int) else a for a in args))
            if not 1e-3 < abs(value) < 50 and op != "relu":
                continue
            unused -= {a for a in args if isinstance(a, int)}
            unused.add(len(values))
            values.append(value)
            tape.steps.append(step)
        if len(unused) == 1 and len(tape.steps) >= steps:
            return in_order(tape)


def in_order(tape: Tape) -> Tape:
    """The same function, its steps in the order of a topological sort as micrograd has it."""
    first = len(tape.inputs)
    place: dict[int, int] = {slot: slot for slot in range(first)}
    steps: list[tuple[str, tuple[int | float, ...]]] = []
    waiting = [first + len(tape.steps) - 1]
    while waiting:
        slot = waiting[-1]
        op, args = tape.steps[slot - first]
        open_ones = [a for a in args if isinstance(a, int) and a not in place]
        if open_ones:
            waiting.append(open_ones[0])
            continue
        waiting.pop()
        if slot not in place:
            place[slot] = first + len(steps)
            steps.append((op, tuple(place[a] if isinstance(a, int) else a for a in args)))
    return Tape(tape.inputs, steps)


def _step(
    rng: random.Random, values: list[float], unused: set[int], *, ends: bool
) -> tuple[str, tuple[int | float, ...]] | None:
    def pick() -> int:
        return rng.choice(sorted(unused)) if rng.random() < 0.7 else rng.randrange(len(values))

    kind = rng.random()
    if ends or kind < 0.4:
        op, args = rng.choice(_BINARY), (pick(), pick())
        if ends and len(unused) > 1:
            args = tuple(rng.sample(sorted(unused), 2))
    elif kind < 0.6:
        op, constant = (
            rng.choice(("add", "mul", "mul", "sub", "pow", "pow")),
            rng.choice(_CONSTANTS),
        )
        args = (pick(), rng.choice((2.0, 3.0))) if op == "pow" else (constant, pick())
    else:
        op, args = rng.choice(_UNARY), (pick(),)
    if not OPS[op].fits(*(values[a] if isinstance(a, int) else a for a in args)):
        return None
    return op, args


Gradients = dict[str, float]
Injector = Callable[[random.Random, Tape], Gradients | None]


def truth(tape: Tape) -> Gradients:
    """The right gradient."""
    return _with(tape, {})


def _named(tape: Tape, adjoints: list[float]) -> Gradients:
    return dict(zip(tape.names, adjoints, strict=False))


def _with(tape: Tape, changed: Mapping[Edge, float]) -> Gradients:
    return _named(tape, tape.backward({**tape.partials(), **changed}))


def _sign_flipped(rng: random.Random, tape: Tape) -> Gradients:
    right = truth(tape)
    kind = rng.randrange(3)
    if kind == 0:
        return {name: -slope for name, slope in right.items()}
    if kind == 1:
        name = rng.choice(tape.names)
        return {**right, name: -right[name]}
    partials = tape.partials()
    edge = rng.choice(list(partials))
    return _with(tape, {edge: -partials[edge]})


def _constant_factor(rng: random.Random, tape: Tape) -> Gradients:
    factors, right = [2.0, 0.5, -0.5, math.log(10)], truth(tape)
    if len({abs(slope) for slope in right.values() if slope}) > 1:
        factors.append(rng.uniform(0.3, 3))
    factor = rng.choice(factors)
    return {name: factor * slope for name, slope in right.items()}


def _swapped_inputs(rng: random.Random, tape: Tape) -> Gradients | None:
    if len(tape.names) < 2:
        return None
    one, other = rng.sample(tape.names, 2)
    right = truth(tape)
    return {**right, one: right[other], other: right[one]}


def _wrong_variable(rng: random.Random, tape: Tape) -> Gradients | None:
    if len(tape.names) < 2:
        return None
    one, other = rng.sample(tape.names, 2)
    right = truth(tape)
    return None if abs(right[other]) == 1 else {**right, one: right[other]}


def _value_not_gradient(rng: random.Random, tape: Tape) -> Gradients | None:
    name, value = rng.choice(tape.names), tape.values()[-1]
    return None if abs(value) == 1 else {**truth(tape), name: value}


def _overwritten(rng: random.Random, tape: Tape) -> Gradients | None:
    several = [slot for slot, uses in tape.uses().items() if len(uses) > 1]
    if not several:
        return None
    slots = rng.choice([[rng.choice(several)], several])
    return _named(tape, tape.backward(tape.partials(), keep=frozenset(slots)))


def _missing_chain_factor(rng: random.Random, tape: Tape) -> Gradients | None:
    edges = [edge for edge in tape.partials() if tape.steps[edge[0]][0] not in _NO_FACTORS]
    return _with(tape, {rng.choice(edges): 1.0}) if edges else None


def _local_not_total(rng: random.Random, tape: Tape) -> Gradients | None:
    slots = range(len(tape.inputs), len(tape.inputs) + len(tape.steps) - 1)
    if not slots:
        return None
    return _named(tape, tape.backward(tape.partials(), ones=frozenset({rng.choice(slots)})))


def _dropped_path(rng: random.Random, tape: Tape) -> Gradients | None:
    return _with(tape, {rng.choice(list(tape.partials())): 0.0})


def _gate_ignored(rng: random.Random, tape: Tape) -> Gradients | None:
    gates = {"relu", "maximum"}
    shut = [at for at, p in tape.partials().items() if tape.steps[at[0]][0] in gates and not p]
    return _with(tape, {rng.choice(shut): 1.0}) if shut else None


def _wrong_rule(rng: random.Random, tape: Tape) -> Gradients | None:
    values, found = tape.values(), []
    for step, (op, args) in enumerate(tape.steps):
        operands = tape.operands(values, op, args)
        for place, rule in OPS[op].wrong:
            if isinstance(args[place], int):
                found.append(((step, place), rule(*operands, values[len(tape.inputs) + step])))
    return _with(tape, dict([rng.choice(found)])) if found else None


def _degrees(rng: random.Random, tape: Tape) -> Gradients | None:
    if _ANGLES.isdisjoint(op for op, _ in tape.steps):
        return None
    return truth(Tape(tape.inputs, tape.steps, degrees=True))


def _rounded(rng: random.Random, tape: Tape) -> Gradients | None:
    digits = rng.randint(3, 5)
    found = {name: float(f"{slope:.{digits}g}") for name, slope in truth(tape).items()}
    written = (repr(abs(slope)).replace(".", "").strip("0") for slope in found.values())
    return found if all(len(each) >= 3 for each in written) else None


def _nudged(rng: random.Random, tape: Tape) -> Gradients | None:
    step = 10.0 ** -rng.randint(1, 5)
    after, before = rng.choice(((1, 0), (1, -1), (0, -1)))
    found = {}
    for k, name in enumerate(tape.names):
        ends = []
        for side in (after, before):
            moved = list(tape.inputs)
            moved[k] += side * step
            ends.append(Tape(moved, tape.steps).values()[-1])
        found[name] = (ends[0] - ends[1]) / ((after - before) * step)
    return None if any(isinstance(slope, complex) for slope in found.values()) else found


INJECTORS: Final[Mapping[str, Injector]] = {
    "sign_flipped": _sign_flipped,
    "constant_factor": _constant_factor,
    "swapped_inputs": _swapped_inputs,
    "wrong_variable": _wrong_variable,
    "value_not_gradient": _value_not_gradient,
    "overwritten_not_accumulated": _overwritten,
    "missing_chain_factor": _missing_chain_factor,
    "local_not_total": _local_not_total,
    "dropped_path": _dropped_path,
    "gate_ignored": _gate_ignored,
    "wrong_rule": _wrong_rule,
    "degrees_for_radians": _degrees,
    "rounded": _rounded,
    "finite_difference_estimate": _nudged,
}


@dataclass(frozen=True)
class Posed:
    """A function with its right gradient, a wrong one that a slip gives, and the slip's code.

    wrong: the names whose derivatives are wrong.
    """

    tape: Tape
    right: Gradients
    claimed: Gradients
    wrong: tuple[str, ...]
    code: str


def is_wrong(claim: float, right: float) -> bool:
    """Whether a claim is off by more than graders tolerate."""
    return not abs(claim - right) <= 1e-9 + 1e-6 * abs(right)


def injected(rng: random.Random, number: Callable[[], float]) -> Posed:
    """A random function and a random slip. A claim of 0 says nothing of how it came about, so
    none of those that are wrong is 0.
    """
    while True:
        code = rng.choice(list(INJECTORS))
        tape = random_tape(rng, number, rng.randint(2, 8))
        try:
            claimed = INJECTORS[code](rng, tape)
        except (ValueError, ZeroDivisionError, OverflowError):  # beside its domain
            continue
        if claimed is None:
            continue
        right = truth(tape)
        wrong = tuple(name for name in claimed if is_wrong(claimed[name], right[name]))
        if wrong and all(claimed[name] for name in wrong):
            return Posed(tape, right, claimed, wrong, code)
