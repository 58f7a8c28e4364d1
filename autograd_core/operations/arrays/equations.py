"""Equations of einsum: "ij,j->i" or "...ij,...jk", read for the shapes that they are used with."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple, TypeVar

import numpy as np

from autograd_core.names import quoted
from autograd_core.operations.operation import ShapeError
from autograd_core.tensors import Array, Shape, size_for_limits

ELLIPSIS = "..."
T = TypeVar("T")


class Step(NamedTuple):
    """Operands that are multiplied together, and summed over what nothing after them needs.

    positions: in the list of what is left, in order; the result goes to its end.
    """

    positions: tuple[int, ...]
    subscripts: tuple[str, ...]
    result: str
    lengths: Mapping[str, int]

    @property
    def equation(self) -> str:
        """In NumPy's spelling."""
        return ",".join(self.subscripts) + "->" + self.result

    @property
    def operations(self) -> int:
        """Multiplications, or additions of one operand."""
        return size_for_limits(self.lengths.values()) * max(1, len(self.subscripts) - 1)

    @property
    def elements(self) -> int:
        """Of the result."""
        return size_for_limits(self.lengths[letter] for letter in self.result)


@dataclass(frozen=True)
class Contraction:
    """An equation in letters alone, in which every axis of a letter has the letter's length.

    Axes of length 1 that stand beside longer ones of their letter are dropped from their operand:
    to repeat the operand along such an axis is not to depend on it. subscripts: of each operand,
    as it is without them. lengths: of every letter.
    """

    subscripts: tuple[str, ...]
    result: str
    lengths: Mapping[str, int]

    @property
    def shape(self) -> Shape:
        """Of the result."""
        return tuple(self.lengths[letter] for letter in self.result)

    @cached_property
    def shapes(self) -> Sequence[Shape]:
        """Of each operand without the axes that are dropped."""
        return [tuple(self.lengths[letter] for letter in each) for each in self.subscripts]

    def reduced(self, index: int, operand: Array) -> Array:
        """Operand `index` without the axes that are dropped."""
        shape = self.shapes[index]
        return operand if np.shape(operand) == shape else np.reshape(operand, shape)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """NumPy's greedy order: D. G. A. Smith & J. Gray, "opt_einsum" (2018)."""
        waiting, steps = list(self.subscripts), []
        equation = ",".join(waiting) + "->" + self.result
        stand_ins = [np.broadcast_to(np.float64(0), shape) for shape in self.shapes]
        for places in np.einsum_path(equation, *stand_ins, optimize="greedy")[0][1:]:
            positions = tuple(sorted(places))
            taken, waiting = without(positions, waiting)
            lengths = {letter: self.lengths[letter] for letter in "".join(taken)}
            needed = lengths.keys() & set("".join([*waiting, self.result]))
            kept = "".join(sorted(needed, key=lambda letter: (lengths[letter], letter)))
            steps.append(Step(positions, tuple(taken), kept if waiting else self.result, lengths))
            waiting.append(kept)
        return tuple(steps)


def without(positions: Sequence[int], items: Sequence[T]) -> tuple[list[T], list[T]]:
    """The items at these positions, and the others."""
    others = [item for position, item in enumerate(items) if position not in positions]
    return [items[position] for position in positions], others


def read_equation(equation: str, shapes: Sequence[Shape]) -> Contraction:
    """The contraction that an equation means for operands of these shapes.

    An ellipsis stands for the axes that an operand has beside its letters; those broadcast, from
    the last, as NumPy does it. Without "->" the result has them first, and then the letters that
    occur once, in the order of the alphabet. Raises ShapeError.
    """
    return _read("".join(equation.split()), tuple(shapes))


@lru_cache(maxsize=256)
def _read(equation: str, shapes: tuple[Shape, ...]) -> Contraction:
    subscripts, result = _spelled_out(*_parts(equation, len(shapes)), shapes)
    lengths = _lengths(subscripts, shapes)
    kept = tuple(
        "".join(
            letter for letter, length in zip(each, shape, strict=True) if length == lengths[letter]
        )
        for each, shape in zip(subscripts, shapes, strict=True)
    )
    return Contraction(kept, result, lengths)


def _parts(equation: str, count: int) -> tuple[list[str], str]:
    """The subscripts of each operand and of the result, ellipses as they are written."""
    left, arrow, right = equation.partition("->")
    subscripts = left.split(",")
    letters = "".join(each.replace(ELLIPSIS, "", 1) for each in subscripts)
    named = right.replace(ELLIPSIS, "", 1)
    if not all(letter in string.ascii_letters for letter in letters + named):
        raise ShapeError(
            f"einsum: the equation {quoted(equation)} holds something other than letters, commas, "
            "one '->' and one '...' an operand; write every axis as a letter"
        )
    if not arrow:
        named = "".join(sorted(letter for letter in set(letters) if letters.count(letter) == 1))
        right = ELLIPSIS + named
    if len(subscripts) != count:
        raise ShapeError(
            f"einsum: the equation names {len(subscripts)} operands, and {count} are given"
        )
    if len(set(named)) != len(named):
        raise ShapeError(f"einsum: an axis appears twice in the result {quoted(right)}")
    for letter in named:
        if letter not in letters:
            raise ShapeError(f"einsum: axis {letter!r} of the result is in no operand")
    return subscripts, right


def _spelled_out(
    subscripts: Sequence[str], result: str, shapes: Sequence[Shape]
) -> tuple[list[str], str]:
    """The same with letters that the equation does not use in the places of ellipses."""
    hidden = [_hidden_axes(each, shape) for each, shape in zip(subscripts, shapes, strict=True)]
    most = max(hidden)
    used = {*result, *"".join(subscripts)}
    spare = [letter for letter in string.ascii_letters if letter not in used][:most]
    if len(spare) < most:
        raise ShapeError("einsum: there are not enough letters for the axes of '...'")
    letters = "".join(spare)
    if most and ELLIPSIS not in result:
        raise ShapeError(
            f"einsum: the result {quoted(result)} leaves out the axes of '...'; name axes that are "
            "to be summed over by letters"
        )
    spelled = [
        each.replace(ELLIPSIS, letters[most - count :])
        for each, count in zip(subscripts, hidden, strict=True)
    ]
    return spelled, result.replace(ELLIPSIS, letters)


def _hidden_axes(subscript: str, shape: Shape) -> int:
    """How many axes an operand's ellipsis stands for. Raises ShapeError where axes do not fit."""
    named = subscript.replace(ELLIPSIS, "")
    over = len(shape) - len(named)
    if over < 0 or (over and ELLIPSIS not in subscript):
        raise ShapeError(
            f"einsum: {quoted(subscript)} names {len(named)} axes, shape {list(shape)} has "
            f"{len(shape)}"
        )
    return over


def _lengths(subscripts: Sequence[str], shapes: Sequence[Shape]) -> dict[str, int]:
    """The length of each letter: that of its axes, those of length 1 aside.

    Axes that share a letter within one operand are equally long; they do not broadcast.
    """
    lengths: dict[str, int] = {}
    for subscript, shape in zip(subscripts, shapes, strict=True):
        own: dict[str, int] = {}
        for letter, length in zip(subscript, shape, strict=True):
            known = lengths.get(letter, 1)
            if own.setdefault(letter, length) != length:
                known = own[letter]
            elif known == 1 or length in (1, known):
                lengths[letter] = length if known == 1 else known
                continue
            raise ShapeError(
                f"einsum: axis {letter!r} has length {known} in one operand and {length} in "
                f"another (shapes {[list(each) for each in shapes]})"
            )
    return lengths
