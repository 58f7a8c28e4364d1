"""Random graphs of scalars, some of which cancel, and what they come to without rounding."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import mpmath as mp

from autograd_core import Graph, read_nodes
from benchmarks.exactly import FUNCTIONS, ONE, TWO

# Bits to compute with, and of the steps of differences: some 60 digits are left.
PRECISION, STEP = 420, 120
# An operation, and its operands: places are whole numbers of Python, constants are floats.
Step = tuple[str, tuple[float, ...]]


@dataclass(frozen=True)
class Code:
    """A function of some numbers in straight-line code.

    steps: operations with their operands: numbers, which are constants, or places: of inputs, and
    then of the steps before. The last step is the output.
    """

    numbers: tuple[float, ...]
    steps: tuple[Step, ...]

    def graph(self) -> Graph:
        """The function as the library reads it."""
        return read_nodes(
            [
                {"id": f"n{at}", "op": name, "args": list(map(self._operand, operands))}
                for at, (name, operands) in enumerate(self.steps, len(self.numbers))
            ]
        )

    @property
    def bindings(self) -> dict[str, float]:
        """The numbers by name."""
        return {f"x{at}": number for at, number in enumerate(self.numbers)}

    @property
    def output(self) -> str:
        """The name of the last step."""
        return f"n{len(self.numbers) + len(self.steps) - 1}"

    def _operand(self, operand: float) -> str | float:
        if isinstance(operand, float):
            return operand
        return f"x{operand}" if operand < len(self.numbers) else f"n{operand}"

    def value(self, numbers: Sequence[Any]) -> Any:
        """The output at some numbers, as precise as mpmath is set to be."""
        values = list(map(mp.mpf, numbers))
        for name, operands in self.steps:
            values.append(
                FUNCTIONS[name](
                    *(values[at] if isinstance(at, int) else mp.mpf(at) for at in operands)
                )
            )
        return values[-1]

    def exact(self) -> tuple[Any, list[Any]]:
        """Value and gradient, by differences over steps far smaller than a float can tell."""
        with mp.workprec(PRECISION):
            slopes = []
            for at, number in enumerate(self.numbers):
                h = mp.ldexp(mp.mpf(abs(number) or 1), -STEP)
                up, down = list(self.numbers), list(self.numbers)
                up[at], down[at] = mp.mpf(number) + h, mp.mpf(number) - h
                slopes.append((self.value(up) - self.value(down)) / (2 * h))
            return self.value(self.numbers), slopes


# Random mixtures ---------------------------------------------------------------------------------

_EXPONENTS = (2.0, 3.0, -1.0, 0.5, -2.0, 1.5)
_KINDS = {"one": 45, "arithmetic": 35, "power": 10, "two": 5, "gate": 5}
_ARITHMETIC = ("add", "sub", "mul", "div")


def mixture(seed: int) -> Code:
    """Operations of all kinds, each where it is defined; every step is used by a later one."""
    source = random.Random(seed)
    numbers = [_number(source) for _ in range(source.randint(1, 4))]
    values, steps, unused = list(numbers), [], list(range(len(numbers)))
    wanted = source.randint(3, 30)
    while len(steps) < wanted or len(unused) > 1:
        if len(steps) < wanted:
            step = _drawn(source, values, unused)
        else:
            step = source.choice(("add", "mul", "sub")), tuple(source.sample(unused, 2))
        value = _about(step, values)
        if value is None or not 1e-4 < abs(value) < 1e4:
            continue
        steps.append(step)
        values.append(value)
        used = {at for at in step[1] if isinstance(at, int)}
        unused = [at for at in unused if at not in used] + [len(values) - 1]
    return Code(tuple(numbers), tuple(steps))


def _number(source: random.Random) -> float:
    return source.choice((-1, 1)) * math.exp(source.uniform(-3, 3))


def _drawn(source: random.Random, values: Sequence[float], unused: Sequence[int]) -> Step:
    """An operation of a number, mostly one that is not used yet, and of others, or constants."""
    x = source.choice(unused) if source.random() < 0.7 else source.randrange(len(values))
    y: float = source.randrange(len(values))
    if source.random() < 0.15:
        y = round(source.uniform(-4, 4), 1)
    (kind,) = source.choices(tuple(_KINDS), tuple(_KINDS.values()))
    if kind == "one":
        return source.choice(tuple(ONE)), (x,)
    if kind == "power":
        return "pow", (x, source.choice((*_EXPONENTS, y)))
    if kind == "gate":
        gates = ("clip", (x, -2.5, 2.5)), ("where", (x, y, source.randrange(len(values))))
        return source.choice(gates)
    return source.choice(_ARITHMETIC if kind == "arithmetic" else tuple(TWO)), (x, y)


def _about(step: Step, values: Sequence[float]) -> float | None:
    """About what a step comes to; None where it is not defined, or too close to where it is not."""
    name, operands = step
    given = [values[at] if isinstance(at, int) else at for at in operands]
    if name in ONE:
        low, high = ONE[name][1]
        if not low + 1e-3 < given[0] < high - 1e-3:
            return None
    if name in {"sub", "maximum", "minimum"} and given[0] == given[1]:
        return None
    if name == "pow" and given[0] < 0 and isinstance(operands[1], int):
        return None  # defined at this exponent alone
    try:
        value = FUNCTIONS[name](*map(mp.mpf, given))
    except (ValueError, ZeroDivisionError, OverflowError, TypeError):
        return None
    return float(value) if mp.isfinite(value) and mp.im(value) == 0 else None


# Graphs that cancel ------------------------------------------------------------------------------


class _Writer:
    """Writes code, operation by operation."""

    def __init__(self, *numbers: float) -> None:
        self.numbers = numbers
        self.code: list[Step] = []

    def __call__(self, name: str, *operands: float) -> int:
        self.code.append((name, operands))
        return len(self.numbers) + len(self.code) - 1


def _versine(w: _Writer, x: int, _: random.Random) -> int:
    return w("sub", 1.0, w("cos", x))


def _log_of_sum(w: _Writer, x: int, _: random.Random) -> int:
    return w("log", w("add", 1.0, x))


def _exp_less_one(w: _Writer, x: int, _: random.Random) -> int:
    return w("sub", w("exp", x), 1.0)


def _sine_less_argument(w: _Writer, x: int, _: random.Random) -> int:
    return w("sub", w("sin", x), x)


def _hyperbolic_sine(w: _Writer, x: int, _: random.Random) -> int:
    return w("mul", 0.5, w("sub", w("exp", x), w("exp", w("neg", x))))


def _difference_of_roots(w: _Writer, x: int, _: random.Random) -> int:
    return w("sub", w("sqrt", w("add", 1.0, x)), w("sqrt", w("sub", 1.0, x)))


def _quotient_of_differences(w: _Writer, x: int, _: random.Random) -> int:
    return w("div", w("sub", 1.0, w("cos", x)), w("mul", x, x))


def _there_and_back(w: _Writer, x: int, source: random.Random) -> int:
    big = math.exp(source.uniform(0, 30))
    return w("sub", w("add", x, big), big)


def _lost_root(w: _Writer, x: int, _: random.Random) -> int:
    """The smaller root of a quadratic, by the formula."""
    root = w("sqrt", w("sub", w("mul", 1e4, 1e4), w("mul", 4.0, x)))
    return w("div", w("sub", 1e4, root), 2.0)


def _variance(w: _Writer, x: int, source: random.Random) -> int:
    """Of three numbers close together, as the mean square less the squared mean."""
    near = [x, *(w("add", x, source.uniform(-1e-3, 1e-3)) for _ in range(2))]
    total = w("add", w("add", *(w("square", each) for each in near[:2])), w("square", near[2]))
    squares = w("div", total, 3.0)
    mean = w("div", w("add", w("add", *near[:2]), near[2]), 3.0)
    return w("sub", squares, w("square", mean))


SMALL = (
    _versine, _log_of_sum, _exp_less_one, _sine_less_argument, _hyperbolic_sine,
    _difference_of_roots, _quotient_of_differences, _there_and_back, _lost_root, _variance,
)  # fmt: skip


def _expanded(source: random.Random) -> Code:
    """(x - r)**n, multiplied out with coefficients that are floats, near r; in powers, or by
    Horner's rule.
    """
    root, power = source.uniform(0.5, 3), source.randint(2, 7)
    x = root * (1 + source.choice((-1, 1)) * 10 ** source.uniform(-6, -0.5))
    coefficients = [math.comb(power, k) * (-root) ** (power - k) for k in range(power + 1)]
    w = _Writer(x)
    if source.random() < 0.5:
        total: int | float = coefficients[-1]
        for coefficient in coefficients[-2::-1]:
            total = w("add", w("mul", total, 0), coefficient)
    else:
        total = w("add", coefficients[0], w("mul", coefficients[1], 0))
        for k, coefficient in enumerate(coefficients[2:], 2):
            total = w("add", total, w("mul", coefficient, w("pow", 0, float(k))))
    return Code((x,), tuple(w.code))


def _product(w: _Writer, inner: int, source: random.Random) -> None:
    w("mul", inner, w("add", 1, source.choice(SMALL)(w, 0, source)))


def _quotient(w: _Writer, inner: int, source: random.Random) -> None:
    w("div", inner, source.choice(SMALL)(w, 0, source))


def _added(w: _Writer, inner: int, _: random.Random) -> None:
    w("add", w("mul", 1, 1), inner)


def _chosen(w: _Writer, inner: int, _: random.Random) -> None:
    """A decision by what may be no more than rounding."""
    w("where", w("gt", inner, 0.0), w("mul", 0, 1), w("sub", 0, 1))


def _stepped(w: _Writer, inner: int, _: random.Random) -> None:
    w("mul", w("floor", w("add", inner, 3.0)), w("add", 0, 1))


FUNCTIONS_OF = ("sin", "exp", "square", "atan", "sqrt", "log", "reciprocal", "abs", "relu", "elu")
OTHERS = (_product, _quotient, _added, _chosen, _stepped)


def cancelling(seed: int) -> Code:
    """A function that loses digits, of a number at which it does, and mostly a function of that."""
    source = random.Random(seed)
    if source.random() < 0.3:
        return _expanded(source)
    w = _Writer(10 ** source.uniform(-7, -0.5), source.uniform(0.5, 2))
    inner = source.choice(SMALL)(w, 0, source)
    kind = source.random()
    if kind < 0.4:
        w(source.choice(FUNCTIONS_OF), inner)
    elif kind < 0.8:
        source.choice(OTHERS)(w, inner, source)
    return Code(w.numbers, tuple(w.code))
