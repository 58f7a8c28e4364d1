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
        return [*"abcdefgh"[: len(self.inputs)]]

    def nodes(self, named: Callable[[int], bool] = lambda _: True) -> list[dict[str, Any]]:
        """As a message has it."""
        label = [*self.names, *(f"v{k}" for k in range(len(self.steps)))]
        return [
            {"id": f"v{k}", "op": op, "args": [label[a] if isinstance(a, int) else a for a in args]}
            for k, (op, args) in enumerate(self.steps)
        ]

    @property
    def bindings(self) -> dict[str, float]:
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

    def uses(self) -> dict[int, list[tuple[int, int]]]:
        """By slot the edges (step, place) that lead to it."""
        uses: dict[int, list[tuple[int, int]]] = {}
        for step, (_, args) in enumerate(self.steps):
            for place, arg in enumerate(args):
                if isinstance(arg, int):
                    uses.setdefault(arg, []).append((step, place))
        return uses

    def partials(self) -> dict[tuple[int, int], float]:
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
        partials: Mapping[tuple[int, int], float],
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
            return _in_order(tape)


def _in_order(tape: Tape) -> Tape:
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


def gradients(tape: Tape, adjoints: list[float]) -> Gradients:
    return dict(zip(tape.names, adjoints, strict=False))


def truth(tape: Tape) -> Gradients:
    return gradients(tape, tape.backward(tape.partials()))


def _with(tape: Tape, changed: Mapping[tuple[int, int], float]) -> Gradients:
    return gradients(tape, tape.backward({**tape.partials(), **changed}))


def _reaching(tape: Tape) -> list[tuple[int, int]]:
    return list(tape.partials())


def sign_flipped(rng: random.Random, tape: Tape) -> Gradients:
    right = truth(tape)
    kind = rng.randrange(3)
    if kind == 0:
        return {name: -slope for name, slope in right.items()}
    if kind == 1:
        name = rng.choice(tape.names)
        return {**right, name: -right[name]}
    edge = rng.choice(_reaching(tape))
    return _with(tape, {edge: -tape.partials()[edge]})


def constant_factor(rng: random.Random, tape: Tape) -> Gradients:
    factors, right = [2.0, 0.5, -0.5, math.log(10)], truth(tape)
    if len({abs(slope) for slope in right.values() if slope}) > 1:
        factors.append(rng.uniform(0.3, 3))
    factor = rng.choice(factors)
    return {name: factor * slope for name, slope in right.items()}


def swapped_inputs(rng: random.Random, tape: Tape) -> Gradients | None:
    if len(tape.names) < 2:
        return None
    one, other = rng.sample(tape.names, 2)
    right = truth(tape)
    return {**right, one: right[other], other: right[one]}


def wrong_variable(rng: random.Random, tape: Tape) -> Gradients | None:
    if len(tape.names) < 2:
        return None
    one, other = rng.sample(tape.names, 2)
    right = truth(tape)
    return {**right, one: right[other]}


def value_not_gradient(rng: random.Random, tape: Tape) -> Gradients:
    name, value = rng.choice(tape.names), tape.values()[-1]
    return {**truth(tape), name: value}


def overwritten(rng: random.Random, tape: Tape) -> Gradients | None:
    several = [slot for slot, uses in tape.uses().items() if len(uses) > 1]
    if not several:
        return None
    slots = rng.choice([[rng.choice(several)], several])
    return gradients(tape, tape.backward(tape.partials(), keep=frozenset(slots)))


def missing_chain_factor(rng: random.Random, tape: Tape) -> Gradients | None:
    plain = {"add", "sub", "relu", "maximum"}
    edges = [edge for edge in _reaching(tape) if tape.steps[edge[0]][0] not in plain]
    return _with(tape, {rng.choice(edges): 1.0}) if edges else None


def local_not_total(rng: random.Random, tape: Tape) -> Gradients | None:
    slots = range(len(tape.inputs), len(tape.inputs) + len(tape.steps) - 1)
    if not slots:
        return None
    return gradients(tape, tape.backward(tape.partials(), ones=frozenset({rng.choice(slots)})))


def dropped_path(rng: random.Random, tape: Tape) -> Gradients | None:
    edges = [edge for edge in _reaching(tape)]
    found = _with(tape, {rng.choice(edges): 0.0})
    return found if all(found.values()) else None


def gate_ignored(rng: random.Random, tape: Tape) -> Gradients | None:
    partials = tape.partials()
    shut = [
        edge
        for edge, p in partials.items()
        if tape.steps[edge[0]][0] in {"relu", "maximum"} and p == 0
    ]
    return _with(tape, {rng.choice(shut): 1.0}) if shut else None


def wrong_rule(rng: random.Random, tape: Tape) -> Gradients | None:
    values, found = tape.values(), []
    for step, (op, args) in enumerate(tape.steps):
        operands = tape.operands(values, op, args)
        for place, rule in OPS[op].wrong:
            if isinstance(args[place], int):
                found.append(((step, place), rule(*operands, values[len(tape.inputs) + step])))
    if not found:
        return None
    return _with(tape, dict([rng.choice(found)]))


def degrees(rng: random.Random, tape: Tape) -> Gradients | None:
    if _ANGLES.isdisjoint(op for op, _ in tape.steps):
        return None
    wrong = Tape(tape.inputs, tape.steps, degrees=True)
    try:
        return truth(wrong)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


def rounded(rng: random.Random, tape: Tape) -> Gradients:
    digits = rng.randint(3, 5)
    return {name: float(f"{slope:.{digits}g}") for name, slope in truth(tape).items()}


def nudged(rng: random.Random, tape: Tape) -> Gradients | None:
    step = 10.0 ** -rng.randint(1, 5)
    kind = rng.randrange(3)
    found = {}
    for k, name in enumerate(tape.names):

        def at(x: float) -> float:
            moved = Tape([*tape.inputs[:k], x, *tape.inputs[k + 1 :]], tape.steps)
            return moved.values()[-1]

        x = tape.inputs[k]
        try:
            if kind == 0:
                found[name] = (at(x + step) - at(x)) / step
            elif kind == 1:
                found[name] = (at(x + step) - at(x - step)) / (2 * step)
            else:
                found[name] = (at(x) - at(x - step)) / step
        except (ValueError, ZeroDivisionError, OverflowError):
            return None
        if isinstance(found[name], complex):
            return None
    return found


INJECTORS: Final[Mapping[str, Injector]] = {
    "sign_flipped": sign_flipped,
    "constant_factor": constant_factor,
    "swapped_inputs": swapped_inputs,
    "wrong_variable": wrong_variable,
    "value_not_gradient": value_not_gradient,
    "overwritten_not_accumulated": overwritten,
    "missing_chain_factor": missing_chain_factor,
    "local_not_total": local_not_total,
    "dropped_path": dropped_path,
    "gate_ignored": gate_ignored,
    "wrong_rule": wrong_rule,
    "degrees_for_radians": degrees,
    "rounded": rounded,
    "finite_difference_estimate": nudged,
}
