"""Where a NaN or an infinity came from.

Non-finite numbers are results, not failures. When one shows in an answer, the caller is told
the first operation that made it, and from what.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations_with_replacement
from operator import itemgetter
from typing import Any

import numpy as np

from autograd_core.engines.linearisation import Interior
from autograd_core.errors import Path
from autograd_core.operations import Elementwise
from autograd_core.program import Instruction, Program
from autograd_core.tensors import Array, Number

# Instructions looked at in all, at points, under outputs and for targets: some tenths of a second.
# Where that is not enough, what was not looked at has no warning of its own.
MOST_STEPS = 20_000
# Names, and what is called so.
Named = tuple[Sequence[str], Sequence[Number]]


@dataclass(frozen=True)
class NonfiniteWarning:
    """The first node where a non-finite number arose (code "nonfinite"), or met a zero that was
    computed (code "indeterminate", see indeterminate.py).

    operation: None where an input was not finite to begin with. operands: their values there,
    an entry of theirs where they are tensors, or a description of a tensor too large to show.
    """

    node: str
    operation: str | None
    operands: tuple[float | str, ...]
    value: float
    detail: str
    path: Path = ()
    code: str = "nonfinite"


def sweeps(program: Program) -> int:
    """How many sweeps there is time for, one at least."""
    return max(1, MOST_STEPS // max(1, len(program.instructions)))


def diagnose(at: Interior) -> NonfiniteWarning | None:
    """The cause of what is not finite among the outputs, or the first or second derivatives of
    one of the first of them by the targets; None if all are finite. Raises DeadlineExceeded.
    """
    found = of_values(at)
    if found is not None:
        return found
    for root in at.program.outputs[: sweeps(at.program)]:
        adjoints = at.adjoints(at.targets, root)
        found = of_derivatives(at, adjoints, at.targets) or _of_curvature(at, adjoints)
        if found is not None:
            return found
    return None


def of_values(at: Interior) -> NonfiniteWarning | None:
    """The cause of an output that is not finite."""
    broken = [slot for slot in at.program.outputs if not np.isfinite(at.slots[slot]).all()]
    return _of_value(at.program, at.slots, broken) if broken else None


def of_derivatives(
    at: Interior, adjoints: Mapping[int, Array], wanted: Iterable[int]
) -> NonfiniteWarning | None:
    """The cause of a wanted adjoint that is not finite."""
    for slot in wanted:
        if slot in adjoints and not np.isfinite(adjoints[slot]).all():
            return _of_derivative(at.program, at.slots, adjoints, slot)
    return None


def _of_curvature(at: Interior, cotangents: Mapping[int, Array]) -> NonfiniteWarning | None:
    """The first operation, going back, that something flows to and whose curvature is broken."""
    program, values = at.program, at.slots
    for instruction in reversed(program.instructions):
        operation, cotangent = instruction.operation, cotangents.get(instruction.slot)
        if cotangent is None or not isinstance(operation, Elementwise):
            continue
        operands = [values[slot] for slot in instruction.operands]
        result = values[instruction.slot]
        for row, column in combinations_with_replacement(range(len(operands)), 2):
            if not operation.is_nonlinear(row, column):
                continue
            with np.errstate(all="ignore"):
                bent = operation.second_partial(
                    row, column, operands, result, instruction.attributes
                )
            broken = (np.asarray(cotangent) != 0) & ~np.isfinite(bent)
            if broken.any():
                place = first_true(broken)
                value = float(np.broadcast_to(bent, broken.shape)[place])
                verb = f"has, along operands {row + 1} and {column + 1}, the second derivative"
                return warning_at(program, instruction, values, place=place, value=value, verb=verb)
    return None


def all_finite(results: Sequence[Number]) -> bool:
    """Whether no number of the results is inf or NaN. They are all of the tape's or all of the
    arrays'; the tape's are floats, thousands of them ordinary, whose sum nearly always settles it.
    """
    if results and type(results[0]) is float:
        return math.isfinite(sum(results)) or all(map(math.isfinite, results))
    return all(bool(np.isfinite(each).all()) for each in results)


def first_nonfinite(groups: Sequence[Named], points: int | None) -> tuple[str, float, int]:
    """The first result with a number that is not finite, at the first of many points where there
    is one: its name, the number, and the point.
    """
    found: list[tuple[int, str, float]] = []
    named = (zip(names, results, strict=True) for names, results in groups)
    for name, result in chain.from_iterable(named):
        array = np.asarray(result)
        if not np.isfinite(array).all():
            place = first_true(~np.isfinite(array))
            found.append((0 if points is None else place[0], name, float(array[place])))
    point, name, value = min(found, key=itemgetter(0))
    return name, value, point


def _of_value(
    program: Program, values: Sequence[Array], broken: Sequence[int]
) -> NonfiniteWarning | None:
    """Follow non-finite operands back to where all operands were finite."""
    suspects = set(broken)
    first: Instruction | None = None
    for instruction in reversed(program.instructions):
        if instruction.slot not in suspects:
            continue
        causes = [
            slot
            for index, slot in enumerate(instruction.operands)
            if _reaches(instruction, index, values) and not np.isfinite(values[slot]).all()
        ]
        suspects.update(causes)
        if not causes:
            first = instruction
    if first is not None:
        result = np.asarray(values[first.slot])
        place = first_true(~np.isfinite(result))
        value = float(result[place])
        return warning_at(program, first, values, place=place, value=value, verb="gives")
    for name, slot in program.inputs.items():
        if slot in suspects and not np.isfinite(values[slot]).all():
            array = np.asarray(values[slot])
            value = float(array[first_true(~np.isfinite(array))])
            return NonfiniteWarning(name, None, (), value, f"the input {name!r} is {value}")
    return _of_constant(program, values, suspects)


def _of_constant(
    program: Program, values: Sequence[Array], suspects: set[int]
) -> NonfiniteWarning | None:
    for instruction in program.instructions:
        for slot in instruction.operands:
            if slot in suspects and not np.isfinite(values[slot]).all():
                value = float(np.asarray(values[slot])[first_true(~np.isfinite(values[slot]))])
                name = program.graph.names[instruction.origin]
                detail = f"a constant operand of {name!r} is {value}"
                return NonfiniteWarning(name, instruction.operation.name, (), value, detail)
    for leaf, slot in program.leaf_slots.items():  # the output itself: nothing operates on it
        if slot in suspects and not np.isfinite(values[slot]).all():
            value = float(np.asarray(values[slot])[first_true(~np.isfinite(values[slot]))])
            name = str(program.graph.leaves[leaf])
            return NonfiniteWarning(name, None, (), value, f"the constant {name!r} is {value}")
    return None


def _reaches(instruction: Instruction, index: int, values: Sequence[Array]) -> bool:
    """Whether an operand has a say in the result: a branch not taken has none."""
    if instruction.operation.name != "where" or index == 0:
        return True
    taken = np.not_equal(values[instruction.operands[0]], 0)
    chosen = taken if index == 1 else ~taken
    return bool((chosen & ~np.isfinite(values[instruction.slot])).any())


def _of_derivative(
    program: Program, values: Sequence[Array], cotangents: Mapping[int, Array], slot: int
) -> NonfiniteWarning | None:
    """The first operation, going back from the output, whose partial broke a cotangent."""
    for instruction in reversed(program.instructions):
        cotangent = cotangents.get(instruction.slot)
        if cotangent is None or not np.isfinite(cotangent).all():
            continue
        broken = [
            index
            for index, operand in enumerate(instruction.operands)
            if (found := cotangents.get(operand)) is not None
            and not np.isfinite(found).all()
            and instruction.operation.passes(index)
        ]
        operands = [values[each] for each in instruction.operands]
        result, attributes = values[instruction.slot], instruction.attributes
        sweep = instruction.operation.vjps(broken, cotangent, operands, result, attributes)
        for index, sent in _quietly(sweep):
            if not np.isfinite(sent).all():
                place = first_true(~np.isfinite(np.asarray(sent)))
                value = float(np.asarray(sent)[place])
                verb = f"has, along operand {index + 1}, the derivative"
                return warning_at(program, instruction, values, place=place, value=value, verb=verb)
    name = next((each for each, at in _named_slots(program) if at == slot), "the output")
    value = float(np.asarray(cotangents[slot])[first_true(~np.isfinite(cotangents[slot]))])
    return NonfiniteWarning(name, None, (), value, f"the gradient at {name!r} overflows to {value}")


def _quietly(sweep: Iterator[tuple[int, Array]]) -> Iterator[tuple[int, Array]]:
    """The same, computed without NumPy's warnings."""
    while True:
        with np.errstate(all="ignore"):
            found = next(sweep, None)
        if found is None:
            return
        yield found


def _named_slots(program: Program) -> Iterable[tuple[str, int]]:
    yield from program.inputs.items()
    for number, slot in program.node_slots.items():
        yield program.graph.names[number], slot


def first_true(mask: Any) -> tuple[int, ...]:
    """The first place, in row-major order, where a mask is true."""
    mask = np.asarray(mask)
    return tuple(int(axis) for axis in np.unravel_index(int(np.argmax(mask)), mask.shape))


def warning_at(
    program: Program,
    instruction: Instruction,
    values: Sequence[Array],
    *,
    place: tuple[int, ...],
    value: float,
    verb: str,
) -> NonfiniteWarning:
    """The warning that an instruction did something to its operands; place: of the entry."""
    operation = program.graph.operations[instruction.origin]
    node = program.graph.names[instruction.origin]
    shape = np.shape(values[instruction.slot])
    operands = tuple(
        _shown(np.asarray(values[slot]), shape, place, instruction) for slot in instruction.operands
    )
    listed = ", ".join(each if isinstance(each, str) else f"{each:g}" for each in operands)
    detail = f"{operation}({listed}) at node {node!r} {verb} {value:g}"
    path = program.place_of(instruction).path
    return NonfiniteWarning(node, operation, operands, value, detail, path)


def _shown(
    operand: Array, shape: tuple[int, ...], place: tuple[int, ...], instruction: Instruction
) -> float | str:
    """A number: the operand, or the entry of it that met the non-finite one."""
    if operand.ndim == 0:
        return float(operand)
    if isinstance(instruction.operation, Elementwise) and len(place) == len(shape):
        return float(np.broadcast_to(operand, shape)[place])
    return f"a tensor of shape {list(operand.shape)}"
