"""Functions of whole numbers, and whole-number answers to them: with a slip, and out of the air.

Of such a function every slip gives a whole number, so that any answer may be a slip's by accident.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

from benchmarks.slip_injection import (
    INJECTORS,
    OPS,
    Gradients,
    Posed,
    Tape,
    in_order,
    is_wrong,
    truth,
)

_BINARY: Final = ("add", "sub", "mul", "mul", "maximum")
_LARGEST: Final = 300
# Slips that hardly ever give a whole number.
_OTHERS: Final = frozenset({"rounded", "finite_difference_estimate", "degrees_for_radians"})


def whole_tape(rng: random.Random) -> Tape:
    """A function of one to three whole numbers, in one to four steps or a few more."""
    steps = rng.randint(1, 4)
    while True:
        numbers = [float(rng.choice([k for k in range(-6, 10) if k]))
                   for _ in range(rng.randint(1, 3))]  # fmt: skip
        tape, values, unused = Tape(numbers), list(numbers), set(range(len(numbers)))
        for _ in range(60):
            if len(tape.steps) >= steps and len(unused) == 1:
                return in_order(tape)
            op, args = _step(rng, len(values), unused, ends=len(tape.steps) >= steps)
            operands = [values[each] if isinstance(each, int) else each for each in args]
            if op == "maximum" and operands[0] == operands[1]:
                continue
            value = OPS[op].value(*operands)
            if abs(value) > _LARGEST:
                continue
            unused -= {each for each in args if isinstance(each, int)}
            unused.add(len(values))
            values.append(value)
            tape.steps.append((op, args))


def _step(
    rng: random.Random, count: int, unused: set[int], *, ends: bool
) -> tuple[str, tuple[int | float, ...]]:
    def pick() -> int:
        return rng.choice(sorted(unused)) if rng.random() < 0.7 else rng.randrange(count)

    kind = rng.random()
    if ends and len(unused) > 1:
        return rng.choice(_BINARY), tuple(rng.sample(sorted(unused), 2))
    if kind < 0.55:
        return rng.choice(_BINARY), (pick(), pick())
    if kind < 0.75:
        return rng.choice(("add", "mul", "sub")), (float(rng.randint(2, 6)), pick())
    if kind < 0.93:
        return "pow", (pick(), float(rng.choice((2, 2, 3))))
    return "relu", (pick(),)


def whole_answers(rng: random.Random, *, lone: bool) -> Iterator[Posed]:
    """Wrong whole numbers without a slip: for one input, or for every one; no farther from 0 than
    10 and twice the right one.
    """
    while True:
        tape = whole_tape(rng)
        right = truth(tape)
        names = [rng.choice(tape.names)] if lone else tape.names
        farthest = {name: 10 + int(2 * abs(right[name])) for name in names}
        claimed = {name: float(rng.randint(-most, most)) for name, most in farthest.items()}
        wrong = tuple(name for name in names if is_wrong(claimed[name], right[name]))
        if wrong:
            yield Posed(tape, right, claimed, wrong, "")


def whole_slips(rng: random.Random, *, lone: bool) -> Iterator[Posed]:
    """Whole-number gradients with a slip in them; or one derivative of each alone."""
    codes = sorted(INJECTORS.keys() - _OTHERS - ({"swapped_inputs"} if lone else set()))
    while True:
        code, tape = rng.choice(codes), whole_tape(rng)
        try:
            claimed = INJECTORS[code](rng, tape)
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        if claimed is None or any(isinstance(each, complex) for each in claimed.values()):
            continue
        right = truth(tape)
        wrong = tuple(name for name in claimed if is_wrong(claimed[name], right[name]))
        if wrong and all(claimed[name] for name in wrong):
            yield (
                _one(rng, tape, right, claimed, wrong, code)
                if lone
                else Posed(tape, right, claimed, wrong, code)
            )


def _one(
    rng: random.Random,
    tape: Tape,
    right: Gradients,
    claimed: Gradients,
    wrong: tuple[str, ...],
    code: str,
) -> Posed:
    name = rng.choice(wrong)
    return Posed(tape, right, {name: claimed[name]}, (name,), code)
